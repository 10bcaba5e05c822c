//! Kills more often than a test can, and prints figures: `kill-often [KILLS [SEED]]`, 200 kills unless it is told.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a program of a test: its failures are findings"
)]

use aslx_tests_crash::kill::compare;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse::<u64>().unwrap());
    let kills = arguments.next().unwrap_or(200);
    let new = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = arguments.next().unwrap_or_else(new);
    println!("seed {seed}");
    let begun = Instant::now();
    let program = std::env::current_exe().unwrap().with_file_name("engine-load");
    let (session, faults) = compare(&program, kills as usize, seed);
    let mut ready = session.ready.clone();
    ready.sort();
    let at = |share: usize| ready.get((ready.len() - 1) * share / 100).unwrap().as_secs_f64() * 1e3;
    println!("{kills} kills in {:.0} s, {} executions", begun.elapsed().as_secs_f64(), session.endings.len());
    println!("{} starts, answers and stops acknowledged, {} asked again", session.acknowledged, session.repeated);
    println!("{} tasks delivered again with the same token", session.redelivered);
    println!("ready after {:.0} ms, {:.0} ms at the latest", at(50), at(100));
    for fault in &faults {
        println!("{fault}");
    }
    println!("{} faults", faults.len());
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
