//! The run itself.

use super::action::{Child, MapRunAction, RunResult, WorkId};
use super::files::Sizes;
use super::results::Results;
use super::select::select;
use super::supply::{Page, Supply};
use super::{ChildEnd, ItemSource, MAX_CONCURRENCY, MapRunEntry, MapRunEntryKind, MapRunRequest, RunCounts, RunLimits};
use crate::draws::Draws;
use crate::interpreter::Status;
use crate::journal::{ExecutionNames, SEMANTICS, Seed, Started, Tracing};
use crate::task::{TaskFailure, TaskRequest};
use crate::{Data, PAYLOAD_LIMIT};
use aslx_asl::{MachineType, Program, Timestamp, Value};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

const READING_FAILED: &str = "States.ItemReaderFailed";
const WRITING_FAILED: &str = "States.ResultWriterFailed";

/// A map run while it runs. See [the module](super) for how it is driven.
pub struct MapRun {
    request: MapRunRequest,
    program: Arc<Program>,
    limits: RunLimits,
    supply: Supply,
    results: Results,
    next_child: u64,
    /// Children that run, and how many items they have.
    running: BTreeMap<u64, u64>,
    /// Children that ended otherwise than well.
    unsuccessful: BTreeMap<u64, (u64, Status)>,
    /// Those of them that are to run again.
    again: VecDeque<(u64, u64)>,
    counts: RunCounts,
    redrives: u64,
    broken: Option<Broken>,
    stopped: bool,
    stopping: bool,
    finished: bool,
}

/// Why a run fails.
#[derive(Debug, Clone)]
struct Broken {
    error: Arc<str>,
    cause: Arc<str>,
    /// Too many children failed: what is left is listed in the results.
    threshold: bool,
}

impl MapRun {
    /// A run that has just been started.
    pub fn new(program: Arc<Program>, request: MapRunRequest) -> MapRun {
        MapRun::with_sizes(program, request, Sizes::default())
    }

    pub(super) fn with_sizes(program: Arc<Program>, mut request: MapRunRequest, sizes: Sizes) -> MapRun {
        let mut broken = None;
        let results = Results::new(&request, sizes).unwrap_or_else(|_| {
            let cause = "The ResultWriter names no bucket.";
            broken = Some(Broken { error: WRITING_FAILED.into(), cause: cause.into(), threshold: false });
            Results::default()
        });
        let limits = RunLimits {
            max_concurrency: Some(request.max_concurrency as u64),
            tolerated_count: request.tolerated_count,
            tolerated_percentage: request.tolerated_percentage,
        };
        let mut run = MapRun {
            supply: Supply::new(&mut request),
            results,
            request,
            program,
            limits,
            next_child: 0,
            running: BTreeMap::new(),
            unsuccessful: BTreeMap::new(),
            again: VecDeque::new(),
            counts: RunCounts::default(),
            redrives: 0,
            broken,
            stopped: false,
            stopping: false,
            finished: false,
        };
        run.settle();
        run
    }

    /// A run as its journal left it. What was under way is asked for again by [`MapRun::step`]; the children that
    /// [run](MapRun::running) have journals of their own.
    pub fn replay(program: Arc<Program>, request: MapRunRequest, journal: &[MapRunEntry]) -> MapRun {
        let mut run = MapRun::new(program, request);
        journal.iter().for_each(|entry| run.apply(entry));
        run
    }

    /// Applies an entry that is in the journal.
    pub fn apply(&mut self, entry: &MapRunEntry) {
        match &entry.kind {
            MapRunEntryKind::Started => {}
            MapRunEntryKind::Opened { total, pin } => self.supply.opened(*total, pin),
            MapRunEntryKind::ChildStarted { child, items } => {
                self.again.retain(|(again, _)| again != child);
                if *child >= self.next_child {
                    self.next_child = child + 1;
                    self.supply.start(*items);
                } else {
                    self.counts.items.pending_redrive -= (*items).min(self.counts.items.pending_redrive);
                    self.counts.executions.pending_redrive -= 1.min(self.counts.executions.pending_redrive);
                }
                self.running.insert(*child, *items);
                self.counts.items.running += items;
                self.counts.executions.running += 1;
            }
            MapRunEntryKind::ChildEnded { child, end } => self.child_ended(*child, end, entry.at),
            MapRunEntryKind::Written { file, part, receipt } => self.results.written(*file, *part, receipt),
            MapRunEntryKind::Failed { error, cause } => {
                self.broken.get_or_insert(Broken { error: error.clone(), cause: cause.clone(), threshold: false });
            }
            MapRunEntryKind::Changed(limits) => {
                let RunLimits { max_concurrency, tolerated_count, tolerated_percentage } = *limits;
                self.limits.max_concurrency = max_concurrency.or(self.limits.max_concurrency);
                self.limits.tolerated_count = tolerated_count.or(self.limits.tolerated_count);
                self.limits.tolerated_percentage = tolerated_percentage.or(self.limits.tolerated_percentage);
                self.judge();
            }
            MapRunEntryKind::Stopped => self.stopped = true,
            MapRunEntryKind::Redriven => self.redriven(),
        }
        self.settle();
    }

