//! What is written together.

use super::Summary;
use crate::interpreter::Outcome;
use crate::journal::Lines;
use aslx_asl::Timestamp;
use std::sync::Arc;

/// A transaction: all of it is kept, or nothing. What is removed goes first, so that a name can be taken again by the
/// same commit.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// ARNs of journals that go, with all that belongs to them. One that does not exist is no error.
    pub removals: Vec<Arc<str>>,
    /// Definitions that the journals below refer to. One that is known already is passed over.
    pub definitions: Vec<Definition>,
    /// Journals that grow: an execution, its map runs, their children.
    pub appends: Vec<Append>,
    /// What happens to records, in order.
    pub records: Vec<RecordChange>,
}

impl Commit {
    /// One journal grows.
    pub fn append(append: Append) -> Commit {
        Commit { appends: vec![append], ..Commit::default() }
    }

    /// Records change, and nothing else.
    pub fn records(changes: impl IntoIterator<Item = RecordChange>) -> Commit {
        Commit { records: changes.into_iter().collect(), ..Commit::default() }
    }

    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.removals.is_empty() && self.definitions.is_empty() && self.appends.is_empty() && self.records.is_empty()
    }
}

/// Entries for one journal, and what follows from them.
#[derive(Debug, Clone)]
pub struct Append {
    /// ARN of the execution or map run.
    pub journal: Arc<str>,
    /// How many entries the journal has before these; 0 makes it. A commit at another position is refused: somebody
    /// else owns the execution.
    pub position: u64,
    /// The entries, in order.
    pub lines: Lines,
    /// Running hash of all entries and of what the interpreter made of them.
    pub digest: u64,
    /// What lists show after these entries.
    pub summary: Summary,
    /// How it has ended; `None` while it is open.
    pub outcome: Option<Outcome>,
    /// When it must be looked at although nobody asks for it.
    pub wake: Wake,
    /// Task tokens that were given out by these entries.
    pub tokens: Vec<Arc<str>>,
}

/// When an execution that nobody asks for must be looked at. After a restart its owner is made anew only then, or when
/// something reaches it: one that only waits costs nothing until that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wake {
    /// At once after a restart: it has work that ends with the process, such as a task in flight.
    Now,
    /// When this time has come: its next timer. Not before 1970.
    At(Timestamp),
    /// Never by itself: it has ended, it waits for a callback without a timeout, or its parent looks after it.
    Never,
}

/// A definition and what it is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Hash of the program ([`aslx_asl::Program::hash`]).
    pub hash: Arc<str>,
    /// The text from which the program is compiled again.
    pub text: Arc<str>,
}

/// What happens to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordChange {
    /// It is kept, in place of one with that key.
    Put {
        /// Its kind, for example `machine`.
        kind: Arc<str>,
        /// Its key within the kind.
        key: Arc<str>,
        /// What it says.
        value: Arc<[u8]>,
    },
    /// It goes; one that does not exist is no error.
    Delete {
        /// Its kind.
        kind: Arc<str>,
        /// Its key within the kind.
        key: Arc<str>,
    },
}

impl RecordChange {
    /// Keeps a record.
    pub fn put(kind: &str, key: &str, value: &[u8]) -> RecordChange {
        RecordChange::Put { kind: kind.into(), key: key.into(), value: value.into() }
    }

    /// Removes a record.
    pub fn delete(kind: &str, key: &str) -> RecordChange {
        RecordChange::Delete { kind: kind.into(), key: key.into() }
    }
}
