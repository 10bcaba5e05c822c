//! Kills more often than a test can, and prints figures: `kill-often engine|server|power [KILLS [SEED [PER_LIFE]]]`: 200
//! kills, and 24 executions started in each life of the program, unless it is told. `power` is the server, with a power
//! failure at each kill.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a program of a test: its failures are findings"
)]

use aslx_tests_crash::kill::{Disturbance, Plan, Program, compare};
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let what = std::env::args().nth(1).unwrap();
    let mut arguments = std::env::args().skip(2).map(|word| word.parse::<u64>().unwrap());
    let kills = arguments.next().unwrap_or(200);
    let new = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = arguments.next().unwrap_or_else(new);
    println!("seed {seed}");
    let mut plan = Plan::of(kills as usize, seed);
    plan.per_life = arguments.next().map_or(plan.per_life, |per_life| per_life as usize);
    let begun = Instant::now();
    let beside = |name| std::env::current_exe().unwrap().with_file_name(name);
    let server = || Program::Server(beside("server-load"));
    let (program, disturbance) = match what.as_str() {
        "engine" => (Program::Engine(beside("engine-load")), Disturbance::Kills),
        "server" => (server(), Disturbance::Kills),
        "power" => (server(), Disturbance::Power),
        other => {
            eprintln!("`{other}` is none of `engine`, `server` and `power`");
            return ExitCode::from(2);
        }
    };
    let (session, faults) = compare(&program, plan, disturbance);
    let mut ready = session.ready.clone();
    ready.sort();
    let at = |share: usize| ready.get((ready.len() - 1) * share / 100).unwrap().as_secs_f64() * 1e3;
    println!("{kills} kills in {:.0} s, {} executions", begun.elapsed().as_secs_f64(), session.endings.len());
    println!("{} requests acknowledged, {} asked again", session.acknowledged, session.repeated);
    println!("{} tasks delivered again with the same token", session.redelivered);
    println!("ready after {:.0} ms, {:.0} ms at the latest", at(50), at(100));
    println!("everything had ended {:.1} s after the last kill", session.settled.as_secs_f64());
    for fault in &faults {
        println!("{fault}");
    }
    println!("{} faults", faults.len());
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
