//! A journal while its owner writes it: what is held in memory, and what the store does not have yet.

use crate::journal::Lines;
use serde::Serialize;

/// The end of a journal.
#[derive(Debug)]
pub(super) struct Ledger<E> {
    entries: Vec<E>,
    /// All entries are kept, not only those that are not committed yet.
    keeps: bool,
    committed: u64,
    /// The last entries that are held are not committed yet: so many.
    pending: usize,
    /// The running hash of the committed ones.
    hash: u64,
}

impl<E: Serialize> Ledger<E> {
    pub(super) fn new(keeps: bool) -> Ledger<E> {
        Ledger { entries: Vec::new(), keeps, committed: 0, pending: 0, hash: 0 }
    }

    /// A journal that is in the store: its entries if they are kept, its length and its running hash.
    pub(super) fn known(entries: Vec<E>, keeps: bool, length: u64, hash: u64) -> Ledger<E> {
        Ledger { entries, keeps, committed: length, pending: 0, hash }
    }

    pub(super) fn push(&mut self, entry: E) {
        self.entries.push(entry);
        self.pending += 1;
    }

    pub(super) fn is_pending(&self) -> bool {
        self.pending > 0
    }

    /// How many entries are committed.
    pub(super) fn committed(&self) -> u64 {
        self.committed
    }

    /// The running hash of those.
    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    /// The lines that are to be committed, at most so many of them; from now on they count as committed, and what is
    /// left out is never written.
    pub(super) fn take(&mut self, most: usize) -> Lines {
        let pending = self.entries.get(self.entries.len() - self.pending..).unwrap_or_default();
        let lines = Lines::of(pending.get(..most.min(pending.len())).unwrap_or_default());
        self.committed += lines.len();
        self.hash = lines.digest(self.hash);
        self.pending = 0;
        if !self.keeps {
            self.entries.clear();
        }
        lines
    }

    pub(super) fn into_entries(self) -> Vec<E> {
        self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &Lines) -> Vec<&str> {
        lines.text().lines().collect()
    }

    #[test]
    fn it_gives_each_entry_once() {
        for keeps in [true, false] {
            let mut ledger = Ledger::new(keeps);
            ledger.push(1);
            ledger.push(2);
            assert_eq!(texts(&ledger.take(9)), ["1", "2"]);
            assert!(!ledger.is_pending());
            ledger.push(3);
            assert_eq!((texts(&ledger.take(9)), ledger.committed()), (vec!["3"], 3));
            assert_eq!(ledger.hash(), Lines::of(&[1, 2, 3]).digest(0));
            assert_eq!(ledger.into_entries(), if keeps { vec![1, 2, 3] } else { vec![] });
        }
    }

    #[test]
    fn what_is_left_out_is_never_written() {
        let mut ledger = Ledger::new(false);
        ledger.push(1);
        ledger.push(2);
        assert_eq!(texts(&ledger.take(1)), ["1"]);
        ledger.push(3);
        assert_eq!((ledger.take(0).len(), ledger.committed()), (0, 1));
    }
}
