//! What reaches the owner of an execution.

use super::error::{EngineError, TokenError};
use super::view::Description;
use crate::data::Data;
use crate::map_run::RunLimits;
use crate::runtime::family::TaskKey;
use crate::task::{TaskFailure, TaskResponse};
use aslx_asl::Timestamp;
use aslx_asl::Value;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Where an answer goes. Nobody may be waiting for it any more.
pub(super) type Reply<T> = oneshot::Sender<T>;

/// Something for an owner.
pub(super) enum Mail {
    /// The service works on a task.
    Begun(TaskKey),
    /// The service answered.
    Answer(TaskKey, Result<TaskResponse, TaskFailure>),
    /// Somebody wants it, or the child of this ARN, to stop; answered with the time at which it did, or nothing if
    /// there is no such child any more.
    Stop {
        child: Option<Arc<str>>,
        error: Option<Arc<str>>,
        cause: Option<Arc<str>>,
        reply: Reply<Result<Option<Timestamp>, EngineError>>,
    },
    /// Somebody holds a token; `held` says how often this was put off.
    Token { token: Arc<str>, signal: Signal, held: u32, reply: Reply<Result<(), TokenError>> },
    /// A worker wants the task with this token; answered with its input, or nothing if it is gone.
    Lease { token: Arc<str>, worker: Option<Arc<str>>, reply: Reply<Option<Value>> },
    /// Somebody wants other limits for a map run; answered with whether it runs.
    ChangeRun { run: Arc<str>, limits: RunLimits, reply: Reply<Result<bool, EngineError>> },
    /// The state machine was deleted.
    MachineDeleted { reply: Reply<()> },
    /// Somebody wants to know how it is.
    Describe { reply: Reply<Description> },
    /// A client asked about it: it is being watched.
    Noticed,
    /// The engine shuts down.
    Leave,
}

/// What the holder of a token says.
#[derive(Debug, Clone)]
pub(super) enum Signal {
    /// SendTaskSuccess.
    Success(Data),
    /// SendTaskFailure.
    Failure { error: Option<Arc<str>>, cause: Option<Arc<str>> },
    /// SendTaskHeartbeat.
    Heartbeat,
}

impl Signal {
    /// Whether it ends the task.
    pub(super) fn ends(&self) -> bool {
        !matches!(self, Signal::Heartbeat)
    }
}
