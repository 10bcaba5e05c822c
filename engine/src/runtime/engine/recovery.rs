//! Executions are put away, taken up again, recovered after a restart, and left at shutdown.

use super::error::EngineError;
use super::execution::Awaited;
use super::mail::Mail;
use super::owner::Owner;
use super::redrive::anew_if_express;
use super::roster::Sleeping;
use super::{Durability, Engine, ExecutionHandle, Owned, Pace};
use crate::interpreter::{ReplayError, Status, Step};
use crate::runtime::Finished;
use crate::runtime::family::{Family, MemberId, Wants};
use crate::store::Wake;
use aslx_asl::{MachineType, Program, Timestamp};
use futures_util::FutureExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Executions that the store is asked for at a time.
const PAGE: usize = 1_000;

/// Time until an execution whose store failed is tried again.
const RETRY_SECONDS: u64 = 5;

/// What was found at start-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Executions that had work under way: they run again.
    pub resumed: usize,
    /// Executions that wait for a time: they are armed.
    pub armed: usize,
    /// Executions that could not be taken up; the log tells why.
    pub failed: usize,
}

/// What was open when the process ended: what only waits is armed, the rest has still to be taken up.
#[must_use]
pub struct Recovery {
    engine: Engine,
    armed: usize,
    worked: Vec<Arc<str>>,
}

impl Recovery {
    /// Takes up what had work under way, one after the other. Callers may use the engine meanwhile: whatever they ask
    /// for is taken up first.
    ///
    /// Errors: the engine shuts down.
    pub async fn finish(self) -> Result<Recovered, EngineError> {
        let mut recovered = Recovered { armed: self.armed, ..Recovered::default() };
        for execution in self.worked {
            match self.engine.take_up(&execution).await {
                Ok(()) => recovered.resumed += 1,
                Err(EngineError::Stopped) => return Err(EngineError::Stopped),
                Err(error) => {
                    tracing::error!(%execution, %error, "an execution cannot go on");
                    recovered.failed += 1;
                }
            }
            // There may be very many, and nobody else's thread to do it on.
            tokio::task::yield_now().await;
        }
        Ok(recovered)
    }
}

impl Engine {
    /// Takes up everything that was open when the process ended. Executions that had work under way run again; those
    /// that wait for a time are armed; those that wait for somebody outside cost nothing until then.
    ///
    /// Errors: the store failed.
    pub async fn recover_all(&self) -> Result<Recovered, EngineError> {
        self.recover().await?.finish().await
    }

    /// The same, but what had work under way is only found: it runs again by [`Recovery::finish`], or when somebody asks
    /// for it.
    ///
    /// Errors: the store failed.
    pub async fn recover(&self) -> Result<Recovery, EngineError> {
        let mut recovery = Recovery { engine: self.clone(), armed: 0, worked: Vec::new() };
        let mut last = None;
        let horizon = Timestamp::from_millis(i64::MAX);
        loop {
            let page = self.store().sleepers(last.clone(), horizon, PAGE).await?;
            let Some(end) = page.last() else { break };
            last = Some(end.clone());
            for sleeper in page {
                match sleeper.wake {
                    // By the clock a modelled time may never come: there everything goes on at once.
                    Wake::At(due) if self.pace() == Pace::Real => {
                        self.roster().let_sleep(sleeper.journal, due);
                        recovery.armed += 1;
                    }
                    Wake::Now | Wake::At(_) | Wake::Never => recovery.worked.push(sleeper.journal),
                }
            }
        }
        self.keep_watch();
        Ok(recovery)
    }

    /// Goes on with an execution whose journal is in the store: replays it and issues again what is outstanding.
    ///
    /// Errors: there is none of that ARN; the journal belongs to another program, or replays to something else than
    /// was committed.
    pub async fn resume(&self, program: Arc<Program>, execution: &str) -> Result<ExecutionHandle, EngineError> {
        let summary = self.store().summary(execution).await?;
        if *summary.program != *program.hash() {
            return Err(ReplayError::OtherProgram { expected: summary.program, found: program.hash().into() }.into());
        }
        self.know(&program, MachineType::Standard);
        self.take_up(execution).await?;
        let end = match self.roster().end_of(execution) {
            Some(end) => Awaited::Told(end),
            None => Awaited::Known(self.ended_before(execution).await.map(Arc::new)),
        };
        Ok(ExecutionHandle::new(self.clone(), execution.into(), summary.started, true, end))
    }

    async fn ended_before(&self, execution: &str) -> Result<Finished, EngineError> {
        let mut step = Step::with_history();
        let (interpreter, stored) = self.replayed(execution, &mut step).await?;
        Ok(Finished {
            outcome: interpreter.outcome().cloned().ok_or(EngineError::Stopped)?,
            started: interpreter.start_time(),
            stopped: interpreter.now(),
            journal: stored.entries(execution)?,
            history: step.events,
        })
    }

    /// Stops taking work: nothing starts any more, what runs is left as it is committed, to be taken up again. Gives
    /// whether all owners left in time.
    pub async fn shutdown(&self, patience: Duration) -> bool {
        self.roster().close();
        let all_left = async {
            loop {
                let left = self.roster().left.notified();
                if self.roster().is_empty() {
                    return;
                }
                left.await;
            }
        };
        tokio::time::timeout(patience, all_left).await.is_ok()
    }

    /// Gives an open execution an owner, unless it has one. Does nothing if it has ended.
    ///
    /// Half of it must not be left when the caller goes away: from the moment it is taken from those who sleep, nobody
    /// else would wake it. So it is done on a task of its own.
    pub(super) async fn take_up(&self, execution: &str) -> Result<(), EngineError> {
        let (engine, execution) = (self.clone(), Arc::from(execution));
        apart(async move { engine.take_up_here(execution).await }).await
    }

