//! The recorded answers of a case's tasks, handed out as an execution asks for them.

use crate::case::{Call, ExecutionCase};
use crate::compare::{Bindings, difference};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The calls of one case, each given out once.
#[derive(Debug, Default)]
pub struct Answers {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: HashMap<String, Vec<Recorded>>,
    surprises: Vec<String>,
}

#[derive(Debug)]
struct Recorded {
    call: Call,
    given: bool,
}

impl Answers {
    /// The answers of this case.
    pub fn of(case: &ExecutionCase) -> Answers {
        let recorded = |call: &Call| Recorded { call: call.clone(), given: false };
        let calls = case.tasks.iter().map(|(state, calls)| (state.clone(), calls.iter().map(recorded).collect()));
        Answers { state: Mutex::new(State { calls: calls.collect(), surprises: Vec::new() }) }
    }

    /// The next call of a state. When iterations run side by side the index and the input decide which one is meant;
    /// an input that was never recorded gets the next answer, and is remembered as a surprise.
    pub fn next(&self, state: &str, iteration: Option<usize>, input: &Value) -> Option<Call> {
        let mut guard = self.lock();
        let State { calls, surprises } = &mut *guard;
        let mut open: Vec<&mut Recorded> = match calls.get_mut(state) {
            Some(calls) => calls.iter_mut().filter(|recorded| fits(recorded, iteration)).collect(),
            None => Vec::new(),
        };
        if open.is_empty() {
            surprises.push(format!("no answer is recorded for a call of `{state}` with {input}"));
            return None;
        }
        let unlike = |recorded: &Recorded| {
            let want = recorded.call.input.as_ref()?;
            difference(want, input, &mut Bindings::new())
        };
        let meant = open.iter().position(|recorded| unlike(recorded).is_none());
        let recorded = open.get_mut(meant.unwrap_or_default())?;
        if let Some(found) = unlike(recorded) {
            surprises.push(format!("input of task `{state}`: {found}"));
        }
        recorded.given = true;
        Some(recorded.call.clone())
    }

    /// The call that was given out last to this state and iteration: the one whose job goes on.
    pub fn current(&self, state: &str, iteration: Option<usize>) -> Option<Call> {
        let state_of = self.lock();
        let calls = state_of.calls.get(state)?;
        let given = calls.iter().rev().find(|recorded| recorded.given && same_iteration(&recorded.call, iteration));
        given.map(|recorded| recorded.call.clone())
    }

    /// What did not go as recorded: unknown calls, unlike inputs, and answers that nobody asked for.
    pub fn surprises(&self) -> Vec<String> {
        let state = self.lock();
        let mut found = state.surprises.clone();
        let mut left: Vec<(&String, usize)> = state
            .calls
            .iter()
            .map(|(name, calls)| (name, calls.iter().filter(|recorded| !recorded.given).count()))
            .filter(|(_, count)| *count > 0)
            .collect();
        left.sort();
        found.extend(left.iter().map(|(name, count)| format!("{count} recorded calls of `{name}` were not made")));
        found
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fits(recorded: &Recorded, iteration: Option<usize>) -> bool {
    !recorded.given && same_iteration(&recorded.call, iteration)
}

/// A call recorded without an index fits any iteration.
fn same_iteration(call: &Call, iteration: Option<usize>) -> bool {
    call.iteration.is_none() || call.iteration == iteration
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Body, Outcome, read_file};
    use serde_json::json;

    fn answers(calls: Value) -> Answers {
        let file = json!({"group": "g", "cases": [{
            "name": "n", "kind": "execution", "type": "STANDARD", "api": "StartExecution", "definition": {}, "input": {},
            "tasks": {"Work": calls}, "expect": {"status": "SUCCEEDED"},
        }]});
        let case = read_file(&file).unwrap().unwrap().remove(0);
        let Body::Execution(case) = case.body else { panic!("another kind") };
        Answers::of(&case)
    }

    fn result(call: Option<Call>) -> Value {
        match call.map(|call| call.outcome) {
            Some(Outcome::Return(value)) => value,
            other => json!(format!("{other:?}")),
        }
    }

    #[test]
    fn calls_come_in_order() {
        let answers = answers(json!([
            {"resource": "r", "input": {"id": "<uuid:1>"}, "Return": 1},
            {"resource": "r", "input": {"id": "<uuid:1>"}, "Return": 2},
        ]));
        assert_eq!(result(answers.next("Work", None, &json!({"id": "a"}))), json!(1));
        assert_eq!(result(answers.current("Work", None)), json!(1));
        assert_eq!(answers.surprises(), ["1 recorded calls of `Work` were not made"]);
        assert_eq!(result(answers.next("Work", None, &json!({"id": "b"}))), json!(2));
        assert_eq!(answers.surprises(), [""; 0]);
        assert!(answers.next("Work", None, &json!({})).is_none());
        assert_eq!(answers.surprises(), ["no answer is recorded for a call of `Work` with {}"]);
    }

    #[test]
    fn side_by_side_the_input_or_the_index_decides() {
        let by_input = json!([
            {"resource": "r", "input": {"n": 0}, "Return": "zero"},
            {"resource": "r", "input": {"n": 1}, "Return": "one"},
        ]);
        let some = answers(by_input);
        assert_eq!(result(some.next("Work", None, &json!({"n": 1}))), json!("one"));
        assert_eq!(result(some.next("Work", None, &json!({"n": 7}))), json!("zero"));
        assert_eq!(some.surprises(), ["input of task `Work`: n: expected 0, got 7"]);

        let by_index = json!([
            {"resource": "r", "input": "same", "iteration": 0, "Return": "first"},
            {"resource": "r", "input": "same", "iteration": 1, "Return": "second"},
        ]);
        let some = answers(by_index);
        assert_eq!(result(some.next("Work", Some(1), &json!("same"))), json!("second"));
        assert_eq!(result(some.next("Work", Some(0), &json!("same"))), json!("first"));
        assert_eq!(result(some.current("Work", Some(1))), json!("second"));
        assert!(some.next("Work", Some(2), &json!("same")).is_none());
    }
}
