//! A store that remembers its commits, so that a test can go back to any of them. It can be made slow, and to fail.
#![allow(dead_code, unreachable_pub)]

use aslx_asl::Timestamp;
use aslx_engine::interpreter::Outcome;
use aslx_engine::journal::Lines;
use aslx_engine::store::StoreError;
use aslx_engine::store::{Answer, Commit, Listing, MemoryStore, Page, Record, Sleeper, Store, StoredJournal, Summary};
use futures_util::FutureExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Default)]
pub struct Recording {
    pub inner: MemoryStore,
    commits: Mutex<Vec<Commit>>,
    /// So many of the next commits fail.
    pub failing: AtomicU64,
    /// Milliseconds until a commit that is kept, or a journal that was read, is answered.
    pub millis: AtomicU64,
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

    /// Answers late what has been done already.
    fn late<'a, T: Send + 'static>(&self, answer: Answer<'a, T>) -> Answer<'a, T> {
        let millis = self.millis.load(Ordering::Relaxed);
        if millis == 0 {
            return answer;
        }
        let done = answer.now_or_never().unwrap();
        async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            done
        }
        .boxed()
    }
}

impl Store for Recording {
    fn commit(&self, commit: Commit) -> Answer<'_, ()> {
        let fails = |left: u64| left.checked_sub(1);
        if self.failing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fails).is_ok() {
            return std::future::ready(Err(StoreError::Failed("made up".into()))).boxed();
        }
        self.commits.lock().unwrap().push(commit.clone());
        self.late(self.inner.commit(commit))
    }
    fn journal<'a>(&'a self, journal: &'a str) -> Answer<'a, StoredJournal> {
        self.late(self.inner.journal(journal))
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
