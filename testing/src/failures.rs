//! What can go wrong with the tasks of a program, as far as the program says: the errors that its retriers and catchers
//! name, one that none of them names, and what its timeouts ask for.

use crate::mocks::{Mock, Mocks};
use aslx_asl::Program;
use aslx_asl::program::{Effect, ErrorPattern, State, StateKind};
use aslx_engine::layers::Answer;
use std::collections::BTreeSet;

/// An error that no definition names.
const OTHER: &str = "Some.OtherError";

/// The failures of a Task state that its program tells apart, sorted by name: its own retriers and catchers name them,
/// or those of the Parallel and Map states around it. Empty if there is no Task state of this name.
///
/// ```
/// # use aslx_asl::{CompileOptions, Program};
/// use aslx_testing::possible_failures;
/// # let definition = r#"{"StartAt": "Charge", "States": {"Charge": {"Type": "Task", "Resource":
/// #     "arn:aws:lambda:us-east-1:111122223333:function:f", "TimeoutSeconds": 9, "End": true, "Retry": [
/// #     {"ErrorEquals": ["Throttled", "Busy"]}]}}}"#;
/// # let program = Program::compile(definition, &CompileOptions::default()).unwrap();
///
/// // A retrier names `Throttled` and `Busy`, and there is a TimeoutSeconds.
/// assert_eq!(possible_failures(&program, "Charge").len(), 4);
/// ```
pub fn possible_failures(program: &Program, state: &str) -> Vec<Answer> {
    let Some((_, state)) = program.state_named(state) else { return Vec::new() };
    let StateKind::Task(task) = &state.kind else { return Vec::new() };
    let mut names = BTreeSet::from([OTHER]);
    let mut here = Some(state);
    while let Some(state) = here {
        names.extend(effect(state).into_iter().flat_map(named));
        here = program.machine(state.machine).owner.map(|owner| program.state(owner));
    }
    let mut answers: Vec<Answer> = names.into_iter().map(|name| Answer::throws(name, "made up by a test")).collect();
    if task.timeout.is_some() {
        answers.push(Answer::times_out());
    }
    if task.heartbeat.is_some() {
        answers.push(Answer::misses_heartbeat());
    }
    answers
}

/// The errors that are named in retriers and catchers, without patterns.
fn named(effect: &Effect) -> impl Iterator<Item = &str> {
    let patterns = effect.retry.iter().map(|retrier| &retrier.errors).chain(effect.catch.iter().map(|c| &c.errors));
    patterns.flatten().filter_map(|pattern| match pattern {
        ErrorPattern::Name(name) if !name.starts_with("States.") => Some(&**name),
        _ => None,
    })
}

fn effect(state: &State) -> Option<&Effect> {
    match &state.kind {
        StateKind::Task(task) => Some(&task.effect),
        StateKind::Parallel(parallel) => Some(&parallel.effect),
        StateKind::Map(map) => Some(&map.effect),
        _ => None,
    }
}

/// For every mocked Task state and each of its [`possible_failures`]: the answers with that failure, again and again,
/// in the place of those of the state. With it a name for people: `Charge: Throttled`.
pub fn each_failure(program: &Program, answers: &Mocks) -> Vec<(String, Mocks)> {
    let mut all = Vec::new();
    for (state, _) in answers.states() {
        for failure in possible_failures(program, state) {
            let name = format!("{state}: {}", told(&failure));
            let mut mocks = Mocks::new();
            mocks.set(state, vec![Mock::from(failure.always())]);
            mocks.default_to(answers);
            all.push((name, mocks));
        }
    }
    all
}

fn told(failure: &Answer) -> &str {
    use aslx_engine::layers::AnswerKind;
    match &failure.kind {
        AnswerKind::Throw { error, .. } => error,
        AnswerKind::MissHeartbeat => "no heartbeat",
        _ => "no answer in time",
    }
}
