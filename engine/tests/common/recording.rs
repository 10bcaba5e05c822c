//! A store that remembers its commits, so that a test can go back to any of them.
#![allow(dead_code, unreachable_pub)]

use aslx_asl::Timestamp;
use aslx_engine::interpreter::Outcome;
use aslx_engine::journal::Lines;
use aslx_engine::store::{Answer, Commit, Listing, MemoryStore, Page, Record, Sleeper, Store, StoredJournal, Summary};
use std::sync::{Arc, Mutex};

#[derive(Default)]
pub struct Recording {
    pub inner: MemoryStore,
    commits: Mutex<Vec<Commit>>,
}

impl Recording {
    pub fn new() -> Arc<Recording> {
        Arc::default()
    }

    pub fn commits(&self) -> Vec<Commit> {
        self.commits.lock().unwrap().clone()
    }

    /// The store as it was after so many commits.
    pub fn after(&self, commits: usize) -> Arc<Recording> {
        let store = Recording::new();
        for commit in self.commits().into_iter().take(commits) {
            futures_util::FutureExt::now_or_never(store.commit(commit)).unwrap().unwrap();
        }
        store
    }
}

impl Store for Recording {
    fn commit(&self, commit: Commit) -> Answer<'_, ()> {
        self.commits.lock().unwrap().push(commit.clone());
        self.inner.commit(commit)
    }
    fn journal<'a>(&'a self, journal: &'a str) -> Answer<'a, StoredJournal> {
        self.inner.journal(journal)
    }
    fn opening<'a>(&'a self, journal: &'a str) -> Answer<'a, Lines> {
        self.inner.opening(journal)
    }
    fn summary<'a>(&'a self, journal: &'a str) -> Answer<'a, Summary> {
        self.inner.summary(journal)
    }
    fn outcome<'a>(&'a self, journal: &'a str) -> Answer<'a, Option<Outcome>> {
        self.inner.outcome(journal)
    }
    fn list(&self, listing: Listing) -> Answer<'_, Page> {
        self.inner.list(listing)
    }
    fn count_open(&self) -> Answer<'_, u64> {
        self.inner.count_open()
    }
    fn sleepers(&self, after: Option<Sleeper>, until: Timestamp, limit: usize) -> Answer<'_, Vec<Sleeper>> {
        self.inner.sleepers(after, until, limit)
    }
    fn token<'a>(&'a self, token: &'a str) -> Answer<'a, Option<Arc<str>>> {
        self.inner.token(token)
    }
    fn definition<'a>(&'a self, hash: &'a str) -> Answer<'a, Option<Arc<str>>> {
        self.inner.definition(hash)
    }
    fn seal<'a>(&'a self, journal: &'a str, history: Arc<[u8]>) -> Answer<'a, ()> {
        self.inner.seal(journal, history)
    }
    fn sealed<'a>(&'a self, journal: &'a str) -> Answer<'a, Option<Arc<[u8]>>> {
        self.inner.sealed(journal)
    }
    fn record<'a>(&'a self, kind: &'a str, key: &'a str) -> Answer<'a, Option<Arc<[u8]>>> {
        self.inner.record(kind, key)
    }
    fn records<'a>(
        &'a self,
        kind: &'a str,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> Answer<'a, Vec<Record>> {
        self.inner.records(kind, prefix, after, limit)
    }
    fn expire(&self, ended_before: Timestamp, limit: usize) -> Answer<'_, u64> {
        self.inner.expire(ended_before, limit)
    }
}
