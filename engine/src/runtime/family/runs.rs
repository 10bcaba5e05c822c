//! The map runs of a family.

use super::keys::{Deed, MemberId, TaskKey};
use super::ledger::Ledger;
use super::load::Unloaded;
use super::{Family, Left, Member, Queue, Within};
use crate::interpreter::{Interpreter, Outcome, ReplayError};
use crate::journal::{Entry, EntryKind, TaskResult};
use crate::map_run::{
    Child, ChildEnd, MapRun, MapRunAction, MapRunEntry, MapRunEntryKind, MapRunRequest, RunLimits, RunResult,
};
use crate::task::{FailedAt, TaskFailure};
use aslx_asl::{MachineType, Timestamp};
use std::sync::Arc;

pub(super) struct Run {
    pub(super) map_run: MapRun,
    pub(super) ledger: Ledger<MapRunEntry>,
    /// What its member calls it.
    pub(super) key: TaskKey,
    pub(super) started: Timestamp,
    pub(super) redriven: Option<Timestamp>,
    /// How it ended, and when.
    pub(super) ended: Option<(RunEnd, Timestamp)>,
}

/// How a run ended, as lists show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunEnd {
    Succeeded,
    Failed,
    Aborted,
}

impl Run {
    /// As its journal left it.
    pub(super) fn replay(
        program: Arc<aslx_asl::Program>,
        request: MapRunRequest,
        key: TaskKey,
        journal: &[MapRunEntry],
        now: Timestamp,
    ) -> Run {
        let redriven = journal.iter().rev().find(|entry| entry.kind == MapRunEntryKind::Redriven);
        Run {
            started: journal.first().map_or(now, |entry| entry.at),
            redriven: redriven.map(|entry| entry.at),
            map_run: MapRun::replay(program, request, journal),
            ledger: Ledger::new(false),
            key,
            ended: None,
        }
    }
}

impl Family {
    /// A run that its member asks for, or asks for again after a redrive.
    pub(super) fn start_run(
        &mut self,
        key: TaskKey,
        request: MapRunRequest,
        redrives: u64,
        now: Timestamp,
        deeds: &mut Vec<Deed>,
        queue: &mut Queue,
    ) {
        if redrives > 0 && self.wants.commits {
            // Its journal is in the store.
            deeds.push(Deed::ReviveRun(Unloaded { key, request: Box::new(request), redrives }));
            return;
        }
        let id = self.new_member();
        let run = Run::replay(self.program.clone(), request, key, &[], now);
        self.runs.insert(id, run);
        self.record(id, now, MapRunEntryKind::Started);
        self.pump(id, now, deeds, queue);
    }

    /// Nobody waits for a run any more.
    pub(super) fn stop_run(&mut self, key: TaskKey, now: Timestamp, deeds: &mut Vec<Deed>, queue: &mut Queue) {
        let Some(id) = self.runs.iter().find(|(_, run)| run.key == key).map(|(id, _)| *id) else { return };
        self.record(id, now, MapRunEntryKind::Stopped);
        self.pump(id, now, deeds, queue);
    }

    /// The work of a run was answered.
    pub(super) fn work_answered(
        &mut self,
        key: TaskKey,
        at: Timestamp,
        kind: EntryKind,
    ) -> Result<Vec<Deed>, ReplayError> {
        let mut deeds = Vec::new();
        let EntryKind::TaskEnded { result, .. } = kind else { return Ok(deeds) };
        let answer = match result {
            TaskResult::Succeeded(output) => Ok(output.value().clone()),
            TaskResult::Failed { error, cause, .. } => {
                Err(TaskFailure::new(&*error.unwrap_or_default(), &*cause.unwrap_or_default()))
            }
        };
        let Some(run) = self.runs.get_mut(&key.member) else { return Ok(deeds) };
        if let Some(kind) = run.map_run.answered(key.work_id(), answer) {
            self.record(key.member, at, kind);
        }
        let mut queue = Queue::new();
        self.pump(key.member, at, &mut deeds, &mut queue);
        self.settle(queue, &mut deeds)?;
        Ok(deeds)
    }

    /// Other limits for a run, by its ARN; `None` if it does not run.
    pub(in crate::runtime) fn change_run(
        &mut self,
        arn: &str,
        limits: RunLimits,
        at: Timestamp,
    ) -> Result<Option<Vec<Deed>>, ReplayError> {
        let id = self.runs.iter().find(|(_, run)| *run.map_run.request().arn == *arn).map(|(id, _)| *id);
        let Some(id) = id else { return Ok(None) };
        self.record(id, at, MapRunEntryKind::Changed(limits));
        let (mut deeds, mut queue) = (Vec::new(), Queue::new());
        self.pump(id, at, &mut deeds, &mut queue);
        self.settle(queue, &mut deeds)?;
        Ok(Some(deeds))
    }

