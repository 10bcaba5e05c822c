//! An execution and the children of its map runs: one owner, one clock, a journal each.
//!
//! A family applies entries to its members and turns what they ask for into deeds for the driver. What concerns only
//! members (a run starts children, a child ends, a run ends) is settled here and costs the driver nothing.

use super::Observer;
use crate::history::HistoryEvent;
use crate::interpreter::{Action, Interpreter, Outcome, ReplayError, Step, TimerKind, Waypoint};
use crate::journal::{Entry, EntryKind, TaskId, TaskResult, TimerId};
use crate::map_run::{MapRun, MapRunRequest, ReadRequest, RunResult};
use crate::task::{FailedAt, TaskRequest};
use aslx_asl::program::InputType;
use aslx_asl::{Program, Timestamp, Value};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// A member of a family; 0 is the execution itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct MemberId(usize);

impl MemberId {
    pub(super) const PARENT: MemberId = MemberId(0);
}

/// A task, or the reading of a map run's items.
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
    StartTask { key: TaskKey, request: Box<TaskRequest> },
    CancelTask { key: TaskKey },
    SetTimer { key: TimerKey, due: Timestamp, kind: TimerKind },
    CancelTimer { key: TimerKey },
    Resume { member: MemberId },
}

struct Member {
    interpreter: Interpreter,
    journal: Vec<Entry>,
    /// The run that it is a child of, and its number there.
    within: Option<(TaskKey, usize)>,
}

