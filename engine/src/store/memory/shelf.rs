//! What the store in memory holds, and how a commit changes it.

use crate::interpreter::{Outcome, Status};
use crate::journal::Lines;
use crate::store::{
    Append, Closed, Commit, Cursor, Described, JournalKind, Listing, RecordChange, Scope, StoreError, Summary, Wake,
};
use aslx_asl::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Records of a kind, by key.
type Records = BTreeMap<Arc<str>, Arc<[u8]>>;

/// Everything, and the ways to find it.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    journals: HashMap<Arc<str>, Kept>,
    /// By the time of their start.
    pub(super) order: BTreeMap<Cursor, Arc<str>>,
    /// What belongs to a journal.
    within: HashMap<Arc<str>, BTreeMap<Cursor, Arc<str>>>,
    pub(super) wakes: BTreeMap<(Wake, u64), Arc<str>>,
    /// What has ended and belongs to nothing, by the time of its end and its number.
    pub(super) ends: BTreeMap<(Timestamp, u64), Arc<str>>,
    pub(super) tokens: HashMap<Arc<str>, Arc<str>>,
    pub(super) definitions: HashMap<Arc<str>, Arc<str>>,
    pub(super) records: HashMap<Arc<str>, Records>,
    /// Executions that have not ended and belong to nothing.
    pub(super) open: u64,
    last_number: u64,
}

/// A journal with what follows from it.
#[derive(Debug)]
pub(super) struct Kept {
    number: u64,
    /// As they were committed.
    pub(super) chunks: Vec<Lines>,
    pub(super) digest: u64,
    pub(super) summary: Summary,
    pub(super) outcome: Option<Outcome>,
    pub(super) sealed: Option<Arc<[u8]>>,
    wake: Wake,
    tokens: Vec<Arc<str>>,
}

impl Kept {
    pub(super) fn lines(&self) -> Lines {
        Lines::joined(&self.chunks)
    }

    pub(super) fn described(&self, journal: &str) -> Result<Described, StoreError> {
        let opening = self.chunks.first().cloned().unwrap_or_default();
        Described::of(journal, self.summary.clone(), self.outcome.as_ref(), &opening)
    }

    pub(super) fn cursor(&self) -> Cursor {
        Cursor { started: self.summary.started, number: self.number }
    }

    /// Its place among those that have ended, unless it belongs to something.
    fn end(&self) -> Option<(Timestamp, u64)> {
        let stopped = self.summary.stopped.filter(|_| self.summary.parent.is_none())?;
        Some((stopped, self.number))
    }

    pub(super) fn len(&self) -> u64 {
        self.chunks.iter().map(Lines::len).sum()
    }
}

impl Shelf {
    pub(super) fn kept(&self, journal: &str) -> Option<&Kept> {
        self.journals.get(journal)
    }

    pub(super) fn kept_mut(&mut self, journal: &str) -> Option<&mut Kept> {
        self.journals.get_mut(journal)
    }