    fn child_ended(&mut self, child: u64, end: &ChildEnd, at: Timestamp) {
        let Some(items) = self.running.remove(&child) else { return };
        self.counts.items.ended(end.status, items);
        self.counts.executions.ended(end.status, 1);
        if end.status == Status::Succeeded {
            self.unsuccessful.remove(&child);
        } else {
            self.unsuccessful.insert(child, (items, end.status));
        }
        let (names, _) = self.identity(child);
        self.results.add(child, &names, end, at, self.redrives);
        self.judge();
    }

    /// Ends the run when more has failed than is tolerated.
    fn judge(&mut self) {
        let failed = self.counts.items.unsuccessful();
        let by_count = self.limits.tolerated_count.is_some_and(|tolerated| failed > tolerated);
        let share = failed as f64 * 100.0 / self.supply.total().unwrap_or_default().max(1) as f64;
        let by_share = self.limits.tolerated_percentage.is_some_and(|tolerated| share > tolerated);
        if (by_count || by_share) && self.broken.is_none() {
            self.broken = Some(Broken {
                error: "States.ExceedToleratedFailureThreshold".into(),
                cause: "The specified tolerated failure threshold was exceeded".into(),
                threshold: true,
            });
        }
    }

    fn redriven(&mut self) {
        self.redrives += 1;
        self.broken = None;
        self.stopped = false;
        self.stopping = false;
        self.finished = false;
        for (child, (items, status)) in std::mem::take(&mut self.unsuccessful) {
            self.counts.items.again(status, items);
            self.counts.executions.again(status, 1);
            self.again.push_back((child, items));
        }
        self.supply.rewind();
        self.results.reopen();
    }

    /// Closes the files that no child can add to any more: a consequence of entries alone, so a replay has the same
    /// parts.
    fn settle(&mut self) {
        let all = self.supply.all_given() && self.again.is_empty();
        if self.running.is_empty() && (all || self.drains()) {
            self.results.close_children();
        }
    }

    /// What is left is only listed.
    fn drains(&self) -> bool {
        !self.stopped && self.broken.as_ref().is_some_and(|broken| broken.threshold) && self.results.in_bucket()
    }

    fn ends(&self) -> bool {
        self.stopped || self.broken.is_some()
    }

    /// The next thing to do; `None` until something arrives. Nothing is asked for twice, except [`MapRunAction::Start`],
    /// [`MapRunAction::Redrive`] and [`MapRunAction::Journal`], whose entries are to be applied before the next step.
    pub fn step(&mut self) -> Option<MapRunAction> {
        if self.finished {
            return None;
        }
        if self.ends() {
            if !self.running.is_empty() {
                return (!std::mem::replace(&mut self.stopping, true)).then_some(MapRunAction::StopChildren);
            }
            if self.drains() {
                while let Some(batch) = self.supply.pass() {
                    self.results.pending(&batch.input);
                }
            }
        } else if let Some(start) = self.next_start() {
            return Some(start);
        }
        if let Some(action) = self.next_read() {
            return Some(action);
        }
        let through = self.supply.is_through() && self.running.is_empty() && self.again.is_empty();
        if through && (!self.ends() || self.drains()) {
            self.results.close_all();
        }
        if (!self.ends() || self.drains())
            && let Some(write) = self.results.ask()
        {
            let resource = self.request.write.as_ref().and_then(|write| write.destination.as_ref());
            let resource = resource.map_or_else(|| "".into(), |(resource, _)| resource.clone());
            let input = write.input(&self.request.arn);
            return Some(MapRunAction::Work(WorkId::Write, Box::new(self.task(resource, input))));
        }
        let over = match (self.ends(), self.drains()) {
            (true, false) => self.stopped || !self.results.is_asked(),
            _ => through && self.results.is_done(),
        };
        if !over {
            return None;
        }
        self.finished = true;
        Some(MapRunAction::Finish(self.result()))
    }

