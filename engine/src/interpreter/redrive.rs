//! Redrive: an execution that ended without success goes on where it failed.
//!
//! What did not succeed is kept when an execution ends or a container gives up: branches keep their place, and
//! aborted siblings are *frozen*. A redrive thaws them; each does its present state over, from that state's input.
//! What had succeeded stays as it is.

use super::action::Action;
use super::branch::{Branch, BranchId, Cut, Phase, Visit};
use super::{Interpreter, OpenRun, Status, Step, TimerKind};
use crate::history::EventKind;
use crate::journal::TaskId;
use crate::map_run::MapRunRequest;
use aslx_asl::Timestamp;
use aslx_asl::program::StateKind;
use std::collections::VecDeque;
use std::sync::Arc;

/// Client tokens that are remembered, and for how long (API reference, RedriveExecution).
const TOKENS: usize = 10;
const TOKEN_MILLIS: i64 = 15 * 60 * 1000;

/// Time after its end during which an execution may be redriven (API reference, RedriveExecution).
const REDRIVABLE_MILLIS: i64 = 14 * 24 * 3_600_000;

/// The longest that an execution may last (developer guide, "Quotas").
const LIFETIME_MILLIS: i64 = 365 * 24 * 3_600_000;

/// Redrives that an execution may have (developer guide, "Quotas").
const REDRIVE_LIMIT: u64 = 1_000;

/// How often an execution was redriven.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redrives {
    /// How often.
    pub count: u64,
    /// When last.
    pub last: Option<Timestamp>,
    tokens: VecDeque<(Arc<str>, Timestamp)>,
}

impl Redrives {
    fn note(&mut self, at: Timestamp, token: Option<&Arc<str>>) {
        self.count += 1;
        self.last = Some(at);
        if let Some(token) = token {
            self.tokens.push_back((token.clone(), at));
            if self.tokens.len() > TOKENS {
                self.tokens.pop_front();
            }
        }
    }

    /// The time of the redrive that was asked for with this client token: the same request again changes nothing.
    pub fn answered(&self, token: &str, now: Timestamp) -> Option<Timestamp> {
        let fresh = |at: &Timestamp| now.as_millis().saturating_sub(at.as_millis()) <= TOKEN_MILLIS;
        self.tokens.iter().rev().find(|(known, at)| **known == *token && fresh(at)).map(|(_, at)| *at)
    }
}

/// Whether an execution can be redriven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redrivable {
    /// It can.
    Yes,
    /// Only together with its map run.
    ByMapRun,
    /// It cannot, for this reason, in AWS's words.
    No(&'static str),
}

impl Redrivable {
    /// `redriveStatus` of the API.
    pub fn name(self) -> &'static str {
        match self {
            Redrivable::Yes => "REDRIVABLE",
            Redrivable::ByMapRun => "REDRIVABLE_BY_MAP_RUN",
            Redrivable::No(_) => "NOT_REDRIVABLE",
        }
    }

    /// `redriveStatusReason` of the API.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Redrivable::No(reason) => Some(reason),
            _ => None,
        }
    }
}

/// What decides whether an execution can be redriven.
#[derive(Debug, Clone, Copy)]
pub struct RedriveFacts {
    /// Its status.
    pub status: Status,
    /// When it was started.
    pub start: Timestamp,
    /// When it ended.
    pub stop: Option<Timestamp>,
    /// Number of its history events.
    pub events: u64,
    /// Redrives so far.
    pub redrives: u64,
    /// It is a child of a map run.
    pub child: bool,
    /// Its state machine is being deleted.
    pub deleting: bool,
}

/// Whether an execution can be redriven now (recorded; the limits from the API reference, RedriveExecution).
pub fn redrivable(facts: &RedriveFacts, now: Timestamp) -> Redrivable {
    let since = |from: Timestamp| now.as_millis().saturating_sub(from.as_millis());
    match facts.status {
        Status::Running => Redrivable::No("Execution is RUNNING and cannot be redriven"),
        Status::Succeeded => Redrivable::No("Execution is SUCCEEDED and cannot be redriven"),
        _ if facts.deleting => Redrivable::No("State machine is in DELETING status"),
        _ if facts.events + 1 >= crate::history::EVENT_LIMIT => {
            Redrivable::No("Execution has exceeded the maximum history event limit")
        }
        _ if since(facts.start) > LIFETIME_MILLIS => Redrivable::No("Execution has exceeded the max execution time"),
        _ if facts.stop.is_some_and(|stop| since(stop) > REDRIVABLE_MILLIS) => {
            Redrivable::No("Execution redrivable period exceeded")
        }
        _ if facts.redrives >= REDRIVE_LIMIT => Redrivable::No("Execution has exceeded the redrive limit"),
        _ if facts.child => Redrivable::ByMapRun,
        _ => Redrivable::Yes,
    }
}

impl Interpreter {
    /// Goes on after an end without success. What is not to be redriven stays as it is: the entry changes nothing.
    pub(super) fn redrive(&mut self, token: Option<&Arc<str>>, step: &mut Step) {
        let unsuccessful = self.outcome.as_ref().is_some_and(|outcome| outcome.status != Status::Succeeded);
        if !unsuccessful || !self.is_standard() || self.history_full {
            return;
        }
        self.outcome = None;
        self.continuing = false;
        self.redrives.note(self.now, token);
        let last = self.events;
        let redriven = self.emit(last, EventKind::ExecutionRedriven { count: self.redrives.count }, step);
        let Some(root) = self.branches.root_id() else { return };
        self.set_execution_timer(root, step);
        self.thaw(root, redriven, step);
    }

