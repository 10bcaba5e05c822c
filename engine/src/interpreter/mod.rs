//! The interpreter: program + journal → actions + history. Synchronous and pure: no clock, no network, no random
//! source, no thread. Between two entries nothing is decided by anything but the program.
//!
//! An entry is applied in two halves: first its effect is noted (a task ended, a timer fired), which makes branches
//! ready; then the ready branches are stepped, first in, first out, each until it blocks.

mod action;
mod branch;
mod container;
mod distributed;
mod environment;
mod failure;
mod fields;
mod flow;
pub mod inspect;
mod map;
mod parallel;
mod redrive;
mod step;
mod task;
mod variables;
mod waypoint;

pub use action::{Action, Outcome, Status, TimerKind};
pub use redrive::{Redrivable, RedriveFacts, Redrives, redrivable};
pub use waypoint::Waypoint;

use crate::draws::Draws;
use crate::history::{ErrorDetails, EventKind, HistoryEvent};
use crate::journal::{Entry, EntryKind, Started, TaskId, TimerId};
use crate::map_run::MapRunRequest;
use crate::task::TaskRequest;
use aslx_asl::program::{MachineId, StateKind};
use aslx_asl::{MachineType, Program, Timestamp};
use branch::{Branch, BranchId, Branches, Cut, Phase};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Transitions that one entry may cause before the interpreter asks to continue: stopping, timeouts and fairness
/// then work inside a loop of Pass states too.
pub const STEP_LIMIT: usize = 1_000;

/// Seconds after which an Express execution times out (developer guide, "Quotas").
const EXPRESS_TIMEOUT_SECONDS: u64 = 300;

/// What applying an entry gave.
#[derive(Debug, Default)]
pub struct Step {
    /// What to do, in order, once the entry is committed.
    pub actions: Vec<Action>,
    /// The history events, if [`Step::with_history`] made this.
    pub events: Vec<HistoryEvent>,
    /// The waypoints in the order in which they were passed, if [`Step::noting_waypoints`] made this.
    pub waypoints: Vec<Waypoint>,
    keep_events: bool,
    keep_waypoints: bool,
}

impl Step {
    /// For actions only.
    pub fn new() -> Step {
        Step::default()
    }

    /// For actions and history.
    pub fn with_history() -> Step {
        Step { keep_events: true, ..Step::default() }
    }

    /// The same, for waypoints too.
    #[must_use]
    pub fn noting_waypoints(self) -> Step {
        Step { keep_waypoints: true, ..self }
    }

    /// Forgets what it holds, to be used again.
    pub fn clear(&mut self) {
        self.actions.clear();
        self.events.clear();
        self.waypoints.clear();
    }

    /// From now on, whether events are collected.
    pub(crate) fn collect_events(&mut self, collect: bool) {
        self.keep_events = collect;
    }

    fn pass(&mut self, waypoint: Waypoint) {
        if self.keep_waypoints {
            self.waypoints.push(waypoint);
        }
    }
}

/// Why an entry cannot be applied. It is a fault of the journal or its owner, never of the definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The first entry is no start.
    #[error("the first entry of a journal is `Started`")]
    NotStarted,
    /// A second start.
    #[error("`Started` is only the first entry of a journal")]
    StartedTwice,
    /// The journal belongs to another definition.
    #[error("the journal belongs to the definition with hash {expected}, this one has {found}")]
    OtherProgram {
        /// Hash in the journal.
        expected: Arc<str>,
        /// Hash of the program given.
        found: Arc<str>,
    },
    /// The journal was written by rules that this program does not know.
    #[error("the journal follows rules number {0}, this version knows up to {known}", known = crate::journal::SEMANTICS)]
    UnknownSemantics(u32),
}

/// One execution: a state machine driven by journal entries.
#[derive(Debug)]
pub struct Interpreter {
    program: Arc<Program>,
    started: Option<Arc<Started>>,
    start_time: Timestamp,
    now: Timestamp,
    draws: Draws,
    branches: Branches,
    ready: VecDeque<BranchId>,
    /// Branches that were aborted, for a redrive.
    frozen: BTreeMap<BranchId, Branch>,
    tasks: BTreeMap<TaskId, OpenTask>,
    runs: BTreeMap<TaskId, OpenRun>,
    timers: BTreeMap<TimerId, OpenTimer>,
    next_task: u64,
    next_timer: u64,
    /// Id of the last event.
    events: u64,
    /// An event did not fit into the history any more.
    history_full: bool,
    /// `Action::Continue` has been given and not yet been answered.
    continuing: bool,
    /// The state machine has been deleted: the next transition fails.
    deleted: bool,
    /// Bytes of all live variables.
    variable_bytes: usize,
    /// Running hash over events and actions.
    digest: u64,
    redrives: Redrives,
    /// Activities that do not exist, as far as this execution has been told.
    missing_activities: Vec<Arc<str>>,
    outcome: Option<Outcome>,
    /// Set while one state is inspected alone.
    watch: Option<Box<inspect::Watch>>,
}

