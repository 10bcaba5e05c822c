//! Stepping a branch: from state to state until it blocks.

use super::branch::{BranchId, Phase, Place, Visit};
use super::failure::{Fault, effect};
use super::flow::{self, Handed};
use super::{Interpreter, Status, Step, TimerKind, Waypoint};
use crate::data::Data;
use crate::history::{ErrorDetails, EventKind, StateType};
use aslx_asl::program::{Choice, Fail, Next, StateId, StateKind, TextField, View, Wait};
use aslx_asl::{Failure, Value};
use std::sync::Arc;

/// What became of a branch that was stepped.
pub(super) enum Moved {
    /// It is to be stepped again.
    On,
    /// It waits for an entry, for its children, or has ended.
    Stopped,
}

/// What a state hands on, and where it leads.
pub(super) struct Exit {
    pub(super) handed: Handed,
    pub(super) next: Next,
}

impl Interpreter {
    /// Steps a branch until it blocks or the budget of transitions is spent.
    pub(super) fn run_branch(&mut self, id: BranchId, budget: &mut usize, step: &mut Step) {
        loop {
            let Some(branch) = self.branches.get_mut(id) else { return };
            let last = branch.last;
            let moved = match std::mem::replace(&mut branch.phase, Phase::Moving) {
                Phase::Entering(state, input) if *budget == 0 => {
                    branch.phase = Phase::Entering(state, input);
                    self.ready.push_front(id);
                    return;
                }
                phase @ (Phase::Entering(..)
                | Phase::Waiting(_)
                | Phase::BackingOff(_)
                | Phase::Again(_)
                | Phase::Answered(..))
                    if self.deleted =>
                {
                    drop(phase);
                    self.fail_deleted(last, step);
                    return;
                }
                Phase::Entering(state, input) => {
                    *budget -= 1;
                    self.enter(id, state, input, step)
                }
                Phase::Waiting(visit) => self.wait_over(id, visit, step),
                Phase::BackingOff(visit) => self.attempt(id, visit, step),
                Phase::Again(visit) => self.begin(id, visit, step),
                Phase::Answered(visit, answer) => self.answered(id, visit, answer, step),
                Phase::Joined(visit, results) => self.joined(id, visit, results, step),
                phase => {
                    branch.phase = phase;
                    return;
                }
            };
            if self.history_full || self.outcome.is_some() {
                return;
            }
            if let Moved::Stopped = moved {
                return;
            }
        }
    }

    fn fail_deleted(&mut self, last: u64, step: &mut Step) {
        let name = self.started().map(|s| s.names.machine_name.to_string()).unwrap_or_default();
        let cause = format!("State machine {name} has been deleted");
        let error = ErrorDetails { error: Some("States.Runtime".into()), cause: Some(cause.into()) };
        self.finish(Status::Failed, None, error, last, step);
    }

    /// Id of the event that the next one of a branch follows.
    pub(super) fn last(&self, id: BranchId) -> u64 {
        self.branches.get(id).map_or(0, |branch| branch.last)
    }

    /// Adds an event that follows the last one of a branch.
    pub(super) fn follow(&mut self, id: BranchId, kind: EventKind, step: &mut Step) -> u64 {
        let event = self.emit(self.last(id), kind, step);
        self.set_last(id, event);
        event
    }

    pub(super) fn set_last(&mut self, id: BranchId, event: u64) {
        if let Some(branch) = self.branches.get_mut(id) {
            branch.last = event;
        }
    }

    pub(super) fn set_phase(&mut self, id: BranchId, phase: Phase) {
        if let Some(branch) = self.branches.get_mut(id) {
            branch.phase = phase;
        }
    }

