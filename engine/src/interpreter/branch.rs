//! Branches: threads of control. The outermost machine is one, and so is every branch of a Parallel and every
//! iteration of a Map while it runs.

use super::map::MapRun;
use super::parallel::ParallelRun;
use crate::data::Data;
use crate::history::ErrorDetails;
use crate::journal::{TaskId, TimerId};
use crate::map_run::MapRunRequest;
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
    /// The state that it entered last.
    pub(super) place: Option<Place>,
    /// The container that it gave up, for a redrive.
    pub(super) cut: Option<Cut>,
}

/// A state as it was entered: enough to do it over.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) state: StateId,
    pub(super) raw: Data,
    pub(super) entered: u64,
    pub(super) entered_at: Timestamp,
}

/// A Parallel or Map that failed, with what its children had done by then.
#[derive(Debug)]
pub(super) enum Cut {
    Parallel(ParallelRun),
    Map(MapRun),
    /// A map run that was stopped, and its redrives so far.
    Run(Box<MapRunRequest>, u64),
    /// A map run that ended by itself.
    Ended(TaskId, Box<MapRunRequest>, u64),
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
    /// In a state that is to be done over after a redrive.
    Again(Box<Visit>),
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

impl Visit {
    pub(super) fn new(place: &Place) -> Visit {
        Visit {
            state: place.state,
            raw: place.raw.clone(),
            input: place.raw.clone(),
            entered: place.entered,
            entered_at: place.entered_at,
            retry_count: 0,
            retries: Vec::new(),
            token: None,
            timer: None,
        }
    }

    /// Retries are counted anew after a redrive.
    pub(super) fn forget_retries(&mut self) {
        self.retry_count = 0;
        self.retries.clear();
        self.token = None;
    }
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
        let variables = Members::default();
        self.slots.insert(id, Branch { parent, variables, last, item, phase, place: None, cut: None });
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

    /// The outermost machine's branch, while it lives.
    pub(super) fn root_id(&self) -> Option<BranchId> {
        Some(BranchId(0)).filter(|root| self.slots.contains_key(root))
    }

    /// Puts a branch back that had been taken out.
    pub(super) fn put(&mut self, id: BranchId, branch: Branch) {
        self.slots.insert(id, branch);
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
    }
}