    /// Gives an open execution an owner, and the owner this message: at once, before it could be put away again. `false`:
    /// it has ended.
    pub(super) async fn take_up_for(&self, execution: &str, mail: Mail) -> Result<bool, EngineError> {
        let (engine, execution) = (self.clone(), Arc::<str>::from(execution));
        apart(async move {
            let mut mail = mail;
            loop {
                engine.take_up_here(execution.clone()).await?;
                match engine.roster().deliver(&execution, mail) {
                    Ok(()) => return Ok(true),
                    Err(back) => mail = back,
                }
                if engine.store().summary(&execution).await?.status != Status::Running {
                    return Ok(false);
                }
            }
        })
        .await
    }

    async fn take_up_here(&self, execution: Arc<str>) -> Result<(), EngineError> {
        let execution = &*execution;
        let _one_at_a_time = loop {
            self.roster().started(execution).await;
            let turn = self.inner.loading.lock().await;
            if !self.roster().is_starting(execution) {
                break turn;
            }
        };
        if self.roster().is_closed() {
            return Err(EngineError::Stopped);
        }
        if self.roster().runs(execution) {
            return Ok(());
        }
        let sleeping = self.roster().rouse(execution);
        let owned = match self.loaded(execution, sleeping).await {
            Ok(Some(loaded)) => loaded,
            Ok(None) => return Ok(()),
            Err(error) => {
                if let EngineError::Store(_) = error {
                    self.retry_later(execution.into());
                }
                return Err(error);
            }
        };
        self.launch(owned)
    }

    async fn loaded(&self, execution: &str, sleeping: Option<Sleeping>) -> Result<Option<Owned>, EngineError> {
        let wants = self.wants();
        let mut step = if wants.history { Step::with_history() } else { Step::new() };
        let now = self.clock().now();
        let (interpreter, stored) = self.replayed(execution, &mut step).await?;
        if interpreter.outcome().is_some() {
            return Ok(None);
        }
        let (interpreter, stored) = anew_if_express(interpreter, stored, now)?;
        let durability = match interpreter.started().map(|started| started.machine_type) {
            Some(MachineType::Express) => Durability::Start,
            _ => Durability::Full,
        };
        let wants = Wants { commits: durability == Durability::Full, ..wants };
        let mut family = Family::new(interpreter, wants, self.inner.settings.observer.clone());
        let journal = if wants.journal { stored.entries(execution)? } else { Vec::new() };
        family.known_journal(journal, stored.lines.len(), stored.lines.digest(0));
        family.known(std::mem::take(&mut step.events));
        let (mut deeds, runs) = family.outstanding(MemberId::PARENT);
        let loaded = self.load_runs(&mut family, runs, now).await?;
        deeds.extend(loaded.old);
        let mut owner = Owner::new(self.clone(), execution.into(), family, durability);
        let parked = sleeping.as_ref().filter(|sleeping| !sleeping.worked);
        let windows = parked.map(|sleeping| &*sleeping.windows);
        owner.take_up(deeds, windows);
        owner.commit_and_do(loaded.fresh).await?;
        let end = sleeping.and_then(|sleeping| sleeping.end).unwrap_or_else(|| Arc::new(watch::Sender::new(None)));
        Ok(Some(Owned { owner, end }))
    }

    /// Puts an execution away in which nothing happens; gives it back if something has reached it meanwhile.
    pub(super) async fn put_away(&self, mut owner: Owner) -> Result<Option<Owner>, EngineError> {
        if let Some(commit) = owner.wake_commit() {
            self.store().commit(commit).await?;
        }
        if !self.roster().put_away(&owner) {
            return Ok(Some(owner));
        }
        self.keep_watch();
        Ok(None)
    }

    pub(super) fn retry_later(&self, execution: Arc<str>) {
        if !self.roster().is_closed() {
            self.roster().retry(execution, self.clock().now().plus_seconds(RETRY_SECONDS));
            self.keep_watch();
        }
    }

    pub(super) fn wants(&self) -> Wants {
        let keep = self.inner.settings.keep;
        Wants {
            journal: keep,
            history: keep,
            events: self.inner.settings.observer.is_some() || self.watcher().is_some(),
            commits: true,
        }
    }

    /// Wakes those who sleep when their time has come. One watch per engine.
    pub(super) fn keep_watch(&self) {
        let mut kept = self.inner.keeps_watch.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if std::mem::replace(&mut *kept, true) {
            return;
        }
        let inner = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            while let Some(engine) = inner.upgrade().map(|inner| Engine { inner }) {
                if engine.roster().is_closed() {
                    return;
                }
                let now = engine.clock().now();
                while let Some(execution) = engine.roster().due(now) {
                    if let Err(error) = engine.take_up(&execution).await {
                        tracing::error!(%execution, %error, "an execution that is due cannot go on");
                    }
                }
                // Looks up now and then, so that the watch ends with its engine.
                let latest = now.plus_seconds(1);
                let next = engine.roster().next().map_or(latest, |next| next.min(latest));
                let sleep = engine.clock().sleep_until(next);
                tokio::select! {
                    () = sleep => {}
                    () = engine.roster().earlier.notified() => {}
                }
            }
        });
    }
}

/// Does something to its end, also when nobody waits for it any more.
pub(super) async fn apart<T, E>(work: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<EngineError> + Send + 'static,
{
    let mut work = Box::pin(work);
    // What is done at once needs no task of its own.
    if let Some(done) = work.as_mut().now_or_never() {
        return done;
    }
    // It fails only where it panicked, or where the runtime ends.
    tokio::spawn(work).await.unwrap_or(Err(EngineError::Stopped.into()))
}