    /// Lets a branch, and what in it did not succeed, go on.
    fn thaw(&mut self, id: BranchId, redriven: u64, step: &mut Step) {
        if let Some(branch) = self.frozen.remove(&id) {
            self.variable_bytes += branch.variables.values().map(aslx_asl::Value::json_len).sum::<usize>();
            self.branches.put(id, branch);
        }
        let Some(branch) = self.branches.get_mut(id) else { return };
        let cut = branch.cut.take();
        match std::mem::replace(&mut branch.phase, Phase::Moving) {
            phase @ (Phase::Entering(..) | Phase::Joined(..)) => {
                branch.phase = phase;
                self.ready.push_back(id);
            }
            Phase::InParallel(visit, run) => self.thaw_container(id, visit, Cut::Parallel(run), redriven, step),
            Phase::InMap(visit, run) => self.thaw_container(id, visit, Cut::Map(run), redriven, step),
            Phase::InRun(visit, run, _) => match cut {
                Some(Cut::Run(request, redrives)) => self.redrive_run(id, visit, run, (request, redrives), step),
                _ => self.over_again(id, redriven),
            },
            _ => match (cut, self.visit_anew(id)) {
                (Some(Cut::Ended(run, request, redrives)), Some(visit)) => {
                    self.redrive_run(id, visit, run, (request, redrives), step);
                }
                (Some(cut @ (Cut::Parallel(_) | Cut::Map(_))), Some(visit)) => {
                    self.thaw_container(id, visit, cut, redriven, step);
                }
                _ => self.over_again(id, redriven),
            },
        }
    }

    /// Its children that did not succeed go on; the container waits for them.
    fn thaw_container(&mut self, id: BranchId, mut visit: Box<Visit>, cut: Cut, redriven: u64, step: &mut Step) {
        visit.forget_retries();
        let (phase, children) = match cut {
            Cut::Parallel(run) => {
                let children = run.children();
                (Phase::InParallel(visit, run), children)
            }
            Cut::Map(run) => {
                let children = run.children();
                (Phase::InMap(visit, run), children)
            }
            Cut::Run(..) | Cut::Ended(..) => return,
        };
        self.set_phase(id, phase);
        for (_, child) in children {
            self.thaw(child, redriven, step);
        }
    }

    /// The same map run goes on: its events follow the entry of its state.
    fn redrive_run(
        &mut self,
        id: BranchId,
        mut visit: Box<Visit>,
        run: TaskId,
        (request, redrives): (Box<MapRunRequest>, u64),
        step: &mut Step,
    ) {
        visit.forget_retries();
        let redrives = redrives + 1;
        self.set_last(id, visit.entered);
        let event = EventKind::MapRunRedriven { arn: request.arn.clone(), count: redrives };
        let redriven = self.follow(id, event, step);
        step.actions.push(Action::StartMapRun { run, request: request.clone(), redrives });
        self.runs.insert(run, OpenRun { branch: id, request, redrives });
        self.set_phase(id, Phase::InRun(visit, run, redriven));
    }

    /// The state that a branch is in is done over, with its own input and nothing remembered of earlier attempts.
    fn over_again(&mut self, id: BranchId, redriven: u64) {
        let Some(visit) = self.visit_anew(id) else { return };
        // A Fail fails right after the redrive; everything else follows the state's entry (recorded).
        let is_fail = matches!(self.program.state(visit.state).kind, StateKind::Fail(_));
        self.set_last(id, if is_fail { redriven } else { visit.entered });
        self.set_phase(id, Phase::Again(visit));
        self.ready.push_back(id);
    }

    fn visit_anew(&self, id: BranchId) -> Option<Box<Visit>> {
        self.branches.get(id)?.place.as_ref().map(|place| Box::new(Visit::new(place)))
    }

    /// A container has given up or tries again. While nobody above has taken its error its aborted children stay
    /// frozen, as a redrive may want them; else they are gone.
    pub(super) fn forget_unless_cut(&mut self, container: BranchId, children: &[(usize, BranchId)]) {
        let given_up = match &self.outcome {
            Some(outcome) => outcome.status != Status::Succeeded,
            None => self.frozen.contains_key(&container),
        };
        if given_up {
            return;
        }
        if let Some(branch) = self.branches.get_mut(container) {
            branch.cut = None;
        }
        for (_, child) in children {
            self.forget(*child);
        }
    }

    fn forget(&mut self, id: BranchId) {
        let Some(branch) = self.frozen.remove(&id) else { return };
        let children = match (&branch.phase, &branch.cut) {
            (Phase::InParallel(_, run), _) | (_, Some(Cut::Parallel(run))) => run.children(),
            (Phase::InMap(_, run), _) | (_, Some(Cut::Map(run))) => run.children(),
            _ => return,
        };
        for (_, child) in children {
            self.forget(child);
        }
    }

    /// Takes a branch out of the execution, to be thawed by a redrive.
    pub(super) fn freeze(&mut self, id: BranchId, branch: Branch) {
        self.frozen.insert(id, branch);
    }

    pub(super) fn set_execution_timer(&mut self, root: BranchId, step: &mut Step) {
        if let Some(seconds) = self.limit_seconds() {
            self.set_timer(self.now.plus_seconds(seconds), TimerKind::Execution, root, step);
        }
    }
}
