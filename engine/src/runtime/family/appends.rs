//! What the journals of a family have gained.

use super::keys::{Deed, MemberId, TaskKey};
use super::runs::{Run, RunEnd};
use super::{Family, Left, Member};
use crate::interpreter::{Outcome, Status};
use crate::runtime::details::MapRunDetails;
use crate::store::{Append, JournalKind, Summary, Wake};
use std::collections::HashMap;
use std::sync::Arc;

/// How much of an execution's journal is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::runtime) enum Extent {
    /// All of it.
    All,
    /// Its first entry.
    Start,
}

impl Family {
    /// Whether a journal has grown since the last commit.
    pub(in crate::runtime) fn has_grown(&self) -> bool {
        !self.grown.is_empty()
    }

    /// How many entries of the execution's own journal are committed.
    pub(in crate::runtime) fn position(&self) -> u64 {
        self.members.get(&MemberId::PARENT).map_or(0, |parent| parent.ledger.committed())
    }

    /// Forgets what will not be committed.
    pub(in crate::runtime) fn skip_commit(&mut self) {
        self.grown.clear();
        self.left.clear();
        if let Some(parent) = self.members.get_mut(&MemberId::PARENT) {
            parent.ledger.take(0);
        }
    }

    /// What all journals have gained since the last time. The execution's own one is told when to wake it; it is among
    /// them in any case if `always`.
    pub(in crate::runtime) fn take_appends(
        &mut self,
        extent: Extent,
        wake: Wake,
        always: bool,
        deeds: &[Deed],
    ) -> Vec<Append> {
        let mut tokens: HashMap<MemberId, Vec<Arc<str>>> = HashMap::new();
        for deed in deeds {
            if let Deed::StartTask { key: TaskKey { member, .. }, request } = deed
                && let Some(token) = &request.token
            {
                tokens.entry(*member).or_default().push(token.clone());
            }
        }
        let mut grown = std::mem::take(&mut self.grown);
        if always && !grown.contains(&MemberId::PARENT) {
            grown.push(MemberId::PARENT);
        }
        let mut appends = Vec::with_capacity(grown.len());
        for id in grown {
            let tokens = tokens.remove(&id).unwrap_or_default();
            let append = match self.left.remove(&id) {
                Some(Left::Member(mut member)) => self.append_of(&mut member, Extent::All, Wake::Never, tokens),
                Some(Left::Run(mut run)) => self.append_of_run(&mut run),
                None => {
                    if let Some(mut member) = self.members.remove(&id) {
                        let wake = if id == MemberId::PARENT { wake } else { Wake::Never };
                        let append = self.append_of(&mut member, extent, wake, tokens);
                        self.members.insert(id, member);
                        append
                    } else if let Some(mut run) = self.runs.remove(&id) {
                        let append = self.append_of_run(&mut run);
                        self.runs.insert(id, run);
                        append
                    } else {
                        None
                    }
                }
            };
            appends.extend(append);
        }
        appends
    }

    fn append_of(&self, member: &mut Member, extent: Extent, wake: Wake, tokens: Vec<Arc<str>>) -> Option<Append> {
        let position = member.ledger.committed();
        let most = match extent {
            Extent::All => usize::MAX,
            Extent::Start => usize::from(position == 0),
        };
        let lines = member.ledger.take(most);
        let interpreter = &member.interpreter;
        let started = interpreter.started()?;
        Some(Append {
            journal: started.names.execution_arn.clone(),
            position,
            lines,
            digest: interpreter.digest() ^ member.ledger.hash(),
            summary: Summary {
                parent: member.within.as_ref().map(|within| within.arn.clone()),
                items: member.within.as_ref().map(|within| within.items),
                ..Summary::derived(interpreter)?
            },
            outcome: interpreter.outcome().cloned(),
            wake,
            tokens,
        })
    }

    fn append_of_run(&self, run: &mut Run) -> Option<Append> {
        let position = run.ledger.committed();
        let lines = run.ledger.take(usize::MAX);
        let (request, parent) = (run.map_run.request(), &run.map_run.request().parent);
        let prefix = parent.machine_arn.split(":stateMachine:").next().unwrap_or_default();
        let status = match run.ended {
            None => Status::Running,
            Some((RunEnd::Succeeded, _)) => Status::Succeeded,
            Some((RunEnd::Failed, _)) => Status::Failed,
            Some((RunEnd::Aborted, _)) => Status::Aborted,
        };
        let name = request.arn.rsplit(':').next().unwrap_or_default();
        let outcome = run.ended.map(|_| Outcome { status, output: None, error: None, cause: None });
        Some(Append {
            journal: request.arn.clone(),
            position,
            digest: run.ledger.hash(),
            lines,
            summary: Summary {
                kind: JournalKind::MapRun,
                name: name.into(),
                machine: format!("{prefix}:stateMachine:{}", request.child_machine).into(),
                version: None,
                alias: None,
                program: self.program.hash().into(),
                parent: Some(parent.execution_arn.clone()),
                status,
                started: run.started,
                stopped: run.ended.map(|(_, at)| at),
                redrives: run.map_run.redrives(),
                redriven: run.redriven,
                items: None,
                details: Some(MapRunDetails::of(&run.map_run).to_json().into()),
            },
            outcome,
            wake: Wake::Never,
            tokens: Vec::new(),
        })
    }
}
