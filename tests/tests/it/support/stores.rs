//! Stores that write down what is asked of them, fail, or lie.

use aslx_engine::journal::Entry;
use aslx_engine::store::{Commit, MemoryStore, Store, StoreError, StoredJournal, Summary};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What happened, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn add(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

fn kinds(entries: &[Entry]) -> String {
    let name = |entry: &Entry| {
        let text = format!("{:?}", entry.kind);
        text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
    };
    entries.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Writes down each commit once it is kept.
#[derive(Debug)]
pub(crate) struct LoggedStore(pub(crate) Arc<MemoryStore>, pub(crate) Log);

impl Store for LoggedStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), StoreError>> {
        async move {
            let line = format!("commit {}", kinds(&commit.entries));
            // A store that takes its time: whoever acts too early is seen.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            self.0.commit(commit).await?;
            self.1.add(line);
            Ok(())
        }
        .boxed()
    }

    fn journal<'a>(&'a self, execution: &'a str) -> BoxFuture<'a, Result<StoredJournal, StoreError>> {
        self.0.journal(execution)
    }

    fn summary<'a>(&'a self, execution: &'a str) -> BoxFuture<'a, Result<Summary, StoreError>> {
        self.0.summary(execution)
    }

    fn open_executions(&self) -> BoxFuture<'_, Result<Vec<Arc<str>>, StoreError>> {
        self.0.open_executions()
    }
}

/// Keeps so many commits, then fails.
#[derive(Debug)]
pub(crate) struct FailingStore {
    inner: MemoryStore,
    left: AtomicUsize,
}

impl FailingStore {
    pub(crate) fn after(commits: usize) -> FailingStore {
        FailingStore { inner: MemoryStore::new(), left: AtomicUsize::new(commits) }
    }
}

impl Store for FailingStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), StoreError>> {
        let less = |left: usize| left.checked_sub(1);
        match self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less) {
            Ok(_) => self.inner.commit(commit),
            Err(_) => std::future::ready(Err(StoreError::Failed("the disk is full".into()))).boxed(),
        }
    }

    fn journal<'a>(&'a self, execution: &'a str) -> BoxFuture<'a, Result<StoredJournal, StoreError>> {
        self.inner.journal(execution)
    }

    fn summary<'a>(&'a self, execution: &'a str) -> BoxFuture<'a, Result<Summary, StoreError>> {
        self.inner.summary(execution)
    }

    fn open_executions(&self) -> BoxFuture<'_, Result<Vec<Arc<str>>, StoreError>> {
        self.inner.open_executions()
    }
}

/// Gives journals back with something else in them.
pub(crate) struct TamperedStore {
    pub(crate) inner: Arc<MemoryStore>,
    pub(crate) change: fn(&mut Vec<Entry>),
}

impl Store for TamperedStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.commit(commit)
    }

    fn journal<'a>(&'a self, execution: &'a str) -> BoxFuture<'a, Result<StoredJournal, StoreError>> {
        async move {
            let mut journal = self.inner.journal(execution).await?;
            (self.change)(&mut journal.entries);
            Ok(journal)
        }
        .boxed()
    }

    fn summary<'a>(&'a self, execution: &'a str) -> BoxFuture<'a, Result<Summary, StoreError>> {
        self.inner.summary(execution)
    }

    fn open_executions(&self) -> BoxFuture<'_, Result<Vec<Arc<str>>, StoreError>> {
        self.inner.open_executions()
    }
}
