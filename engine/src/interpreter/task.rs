//! Tasks: scheduled, started, submitted, ended, timed out.

use super::action::Action;
use super::branch::{Answer, Attempt, BranchId, Phase, Visit};
use super::failure::Fault;
use super::fields::integer;
use super::inspect::Stage;
use super::step::{Exit, Moved, plain};
use super::{Interpreter, OpenTask, Step, TimerKind, Waypoint, flow};
use crate::data::{Data, PAYLOAD_LIMIT};
use crate::history::{ErrorDetails, EventKind, TaskResource};
use crate::journal::{TaskId, TaskResult, TimerId};
use crate::task::{FailedAt, TaskRequest};
use aslx_asl::catalogue::{Integration, Pattern};
use aslx_asl::program::{IntegerField, StateKind, Task};
use aslx_asl::{Failure, Timestamp, Value};
use std::sync::Arc;

/// How the events of a task are called.
enum Family {
    Lambda,
    Activity,
    Service(TaskResource),
}

/// What an attempt is scheduled with.
struct Prepared {
    input: Data,
    timeout: Option<u64>,
    heartbeat: Option<u64>,
    role: Option<Arc<str>>,
}

impl Interpreter {
    /// Starts an attempt. Everything is evaluated anew for each (recorded: RetryCount in the parameters).
    pub(super) fn schedule(&mut self, id: BranchId, mut visit: Box<Visit>, task: &Task, step: &mut Step) -> Moved {
        let family = family(task);
        if let Some(Integration::Activity { arn }) = &task.integration
            && self.missing_activities.contains(arn)
        {
            // Before anything is scheduled (seen on AWS).
            let failure = Failure::runtime(format!("The activity {arn} does not exist.")).bare();
            return self.fail_evaluation(id, visit, failure, step);
        }
        if matches!(family, Family::Activity) || pattern(task) == Some(Pattern::WaitForTaskToken) {
            visit.token = Some(self.draws.token().into());
        }
        let prepared = match self.prepare(id, &visit, task) {
            Ok(prepared) => prepared,
            Err(failure) => return self.fail_evaluation(id, visit, failure, step),
        };
        let Prepared { input, timeout, heartbeat, role } = prepared;
        let number = TaskId(self.next_task);
        self.next_task += 1;
        let request = self.request(id, &visit, task, input.value().clone(), (timeout, heartbeat), role.clone());
        let request = Arc::new(request);
        let event = match family {
            Family::Lambda => {
                EventKind::LambdaFunctionScheduled { resource: task.resource.clone(), input, timeout, role }
            }
            Family::Activity => {
                EventKind::ActivityScheduled { resource: task.resource.clone(), input, timeout, heartbeat }
            }
            Family::Service(resource) => EventKind::TaskScheduled {
                resource,
                region: self.started().map_or("us-east-1", |s| s.names.region()).into(),
                parameters: input.value().clone(),
                timeout,
                heartbeat,
                role,
            },
        };
        self.follow(id, event, step);
        let mut attempt = Attempt {
            task: number,
            started: false,
            timeout: None,
            heartbeat: None,
            timeout_seconds: timeout,
            heartbeat_seconds: heartbeat,
        };
        // The clocks of an activity start when a worker takes it.
        if !matches!(task.integration, Some(Integration::Activity { .. })) {
            self.set_clocks(id, &mut attempt, step);
        }
        step.actions.push(Action::StartTask { task: number, request: request.clone() });
        self.tasks.insert(number, OpenTask { branch: id, request, started: false });
        self.set_phase(id, Phase::Tasking(visit, attempt));
        Moved::Stopped
    }

    fn prepare(&self, id: BranchId, visit: &Visit, task: &Task) -> Result<Prepared, Failure> {
        let env = self.surroundings(id, visit);
        let view = env.view(visit.input.value());
        let input = flow::arguments(&self.program.state(visit.state).flow, &visit.input, &view, &env)?;
        usable(task, input.value())?;
        let seconds = |field: &Option<IntegerField>, name: &str| {
            field.as_ref().map(|field| integer(field, name, &view)).transpose()
        };
        let timeout = seconds(&task.timeout, "TimeoutSeconds")?;
        let heartbeat = seconds(&task.heartbeat, "HeartbeatSeconds")?;
        let role = match &task.credentials {
            Some(payload) => payload.evaluate("Credentials", &view)?.get("RoleArn").map(|role| Arc::from(plain(role))),
            None => None,
        };
        Ok(Prepared { input, timeout, heartbeat, role })
    }

