//! Where journals are kept. One trait, one suite of tests that every store passes ([`suite`]).
//!
//! The journal is the truth. What lists and descriptions show is a [`Summary`], written in the same transaction as
//! the entries it follows from. What else a server has to remember (its machines, aliases, activities, tags) are
//! *records*: a kind, a key, bytes.

mod commit;
mod error;
mod keep;
mod list;
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;
#[expect(clippy::unwrap_used, reason = "its purpose is to panic when a store is wrong")]
pub mod suite;
mod summary;
mod through;

pub use commit::{Append, Commit, Definition, RecordChange, Wake};
pub use error::StoreError;
pub use keep::{Closed, Expired, Retention};
pub use list::{Cursor, Listing, Page, Scope, Sleeper};
pub use memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::{Checked, Finding, OpenError, SqliteOptions, SqliteStore};
pub use summary::{Described, Ended, JournalKind, StoredJournal, Summary};
pub use through::Through;

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
    /// Whether what is kept outlives the process.
    fn is_durable(&self) -> bool;

    /// Keeps a commit, all of it or nothing; when this answers, it outlives a crash as far as this store promises
    /// durability at all. Fails with [`StoreError::Conflict`] when a journal is not as long as the commit says.
    fn commit(&self, commit: Commit) -> Answer<'_, ()>;

    /// The whole journal of an execution or map run.
    fn journal<'a>(&'a self, journal: &'a str) -> Answer<'a, StoredJournal>;

    /// The beginning of a journal: at least its first entry, which holds the input, and seldom much more.
    fn opening<'a>(&'a self, journal: &'a str) -> Answer<'a, Lines>;

    /// What lists show of an execution or map run.
    fn summary<'a>(&'a self, journal: &'a str) -> Answer<'a, Summary>;

    /// What DescribeExecution shows of an execution, all of one moment.
    fn described<'a>(&'a self, journal: &'a str) -> Answer<'a, Described>;

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

    /// Keeps the history of a closed execution, so that it is what it is whatever a later program would make of the
    /// journal, and reading it need not replay. `length` is the number of entries that it follows from. It is kept only
    /// while the journal is closed and as long as that, and goes when the journal grows; gives whether it was kept.
    fn seal<'a>(&'a self, journal: &'a str, length: u64, history: Arc<[u8]>) -> Answer<'a, bool>;

    /// The history that was kept with [`Store::seal`].
    fn sealed<'a>(&'a self, journal: &'a str) -> Answer<'a, Option<Arc<[u8]>>>;

    /// Closed executions, children of map runs among them, whose histories are not sealed: those that ended before a
    /// time, in the order of their ends, those after `after`.
    fn unsealed(&self, ended_before: Timestamp, after: Option<Closed>, limit: usize) -> Answer<'_, Vec<Closed>>;

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

    /// Removes closed executions, those that ended first before the others, with all that belongs to them: map runs
    /// and their children, tokens, histories, definitions that nothing else refers to. A removed execution is gone at
    /// once; what belonged to it may go later, since one call removes at most `limit` journals, so that nobody waits
    /// long behind it. Call it until there is no more to be done; where a call was the last one before the end of the
    /// process, a later one goes on.
    fn expire(&self, retention: Retention, limit: usize) -> Answer<'_, Expired>;
}
