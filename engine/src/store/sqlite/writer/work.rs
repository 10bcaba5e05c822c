//! What is done in one transaction.

use super::{Habits, Job, Shared, Waiting};
use crate::clock::Stopwatch;
use crate::store::sqlite::error::{failed, full, passes};
use crate::store::sqlite::inbox::{self, Fresh, Parts};
use crate::store::sqlite::write::{Before, Tables, is_open};
use crate::store::{Commit, Expired, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// Bytes of a group that goes into the inbox. A larger one costs less per commit in the tables.
const LIGHT: usize = 32 * 1024;

/// Parts of the inbox at which it is filed.
const MANY: u64 = 128;

/// Parts at which nobody may fill it further who cannot file it.
pub(super) const FULL: u64 = 160;

/// How soon a commit must be done for its caller to wait for it without letting others work.
const SHORT: Duration = Duration::from_millis(2);

/// A job that was done, to be answered once it is on the disk.
enum Done {
    Nothing(Waiting<()>, Result<(), StoreError>),
    Sealed(Waiting<bool>, Result<bool, StoreError>),
    Expired(Waiting<Expired>, Result<Expired, StoreError>),
}

impl Done {
    /// Tells whoever waits. Nobody may be waiting any more.
    fn answer(self, kept: Result<(), StoreError>) {
        match self {
            Done::Nothing(waiting, result) => drop(waiting.send(kept.and(result))),
            Done::Sealed(waiting, result) => drop(waiting.send(kept.and(result))),
            Done::Expired(waiting, result) => drop(waiting.send(kept.and(result))),
        }
    }
}

/// How long a journal is and whether it is an open execution; none: it is not there.
type Found = Option<(u64, bool)>;

/// Journals of one group, as they will be.
type Staged = HashMap<Arc<str>, Found>;

pub(super) struct Work {
    tables: Tables,
    parts: Parts,
    shared: Arc<Shared>,
    habits: Habits,
    /// Since the inbox holds something.
    waits: Option<Stopwatch>,
    /// Parts at which the thread is told of it: at the first one, to file it in time, and when there are many.
    told_at: u64,
    /// Rows that had changed when the log was carried over last.
    carried_over: u64,
    /// How long the last transaction took, and when it ended.
    took: Duration,
    ended: Stopwatch,
    /// Why nothing is written any more: after a sync that failed nobody knows what is on the disk.
    broken: Option<StoreError>,
}

impl Work {
    pub(super) fn new(tables: Tables, parts: Parts, shared: Arc<Shared>, habits: Habits) -> Work {
        Work {
            tables,
            parts,
            shared,
            habits,
            waits: None,
            told_at: 1,
            carried_over: 0,
            took: Duration::ZERO,
            ended: Stopwatch::start(),
            broken: None,
        }
    }

    /// Whether a commit that nobody else waits beside may be written by whoever brings it: the disk is quick, and the
    /// last one was some time ago. One that follows at once is left to the thread, so that others can join it.
    pub(super) fn has_time(&self) -> bool {
        self.took < SHORT && self.ended.elapsed() >= self.took / 8 && self.parts.used() < FULL
    }

    /// Whether the thread has to be told of the inbox.
    pub(super) fn is_to_be_told(&mut self) -> bool {
        let used = self.parts.used();
        let told = used >= self.told_at;
        if told {
            self.told_at = if used < MANY { MANY } else { u64::MAX };
        }
        told
    }

    /// After how long there is something to do though nobody asks.
    pub(super) fn due(&mut self) -> Option<Duration> {
        let waits = self.waits?;
        self.told_at = self.told_at.max(MANY);
        Some(self.habits.filed_after.saturating_sub(waits.elapsed()))
    }

    /// What is to be done now and then, after everybody has been answered.
    pub(super) fn keep_up(&mut self) {
        let old = self.waits.is_some_and(|waits| waits.elapsed() >= self.habits.filed_after);
        if (old || self.parts.used() >= MANY) && self.file().is_err() {
            // The disk is full, perhaps. It is all in the inbox, and is tried again.
            self.waits = Some(Stopwatch::start());
        }
        let changes = self.tables.connection.total_changes();
        if changes - self.carried_over >= self.habits.rows_in_log {
            self.carried_over = changes;
            // A reader may be in the way: then it is tried again later. What is in the log is on the disk already.
            let _ = self.tables.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    }

    pub(super) fn write(&mut self, group: Vec<Job>) {
        if group.is_empty() {
            return;
        }
        let begun = Stopwatch::start();
        if self.is_light(&group) {
            self.keep(group);
        } else {
            // Everybody is told by then.
            let _ = self.put(group);
        }
        (self.took, self.ended) = (begun.elapsed(), Stopwatch::start());
    }

    /// Whether a group is for the inbox: small commits of journals.
    fn is_light(&self, group: &[Job]) -> bool {
        let fresh = self.shared.fresh.read().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = 0;
        group.iter().all(|job| {
            let Job::Commit(commit, _) = job else { return false };
            bytes += size(commit, |hash| self.tables.has_definition(hash) || fresh.definition(hash).is_some());
            let goes = |journal: &Arc<str>| fresh.can_remove(journal) && self.tables.is_alone(journal);
            commit.records.is_empty() && commit.removals.iter().all(goes) && bytes <= LIGHT
        })
    }

    /// Writes commits down in the inbox.
    fn keep(&mut self, group: Vec<Job>) {
        let begun = self.begin();
        let (mut letters, mut kept, mut opened) = (Vec::new(), Vec::new(), 0);
        let (mut staged, mut done) = (Staged::new(), Vec::new());
        for job in group {
            let Job::Commit(mut commit, waiting) = job else { continue };
            let checked = begun.clone().and_then(|()| self.check(&mut commit, &mut staged));
            done.push(Done::Nothing(waiting, checked.clone().map(drop)));
            if let Ok(change) = checked {
                inbox::write(&commit, &mut letters);
                kept.push(*commit);
                opened += change;
            }
        }
        let written = begun.and_then(|()| self.end(|tables, parts| parts.write(&tables.connection, &letters)));
        if let Ok(parts) = &written {
            self.parts.written(*parts);
            self.shared.change(opened, |fresh| kept.into_iter().for_each(|commit| fresh.take(commit)));
            if *parts > 0 {
                self.waits.get_or_insert_with(Stopwatch::start);
            }
        }
        let written = written.map(drop);
        done.into_iter().for_each(|one| one.answer(written.clone()));
    }

    /// Whether a commit fits to what there is. Gives by how many it changes the open executions, and leaves out the
    /// definitions that are known.
    fn check(&self, commit: &mut Commit, staged: &mut Staged) -> Result<i64, StoreError> {
        let fresh = self.shared.fresh.read().unwrap_or_else(PoisonError::into_inner);
        let mut changes = Staged::new();
        let mut opened = 0;
        let find = |journal: &Arc<str>, changes: &Staged| -> Result<Found, StoreError> {
            if let Some(found) = changes.get(journal).or_else(|| staged.get(journal)) {
                return Ok(*found);
            }
            if let Some(grown) = fresh.grown(journal) {
                return Ok(Some((grown.len(), is_open(&grown.summary))));
            }
            let before = self.tables.before(journal).map_err(|error| failed(&error))?;
            Ok(before.map(|Before { length, open, .. }| (length.cast_unsigned(), open)))
        };
        for journal in &commit.removals {
            opened -= i64::from(find(journal, &changes)?.is_some_and(|(_, open)| open));
            changes.insert(journal.clone(), None);
        }
        for append in &commit.appends {
            let found = find(&append.journal, &changes)?;
            let fits = match found {
                Some((length, _)) => append.position > 0 && append.position == length,
                None => append.position == 0,
            };
            if !fits {
                let (execution, expected) = (append.journal.clone(), append.position);
                return Err(StoreError::Conflict { execution, expected, found: found.map_or(0, |(length, _)| length) });
            }
            Tables::entry(0, append)?;
            let open = is_open(&append.summary);
            opened += i64::from(open) - i64::from(found.is_some_and(|(_, open)| open));
            changes.insert(append.journal.clone(), Some((append.position + append.lines.len(), open)));
        }
        commit
            .definitions
            .retain(|known| !self.tables.has_definition(&known.hash) && fresh.definition(&known.hash).is_none());
        staged.extend(changes);
        Ok(opened)
    }

    /// Puts what is in the inbox into the tables.
    pub(super) fn file(&mut self) -> Result<(), StoreError> {
        if self.parts.used() == 0 {
            return Ok(());
        }
        self.put(Vec::new())
    }

    /// Puts what is in the inbox into the tables, and then does these jobs there.
    fn put(&mut self, group: Vec<Job>) -> Result<(), StoreError> {
        let begun = self.begin().and_then(|()| {
            let to_file = self.shared.fresh.read().unwrap_or_else(PoisonError::into_inner).to_file();
            let filed = self.tables.file(to_file);
            if filed.is_err() {
                self.roll_back();
            }
            filed
        });
        let done: Vec<Done> = group.into_iter().filter_map(|job| self.perform(job, &begun)).collect();
        let kept = begun.and_then(|()| {
            self.end(|tables, parts| {
                tables.settle()?;
                parts.mark(&tables.connection)
            })
        });
        if kept.is_ok() {
            self.parts.marked();
            (self.waits, self.told_at) = (None, 1);
            let opened = std::mem::take(&mut self.tables.opened);
            self.shared.change(opened, |fresh| *fresh = Fresh::default());
        }
        done.into_iter().for_each(|one| one.answer(kept.clone()));
        kept
    }

    fn perform(&mut self, job: Job, begun: &Result<(), StoreError>) -> Option<Done> {
        let nothing = begun.clone();
        Some(match job {
            Job::Commit(commit, answer) => Done::Nothing(answer, nothing.and_then(|()| self.tables.apply(*commit))),
            Job::Seal { journal, length, history, answer } => {
                let sealed = nothing.and_then(|()| match self.tables.seal(&journal, length, &history) {
                    Ok(Some(kept)) => Ok(kept),
                    Ok(None) => Err(StoreError::NotFound(journal)),
                    Err(error) => Err(failed(&error)),
                });
                Done::Sealed(answer, sealed)
            }
            Job::Expire { retention, surplus, limit, answer } => {
                let expire = |()| self.tables.expire(&retention, surplus, limit).map_err(|error| failed(&error));
                Done::Expired(answer, nothing.and_then(expire))
            }
            Job::File(answer) => Done::Nothing(answer, nothing),
            Job::Look => return None,
        })
    }

    fn begin(&self) -> Result<(), StoreError> {
        match &self.broken {
            Some(error) => Err(error.clone()),
            None => self.tables.run("BEGIN IMMEDIATE").map_err(|error| failed(&error)),
        }
    }

    /// Does the last thing of a transaction, and commits it. When this fails, nothing of it has happened.
    fn end<T>(&mut self, last: impl FnOnce(&mut Tables, &Parts) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        // A full disk ends the transaction by itself: then nothing of the group has happened.
        let ended = self.tables.connection.is_autocommit();
        let last =
            if ended { Err(full()) } else { last(&mut self.tables, &self.parts).map_err(|error| failed(&error)) };
        let kept = last.and_then(|last| match self.tables.run("COMMIT") {
            Ok(()) => Ok(last),
            Err(error) => {
                if !passes(&error) {
                    self.broken = Some(failed(&error));
                }
                Err(failed(&error))
            }
        });
        if kept.is_err() {
            self.roll_back();
        }
        kept
    }

    fn roll_back(&mut self) {
        self.tables.start_anew();
        if !self.tables.connection.is_autocommit() {
            // An error here shows again at the next BEGIN.
            let _ = self.tables.run("ROLLBACK");
        }
    }
}

/// Bytes of a commit, about.
fn size(commit: &Commit, is_known: impl Fn(&str) -> bool) -> usize {
    let unknown = commit.definitions.iter().filter(|known| !is_known(&known.hash)).map(|known| known.text.len());
    let appends = commit.appends.iter().map(|append| {
        let output = append.outcome.as_ref().and_then(|outcome| outcome.output.as_ref());
        let details = append.summary.details.as_ref().map_or(0, |details| details.len());
        500 + append.lines.text().len() + output.map_or(0, |output| output.value().json_len()) + details
    });
    unknown.sum::<usize>() + appends.sum::<usize>()
}