/// A task that somebody works on, or should.
#[derive(Debug)]
struct OpenTask {
    branch: BranchId,
    request: Arc<TaskRequest>,
    started: bool,
}

/// A map run that has not ended.
#[derive(Debug)]
struct OpenRun {
    branch: BranchId,
    request: Box<MapRunRequest>,
    redrives: u64,
}

/// A timer that has not fired.
#[derive(Debug)]
struct OpenTimer {
    due: Timestamp,
    kind: TimerKind,
    branch: BranchId,
}

impl Interpreter {
    /// An execution of this program to which nothing has happened yet.
    pub fn new(program: Arc<Program>) -> Interpreter {
        Interpreter {
            program,
            started: None,
            start_time: Timestamp::default(),
            now: Timestamp::default(),
            draws: Draws::default(),
            branches: Branches::default(),
            ready: VecDeque::new(),
            frozen: BTreeMap::new(),
            tasks: BTreeMap::new(),
            runs: BTreeMap::new(),
            timers: BTreeMap::new(),
            next_task: 1,
            next_timer: 1,
            events: 0,
            history_full: false,
            continuing: false,
            deleted: false,
            variable_bytes: 0,
            digest: 0,
            redrives: Redrives::default(),
            missing_activities: Vec::new(),
            outcome: None,
            watch: None,
        }
    }

    /// Replays a whole journal.
    pub fn replay(program: Arc<Program>, journal: &[Entry], step: &mut Step) -> Result<Interpreter, ReplayError> {
        let mut interpreter = Interpreter::new(program);
        for entry in journal {
            step.actions.clear();
            interpreter.apply(entry, step)?;
        }
        Ok(interpreter)
    }

    /// Applies an entry: adds to `step` what is to be done and, if it keeps history, what happened.
    ///
    /// Errors: the entry does not belong here; nothing has changed then.
    pub fn apply(&mut self, entry: &Entry, step: &mut Step) -> Result<(), ReplayError> {
        if let EntryKind::Started(started) = &entry.kind {
            self.check_start(started)?;
        } else if self.started.is_none() {
            return Err(ReplayError::NotStarted);
        }
        if self.outcome.is_some() && !matches!(entry.kind, EntryKind::Redriven { .. }) {
            return Ok(());
        }
        self.now = self.now.max(entry.at);
        match &entry.kind {
            EntryKind::Started(started) => self.start(started, step),
            EntryKind::TaskStarted { task, worker } => self.task_started(*task, worker.as_ref(), step),
            EntryKind::TaskSubmitted { task, output } => self.task_submitted(*task, output, step),
            EntryKind::TaskEnded { task, result } => self.task_ended(*task, result, step),
            EntryKind::MapRunEnded { run, result } => self.run_ended(*run, result, step),
            EntryKind::TimerFired { timer } => self.timer_fired(*timer, step),
            EntryKind::StopRequested { error, cause } => {
                let details = ErrorDetails { error: error.clone(), cause: cause.clone() };
                self.end_from_outside(Status::Aborted, details, step);
            }
            EntryKind::ActivitiesChanged { missing } => self.missing_activities.clone_from(missing),
            EntryKind::MachineDeleted => self.deleted = true,
            EntryKind::Resumed => self.continuing = false,
            EntryKind::Redriven { token } => self.redrive(token.as_ref(), step),
        }
        self.run(step);
        for action in &step.actions {
            self.digest = mix(self.digest, action.digest());
        }
        Ok(())
    }

    /// What has been asked for and not been answered: to be issued again after a restart, in this order.
    pub fn outstanding(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        for (task, open) in &self.tasks {
            actions.push(Action::StartTask { task: *task, request: open.request.clone() });
        }
        for (run, open) in &self.runs {
            let redrives = open.redrives;
            actions.push(Action::StartMapRun { run: *run, request: open.request.clone(), redrives });
        }
        for (timer, open) in &self.timers {
            actions.push(Action::SetTimer { timer: *timer, due: open.due, kind: open.kind });
        }
        if self.continuing {
            actions.push(Action::Continue);
        }
        actions
    }

    /// How it ended; `None` while it runs.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// What it was started with.
    pub fn started(&self) -> Option<&Started> {
        self.started.as_deref()
    }

    /// The same, shared.
    pub fn started_shared(&self) -> Option<Arc<Started>> {
        self.started.clone()
    }

    /// The activities of its definition that do not exist, as far as it has been told.
    pub fn missing_activities(&self) -> &[Arc<str>] {
        &self.missing_activities
    }

