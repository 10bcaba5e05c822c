//! What does the work of tasks: what the caller brings, and Step Functions itself, which is this server.

mod itself;
mod names;

pub(crate) use itself::Itself;

use aslx_asl::Program;
use aslx_asl::program::StateKind;
use aslx_engine::layers::{Answers, AnswersLayer, MockConfig};
use aslx_engine::task::{BoxTaskService, TaskReply, TaskRequest, TaskResponse};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tower::{Layer, Service, ServiceExt};

/// Says whether tasks of a resource can be done, and if not, why.
pub type CanRun = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// What does the work of tasks.
#[derive(Clone)]
pub struct Tasks {
    service: BoxTaskService,
    can_run: CanRun,
    /// Whether calls of Step Functions are this server's.
    itself: bool,
    mocks: Arc<MockConfig>,
    /// The executions that were started as a test case, while they run. Children of their map runs are not among them:
    /// they call the service.
    mocked: Arc<Mutex<HashMap<Arc<str>, AnswersLayer>>>,
}

impl Tasks {
    /// Tasks that a service does, and which of them it can do.
    pub fn new(service: BoxTaskService, can_run: CanRun) -> Tasks {
        Tasks { service, can_run, itself: true, mocks: Arc::default(), mocked: Arc::default() }
    }

    /// No tasks but those of activities and of Step Functions itself.
    pub fn none() -> Tasks {
        let refuse = |request: TaskRequest| {
            let cause = format!("nobody does `{}` here", request.resource);
            std::future::ready(Err(aslx_engine::task::TaskFailure::new("States.Runtime", cause)))
        };
        let can_run = |resource: &str| Err(format!("nobody does `{resource}` here"));
        Tasks::new(BoxTaskService::new(tower::service_fn(refuse)), Arc::new(can_run))
    }

    /// The same with Step Functions Local's mocks: an execution that is started with the ARN of its state machine, `#`
    /// and the name of a test case gets its answers from there.
    #[must_use]
    pub fn mocked(mut self, mocks: MockConfig) -> Tasks {
        self.mocks = Arc::new(mocks);
        self
    }

    /// The same, but calls of Step Functions go to the service like all others, and not to the server itself.
    #[must_use]
    pub fn step_functions_elsewhere(mut self) -> Tasks {
        self.itself = false;
        self
    }

    /// The answers of a test case. Errors: there is no such case, or it names states that the machine does not have.
    pub(crate) fn answers(&self, machine: &str, case: &str, program: &Program) -> Result<Answers, String> {
        let answers = self.mocks.answers(machine, case)?;
        match self.mocks.machine(machine)?.check(program).first() {
            Some(wrong) => Err(wrong.message().to_owned()),
            None => Ok(answers.clone()),
        }
    }

    /// Gives the tasks of an execution these answers.
    pub(crate) fn mock(&self, execution: &Arc<str>, answers: Answers) {
        self.executions().insert(execution.clone(), AnswersLayer::new(answers));
    }

    /// An execution has ended.
    pub(crate) fn forget(&self, execution: &str) {
        self.executions().remove(execution);
    }

    fn executions(&self) -> MutexGuard<'_, HashMap<Arc<str>, AnswersLayer>> {
        // Every change is one insertion or removal: a panic elsewhere leaves nothing half done.
        self.mocked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_itself(&self, resource: &str) -> bool {
        self.itself && names::is_itself(resource)
    }

    /// The tasks of a program that nobody can do here, one line per state.
    pub(crate) fn missing(&self, program: &Program, answers: Option<&Answers>) -> Vec<String> {
        let missing = |(_, state): (_, &aslx_asl::program::State)| {
            let resource = match &state.kind {
                StateKind::Task(task) => &task.resource,
                StateKind::Map(map) => &map.distributed.as_ref()?.reader.as_ref()?.resource,
                _ => return None,
            };
            let mocked = answers.is_some_and(|answers| answers.of(&state.name).is_some());
            let known = mocked || is_activity(resource) || self.is_itself(resource);
            let reason = (self.can_run)(resource).err().filter(|_| !known)?;
            Some(format!("state `{}`: {reason}", state.name))
        };
        program.states().filter_map(missing).collect()
    }

    /// The service that the engine calls: what concerns Step Functions goes to the server itself.
    pub(crate) fn with(self, itself: Itself) -> BoxTaskService {
        let (service, is_here) = (self.service.clone(), self.itself);
        let real = BoxTaskService::new(tower::service_fn(move |request: TaskRequest| {
            let (mut service, itself) = (service.clone(), itself.clone());
            async move {
                if is_here && names::is_itself(&request.resource) {
                    return itself.call(request).await;
                }
                // A worker will ask for it (GetActivityTask).
                if is_activity(&request.resource) {
                    return Ok(TaskResponse { reply: TaskReply::ByToken, modelled: None });
                }
                service.ready().await?.call(request).await
            }
        }));
        BoxTaskService::new(tower::service_fn(move |request: TaskRequest| {
            let mocked = self.executions().get(&request.execution).cloned();
            let real = real.clone();
            async move {
                match mocked {
                    Some(answers) => answers.layer(real).oneshot(request).await,
                    None => real.oneshot(request).await,
                }
            }
        }))
    }
}

fn is_activity(resource: &str) -> bool {
    crate::arn::Arn::of(resource, &["activity"]).is_ok()
}
