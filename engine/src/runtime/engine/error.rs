//! Why the engine did not do what it was asked.

use crate::interpreter::ReplayError;
use crate::store::StoreError;
use std::sync::Arc;

/// Why the engine did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The store refused or failed.
    #[error(transparent)]
    Store(StoreError),
    /// The interpreter refused an entry.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// Replaying a journal did not give what was committed with it: the execution stops rather than take another way.
    #[error("the journal of `{execution}` replays to something else than was committed")]
    Diverged {
        /// ARN of the execution.
        execution: Arc<str>,
    },
    /// An execution of that name runs with another input, or has ended.
    #[error("the execution `{execution}` exists already")]
    AlreadyExists {
        /// ARN of the execution.
        execution: Arc<str>,
    },
    /// There is no execution of that ARN.
    #[error("there is no execution `{execution}`")]
    NotFound {
        /// The ARN that was asked for.
        execution: Arc<str>,
    },
    /// Nobody knows the definition that a journal belongs to.
    #[error("the definition with hash {hash}, which `{execution}` runs, is not known here")]
    NoProgram {
        /// ARN of the execution.
        execution: Arc<str>,
        /// Hash of the program.
        hash: Arc<str>,
    },
    /// The engine was shut down, or the execution's owner is gone.
    #[error("the engine has stopped")]
    Stopped,
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> EngineError {
        match error {
            StoreError::NotFound(execution) => EngineError::NotFound { execution },
            error => EngineError::Store(error),
        }
    }
}

/// Why a task token was refused; what the API calls it stands with each (recorded).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no text that the engine could have given out (`InvalidToken`).
    #[error("the task token is not one of this engine's")]
    Malformed,
    /// The output is not JSON (`InvalidOutput`). The token stays usable.
    #[error("the output is not JSON: {0}")]
    Output(String),
    /// There is no such task (`TaskDoesNotExist`).
    #[error("there is no task with this token")]
    Unknown,
    /// The attempt has ended, or its execution has (`TaskTimedOut`).
    #[error("the task of `{resource}` has ended")]
    TimedOut {
        /// The resource of the task: the ARN of the activity, or the integration's.
        resource: Arc<str>,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Why an execution was not redriven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedriveError {
    /// It cannot be redriven (`ExecutionNotRedrivable`).
    #[error("`{execution}` cannot be redriven: {reason}")]
    NotRedrivable {
        /// ARN of the execution.
        execution: Arc<str>,
        /// Why, in the words of `redriveStatusReason`.
        reason: &'static str,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Why no task of an activity was handed out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActivityError {
    /// There is no such activity, or it was deleted meanwhile (`ActivityDoesNotExist`).
    #[error("there is no activity `{activity}`")]
    NotFound {
        /// The ARN that was asked for.
        activity: Arc<str>,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
