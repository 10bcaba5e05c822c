//! The store that lives as long as its process.

use super::{Commit, Store, StoreError, StoredJournal, Summary};
use crate::interpreter::Status;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use indexmap::IndexMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Journals in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    executions: Mutex<IndexMap<Arc<str>, Kept>>,
}

#[derive(Debug)]
struct Kept {
    journal: StoredJournal,
    summary: Summary,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    fn executions(&self) -> MutexGuard<'_, IndexMap<Arc<str>, Kept>> {
        // Every change is one insertion or extension: a panic elsewhere leaves nothing half done.
        self.executions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(&self, commit: Commit) -> Result<(), StoreError> {
        let mut executions = self.executions();
        let found = executions.get(&commit.execution).map_or(0, |kept| kept.journal.entries.len() as u64);
        if found != commit.position {
            return Err(StoreError::Conflict { execution: commit.execution, expected: commit.position, found });
        }
        match executions.get_mut(&commit.execution) {
            Some(kept) => {
                kept.journal.entries.extend(commit.entries);
                kept.journal.digest = commit.digest;
                kept.summary = commit.summary;
            }
            None => {
                let journal = StoredJournal { entries: commit.entries, digest: commit.digest };
                executions.insert(commit.execution, Kept { journal, summary: commit.summary });
            }
        }
        Ok(())
    }

    fn find<T>(&self, execution: &str, read: impl FnOnce(&Kept) -> T) -> Result<T, StoreError> {
        self.executions().get(execution).map(read).ok_or_else(|| StoreError::NotFound(execution.into()))
    }
}

impl Store for MemoryStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), StoreError>> {
        ready(self.append(commit)).boxed()
    }

    fn journal<'a>(&'a self, execution: &'a str) -> BoxFuture<'a, Result<StoredJournal, StoreError>> {
        ready(self.find(execution, |kept| kept.journal.clone())).boxed()
    }

    fn summary<'a>(&'a self, execution: &'a str) -> BoxFuture<'a, Result<Summary, StoreError>> {
        ready(self.find(execution, |kept| kept.summary.clone())).boxed()
    }

    fn open_executions(&self) -> BoxFuture<'_, Result<Vec<Arc<str>>, StoreError>> {
        let executions = self.executions();
        let open = executions.iter().filter(|(_, kept)| kept.summary.status == Status::Running);
        ready(Ok(open.map(|(arn, _)| arn.clone()).collect())).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_passes_the_suite() {
        crate::store::suite::check(MemoryStore::new);
    }
}
