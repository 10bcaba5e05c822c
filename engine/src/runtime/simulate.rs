//! Virtual time: the clock jumps to the next timer as soon as no real work is outstanding.
//!
//! While a real task runs the clock stands still; when it ends, its end is placed at its start plus the measured
//! duration, at most to just before its own timeout. A task whose answer gives a modelled duration ends after that.

use super::call::{Answered, call};
use super::{Finished, Observer, StartRequest};
use crate::interpreter::{Action, Interpreter, ReplayError, Step, TimerKind};
use crate::journal::{Entry, EntryKind, TaskId, TimerId};
use crate::task::{BoxTaskService, TaskFailure, TaskRequest, TaskResponse};
use aslx_asl::{Program, Timestamp};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

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
    let entry = request.entry(&program, start);
    let mut simulation = Simulation::new(Interpreter::new(program), tasks, observer);
    simulation.now = start;
    simulation.apply(entry)?;
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
    let outstanding = interpreter.outstanding();
    let mut simulation = Simulation::new(interpreter, tasks, observer);
    simulation.now = simulation.interpreter.now();
    simulation.journal = journal;
    simulation.history = std::mem::take(&mut step.events);
    simulation.pending.extend(outstanding);
    simulation.finish().await
}

/// Something that will happen at a time: a timer, or the end of a task.
enum Coming {
    Timer(TimerId),
    Entry(TaskId, EntryKind),
}

/// What [`Coming`] is called by those who cancel it.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
enum Name {
    Timer(TimerId),
    Task(TaskId),
}

type Work = BoxFuture<'static, (TaskId, Timestamp, Duration, Result<TaskResponse, TaskFailure>)>;

struct Simulation {
    interpreter: Interpreter,
    tasks: BoxTaskService,
    observer: Option<Observer>,
    now: Timestamp,
    journal: Vec<Entry>,
    step: Step,
    history: Vec<crate::history::HistoryEvent>,
    /// What comes, by time and then by creation.
    queue: BTreeMap<(Timestamp, u64), Coming>,
    places: HashMap<Name, (Timestamp, u64)>,
    counter: u64,
    /// When each task times out.
    due: HashMap<TaskId, Timestamp>,
    requests: HashMap<TaskId, TaskRequest>,
    work: FuturesUnordered<Work>,
    pending: VecDeque<Action>,
}

impl Simulation {
    fn new(interpreter: Interpreter, tasks: BoxTaskService, observer: Option<Observer>) -> Simulation {
        Simulation {
            interpreter,
            tasks,
            observer,
            now: Timestamp::default(),
            journal: Vec::new(),
            step: Step::with_history(),
            history: Vec::new(),
            queue: BTreeMap::new(),
            places: HashMap::new(),
            counter: 0,
            due: HashMap::new(),
            requests: HashMap::new(),
            work: FuturesUnordered::new(),
            pending: VecDeque::new(),
        }
    }

    async fn finish(mut self) -> Result<Finished, SimulationError> {
        self.run().await?;
        let Some(outcome) = self.interpreter.outcome().cloned() else {
            return Err(SimulationError::Stuck { states: self.waiting() });
        };
        Ok(Finished {
            outcome,
            started: self.interpreter.start_time(),
            stopped: self.now,
            journal: self.journal,
            history: self.history,
        })
    }

