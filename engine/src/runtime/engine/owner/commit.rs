//! What an owner commits: first it is in the store, then it is done and told.

use super::Owner;
use crate::runtime::engine::Durability;
use crate::runtime::engine::error::EngineError;
use crate::runtime::engine::view::Description;
use crate::runtime::family::{Deed, Extent};
use crate::store::{Append, Commit, Definition, RecordChange, Wake};

impl Owner {
    /// Commits what the journals have gained, and only then does what follows from it.
    pub(in crate::runtime::engine) async fn commit_and_do(&mut self, deeds: Vec<Deed>) -> Result<(), EngineError> {
        let mut deeds = deeds;
        loop {
            let todo = self.set_alarms(deeds);
            let committed = match self.take_commit(&todo) {
                Some(commit) => self.engine.store().commit(commit).await.map_err(EngineError::from),
                None => Ok(()),
            };
            for after in std::mem::take(&mut self.after_commit) {
                after(committed.clone());
            }
            committed?;
            self.tell();
            let is_load = |deed: &Deed| matches!(deed, Deed::Revive { .. } | Deed::ReviveRun(_));
            let (loads, todo): (Vec<_>, Vec<_>) = todo.into_iter().partition(is_load);
            for deed in todo {
                self.perform(deed);
            }
            if loads.is_empty() {
                return Ok(());
            }
            let (engine, now) = (self.engine.clone(), self.now());
            deeds = engine.revive(&mut self.family, loads, now).await?;
        }
    }

    /// Tells what is committed to those who watch.
    fn tell(&mut self) {
        let Some(watcher) = self.engine.watcher().cloned() else { return self.family.tell() };
        let description = self.family.parent().and_then(Description::of);
        let Some(description) = description else { return };
        if std::mem::take(&mut self.begins) {
            watcher.status_changed(&description.running());
        }
        let wants_events = watcher.wants_events(&description.started);
        self.family.tell_to(|events| {
            if wants_events {
                watcher.events(&description.started, description.redrives.count, events);
            }
        });
        if description.outcome.is_some() {
            watcher.status_changed(&description);
        }
    }

    /// When somebody must look at this execution after a restart.
    fn wake_after(&self, deeds: &[Deed]) -> Wake {
        let works = deeds.iter().any(|deed| matches!(deed, Deed::StartTask { .. } | Deed::Resume { .. }));
        let has_worker = self.awaited.values().any(|activity| *activity);
        let busy = !self.work.is_empty() || !self.coming.is_empty() || !self.resumes.is_empty();
        // An Express child begins again after a restart.
        if works || has_worker || busy || self.family.has_express_children() {
            return Wake::Now;
        }
        self.alarms.next().map_or(Wake::Never, Wake::At)
    }

    /// What the journals have gained since the last time; `None` if there is nothing to keep.
    fn take_commit(&mut self, deeds: &[Deed]) -> Option<Commit> {
        if !self.family.has_grown() {
            return None;
        }
        let position = self.family.position();
        let extent = match self.durability {
            Durability::Full => Extent::All,
            // An Express execution is kept as an accepted start, and begins again after a crash.
            // One that has ended before it was accepted leaves no trace.
            Durability::Start if position == 0 && self.family.outcome().is_none() => Extent::Start,
            Durability::Start | Durability::None => {
                self.family.skip_commit();
                let over = self.durability == Durability::Start && position > 0 && self.family.outcome().is_some();
                return over.then(|| Commit { removals: vec![self.execution.clone()], ..Commit::default() });
            }
        };
        let wake = match (self.family.outcome(), self.durability) {
            (Some(_), _) => Wake::Never,
            (None, Durability::Start) => Wake::Now,
            (None, _) => self.wake_after(deeds),
        };
        let appends = self.appends(extent, wake, deeds);
        let definitions = if position == 0 { self.definition().into_iter().collect() } else { Vec::new() };
        let records = if self.durability == Durability::Full { self.records() } else { Vec::new() };
        Some(Commit { definitions, appends, records, ..Commit::default() })
    }

    /// What the watcher wants to be kept with a change of status.
    fn records(&self) -> Vec<RecordChange> {
        let Some(watcher) = self.engine.watcher() else { return Vec::new() };
        let ended = self.family.outcome().is_some();
        if !self.begins && !ended {
            return Vec::new();
        }
        let Some(description) = self.family.parent().and_then(Description::of) else { return Vec::new() };
        let mut records = Vec::new();
        if self.begins {
            records.extend(watcher.records(&description.running()));
        }
        if ended {
            records.extend(watcher.records(&description));
        }
        records
    }

    fn definition(&self) -> Option<Definition> {
        let parent = self.family.parent()?;
        Some(self.engine.definition_of(parent.program(), parent.started()?.machine_type))
    }

    fn appends(&mut self, extent: Extent, wake: Wake, deeds: &[Deed]) -> Vec<Append> {
        // Whoever has work now must be found after a crash, also if only a child has it.
        let always = self.wake.is_none_or(|known| wake < known);
        let appends = self.family.take_appends(extent, wake, always, deeds);
        if appends.iter().any(|append| append.journal == self.execution) {
            self.wake = Some(wake);
        }
        appends
    }

    /// Nothing new, but when to wake it.
    pub(in crate::runtime::engine) fn wake_commit(&mut self) -> Option<Commit> {
        let wake = self.wake_after(&[]);
        if Some(wake) == self.wake || wake == Wake::Now {
            return None;
        }
        self.wake = Some(wake);
        let appends = self.family.take_appends(Extent::All, wake, true, &[]);
        Some(Commit { appends, ..Commit::default() })
    }
}