    /// How often it was redriven.
    pub fn redrives(&self) -> &Redrives {
        &self.redrives
    }

    /// Time of its first entry.
    pub fn start_time(&self) -> Timestamp {
        self.start_time
    }

    /// Time of its last entry.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Number of history events so far.
    pub fn event_count(&self) -> u64 {
        self.events
    }

    /// What a task that waits for an answer was asked.
    pub fn open_task(&self, task: TaskId) -> Option<&Arc<TaskRequest>> {
        self.tasks.get(&task).map(|open| &open.request)
    }

    /// A running hash of the events and actions so far: two replays that differ anywhere differ here.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// The program.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    fn check_start(&self, started: &Started) -> Result<(), ReplayError> {
        if self.started.is_some() {
            return Err(ReplayError::StartedTwice);
        }
        if started.semantics == 0 || started.semantics > crate::journal::SEMANTICS {
            return Err(ReplayError::UnknownSemantics(started.semantics));
        }
        if *started.program != *self.program.hash() {
            return Err(ReplayError::OtherProgram {
                expected: started.program.clone(),
                found: self.program.hash().into(),
            });
        }
        Ok(())
    }

    fn start(&mut self, started: &Started, step: &mut Step) {
        self.draws = Draws::new(started.seed);
        self.start_time = self.now;
        self.missing_activities.clone_from(&started.missing_activities);
        self.started = Some(Arc::new(started.clone()));
        let names = &started.names;
        let event = EventKind::ExecutionStarted {
            input: started.input.clone(),
            role_arn: names.role_arn.clone(),
            alias_arn: names.alias_arn.clone(),
            version_arn: names.version_arn.clone(),
        };
        self.emit(0, event, step);
        let processor = self.processor();
        let machine = self.program.machine(processor.unwrap_or(MachineId::ROOT));
        let root = self.branches.root(machine.start, started.input.clone());
        self.set_execution_timer(root, step);
        self.ready.push_back(root);
    }

    /// The machine that a child of a distributed Map runs.
    fn processor(&self) -> Option<MachineId> {
        let map = self.started.as_ref()?.processor.as_deref()?;
        match &self.program.state_named(map)?.1.kind {
            StateKind::Map(map) => Some(map.processor),
            _ => None,
        }
    }

    /// Seconds that the execution may last, where there is a limit. A child of a map run has no TimeoutSeconds of its
    /// own.
    fn limit_seconds(&self) -> Option<u64> {
        let own = self.program.timeout_seconds().filter(|_| self.processor().is_none());
        if self.is_standard() { own } else { Some(own.unwrap_or(EXPRESS_TIMEOUT_SECONDS).min(EXPRESS_TIMEOUT_SECONDS)) }
    }

    /// Steps the ready branches, at most [`STEP_LIMIT`] transitions in all.
    fn run(&mut self, step: &mut Step) {
        let mut budget = STEP_LIMIT;
        while self.outcome.is_none() && !self.continuing {
            let Some(branch) = self.ready.pop_front() else { break };
            self.run_branch(branch, &mut budget, step);
            if self.history_full && self.outcome.is_none() {
                self.fail_full_history(step);
            }
            if budget == 0 && !self.ready.is_empty() && self.outcome.is_none() {
                self.continuing = true;
                step.actions.push(Action::Continue);
            }
        }
    }

    /// Adds an event and gives its id.
    fn emit(&mut self, previous: u64, kind: EventKind, step: &mut Step) -> u64 {
        if self.events + 1 >= crate::history::EVENT_LIMIT && !kind.is_end() && self.is_standard() {
            self.history_full = true;
            return self.events;
        }
        self.events += 1;
        self.digest = mix(self.digest, hash_text(kind.type_name()) ^ previous);
        if step.keep_events {
            step.events.push(HistoryEvent { id: self.events, previous_event_id: previous, timestamp: self.now, kind });
        }
        self.events
    }

    fn is_standard(&self) -> bool {
        self.started.as_ref().is_some_and(|s| s.machine_type == MachineType::Standard)
    }

    /// Event 25,000 is the failure (recorded).
    fn fail_full_history(&mut self, step: &mut Step) {
        let cause = "The execution reached the maximum number of history events (25000).";
        let details = ErrorDetails { error: Some("States.Runtime".into()), cause: Some(cause.into()) };
        self.finish(Status::Failed, None, details, self.events, step);
    }

    fn set_timer(&mut self, due: Timestamp, kind: TimerKind, branch: BranchId, step: &mut Step) -> TimerId {
        let timer = TimerId(self.next_timer);
        self.next_timer += 1;
        self.timers.insert(timer, OpenTimer { due, kind, branch });
        step.actions.push(Action::SetTimer { timer, due, kind });
        timer
    }

    fn cancel_timer(&mut self, timer: TimerId, step: &mut Step) {
        if self.timers.remove(&timer).is_some() {
            step.actions.push(Action::CancelTimer { timer });
        }
    }

    fn timer_fired(&mut self, timer: TimerId, step: &mut Step) {
        let Some(open) = self.timers.get(&timer) else { return };
        match open.kind {
            TimerKind::Execution => {
                let express = !self.is_standard();
                // The limit of a child, or of every Express execution, is not the author's.
                let is_child = self.started().is_some_and(|started| started.processor.is_some());
                if !is_child && self.program.timeout_seconds().is_some() {
                    step.pass(Waypoint::MachineTimedOut);
                }
                let error = Some("States.Timeout".into());
                self.end_from_outside(Status::TimedOut, ErrorDetails { error, cause: None }, step);
                if express && let Some(outcome) = &mut self.outcome {
                    outcome.error = Some("States.Timeout".into());
                }
            }
            TimerKind::Wait | TimerKind::Retry => {
                let branch = open.branch;
                self.timers.remove(&timer);
                self.ready.push_back(branch);
            }
            TimerKind::TaskTimeout { .. } | TimerKind::Heartbeat { .. } => self.tasks_timed_out(open.due, timer, step),
        }
    }

    /// Stopped or timed out: one event without a predecessor, nothing is caught, nothing is aborted visibly (recorded).
    fn end_from_outside(&mut self, status: Status, details: ErrorDetails, step: &mut Step) {
        let outcome_details = if status == Status::TimedOut { ErrorDetails::default() } else { details.clone() };
        let event = match status {
            Status::TimedOut => EventKind::ExecutionTimedOut(details),
            _ => EventKind::ExecutionAborted(details),
        };
        self.emit(0, event, step);
        self.close(Outcome::failed(status, outcome_details), step);
    }

    /// The execution ends with its own last event.
    fn finish(
        &mut self,
        status: Status,
        output: Option<crate::data::Data>,
        error: ErrorDetails,
        previous: u64,
        step: &mut Step,
    ) {
        match output {
            Some(output) => {
                self.emit(previous, EventKind::ExecutionSucceeded { output: output.clone() }, step);
                self.close(Outcome::succeeded(output), step);
            }
            None => {
                self.emit(previous, EventKind::ExecutionFailed(error.clone()), step);
                self.close(Outcome::failed(status, error), step);
            }
        }
    }

    /// Nothing stays open: what this step asked for is taken back, the rest is cancelled. What did not succeed keeps
    /// its place, for a redrive.
    fn close(&mut self, outcome: Outcome, step: &mut Step) {
        self.ready.clear();
        if outcome.status == Status::Succeeded || !self.is_standard() {
            self.branches.clear();
            self.frozen.clear();
        }
        let mut unstarted = Vec::new();
        step.actions.retain(|action| match action {
            Action::StartTask { task, .. } => self.tasks.remove(task).is_none(),
            Action::StartMapRun { run, .. } => match self.runs.remove(run) {
                Some(open) => {
                    unstarted.push(open);
                    false
                }
                None => true,
            },
            Action::SetTimer { timer, .. } => self.timers.remove(timer).is_none(),
            Action::CancelTask { .. } | Action::CancelMapRun { .. } | Action::CancelTimer { .. } => true,
            Action::Continue | Action::Finish(_) => false,
        });
        unstarted.into_iter().for_each(|open| self.cut_run(open));
        for task in std::mem::take(&mut self.tasks).into_keys() {
            step.actions.push(Action::CancelTask { task });
        }
        for (run, open) in std::mem::take(&mut self.runs) {
            step.actions.push(Action::CancelMapRun { run });
            self.cut_run(open);
        }
        for timer in std::mem::take(&mut self.timers).into_keys() {
            step.actions.push(Action::CancelTimer { timer });
        }
        step.actions.push(Action::Finish(Box::new(outcome.clone())));
        self.outcome = Some(outcome);
    }

    /// Remembers a run that was stopped, for a redrive.
    fn cut_run(&mut self, open: OpenRun) {
        if let Some(branch) = self.branches.get_mut(open.branch)
            && let Phase::InRun(..) = branch.phase
        {
            branch.cut = Some(Cut::Run(open.request, open.redrives));
        }
    }
}

/// A number that differs between different texts (FNV-1a, eight bytes at a time).
pub(crate) fn hash_text(text: &str) -> u64 {
    text.as_bytes().chunks(8).fold(0xcbf2_9ce4_8422_2325, |hash, chunk| {
        let mut word = [0; 8];
        word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Mixes a word into a running hash (the finaliser of SplitMix64).
pub(crate) fn mix(hash: u64, word: u64) -> u64 {
    let mut z = (hash ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
