//! Branches: threads of control. The outermost machine is one, and so is every branch of a Parallel and every
//! iteration of a Map while it runs.

use super::map::MapRun;
use super::parallel::ParallelRun;
use crate::data::Data;
use crate::history::ErrorDetails;
use crate::journal::{TaskId, TimerId};
use aslx_asl::Timestamp;
use aslx_asl::program::StateId;
use aslx_asl::value::{Members, Value};
use std::sync::Arc;

/// Place of a branch. Numbers are never used twice, so a stale one finds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct BranchId(u32);

/// A thread of control.
#[derive(Debug)]
pub(super) struct Branch {
    /// The branch that holds the Parallel or Map, and the number of this branch in it.
    pub(super) parent: Option<(BranchId, usize)>,
    /// Variables assigned in this branch; outer ones are found through the parent.
    pub(super) variables: Members,
    /// Id of the event that the next one follows.
    pub(super) last: u64,
    /// The item, in an iteration.
    pub(super) item: Option<Item>,
    pub(super) phase: Phase,
}

/// What an iteration of a Map works on.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) index: usize,
    pub(super) value: Value,
}

/// Where a branch stands.
#[derive(Debug)]
pub(super) enum Phase {
    /// About to enter a state with this input.
    Entering(StateId, Data),
    /// In a state, waiting for its timer to fire.
    Waiting(Box<Visit>),
    /// In a Task, waiting for its answer.
    Tasking(Box<Visit>, Attempt),
    /// In a Task whose attempt ended like this; to be stepped.
    Answered(Box<Visit>, Answer),
    /// In a state that is to be tried again when the delay is over.
    BackingOff(Box<Visit>),
    /// In a Parallel.
    InParallel(Box<Visit>, ParallelRun),
    /// In a Map.
    InMap(Box<Visit>, MapRun),
    /// In a distributed Map, waiting for its run; the last number is the id of its MapRunStarted event.
    InRun(Box<Visit>, TaskId, u64),
    /// In a Parallel or Map whose children have all ended, with these results; to be stepped.
    Joined(Box<Visit>, Value),
    /// Being stepped.
    Moving,
}

/// One visit of a state, from its entry to its exit.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) state: StateId,
    /// The state's input as it was handed over.
    pub(super) raw: Data,
    /// The input after InputPath.
    pub(super) input: Data,
    /// Id of the StateEntered event.
    pub(super) entered: u64,
    pub(super) entered_at: Timestamp,
    /// Retries of this visit so far.
    pub(super) retry_count: u32,
    /// Retries by each retrier of the state.
    pub(super) retries: Vec<u64>,
    /// The token of the attempt, where it has one.
    pub(super) token: Option<Arc<str>>,
    /// The timer of a Wait or a delay.
    pub(super) timer: Option<TimerId>,
}

/// One attempt of a Task.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) task: TaskId,
    pub(super) started: bool,
    pub(super) timeout: Option<TimerId>,
    pub(super) heartbeat: Option<TimerId>,
    /// Seconds of both, for tasks whose clocks start when a worker takes them.
    pub(super) timeout_seconds: Option<u64>,
    pub(super) heartbeat_seconds: Option<u64>,
}

/// How an attempt ended.
#[derive(Debug)]
pub(super) enum Answer {
    Succeeded(Data),
    Failed { error: ErrorDetails, heartbeat: bool },
}

/// All branches that live.
#[derive(Debug, Default)]
pub(super) struct Branches {
    slots: std::collections::HashMap<BranchId, Branch, foldhash::fast::FixedState>,
    next: u32,
}

impl Branches {
    pub(super) fn root(&mut self, start: StateId, input: Data) -> BranchId {
        self.insert(None, 0, None, start, input)
    }

    /// A new branch that is about to enter a state.
    pub(super) fn insert(
        &mut self,
        parent: Option<(BranchId, usize)>,
        last: u64,
        item: Option<Item>,
        start: StateId,
        input: Data,
    ) -> BranchId {
        let id = BranchId(self.next);
        self.next = self.next.wrapping_add(1);
        let phase = Phase::Entering(start, input);
        self.slots.insert(id, Branch { parent, variables: Members::default(), last, item, phase });
        id
    }

    pub(super) fn get(&self, id: BranchId) -> Option<&Branch> {
        self.slots.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: BranchId) -> Option<&mut Branch> {
        self.slots.get_mut(&id)
    }

    pub(super) fn remove(&mut self, id: BranchId) -> Option<Branch> {
        self.slots.remove(&id)
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
    }
}
