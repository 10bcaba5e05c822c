//! An execution that was tested, and what can be asked of it.

use crate::mocks::{Mock, Mocks};
use crate::story;
use aslx_asl::{Program, Timestamp, Value};
use aslx_engine::history::HistoryEvent;
use aslx_engine::history::view::{RunTree, StateVisit, Stop};
use aslx_engine::interpreter::Status;
use aslx_engine::journal::Entry;
use aslx_engine::layers::Asked;
use aslx_engine::runtime::Finished;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// An execution that has come to its end.
pub struct Ran {
    pub(crate) program: Arc<Program>,
    pub(crate) input: Value,
    pub(crate) finished: Arc<Finished>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) mocks: Mocks,
    tree: RunTree,
}

impl Ran {
    pub(crate) fn new(
        program: Arc<Program>,
        input: Value,
        finished: Arc<Finished>,
        asked: Vec<Asked>,
        mocks: Mocks,
    ) -> Ran {
        let mut tree = RunTree::in_virtual_time();
        finished.history.iter().for_each(|event| tree.apply(event));
        Ran { program, input, finished, asked, mocks, tree }
    }

    /// How it ended.
    pub fn status(&self) -> Status {
        self.finished.outcome.status
    }

    /// What it was started with.
    pub fn input(&self) -> &Value {
        &self.input
    }

    /// The output, if it succeeded.
    pub fn output(&self) -> Option<&Value> {
        self.finished.outcome.output.as_ref().map(|output| output.value())
    }

    /// The name of the error that it ended with.
    pub fn error(&self) -> Option<&str> {
        self.finished.outcome.error.as_deref()
    }

    /// The cause of the error that it ended with.
    pub fn cause(&self) -> Option<&str> {
        self.finished.outcome.cause.as_deref()
    }

    /// How long it took by the model's clock.
    pub fn duration(&self) -> Duration {
        let millis = self.finished.stopped.as_millis() - self.finished.started.as_millis();
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    }

    /// The states of the outermost machine, in the order in which they were entered.
    pub fn states(&self) -> Vec<String> {
        self.way().iter().map(|stop| stop.state.to_string()).collect()
    }

    /// The same with what ran inside them.
    pub fn way(&self) -> Vec<Stop> {
        self.tree.way()
    }

    /// How often a state's task was called, or its branches or iterations were started; over all visits.
    pub fn attempts(&self, state: &str) -> usize {
        let mut visits = self.visits(state).peekable();
        if visits.peek().is_none() {
            // The states of a distributed Map's children are not in the history of the execution.
            return self.calls(state).len();
        }
        visits.map(|visit| visit.attempts).sum()
    }

    /// The inputs that a state's task was called with, call by call.
    pub fn calls(&self, state: &str) -> Vec<Value> {
        self.asked.iter().filter(|asked| &*asked.state == state).map(|asked| asked.input.clone()).collect()
    }

    /// The history.
    pub fn history(&self) -> &[HistoryEvent] {
        &self.finished.history
    }

    /// Everything that reached it.
    pub fn journal(&self) -> &[Entry] {
        &self.finished.journal
    }

    /// The attempts of a state, and what came of each, a line for each: `attempt 1  Throttled  retried by Retry[1] …`.
    pub fn story(&self, state: &str) -> Vec<String> {
        story::of(state, self)
    }

    pub(crate) fn stopped(&self) -> Timestamp {
        self.finished.stopped
    }

    pub(crate) fn visits<'r>(&'r self, state: &'r str) -> impl Iterator<Item = StateVisit> + 'r {
        self.tree.visits().filter(move |visit| &*visit.state == state)
    }

    /// The innermost state at which it failed.
    pub(crate) fn failed_state(&self) -> Option<String> {
        self.tree.failed().map(|failed| failed.state.to_string())
    }

    /// The attempts of all states that had any.
    pub(crate) fn all_attempts(&self) -> Value {
        let mut counts: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        self.asked.iter().for_each(|asked| *counts.entry(asked.state.clone()).or_default() += 1);
        for visit in self.tree.visits().filter(|visit| visit.attempts > 0) {
            counts.entry(visit.state.clone()).or_insert(0);
        }
        Value::from_pairs(counts.into_keys().map(|state| {
            let count = self.attempts(&state);
            (state, count)
        }))
    }

    /// The mock that answered the call of this number.
    pub(crate) fn mock_of(&self, asked: &Asked) -> Option<&Mock> {
        self.mocks.of(&asked.state)?.get(asked.answer?)
    }

    /// Where the answer to the last call of a state was written.
    pub(crate) fn last_mock(&self, state: &str) -> Option<String> {
        let asked: Vec<&Asked> = self.asked.iter().filter(|asked| &*asked.state == state).collect();
        let place = self.mock_of(asked.last()?)?.place.as_ref()?;
        Some(format!("the mock for attempt {} is at {place}", asked.len()))
    }

    /// The states that took the longest, for whoever expected another duration.
    pub(crate) fn waits(&self) -> Vec<String> {
        story::longest(&self.tree)
    }
}

impl fmt::Debug for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ran").field("outcome", &self.finished.outcome).field("states", &self.states()).finish()
    }
}
