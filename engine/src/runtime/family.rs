//! An execution and the children of its map runs: one owner, one clock, a journal each.
//!
//! A family applies entries to its members and turns what they ask for into deeds for the driver. What concerns only
//! members (a run starts children, a child ends, a run ends) is settled here and costs the driver nothing.

use super::Observer;
use crate::history::HistoryEvent;
use crate::interpreter::{Action, Interpreter, Outcome, ReplayError, Step, TimerKind, Waypoint};
use crate::journal::{Entry, EntryKind, Lines, TaskId, TaskResult, TimerId};
use crate::map_run::{ChildEnd, MapRun, MapRunAction, MapRunEntry, MapRunEntryKind, MapRunRequest, RunResult, WorkId};
use crate::task::{FailedAt, TaskFailure, TaskRequest};
use aslx_asl::{Program, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// A member of a family, or a map run of one; 0 is the execution itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct MemberId(usize);

impl MemberId {
    pub(super) const PARENT: MemberId = MemberId(0);
}

/// A task, or the work of a map run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TaskKey {
    pub(super) member: MemberId,
    pub(super) task: TaskId,
}

/// A timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TimerKey {
    pub(super) member: MemberId,
    pub(super) timer: TimerId,
}

/// What a driver has to do.
#[derive(Debug)]
pub(super) enum Deed {
    StartTask { key: TaskKey, request: Arc<TaskRequest> },
    CancelTask { key: TaskKey },
    SetTimer { key: TimerKey, due: Timestamp, kind: TimerKind },
    CancelTimer { key: TimerKey },
    Resume { member: MemberId },
}

/// What is to be remembered of the execution itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wants {
    /// All entries; else only those that are not committed yet.
    pub(super) journal: bool,
    /// All events; else only those that have not been told.
    pub(super) history: bool,
    /// Somebody is told the events.
    pub(super) events: bool,
}

impl Wants {
    pub(super) const ALL: Wants = Wants { journal: true, history: true, events: true };
}

/// Open tasks that are answered by token.
#[derive(Debug, Default)]
struct Tokens {
    tasks: HashMap<Arc<str>, TaskKey>,
    texts: HashMap<TaskKey, Arc<str>>,
}

impl Tokens {
    fn insert(&mut self, key: TaskKey, token: &Arc<str>) {
        self.tasks.insert(token.clone(), key);
        self.texts.insert(key, token.clone());
    }

    fn remove(&mut self, key: TaskKey) {
        if let Some(token) = self.texts.remove(&key) {
            self.tasks.remove(&token);
        }
    }
}

struct Member {
    interpreter: Interpreter,
    journal: Vec<Entry>,
    /// The run that it is a child of, and its number there.
    within: Option<(MemberId, u64)>,
}

impl Member {
    /// For a task the child of a map run is an iteration.
    fn iterated(&self, mut request: Arc<TaskRequest>) -> Arc<TaskRequest> {
        let child = self.within.and_then(|(_, child)| usize::try_from(child).ok());
        if request.iteration.is_none() && child.is_some() {
            Arc::make_mut(&mut request).iteration = child;
        }
        request
    }
}

struct Run {
    map_run: MapRun,
    /// What its member calls it.
    key: TaskKey,
}

pub(super) struct Family {
    program: Arc<Program>,
    members: HashMap<MemberId, Member>,
    next_member: usize,
    runs: HashMap<MemberId, Run>,
    tokens: Tokens,
    wants: Wants,
    /// Entries of the execution's journal before the first one that is held here.
    dropped: usize,
    /// Entries of it that are committed.
    committed: usize,
    /// The running hash of those.
    hash: u64,
    step: Step,
    bare: Step,
    history: Vec<HistoryEvent>,
    /// Events of it that the observer knows.
    told: usize,
    /// Waypoints that the observer does not know yet, if it wants them.
    waypoints: Vec<Waypoint>,
    observer: Option<Observer>,
}

