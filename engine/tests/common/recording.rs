//! A store that remembers its commits, so that a test can go back to any of them. It can be made slow, and to fail.
#![allow(dead_code, unreachable_pub)]

use aslx_engine::store::{Answer, Commit, MemoryStore, Store, StoreError, StoredJournal, Through};
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
            Store::commit(&*store, commit).now_or_never().unwrap().unwrap();
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

impl Through for Recording {
    fn inner(&self) -> &dyn Store {
        &self.inner
    }

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
}
