//! Virtual time: the clock jumps to the next timer as soon as no real work is outstanding.
//!
//! While a real task runs the clock stands still; when it ends, its end is placed at its start plus the measured
//! duration, at most to just before its own timeout. A task whose answer gives a modelled duration ends after that.

use super::call::{Answered, call};
use super::family::{Deed, Family, MemberId, TaskKey, TimerKey, Wants};
use super::{Finished, Observer, StartRequest};
use crate::clock::Stopwatch;
use crate::interpreter::{Interpreter, ReplayError, Step, TimerKind};
use crate::journal::{Entry, EntryKind};
use crate::task::{BoxTaskService, TaskFailure, TaskRequest, TaskResponse};
use aslx_asl::{Program, Timestamp};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Milliseconds of modelled time that a step of [`crate::interpreter::STEP_LIMIT`] transitions takes.
const STEP_MILLIS: i64 = 1_000;

/// Why a simulation came to no end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimulationError {
    /// It waits for answers that nobody in the simulation gives.
    #[error("the execution waits for ever: nobody answers {}", .states.join(", "))]
    Stuck {
        /// Names of the states that wait.
        states: Vec<String>,
    },
    /// The interpreter refused an entry.
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

/// Runs an execution to its end in virtual time, starting at `start`.
///
/// Errors: an execution that waits for a callback or an activity's worker, which only somebody outside could answer.
pub async fn simulate(
    program: Arc<Program>,
    request: StartRequest,
    start: Timestamp,
    tasks: BoxTaskService,
    observer: Option<Observer>,
) -> Result<Finished, SimulationError> {
    let entry = request.entry(&program, start, Vec::new());
    let family = Family::new(Interpreter::new(program), Wants::ALL, observer);
    let mut simulation = Simulation::new(family, start, tasks);
    simulation.apply_now(MemberId::PARENT, entry.kind)?;
    simulation.finish().await
}

/// Goes on with an execution from its journal, in virtual time: what is outstanding is issued again.
///
/// Errors: as [`simulate`], and a journal that does not belong to the program.
pub async fn resume_simulation(
    program: Arc<Program>,
    journal: Vec<Entry>,
    tasks: BoxTaskService,
    observer: Option<Observer>,
) -> Result<Finished, SimulationError> {
    let mut step = Step::with_history();
    let interpreter = Interpreter::replay(program, &journal, &mut step)?;
    let now = interpreter.now();
    let mut family = Family::new(interpreter, Wants::ALL, observer);
    let length = journal.len() as u64;
    family.known_journal(journal, length, 0);
    family.known(std::mem::take(&mut step.events));
    let mut simulation = Simulation::new(family, now, tasks);
    let (deeds, runs) = simulation.family.outstanding(MemberId::PARENT);
    simulation.pending.extend(deeds);
    for run in runs {
        let deeds = simulation.family.begin_run(run, now)?;
        simulation.pending.extend(deeds);
    }
    simulation.finish().await
}

/// Something that will happen at a time: a timer, or the answer of a task.
enum Coming {
    Timer(TimerKey),
    /// The end of a task's heartbeat window.
    Heartbeat(TimerKey, TaskKey),
    Answer(TaskKey, EntryKind),
}

/// What [`Coming`] is called by those who cancel it.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
enum Name {
    Timer(TimerKey),
    Task(TaskKey),
}

type Work = BoxFuture<'static, (TaskKey, Timestamp, Duration, Result<TaskResponse, TaskFailure>)>;

struct Simulation {
    family: Family,
    tasks: BoxTaskService,
    now: Timestamp,
    /// What comes, by time and then by creation.
    queue: BTreeMap<(Timestamp, u64), Coming>,
    places: HashMap<Name, (Timestamp, u64)>,
    counter: u64,
    /// When each task times out.
    due: HashMap<TaskKey, Timestamp>,
    /// Tasks that nobody answers although heartbeats are sent.
    alive: HashSet<TaskKey>,
    work: FuturesUnordered<Work>,
    /// Tasks that nobody waits for any more, while their work still runs.
    cancelled: HashSet<TaskKey>,
    pending: VecDeque<Deed>,
}

impl Simulation {
    fn new(family: Family, now: Timestamp, tasks: BoxTaskService) -> Simulation {
        Simulation {
            family,
            tasks,
            now,
            queue: BTreeMap::new(),
            places: HashMap::new(),
            counter: 0,
            due: HashMap::new(),
            alive: HashSet::new(),
            work: FuturesUnordered::new(),
            cancelled: HashSet::new(),
            pending: VecDeque::new(),
        }
    }

    async fn finish(mut self) -> Result<Finished, SimulationError> {
        self.run().await?;
        let Some(outcome) = self.family.outcome().cloned() else {
            return Err(SimulationError::Stuck { states: self.family.waiting() });
        };
        let started = self.family.parent().map(Interpreter::start_time).unwrap_or_default();
        let (journal, history) = self.family.into_parts();
        Ok(Finished { outcome, started, stopped: self.now, journal, history })
    }

    async fn run(&mut self) -> Result<(), SimulationError> {
        while self.family.outcome().is_none() {
            if let Some(deed) = self.pending.pop_front() {
                self.perform(deed)?;
            } else if let Some((key, begun, took, result)) = self.work.next().await {
                if !self.cancelled.remove(&key) {
                    self.answered(key, begun, took, result, true)?;
                }
            } else if let Some((place, coming)) = self.queue.pop_first() {
                self.happen(place.0, coming)?;
            } else {
                return Ok(());
            }
        }
        Ok(())
    }

