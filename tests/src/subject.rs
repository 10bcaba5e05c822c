//! What is put to the test.

use crate::case::ExecutionCase;
use serde_json::{Map, Value};

/// Something that can be compared with AWS: the library, a server, another engine.
pub trait Subject: Send + Sync {
    /// Runs the state machine of a case with the recorded answers of its tasks.
    fn execute(&self, case: &ExecutionCase) -> Result<Observed, Unsupported>;

    /// An account in which nothing is yet, to call the API.
    fn session(&self, setting: &Setting) -> Result<Box<dyn Session>, Unsupported>;
}

/// What there is around an account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Setting {
    /// It answers as the API did on this day (`YYYY-MM-DD`), if it is known.
    pub recorded: Option<String>,
    /// Whether the log groups that are named exist; otherwise none does.
    pub log_groups: bool,
    /// What tasks return; unless it is known they fail.
    pub result: Option<Value>,
    /// How many rows data sets have.
    pub rows: Option<u64>,
}

/// An account on which the API can be called.
pub trait Session {
    /// Calls an operation.
    fn call(&mut self, operation: &str, request: &Map<String, Value>) -> Reply;

    /// Waits until an execution has ended, or a while.
    fn wait(&mut self, execution: &str);
}

/// How an execution ended, as the API tells it: JSON values are texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// `SUCCEEDED`, `FAILED`, `ABORTED` or `TIMED_OUT`.
    pub status: String,
    /// The text of the output.
    pub output: Option<String>,
    /// The error's name.
    pub error: Option<String>,
    /// The error's cause.
    pub cause: Option<String>,
    /// The events of GetExecutionHistory.
    pub history: Vec<Value>,
    /// What the tasks were asked that was not recorded, and the reverse.
    pub surprises: Vec<String>,
}

/// What a call answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// The response, without metadata.
    Response(Value),
    /// An error.
    Error {
        /// For example `InvalidDefinition`.
        code: String,
        /// For people.
        message: String,
    },
}

/// The subject has not learnt yet what a case asks for: the case fails, and says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not supported yet: {0}")]
pub struct Unsupported(pub String);
