//! Calling a task service, and turning its answer into a journal entry.

use crate::Data;
use crate::journal::{EntryKind, TaskId, TaskResult};
use crate::task::{BoxTaskService, FailedAt, TaskFailure, TaskReply, TaskRequest, TaskResponse};
use std::time::Duration;
use tower::{Service, ServiceExt};

/// Calls the service, waiting until it has room.
pub(super) async fn call(mut service: BoxTaskService, request: TaskRequest) -> Result<TaskResponse, TaskFailure> {
    service.ready().await?.call(request).await
}

/// What a service's answer means for the journal.
pub(super) struct Answered {
    /// The entry; none if somebody else will answer.
    pub(super) entry: Option<EntryKind>,
    /// The duration that the answer gives itself.
    pub(super) modelled: Option<Duration>,
    /// The service did not get as far as starting the task.
    pub(super) unstarted: bool,
}

impl Answered {
    pub(super) fn new(task: TaskId, result: Result<TaskResponse, TaskFailure>) -> Answered {
        let ended = |result| Some(EntryKind::TaskEnded { task, result });
        match result {
            Ok(TaskResponse { reply, modelled }) => {
                let entry = match reply {
                    TaskReply::Done(output) => ended(TaskResult::Succeeded(Data::from(output))),
                    TaskReply::Submitted(output) => Some(EntryKind::TaskSubmitted { task, output: Data::from(output) }),
                    TaskReply::ByToken => None,
                };
                Answered { entry, modelled, unstarted: false }
            }
            Err(TaskFailure { error, cause, at, modelled }) => {
                let unstarted = matches!(at, FailedAt::Schedule | FailedAt::Start);
                let error = Some(error).filter(|name| !name.is_empty()).map(Into::into);
                let entry = ended(TaskResult::Failed { error, cause: cause.map(Into::into), at });
                Answered { entry, modelled, unstarted }
            }
        }
    }
}