impl Family {
    /// A family of one, with what it is and has been through.
    pub(super) fn new(interpreter: Interpreter, wants: Wants, observer: Option<Observer>) -> Family {
        let program = interpreter.program().clone();
        let parent = Member { interpreter, journal: Vec::new(), within: None };
        let tells = wants.history || wants.events || observer.is_some();
        let noted = |step: Step| match &observer {
            Some(observer) if observer.wants_waypoints() => step.noting_waypoints(),
            _ => step,
        };
        Family {
            program,
            members: HashMap::from([(MemberId::PARENT, parent)]),
            next_member: 1,
            runs: HashMap::new(),
            tokens: Tokens::default(),
            wants,
            dropped: 0,
            committed: 0,
            hash: 0,
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

    /// Its program.
    pub(super) fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// All members.
    pub(super) fn members(&self) -> Vec<MemberId> {
        let mut members: Vec<MemberId> = self.members.keys().copied().collect();
        members.sort();
        members
    }

    /// Takes over the journal of an earlier run: all of it or nothing, how long it is, and its running hash.
    pub(super) fn known_journal(&mut self, journal: Vec<Entry>, length: u64, hash: u64) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        (self.committed, self.hash, self.dropped) = (length, hash, length - journal.len());
        if let Some(parent) = self.members.get_mut(&MemberId::PARENT) {
            parent.journal = journal;
        }
    }

    /// Entries of the execution's journal that are committed.
    pub(super) fn position(&self) -> u64 {
        self.committed as u64
    }

    /// What the execution's journal has gained, and after how many entries.
    pub(super) fn take_pending(&mut self) -> (u64, Vec<Entry>) {
        let position = self.committed;
        let Some(parent) = self.members.get_mut(&MemberId::PARENT) else { return (position as u64, Vec::new()) };
        let pending = if self.wants.journal {
            parent.journal.get(position - self.dropped..).unwrap_or_default().to_vec()
        } else {
            std::mem::take(&mut parent.journal)
        };
        self.committed += pending.len();
        if !self.wants.journal {
            self.dropped = self.committed;
        }
        (position as u64, pending)
    }

    /// Gives the running hash of the journal, these lines included.
    pub(super) fn note_committed(&mut self, lines: &Lines) -> u64 {
        self.hash = lines.digest(self.hash);
        self.hash
    }

    /// The open task that is answered by this token.
    pub(super) fn task_of_token(&self, token: &str) -> Option<TaskKey> {
        self.tokens.tasks.get(token).copied()
    }

    /// What an open task was asked.
    pub(super) fn request(&self, key: TaskKey) -> Option<Arc<TaskRequest>> {
        let member = self.members.get(&key.member)?;
        member.interpreter.open_task(key.task).map(|request| member.iterated(request.clone()))
    }

    pub(super) fn into_parts(mut self) -> (Vec<Entry>, Vec<HistoryEvent>) {
        let journal = self.members.remove(&MemberId::PARENT).map(|member| member.journal).unwrap_or_default();
        (journal, self.history)
    }

    /// How the execution ended.
    pub(super) fn outcome(&self) -> Option<&Outcome> {
        self.parent()?.outcome()
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

    /// Issues again what the execution waits for; map runs begin anew.
    pub(super) fn outstanding(&mut self) -> Result<Vec<Deed>, ReplayError> {
        let actions = self.parent().map(Interpreter::outstanding).unwrap_or_default();
        let now = self.parent().map(Interpreter::now).unwrap_or_default();
        let mut deeds = Vec::new();
        let mut queue = VecDeque::new();
        for action in actions {
            self.act(MemberId::PARENT, action, now, &mut deeds, &mut queue);
        }
        self.settle(queue, &mut deeds)?;
        Ok(deeds)
    }

    /// Applies what has reached a member, and what follows from it within the family.
    pub(super) fn apply(&mut self, member: MemberId, entry: Entry) -> Result<Vec<Deed>, ReplayError> {
        let mut deeds = Vec::new();
        self.settle(VecDeque::from([(member, entry)]), &mut deeds)?;
        Ok(deeds)
    }

    /// Applies the answer of a task, or the items that were read for a map run.
    pub(super) fn answer(&mut self, key: TaskKey, at: Timestamp, kind: EntryKind) -> Result<Vec<Deed>, ReplayError> {
        let mut deeds = Vec::new();
        let Some(run) = self.runs.get_mut(&key.member) else {
            let submitted = matches!(kind, EntryKind::TaskSubmitted { .. });
            deeds = self.apply(key.member, Entry { at, kind })?;
            if submitted {
                // The call that waits for the end of a job that has been submitted.
                deeds.extend(self.request(key).map(|request| Deed::StartTask { key, request }));
            }
            return Ok(deeds);
        };
        let EntryKind::TaskEnded { result, .. } = kind else { return Ok(deeds) };
        let answer = match result {
            TaskResult::Succeeded(output) => Ok(output.value().clone()),
            TaskResult::Failed { error, cause, .. } => {
                Err(TaskFailure::new(&*error.unwrap_or_default(), &*cause.unwrap_or_default()))
            }
        };
        let work = if key.task == WRITE { WorkId::Write } else { WorkId::Read };
        if let Some(kind) = run.map_run.answered(work, answer) {
            self.record(key.member, at, kind);
        }
        let mut queue = VecDeque::new();
        self.pump(key.member, at, &mut deeds, &mut queue);
        self.settle(queue, &mut deeds)?;
        Ok(deeds)
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

    fn settle(&mut self, mut queue: VecDeque<(MemberId, Entry)>, deeds: &mut Vec<Deed>) -> Result<(), ReplayError> {
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
            member.journal.push(entry);
            let actions = std::mem::take(&mut step.actions);
            self.waypoints.append(&mut step.waypoints);
            self.history.append(&mut self.step.events);
            for action in actions {
                self.act(id, action, at, deeds, &mut queue);
            }
        }
        Ok(())
    }

    fn act(
        &mut self,
        member: MemberId,
        action: Action,
        now: Timestamp,
        deeds: &mut Vec<Deed>,
        queue: &mut VecDeque<(MemberId, Entry)>,
    ) {
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
            Action::StartMapRun { run, request, .. } => {
                let id = self.start_run(TaskKey { member, task: run }, *request);
                self.pump(id, now, deeds, queue);
            }
            Action::CancelMapRun { run } => {
                let key = TaskKey { member, task: run };
                let Some(id) = self.runs.iter().find(|(_, run)| run.key == key).map(|(id, _)| *id) else { return };
                self.record(id, now, MapRunEntryKind::Stopped);
                self.pump(id, now, deeds, queue);
            }
            Action::Finish(outcome) => {
                let Some((run, child)) = self.members.get(&member).and_then(|member| member.within) else { return };
                let Some(member) = self.members.remove(&member) else { return };
                let Some(open) = self.runs.get(&run) else { return };
                let end = ChildEnd::of(&member.interpreter, &outcome, open.map_run.shows_inputs());
                self.record(run, now, MapRunEntryKind::ChildEnded { child, end: Box::new(end) });
                self.pump(run, now, deeds, queue);
            }
        }
    }

    fn start_run(&mut self, key: TaskKey, request: MapRunRequest) -> MemberId {
        let id = self.new_member();
        self.runs.insert(id, Run { map_run: MapRun::new(self.program.clone(), request), key });
        id
    }

    fn new_member(&mut self) -> MemberId {
        let id = MemberId(self.next_member);
        self.next_member += 1;
        id
    }

    /// An entry of a map run's journal. Nothing else changes a run.
    fn record(&mut self, run: MemberId, at: Timestamp, kind: MapRunEntryKind) {
        if let Some(run) = self.runs.get_mut(&run) {
            run.map_run.apply(&MapRunEntry { at, kind });
        }
    }

    /// Does what a run asks for, until it asks for nothing more.
    fn pump(&mut self, id: MemberId, now: Timestamp, deeds: &mut Vec<Deed>, queue: &mut VecDeque<(MemberId, Entry)>) {
        while let Some(action) = self.runs.get_mut(&id).and_then(|run| run.map_run.step()) {
            match action {
                MapRunAction::Work(work, request) => {
                    deeds.push(Deed::StartTask { key: work_key(id, work), request: request.into() });
                }
                MapRunAction::Journal(kind) => self.record(id, now, kind),
                MapRunAction::Start(child) => {
                    self.record(id, now, child.entry());
                    self.start_child(
                        id,
                        child.index,
                        Entry { at: now, kind: EntryKind::Started(child.started) },
                        queue,
                    );
                }
                // Only a run that was told `Redriven` asks for this, and no execution can be redriven yet.
                MapRunAction::Redrive(_) => return,
                MapRunAction::StopChildren => {
                    let mut children: Vec<MemberId> = self
                        .members
                        .iter()
                        .filter(|(_, m)| m.within.is_some_and(|(run, _)| run == id))
                        .map(|(id, _)| *id)
                        .collect();
                    children.sort();
                    let stop = |member| {
                        (member, Entry { at: now, kind: EntryKind::StopRequested { error: None, cause: None } })
                    };
                    queue.extend(children.into_iter().map(stop));
                }
                MapRunAction::Finish(result) => {
                    let Some(run) = self.runs.remove(&id) else { return };
                    deeds.extend(run.map_run.under_way().map(|work| Deed::CancelTask { key: work_key(id, work) }));
                    let result = match result {
                        RunResult::Succeeded(results) => TaskResult::Succeeded(results),
                        RunResult::Failed { error, cause } => {
                            TaskResult::Failed { error: Some(error), cause: Some(cause), at: FailedAt::Run }
                        }
                        RunResult::Aborted => return,
                    };
                    let kind = EntryKind::MapRunEnded { run: run.key.task, result };
                    queue.push_back((run.key.member, Entry { at: now, kind }));
                }
            }
        }
    }

    fn start_child(&mut self, run: MemberId, child: u64, entry: Entry, queue: &mut VecDeque<(MemberId, Entry)>) {
        let id = self.new_member();
        let interpreter = Interpreter::new(self.program.clone());
        self.members.insert(id, Member { interpreter, journal: Vec::new(), within: Some((run, child)) });
        queue.push_back((id, entry));
    }
}

/// What the two kinds of work of a map run are called.
const READ: TaskId = TaskId(0);
const WRITE: TaskId = TaskId(1);

fn work_key(run: MemberId, work: WorkId) -> TaskKey {
    let task = match work {
        WorkId::Read => READ,
        WorkId::Write => WRITE,
    };
    TaskKey { member: run, task }
}