    fn enter(&mut self, id: BranchId, state_id: StateId, raw: Data, step: &mut Step) -> Moved {
        let program = self.program.clone();
        let state = program.state(state_id);
        let event =
            EventKind::StateEntered { state: state_type(&state.kind), name: state.name.clone(), input: raw.clone() };
        let entered = self.follow(id, event, step);
        step.pass(Waypoint::Entered(state_id));
        let place = Place { state: state_id, raw, entered, entered_at: self.now };
        let mut visit = Box::new(Visit::new(&place));
        if let Some(watch) = &self.watch {
            visit.retries = vec![watch.retries; effect(&state.kind).map_or(0, |effect| effect.retry.len())];
        }
        if let Some(branch) = self.branches.get_mut(id) {
            branch.place = Some(place);
        }
        self.begin(id, visit, step)
    }

    /// The first thing after the entry of a state, and after a redrive.
    fn begin(&mut self, id: BranchId, mut visit: Box<Visit>, step: &mut Step) -> Moved {
        let program = self.program.clone();
        let state = program.state(visit.state);
        let picked = flow::effective(&state.flow, &visit.raw, &self.surroundings(id, &visit));
        match picked {
            Ok(input) => visit.input = input,
            Err(failure) => return self.fail_evaluation(id, visit, failure, step),
        }
        self.attempt(id, visit, step)
    }

    /// Does the work of a state: the first time after its entry, later after a delay before a retry.
    pub(super) fn attempt(&mut self, id: BranchId, visit: Box<Visit>, step: &mut Step) -> Moved {
        let program = self.program.clone();
        let result = match &program.state(visit.state).kind {
            StateKind::Pass(next) => self.pass(id, &visit, *next),
            StateKind::Choice(choice) => self.choose(id, &visit, choice, step),
            StateKind::Succeed => self.succeed(id, &visit),
            StateKind::Wait(wait, _) => return self.wait(id, visit, wait, step),
            StateKind::Fail(fail) => return self.fail_state(id, visit, fail, step),
            StateKind::Task(task) => return self.schedule(id, visit, task, step),
            StateKind::Parallel(parallel) => return self.start_parallel(id, visit, parallel, step),
            StateKind::Map(map) => return self.start_map(id, visit, map, step),
        };
        match result {
            Ok(exit) => self.exit(id, &visit, exit, step),
            Err(failure) => self.fail_evaluation(id, visit, failure, step),
        }
    }

    fn pass(&self, id: BranchId, visit: &Visit, next: Next) -> Result<Exit, Failure> {
        let state = self.program.state(visit.state);
        let env = self.surroundings(id, visit);
        let result = flow::pass(&state.flow, &visit.input, &env)?;
        Ok(Exit { handed: flow::leave(state, visit, result.as_ref(), &env)?, next })
    }

    fn choose(&self, id: BranchId, visit: &Visit, choice: &Choice, step: &mut Step) -> Result<Exit, Failure> {
        let state = self.program.state(visit.state);
        let env = self.surroundings(id, visit);
        let view = env.view(visit.input.value());
        for (number, rule) in choice.rules.iter().enumerate() {
            if rule.when.holds(number, &view)? {
                step.pass(Waypoint::Rule(visit.state, number));
                let handed = flow::leave_by_rule(state, visit, (number, &rule.when), &view, &env)?;
                return Ok(Exit { handed, next: Next::State(rule.next) });
            }
        }
        let Some(default) = choice.default else {
            return Err(Failure::runtime(
                "Failed to transition out of the state. The state does not point to a next state.",
            ));
        };
        step.pass(Waypoint::Default(visit.state));
        Ok(Exit { handed: flow::leave(state, visit, None, &env)?, next: Next::State(default) })
    }

    fn succeed(&self, id: BranchId, visit: &Visit) -> Result<Exit, Failure> {
        let state = self.program.state(visit.state);
        let handed = flow::leave(state, visit, None, &self.surroundings(id, visit))?;
        Ok(Exit { handed, next: Next::End })
    }

    fn fail_state(&mut self, id: BranchId, visit: Box<Visit>, fail: &Fail, step: &mut Step) -> Moved {
        let env = self.surroundings(id, &visit);
        let texts = {
            let view = env.view(visit.raw.value());
            text(fail.error.as_ref(), "Error", &view)
                .and_then(|error| Ok((error, text(fail.cause.as_ref(), "Cause", &view)?)))
        };
        match texts {
            Ok((error, cause)) => {
                let fault = Fault { error: ErrorDetails { error, cause }, from_task: false, heartbeat: false };
                self.propagate(id, fault, step)
            }
            Err(failure) => self.fail_evaluation(id, visit, failure, step),
        }
    }

