//! A store that writes down what is asked of it, fails, or lies.

use aslx_engine::journal::{Entry, Lines};
use aslx_engine::store::{Answer, Commit, MemoryStore, Store, StoreError, StoredJournal, Through};
use futures_util::FutureExt;
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

fn kinds(commit: &Commit) -> String {
    let name = |entry: Entry| {
        let text = format!("{:?}", entry.kind);
        text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
    };
    let entries = commit.appends.iter().flat_map(|append| append.lines.decode::<Entry>().unwrap());
    entries.map(name).collect::<Vec<_>>().join(", ")
}

/// A store with something between it and whoever asks.
pub(crate) struct Meddled {
    inner: Arc<MemoryStore>,
    meddling: Meddling,
}

enum Meddling {
    /// Writes down each commit once it is kept.
    Logs(Log),
    /// Keeps so many commits more, then fails.
    Fails(AtomicUsize),
    /// Gives journals back with something else in them.
    Tampers(fn(&mut Vec<Entry>)),
}

impl Meddled {
    pub(crate) fn logging(log: Log) -> Meddled {
        Meddled { inner: Arc::default(), meddling: Meddling::Logs(log) }
    }

    pub(crate) fn failing_after(commits: usize) -> Meddled {
        Meddled { inner: Arc::default(), meddling: Meddling::Fails(AtomicUsize::new(commits)) }
    }

    pub(crate) fn tampering(inner: Arc<MemoryStore>, change: fn(&mut Vec<Entry>)) -> Meddled {
        Meddled { inner, meddling: Meddling::Tampers(change) }
    }
}

impl Through for Meddled {
    fn inner(&self) -> &dyn Store {
        &*self.inner
    }

    fn commit(&self, commit: Commit) -> Answer<'_, ()> {
        match &self.meddling {
            Meddling::Logs(log) => async move {
                let line = format!("commit {}", kinds(&commit));
                // A store that takes its time: whoever acts too early is seen.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                self.inner.commit(commit).await?;
                log.add(line);
                Ok(())
            }
            .boxed(),
            Meddling::Fails(left) => {
                let less = |left: usize| left.checked_sub(1);
                match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less) {
                    Ok(_) => self.inner.commit(commit),
                    Err(_) => std::future::ready(Err(StoreError::Failed("the disk is full".into()))).boxed(),
                }
            }
            Meddling::Tampers(_) => self.inner.commit(commit),
        }
    }

    fn journal<'a>(&'a self, journal: &'a str) -> Answer<'a, StoredJournal> {
        async move {
            let mut stored = self.inner.journal(journal).await?;
            if let Meddling::Tampers(change) = &self.meddling {
                let mut entries = stored.entries(journal)?;
                change(&mut entries);
                stored.lines = Lines::of(&entries);
            }
            Ok(stored)
        }
        .boxed()
    }
}
