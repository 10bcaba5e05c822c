//! Where journals are kept. One narrow trait, one suite of tests that every store passes ([`suite`]).
//!
//! The journal is the truth. What lists and descriptions show is a [`Summary`], written in the same transaction as
//! the entries it follows from.

mod memory;
pub mod suite;

pub use memory::MemoryStore;

use crate::interpreter::Status;
use crate::journal::Entry;
use aslx_asl::Timestamp;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// A transaction: all of it is kept, or nothing.
#[derive(Debug, Clone)]
pub struct Commit {
    /// ARN of the execution.
    pub execution: Arc<str>,
    /// How many entries the journal has before these. A commit at another position is refused: somebody else owns
    /// the execution.
    pub position: u64,
    /// The entries to append, in order.
    pub entries: Vec<Entry>,
    /// Running hash of all entries and of what the interpreter made of them.
    pub digest: u64,
    /// What lists show after these entries.
    pub summary: Summary,
}

/// What lists and descriptions show of an execution. Derived from its journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// ARN of the state machine.
    pub machine: Arc<str>,
    /// Its status.
    pub status: Status,
    /// When it was started.
    pub started: Timestamp,
    /// When it ended.
    pub stopped: Option<Timestamp>,
}

/// A journal as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredJournal {
    /// All entries, in order.
    pub entries: Vec<Entry>,
    /// The hash that came with the last commit.
    pub digest: u64,
}

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no such execution.
    #[error("there is no execution `{0}`")]
    NotFound(Arc<str>),
    /// An execution of that name exists already, or somebody else has appended to it.
    #[error("the journal of `{execution}` has {found} entries, {expected} were expected")]
    Conflict {
        /// ARN of the execution.
        execution: Arc<str>,
        /// Entries that the caller knew of.
        expected: u64,
        /// Entries that there are.
        found: u64,
    },
    /// The storage below failed.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Keeps journals.
pub trait Store: Send + Sync + 'static {
    /// Keeps a commit; when this answers, it outlives a crash as far as this store promises durability at all.
    /// A commit at position 0 makes the execution.
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), StoreError>>;

    /// The whole journal of an execution.
    fn journal<'a>(&'a self, execution: &'a str) -> BoxFuture<'a, Result<StoredJournal, StoreError>>;

    /// The summary of an execution.
    fn summary<'a>(&'a self, execution: &'a str) -> BoxFuture<'a, Result<Summary, StoreError>>;

    /// ARNs of all executions that have not ended, in the order of their start.
    fn open_executions(&self) -> BoxFuture<'_, Result<Vec<Arc<str>>, StoreError>>;
}