    /// What a scope covers, newest first; some that it does not cover may be among it.
    pub(super) fn newest<'a>(
        &'a self,
        scope: &Scope,
        after: Option<Cursor>,
    ) -> Box<dyn Iterator<Item = (Cursor, Arc<str>)> + 'a> {
        let all = match scope {
            Scope::Parent(parent) => self.within.get(parent),
            _ => Some(&self.order),
        };
        let older = all.into_iter().flat_map(move |all| match after {
            Some(after) => all.range(..after),
            None => all.range(..),
        });
        Box::new(older.rev().map(|(cursor, journal)| (*cursor, journal.clone())))
    }

    pub(super) fn commit(&mut self, commit: Commit) -> Result<(), StoreError> {
        self.check(&commit)?;
        commit.removals.iter().for_each(|journal| self.remove(journal));
        for definition in commit.definitions {
            self.definitions.entry(definition.hash).or_insert(definition.text);
        }
        commit.appends.into_iter().for_each(|append| self.append(append));
        for change in commit.records {
            match change {
                RecordChange::Put { kind, key, value } => {
                    self.records.entry(kind).or_default().insert(key, value);
                }
                RecordChange::Delete { kind, key } => {
                    self.records.get_mut(&kind).and_then(|kind| kind.remove(&key));
                }
            }
        }
        Ok(())
    }

    /// Whether every journal is as long as the commit says, before anything is changed.
    fn check(&self, commit: &Commit) -> Result<(), StoreError> {
        let mut gone = HashSet::new();
        commit.removals.iter().for_each(|journal| self.belonging(journal, &mut gone));
        let mut lengths: HashMap<&str, u64> = HashMap::new();
        for append in &commit.appends {
            let kept = self.journals.get(&append.journal).filter(|_| !gone.contains(&append.journal));
            let found = lengths.entry(&append.journal).or_insert_with(|| kept.map_or(0, Kept::len));
            if *found != append.position {
                let execution = append.journal.clone();
                return Err(StoreError::Conflict { execution, expected: append.position, found: *found });
            }
            *found += append.lines.len();
        }
        Ok(())
    }

    /// Executions that have ended and whose histories are not sealed, in the order of their ends.
    pub(super) fn unsealed(&self) -> Vec<Closed> {
        let closed = |(journal, kept): (&Arc<str>, &Kept)| {
            let is_wanted = kept.summary.kind == JournalKind::Execution && kept.sealed.is_none();
            let stopped = kept.summary.stopped.filter(|_| is_wanted)?;
            Some(Closed { stopped, number: kept.number, journal: journal.clone() })
        };
        let mut found: Vec<Closed> = self.journals.iter().filter_map(closed).collect();
        found.sort_by_key(|closed| (closed.stopped, closed.number));
        found
    }

    /// A journal and all that belongs to it.
    fn belonging(&self, journal: &Arc<str>, found: &mut HashSet<Arc<str>>) {
        if self.journals.contains_key(journal) && found.insert(journal.clone()) {
            self.within.get(journal).into_iter().flat_map(BTreeMap::values).for_each(|one| self.belonging(one, found));
        }
    }

    fn append(&mut self, append: Append) {
        let Append { journal, lines, digest, summary, outcome, wake, tokens, .. } = append;
        let (number, mut kept) = match self.take(&journal) {
            Some(kept) => (kept.number, kept),
            None => {
                self.last_number += 1;
                let kept = Kept {
                    number: self.last_number,
                    chunks: Vec::new(),
                    digest: 0,
                    summary: summary.clone(),
                    outcome: None,
                    sealed: None,
                    wake,
                    tokens: Vec::new(),
                };
                (self.last_number, kept)
            }
        };
        for token in tokens {
            self.tokens.insert(token.clone(), journal.clone());
            kept.tokens.push(token);
        }
        kept.chunks.push(lines);
        kept = Kept { digest, summary, outcome, wake, sealed: None, ..kept };
        self.order.insert(kept.cursor(), journal.clone());
        if let Some(parent) = &kept.summary.parent {
            self.within.entry(parent.clone()).or_default().insert(kept.cursor(), journal.clone());
        }
        if wake != Wake::Never {
            self.wakes.insert((wake, number), journal.clone());
        }
        if let Some(end) = kept.end() {
            self.ends.insert(end, journal.clone());
        }
        self.open += u64::from(is_open(&kept.summary));
        self.journals.insert(journal, kept);
    }

    /// Takes a journal out, from wherever it can be found; its tokens stay.
    fn take(&mut self, journal: &str) -> Option<Kept> {
        let kept = self.journals.remove(journal)?;
        self.order.remove(&kept.cursor());
        if let Some(parent) = &kept.summary.parent {
            self.within.get_mut(parent).map(|within| within.remove(&kept.cursor()));
        }
        self.wakes.remove(&(kept.wake, kept.number));
        if let Some(end) = kept.end() {
            self.ends.remove(&end);
        }
        self.open -= u64::from(is_open(&kept.summary));
        Some(kept)
    }

    /// Removes a journal with all that belongs to it.
    pub(super) fn remove(&mut self, journal: &Arc<str>) {
        let mut gone = HashSet::new();
        self.belonging(journal, &mut gone);
        for journal in gone {
            let tokens = self.take(&journal).map(|kept| kept.tokens).unwrap_or_default();
            tokens.iter().for_each(|token| drop(self.tokens.remove(token)));
            self.within.remove(&journal);
        }
    }

    /// Forgets the definitions that no journal refers to.
    pub(super) fn forget_definitions(&mut self) {
        let used: HashSet<&Arc<str>> = self.journals.values().map(|kept| &kept.summary.program).collect();
        self.definitions.retain(|hash, _| used.contains(hash));
    }
}

fn is_open(summary: &Summary) -> bool {
    summary.status == Status::Running && summary.kind == JournalKind::Execution && summary.parent.is_none()
}

/// Whether a listing asks for this.
pub(super) fn is_wanted(listing: &Listing, summary: &Summary) -> bool {
    let covered = match &listing.scope {
        Scope::All => summary.parent.is_none(),
        Scope::Machine(machine) => summary.machine == *machine,
        Scope::Version { machine, version } => summary.machine == *machine && summary.version.as_ref() == Some(version),
        Scope::Alias { machine, alias } => summary.machine == *machine && summary.alias.as_ref() == Some(alias),
        Scope::Parent(parent) => summary.parent.as_ref() == Some(parent),
    };
    covered
        && summary.kind == listing.kind
        && listing.status.is_none_or(|status| summary.status == status)
        && listing.redriven.is_none_or(|redriven| (summary.redrives > 0) == redriven)
}