pub(super) struct Family {
    program: Arc<Program>,
    members: HashMap<MemberId, Member>,
    next_member: usize,
    runs: HashMap<TaskKey, MapRun>,
    /// The requests of open tasks, for the second call of those that were submitted.
    requests: HashMap<TaskKey, TaskRequest>,
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
    pub(super) fn new(interpreter: Interpreter, journal: Vec<Entry>, observer: Option<Observer>) -> Family {
        let program = interpreter.program().clone();
        let parent = Member { interpreter, journal, within: None };
        let noted = |step: Step| match &observer {
            Some(observer) if observer.wants_waypoints() => step.noting_waypoints(),
            _ => step,
        };
        Family {
            program,
            members: HashMap::from([(MemberId::PARENT, parent)]),
            next_member: 1,
            runs: HashMap::new(),
            requests: HashMap::new(),
            step: noted(Step::with_history()),
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

    /// Its journal.
    pub(super) fn journal(&self) -> &[Entry] {
        self.members.get(&MemberId::PARENT).map_or(&[], |member| &member.journal)
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
        let mut queue = VecDeque::new();
        match (self.runs.get_mut(&key), kind) {
            (Some(run), EntryKind::TaskEnded { result, .. }) => {
                match result {
                    TaskResult::Succeeded(items) => match items.value().as_array() {
                        Some(items) => run.take_items(items.to_vec()),
                        None => run.reading_failed("States.ItemReaderFailed", "The reader gave no list of items."),
                    },
                    TaskResult::Failed { error, cause, .. } => run.reading_failed(
                        error.as_deref().unwrap_or("States.ItemReaderFailed"),
                        cause.as_deref().unwrap_or(""),
                    ),
                }
                self.pump(key, at, &mut deeds, &mut queue);
            }
            (Some(_), _) => {}
            (None, kind) => {
                let submitted = match &kind {
                    EntryKind::TaskSubmitted { output, .. } => Some(output.value().clone()),
                    _ => None,
                };
                deeds = self.apply(key.member, Entry { at, kind })?;
                deeds.extend(submitted.and_then(|output| self.second_call(key, output)));
            }
        }
        self.settle(queue, &mut deeds)?;
        Ok(deeds)
    }

    /// The call that waits for the end of a job that has been submitted.
    fn second_call(&mut self, key: TaskKey, output: Value) -> Option<Deed> {
        let member = self.members.get(&key.member)?;
        let request = self.requests.get_mut(&key).filter(|_| member.interpreter.is_open(key.task))?;
        request.submitted = Some(output);
        Some(Deed::StartTask { key, request: Box::new(request.clone()) })
    }

    /// Takes over the history of an earlier run; its observer is not told again.
    pub(super) fn known(&mut self, history: Vec<HistoryEvent>) {
        self.told = history.len();
        self.history = history;
    }

    /// Tells the observer what has happened since the last time: once it is committed, never before.
    pub(super) fn tell(&mut self) {
        if let Some(observer) = &self.observer {
            self.history.iter().skip(self.told).for_each(|event| observer.event(event));
            self.waypoints.drain(..).for_each(|waypoint| observer.waypoint(waypoint));
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
            Action::StartTask { task, mut request } => {
                let key = TaskKey { member, task };
                // For a task the child of a map run is an iteration.
                let child = self.members.get(&member).and_then(|member| member.within).map(|(_, index)| index);
                request.iteration = request.iteration.or(child);
                self.requests.insert(key, (*request).clone());
                deeds.push(Deed::StartTask { key, request });
            }
            Action::CancelTask { task } => {
                let key = TaskKey { member, task };
                self.requests.remove(&key);
                deeds.push(Deed::CancelTask { key });
            }
            Action::SetTimer { timer, due, kind } => {
                deeds.push(Deed::SetTimer { key: TimerKey { member, timer }, due, kind });
            }
            Action::CancelTimer { timer } => deeds.push(Deed::CancelTimer { key: TimerKey { member, timer } }),
            Action::Continue => deeds.push(Deed::Resume { member }),
            Action::StartMapRun { run, request } => {
                let key = TaskKey { member, task: run };
                let reading = self.start_run(key, *request);
                deeds.extend(reading);
                self.pump(key, now, deeds, queue);
            }
            Action::CancelMapRun { run } => self.stop_run(TaskKey { member, task: run }, deeds),
            Action::Finish(outcome) => {
                let Some((key, index)) = self.members.get(&member).and_then(|member| member.within) else { return };
                self.members.remove(&member);
                if let Some(run) = self.runs.get_mut(&key) {
                    run.child_ended(index, &outcome);
                }
                self.pump(key, now, deeds, queue);
            }
        }
    }

    /// Starts a run; gives the task that reads its items, if they are not in the state's input.
    fn start_run(&mut self, key: TaskKey, request: MapRunRequest) -> Option<Deed> {
        let execution = request.parent.execution_arn.clone();
        let state = self.program.state(request.state).name.clone();
        let run = MapRun::new(self.program.clone(), request);
        let reading = run.read().map(|read| TaskRequest {
            execution,
            state,
            resource: read.resource.clone(),
            input: read_input(read, run.max_items()),
            retry_count: 0,
            iteration: None,
            token: None,
            timeout_seconds: None,
            heartbeat_seconds: None,
            credentials: None,
            submitted: None,
        });
        self.runs.insert(key, run);
        reading.map(|request| Deed::StartTask { key, request: Box::new(request) })
    }

    /// Starts the children that there is room for, and ends the run when it has come to its end.
    fn pump(&mut self, key: TaskKey, now: Timestamp, deeds: &mut Vec<Deed>, queue: &mut VecDeque<(MemberId, Entry)>) {
        let Some(run) = self.runs.get_mut(&key) else { return };
        while let Some(child) = run.next_child() {
            let id = MemberId(self.next_member);
            self.next_member += 1;
            let interpreter = Interpreter::new(self.program.clone());
            self.members.insert(id, Member { interpreter, journal: Vec::new(), within: Some((key, child.index)) });
            queue.push_back((id, Entry { at: now, kind: EntryKind::Started(child.started) }));
        }
        let Some(result) = run.result() else { return };
        self.stop_run(key, deeds);
        let result = match result {
            RunResult::Succeeded(results) => TaskResult::Succeeded(results),
            RunResult::Failed { error, cause } => {
                TaskResult::Failed { error: Some(error), cause: Some(cause), at: FailedAt::Run }
            }
        };
        queue.push_back((key.member, Entry { at: now, kind: EntryKind::MapRunEnded { run: key.task, result } }));
    }

    /// Ends a run with all its children, and their runs with theirs.
    fn stop_run(&mut self, key: TaskKey, deeds: &mut Vec<Deed>) {
        if self.runs.remove(&key).is_none() {
            return;
        }
        deeds.push(Deed::CancelTask { key });
        let mut children: Vec<MemberId> = self
            .members
            .iter()
            .filter(|(_, m)| m.within.is_some_and(|(run, _)| run == key))
            .map(|(id, _)| *id)
            .collect();
        children.sort();
        for child in children {
            let Some(member) = self.members.remove(&child) else { continue };
            for action in member.interpreter.outstanding() {
                match action {
                    Action::StartTask { task, .. } => {
                        let key = TaskKey { member: child, task };
                        self.requests.remove(&key);
                        deeds.push(Deed::CancelTask { key });
                    }
                    Action::SetTimer { timer, .. } => {
                        deeds.push(Deed::CancelTimer { key: TimerKey { member: child, timer } });
                    }
                    Action::StartMapRun { run, .. } => self.stop_run(TaskKey { member: child, task: run }, deeds),
                    _ => {}
                }
            }
        }
    }
}

/// What the reading task is given: the resource's parameters, and how to understand what is there.
fn read_input(read: &ReadRequest, max_items: Option<u64>) -> Value {
    let mut config: Vec<(&str, Value)> = Vec::new();
    if let Some(input_type) = read.input_type {
        let name = match input_type {
            InputType::Csv => "CSV",
            InputType::Json => "JSON",
            InputType::JsonLines => "JSONL",
        };
        config.push(("InputType", name.into()));
    }
    if let Some(headers) = &read.csv_headers {
        config.push(("CSVHeaders", Value::array(headers.iter().cloned().map(Value::from).collect())));
    }
    config.push(("CSVDelimiter", Value::from(u64::from(read.csv_delimiter))));
    if let Some(pointer) = &read.items_pointer {
        config.push(("ItemsPointer", Value::from(pointer.clone())));
    }
    if let Some(max) = max_items {
        config.push(("MaxItems", Value::from(max)));
    }
    Value::from_pairs([("Parameters", read.parameters.clone()), ("ReaderConfig", Value::from_pairs(config))])
}