    /// The next child, if there is one and room for it.
    fn next_start(&mut self) -> Option<MapRunAction> {
        if self.running.len() >= self.room() || self.results.is_full() {
            return None;
        }
        if let Some((child, items)) = self.again.front().copied() {
            return Some(MapRunAction::Redrive(self.child(child, items, Data::default())));
        }
        let batch = self.supply.next()?;
        let (items, input) = (batch.items, batch.input.clone());
        if input.value().json_len() > PAYLOAD_LIMIT {
            let cause = format!(
                "The input of child {} has {} bytes, at most {PAYLOAD_LIMIT} are allowed.",
                self.next_child,
                input.value().json_len()
            );
            return Some(failed("States.DataLimitExceeded", &cause));
        }
        Some(MapRunAction::Start(self.child(self.next_child, items, input)))
    }

    fn next_read(&mut self) -> Option<MapRunAction> {
        let drains = self.drains();
        if (self.ends() && !drains) || (drains && self.results.is_full()) {
            return None;
        }
        while let Some(page) = self.supply.held_page(drains) {
            if let Err(action) = self.take(page) {
                return Some(action);
            }
            if !drains {
                break;
            }
            while let Some(batch) = self.supply.pass() {
                self.results.pending(&batch.input);
            }
        }
        if !drains && let Some(start) = self.next_start() {
            return Some(start);
        }
        let ItemSource::Reader(read) = &self.request.source else { return None };
        let task = self.supply.ask(drains)?;
        let input = task.input(&self.request.arn, read, self.request.max_items);
        let request = self.task(read.resource.clone(), input);
        Some(MapRunAction::Work(WorkId::Read, Box::new(request)))
    }

    fn take(&mut self, page: Page) -> Result<(), MapRunAction> {
        let (program, request) = (&self.program, &self.request);
        self.supply
            .take(page, |index, item, source| select(program, request, index, item, source))
            .map_err(|failure| failed(&failure.error, &failure.detail))
    }

    /// The answer of a reading or writing task: the entry that it is, or `None` for items that were only read.
    pub fn answered(&mut self, work: WorkId, answer: Result<Value, TaskFailure>) -> Option<MapRunEntryKind> {
        match work {
            WorkId::Read => {
                if !self.supply.is_asked() {
                    return None;
                }
                self.supply.answered();
                let failure = match answer.map(|answer| self.read(answer)) {
                    Ok(Ok(entry)) => return entry,
                    Ok(Err(cause)) => TaskFailure::new(READING_FAILED, cause),
                    Err(failure) => failure,
                };
                Some(entry_of(failure))
            }
            WorkId::Write => {
                let (file, part) = self.results.answered()?;
                Some(match answer {
                    Ok(receipt) => MapRunEntryKind::Written { file, part, receipt: receipt.into() },
                    Err(failure) => entry_of(failure),
                })
            }
        }
    }

    fn read(&mut self, answer: Value) -> Result<Option<MapRunEntryKind>, String> {
        if let Some(items) = answer.as_array() {
            return match self.supply.hold(items.to_vec(), self.request.max_items) {
                None => Ok(None),
                Some((total, pin)) => self.opened(total, pin),
            };
        }
        let total = answer.get("Total").and_then(Value::as_i64).and_then(|total| u64::try_from(total).ok());
        if let Some(total) = total {
            return self.opened(total, answer.get("Pin").cloned().unwrap_or_default().into());
        }
        let Some(items) = answer.get("Items").and_then(Value::as_array) else {
            return Err("The reader gave no list of items.".to_owned());
        };
        if items.is_empty() {
            return Err("The data set has fewer items than it had when it was opened.".to_owned());
        }
        let page = Page::of(items, answer.get("Sources"));
        match self.take(page) {
            Ok(()) => Ok(None),
            Err(MapRunAction::Journal(entry)) => Ok(Some(entry)),
            Err(_) => Ok(None),
        }
    }

    fn opened(&self, total: u64, pin: Data) -> Result<Option<MapRunEntryKind>, String> {
        match self.supply.has_changed(total, &pin) {
            true => Err("The data set has changed since it was opened.".to_owned()),
            false => Ok(Some(MapRunEntryKind::Opened { total, pin })),
        }
    }

    fn task(&self, resource: Arc<str>, input: Value) -> TaskRequest {
        TaskRequest {
            execution: self.request.parent.execution_arn.clone(),
            event: 0,
            state: self.program.state(self.request.state).name.clone(),
            resource,
            input,
            retry_count: 0,
            iteration: None,
            token: None,
            timeout_seconds: None,
            heartbeat_seconds: None,
            credentials: None,
            submitted: None,
            withdrawal: Default::default(),
        }
    }

