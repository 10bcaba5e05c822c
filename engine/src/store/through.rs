//! A store with something between it and whoever asks.

use super::{
    Answer, Closed, Commit, Described, Expired, Listing, Page, Record, Retention, Sleeper, Store, StoredJournal,
    Summary,
};
use crate::interpreter::Outcome;
use crate::journal::Lines;
use aslx_asl::Timestamp;
use std::sync::Arc;

/// Asks another store, and changes what some of its methods do: those below. Everything that implements this is a
/// [`Store`].
pub trait Through: Send + Sync + 'static {
    /// The other store.
    fn inner(&self) -> &dyn Store;

    /// See [`Store::commit`].
    fn commit(&self, commit: Commit) -> Answer<'_, ()> {
        self.inner().commit(commit)
    }

    /// See [`Store::journal`].
    fn journal<'a>(&'a self, journal: &'a str) -> Answer<'a, StoredJournal> {
        self.inner().journal(journal)
    }
}

impl<T: Through> Store for T {
    fn is_durable(&self) -> bool {
        self.inner().is_durable()
    }

    fn commit(&self, commit: Commit) -> Answer<'_, ()> {
        Through::commit(self, commit)
    }

    fn journal<'a>(&'a self, journal: &'a str) -> Answer<'a, StoredJournal> {
        Through::journal(self, journal)
    }

    fn opening<'a>(&'a self, journal: &'a str) -> Answer<'a, Lines> {
        self.inner().opening(journal)
    }

    fn summary<'a>(&'a self, journal: &'a str) -> Answer<'a, Summary> {
        self.inner().summary(journal)
    }

    fn described<'a>(&'a self, journal: &'a str) -> Answer<'a, Described> {
        self.inner().described(journal)
    }

    fn outcome<'a>(&'a self, journal: &'a str) -> Answer<'a, Option<Outcome>> {
        self.inner().outcome(journal)
    }

    fn list(&self, listing: Listing) -> Answer<'_, Page> {
        self.inner().list(listing)
    }

    fn count_open(&self) -> Answer<'_, u64> {
        self.inner().count_open()
    }

    fn sleepers(&self, after: Option<Sleeper>, until: Timestamp, limit: usize) -> Answer<'_, Vec<Sleeper>> {
        self.inner().sleepers(after, until, limit)
    }

    fn token<'a>(&'a self, token: &'a str) -> Answer<'a, Option<Arc<str>>> {
        self.inner().token(token)
    }

    fn definition<'a>(&'a self, hash: &'a str) -> Answer<'a, Option<Arc<str>>> {
        self.inner().definition(hash)
    }

    fn seal<'a>(&'a self, journal: &'a str, length: u64, history: Arc<[u8]>) -> Answer<'a, bool> {
        self.inner().seal(journal, length, history)
    }

    fn sealed<'a>(&'a self, journal: &'a str) -> Answer<'a, Option<Arc<[u8]>>> {
        self.inner().sealed(journal)
    }

    fn unsealed(&self, ended_before: Timestamp, after: Option<Closed>, limit: usize) -> Answer<'_, Vec<Closed>> {
        self.inner().unsealed(ended_before, after, limit)
    }

    fn record<'a>(&'a self, kind: &'a str, key: &'a str) -> Answer<'a, Option<Arc<[u8]>>> {
        self.inner().record(kind, key)
    }

    fn records<'a>(
        &'a self,
        kind: &'a str,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> Answer<'a, Vec<Record>> {
        self.inner().records(kind, prefix, after, limit)
    }

    fn expire(&self, retention: Retention, limit: usize) -> Answer<'_, Expired> {
        self.inner().expire(retention, limit)
    }
}
