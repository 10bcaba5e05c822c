//! What a task is: a [`tower::Service`] from a [`TaskRequest`] to a [`TaskReply`] or a [`TaskFailure`].
//!
//! Mocks, recording, limits and tracing are tower layers around such a service.

use aslx_asl::Value;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// One attempt of a Task state, as it is handed to whoever does the work.
#[derive(Debug, Clone)]
pub struct TaskRequest {
    /// ARN of the execution.
    pub execution: Arc<str>,
    /// Id of the event by which its history tells the attempt; 0 for one that is in no history.
    pub event: u64,
    /// Name of the Task state.
    pub state: Arc<str>,
    /// The `Resource` of the state, as written in the definition after substitution.
    pub resource: Arc<str>,
    /// The effective input: after InputPath and Parameters (or Arguments).
    pub input: Value,
    /// Attempts of this visit of the state before this one.
    pub retry_count: u32,
    /// The index in the innermost Map state, if the task runs inside one.
    pub iteration: Option<usize>,
    /// The token with which a callback answers; present for `.waitForTaskToken` and activities.
    pub token: Option<Arc<str>>,
    /// Seconds until the attempt times out, when the state says so.
    pub timeout_seconds: Option<u64>,
    /// Seconds between heartbeats, when the state says so.
    pub heartbeat_seconds: Option<u64>,
    /// ARN of the role named in `Credentials`.
    pub credentials: Option<Arc<str>>,
    /// The journaled first answer of a `.sync` or callback task: the job exists already, go on with it and never
    /// submit again.
    pub submitted: Option<Value>,
    /// Told before the call is dropped because its attempt has ended.
    pub withdrawal: Withdrawal,
}

/// Whether nobody will ever want the answer: the attempt timed out, its execution was stopped, another branch failed.
/// A call that is dropped without it (the process ends, or the execution is loaded anew) is made again.
#[derive(Debug, Clone, Default)]
pub struct Withdrawal(Arc<AtomicBool>);

impl Withdrawal {
    /// Whether it was told.
    pub fn is_told(&self) -> bool {
        self.0.load(Relaxed)
    }

    /// Says so. The call is dropped afterwards.
    pub fn tell(&self) {
        self.0.store(true, Relaxed);
    }
}

impl TaskRequest {
    /// ARN of the activity whose worker does the work, if it is an activity's.
    pub fn activity(&self) -> Option<&Arc<str>> {
        let mut parts = self.resource.split(':');
        let is_activity = parts.nth(2) == Some("states") && parts.nth(2) == Some("activity");
        is_activity.then_some(&self.resource)
    }
}

/// What a task answers.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskReply {
    /// The result.
    Done(Value),
    /// The first answer of a `.sync` or callback task. Once it is journaled the service is called again, with
    /// [`TaskRequest::submitted`] set, and then waits for the job's end.
    Submitted(Value),
    /// The answer comes from whoever holds the token: an activity's worker, or the receiver of a callback.
    ByToken,
}

/// A reply and how long the work took by the model's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskResponse {
    /// The answer.
    pub reply: TaskReply,
    /// How long the work takes in virtual time. `None`: real work, whose measured time counts. With
    /// [`TaskReply::ByToken`] it says that heartbeats are sent although nobody answers; without it, none are.
    pub modelled: Option<Duration>,
}

impl TaskResponse {
    /// A finished task that did real work.
    pub fn done(output: Value) -> TaskResponse {
        TaskResponse { reply: TaskReply::Done(output), modelled: None }
    }
}

/// Where an attempt failed: it shows as the type of the history event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum FailedAt {
    /// While it was scheduled (`LambdaFunctionScheduleFailed`, `ActivityScheduleFailed`).
    Schedule,
    /// While it was started (`TaskStartFailed`, `LambdaFunctionStartFailed`).
    Start,
    /// While its job was submitted (`TaskSubmitFailed`).
    Submit,
    /// While it ran.
    #[default]
    Run,
}

/// A failed task: a name that Retry and Catch can match, and a cause for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}{}", cause.as_deref().map(|c| format!(": {c}")).unwrap_or_default())]
pub struct TaskFailure {
    /// Error name, for example `Lambda.TooManyRequestsException`.
    pub error: String,
    /// What happened. AWS leaves it out for some failures.
    pub cause: Option<String>,
    /// Where it failed.
    pub at: FailedAt,
    /// How long the failing attempt took in virtual time. `None`: measured.
    pub modelled: Option<Duration>,
}

impl TaskFailure {
    /// A failure while the task ran.
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> TaskFailure {
        TaskFailure { error: error.into(), cause: Some(cause.into()), at: FailedAt::Run, modelled: None }
    }
}

/// A task service behind a pointer: what the drivers call.
pub type BoxTaskService = tower::util::BoxCloneSyncService<TaskRequest, TaskResponse, TaskFailure>;
