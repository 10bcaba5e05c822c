//! Running one state, and telling what became of it.

use super::{Ending, MapLimits, Report, Setup, Stage, Stages};
use crate::data::Data;
use crate::history::{ErrorDetails, EventKind};
use crate::interpreter::branch::{BranchId, Phase, Visit};
use crate::interpreter::failure::Fault;
use crate::interpreter::fields::{integer, percentage};
use crate::interpreter::{Action, Interpreter, OpenTask, Status, Step, TimerKind, Waypoint};
use crate::journal::{SEMANTICS, Started, TaskResult, Tracing};
use crate::map_run::{ItemSource, shape_items};
use crate::task::{FailedAt, TaskRequest};
use aslx_asl::program::{Map, StateKind};
use aslx_asl::{Failure, MachineType, Value};
use std::cell::RefCell;
use std::sync::Arc;

/// The work that a state asks for.
#[derive(Debug, Clone)]
pub enum Work {
    /// A call.
    Task(Arc<TaskRequest>),
    /// Branches, so many.
    Parallel(usize),
    /// Iterations or children.
    Map(MapLimits),
}

/// A state that was started.
#[derive(Debug)]
pub enum Inspected {
    /// It has come to its end.
    Ended(Box<Report>),
    /// It waits for its work to be done.
    Working(Box<Inspection>),
}

/// A state that waits for its work to be done.
#[derive(Debug)]
pub struct Inspection {
    interpreter: Interpreter,
    branch: BranchId,
    step: Step,
    setup: Setup,
    work: Work,
}

/// What the interpreter notes while a state is inspected.
#[derive(Debug)]
pub(in crate::interpreter) struct Watch {
    stages: RefCell<Stages>,
    /// The last error of the state, taken or not.
    pub(in crate::interpreter) fault: ErrorDetails,
    pub(in crate::interpreter) context: Option<Value>,
    pub(in crate::interpreter) retries: u64,
}

impl Watch {
    pub(in crate::interpreter) fn note(&self, stage: Stage, data: Data) {
        self.stages.borrow_mut().note(stage, data);
    }
}

impl Inspection {
    /// Runs a state up to its end, or to the point where its work is to be done.
    pub fn start(setup: Setup) -> Inspected {
        let mut interpreter = Interpreter::new(setup.program.clone());
        let branch = interpreter.watch(&setup);
        let mut step = Step::with_history().noting_waypoints();
        interpreter.run_branch(branch, &mut 1, &mut step);
        if let Some(Phase::Waiting(_)) = interpreter.branches.get(branch).map(|branch| &branch.phase) {
            // The wait is over at once: whoever wants to wait is told until when.
            interpreter.run_branch(branch, &mut 0, &mut step);
        }
        match interpreter.open_work(branch, &setup) {
            Ok(Some(work)) => Inspected::Working(Box::new(Inspection { interpreter, branch, step, setup, work })),
            Ok(None) => Inspected::Ended(Box::new(interpreter.report(branch, step, &setup, None))),
            Err(failure) => {
                interpreter.fail_container(branch, failure, &mut step);
                Inspected::Ended(Box::new(interpreter.report(branch, step, &setup, None)))
            }
        }
    }

    /// What is to be done.
    pub fn work(&self) -> &Work {
        &self.work
    }

    /// The work is done, and this is its result: of a call its answer, else the list of outputs.
    pub fn succeed(mut self, result: Data) -> Report {
        match self.work {
            Work::Map(limits) if exceeded(&limits, &self.setup) => {
                let cause = "The specified tolerated failure threshold was exceeded";
                self.fail(Some("States.ExceedToleratedFailureThreshold".into()), Some(cause.into()))
            }
            Work::Task(_) => self.answer(&TaskResult::Succeeded(result)),
            _ => {
                if let Some(visit) = self.interpreter.take_visit(self.branch) {
                    self.interpreter.leave_with_result(self.branch, visit, result, &mut self.step);
                }
                self.end()
            }
        }
    }

