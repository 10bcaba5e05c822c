//! What members, tasks and timers of a family are called, and what its driver has to do.

use super::load::Unloaded;
use crate::interpreter::TimerKind;
use crate::journal::{TaskId, TimerId};
use crate::map_run::WorkId;
use crate::task::TaskRequest;
use aslx_asl::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// A member of a family, or a map run of one; 0 is the execution itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::runtime) struct MemberId(pub(super) usize);

impl MemberId {
    pub(in crate::runtime) const PARENT: MemberId = MemberId(0);
}

/// A task, or the work of a map run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::runtime) struct TaskKey {
    pub(in crate::runtime) member: MemberId,
    pub(in crate::runtime) task: TaskId,
}

/// What the two kinds of work of a map run are called.
const READ: TaskId = TaskId(0);
const WRITE: TaskId = TaskId(1);

impl TaskKey {
    /// The work of a map run.
    pub(super) fn work(run: MemberId, work: WorkId) -> TaskKey {
        let task = match work {
            WorkId::Read => READ,
            WorkId::Write => WRITE,
        };
        TaskKey { member: run, task }
    }

    /// Which work of a map run it is.
    pub(super) fn work_id(self) -> WorkId {
        if self.task == WRITE { WorkId::Write } else { WorkId::Read }
    }
}

/// A timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::runtime) struct TimerKey {
    pub(in crate::runtime) member: MemberId,
    pub(in crate::runtime) timer: TimerId,
}

/// What a driver has to do.
#[derive(Debug)]
pub(in crate::runtime) enum Deed {
    StartTask {
        key: TaskKey,
        request: Arc<TaskRequest>,
    },
    CancelTask {
        key: TaskKey,
    },
    SetTimer {
        key: TimerKey,
        due: Timestamp,
        kind: TimerKind,
    },
    CancelTimer {
        key: TimerKey,
    },
    Resume {
        member: MemberId,
    },
    /// A map run is to go on after a redrive: its journal is wanted.
    ReviveRun(Unloaded),
    /// A child of a redriven map run is to run again: its journal is wanted.
    Revive {
        run: MemberId,
        child: u64,
        execution: Arc<str>,
    },
}

/// What is to be remembered of the execution itself.
#[derive(Debug, Clone, Copy)]
pub(in crate::runtime) struct Wants {
    /// All entries; else only those that are not committed yet.
    pub(in crate::runtime) journal: bool,
    /// All events; else only those that have not been told.
    pub(in crate::runtime) history: bool,
    /// Somebody is told the events.
    pub(in crate::runtime) events: bool,
    /// Journals are committed: those of map runs and children too.
    pub(in crate::runtime) commits: bool,
}

impl Wants {
    /// Everything of the execution, nothing of its children.
    pub(in crate::runtime) const ALL: Wants = Wants { journal: true, history: true, events: true, commits: false };
}

/// Open tasks that are answered by token.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    tasks: HashMap<Arc<str>, TaskKey>,
    texts: HashMap<TaskKey, Arc<str>>,
}

impl Tokens {
    pub(super) fn insert(&mut self, key: TaskKey, token: &Arc<str>) {
        self.tasks.insert(token.clone(), key);
        self.texts.insert(key, token.clone());
    }

    pub(super) fn remove(&mut self, key: TaskKey) {
        if let Some(token) = self.texts.remove(&key) {
            self.tasks.remove(&token);
        }
    }

    pub(super) fn task(&self, token: &str) -> Option<TaskKey> {
        self.tasks.get(token).copied()
    }
}
