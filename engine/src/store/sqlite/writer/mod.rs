//! Who writes: one at a time. Jobs that wait meanwhile are put into the next transaction together: each costs a share
//! of one sync of the disk, and each is answered after it.
//!
//! Mostly that is a thread. A commit that comes alone, to a store that has time, is written by whoever brings it:
//! handing it over and back would cost more than the writing.

mod work;

use super::expire::Last;
use super::inbox::{Fresh, Parts};
use super::write::Tables;
use crate::store::{Commit, Expired, Retention, StoreError};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;
use work::Work;

/// Jobs of one transaction at the most, so that the first of them does not wait for too many others.
const GROUP: usize = 512;

/// Rows that may change before the log is carried over into the file: some 4 MB with payloads of usual size. A log that
/// is written over again and again costs less to sync than one that grows. Large payloads are carried over by SQLite
/// itself, at [`LOG_PAGES`].
pub(super) const LOG_ROWS: u64 = 1_024;

/// Pages at which SQLite carries the log over within a commit.
pub(super) const LOG_PAGES: i64 = 16_384;

/// Parts of the inbox that are made when the store is: some more than are used before it is filed.
pub(super) const PARTS: u64 = work::FULL;

/// How long a commit may lie in the inbox.
pub(super) const FILED_AFTER: Duration = Duration::from_millis(250);

/// Whoever waits for an answer.
type Waiting<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to write.
pub(super) enum Job {
    Commit(Box<Commit>, Waiting<()>),
    Seal {
        journal: Arc<str>,
        length: u64,
        history: Vec<u8>,
        answer: Waiting<bool>,
    },
    Expire {
        retention: Retention,
        surplus: Option<Last>,
        limit: usize,
        answer: Waiting<Expired>,
    },
    /// What is in the inbox is to be put into the tables now.
    File(Waiting<()>),
    /// Something is in the inbox, and will have to be filed.
    Look,
}

/// What the writer shares with those who read.
#[derive(Debug, Default)]
struct Shared {
    fresh: RwLock<Fresh>,
    /// Open executions.
    open: AtomicU64,
    /// Commits that somebody waits for.
    commits: AtomicUsize,
}

/// Somebody waits for a commit, as long as this is there.
struct Waits<'s>(&'s Shared);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.commits.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Shared {
    /// Another one waits; gives whether nobody else does.
    fn waits(&self) -> (Waits<'_>, bool) {
        let others = self.commits.fetch_add(1, Ordering::AcqRel);
        (Waits(self), others == 0)
    }

    fn change(&self, open: i64, change: impl FnOnce(&mut Fresh)) {
        change(&mut self.fresh.write().unwrap_or_else(PoisonError::into_inner));
        self.open.fetch_add(open.cast_unsigned(), Ordering::AcqRel);
    }
}

/// How a writer is to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    pub(super) rows_in_log: u64,
    pub(super) filed_after: Duration,
}

/// The writer, from outside.
pub(super) struct Writer {
    /// Gone once the store is being closed.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    work: Arc<Mutex<Work>>,
    shared: Arc<Shared>,
}

impl Writer {
    pub(super) fn start(tables: Tables, parts: Parts, open: u64, habits: Habits) -> std::io::Result<Writer> {
        let (sender, jobs) = channel();
        let shared = Arc::new(Shared { open: AtomicU64::new(open), ..Shared::default() });
        let work = Arc::new(Mutex::new(Work::new(tables, parts, shared.clone(), habits)));
        let run = {
            let work = work.clone();
            move || run(&work, &jobs)
        };
        let thread = std::thread::Builder::new().name("aslx store".into()).spawn(run)?;
        Ok(Writer { jobs: Some(sender), thread: Some(thread), work, shared })
    }

    pub(super) fn count_open(&self) -> u64 {
        self.shared.open.load(Ordering::Acquire)
    }

    /// What is on the disk and not in the tables.
    pub(super) fn fresh(&self) -> RwLockReadGuard<'_, Fresh> {
        self.shared.fresh.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a commit; ends when it is on the disk.
    pub(super) async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        let (_waits, alone) = self.shared.waits();
        let (sender, answer) = oneshot::channel();
        let job = Job::Commit(Box::new(commit), sender);
        if let Some(job) = if alone { self.at_once(job) } else { Some(job) } {
            self.send(job)?;
        }
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Does a job, if nobody writes and the store has time; else gives it back.
    fn at_once(&self, job: Job) -> Option<Job> {
        let Ok(mut work) = self.work.try_lock() else { return Some(job) };
        if !work.has_time() {
            return Some(job);
        }
        work.write(vec![job]);
        if work.is_to_be_told() {
            // The thread is there as long as this is.
            let _ = self.send(Job::Look);
        }
        None
    }

    /// Has something written and waits until it is on the disk.
    pub(super) async fn ask<T>(&self, job: impl FnOnce(Waiting<T>) -> Job) -> Result<T, StoreError> {
        let (sender, answer) = oneshot::channel();
        self.send(job(sender))?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        self.jobs.as_ref().ok_or_else(gone)?.send(job).map_err(|_| gone())
    }

    /// Puts what is in the inbox into the tables. Blocks.
    pub(super) fn file(&self) -> Result<(), StoreError> {
        lock(&self.work).file()
    }
}

fn gone() -> StoreError {
    StoreError::Failed("it has been closed".into())
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

fn lock(work: &Mutex<Work>) -> MutexGuard<'_, Work> {
    // A panic in a transaction leaves it open: the next BEGIN fails, and says so.
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The thread.
fn run(work: &Mutex<Work>, jobs: &Receiver<Job>) {
    loop {
        let due = lock(work).due();
        let next = match due {
            Some(wait) => jobs.recv_timeout(wait),
            None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            Ok(first) => {
                let more = jobs.try_iter().take(GROUP - 1);
                let group = std::iter::once(first).chain(more).filter(|job| !matches!(job, Job::Look)).collect();
                lock(work).write(group);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        lock(work).keep_up();
    }
    // What cannot be filed now is when the store is opened again.
    let _ = lock(work).file();
}
