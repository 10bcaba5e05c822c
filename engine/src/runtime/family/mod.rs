//! An execution and the children of its map runs: one owner, one clock, a journal each.
//!
//! A family applies entries to its members and turns what they ask for into deeds for the driver. What concerns only
//! members (a run starts children, a child ends, a run ends) is settled here and costs the driver nothing.

mod appends;
mod keys;
mod ledger;
mod load;
mod runs;

pub(super) use appends::Extent;
pub(super) use keys::{Deed, MemberId, TaskKey, TimerKey, Wants};
pub(super) use load::Unloaded;

use super::Observer;
use crate::history::HistoryEvent;
use crate::interpreter::{Action, Interpreter, Outcome, ReplayError, Step, Waypoint};
use crate::journal::{Entry, EntryKind};
use crate::task::TaskRequest;
use aslx_asl::catalogue::Integration;
use aslx_asl::program::StateKind;
use aslx_asl::{MachineType, Program, Timestamp};
use keys::Tokens;
use ledger::Ledger;
use runs::Run;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

struct Member {
    interpreter: Interpreter,
    ledger: Ledger<Entry>,
    /// The run that it is a child of.
    within: Option<Within>,
}

/// A child's place in its run.
#[derive(Debug, Clone)]
struct Within {
    run: MemberId,
    /// ARN of the run.
    arn: Arc<str>,
    child: u64,
    items: u64,
}

impl Member {
    /// For a task the child of a map run is an iteration.
    fn iterated(&self, mut request: Arc<TaskRequest>) -> Arc<TaskRequest> {
        let child = self.within.as_ref().and_then(|within| usize::try_from(within.child).ok());
        if request.iteration.is_none() && child.is_some() {
            Arc::make_mut(&mut request).iteration = child;
        }
        request
    }

    fn is_express(&self) -> bool {
        self.interpreter.started().is_some_and(|started| started.machine_type == MachineType::Express)
    }
}

pub(super) struct Family {
    program: Arc<Program>,
    members: HashMap<MemberId, Member>,
    next_member: usize,
    runs: BTreeMap<MemberId, Run>,
    tokens: Tokens,
    wants: Wants,
    /// Members and runs whose journals have grown since the last commit, in that order; those that have ended and are
    /// no members any more.
    grown: Vec<MemberId>,
    left: HashMap<MemberId, Left>,
    step: Step,
    bare: Step,
    history: Vec<HistoryEvent>,
    /// Events of it that the observer knows.
    told: usize,
    /// Waypoints that the observer does not know yet, if it wants them.
    waypoints: Vec<Waypoint>,
    observer: Option<Observer>,
}

/// Who has ended since the last commit.
enum Left {
    Member(Box<Member>),
    Run(Box<Run>),
}

/// Entries on their way to members, in order.
type Queue = VecDeque<(MemberId, Entry)>;

impl Family {
    /// A family of one.
    pub(super) fn new(interpreter: Interpreter, wants: Wants, observer: Option<Observer>) -> Family {
        let program = interpreter.program().clone();
        let parent = Member { interpreter, ledger: Ledger::new(wants.journal), within: None };
        let tells = wants.history || wants.events || observer.is_some();
        let noted = |step: Step| match &observer {
            Some(observer) if observer.wants_waypoints() => step.noting_waypoints(),
            _ => step,
        };
        Family {
            program,
            members: HashMap::from([(MemberId::PARENT, parent)]),
            next_member: 1,
            runs: BTreeMap::new(),
            tokens: Tokens::default(),
            wants,
            grown: Vec::new(),
            left: HashMap::new(),
            step: noted(if tells { Step::with_history() } else { Step::new() }),
            bare: noted(Step::new()),
            history: Vec::new(),
            told: 0,
            waypoints: Vec::new(),
            observer,
        }
    }

    /// The execution itself.
    pub(super) fn parent(&self) -> Option<&Interpreter> {
        self.members.get(&MemberId::PARENT).map(|member| &member.interpreter)
    }

