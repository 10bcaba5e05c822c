//! Real time: one owner per execution, the machine's clock, a store.
//!
//! Each execution is a tokio task that alone touches its interpreter. It gathers what has reached it, commits that,
//! applies it, and only then carries out what the interpreter asks for.

use super::call::{Answered, call};
use super::{Finished, Observer, StartRequest};
use crate::clock::Clock;
use crate::interpreter::{Action, Interpreter, ReplayError, Status, Step, TimerKind};
use crate::journal::{Entry, EntryKind, TaskId, TimerId};
use crate::store::{Commit, Store, StoreError, Summary};
use crate::task::{BoxTaskService, TaskFailure, TaskRequest, TaskResponse};
use aslx_asl::{Program, Timestamp};
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
    commands: mpsc::UnboundedSender<EntryKind>,
    finished: oneshot::Receiver<Result<Finished, EngineError>>,
}

impl ExecutionHandle {
    /// Asks it to stop, with an error name and a cause for its history.
    pub fn stop(&self, error: Option<Arc<str>>, cause: Option<Arc<str>>) {
        // Nobody listens when it has ended already: then there is nothing to stop.
        let _ = self.commands.send(EntryKind::StopRequested { error, cause });
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
        let mut owner = self.owner(Interpreter::new(program), Vec::new());
        owner.commit(vec![entry.kind]).await?;
        Ok(owner.spawn())
    }

    /// Goes on with an execution whose journal is in the store: replays it and issues again what is outstanding.
    ///
    /// Errors: the journal belongs to another program, or replays to something else than was committed.
    pub async fn resume(&self, program: Arc<Program>, execution: &str) -> Result<ExecutionHandle, EngineError> {
        let stored = self.store.journal(execution).await?;
        let mut step = self.new_step();
        let interpreter = Interpreter::replay(program, &stored.entries, &mut step)?;
        if interpreter.digest() != stored.digest {
            return Err(EngineError::Diverged { execution: execution.into() });
        }
        let outstanding = interpreter.outstanding();
        let mut owner = self.owner(interpreter, stored.entries);
        owner.history = std::mem::take(&mut step.events);
        for action in outstanding {
            owner.perform(action);
        }
        Ok(owner.spawn())
    }

    fn new_step(&self) -> Step {
        Step::with_history()
    }

    fn owner(&self, interpreter: Interpreter, journal: Vec<Entry>) -> Owner {
        let (sender, commands) = mpsc::unbounded_channel();
        Owner {
            engine: self.clone(),
            interpreter,
            step: self.new_step(),
            journal,
            history: Vec::new(),
            sender,
            commands,
            timers: BTreeSet::new(),
            due: HashMap::new(),
            requests: HashMap::new(),
            work: FuturesUnordered::new(),
            cancels: HashMap::new(),
            again: false,
        }
    }
}

type Work = BoxFuture<'static, (TaskId, Option<Result<TaskResponse, TaskFailure>>)>;

/// The one that owns an execution's state.
struct Owner {
    engine: Engine,
    interpreter: Interpreter,
    step: Step,
    journal: Vec<Entry>,
    history: Vec<crate::history::HistoryEvent>,
    sender: mpsc::UnboundedSender<EntryKind>,
    commands: mpsc::UnboundedReceiver<EntryKind>,
    timers: BTreeSet<(Timestamp, TimerId)>,
    due: HashMap<TimerId, Timestamp>,
    requests: HashMap<TaskId, TaskRequest>,
    work: FuturesUnordered<Work>,
    /// Dropping the sender drops the work.
    cancels: HashMap<TaskId, oneshot::Sender<()>>,
    again: bool,
}

impl Owner {
    fn spawn(self) -> ExecutionHandle {
        let commands = self.sender.clone();
        let (sender, finished) = oneshot::channel();
        tokio::spawn(async move {
            // Nobody may be waiting for the end.
            let _ = sender.send(self.run().await);
        });
        ExecutionHandle { commands, finished }
    }

    async fn run(mut self) -> Result<Finished, EngineError> {
        while self.interpreter.outcome().is_none() {
            let entries = self.gather().await;
            self.commit(entries).await?;
        }
        let Some(outcome) = self.interpreter.outcome().cloned() else { return Err(EngineError::Stopped) };
        Ok(Finished {
            outcome,
            started: self.interpreter.start_time(),
            stopped: self.interpreter.now(),
            journal: self.journal,
            history: self.history,
        })
    }