    fn apply_now(&mut self, member: MemberId, kind: EntryKind) -> Result<(), ReplayError> {
        let deeds = self.family.apply(member, Entry { at: self.now, kind })?;
        self.family.tell();
        self.pending.extend(deeds);
        Ok(())
    }

    fn perform(&mut self, deed: Deed) -> Result<(), ReplayError> {
        match deed {
            Deed::StartTask { key, request } => self.begin(key, Arc::unwrap_or_clone(request))?,
            Deed::CancelTask { key } => {
                let scheduled = self.places.contains_key(&Name::Task(key));
                self.cancel(Name::Task(key));
                self.due.remove(&key);
                if !scheduled {
                    self.cancelled.insert(key);
                }
            }
            Deed::SetTimer { key, due, kind } => {
                if let TimerKind::TaskTimeout { task } | TimerKind::Heartbeat { task, .. } = kind {
                    let earliest = self.due.entry(TaskKey { member: key.member, task }).or_insert(due);
                    *earliest = due.min(*earliest);
                }
                let coming = match kind {
                    TimerKind::Heartbeat { task, .. } => Coming::Heartbeat(key, TaskKey { member: key.member, task }),
                    _ => Coming::Timer(key),
                };
                self.schedule(due, Name::Timer(key), coming);
            }
            Deed::CancelTimer { key } => self.cancel(Name::Timer(key)),
            // A simulation is not redriven: it has no store.
            Deed::Revive { .. } | Deed::ReviveRun(_) => {}
            Deed::Resume { member } => {
                // Transitions take time on AWS too. Without it the clock would stand still in a loop of Pass states,
                // and an Express execution, which has no last event, would never time out.
                self.now = self.now.plus_millis(STEP_MILLIS);
                while let Some((place, coming)) = self.queue.pop_first() {
                    if place.0 > self.now {
                        self.queue.insert(place, coming);
                        break;
                    }
                    self.happen(place.0, coming)?;
                }
                self.apply_now(member, EntryKind::Resumed)?;
            }
        }
        Ok(())
    }

    fn schedule(&mut self, at: Timestamp, name: Name, coming: Coming) {
        self.counter += 1;
        let place = (at.max(self.now), self.counter);
        self.places.insert(name, place);
        self.queue.insert(place, coming);
    }

    fn cancel(&mut self, name: Name) {
        if let Some(place) = self.places.remove(&name) {
            self.queue.remove(&place);
        }
    }

    /// Calls the service. An answer at once is a mock's, or trivial work; anything else is real work.
    fn begin(&mut self, key: TaskKey, request: TaskRequest) -> Result<(), ReplayError> {
        let resumed = request.submitted.is_some();
        let begun = self.now;
        let clock = Stopwatch::start();
        let mut answer = call(self.tasks.clone(), request).boxed();
        match (&mut answer).now_or_never() {
            Some(result) => self.answered(key, begun, clock.elapsed(), result, resumed),
            None => {
                if !resumed {
                    self.apply_now(key.member, EntryKind::TaskStarted { task: key.task, worker: None })?;
                }
                self.work.push(Box::pin(async move {
                    let result = answer.await;
                    (key, begun, clock.elapsed(), result)
                }));
                Ok(())
            }
        }
    }

    fn answered(
        &mut self,
        key: TaskKey,
        begun: Timestamp,
        took: Duration,
        result: Result<TaskResponse, TaskFailure>,
        started: bool,
    ) -> Result<(), ReplayError> {
        let Answered { entry, modelled, unstarted } = Answered::new(key.task, result);
        if !started && !unstarted {
            self.apply_now(key.member, EntryKind::TaskStarted { task: key.task, worker: None })?;
        }
        let Some(entry) = entry else {
            if modelled.is_some() {
                self.alive.insert(key);
            }
            return Ok(());
        };
        let end = match modelled {
            Some(modelled) => begun.plus_millis(millis(modelled)),
            None => {
                // Real work never times out by the model's clock: only the measured time counts, and a slow machine
                // is not the definition's fault.
                let end = begun.plus_millis(millis(took));
                self.due.get(&key).map_or(end, |due| end.min(due.plus_millis(-1)))
            }
        };
        self.schedule(end, Name::Task(key), Coming::Answer(key, entry));
        Ok(())
    }

    fn happen(&mut self, at: Timestamp, coming: Coming) -> Result<(), ReplayError> {
        if let Coming::Heartbeat(_, task) = coming
            && self.alive.contains(&task)
        {
            return Ok(());
        }
        self.now = self.now.max(at);
        match coming {
            Coming::Timer(key) | Coming::Heartbeat(key, _) => {
                self.places.remove(&Name::Timer(key));
                self.apply_now(key.member, EntryKind::TimerFired { timer: key.timer })
            }
            Coming::Answer(key, kind) => {
                self.places.remove(&Name::Task(key));
                self.due.remove(&key);
                let deeds = self.family.answer(key, self.now, kind)?;
                self.family.tell();
                self.pending.extend(deeds);
                Ok(())
            }
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
