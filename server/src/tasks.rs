//! What does the work of tasks: what the caller brings, and Step Functions itself, which is this server.

mod itself;
mod names;

pub(crate) use itself::Itself;

use aslx_asl::Program;
use aslx_asl::program::StateKind;
use aslx_engine::task::{BoxTaskService, TaskRequest};
use std::sync::Arc;
use tower::{Service, ServiceExt};

/// Says whether tasks of a resource can be done, and if not, why.
pub type CanRun = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// What does the work of tasks.
#[derive(Clone)]
pub struct Tasks {
    service: BoxTaskService,
    can_run: CanRun,
}

impl Tasks {
    /// Tasks that a service does, and which of them it can do.
    pub fn new(service: BoxTaskService, can_run: CanRun) -> Tasks {
        Tasks { service, can_run }
    }

    /// No tasks but those of activities and of Step Functions itself.
    pub fn none() -> Tasks {
        let refuse = |request: TaskRequest| {
            let cause = format!("nobody does `{}` here", request.resource);
            std::future::ready(Err(aslx_engine::task::TaskFailure::new("States.Runtime", cause)))
        };
        let can_run = |resource: &str| Err(format!("nobody does `{resource}` here"));
        Tasks { service: BoxTaskService::new(tower::service_fn(refuse)), can_run: Arc::new(can_run) }
    }

    /// The tasks of a program that nobody can do here, one line per state.
    pub(crate) fn missing(&self, program: &Program) -> Vec<String> {
        let missing = |(_, state): (_, &aslx_asl::program::State)| {
            let resource = match &state.kind {
                StateKind::Task(task) => &task.resource,
                StateKind::Map(map) => &map.distributed.as_ref()?.reader.as_ref()?.resource,
                _ => return None,
            };
            let known = is_activity(resource) || names::is_itself(resource);
            let reason = (self.can_run)(resource).err().filter(|_| !known)?;
            Some(format!("state `{}`: {reason}", state.name))
        };
        program.states().filter_map(missing).collect()
    }

    /// The service that the engine calls: what concerns Step Functions goes to the server itself.
    pub(crate) fn with(self, itself: Itself) -> BoxTaskService {
        let service = self.service;
        BoxTaskService::new(tower::service_fn(move |request: TaskRequest| {
            let (mut service, itself) = (service.clone(), itself.clone());
            async move {
                if names::is_itself(&request.resource) {
                    return itself.call(request).await;
                }
                service.ready().await?.call(request).await
            }
        }))
    }
}

fn is_activity(resource: &str) -> bool {
    crate::arn::Arn::of(resource, &["activity"]).is_ok()
}