    /// Waits until something has reached the execution, and takes all that has by then.
    async fn gather(&mut self) -> Vec<EntryKind> {
        let mut entries = Vec::new();
        if std::mem::take(&mut self.again) {
            entries.push(EntryKind::Resumed);
        } else {
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
                Some(command) = self.commands.recv() => entries.push(command),
                Some((task, answer)) = self.work.next(), if !self.work.is_empty() => self.answer(task, answer, &mut entries),
                () = timer => {}
            }
        }
        // Overdue timers first, by due time and then by creation.
        let now = self.engine.clock.now();
        let mut fired = Vec::new();
        while let Some((due, timer)) = self.timers.first().copied().filter(|(due, _)| *due <= now) {
            self.timers.remove(&(due, timer));
            self.due.remove(&timer);
            fired.push(EntryKind::TimerFired { timer });
        }
        fired.extend(entries);
        fired
    }

    fn answer(
        &mut self,
        task: TaskId,
        answer: Option<Result<TaskResponse, TaskFailure>>,
        entries: &mut Vec<EntryKind>,
    ) {
        self.cancels.remove(&task);
        let Some(result) = answer else { return };
        let answered = Answered::new(task, result);
        entries.extend(answered.entry);
    }

    /// Commits entries, applies them, and carries out what follows.
    async fn commit(&mut self, kinds: Vec<EntryKind>) -> Result<(), EngineError> {
        let position = self.journal.len() as u64;
        let at = self.engine.clock.now().max(self.interpreter.now());
        for kind in kinds {
            let submitted = match &kind {
                EntryKind::TaskSubmitted { task, output } => Some((*task, output.value().clone())),
                _ => None,
            };
            let entry = Entry { at, kind };
            self.interpreter.apply(&entry, &mut self.step)?;
            self.journal.push(entry);
            if let Some((task, output)) = submitted
                && self.interpreter.is_open(task)
                && let Some(request) = self.requests.get_mut(&task)
            {
                request.submitted = Some(output);
                let request = Box::new(request.clone());
                self.step.actions.push(Action::StartTask { task, request });
            }
        }
        let Some(started) = self.interpreter.started() else { return Err(ReplayError::NotStarted.into()) };
        let outcome = self.interpreter.outcome();
        let commit = Commit {
            execution: started.names.execution_arn.clone(),
            position,
            entries: self.journal.iter().skip(position as usize).cloned().collect(),
            digest: self.interpreter.digest(),
            summary: Summary {
                machine: started.names.machine_arn.clone(),
                status: outcome.map_or(Status::Running, |o| o.status),
                started: self.interpreter.start_time(),
                stopped: outcome.map(|_| self.interpreter.now()),
            },
        };
        if !commit.entries.is_empty() {
            self.engine.store.commit(commit).await?;
        }
        for event in self.step.events.drain(..) {
            if let Some(observer) = &self.engine.observer {
                observer(&event);
            }
            self.history.push(event);
        }
        for action in std::mem::take(&mut self.step.actions) {
            self.perform(action);
        }
        Ok(())
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::StartTask { task, request } => {
                if !self.interpreter.is_open(task) {
                    return;
                }
                let resumed = request.submitted.is_some();
                self.requests.insert(task, (*request).clone());
                let (cancel, cancelled) = oneshot::channel::<()>();
                self.cancels.insert(task, cancel);
                let answer = call(self.engine.tasks.clone(), *request);
                let sender = self.sender.clone();
                // On a runtime task of its own, so that tasks run side by side on all cores.
                let running = tokio::spawn(async move {
                    if !resumed {
                        let _ = sender.send(EntryKind::TaskStarted { task, worker: None });
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
                    (task, running.await.unwrap_or_else(failed))
                }));
            }
            Action::CancelTask { task } => {
                self.cancels.remove(&task);
                self.requests.remove(&task);
            }
            Action::SetTimer { timer, due, kind } => {
                // After a restart a heartbeat window starts anew.
                let due = match kind {
                    TimerKind::Heartbeat { seconds, .. } => self.engine.clock.now().plus_seconds(seconds).max(due),
                    _ => due,
                };
                self.timers.insert((due, timer));
                self.due.insert(timer, due);
            }
            Action::CancelTimer { timer } => {
                if let Some(due) = self.due.remove(&timer) {
                    self.timers.remove(&(due, timer));
                }
            }
            Action::Continue => self.again = true,
            Action::Finish(_) => {}
        }
    }
}
