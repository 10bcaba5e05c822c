//! What the interpreter asks its driver to do.

use super::mix;
use crate::data::Data;
use crate::history::ErrorDetails;
use crate::journal::{TaskId, TimerId};
use crate::map_run::MapRunRequest;
use crate::task::TaskRequest;
use aslx_asl::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Something to do, once the entry that caused it is committed. All may be given again after a restart.
#[derive(Debug, Clone)]
pub enum Action {
    /// Start this attempt of a task; answered by `TaskStarted`, `TaskSubmitted`, `TaskEnded`.
    StartTask {
        /// Its number.
        task: TaskId,
        /// What to do.
        request: Arc<TaskRequest>,
    },
    /// Nobody waits for this task any more.
    CancelTask {
        /// Its number.
        task: TaskId,
    },
    /// Start this map run; answered by `MapRunEnded`.
    StartMapRun {
        /// Its number.
        run: TaskId,
        /// What to do.
        request: Box<MapRunRequest>,
        /// How often the run was redriven: more than before, and it goes on where it ended.
        redrives: u64,
    },
    /// Nobody waits for this map run any more: its children are to be stopped.
    CancelMapRun {
        /// Its number.
        run: TaskId,
    },
    /// Journal `TimerFired` when this time has come.
    SetTimer {
        /// Its number.
        timer: TimerId,
        /// When it is due.
        due: Timestamp,
        /// What it is for.
        kind: TimerKind,
    },
    /// Nobody waits for this timer any more.
    CancelTimer {
        /// Its number.
        timer: TimerId,
    },
    /// Journal `Resumed` soon: the step had to be cut.
    Continue,
    /// The execution has ended.
    Finish(Box<Outcome>),
}

/// What a timer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerKind {
    /// A Wait state.
    Wait,
    /// The delay before a retry.
    Retry,
    /// TimeoutSeconds of a Task.
    TaskTimeout {
        /// The task.
        task: TaskId,
    },
    /// HeartbeatSeconds of a Task. A heartbeat moves this timer, in the driver, without an entry.
    Heartbeat {
        /// The task.
        task: TaskId,
        /// Seconds between heartbeats.
        seconds: u64,
    },
    /// TimeoutSeconds of the state machine.
    Execution,
}

/// The status of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// It runs.
    Running,
    /// It reached an end.
    Succeeded,
    /// It failed.
    Failed,
    /// Its TimeoutSeconds passed.
    TimedOut,
    /// It was stopped.
    Aborted,
}

impl Status {
    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Running => "RUNNING",
            Status::Succeeded => "SUCCEEDED",
            Status::Failed => "FAILED",
            Status::TimedOut => "TIMED_OUT",
            Status::Aborted => "ABORTED",
        }
    }
}

/// How an execution ended, as DescribeExecution tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Not `Running`.
    pub status: Status,
    /// The output, if it succeeded.
    pub output: Option<Data>,
    /// The error name, if there is one.
    pub error: Option<Arc<str>>,
    /// The cause, if there is one.
    pub cause: Option<Arc<str>>,
}

impl Outcome {
    pub(super) fn succeeded(output: Data) -> Outcome {
        Outcome { status: Status::Succeeded, output: Some(output), error: None, cause: None }
    }

    pub(super) fn failed(status: Status, details: ErrorDetails) -> Outcome {
        Outcome { status, output: None, error: details.error, cause: details.cause }
    }
}

impl Action {
    /// A number that differs between different actions.
    pub(super) fn digest(&self) -> u64 {
        match self {
            Action::StartTask { task, request } => mix(1, task.0 ^ request.input.json_len() as u64),
            Action::CancelTask { task } => mix(2, task.0),
            Action::StartMapRun { run, redrives, .. } => mix(7, run.0 ^ redrives << 32),
            Action::CancelMapRun { run } => mix(8, run.0),
            Action::SetTimer { timer, due, .. } => mix(3, timer.0 ^ due.as_millis() as u64),
            Action::CancelTimer { timer } => mix(4, timer.0),
            Action::Continue => 5,
            Action::Finish(outcome) => {
                mix(6, outcome.status as u64 ^ outcome.output.as_ref().map_or(0, |o| o.value().json_len() as u64))
            }
        }
    }
}
