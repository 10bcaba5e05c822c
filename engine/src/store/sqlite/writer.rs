//! The one thread that writes. Commits that wait while it writes are put into its next transaction together: each
//! costs a share of one sync of the disk, and each is answered after it.

use super::error::{failed, full, passes};
use super::expire::Last;
use super::write::Tables;
use crate::store::{Commit, Expired, Retention, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Jobs of one transaction at the most, so that the first of them does not wait for too many others.
const GROUP: usize = 512;

/// Rows that may change before the log is carried over into the file: some 16 MB with payloads of usual size. Large
/// payloads are carried over by SQLite itself, at [`LOG_PAGES`].
pub(super) const LOG_ROWS: u64 = 8_192;

/// Pages at which SQLite carries the log over within a commit.
pub(super) const LOG_PAGES: i64 = 16_384;

/// Whoever waits for an answer.
type Waiting<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to write.
pub(super) enum Job {
    Commit(Box<Commit>, Waiting<()>),
    Seal { journal: Arc<str>, length: u64, history: Vec<u8>, answer: Waiting<bool> },
    Expire { retention: Retention, surplus: Option<Last>, limit: usize, answer: Waiting<Expired> },
}

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

/// The thread, from outside.
pub(super) struct Writer {
    /// Gone once the store is being closed.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// Open executions.
    open: Arc<AtomicU64>,
}

impl Writer {
    pub(super) fn start(tables: Tables, open: u64, rows_in_log: u64) -> std::io::Result<Writer> {
        let (sender, jobs) = channel();
        let open = Arc::new(AtomicU64::new(open));
        let mut work = Work { tables, open: open.clone(), rows_in_log, carried_over: 0, broken: None };
        let thread = std::thread::Builder::new().name("aslx store".into()).spawn(move || work.run(&jobs))?;
        Ok(Writer { jobs: Some(sender), thread: Some(thread), open })
    }

    pub(super) fn count_open(&self) -> u64 {
        self.open.load(Ordering::Acquire)
    }

    /// Has something written and waits until it is on the disk.
    pub(super) async fn ask<T>(&self, job: impl FnOnce(Waiting<T>) -> Job) -> Result<T, StoreError> {
        let gone = || StoreError::Failed("it has been closed".into());
        let (sender, answer) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(job(sender)).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}

impl Drop for Writer {
    /// Writes what has been sent, then closes the file.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It has said why it failed to those who asked.
            let _ = thread.join();
        }
    }
}

struct Work {
    tables: Tables,
    open: Arc<AtomicU64>,
    rows_in_log: u64,
    /// Rows that had changed when the log was carried over last.
    carried_over: u64,
    /// Why nothing is written any more: after a sync that failed nobody knows what is on the disk.
    broken: Option<StoreError>,
}

impl Work {
    fn run(&mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let more = jobs.try_iter().take(GROUP - 1);
            let group: Vec<Job> = std::iter::once(first).chain(more).collect();
            self.write(group);
            self.carry_over();
        }
    }

    fn write(&mut self, group: Vec<Job>) {
        let begun = match &self.broken {
            Some(error) => Err(error.clone()),
            None => self.tables.connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| failed(&error)),
        };
        let done: Vec<Done> = group.into_iter().map(|job| self.perform(job, &begun)).collect();
        let kept = begun.and_then(|()| self.commit());
        done.into_iter().for_each(|one| one.answer(kept.clone()));
    }

    fn perform(&mut self, job: Job, begun: &Result<(), StoreError>) -> Done {
        let nothing = begun.clone();
        match job {
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
        }
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let connection = &self.tables.connection;
        // A full disk ends the transaction by itself: then nothing of the group has happened.
        let ended = connection.is_autocommit();
        let settled = if ended { Err(full()) } else { self.tables.settle().map_err(|error| failed(&error)) };
        let kept = settled.and_then(|()| {
            self.tables.connection.execute_batch("COMMIT").map_err(|error| {
                if !passes(&error) {
                    self.broken = Some(failed(&error));
                }
                failed(&error)
            })
        });
        match kept {
            Ok(()) => {
                let change = std::mem::take(&mut self.tables.opened);
                self.open.fetch_add(change.cast_unsigned(), Ordering::AcqRel);
                Ok(())
            }
            Err(error) => {
                self.tables.start_anew();
                if !self.tables.connection.is_autocommit() {
                    // An error here shows again at the next BEGIN.
                    let _ = self.tables.connection.execute_batch("ROLLBACK");
                }
                Err(error)
            }
        }
    }

    /// Carries the log over into the file when it has grown long, after everybody has been answered.
    fn carry_over(&mut self) {
        let changes = self.tables.connection.total_changes();
        if changes - self.carried_over >= self.rows_in_log {
            self.carried_over = changes;
            // A reader may be in the way: then it is tried again later. What is in the log is on the disk already.
            let _ = self.tables.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    }
}