    /// ARNs of the activities that the definition names.
    pub(super) fn activities(&self) -> Vec<Arc<str>> {
        activities_of(&self.program)
    }

    /// All members.
    pub(super) fn members(&self) -> Vec<MemberId> {
        let mut members: Vec<MemberId> = self.members.keys().copied().collect();
        members.sort();
        members
    }

    /// Whether children run whose progress is in no journal.
    pub(super) fn has_express_children(&self) -> bool {
        self.runs.values().any(|run| run.map_run.request().child_type == MachineType::Express)
    }

    /// The child of this ARN, if it runs.
    pub(super) fn child(&self, execution: &str) -> Option<MemberId> {
        let is_it = |member: &Member| {
            member.within.is_some()
                && member.interpreter.started().is_some_and(|started| *started.names.execution_arn == *execution)
        };
        self.members.iter().find(|(_, member)| is_it(member)).map(|(id, _)| *id)
    }

    /// The time of a member's last entry.
    pub(super) fn time_of(&self, member: MemberId) -> Timestamp {
        self.members.get(&member).map(|member| member.interpreter.now()).unwrap_or_default()
    }

    pub(super) fn into_parts(mut self) -> (Vec<Entry>, Vec<HistoryEvent>) {
        let parent = self.members.remove(&MemberId::PARENT);
        (parent.map(|member| member.ledger.into_entries()).unwrap_or_default(), self.history)
    }

    /// How the execution ended.
    pub(super) fn outcome(&self) -> Option<&Outcome> {
        self.parent()?.outcome()
    }

    /// The open task that is answered by this token.
    pub(super) fn task_of_token(&self, token: &str) -> Option<TaskKey> {
        self.tokens.task(token)
    }

    /// What an open task was asked.
    pub(super) fn request(&self, key: TaskKey) -> Option<Arc<TaskRequest>> {
        let member = self.members.get(&key.member)?;
        member.interpreter.open_task(key.task).map(|request| member.iterated(request.clone()))
    }

    /// Names of the states that wait for an answer.
    pub(super) fn waiting(&self) -> Vec<String> {
        let open = self.members.values().flat_map(|member| member.interpreter.outstanding());
        let mut states: Vec<String> = open
            .filter_map(|action| match action {
                Action::StartTask { request, .. } => Some(format!("`{}`", request.state)),
                _ => None,
            })
            .collect();
        states.sort();
        states.dedup();
        states
    }

    /// Applies what has reached a member, and what follows from it within the family.
    pub(super) fn apply(&mut self, member: MemberId, entry: Entry) -> Result<Vec<Deed>, ReplayError> {
        let mut deeds = Vec::new();
        self.settle(Queue::from([(member, entry)]), &mut deeds)?;
        Ok(deeds)
    }

    /// Applies the answer of a task, or of a map run's work.
    pub(super) fn answer(&mut self, key: TaskKey, at: Timestamp, kind: EntryKind) -> Result<Vec<Deed>, ReplayError> {
        if self.runs.contains_key(&key.member) {
            return self.work_answered(key, at, kind);
        }
        let submitted = matches!(kind, EntryKind::TaskSubmitted { .. });
        let mut deeds = self.apply(key.member, Entry { at, kind })?;
        if submitted {
            // The call that waits for the end of a job that has been submitted.
            deeds.extend(self.request(key).map(|request| Deed::StartTask { key, request }));
        }
        Ok(deeds)
    }

    /// Says whether somebody is to be told what happens from now on. Nothing is collected for nobody.
    pub(super) fn tells(&mut self, tells: bool) {
        self.step.collect_events(tells || self.wants.history || self.observer.is_some());
    }

    /// Takes over the history of an earlier run; its observer is not told again.
    pub(super) fn known(&mut self, history: Vec<HistoryEvent>) {
        self.told = history.len();
        self.history = history;
    }

    /// Tells the observer what has happened since the last time: once it is committed, never before.
    pub(super) fn tell(&mut self) {
        self.tell_to(|_| {});
    }

