//! Real time: one owner per execution, the machine's clock, a store.
//!
//! Each execution is a tokio task that alone touches its interpreter. It gathers what has reached it, commits that,
//! applies it, and only then carries out what the interpreter asks for.

use super::call::{Answered, call};
use super::family::{Deed, Family, MemberId, TaskKey, TimerKey};
use super::{Finished, Observer, StartRequest};
use crate::clock::Clock;
use crate::interpreter::{Action, Interpreter, ReplayError, Status, Step, TimerKind};
use crate::journal::{Entry, EntryKind, Lines};
use crate::store::{Append, Commit, Store, StoreError, Summary, Wake};
use crate::task::{BoxTaskService, TaskFailure, TaskResponse};
use aslx_asl::{Program, Timestamp};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Why the engine did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The interpreter refused an entry.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// Replaying a journal did not give what was committed with it: the execution stops rather than take another way.
    #[error("the journal of `{execution}` replays to something else than was committed")]
    Diverged {
        /// ARN of the execution.
        execution: Arc<str>,
    },
    /// The execution's owner is gone.
    #[error("the engine has stopped")]
    Stopped,
}

/// Runs executions in real time.
#[derive(Clone)]
pub struct Engine {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    tasks: BoxTaskService,
    observer: Option<Observer>,
}

/// An execution that runs. Dropping the handle leaves it running.
pub struct ExecutionHandle {
    messages: mpsc::UnboundedSender<Message>,
    finished: oneshot::Receiver<Result<Finished, EngineError>>,
}

/// Something for a member of the family.
type Message = (MemberId, EntryKind);

impl ExecutionHandle {
    /// Asks it to stop, with an error name and a cause for its history.
    pub fn stop(&self, error: Option<Arc<str>>, cause: Option<Arc<str>>) {
        // Nobody listens when it has ended already: then there is nothing to stop.
        let _ = self.messages.send((MemberId::PARENT, EntryKind::StopRequested { error, cause }));
    }

    /// Waits for its end.
    pub async fn wait(self) -> Result<Finished, EngineError> {
        self.finished.await.unwrap_or(Err(EngineError::Stopped))
    }
}

impl Engine {
    /// An engine over a store, a clock and the services that do the work of tasks.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, tasks: BoxTaskService) -> Engine {
        Engine { store, clock, tasks, observer: None }
    }

    /// The same, telling every history event to an observer.
    #[must_use]
    pub fn observed_by(mut self, observer: Observer) -> Engine {
        self.observer = Some(observer);
        self
    }

    /// Starts an execution; when this answers, the start is committed. Needs a tokio runtime.
    ///
    /// Errors: an execution of that ARN exists already; the store failed.
    pub async fn start(&self, program: Arc<Program>, request: StartRequest) -> Result<ExecutionHandle, EngineError> {
        let entry = request.entry(&program, self.clock.now());
        let family = Family::new(Interpreter::new(program), Vec::new(), self.observer.clone());
        let mut owner = Owner::new(self.clone(), family);
        let deeds = owner.family.apply(MemberId::PARENT, entry)?;
        owner.commit_and_do(deeds).await?;
        Ok(owner.spawn())
    }

    /// Goes on with an execution whose journal is in the store: replays it and issues again what is outstanding.
    ///
    /// Errors: the journal belongs to another program, or replays to something else than was committed.
    pub async fn resume(&self, program: Arc<Program>, execution: &str) -> Result<ExecutionHandle, EngineError> {
        let stored = self.store.journal(execution).await?;
        let journal = stored.entries(execution)?;
        let mut step = Step::with_history();
        let interpreter = Interpreter::replay(program, &journal, &mut step)?;
        let entries = stored.lines.digest(0);
        if interpreter.digest() ^ entries != stored.digest {
            return Err(EngineError::Diverged { execution: execution.into() });
        }
        let mut family = Family::new(interpreter, journal, self.observer.clone());
        family.known(std::mem::take(&mut step.events));
        let mut owner = Owner::new(self.clone(), family);
        owner.committed = owner.family.journal().len();
        owner.entries = entries;
        let deeds = owner.family.outstanding()?;
        owner.commit_and_do(deeds).await?;
        Ok(owner.spawn())
    }
}