    fn wait(&mut self, id: BranchId, mut visit: Box<Visit>, wait: &Wait, step: &mut Step) -> Moved {
        let due = match self.due(&self.surroundings(id, &visit), &visit, wait) {
            Ok(due) => due,
            Err(failure) => return self.fail_evaluation(id, visit, failure, step),
        };
        if due <= self.now {
            return self.wait_over(id, visit, step);
        }
        visit.timer = Some(self.set_timer(due, TimerKind::Wait, id, step));
        self.set_phase(id, Phase::Waiting(visit));
        Moved::Stopped
    }

    fn wait_over(&mut self, id: BranchId, visit: Box<Visit>, step: &mut Step) -> Moved {
        let program = self.program.clone();
        let state = program.state(visit.state);
        let StateKind::Wait(_, next) = &state.kind else { return Moved::Stopped };
        let env = self.surroundings(id, &visit);
        match flow::leave(state, &visit, None, &env) {
            Ok(handed) => self.exit(id, &visit, Exit { handed, next: *next }, step),
            Err(failure) => self.fail_evaluation(id, visit, failure, step),
        }
    }

    /// Leaves a state; the event follows the last one of the branch.
    pub(super) fn exit(&mut self, id: BranchId, visit: &Visit, exit: Exit, step: &mut Step) -> Moved {
        let program = self.program.clone();
        let state = program.state(visit.state);
        let Handed { output, assigned } = exit.handed;
        if let Some(assigned) = &assigned {
            if let Err(failure) = self.room_for(id, assigned, &state.name) {
                return self.fail_finally(id, visit, failure, step);
            }
            self.assign(id, assigned);
        }
        let event = EventKind::StateExited {
            state: state_type(&state.kind),
            name: state.name.clone(),
            output: output.clone(),
            assigned,
        };
        self.follow(id, event, step);
        step.pass(Waypoint::Left(visit.state, exit.next));
        match exit.next {
            Next::State(next) => {
                self.set_phase(id, Phase::Entering(next, output));
                Moved::On
            }
            Next::End => self.branch_done(id, output, step),
        }
    }

    /// The machine of a branch has come to its end.
    fn branch_done(&mut self, id: BranchId, output: Data, step: &mut Step) -> Moved {
        let Some(branch) = self.branches.get(id) else { return Moved::Stopped };
        let last = branch.last;
        match branch.parent {
            None => {
                self.finish(Status::Succeeded, Some(output), ErrorDetails::default(), last, step);
            }
            Some((parent, index)) => {
                if let Some(branch) = self.branches.remove(id) {
                    self.forget_variables(&branch.variables);
                }
                self.child_done(parent, index, output, last, step);
            }
        }
        Moved::Stopped
    }
}

/// A value as AWS shows it in a text: strings without quotes.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => other.to_json(),
    }
}

/// `Error`, `Cause` or their path forms.
fn text(field: Option<&TextField>, name: &str, view: &View<'_>) -> Result<Option<Arc<str>>, Failure> {
    let Some(field) = field else { return Ok(None) };
    match field.evaluate(name, view)? {
        Value::String(text) => Ok(Some(text)),
        other => {
            Err(Failure::runtime(format!("The {name}Path parameter does not reference a string: {}", other.to_json())))
        }
    }
}

/// The type of a state for its events.
pub(super) fn state_type(kind: &StateKind) -> StateType {
    match kind {
        StateKind::Pass(_) => StateType::Pass,
        StateKind::Task(_) => StateType::Task,
        StateKind::Choice(_) => StateType::Choice,
        StateKind::Wait(..) => StateType::Wait,
        StateKind::Succeed => StateType::Succeed,
        StateKind::Fail(_) => StateType::Fail,
        StateKind::Parallel(_) => StateType::Parallel,
        StateKind::Map(_) => StateType::Map,
    }
}
