//! A family from its journals.

use super::keys::{Deed, MemberId, TaskKey};
use super::ledger::Ledger;
use super::runs::Run;
use super::{Family, Member, Queue, Within};
use crate::interpreter::{Action, Interpreter, ReplayError};
use crate::journal::{Entry, EntryKind};
use crate::map_run::{MapRunEntry, MapRunEntryKind, MapRunRequest};
use aslx_asl::{MachineType, Timestamp};
use std::sync::Arc;

/// A map run that a member waits for, and whose journal is in the store.
#[derive(Debug)]
pub(in crate::runtime) struct Unloaded {
    pub(in crate::runtime) key: TaskKey,
    pub(in crate::runtime) request: Box<MapRunRequest>,
    pub(in crate::runtime) redrives: u64,
}

impl Family {
    /// Takes over the journal of an earlier run: all of it or nothing, how long it is, and its running hash.
    pub(in crate::runtime) fn known_journal(&mut self, journal: Vec<Entry>, length: u64, hash: u64) {
        let keeps = self.wants.journal;
        if let Some(parent) = self.members.get_mut(&MemberId::PARENT) {
            parent.ledger = Ledger::known(journal, keeps, length, hash);
        }
    }

    /// What a member waits for: the deeds, and the map runs that are to be loaded first.
    pub(in crate::runtime) fn outstanding(&mut self, member: MemberId) -> (Vec<Deed>, Vec<Unloaded>) {
        let Some(interpreter) = self.members.get(&member).map(|member| &member.interpreter) else {
            return (Vec::new(), Vec::new());
        };
        let (now, actions) = (interpreter.now(), interpreter.outstanding());
        let (mut deeds, mut runs, mut queue) = (Vec::new(), Vec::new(), Queue::new());
        for action in actions {
            match action {
                Action::StartMapRun { run, request, redrives } => {
                    runs.push(Unloaded { key: TaskKey { member, task: run }, request, redrives });
                }
                action => self.act(member, action, now, &mut deeds, &mut queue),
            }
        }
        (deeds, runs)
    }

    /// Starts a map run anew.
    pub(in crate::runtime) fn begin_run(&mut self, run: Unloaded, now: Timestamp) -> Result<Vec<Deed>, ReplayError> {
        let (mut deeds, mut queue) = (Vec::new(), Queue::new());
        self.start_run(run.key, *run.request, 0, now, &mut deeds, &mut queue);
        self.settle(queue, &mut deeds)?;
        Ok(deeds)
    }

    /// Takes a map run over from its journal. Gives its place and the children that run in it, by number and ARN.
    pub(in crate::runtime) fn adopt_run(
        &mut self,
        run: Unloaded,
        journal: &[MapRunEntry],
        hash: u64,
        now: Timestamp,
    ) -> (MemberId, Vec<(u64, Arc<str>)>) {
        let id = self.new_member();
        let mut adopted = Run::replay(self.program.clone(), *run.request, run.key, journal, now);
        adopted.ledger = Ledger::known(Vec::new(), false, journal.len() as u64, hash);
        let running: Vec<u64> = adopted.map_run.running().collect();
        let arn = |child| (child, adopted.map_run.identity(child).0.execution_arn);
        let children = running.into_iter().map(arn).collect();
        let behind = adopted.map_run.redrives() < run.redrives;
        self.runs.insert(id, adopted);
        if behind {
            if let Some(run) = self.runs.get_mut(&id) {
                run.redriven = Some(now);
            }
            self.record(id, now, MapRunEntryKind::Redriven);
        }
        (id, children)
    }

    /// Takes a child over from its journal: a Standard one as it stood, an Express one from its start. One that had
    /// ended is to run again, as its run was redriven.
    pub(in crate::runtime) fn adopt_child(
        &mut self,
        run: MemberId,
        child: u64,
        interpreter: Interpreter,
        (length, hash): (u64, u64),
        now: Timestamp,
    ) -> Result<(MemberId, Vec<Deed>), ReplayError> {
        let id = self.new_member();
        let items = self.runs.get(&run).and_then(|run| run.map_run.items_of(child)).unwrap_or_default();
        let arn = self.runs.get(&run).map(|run| run.map_run.request().arn.clone()).unwrap_or_else(|| "".into());
        let within = Some(Within { run, arn, child, items });
        let ended = interpreter.outcome().is_some();
        let ledger = Ledger::known(Vec::new(), false, length, hash);
        self.members.insert(id, Member { interpreter, ledger, within });
        if ended && self.child_type(run) == Some(MachineType::Standard) {
            let deeds = self.apply(id, Entry { at: now, kind: EntryKind::Redriven { token: None } })?;
            return Ok((id, deeds));
        }
        Ok((id, Vec::new()))
    }

    /// Lets a run that was taken over go on.
    pub(in crate::runtime) fn go_on(&mut self, run: MemberId, now: Timestamp) -> Result<Vec<Deed>, ReplayError> {
        let (mut deeds, mut queue) = (Vec::new(), Queue::new());
        self.pump(run, now, &mut deeds, &mut queue);
        self.settle(queue, &mut deeds)?;
        Ok(deeds)
    }
}