type Work = BoxFuture<'static, (TaskKey, Option<Result<TaskResponse, TaskFailure>>)>;

/// The one that owns an execution's state, and that of the children of its map runs.
///
/// Only the execution's own journal is kept in the store: after a crash, map runs begin anew.
struct Owner {
    engine: Engine,
    family: Family,
    /// Entries of the journal that the store has.
    committed: usize,
    /// The running hash of those entries.
    entries: u64,
    sender: mpsc::UnboundedSender<Message>,
    messages: mpsc::UnboundedReceiver<Message>,
    timers: BTreeSet<(Timestamp, TimerKey)>,
    due: HashMap<TimerKey, Timestamp>,
    work: FuturesUnordered<Work>,
    /// Dropping the sender drops the work.
    cancels: HashMap<TaskKey, oneshot::Sender<()>>,
    resumes: Vec<MemberId>,
}

/// What has reached the family.
enum Arrived {
    Entry(MemberId, EntryKind),
    Answer(TaskKey, EntryKind),
}

impl Owner {
    fn new(engine: Engine, family: Family) -> Owner {
        let (sender, messages) = mpsc::unbounded_channel();
        Owner {
            engine,
            family,
            committed: 0,
            entries: 0,
            sender,
            messages,
            timers: BTreeSet::new(),
            due: HashMap::new(),
            work: FuturesUnordered::new(),
            cancels: HashMap::new(),
            resumes: Vec::new(),
        }
    }

    fn spawn(self) -> ExecutionHandle {
        let messages = self.sender.clone();
        let (sender, finished) = oneshot::channel();
        tokio::spawn(async move {
            // Nobody may be waiting for the end.
            let _ = sender.send(self.run().await);
        });
        ExecutionHandle { messages, finished }
    }

    async fn run(mut self) -> Result<Finished, EngineError> {
        while self.family.outcome().is_none() {
            let arrived = self.gather().await;
            let at = self.engine.clock.now();
            let mut deeds = Vec::new();
            for one in arrived {
                deeds.extend(match one {
                    Arrived::Entry(member, kind) => self.family.apply(member, Entry { at, kind })?,
                    Arrived::Answer(key, kind) => self.family.answer(key, at, kind)?,
                });
            }
            self.commit_and_do(deeds).await?;
        }
        let (Some(outcome), Some(parent)) = (self.family.outcome().cloned(), self.family.parent()) else {
            return Err(EngineError::Stopped);
        };
        let (started, stopped) = (parent.start_time(), parent.now());
        let (journal, history) = self.family.into_parts();
        Ok(Finished { outcome, started, stopped, journal, history })
    }

