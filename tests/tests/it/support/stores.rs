//! A store that writes down what is asked of it, fails, or lies.

use aslx_asl::Timestamp;
use aslx_engine::interpreter::Outcome;
use aslx_engine::journal::{Entry, Lines};
use aslx_engine::store::{
    Answer, Commit, Listing, MemoryStore, Page, Record, Sleeper, Store, StoreError, StoredJournal, Summary,
};
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

impl Store for Meddled {
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