    fn request(
        &self,
        id: BranchId,
        visit: &Visit,
        task: &Task,
        input: Value,
        (timeout_seconds, heartbeat_seconds): (Option<u64>, Option<u64>),
        credentials: Option<Arc<str>>,
    ) -> TaskRequest {
        TaskRequest {
            execution: self.started().map_or_else(|| "".into(), |s| s.names.execution_arn.clone()),
            // The next event tells of it.
            event: self.event_count() + 1,
            state: self.program.state(visit.state).name.clone(),
            resource: task.resource.clone(),
            input,
            retry_count: visit.retry_count,
            iteration: self.iteration_of(id),
            token: visit.token.clone(),
            timeout_seconds,
            heartbeat_seconds,
            credentials,
            submitted: None,
            withdrawal: Default::default(),
        }
    }

    fn set_clocks(&mut self, id: BranchId, attempt: &mut Attempt, step: &mut Step) {
        let task = attempt.task;
        attempt.timeout = attempt
            .timeout_seconds
            .map(|seconds| self.set_timer(self.now.plus_seconds(seconds), TimerKind::TaskTimeout { task }, id, step));
        attempt.heartbeat = attempt.heartbeat_seconds.map(|seconds| {
            self.set_timer(self.now.plus_seconds(seconds), TimerKind::Heartbeat { task, seconds }, id, step)
        });
    }

    /// A worker took the task.
    pub(super) fn task_started(&mut self, number: TaskId, worker: Option<&Arc<str>>, step: &mut Step) {
        let Some(open) = self.tasks.get_mut(&number) else { return };
        if std::mem::replace(&mut open.started, true) {
            return;
        }
        let id = open.branch;
        let program = self.program.clone();
        let Some(task) = self.task_of(id, &program) else { return };
        let family = family(task);
        let is_activity = matches!(family, Family::Activity);
        let event = match family {
            Family::Lambda => EventKind::LambdaFunctionStarted,
            Family::Activity => EventKind::ActivityStarted { worker: worker.cloned() },
            Family::Service(resource) => EventKind::TaskStarted { resource },
        };
        self.follow(id, event, step);
        let Some(branch) = self.branches.get_mut(id) else { return };
        match std::mem::replace(&mut branch.phase, Phase::Moving) {
            Phase::Tasking(visit, mut attempt) => {
                attempt.started = true;
                if is_activity {
                    self.set_clocks(id, &mut attempt, step);
                }
                self.set_phase(id, Phase::Tasking(visit, attempt));
            }
            phase => branch.phase = phase,
        }
    }

    /// The first answer of a `.sync` or callback task.
    pub(super) fn task_submitted(&mut self, number: TaskId, output: &Data, step: &mut Step) {
        self.task_started(number, None, step);
        let Some(open) = self.tasks.get_mut(&number) else { return };
        if open.request.submitted.is_some() {
            return;
        }
        Arc::make_mut(&mut open.request).submitted = Some(output.value().clone());
        let id = open.branch;
        let program = self.program.clone();
        let Some(task) = self.task_of(id, &program) else { return };
        if let Family::Service(resource) = family(task) {
            self.follow(id, EventKind::TaskSubmitted { resource, output: output.clone() }, step);
        }
    }