    async fn run(&mut self) -> Result<(), SimulationError> {
        while self.interpreter.outcome().is_none() {
            if let Some(action) = self.pending.pop_front() {
                self.perform(action).await?;
            } else if let Some((task, begun, took, result)) = self.work.next().await {
                self.work_done(task, begun, took, result)?;
            } else if let Some((place, coming)) = self.queue.pop_first() {
                self.happen(place.0, coming)?;
            } else {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Names of the states whose tasks nobody answers.
    fn waiting(&self) -> Vec<String> {
        let mut states: Vec<String> = self
            .interpreter
            .outstanding()
            .into_iter()
            .filter_map(|action| match action {
                Action::StartTask { request, .. } => Some(format!("`{}`", request.state)),
                _ => None,
            })
            .collect();
        states.sort();
        states.dedup();
        states
    }

    fn apply(&mut self, entry: Entry) -> Result<(), ReplayError> {
        self.step.clear();
        self.interpreter.apply(&entry, &mut self.step)?;
        self.journal.push(entry);
        self.pending.extend(self.step.actions.drain(..));
        for event in self.step.events.drain(..) {
            if let Some(observer) = &self.observer {
                observer(&event);
            }
            self.history.push(event);
        }
        Ok(())
    }

    fn apply_now(&mut self, kind: EntryKind) -> Result<(), ReplayError> {
        self.apply(Entry { at: self.now, kind })
    }

    async fn perform(&mut self, action: Action) -> Result<(), ReplayError> {
        match action {
            Action::StartTask { task, request } => {
                self.requests.insert(task, (*request).clone());
                self.begin(task, *request).await?;
            }
            Action::CancelTask { task } => {
                self.cancel(Name::Task(task));
                self.requests.remove(&task);
                self.due.remove(&task);
            }
            Action::SetTimer { timer, due, kind } => {
                if let TimerKind::TaskTimeout { task } | TimerKind::Heartbeat { task, .. } = kind {
                    let earliest = self.due.entry(task).or_insert(due);
                    *earliest = due.min(*earliest);
                }
                self.schedule(due, Name::Timer(timer), Coming::Timer(timer));
            }
            Action::CancelTimer { timer } => self.cancel(Name::Timer(timer)),
            Action::Continue => self.apply_now(EntryKind::Resumed)?,
            Action::Finish(_) => {}
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
    async fn begin(&mut self, task: TaskId, request: TaskRequest) -> Result<(), ReplayError> {
        let resumed = request.submitted.is_some();
        let begun = self.now;
        let clock = Instant::now();
        let mut answer = call(self.tasks.clone(), request).boxed();
        match (&mut answer).now_or_never() {
            Some(result) => self.answered(task, begun, clock.elapsed(), result, resumed),
            None => {
                if !resumed {
                    self.apply_now(EntryKind::TaskStarted { task, worker: None })?;
                }
                self.work.push(Box::pin(async move {
                    let result = answer.await;
                    (task, begun, clock.elapsed(), result)
                }));
                Ok(())
            }
        }
    }

    fn work_done(
        &mut self,
        task: TaskId,
        begun: Timestamp,
        took: Duration,
        result: Result<TaskResponse, TaskFailure>,
    ) -> Result<(), ReplayError> {
        self.answered(task, begun, took, result, true)
    }

    fn answered(
        &mut self,
        task: TaskId,
        begun: Timestamp,
        took: Duration,
        result: Result<TaskResponse, TaskFailure>,
        started: bool,
    ) -> Result<(), ReplayError> {
        let Answered { entry, modelled, unstarted } = Answered::new(task, result);
        if !started && !unstarted {
            self.apply_now(EntryKind::TaskStarted { task, worker: None })?;
        }
        let Some(entry) = entry else { return Ok(()) };
        let end = match modelled {
            Some(modelled) => begun.plus_millis(millis(modelled)),
            None => {
                // Real work never times out by the model's clock: only the measured time counts, and a slow machine
                // is not the definition's fault.
                let end = begun.plus_millis(millis(took));
                self.due.get(&task).map_or(end, |due| end.min(due.plus_millis(-1)))
            }
        };
        self.schedule(end, Name::Task(task), Coming::Entry(task, entry));
        Ok(())
    }

    fn happen(&mut self, at: Timestamp, coming: Coming) -> Result<(), ReplayError> {
        self.now = self.now.max(at);
        match coming {
            Coming::Timer(timer) => {
                self.places.remove(&Name::Timer(timer));
                self.apply_now(EntryKind::TimerFired { timer })
            }
            Coming::Entry(task, kind) => {
                self.places.remove(&Name::Task(task));
                let submitted = match &kind {
                    EntryKind::TaskSubmitted { output, .. } => Some(output.value().clone()),
                    _ => None,
                };
                self.apply_now(kind)?;
                if let Some(request) = self.requests.get_mut(&task)
                    && submitted.is_some()
                    && self.interpreter.is_open(task)
                {
                    request.submitted = submitted;
                    let request = Box::new(request.clone());
                    self.pending.push_back(Action::StartTask { task, request });
                }
                Ok(())
            }
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
