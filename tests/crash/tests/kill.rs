//! Twenty kills under load: at the end every execution has ended as an undisturbed run does.

use aslx_tests_crash::kill::{compare, differences, session};
use std::path::Path;

const KILLS: usize = 20;

#[test]
#[allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test with a new seed each time")]
fn killed_often_everything_ends_as_if_undisturbed() {
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("seed {seed}");
    let (session, faults) = compare(Path::new(env!("CARGO_BIN_EXE_engine-load")), KILLS, seed);
    assert!(faults.is_empty(), "seed {seed}:\n{}", faults.join("\n"));
    // There was something to be disturbed.
    assert!(session.acknowledged > 600 && session.repeated > 0, "{session:?}");
}

/// The test above would notice: a program that keeps nothing forgets what it has acknowledged.
#[test]
fn a_program_that_forgets_is_found_out() {
    let program = Path::new(env!("CARGO_BIN_EXE_engine-load"));
    let expected = session(program, Path::new("-"), 2, false, 1);
    let found = session(program, Path::new("-"), 2, true, 1);
    let faults = differences(&expected, &found, 1);
    assert!(faults.iter().any(|fault| fault.ends_with("is missing, or has not ended")), "{faults:?}");
}