    /// The task ended: notes how, and makes its branch ready.
    pub(super) fn task_ended(&mut self, number: TaskId, result: &TaskResult, step: &mut Step) {
        let Some(open) = self.tasks.get(&number) else { return };
        let id = open.branch;
        let program = self.program.clone();
        let Some(task) = self.task_of(id, &program) else { return };
        let unstarted = matches!(result, TaskResult::Failed { at: FailedAt::Schedule | FailedAt::Start, .. });
        if !unstarted && !self.deleted {
            self.task_started(number, None, step);
        }
        self.tasks.remove(&number);
        let family = family(task);
        let result = match result {
            TaskResult::Succeeded(output) if output.value().json_len() > PAYLOAD_LIMIT => too_large(task, &family),
            result => result.clone(),
        };
        let (event, answer) = match result {
            TaskResult::Succeeded(output) => (
                match family {
                    Family::Lambda => EventKind::LambdaFunctionSucceeded { output: output.clone() },
                    Family::Activity => EventKind::ActivitySucceeded { output: output.clone() },
                    Family::Service(resource) => EventKind::TaskSucceeded { resource, output: output.clone() },
                },
                Answer::Succeeded(output),
            ),
            TaskResult::Failed { error, cause, at } => {
                let error = ErrorDetails { error, cause };
                (failed_event(family, at, error.clone()), Answer::Failed { error, heartbeat: false })
            }
        };
        if !self.deleted {
            self.follow(id, event, step);
        }
        self.answer(id, answer, step);
    }

    /// Time-outs that are due at the same instant are all noted before any of them is handled, as AWS's histories
    /// show for tasks that were started together (recorded: a Map whose iterations all time out).
    pub(super) fn tasks_timed_out(&mut self, due: Timestamp, fired: TimerId, step: &mut Step) {
        let together: Vec<TimerId> =
            self.timers.iter().filter(|(id, open)| open.due == due || **id == fired).map(|(id, _)| *id).collect();
        for timer in together {
            let Some(open) = self.timers.get(&timer) else { continue };
            let (number, heartbeat) = match open.kind {
                TimerKind::TaskTimeout { task } => (task, false),
                TimerKind::Heartbeat { task, .. } => (task, true),
                _ => continue,
            };
            self.timers.remove(&timer);
            if timer != fired {
                step.actions.push(Action::CancelTimer { timer });
            }
            self.task_timed_out(number, heartbeat, step);
        }
    }

    fn task_timed_out(&mut self, number: TaskId, heartbeat: bool, step: &mut Step) {
        let Some(open) = self.tasks.get(&number) else { return };
        let id = open.branch;
        self.task_started(number, None, step);
        self.tasks.remove(&number);
        step.actions.push(Action::CancelTask { task: number });
        let program = self.program.clone();
        let Some(task) = self.task_of(id, &program) else { return };
        if let Some(Phase::Tasking(visit, _)) = self.branches.get(id).map(|branch| &branch.phase) {
            let passed = if heartbeat { Waypoint::HeartbeatMissed } else { Waypoint::TimedOut };
            step.pass(passed(visit.state));
        }
        let error = ErrorDetails { error: Some("States.Timeout".into()), cause: None };
        let event = match family(task) {
            Family::Lambda => EventKind::LambdaFunctionTimedOut(error.clone()),
            Family::Activity => EventKind::ActivityTimedOut(error.clone()),
            Family::Service(resource) => EventKind::TaskTimedOut { resource, error: error.clone() },
        };
        self.follow(id, event, step);
        self.answer(id, Answer::Failed { error, heartbeat }, step);
    }

    /// Puts the answer into the branch, stops its clocks and makes it ready.
    fn answer(&mut self, id: BranchId, answer: Answer, step: &mut Step) {
        let Some(branch) = self.branches.get_mut(id) else { return };
        match std::mem::replace(&mut branch.phase, Phase::Moving) {
            Phase::Tasking(visit, attempt) => {
                branch.phase = Phase::Answered(visit, answer);
                for timer in [attempt.timeout, attempt.heartbeat].into_iter().flatten() {
                    self.cancel_timer(timer, step);
                }
                self.ready.push_back(id);
            }
            phase => branch.phase = phase,
        }
    }

    /// What follows an answer.
    pub(super) fn answered(&mut self, id: BranchId, mut visit: Box<Visit>, answer: Answer, step: &mut Step) -> Moved {
        match answer {
            Answer::Succeeded(result) => {
                visit.token = None;
                self.leave_with_result(id, visit, result, step)
            }
            Answer::Failed { error, heartbeat } => {
                let from_task = true;
                self.fail(id, visit, Fault { error, from_task, heartbeat }, step)
            }
        }
    }