    /// The work failed.
    pub fn fail(mut self, error: Option<Arc<str>>, cause: Option<Arc<str>>) -> Report {
        if let Work::Task(_) = self.work {
            return self.answer(&TaskResult::Failed { error, cause, at: FailedAt::Run });
        }
        if let Some(visit) = self.interpreter.take_visit(self.branch) {
            let fault = Fault { error: ErrorDetails { error, cause }, from_task: false, heartbeat: false };
            self.interpreter.fail(self.branch, visit, fault, &mut self.step);
        }
        self.end()
    }

    fn answer(mut self, result: &TaskResult) -> Report {
        let task = self.interpreter.tasks.keys().next().copied();
        if let Some(task) = task {
            self.interpreter.task_ended(task, result, &mut self.step);
            self.interpreter.run_branch(self.branch, &mut 0, &mut self.step);
        }
        self.end()
    }

    fn end(self) -> Report {
        let limits = match self.work {
            Work::Map(limits) => Some(limits),
            _ => None,
        };
        self.interpreter.report(self.branch, self.step, &self.setup, limits)
    }
}

/// Whether more items fail than are tolerated. Without any limit nothing is judged (recorded).
fn exceeded(limits: &MapLimits, setup: &Setup) -> bool {
    let by_count = limits.tolerated_count.is_some_and(|most| setup.failed_items > most);
    let all = limits.children.unwrap_or_default().max(1) as f64;
    let share = setup.failed_items as f64 * 100.0 / all;
    by_count || limits.tolerated_percentage.is_some_and(|most| share > most)
}

impl Interpreter {
    /// Takes notes from here on; gives the branch that is about to enter the state.
    fn watch(&mut self, setup: &Setup) -> BranchId {
        let started = Started {
            names: setup.names.clone(),
            machine_type: MachineType::Standard,
            synchronous: true,
            processor: None,
            input: setup.input.clone(),
            program: setup.program.hash().into(),
            missing_activities: Vec::new(),
            semantics: SEMANTICS,
            seed: setup.seed,
            tracing: Tracing::default(),
        };
        self.draws = crate::draws::Draws::new(setup.seed);
        self.now = setup.now;
        self.start_time = setup.now;
        self.started = Some(Arc::new(started));
        let watch = Watch {
            stages: RefCell::default(),
            fault: ErrorDetails::default(),
            context: setup.context.clone(),
            retries: setup.retries,
        };
        watch.note(Stage::Input, setup.input.clone());
        self.watch = Some(Box::new(watch));
        let branch = self.branches.root(setup.state, setup.input.clone());
        self.assign(branch, &setup.variables);
        branch
    }

    /// The work that the state asks for, if it does. Errors: limits of a Map that cannot be evaluated.
    fn open_work(&mut self, branch: BranchId, setup: &Setup) -> Result<Option<Work>, Failure> {
        let Some(found) = self.branches.get(branch) else { return Ok(None) };
        let program = self.program.clone();
        let kind = &program.state(setup.state).kind;
        match (&found.phase, kind) {
            (Phase::Tasking(..), _) => {
                let request = self.tasks.values().next().map(|OpenTask { request, .. }| request.clone());
                Ok(request.map(Work::Task))
            }
            (Phase::InParallel(..), StateKind::Parallel(parallel)) => Ok(Some(Work::Parallel(parallel.branches.len()))),
            (Phase::InMap(visit, _) | Phase::InRun(visit, ..) | Phase::Joined(visit, _), StateKind::Map(map)) => {
                self.map_limits(branch, visit, map, setup).map(|limits| Some(Work::Map(limits)))
            }
            _ => Ok(None),
        }
    }