    /// The same, and tells somebody else too.
    pub(super) fn tell_to(&mut self, tell: impl FnOnce(&[HistoryEvent])) {
        let untold = self.history.get(self.told..).unwrap_or_default();
        if let Some(observer) = &self.observer {
            untold.iter().for_each(|event| observer.event(event));
            self.waypoints.drain(..).for_each(|waypoint| observer.waypoint(waypoint));
        }
        if !untold.is_empty() {
            tell(untold);
        }
        if !self.wants.history {
            self.history.clear();
        }
        self.told = self.history.len();
    }

    fn settle(&mut self, mut queue: Queue, deeds: &mut Vec<Deed>) -> Result<(), ReplayError> {
        while let Some((id, entry)) = queue.pop_front() {
            let Some(member) = self.members.get_mut(&id) else { continue };
            let at = entry.at;
            // Only the execution itself keeps its events; a child's can be had from its journal.
            let step = if id == MemberId::PARENT { &mut self.step } else { &mut self.bare };
            step.clear();
            member.interpreter.apply(&entry, step)?;
            if let EntryKind::TaskEnded { task, .. } = &entry.kind {
                self.tokens.remove(TaskKey { member: id, task: *task });
            }
            let actions = std::mem::take(&mut step.actions);
            self.waypoints.append(&mut step.waypoints);
            self.history.append(&mut self.step.events);
            self.write(id, entry);
            for action in actions {
                self.act(id, action, at, deeds, &mut queue);
            }
        }
        Ok(())
    }

    /// Puts an entry into a member's journal.
    fn write(&mut self, id: MemberId, entry: Entry) {
        let Some(member) = self.members.get_mut(&id) else { return };
        // An Express child is kept as its start, from which it begins again.
        let is_start = matches!(entry.kind, EntryKind::Started(_));
        if id != MemberId::PARENT && (!self.wants.commits || (member.is_express() && !is_start)) {
            return;
        }
        if !member.ledger.is_pending() {
            self.grown.push(id);
        }
        member.ledger.push(entry);
    }

    fn act(&mut self, member: MemberId, action: Action, now: Timestamp, deeds: &mut Vec<Deed>, queue: &mut Queue) {
        match action {
            Action::StartTask { task, request } => {
                let key = TaskKey { member, task };
                let Some(member) = self.members.get(&member) else { return };
                let request = member.iterated(request);
                if let Some(token) = &request.token {
                    self.tokens.insert(key, token);
                }
                deeds.push(Deed::StartTask { key, request });
            }
            Action::CancelTask { task } => {
                let key = TaskKey { member, task };
                self.tokens.remove(key);
                deeds.push(Deed::CancelTask { key });
            }
            Action::SetTimer { timer, due, kind } => {
                deeds.push(Deed::SetTimer { key: TimerKey { member, timer }, due, kind });
            }
            Action::CancelTimer { timer } => deeds.push(Deed::CancelTimer { key: TimerKey { member, timer } }),
            Action::Continue => deeds.push(Deed::Resume { member }),
            Action::StartMapRun { run, request, redrives } => {
                self.start_run(TaskKey { member, task: run }, *request, redrives, now, deeds, queue);
            }
            Action::CancelMapRun { run } => self.stop_run(TaskKey { member, task: run }, now, deeds, queue),
            Action::Finish(outcome) => self.finished(member, &outcome, now, deeds, queue),
        }
    }

    fn new_member(&mut self) -> MemberId {
        let id = MemberId(self.next_member);
        self.next_member += 1;
        id
    }
}

/// ARNs of the activities that a definition names, each once.
pub(super) fn activities_of(program: &Program) -> Vec<Arc<str>> {
    let mut found: Vec<Arc<str>> = program
        .states()
        .filter_map(|(_, state)| match &state.kind {
            StateKind::Task(task) => match &task.integration {
                Some(Integration::Activity { arn }) => Some(arn.clone()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    found.sort();
    found.dedup();
    found
}
