//! The canned answers of a test, and where its author wrote them.

use crate::Place;
use aslx_engine::layers::{Answer, Answers, Times};
use std::collections::BTreeMap;

/// What the Task states of a test answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mocks {
    states: BTreeMap<String, Vec<Mock>>,
}

/// An answer, and what a test wants to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mock {
    /// The answer.
    pub answer: Answer,
    /// Where it was written.
    pub place: Option<Place>,
    /// Whether it is a failure if nobody asks for it.
    pub required: bool,
}

impl Mocks {
    /// No state is mocked.
    pub fn new() -> Mocks {
        Mocks::default()
    }

    /// The answers of a state, in the place of those that it had.
    pub fn set(&mut self, state: &str, mocks: Vec<Mock>) {
        self.states.insert(state.to_owned(), mocks);
    }

    /// Takes over every state of the others that is not mocked here; what nobody asks for of those is no failure.
    pub fn default_to(&mut self, others: &Mocks) {
        for (state, mocks) in &others.states {
            let optional = || mocks.iter().map(|mock| Mock { required: false, ..mock.clone() }).collect();
            self.states.entry(state.clone()).or_insert_with(optional);
        }
    }

    /// The mocked states, sorted, and their answers.
    pub fn states(&self) -> impl Iterator<Item = (&str, &[Mock])> {
        self.states.iter().map(|(state, mocks)| (state.as_str(), mocks.as_slice()))
    }

    /// The answers of a state; `None` if it is not mocked.
    pub fn of(&self, state: &str) -> Option<&[Mock]> {
        self.states.get(state).map(Vec::as_slice)
    }

    /// The same as the engine takes them.
    pub fn answers(&self) -> Answers {
        self.states.iter().fold(Answers::new(), |answers, (state, mocks)| {
            answers.state(state, mocks.iter().map(|mock| mock.answer.clone()))
        })
    }
}

impl Mock {
    /// How often it has to be given at least.
    pub(crate) fn least(&self) -> u32 {
        match self.answer.times {
            _ if !self.required => 0,
            Times::Exactly(times) => times,
            Times::Always => 1,
        }
    }
}

impl From<Answer> for Mock {
    fn from(answer: Answer) -> Mock {
        Mock { answer, place: None, required: true }
    }
}