    /// Waits until something has reached the family. Overdue timers come first, by due time and then by creation.
    async fn gather(&mut self) -> Vec<Arrived> {
        let mut arrived = Vec::new();
        if self.resumes.is_empty() {
            let next = self.timers.first().map(|(due, _)| *due);
            let clock = self.engine.clock.clone();
            let timer = async move {
                match next {
                    Some(due) => clock.sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some((member, kind)) = self.messages.recv() => arrived.push(Arrived::Entry(member, kind)),
                Some((key, answer)) = self.work.next(), if !self.work.is_empty() => arrived.extend(self.answer(key, answer)),
                () = timer => {}
            }
        } else {
            // A stop must get through to a machine that never waits.
            while let Ok((member, kind)) = self.messages.try_recv() {
                arrived.push(Arrived::Entry(member, kind));
            }
            let resumed = std::mem::take(&mut self.resumes);
            arrived.extend(resumed.into_iter().map(|member| Arrived::Entry(member, EntryKind::Resumed)));
            tokio::task::yield_now().await;
        }
        let now = self.engine.clock.now();
        let mut fired = Vec::new();
        while let Some((due, key)) = self.timers.first().copied().filter(|(due, _)| *due <= now) {
            self.timers.remove(&(due, key));
            self.due.remove(&key);
            fired.push(Arrived::Entry(key.member, EntryKind::TimerFired { timer: key.timer }));
        }
        fired.extend(arrived);
        fired
    }

    fn answer(&mut self, key: TaskKey, answer: Option<Result<TaskResponse, TaskFailure>>) -> Option<Arrived> {
        let result = answer?;
        self.cancels.remove(&key);
        Answered::new(key.task, result).entry.map(|entry| Arrived::Answer(key, entry))
    }

    /// Commits what the journal has gained, and only then does what follows from it.
    async fn commit_and_do(&mut self, deeds: Vec<Deed>) -> Result<(), EngineError> {
        let lines = Lines::of(self.family.journal().get(self.committed..).unwrap_or_default());
        if !lines.is_empty() {
            let hash = lines.digest(self.entries);
            let append = self.append(lines, hash, &deeds)?;
            self.entries = hash;
            self.engine.store.commit(Commit::append(append)).await?;
            self.committed = self.family.journal().len();
        }
        self.family.tell();
        for deed in deeds {
            self.perform(deed);
        }
        Ok(())
    }

    fn append(&self, lines: Lines, hash: u64, deeds: &[Deed]) -> Result<Append, EngineError> {
        let parent = self.family.parent().ok_or(EngineError::Stopped)?;
        let started = parent.started().ok_or(ReplayError::NotStarted)?;
        let outcome = parent.outcome();
        let tokens = deeds.iter().filter_map(|deed| match deed {
            Deed::StartTask { key, request } if key.member == MemberId::PARENT => request.token.clone(),
            _ => None,
        });
        Ok(Append {
            journal: started.names.execution_arn.clone(),
            position: self.committed as u64,
            lines,
            digest: parent.digest() ^ hash,
            summary: Summary {
                status: outcome.map_or(Status::Running, |o| o.status),
                stopped: outcome.map(|_| parent.now()),
                ..Summary::of(&started.names, &started.program, parent.start_time())
            },
            outcome: outcome.cloned(),
            wake: wake(&parent.outstanding()),
            tokens: tokens.collect(),
        })
    }

    fn perform(&mut self, deed: Deed) {
        match deed {
            Deed::StartTask { key, request } => {
                let resumed = request.submitted.is_some();
                let (cancel, cancelled) = oneshot::channel::<()>();
                self.cancels.insert(key, cancel);
                let answer = call(self.engine.tasks.clone(), *request);
                let sender = self.sender.clone();
                // On a runtime task of its own, so that tasks run side by side on all cores.
                let running = tokio::spawn(async move {
                    let mut answer = std::pin::pin!(answer);
                    // An answer at once tells itself whether the task got as far as being started.
                    if let Some(result) = answer.as_mut().now_or_never() {
                        return Some(result);
                    }
                    if !resumed {
                        let _ = sender.send((key.member, EntryKind::TaskStarted { task: key.task, worker: None }));
                    }
                    tokio::select! {
                        result = answer => Some(result),
                        _ = cancelled => None,
                    }
                });
                self.work.push(Box::pin(async move {
                    let failed = |error: tokio::task::JoinError| {
                        Some(Err(TaskFailure::new("Runtime.Crash", format!("the task's code failed: {error}"))))
                    };
                    (key, running.await.unwrap_or_else(failed))
                }));
            }
            Deed::CancelTask { key } => {
                self.cancels.remove(&key);
            }
            Deed::SetTimer { key, due, kind } => {
                // After a restart a heartbeat window starts anew.
                let due = match kind {
                    TimerKind::Heartbeat { seconds, .. } => self.engine.clock.now().plus_seconds(seconds).max(due),
                    _ => due,
                };
                self.timers.insert((due, key));
                self.due.insert(key, due);
            }
            Deed::CancelTimer { key } => {
                if let Some(due) = self.due.remove(&key) {
                    self.timers.remove(&(due, key));
                }
            }
            Deed::Resume { member } => self.resumes.push(member),
        }
    }
}

/// When somebody who waits for this must be looked at.
fn wake(outstanding: &[Action]) -> Wake {
    let wakes = outstanding.iter().map(|action| match action {
        Action::SetTimer { due, .. } => Wake::At(*due),
        _ => Wake::Now,
    });
    wakes.min().unwrap_or(Wake::Never)
}
