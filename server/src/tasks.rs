//! What does the work of tasks: what the caller brings, and Step Functions itself, which is this server.

mod itself;
mod names;

pub(crate) use itself::Itself;

use aslx_asl::program::StateKind;
use aslx_asl::{Diagnostic, Program};
use aslx_engine::layers::{Answers, AnswersLayer, MockConfig};
use aslx_engine::task::{BoxTaskService, TaskReply, TaskRequest, TaskResponse};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tower::{Layer, Service, ServiceExt};

/// Says whether tasks of a resource can be done, and if not, why.
pub type CanRun = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// A mock file: what it says, and its text.
#[derive(Default)]
struct Mocks {
    config: MockConfig,
    text: String,
}

/// What does the work of tasks.
#[derive(Clone)]
pub struct Tasks {
    service: BoxTaskService,
    can_run: CanRun,
    /// Whether calls of Step Functions are this server's.
    itself: bool,
    mocks: Arc<Mocks>,
    /// The executions that were started as a test case, while they run. The children of their map runs share their
    /// answers.
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
    ///
    /// Errors: everything that is wrong with the text of the file, with places.
    pub fn mocked(mut self, text: &str) -> Result<Tasks, Vec<Diagnostic>> {
        self.mocks = Arc::new(Mocks { config: MockConfig::read(text)?, text: text.to_owned() });
        Ok(self)
    }

    /// The same, but calls of Step Functions go to the service like all others, and not to the server itself.
    #[must_use]
    pub fn step_functions_elsewhere(mut self) -> Tasks {
        self.itself = false;
        self
    }

    /// The answers of a test case. Errors: there is no such case, or it names states that the machine does not have.
    pub(crate) fn answers(&self, machine: &str, case: &str, program: &Program) -> Result<Answers, String> {
        let config = &self.mocks.config;
        let answers = config.answers(machine, case)?;
        match config.machine(machine)?.check(program).first() {
            Some(wrong) => Err(wrong.message().to_owned()),
            None => Ok(answers.clone()),
        }
    }

    /// The text of the mock file.
    pub(crate) fn mock_file(&self) -> &str {
        &self.mocks.text
    }

    /// Gives the tasks of an execution and of its children these answers, some of which may have been given already, by
    /// state. Says whether it had none before; if it had, it keeps them.
    pub(crate) fn mock(&self, execution: &Arc<str>, answers: Answers, made: &BTreeMap<Arc<str>, u32>) -> bool {
        let mut executions = self.executions();
        if executions.contains_key(execution) {
            return false;
        }
        let made = made.iter().map(|(state, calls)| (&**state, *calls));
        executions.insert(execution.clone(), AnswersLayer::going_on(answers, made));
        true
    }

    /// Whether an execution was given answers.
    pub(crate) fn has_answers(&self, execution: &str) -> bool {
        self.executions().contains_key(execution)
    }

    /// An execution has ended. Says whether it had answers.
    pub(crate) fn forget(&self, execution: &str) -> bool {
        self.executions().remove(execution).is_some()
    }

    /// The answers of an execution, or of the one whose child it is.
    async fn answers_of(&self, execution: &Arc<str>, family: &Itself) -> Option<AnswersLayer> {
        let nobody = self.executions().is_empty();
        if nobody {
            return None;
        }
        let parent = family.parent_of(execution).await;
        self.executions().get(parent.as_ref().unwrap_or(execution)).cloned()
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
        let (service, family, is_here) = (self.service.clone(), itself.clone(), self.itself);
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
            let (tasks, family, real) = (self.clone(), family.clone(), real.clone());
            async move {
                match tasks.answers_of(&request.execution, &family).await {
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
