//! RedriveExecution, and the parts of a map run that a redrive wants again.

use super::Engine;
use super::error::{EngineError, RedriveError};
use super::owner::Owner;
use super::recovery::apart;
use super::{Durability, Owned};
use crate::interpreter::{Interpreter, Redrivable, RedriveFacts, Status, Step, redrivable};
use crate::journal::{Entry, EntryKind};
use crate::map_run::{MapRunEntry, RunLimits};
use crate::runtime::engine::mail::Mail;
use crate::runtime::family::{Deed, Family, MemberId, Unloaded};
use crate::store::{StoreError, StoredJournal};
use aslx_asl::{MachineType, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::watch;

/// What was loaded: deeds that had been committed before, and new ones.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) old: Vec<Deed>,
    pub(super) fresh: Vec<Deed>,
}

impl Engine {
    /// Redrives an execution that ended without success: it goes on where it failed. Gives the time of the redrive;
    /// the same client token again gives the same time and changes nothing.
    ///
    /// Errors: it cannot be redriven, for a reason in AWS's words; there is none of that ARN; the store failed.
    pub async fn redrive(&self, execution: &str, token: Option<Arc<str>>) -> Result<Timestamp, RedriveError> {
        let (engine, execution) = (self.clone(), Arc::<str>::from(execution));
        apart(async move { engine.redrive_here(&execution, token).await }).await
    }

    async fn redrive_here(&self, execution: &str, token: Option<Arc<str>>) -> Result<Timestamp, RedriveError> {
        let now = self.clock().now();
        let described = self.describe(execution).await?;
        if let Some(at) = token.as_deref().and_then(|token| described.redrives.answered(token, now)) {
            return Ok(at);
        }
        let _one_at_a_time = self.inner.loading.lock().await;
        if self.roster().is_closed() {
            return Err(EngineError::Stopped.into());
        }
        let child = self.store().summary(execution).await.map_err(EngineError::from)?.parent.is_some();
        let wants = self.wants();
        let mut step = if wants.history { Step::with_history() } else { Step::new() };
        let (interpreter, stored) = self.replayed(execution, &mut step).await?;
        let facts = RedriveFacts {
            status: interpreter.outcome().map_or(Status::Running, |outcome| outcome.status),
            start: interpreter.start_time(),
            stop: interpreter.outcome().map(|_| interpreter.now()),
            events: interpreter.event_count(),
            redrives: interpreter.redrives().count,
            child,
            deleting: false,
        };
        match redrivable(&facts, now) {
            Redrivable::Yes => {}
            Redrivable::ByMapRun => {
                return Err(RedriveError::NotRedrivable {
                    execution: execution.into(),
                    reason: "it belongs to a map run",
                });
            }
            Redrivable::No(reason) => {
                return Err(RedriveError::NotRedrivable { execution: execution.into(), reason });
            }
        }
        let mut family = Family::new(interpreter, wants, self.inner.settings.observer.clone());
        let journal = if wants.journal { stored.entries(execution).map_err(EngineError::from)? } else { Vec::new() };
        family.known_journal(journal, stored.lines.len(), stored.lines.digest(0));
        family.known(std::mem::take(&mut step.events));
        let mut owner = Owner::new(self.clone(), execution.into(), family, Durability::Full);
        owner.begins = true;
        let entry = Entry { at: now, kind: EntryKind::Redriven { token } };
        let deeds = owner.family.apply(MemberId::PARENT, entry).map_err(EngineError::from)?;
        let at = owner.family.parent().and_then(|parent| parent.redrives().last).unwrap_or(now);
        owner.commit_and_do(deeds).await.map_err(|error| match error {
            // It was removed since it was read.
            EngineError::Store(StoreError::Conflict { found: 0, .. }) => {
                EngineError::NotFound { execution: execution.into() }
            }
            error => error,
        })?;
        self.launch(Owned { owner, end: Arc::new(watch::Sender::new(None)) })?;
        Ok(at)
    }

