//! Real time: one owner per execution, the machine's clock, a store.
//!
//! Each execution is a tokio task that alone touches its interpreter; everybody else sends it messages. An execution
//! in which nothing happens for a while is put away: it lies in the store until a timer is due or something reaches
//! it, and is then replayed.

mod activities;
mod alarms;
mod error;
mod execution;
mod lull;
mod mail;
mod owner;
mod recovery;
mod redrive;
mod roster;
mod sealing;
mod tokens;
mod view;

pub use activities::{Activities, ActivityTask};
pub use error::{ActivityError, EngineError, RedriveError, TokenError};
use execution::Awaited;
pub use execution::ExecutionHandle;
pub use recovery::{Recovered, Recovery};
pub use view::{Description, Watcher};

use super::family::{Family, Wants};
use super::{Finished, Observer, StartRequest};
use crate::clock::Clock;
use crate::interpreter::Interpreter;
use crate::journal::EntryKind;
use crate::store::{Definition, Store, StoreError};
use crate::task::BoxTaskService;
use aslx_asl::{MachineType, Program, Timestamp};
use futures_util::FutureExt;
use lull::Lull;
use owner::{Ending, Owner};
use roster::{End, Roster};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Time without a message after which an execution is put away.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// From the clock.
    #[default]
    Real,
    /// From the clock, but an execution that waits for nothing but a time jumps there. While a task runs, or somebody
    /// outside is waited for, time passes as it does outside.
    Virtual,
}

/// What is kept of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// Everything.
    Full,
    /// That it was started, until it has ended.
    Start,
    /// Nothing.
    None,
}

/// How an engine is set up.
pub struct EngineBuilder {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    tasks: BoxTaskService,
    settings: Settings,
}

#[derive(Clone)]
struct Settings {
    observer: Option<Observer>,
    watcher: Option<Arc<dyn Watcher>>,
    pace: Pace,
    patience: Option<Duration>,
    quiet: Duration,
    keep: bool,
    strict_activities: bool,
}

impl EngineBuilder {
    /// Every history event is told to an observer.
    #[must_use]
    pub fn observed_by(mut self, observer: Observer) -> EngineBuilder {
        self.settings.observer = Some(observer);
        self
    }

    /// What executions go through is told to a watcher.
    #[must_use]
    pub fn watched_by(mut self, watcher: Arc<dyn Watcher>) -> EngineBuilder {
        self.settings.watcher = Some(watcher);
        self
    }

    /// Where time comes from.
    #[must_use]
    pub fn pace(mut self, pace: Pace) -> EngineBuilder {
        self.settings.pace = pace;
        self
    }

    /// Executions in which nothing happens for so long are put away; never without this. A second, unless it is set.
    #[must_use]
    pub fn patience(mut self, patience: Option<Duration>) -> EngineBuilder {
        self.settings.patience = patience;
        self
    }

    /// In virtual time, how long nobody may have asked for a Standard execution before its clock jumps: so a client
    /// that starts it can still see it run, and stop it. Not at all, unless it is set.
    #[must_use]
    pub fn quiet(mut self, quiet: Duration) -> EngineBuilder {
        self.settings.quiet = quiet;
        self
    }

    /// [`Finished`] has neither journal nor history: who wants them reads the store.
    #[must_use]
    pub fn lean(mut self) -> EngineBuilder {
        self.settings.keep = false;
        self
    }

    /// A task of an activity that was not created fails, as on AWS. Without this every activity that a definition
    /// names exists.
    #[must_use]
    pub fn strict_activities(mut self) -> EngineBuilder {
        self.settings.strict_activities = true;
        self
    }

    /// The engine.
    pub fn build(self) -> Engine {
        let born = self.clock.now();
        Engine {
            inner: Arc::new(Inner {
                store: self.store,
                clock: self.clock,
                tasks: self.tasks,
                settings: self.settings,
                born,
                roster: Roster::default(),
                activities: Activities::default(),
                programs: Mutex::default(),
                loading: tokio::sync::Mutex::default(),
                keeps_watch: Mutex::default(),
            }),
        }
    }
}

