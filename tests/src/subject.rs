//! What is put to the test.

use crate::case::{ExecutionCase, ValidationCase};
use serde_json::Value;

/// Something that can be compared with AWS: the library, a server, another engine.
pub trait Subject: Send + Sync {
    /// Runs the state machine of a case with the recorded answers of its tasks.
    fn execute(&self, case: &ExecutionCase) -> Result<Observed, Unsupported>;

    /// Judges the definition of a case.
    fn validate(&self, case: &ValidationCase) -> Result<Reply, Unsupported>;
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