    /// Other limits for a map run that runs (UpdateMapRun); `false` if it has ended.
    ///
    /// Errors: there is no such run; the store failed.
    pub async fn update_map_run(&self, run: &str, limits: RunLimits) -> Result<bool, EngineError> {
        let run: Arc<str> = run.into();
        let owner = self.family_of(&run).await?;
        let change = |reply| Mail::ChangeRun { run: run.clone(), limits, reply };
        self.ask(&owner, change).await?.unwrap_or(Ok(false))
    }

    /// Loads map runs and the children that run in them, and lets them go on.
    pub(super) async fn load_runs(
        &self,
        family: &mut Family,
        runs: Vec<Unloaded>,
        now: Timestamp,
    ) -> Result<Loaded, EngineError> {
        let mut loaded = Loaded::default();
        let mut adopted = Vec::new();
        let mut runs = VecDeque::from(runs);
        while let Some(run) = runs.pop_front() {
            let arn = run.request.arn.clone();
            let stored = match self.store().journal(&arn).await {
                Ok(stored) => stored,
                Err(StoreError::NotFound(_)) => {
                    loaded.fresh.extend(family.begin_run(run, now)?);
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let entries: Vec<MapRunEntry> = stored.lines.decode().map_err(|error| damaged(&arn, &error.to_string()))?;
            let (id, children) = family.adopt_run(run, &entries, stored.lines.digest(0), now);
            adopted.push(id);
            for (child, arn) in children {
                runs.extend(self.load_child(family, (id, child), &arn, now, &mut loaded).await?);
            }
        }
        for run in adopted {
            loaded.fresh.extend(family.go_on(run, now)?);
        }
        Ok(loaded)
    }

    /// Loads a child; gives the map runs that it waits for.
    async fn load_child(
        &self,
        family: &mut Family,
        (run, child): (MemberId, u64),
        arn: &str,
        now: Timestamp,
        loaded: &mut Loaded,
    ) -> Result<Vec<Unloaded>, EngineError> {
        let (interpreter, stored) = self.replayed(arn, &mut Step::new()).await?;
        let (interpreter, stored) = anew_if_express(interpreter, stored, now)?;
        let had_ended = interpreter.outcome().is_some();
        let known = (stored.lines.len(), stored.lines.digest(0));
        let (member, deeds) = family.adopt_child(run, child, interpreter, known, now)?;
        loaded.fresh.extend(deeds);
        if had_ended {
            return Ok(Vec::new());
        }
        let (old, runs) = family.outstanding(member);
        loaded.old.extend(old);
        Ok(runs)
    }

    /// What a redrive wants again.
    pub(super) async fn revive(
        &self,
        family: &mut Family,
        deeds: Vec<Deed>,
        now: Timestamp,
    ) -> Result<Vec<Deed>, EngineError> {
        let mut fresh = Vec::new();
        let mut runs = Vec::new();
        for deed in deeds {
            match deed {
                Deed::ReviveRun(run) => runs.push(run),
                Deed::Revive { run, child, execution } => {
                    let mut loaded = Loaded::default();
                    runs.extend(self.load_child(family, (run, child), &execution, now, &mut loaded).await?);
                    fresh.extend(loaded.old.into_iter().chain(loaded.fresh));
                }
                deed => fresh.push(deed),
            }
        }
        let loaded = self.load_runs(family, runs, now).await?;
        fresh.extend(loaded.old.into_iter().chain(loaded.fresh));
        Ok(fresh)
    }
}

/// An Express execution is kept as its start: after a crash it begins again, now.
pub(super) fn anew_if_express(
    interpreter: Interpreter,
    stored: StoredJournal,
    now: Timestamp,
) -> Result<(Interpreter, StoredJournal), EngineError> {
    let Some(started) = interpreter.started().filter(|started| started.machine_type == MachineType::Express) else {
        return Ok((interpreter, stored));
    };
    let mut again = Interpreter::new(interpreter.program().clone());
    let entry = Entry { at: now, kind: EntryKind::Started(Box::new(started.clone())) };
    again.apply(&entry, &mut Step::new())?;
    Ok((again, stored))
}

fn damaged(journal: &str, reason: &str) -> EngineError {
    EngineError::Store(StoreError::Damaged { journal: journal.into(), reason: reason.to_owned() })
}