/// Runs executions in real time. Clones are handles to the same engine.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

type Programs = HashMap<(Arc<str>, bool), Known>;

struct Inner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    tasks: BoxTaskService,
    settings: Settings,
    /// When it was made: heartbeat windows of what was open before begin here.
    born: Timestamp,
    roster: Roster,
    activities: Activities,
    /// Programs by hash, and whether they are Express: as many as there are definitions.
    programs: Mutex<Programs>,
    /// One execution is taken up at a time, so that none is twice.
    loading: tokio::sync::Mutex<()>,
    keeps_watch: Mutex<bool>,
}

impl Engine {
    /// An engine over a store, a clock and the services that do the work of tasks.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, tasks: BoxTaskService) -> Engine {
        Engine::builder(store, clock, tasks).build()
    }

    /// The same with more to be said.
    pub fn builder(store: Arc<dyn Store>, clock: Arc<dyn Clock>, tasks: BoxTaskService) -> EngineBuilder {
        let settings = Settings {
            observer: None,
            watcher: None,
            pace: Pace::Real,
            patience: Some(PATIENCE),
            quiet: Duration::ZERO,
            keep: true,
            strict_activities: false,
        };
        EngineBuilder { store, clock, tasks, settings }
    }

    /// Its store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    /// Its clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// Its activities.
    pub fn activities(&self) -> &Activities {
        &self.inner.activities
    }

    fn tasks(&self) -> &BoxTaskService {
        &self.inner.tasks
    }

    fn pace(&self) -> Pace {
        self.inner.settings.pace
    }

    /// Virtual time is in no journal, so nothing is put away then.
    fn patience(&self) -> Option<Duration> {
        self.inner.settings.patience.filter(|_| self.pace() == Pace::Real)
    }

    fn born(&self) -> Timestamp {
        self.inner.born
    }

    fn roster(&self) -> &Roster {
        &self.inner.roster
    }

    fn watcher(&self) -> Option<&Arc<dyn Watcher>> {
        self.inner.settings.watcher.as_ref()
    }

    fn programs(&self) -> MutexGuard<'_, Programs> {
        self.inner.programs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts an execution; when this answers, the start is committed. Needs a tokio runtime.
    ///
    /// The same start again, while the execution runs, gives the same execution. An Express execution lives in memory;
    /// what is kept of it is that it was started, so that it begins again after a crash.
    ///
    /// Errors: an execution of that ARN exists and has another input or has ended; the store failed.
    pub async fn start(&self, program: Arc<Program>, request: StartRequest) -> Result<ExecutionHandle, EngineError> {
        let engine = self.clone();
        // What is committed must run, also if its caller goes away before it is told.
        recovery::apart(async move { engine.start_here(program, request).await }).await
    }

    async fn start_here(&self, program: Arc<Program>, request: StartRequest) -> Result<ExecutionHandle, EngineError> {
        let durability = match (request.machine_type, request.synchronous) {
            (MachineType::Standard, _) => Durability::Full,
            (MachineType::Express, false) => Durability::Start,
            (MachineType::Express, true) => Durability::None,
        };
        if self.roster().is_closed() {
            return Err(EngineError::Stopped);
        }
        self.know(&program, request.machine_type);
        let execution = request.names.execution_arn.clone();
        let input = request.input.clone();
        let missing = self.missing_of(&super::family::activities_of(&program));
        let entry = request.entry(&program, self.clock().now(), missing);
        let start = entry.at;
        let wants = Wants { commits: durability == Durability::Full, ..self.wants() };
        let mut family = Family::new(Interpreter::new(program), wants, self.inner.settings.observer.clone());
        if let EntryKind::Started(started) = &entry.kind {
            family.tells(self.watcher().is_some_and(|watcher| watcher.wants_events(started)));
        }
        let mut owner = Owner::new(self.clone(), execution.clone(), family, durability);
        owner.begins = true;
        // Of the others only the answer is waited for.
        if durability == Durability::Full && self.pace() == Pace::Virtual {
            owner.lull = Lull::new(self.inner.settings.quiet);
        }
        let deeds = owner.family.apply(super::family::MemberId::PARENT, entry)?;
        let starting = self.roster().start(&execution);
        match owner.commit_and_do(deeds).await {
            Ok(()) => {}
            Err(EngineError::Store(StoreError::Conflict { .. })) => {
                drop(starting);
                return self.again(execution, &input).await;
            }
            Err(error) => return Err(error),
        }
        let end = if owner.family.outcome().is_some() {
            Awaited::Known(owner.finished().map(Arc::new))
        } else {
            let end = Arc::new(watch::Sender::new(None));
            let awaited = Awaited::Told(end.subscribe());
            self.launch(Owned { owner, end })?;
            awaited
        };
        Ok(ExecutionHandle::new(self.clone(), execution, start, false, end))
    }

    /// Lets an owner run.
    fn launch(&self, Owned { mut owner, end }: Owned) -> Result<(), EngineError> {
        self.roster().enter(&mut owner, end)?;
        let engine = self.clone();
        tokio::spawn(async move {
            let execution = owner.execution.clone();
            // A panic must not leave a place behind in which nobody listens: others would wait there for ever.
            let ended = AssertUnwindSafe(engine.drive(owner)).catch_unwind().await;
            if let Some(ended) = ended.unwrap_or(Some(Err(EngineError::Stopped))) {
                engine.ended(&execution, ended);
            }
        });
        Ok(())
    }

    /// Goes on with an execution until it has ended; `None` if it was put away before.
    async fn drive(&self, mut owner: Owner) -> Option<Result<Arc<Finished>, EngineError>> {
        loop {
            match owner.run().await {
                Ok(Ending::Finished(finished)) => return Some(Ok(Arc::new(*finished))),
                Ok(Ending::Idle(idle)) => match self.put_away(*idle).await {
                    Ok(None) => return None,
                    Ok(Some(busy)) => owner = busy,
                    Err(error) => return Some(Err(error)),
                },
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn ended(&self, execution: &Arc<str>, ended: Result<Arc<Finished>, EngineError>) {
        let end = self.roster().leave(execution);
        if let Err(EngineError::Store(error)) = &ended {
            // What is committed is safe; what is not has not happened. It is taken up again when the store may be
            // well.
            tracing::error!(%execution, %error, "an execution pauses because the store failed");
            self.retry_later(execution.clone());
        }
        if let Some(end) = end {
            end.send_replace(Some(ended));
        }
    }

    /// Which of these activities do not exist.
    fn missing_of(&self, activities: &[Arc<str>]) -> Vec<Arc<str>> {
        if !self.inner.settings.strict_activities {
            return Vec::new();
        }
        activities.iter().filter(|activity| !self.activities().exists(activity)).cloned().collect()
    }

    /// Remembers a program.
    fn know(&self, program: &Arc<Program>, machine_type: MachineType) {
        let key = (program.hash().into(), machine_type == MachineType::Express);
        self.programs().entry(key).or_insert_with(|| Known::of(program));
    }

    /// The definition of a program, as the store keeps it.
    fn definition_of(&self, program: &Program, machine_type: MachineType) -> Definition {
        let key = (program.hash().into(), machine_type == MachineType::Express);
        self.programs().get(&key).map_or_else(|| definition_of(program), |known| known.definition.clone())
    }
}

/// An owner that is to run, and where its end is told.
struct Owned {
    owner: Owner,
    end: Arc<watch::Sender<End>>,
}

/// A program that executions were started with.
struct Known {
    program: Arc<Program>,
    /// Goes with every start: it is written once.
    definition: Definition,
}

impl Known {
    fn of(program: &Arc<Program>) -> Known {
        Known { program: program.clone(), definition: definition_of(program) }
    }
}

/// A definition as the store keeps it: compiled again it has the same hash.
fn definition_of(program: &Program) -> Definition {
    let text = program.document().root().to_value().to_json();
    Definition { hash: program.hash().into(), text: text.into() }
}