    /// Leaves a Task, Parallel or Map with the result of its work.
    pub(super) fn leave_with_result(
        &mut self,
        id: BranchId,
        visit: Box<Visit>,
        result: Data,
        step: &mut Step,
    ) -> Moved {
        let program = self.program.clone();
        let state = program.state(visit.state);
        let Some(effect) = super::failure::effect(&state.kind) else { return Moved::Stopped };
        let env = self.surroundings(id, &visit);
        env.note(Stage::Result, || result.clone());
        let handed = flow::leave(state, &visit, Some(&result), &env);
        match handed {
            Ok(handed) => self.exit(id, &visit, Exit { handed, next: effect.next }, step),
            Err(failure) => self.fail_evaluation(id, visit, failure, step),
        }
    }

    /// The Task state that a branch is in.
    fn task_of<'p>(&self, id: BranchId, program: &'p aslx_asl::Program) -> Option<&'p Task> {
        let Phase::Tasking(visit, _) = &self.branches.get(id)?.phase else { return None };
        match &program.state(visit.state).kind {
            StateKind::Task(task) => Some(task),
            _ => None,
        }
    }
}

/// Whether a call can be made with these parameters at all. AWS says so before it schedules the task (recorded for
/// the headers of an API Gateway call, which are lists of texts).
fn usable(task: &Task, parameters: &Value) -> Result<(), Failure> {
    let is_api_gateway = matches!(&task.integration, Some(Integration::Optimized { service: "apigateway", .. }));
    let headers = parameters.get("Headers").filter(|headers| is_api_gateway && !headers.is_null());
    let fits = |headers: &Value| {
        headers.as_object().is_some_and(|headers| headers.values().all(|values| values.as_array().is_some()))
    };
    if headers.is_none_or(fits) {
        return Ok(());
    }
    Err(Failure::runtime(format!(
        "The Parameters '{}' could not be used to start the Task: [The value of the field 'Headers' has an invalid format]",
        parameters.to_json()
    )))
}

fn family(task: &Task) -> Family {
    match &task.integration {
        Some(Integration::Lambda { .. }) => Family::Lambda,
        Some(Integration::Activity { .. }) => Family::Activity,
        Some(integration) => Family::Service(TaskResource {
            resource_type: integration.resource_type().into(),
            resource: integration.resource().into(),
        }),
        None => Family::Service(TaskResource { resource_type: "unresolved".into(), resource: task.resource.clone() }),
    }
}

fn pattern(task: &Task) -> Option<Pattern> {
    task.integration.as_ref().map(Integration::pattern)
}

fn failed_event(family: Family, at: FailedAt, error: ErrorDetails) -> EventKind {
    match (family, at) {
        (Family::Lambda, FailedAt::Schedule) => EventKind::LambdaFunctionScheduleFailed(error),
        (Family::Lambda, FailedAt::Start) => EventKind::LambdaFunctionStartFailed(error),
        (Family::Lambda, _) => EventKind::LambdaFunctionFailed(error),
        (Family::Activity, FailedAt::Schedule | FailedAt::Start) => EventKind::ActivityScheduleFailed(error),
        (Family::Activity, _) => EventKind::ActivityFailed(error),
        (Family::Service(resource), FailedAt::Schedule | FailedAt::Start) => {
            EventKind::TaskStartFailed { resource, error }
        }
        (Family::Service(resource), FailedAt::Submit) => EventKind::TaskSubmitFailed { resource, error },
        (Family::Service(resource), FailedAt::Run) => EventKind::TaskFailed { resource, error },
    }
}

/// A result that no payload may hold is a failure of the task (recorded for Lambda).
fn too_large(task: &Task, family: &Family) -> TaskResult {
    let who = match family {
        Family::Service(resource) => &resource.resource_type,
        _ => &task.resource,
    };
    let cause = format!(
        "The state/task '{who}' returned a result with a size exceeding the maximum number of bytes service limit."
    );
    TaskResult::Failed { error: Some("States.DataLimitExceeded".into()), cause: Some(cause.into()), at: FailedAt::Run }
}