    fn map_limits(&self, branch: BranchId, visit: &Visit, map: &Map, setup: &Setup) -> Result<MapLimits, Failure> {
        let env = self.surroundings(branch, visit);
        let view = env.view(visit.input.value());
        let number = |field: Option<&_>, name: &str| field.map(|field| integer(field, name, &view)).transpose();
        let distributed = map.distributed.as_deref();
        let share = distributed.and_then(|distributed| distributed.tolerated_failure_percentage.as_ref());
        let request = self.runs.values().next().map(|open| &open.request);
        let children = match request {
            None => match &self.branches.get(branch).map(|branch| &branch.phase) {
                Some(Phase::InMap(_, run)) => Some(run.len()),
                _ => Some(0),
            },
            Some(request) => {
                let given = match &request.source {
                    ItemSource::Items(items) => Some(items.clone()),
                    ItemSource::Reader(_) => setup.items.clone(),
                };
                match given {
                    Some(items) => {
                        let (selected, inputs) = shape_items(&self.program, request, items)?;
                        if map.item_selector.is_some() {
                            env.note(Stage::AfterItemSelector, || Value::array(selected).into());
                        }
                        let count = inputs.len();
                        if request.batch.is_some() {
                            env.note(Stage::AfterItemBatcher, || Value::array(inputs).into());
                        }
                        Some(count)
                    }
                    None => None,
                }
            }
        };
        Ok(MapLimits {
            max_concurrency: number(map.max_concurrency.as_ref(), "MaxConcurrency")?.unwrap_or(0),
            tolerated_count: number(
                distributed.and_then(|distributed| distributed.tolerated_failure_count.as_ref()),
                "ToleratedFailureCount",
            )?,
            tolerated_percentage: share.map(|f| percentage(f, "ToleratedFailurePercentage", &view)).transpose()?,
            children,
        })
    }

    /// The visit of a state whose work is done or failed from outside.
    fn take_visit(&mut self, branch: BranchId) -> Option<Box<Visit>> {
        let branch = self.branches.get_mut(branch)?;
        match std::mem::replace(&mut branch.phase, Phase::Moving) {
            Phase::InParallel(visit, _)
            | Phase::InMap(visit, _)
            | Phase::InRun(visit, ..)
            | Phase::Joined(visit, _) => Some(visit),
            phase => {
                branch.phase = phase;
                None
            }
        }
    }

    fn fail_container(&mut self, branch: BranchId, failure: Failure, step: &mut Step) {
        if let Some(visit) = self.take_visit(branch) {
            self.fail_evaluation(branch, visit, failure, step);
        }
    }

    fn report(mut self, branch: BranchId, step: Step, setup: &Setup, limits: Option<MapLimits>) -> Report {
        let (stages, fault) =
            self.watch.take().map(|watch| (watch.stages.into_inner(), watch.fault)).unwrap_or_default();
        let mut variables = setup.variables.clone();
        for event in &step.events {
            if let EventKind::StateExited { assigned: Some(assigned), .. } = &event.kind {
                variables.extend(assigned.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
        }
        let (mut retrier, mut catcher) = (None, None);
        for waypoint in &step.waypoints {
            match waypoint {
                Waypoint::Retried(_, index) => retrier = Some((*index, false)),
                Waypoint::Exhausted(_, index) => retrier = Some((*index, true)),
                Waypoint::Caught(_, index) => catcher = Some(*index),
                _ => {}
            }
        }
        let timer = |wanted: TimerKind| {
            step.actions.iter().find_map(|action| match action {
                Action::SetTimer { due, kind, .. } if *kind == wanted => Some(*due),
                _ => None,
            })
        };
        let until = timer(TimerKind::Wait);
        let mut report = Report {
            ending: Ending::Failed,
            output: None,
            next: None,
            error: fault.error,
            cause: fault.cause,
            retrier,
            backoff_millis: None,
            catcher,
            until,
            stages,
            variables,
            limits,
        };
        match (self.branches.get(branch).map(|branch| &branch.phase), &self.outcome) {
            (Some(Phase::BackingOff(_)), _) => {
                report.ending = Ending::Retriable;
                let due = timer(TimerKind::Retry);
                report.backoff_millis = due.map(|due| due.as_millis() - self.now.as_millis());
            }
            (Some(Phase::Entering(next, output)), _) => {
                report.ending = if catcher.is_some() { Ending::Caught } else { Ending::Succeeded };
                report.output = Some(output.clone());
                report.next = Some(self.program.state(*next).name.clone());
            }
            (_, Some(outcome)) if outcome.status == Status::Succeeded => {
                report.ending = Ending::Succeeded;
                report.output = outcome.output.clone();
            }
            (_, Some(outcome)) => {
                report.error = outcome.error.clone();
                report.cause = outcome.cause.clone();
            }
            _ => {}
        }
        report
    }
}
