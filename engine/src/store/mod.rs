//! Where journals are kept. One trait, one suite of tests that every store passes ([`suite`]).
//!
//! The journal is the truth. What lists and descriptions show is a [`Summary`], written in the same transaction as
//! the entries it follows from. What else a server has to remember (its machines, aliases, activities, tags) are
//! *records*: a kind, a key, bytes.

mod commit;
mod error;
mod list;
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;
#[expect(clippy::unwrap_used, reason = "its purpose is to panic when a store is wrong")]
pub mod suite;
mod summary;

pub use commit::{Append, Commit, Definition, RecordChange, Wake};
pub use error::StoreError;
pub use list::{Cursor, Listing, Page, Scope, Sleeper};
pub use memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::{Checked, Finding, OpenError, SqliteOptions, SqliteStore};
pub use summary::{JournalKind, StoredJournal, Summary};

use crate::interpreter::Outcome;
use crate::journal::Lines;
use aslx_asl::Timestamp;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// What a store answers, sooner or later.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// A record: its key within its kind, and what it says.
pub type Record = (Arc<str>, Arc<[u8]>);

/// Keeps journals and records.
///
/// A read sees every commit that was answered before it was asked.
pub trait Store: Send + Sync + 'static {
    /// Keeps a commit, all of it or nothing; when this answers, it outlives a crash as far as this store promises
    /// durability at all. Fails with [`StoreError::Conflict`] when a journal is not as long as the commit says.
    fn commit(&self, commit: Commit) -> Answer<'_, ()>;

    /// The whole journal of an execution or map run.
    fn journal<'a>(&'a self, journal: &'a str) -> Answer<'a, StoredJournal>;

    /// The beginning of a journal: at least its first entry, which holds the input, and seldom much more.
    fn opening<'a>(&'a self, journal: &'a str) -> Answer<'a, Lines>;

    /// What lists show of an execution or map run.
    fn summary<'a>(&'a self, journal: &'a str) -> Answer<'a, Summary>;

    /// How an execution ended; `None` while it is open.
    fn outcome<'a>(&'a self, journal: &'a str) -> Answer<'a, Option<Outcome>>;

    /// Summaries, newest first.
    fn list(&self, listing: Listing) -> Answer<'_, Page>;

    /// How many executions are open, without map runs and what runs within them.
    fn count_open(&self) -> Answer<'_, u64>;

    /// What is to be woken, by the time at which it is due: first what has work that ended with its process
    /// ([`Wake::Now`]), then what waits for a time. Those after `after`, due at `until` at the latest.
    fn sleepers(&self, after: Option<Sleeper>, until: Timestamp, limit: usize) -> Answer<'_, Vec<Sleeper>>;

    /// The execution that gave out a task token; `None` for a token that nobody knows, or whose execution has been
    /// removed.
    fn token<'a>(&'a self, token: &'a str) -> Answer<'a, Option<Arc<str>>>;

    /// The definition with this hash, as it was committed with a journal that refers to it.
    fn definition<'a>(&'a self, hash: &'a str) -> Answer<'a, Option<Arc<str>>>;

    /// Keeps the history of a closed execution, so that reading it need not replay the journal. It is a cache: an
    /// append to the journal forgets it.
    fn seal<'a>(&'a self, journal: &'a str, history: Arc<[u8]>) -> Answer<'a, ()>;

    /// The history that was kept with [`Store::seal`].
    fn sealed<'a>(&'a self, journal: &'a str) -> Answer<'a, Option<Arc<[u8]>>>;

    /// A record.
    fn record<'a>(&'a self, kind: &'a str, key: &'a str) -> Answer<'a, Option<Arc<[u8]>>>;

    /// Records of a kind whose keys begin with `prefix`, in the order of their keys (by bytes), those after `after`.
    fn records<'a>(
        &'a self,
        kind: &'a str,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> Answer<'a, Vec<Record>>;

    /// Removes closed executions that ended before a time, oldest first and at most so many, with all that belongs to
    /// them: map runs and their children, tokens, histories, definitions that nothing else refers to. Gives how many
    /// executions went, without those that belonged to them.
    fn expire(&self, ended_before: Timestamp, limit: usize) -> Answer<'_, u64>;
}
