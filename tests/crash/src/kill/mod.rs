//! A program that runs executions is killed at random moments and started again on the same directory. At the end every
//! execution has ended as an undisturbed run does.
//!
//! The program is told what to start, answer, stop and redrive, and says what it has acknowledged: either the engine
//! (`engine-load`), over its standard input and output, or the server (`server-load`), over its API. The [`session`] is
//! its client: it asks again for whatever was not acknowledged, as clients do.

mod http;
mod machines;
mod process;
mod server;
mod session;

pub use machines::{ACTIVITY, ENGINES, INPUT, KINDS, Kind, MACHINES, definition, program, store, tasks};
pub use process::Program;
pub use session::{Ending, Plan, Session, session};

/// What happens to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbance {
    /// Nothing.
    None,
    /// It is killed.
    Kills,
    /// It is killed, and of what it had not synced the disk has kept nothing, parts or garbage.
    Power,
}

/// Runs the same executions undisturbed and disturbed, each in a directory of its own, and gives the disturbed session
/// and what differs.
pub fn compare(program: &Program, plan: Plan, disturbance: Disturbance) -> (Session, Vec<String>) {
    let (calm, disturbed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let expected = session(program, calm.path(), plan, Disturbance::None);
    let found = session(program, disturbed.path(), plan, disturbance);
    let faults = differences(&expected, &found, plan);
    if !faults.is_empty() {
        println!("the directory is kept: {}", disturbed.keep().display());
    }
    (found, faults)
}

/// What a disturbed session has that an undisturbed one has not.
pub fn differences(expected: &Session, found: &Session, plan: Plan) -> Vec<String> {
    let mut faults: Vec<String> = expected.faults.iter().map(|fault| format!("undisturbed: {fault}")).collect();
    faults.extend(found.faults.iter().cloned());
    for (name, ending) in &expected.endings {
        match found.endings.get(name) {
            None => faults.push(format!("`{name}` is missing, or has not ended")),
            Some(other) if is_same(name, &ending.0, &other.0) => {}
            Some(other) => faults.push(format!("`{name}` ended otherwise:\n  {}\n  {}", ending.0, other.0)),
        }
    }
    if expected.endings.len() != (plan.kills + 1) * plan.per_life {
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
