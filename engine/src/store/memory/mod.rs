//! The store that lives as long as its process.

mod shelf;

use super::{
    Answer, Closed, Commit, Described, Expired, Listing, Page, Record, Retention, Sleeper, Store, StoreError,
    StoredJournal, Summary, Wake,
};
use crate::interpreter::Outcome;
use crate::journal::Lines;
use aslx_asl::Timestamp;
use futures_util::FutureExt;
use futures_util::future::ready;
use shelf::{Kept, Shelf};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Journals and records in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    shelf: Mutex<Shelf>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // A commit is checked before anything is changed: a panic elsewhere leaves nothing half done.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find<T>(&self, journal: &str, read: impl FnOnce(&Kept) -> T) -> Result<T, StoreError> {
        self.shelf().kept(journal).map(read).ok_or_else(|| StoreError::NotFound(journal.into()))
    }

    fn page(&self, listing: &Listing) -> Page {
        let shelf = self.shelf();
        let mut page = Page::default();
        for (cursor, journal) in shelf.newest(&listing.scope, listing.after) {
            let Some(kept) = shelf.kept(&journal).filter(|kept| shelf::is_wanted(listing, &kept.summary)) else {
                continue;
            };
            if page.found.len() == listing.limit {
                page.next = page.found.last().and_then(|(last, _)| Some(shelf.kept(last)?.cursor()));
                break;
            }
            debug_assert_eq!(kept.cursor(), cursor);
            page.found.push((journal, kept.summary.clone()));
        }
        page
    }

    fn sleeping(&self, after: Option<&Sleeper>, until: Timestamp, limit: usize) -> Vec<Sleeper> {
        let shelf = self.shelf();
        let from = after.map_or(Bound::Unbounded, |last| Bound::Excluded((last.wake, last.number)));
        let range = shelf.wakes.range((from, Bound::Included((Wake::At(until), u64::MAX))));
        let sleeper =
            |(&(wake, number), journal): (&(Wake, u64), &Arc<str>)| Sleeper { wake, number, journal: journal.clone() };
        range.take(limit).map(sleeper).collect()
    }

    fn remove_old(&self, retention: &Retention, limit: usize) -> Expired {
        let mut shelf = self.shelf();
        let keep = retention.keep.map_or(usize::MAX, |keep| usize::try_from(keep).unwrap_or(usize::MAX));
        let surplus = shelf.ends.len().saturating_sub(keep);
        let is_old = |stopped: &Timestamp| retention.ended_before.is_some_and(|before| *stopped < before);
        // By the time of their ends: those that go come first.
        let goes = |(n, ((stopped, _), _)): &(usize, (&(Timestamp, u64), _))| *n < surplus || is_old(stopped);
        let mut old: Vec<Arc<str>> = shelf
            .ends
            .iter()
            .enumerate()
            .take_while(goes)
            .take(limit.saturating_add(1))
            .map(|(_, (_, journal))| journal.clone())
            .collect();
        let more = old.len() > limit;
        old.truncate(limit);
        for execution in &old {
            shelf.remove(execution);
            for kind in &retention.records {
                shelf.records.get_mut(kind).and_then(|kind| kind.remove(execution));
            }
        }
        shelf.forget_definitions();
        Expired { executions: old.len() as u64, more }
    }

    fn without_history(&self, ended_before: Timestamp, after: Option<&Closed>, limit: usize) -> Vec<Closed> {
        let shelf = self.shelf();
        let place = |closed: &Closed| (closed.stopped, closed.number);
        shelf
            .unsealed()
            .into_iter()
            .filter(|closed| closed.stopped < ended_before && after.is_none_or(|after| place(closed) > place(after)))
            .take(limit)
            .collect()
    }
}

fn answer<'a, T: Send + 'a>(result: Result<T, StoreError>) -> Answer<'a, T> {
    ready(result).boxed()
}

impl Store for MemoryStore {
    fn is_durable(&self) -> bool {
        false
    }

    fn commit(&self, commit: Commit) -> Answer<'_, ()> {
        answer(self.shelf().commit(commit))
    }

    fn journal<'a>(&'a self, journal: &'a str) -> Answer<'a, StoredJournal> {
        answer(self.find(journal, |kept| StoredJournal { lines: kept.lines(), digest: kept.digest }))
    }

    fn opening<'a>(&'a self, journal: &'a str) -> Answer<'a, Lines> {
        answer(self.find(journal, |kept| kept.chunks.first().cloned().unwrap_or_default()))
    }

    fn summary<'a>(&'a self, journal: &'a str) -> Answer<'a, Summary> {
        answer(self.find(journal, |kept| kept.summary.clone()))
    }

    fn described<'a>(&'a self, journal: &'a str) -> Answer<'a, Described> {
        answer(self.find(journal, |kept| kept.described(journal)).flatten())
    }

    fn outcome<'a>(&'a self, journal: &'a str) -> Answer<'a, Option<Outcome>> {
        answer(self.find(journal, |kept| kept.outcome.clone()))
    }

    fn list(&self, listing: Listing) -> Answer<'_, Page> {
        answer(Ok(self.page(&listing)))
    }

    fn count_open(&self) -> Answer<'_, u64> {
        answer(Ok(self.shelf().open))
    }

    fn sleepers(&self, after: Option<Sleeper>, until: Timestamp, limit: usize) -> Answer<'_, Vec<Sleeper>> {
        answer(Ok(self.sleeping(after.as_ref(), until, limit)))
    }

    fn token<'a>(&'a self, token: &'a str) -> Answer<'a, Option<Arc<str>>> {
        answer(Ok(self.shelf().tokens.get(token).cloned()))
    }

    fn definition<'a>(&'a self, hash: &'a str) -> Answer<'a, Option<Arc<str>>> {
        answer(Ok(self.shelf().definitions.get(hash).cloned()))
    }

    fn seal<'a>(&'a self, journal: &'a str, length: u64, history: Arc<[u8]>) -> Answer<'a, bool> {
        let mut shelf = self.shelf();
        let found = shelf.kept_mut(journal).map(|kept| {
            let fits = kept.summary.stopped.is_some() && kept.len() == length;
            if fits {
                kept.sealed = Some(history);
            }
            fits
        });
        answer(found.ok_or_else(|| StoreError::NotFound(journal.into())))
    }

    fn sealed<'a>(&'a self, journal: &'a str) -> Answer<'a, Option<Arc<[u8]>>> {
        answer(self.find(journal, |kept| kept.sealed.clone()))
    }

    fn unsealed(&self, ended_before: Timestamp, after: Option<Closed>, limit: usize) -> Answer<'_, Vec<Closed>> {
        answer(Ok(self.without_history(ended_before, after.as_ref(), limit)))
    }

    fn record<'a>(&'a self, kind: &'a str, key: &'a str) -> Answer<'a, Option<Arc<[u8]>>> {
        answer(Ok(self.shelf().records.get(kind).and_then(|kind| kind.get(key)).cloned()))
    }

    fn records<'a>(
        &'a self,
        kind: &'a str,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> Answer<'a, Vec<Record>> {
        let shelf = self.shelf();
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let found = shelf.records.get(kind).map(|kind| {
            kind.range::<str, _>((from, Bound::Unbounded))
                .take_while(|(key, _)| key.starts_with(prefix))
                .take(limit)
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        });
        answer(Ok(found.unwrap_or_default()))
    }

    fn expire(&self, retention: Retention, limit: usize) -> Answer<'_, Expired> {
        answer(Ok(self.remove_old(&retention, limit)))
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
