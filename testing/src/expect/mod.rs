//! What is expected of an execution. One file per kind of expectation.

mod calls;
mod ending;
mod judge;
mod output;
mod snapshot;
mod way;

pub use output::{Assertion, AssertionError, Property};
pub use way::Leg;

pub(crate) use judge::judge;

use crate::Place;
use aslx_asl::Value;
use aslx_engine::interpreter::Status;
use aslx_engine::layers::Match;
use std::path::PathBuf;
use std::time::Duration;

/// Something that is expected, and where its author wrote it.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// What.
    pub check: Check,
    /// Where it was written.
    pub place: Option<Place>,
}

/// What can be expected.
#[derive(Debug, Clone)]
pub enum Check {
    /// How the execution ends. Where nothing is said, an execution has to succeed, or to fail if an error or cause is
    /// expected.
    Status(Status),
    /// Its output.
    Output(Value, Match),
    /// Something about its output.
    Assertion(Assertion),
    /// The name of its error.
    Error(String),
    /// The cause of its error: the whole text, or a part of it.
    Cause(String, Match),
    /// The states that it goes through.
    Path(Vec<Leg>),
    /// How often a state's task is called, or its branches or iterations are started.
    Attempts {
        /// Name of the state.
        state: String,
        /// How often.
        count: usize,
    },
    /// What a state's task is called with, call by call.
    Calls {
        /// Name of the state.
        state: String,
        /// The input of each call.
        inputs: Vec<Value>,
        /// How inputs are compared.
        how: Match,
    },
    /// How long it takes by the model's clock, at least and at most.
    Duration(Duration, Duration),
    /// Its whole history is the one in this file.
    History(PathBuf),
}

/// A list of expectations, built one by one.
///
/// ```
/// use aslx_testing::Expect;
/// use serde_json::json;
///
/// let expect = Expect::failure("Throttled").attempts("ChargeCard", 3).cause_includes("slow down");
/// let expect = Expect::success().output(json!({"id": 7})).path(["CheckStock", "ChargeCard"]);
/// # drop(expect);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Expect {
    pub(crate) list: Vec<Expectation>,
}

impl Expect {
    /// The execution succeeds.
    pub fn success() -> Expect {
        Expect::default().also(Check::Status(Status::Succeeded))
    }

    /// The execution fails with this error.
    pub fn failure(error: &str) -> Expect {
        Expect::default().also(Check::Status(Status::Failed)).also(Check::Error(error.to_owned()))
    }

    /// The same, and this.
    #[must_use]
    pub fn also(mut self, check: Check) -> Expect {
        self.list.push(Expectation { check, place: None });
        self
    }

    /// The output is this.
    #[must_use]
    pub fn output(self, value: impl Into<Value>) -> Expect {
        self.also(Check::Output(value.into(), Match::Exact))
    }

    /// The output has at least this.
    #[must_use]
    pub fn output_includes(self, value: impl Into<Value>) -> Expect {
        self.also(Check::Output(value.into(), Match::Partial))
    }

    /// The assertion holds.
    #[must_use]
    pub fn assertion(self, assertion: Assertion) -> Expect {
        self.also(Check::Assertion(assertion))
    }

    /// The cause has this text in it.
    #[must_use]
    pub fn cause_includes(self, text: &str) -> Expect {
        self.also(Check::Cause(text.to_owned(), Match::Partial))
    }

    /// The outermost machine goes through these states.
    #[must_use]
    pub fn path<'s>(self, states: impl IntoIterator<Item = &'s str>) -> Expect {
        self.also(Check::Path(states.into_iter().map(Leg::state).collect()))
    }

    /// A state is attempted so often.
    #[must_use]
    pub fn attempts(self, state: &str, count: usize) -> Expect {
        self.also(Check::Attempts { state: state.to_owned(), count })
    }

    /// A state's task is called with inputs that have at least this, one for each call.
    #[must_use]
    pub fn calls<V: Into<Value>>(self, state: &str, inputs: impl IntoIterator<Item = V>) -> Expect {
        let inputs = inputs.into_iter().map(Into::into).collect();
        self.also(Check::Calls { state: state.to_owned(), inputs, how: Match::Partial })
    }

    /// It takes exactly this long by the model's clock.
    #[must_use]
    pub fn duration(self, duration: Duration) -> Expect {
        self.also(Check::Duration(duration, duration))
    }

    /// Its history is the one in this file. [`crate::Test::updating_snapshots`] writes it.
    #[must_use]
    pub fn history(self, file: impl Into<PathBuf>) -> Expect {
        self.also(Check::History(file.into()))
    }
}

impl Check {
    /// The state that it names, if it names one.
    pub(crate) fn states(&self) -> Vec<&str> {
        match self {
            Check::Attempts { state, .. } | Check::Calls { state, .. } => vec![state],
            Check::Path(legs) => legs.iter().flat_map(Leg::states).collect(),
            _ => Vec::new(),
        }
    }
}
