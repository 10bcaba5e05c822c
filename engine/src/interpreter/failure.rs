//! Failures: retried, caught, or handed to the container.

use super::branch::{BranchId, Phase, Visit};
use super::step::{Exit, Moved};
use super::{Interpreter, Status, Step, TimerKind, Waypoint, flow};
use crate::history::{ErrorDetails, EventKind};
use aslx_asl::program::{Catcher, Effect, Next, StateKind};
use aslx_asl::{Failure, Value};

/// An error on its way up. The event that tells of it is the last one of its branch.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) error: ErrorDetails,
    /// It is the answer of a Task's resource.
    pub(super) from_task: bool,
    /// It is the timeout of a missed heartbeat.
    pub(super) heartbeat: bool,
}

impl Fault {
    fn name(&self) -> &str {
        self.error.error.as_deref().unwrap_or("")
    }

    /// Cannot be retried or caught, and ends the execution wherever it happens (recorded).
    fn is_fatal(&self) -> bool {
        self.name() == "States.Runtime"
    }
}

impl Interpreter {
    /// A state cannot do its work because an expression failed.
    pub(super) fn fail_evaluation(
        &mut self,
        id: BranchId,
        visit: Box<Visit>,
        failure: Failure,
        step: &mut Step,
    ) -> Moved {
        let fault = self.evaluation_fault(id, &visit, failure, step);
        self.fail(id, visit, fault, step)
    }

    /// The same where nothing of the state's own may take it any more: in its Catch, or at its exit.
    pub(super) fn fail_finally(&mut self, id: BranchId, visit: &Visit, failure: Failure, step: &mut Step) -> Moved {
        let fault = self.evaluation_fault(id, visit, failure, step);
        self.propagate(id, fault, step)
    }

    fn evaluation_fault(&mut self, id: BranchId, visit: &Visit, failure: Failure, step: &mut Step) -> Fault {
        let state = self.program.state(visit.state).name.clone();
        // TestState leaves the words about the state out (recorded).
        let cause = if failure.prefixed && self.watch.is_none() {
            format!(
                "An error occurred while executing the state '{state}' (entered at the event id #{}). {}",
                visit.entered, failure.detail
            )
        } else {
            failure.detail
        };
        let error = ErrorDetails { error: Some((&*failure.error).into()), cause: Some(cause.into()) };
        // Of a Map's input no field is to blame (recorded).
        if failure.location.is_some() || failure.error == "States.QueryEvaluationError" {
            let location = failure.location.map(Into::into);
            let event = EventKind::EvaluationFailed { state, error: error.clone(), location };
            self.follow(id, event, step);
        }
        Fault { error, from_task: false, heartbeat: false }
    }

    /// The work of a state failed: retry, catch, or hand on.
    pub(super) fn fail(&mut self, id: BranchId, mut visit: Box<Visit>, fault: Fault, step: &mut Step) -> Moved {
        if let Some(watch) = &mut self.watch {
            watch.fault = fault.error.clone();
        }
        if fault.is_fatal() {
            return self.propagate(id, fault, step);
        }
        let program = self.program.clone();
        let Some(effect) = effect(&program.state(visit.state).kind) else { return self.propagate(id, fault, step) };
        if let Some(delay) = self.next_delay(&mut visit, effect, &fault, step) {
            visit.retry_count += 1;
            visit.token = None;
            let due = self.now.plus_millis(delay);
            visit.timer = Some(self.set_timer(due, TimerKind::Retry, id, step));
            self.set_phase(id, Phase::BackingOff(visit));
            return Moved::Stopped;
        }
        match program.state(visit.state).kind {
            StateKind::Parallel(_) => {
                self.follow(id, EventKind::ParallelStateFailed, step);
            }
            StateKind::Map(_) => {
                self.follow(id, EventKind::MapStateFailed, step);
            }
            _ => {}
        }
        let matches = |(_, catcher): &(usize, &Catcher)| {
            catcher.errors.iter().any(|e| e.matches(fault.name(), fault.from_task, fault.heartbeat))
        };
        match effect.catch.iter().enumerate().find(matches) {
            Some((number, catcher)) => {
                step.pass(Waypoint::Caught(visit.state, number));
                self.caught(id, &visit, (number, catcher), &fault, step)
            }
            None => self.propagate(id, fault, step),
        }
    }

    /// Milliseconds before the next attempt. The first retrier that matches decides, also when it is exhausted.
    fn next_delay(&self, visit: &mut Visit, effect: &Effect, fault: &Fault, step: &mut Step) -> Option<i64> {
        let (index, retrier) = effect
            .retry
            .iter()
            .enumerate()
            .find(|(_, r)| r.errors.iter().any(|e| e.matches(fault.name(), fault.from_task, fault.heartbeat)))?;
        visit.retries.resize(effect.retry.len(), 0);
        let done = visit.retries.get_mut(index)?;
        if *done >= retrier.max_attempts {
            step.pass(Waypoint::Exhausted(visit.state, index));
            return None;
        }
        step.pass(Waypoint::Retried(visit.state, index));
        let delay = retrier.delay_millis(*done, || self.draws.next());
        *done += 1;
        Some(delay)
    }

    fn caught(
        &mut self,
        id: BranchId,
        visit: &Visit,
        (number, catcher): (usize, &Catcher),
        fault: &Fault,
        step: &mut Step,
    ) -> Moved {
        let program = self.program.clone();
        // What a callback left out is null; the cause of a timeout is an empty text (both recorded).
        let missing = if fault.name() == "States.Timeout" { Value::from("") } else { Value::Null };
        let text = |t: &Option<std::sync::Arc<str>>| t.clone().map_or_else(|| missing.clone(), Value::from);
        let error = Value::from_pairs([("Error", text(&fault.error.error)), ("Cause", text(&fault.error.cause))]);
        let env = self.surroundings(id, visit);
        let state = program.state(visit.state);
        let handed = flow::leave_caught(state, visit, (number, &catcher.flow), &error.into(), &env);
        match handed {
            Ok(handed) => self.exit(id, visit, Exit { handed, next: Next::State(catcher.next) }, step),
            Err(failure) => self.fail_finally(id, visit, failure, step),
        }
    }

    /// Nobody here takes the error: the container's turn, or the execution fails.
    pub(super) fn propagate(&mut self, id: BranchId, fault: Fault, step: &mut Step) -> Moved {
        let Some(branch) = self.branches.get(id) else { return Moved::Stopped };
        match branch.parent {
            Some((parent, index)) if !fault.is_fatal() => self.child_failed(parent, index, id, fault, step),
            _ => {
                let last = branch.last;
                self.finish(Status::Failed, None, fault.error, last, step);
            }
        }
        Moved::Stopped
    }
}

/// The part of a state that has Retry and Catch.
pub(super) fn effect(kind: &StateKind) -> Option<&Effect> {
    match kind {
        StateKind::Task(task) => Some(&task.effect),
        StateKind::Parallel(parallel) => Some(&parallel.effect),
        StateKind::Map(map) => Some(&map.effect),
        _ => None,
    }
}
