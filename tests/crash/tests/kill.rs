//! Twenty kills under load: at the end every execution has ended as an undisturbed run does.

use aslx_tests_crash::kill::{Disturbance, Plan, Program, compare, differences, session};
use std::path::Path;

const KILLS: usize = 20;

fn engine() -> Program {
    Program::Engine(env!("CARGO_BIN_EXE_engine-load").into())
}

fn server() -> Program {
    Program::Server(env!("CARGO_BIN_EXE_server-load").into())
}

#[allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test with a new seed each time")]
fn killed_often(program: &Program) {
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("seed {seed}");
    let (session, faults) = compare(program, Plan::of(KILLS, seed), Disturbance::Kills);
    assert!(faults.is_empty(), "seed {seed}:\n{}", faults.join("\n"));
    // There was something to be disturbed.
    assert!(session.acknowledged > 600 && session.repeated > 0, "{session:?}");
}

#[test]
fn the_engine_killed_often_everything_ends_as_if_undisturbed() {
    killed_often(&engine());
}

#[test]
fn the_server_killed_often_everything_ends_as_if_undisturbed() {
    killed_often(&server());
}

/// The tests above would notice: a program that keeps nothing forgets what it has acknowledged.
#[test]
fn a_program_that_forgets_is_found_out() {
    for program in [engine(), server()] {
        let plan = Plan::of(1, 1);
        let [expected, found] = [Disturbance::None, Disturbance::Kills]
            .map(|disturbance| session(&program, Path::new("-"), plan, disturbance));
        let faults = differences(&expected, &found, plan);
        assert!(faults.iter().any(|fault| fault.ends_with("is missing, or has not ended")), "{faults:?}");
    }
}