    fn child(&self, index: u64, items: u64, input: Data) -> Child {
        let (names, seed) = self.identity(index);
        let started = Started {
            names,
            machine_type: self.request.child_type,
            synchronous: false,
            processor: Some(self.program.state(self.request.state).name.clone()),
            input,
            program: self.program.hash().into(),
            missing_activities: Vec::new(),
            semantics: SEMANTICS,
            seed,
            tracing: Tracing::default(),
        };
        Child { index, items, started: Box::new(started) }
    }

    /// Names and seed of a child: they follow from the run's seed and the child's number.
    pub fn identity(&self, child: u64) -> (ExecutionNames, Seed) {
        let draws = Draws::numbered(self.request.seed, 0, child);
        let parent = &self.request.parent;
        let machine = &self.request.child_machine;
        let prefix = parent.machine_arn.split(":stateMachine:").next().unwrap_or_default();
        let seed = draws.seed();
        let name = draws.uuid();
        let execution_arn = match self.request.child_type {
            MachineType::Standard => format!("{prefix}:execution:{machine}:{name}"),
            MachineType::Express => format!("{prefix}:express:{machine}:{name}:{}", draws.uuid()),
        };
        let names = ExecutionNames {
            execution_arn: execution_arn.into(),
            execution_name: name.into(),
            machine_arn: format!("{prefix}:stateMachine:{machine}").into(),
            machine_name: machine.clone(),
            role_arn: parent.role_arn.clone(),
            version_arn: None,
            alias_arn: None,
        };
        (names, seed)
    }

    fn result(&self) -> RunResult {
        if self.stopped {
            return RunResult::Aborted;
        }
        if let Some(Broken { error, cause, .. }) = &self.broken {
            return RunResult::Failed { error: error.clone(), cause: cause.clone() };
        }
        match self.results.result() {
            Some(result) => RunResult::Succeeded(result.into()),
            None => {
                let name = &self.program.state(self.request.state).name;
                let cause = format!(
                    "The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
                );
                RunResult::Failed { error: "States.DataLimitExceeded".into(), cause: cause.into() }
            }
        }
    }

    fn room(&self) -> usize {
        match self.limits.max_concurrency {
            None | Some(0) => MAX_CONCURRENCY,
            Some(most) => usize::try_from(most).unwrap_or(MAX_CONCURRENCY).min(MAX_CONCURRENCY),
        }
    }

    /// The request that it was started with, without the items.
    pub fn request(&self) -> &MapRunRequest {
        &self.request
    }

    /// The limits as they are now.
    pub fn limits(&self) -> RunLimits {
        self.limits
    }

    /// Numbers of the children that run.
    pub fn running(&self) -> impl Iterator<Item = u64> {
        self.running.keys().copied()
    }

    /// How many items a child has that runs.
    pub fn items_of(&self, child: u64) -> Option<u64> {
        self.running.get(&child).copied()
    }

    /// The work that is under way.
    pub fn under_way(&self) -> impl Iterator<Item = WorkId> {
        let read = self.supply.is_asked().then_some(WorkId::Read);
        read.into_iter().chain(self.results.is_asked().then_some(WorkId::Write))
    }

    /// Whether the ends of children are to have their inputs, for [`ChildEnd::of`].
    pub fn shows_inputs(&self) -> bool {
        self.results.shows_inputs()
    }

    /// How often it was redriven.
    pub fn redrives(&self) -> u64 {
        self.redrives
    }

    /// What became of the items and children so far.
    pub fn counts(&self) -> RunCounts {
        let mut counts = self.counts;
        let total = self.supply.total().unwrap_or_default();
        counts.items.total = total;
        counts.items.pending = total.saturating_sub(self.supply.given());
        counts.executions.pending = self.supply.waiting();
        counts.executions.total = self.next_child + self.supply.waiting();
        for tally in [&mut counts.items, &mut counts.executions] {
            tally.results_written = tally.succeeded + tally.failed + tally.timed_out + tally.aborted;
        }
        counts
    }
}

fn failed(error: &str, cause: &str) -> MapRunAction {
    MapRunAction::Journal(MapRunEntryKind::Failed { error: error.into(), cause: cause.into() })
}

fn entry_of(failure: TaskFailure) -> MapRunEntryKind {
    MapRunEntryKind::Failed { error: failure.error.into(), cause: failure.cause.unwrap_or_default().into() }
}
