//! What the inbox holds, as readers see it and as it will be filed.

use crate::interpreter::Outcome;
use crate::journal::Lines;
use crate::store::{Append, Commit, Definition, StoredJournal, Summary};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Commits that are on the disk and not in the tables.
#[derive(Debug, Default)]
pub(in crate::store::sqlite) struct Fresh {
    journals: HashMap<Arc<str>, Grown>,
    /// Task tokens, and the executions that gave them out.
    tokens: HashMap<Arc<str>, Arc<str>>,
    definitions: HashMap<Arc<str>, Arc<str>>,
    /// What the journals belong to.
    parents: HashSet<Arc<str>>,
    /// The last place that was taken.
    last: u64,
}

/// What a journal has gained.
#[derive(Debug, Clone)]
pub(in crate::store::sqlite) struct Grown {
    /// Its place in the order in which they came.
    place: u64,
    /// How many entries it has in the tables.
    pub(in crate::store::sqlite) position: u64,
    chunks: Vec<Lines>,
    length: u64,
    digest: u64,
    pub(in crate::store::sqlite) summary: Summary,
    pub(in crate::store::sqlite) outcome: Option<Outcome>,
    wake: crate::store::Wake,
    tokens: Vec<Arc<str>>,
}

impl Grown {
    fn new(append: Append, place: u64) -> Grown {
        let length = append.position + append.lines.len();
        Grown {
            place,
            position: append.position,
            chunks: vec![append.lines],
            length,
            digest: append.digest,
            summary: append.summary,
            outcome: append.outcome,
            wake: append.wake,
            tokens: append.tokens,
        }
    }

    fn grow(&mut self, append: Append) {
        self.length += append.lines.len();
        self.chunks.push(append.lines);
        self.digest = append.digest;
        // What is fixed at the start is what the tables have of it; the rest is the newest.
        self.summary = append.summary;
        self.outcome = append.outcome;
        self.wake = append.wake;
        self.tokens.extend(append.tokens);
    }

    /// Whether all of it is here.
    pub(in crate::store::sqlite) fn is_whole(&self) -> bool {
        self.position == 0
    }

    /// How many entries it has, those in the tables included.
    pub(in crate::store::sqlite) fn len(&self) -> u64 {
        self.length
    }

    /// The entries that it begins with, if these are here.
    pub(in crate::store::sqlite) fn opening(&self) -> Option<&Lines> {
        self.chunks.first().filter(|_| self.is_whole())
    }

    /// The entries that are here.
    pub(in crate::store::sqlite) fn lines(&self) -> Lines {
        Lines::joined(&self.chunks)
    }

    /// The journal, if `before` is what the tables had of it when it was looked up here, or later.
    pub(in crate::store::sqlite) fn after(&self, before: StoredJournal) -> StoredJournal {
        if before.lines.len() != self.position {
            // It was filed meanwhile, this and perhaps more.
            return before;
        }
        StoredJournal { lines: Lines::joined(&[before.lines, self.lines()]), digest: self.digest }
    }

    /// The whole journal, if it is here.
    pub(in crate::store::sqlite) fn stored(&self) -> StoredJournal {
        StoredJournal { lines: self.lines(), digest: self.digest }
    }

    fn append(&self, journal: &Arc<str>) -> Append {
        Append {
            journal: journal.clone(),
            position: self.position,
            lines: self.lines(),
            digest: self.digest,
            summary: self.summary.clone(),
            outcome: self.outcome.clone(),
            wake: self.wake,
            tokens: self.tokens.clone(),
        }
    }
}

impl Fresh {
    /// Whether all journals are in the tables.
    pub(in crate::store::sqlite) fn is_empty(&self) -> bool {
        self.journals.is_empty()
    }

    /// What a journal has gained.
    pub(in crate::store::sqlite) fn grown(&self, journal: &str) -> Option<&Grown> {
        self.journals.get(journal)
    }

    /// The execution that gave out a token.
    pub(in crate::store::sqlite) fn token(&self, token: &str) -> Option<Arc<str>> {
        self.tokens.get(token).cloned()
    }

    /// The text of a definition.
    pub(in crate::store::sqlite) fn definition(&self, hash: &str) -> Option<Arc<str>> {
        self.definitions.get(hash).cloned()
    }

    /// Whether a journal can be removed here: all of it is here, and nothing belongs to it.
    pub(in crate::store::sqlite) fn can_remove(&self, journal: &str) -> bool {
        self.grown(journal).is_some_and(Grown::is_whole) && !self.parents.contains(journal)
    }

    /// Takes a commit that has been checked, and is on the disk.
    pub(in crate::store::sqlite) fn take(&mut self, commit: Commit) {
        for journal in commit.removals {
            if let Some(removed) = self.journals.remove(&journal) {
                removed.tokens.iter().for_each(|token| drop(self.tokens.remove(token)));
            }
        }
        self.definitions.extend(commit.definitions.into_iter().map(|known| (known.hash, known.text)));
        for append in commit.appends {
            self.parents.extend(append.summary.parent.clone());
            self.tokens.extend(append.tokens.iter().map(|token| (token.clone(), append.journal.clone())));
            match self.journals.get_mut(&append.journal) {
                Some(grown) => grown.grow(append),
                None => {
                    self.last += 1;
                    self.journals.insert(append.journal.clone(), Grown::new(append, self.last));
                }
            }
        }
    }

    /// What is to be filed, in the order in which it came.
    pub(in crate::store::sqlite) fn to_file(&self) -> Commit {
        let mut grown: Vec<_> = self.journals.iter().collect();
        grown.sort_by_key(|(_, grown)| grown.place);
        let definition = |(hash, text): (&Arc<str>, &Arc<str>)| Definition { hash: hash.clone(), text: text.clone() };
        Commit {
            definitions: self.definitions.iter().map(definition).collect(),
            appends: grown.into_iter().map(|(journal, grown)| grown.append(journal)).collect(),
            ..Commit::default()
        }
    }
}
