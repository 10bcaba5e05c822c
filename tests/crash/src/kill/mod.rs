//! A program that runs executions is killed at random moments and started again on the same directory. At the end every
//! execution has ended as an undisturbed run does.
//!
//! The program (`engine-load`) is the server's place: it is told over its standard input what to start, answer and stop,
//! and says over its standard output what it has acknowledged. The [`session`] is its client: it asks again for whatever
//! was not acknowledged, as clients do.

mod machines;
mod process;
mod session;

pub use machines::{KINDS, Kind, program, tasks};
pub use session::{Ending, Session, session};

use std::path::Path;

/// Runs the same executions undisturbed and with kills, each in a directory of its own, and gives the session with kills
/// and what differs.
pub fn compare(program: &Path, kills: usize, seed: u64) -> (Session, Vec<String>) {
    let (calm, disturbed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let expected = session(program, calm.path(), kills + 1, false, seed);
    let found = session(program, disturbed.path(), kills + 1, true, seed);
    let faults = differences(&expected, &found, kills);
    if !faults.is_empty() {
        println!("the directory is kept: {}", disturbed.keep().display());
    }
    (found, faults)
}

/// What a session with kills has that an undisturbed one has not.
pub fn differences(expected: &Session, found: &Session, kills: usize) -> Vec<String> {
    let mut faults: Vec<String> = expected.faults.iter().map(|fault| format!("undisturbed: {fault}")).collect();
    faults.extend(found.faults.iter().cloned());
    for (name, ending) in &expected.endings {
        match found.endings.get(name) {
            None => faults.push(format!("`{name}` is missing, or has not ended")),
            Some(other) if is_same(name, &ending.0, &other.0) => {}
            Some(other) => faults.push(format!("`{name}` ended otherwise:\n  {}\n  {}", ending.0, other.0)),
        }
    }
    if expected.endings.len() != (kills + 1) * session::PER_LIFE {
        faults.push(format!("undisturbed, only {} executions ended", expected.endings.len()));
    }
    faults
}

/// Where a stop hits an execution is chance: only that it was stopped counts.
fn is_same(name: &str, one: &serde_json::Value, other: &serde_json::Value) -> bool {
    match Kind::of(name) {
        Some(Kind::Stopped) => one["status"] == other["status"] && one["error"] == other["error"],
        _ => one == other,
    }
}