    /// A member has ended: if it is a child, its run goes on.
    pub(super) fn finished(
        &mut self,
        id: MemberId,
        outcome: &Outcome,
        now: Timestamp,
        deeds: &mut Vec<Deed>,
        queue: &mut Queue,
    ) {
        let Some(&Within { run, child, .. }) = self.members.get(&id).and_then(|member| member.within.as_ref()) else {
            return;
        };
        let Some(member) = self.members.remove(&id) else { return };
        let shows_inputs = self.runs.get(&run).is_some_and(|run| run.map_run.shows_inputs());
        let end = ChildEnd::of(&member.interpreter, outcome, shows_inputs);
        if self.wants.commits {
            if !member.ledger.is_pending() {
                self.grown.push(id);
            }
            self.left.insert(id, Left::Member(Box::new(member)));
        }
        self.record(run, now, MapRunEntryKind::ChildEnded { child, end: Box::new(end) });
        self.pump(run, now, deeds, queue);
    }

    /// An entry of a map run's journal. Nothing else changes a run.
    pub(super) fn record(&mut self, id: MemberId, at: Timestamp, kind: MapRunEntryKind) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        let entry = MapRunEntry { at, kind };
        run.map_run.apply(&entry);
        if self.wants.commits {
            if !run.ledger.is_pending() {
                self.grown.push(id);
            }
            run.ledger.push(entry);
        }
    }

    /// Does what a run asks for, until it asks for nothing more.
    pub(super) fn pump(&mut self, id: MemberId, now: Timestamp, deeds: &mut Vec<Deed>, queue: &mut Queue) {
        while let Some(action) = self.runs.get_mut(&id).and_then(|run| run.map_run.step()) {
            match action {
                MapRunAction::Work(work, request) => {
                    deeds.push(Deed::StartTask { key: TaskKey::work(id, work), request: request.into() });
                }
                MapRunAction::Journal(kind) => self.record(id, now, kind),
                MapRunAction::Start(child) => {
                    self.record(id, now, child.entry());
                    self.start_child(id, child, now, queue);
                }
                MapRunAction::Redrive(child) => {
                    self.record(id, now, child.entry());
                    let execution = child.started.names.execution_arn.clone();
                    deeds.push(Deed::Revive { run: id, child: child.index, execution });
                }
                MapRunAction::StopChildren => self.stop_children(id, now, queue),
                MapRunAction::Finish(result) => self.run_finished(id, result, now, deeds, queue),
            }
        }
    }

    fn start_child(&mut self, run: MemberId, mut child: Child, now: Timestamp, queue: &mut Queue) {
        let id = self.new_member();
        let missing = self.parent().map(|parent| parent.missing_activities().to_vec());
        child.started.missing_activities = missing.unwrap_or_default();
        let interpreter = Interpreter::new(self.program.clone());
        let arn = self.runs.get(&run).map(|run| run.map_run.request().arn.clone()).unwrap_or_else(|| "".into());
        let within = Some(Within { run, arn, child: child.index, items: child.items });
        self.members.insert(id, Member { interpreter, ledger: Ledger::new(false), within });
        queue.push_back((id, Entry { at: now, kind: EntryKind::Started(child.started) }));
    }

    fn stop_children(&mut self, run: MemberId, now: Timestamp, queue: &mut Queue) {
        let is_child = |member: &Member| member.within.as_ref().is_some_and(|within| within.run == run);
        let mut children: Vec<MemberId> =
            self.members.iter().filter(|(_, member)| is_child(member)).map(|(id, _)| *id).collect();
        children.sort();
        let stop = |member| (member, Entry { at: now, kind: EntryKind::StopRequested { error: None, cause: None } });
        queue.extend(children.into_iter().map(stop));
    }

    fn run_finished(
        &mut self,
        id: MemberId,
        result: RunResult,
        now: Timestamp,
        deeds: &mut Vec<Deed>,
        queue: &mut Queue,
    ) {
        let Some(mut run) = self.runs.remove(&id) else { return };
        deeds.extend(run.map_run.under_way().map(|work| Deed::CancelTask { key: TaskKey::work(id, work) }));
        let (end, result) = match result {
            RunResult::Succeeded(results) => (RunEnd::Succeeded, Some(TaskResult::Succeeded(results))),
            RunResult::Failed { error, cause } => {
                let failed = TaskResult::Failed { error: Some(error), cause: Some(cause), at: FailedAt::Run };
                (RunEnd::Failed, Some(failed))
            }
            RunResult::Aborted => (RunEnd::Aborted, None),
        };
        if let Some(result) = result {
            let kind = EntryKind::MapRunEnded { run: run.key.task, result };
            queue.push_back((run.key.member, Entry { at: now, kind }));
        }
        run.ended = Some((end, now));
        if self.wants.commits {
            if !run.ledger.is_pending() {
                self.grown.push(id);
            }
            self.left.insert(id, Left::Run(Box::new(run)));
        }
    }

    /// Type of the children of a run.
    pub(super) fn child_type(&self, run: MemberId) -> Option<MachineType> {
        self.runs.get(&run).map(|run| run.map_run.request().child_type)
    }
}
