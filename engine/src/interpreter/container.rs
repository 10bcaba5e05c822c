//! Parallel and Map from the side of their children: one is done, one fails, the others are aborted.

use super::action::Action;
use super::branch::{BranchId, Cut, Phase, Visit};
use super::failure::Fault;
use super::step::Moved;
use super::{Interpreter, Step};
use crate::data::Data;
use crate::history::EventKind;
use aslx_asl::Value;
use aslx_asl::program::StateKind;

impl Interpreter {
    /// A branch or iteration has come to its end; `last` is its last event.
    pub(super) fn child_done(&mut self, parent: BranchId, index: usize, output: Data, last: u64, step: &mut Step) {
        let Some(branch) = self.branches.get_mut(parent) else { return };
        match std::mem::replace(&mut branch.phase, Phase::Moving) {
            Phase::InParallel(visit, mut run) => match run.done(index, output.value().clone()) {
                None => branch.phase = Phase::InParallel(visit, run),
                Some(results) => {
                    branch.last = last;
                    branch.phase = Phase::Joined(visit, results);
                    self.ready.push_back(parent);
                }
            },
            Phase::InMap(visit, run) => self.iteration_done(parent, visit, run, index, output, last, step),
            phase => branch.phase = phase,
        }
    }

    /// All children are done: the container leaves with their results. Its last two events follow the same one.
    pub(super) fn joined(&mut self, id: BranchId, visit: Box<Visit>, results: Value, step: &mut Step) -> Moved {
        let event = match self.program.state(visit.state).kind {
            StateKind::Map(_) => EventKind::MapStateSucceeded,
            _ => EventKind::ParallelStateSucceeded,
        };
        self.emit(self.last(id), event, step);
        self.leave_with_result(id, visit, results.into(), step)
    }

    /// A child fails: its siblings are aborted, and it is the container that failed, with the child's error.
    pub(super) fn child_failed(
        &mut self,
        parent: BranchId,
        index: usize,
        child: BranchId,
        fault: Fault,
        step: &mut Step,
    ) {
        let failing = self.last(child);
        let Some(branch) = self.branches.get_mut(parent) else { return };
        let phase = std::mem::replace(&mut branch.phase, Phase::Moving);
        branch.last = failing;
        let (visit, children) = match phase {
            Phase::InParallel(visit, run) => {
                let children = run.children();
                branch.cut = Some(Cut::Parallel(run));
                (visit, children)
            }
            Phase::InMap(visit, run) => {
                let name = self.program.state(visit.state).name.clone();
                let children = run.children();
                branch.cut = Some(Cut::Map(run));
                let event = EventKind::MapIterationFailed { name, index: index as u64 };
                self.emit(failing, event, step);
                (visit, children)
            }
            phase => {
                branch.phase = phase;
                return;
            }
        };
        // The failing Task is aborted too (recorded), before its siblings.
        if let Some(branch) = self.branches.remove(child) {
            self.forget_variables(&branch.variables);
            if fault.from_task {
                self.emit(failing, EventKind::TaskStateAborted, step);
            }
            self.freeze(child, branch);
        }
        let is_map = matches!(self.program.state(visit.state).kind, StateKind::Map(_));
        let name = self.program.state(visit.state).name.clone();
        for &(index, id) in children.iter().filter(|(_, id)| *id != child) {
            if is_map {
                let event = EventKind::MapIterationAborted { name: name.clone(), index: index as u64 };
                self.emit(failing, event, step);
            }
            self.abort(id, failing, step);
        }
        // From here on it is the container's error.
        let fault = Fault { from_task: false, ..fault };
        if let Moved::On = self.fail(parent, visit, fault, step) {
            self.ready.push_back(parent);
        }
        self.forget_unless_cut(parent, &children);
    }

    /// Ends a branch and everything in it; `failing` is the event that is to blame.
    fn abort(&mut self, id: BranchId, failing: u64, step: &mut Step) {
        let Some(mut branch) = self.branches.remove(id) else { return };
        self.forget_variables(&branch.variables);
        self.ready.retain(|ready| *ready != id);
        match &branch.phase {
            Phase::Waiting(visit) => {
                self.emit(failing, EventKind::WaitStateAborted, step);
                visit.timer.into_iter().for_each(|timer| self.cancel_timer(timer, step));
            }
            Phase::BackingOff(visit) | Phase::Again(visit) => {
                self.emit(failing, self.aborted_event(visit), step);
                visit.timer.into_iter().for_each(|timer| self.cancel_timer(timer, step));
            }
            Phase::Tasking(_, attempt) => {
                self.emit(failing, EventKind::TaskStateAborted, step);
                self.tasks.remove(&attempt.task);
                step.actions.push(Action::CancelTask { task: attempt.task });
                for timer in [attempt.timeout, attempt.heartbeat].into_iter().flatten() {
                    self.cancel_timer(timer, step);
                }
            }
            Phase::Answered(..) => {
                self.emit(failing, EventKind::TaskStateAborted, step);
            }
            Phase::InParallel(_, run) => {
                for (_, child) in run.children() {
                    self.abort(child, failing, step);
                }
                self.emit(failing, EventKind::ParallelStateAborted, step);
            }
            Phase::InMap(visit, run) => {
                let name = self.program.state(visit.state).name.clone();
                for (index, child) in run.children() {
                    let event = EventKind::MapIterationAborted { name: name.clone(), index: index as u64 };
                    self.emit(failing, event, step);
                    self.abort(child, failing, step);
                }
                self.emit(failing, EventKind::MapStateAborted, step);
            }
            Phase::InRun(_, run, started) => {
                branch.cut = self.runs.remove(run).map(|open| Cut::Run(open.request, open.redrives));
                step.actions.push(Action::CancelMapRun { run: *run });
                self.emit(*started, EventKind::MapRunAborted, step);
                self.emit(failing, EventKind::MapStateAborted, step);
            }
            Phase::Joined(visit, _) => {
                self.emit(failing, self.aborted_event(visit), step);
            }
            Phase::Entering(..) | Phase::Moving => {}
        }
        self.freeze(id, branch);
    }

    fn aborted_event(&self, visit: &Visit) -> EventKind {
        match self.program.state(visit.state).kind {
            StateKind::Parallel(_) => EventKind::ParallelStateAborted,
            StateKind::Map(_) => EventKind::MapStateAborted,
            _ => EventKind::TaskStateAborted,
        }
    }
}
