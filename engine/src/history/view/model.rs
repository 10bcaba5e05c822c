//! What a view remembers of an execution: visits of states, in lanes.

use super::event::{Payload, Seen};
use crate::history::{ErrorDetails, HistoryEvent, StateType};
use aslx_asl::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// Where an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunStatus {
    /// It goes on.
    #[default]
    Running,
    /// It has an output.
    Succeeded,
    /// It failed.
    Failed,
    /// It was stopped.
    Aborted,
    /// Its time was over.
    TimedOut,
}

impl RunStatus {
    /// The word of the API, for example `TIMED_OUT`.
    pub fn word(self) -> &'static str {
        match self {
            RunStatus::Running => "RUNNING",
            RunStatus::Succeeded => "SUCCEEDED",
            RunStatus::Failed => "FAILED",
            RunStatus::Aborted => "ABORTED",
            RunStatus::TimedOut => "TIMED_OUT",
        }
    }
}

/// The states that an execution has visited: which, when, how often tried, how ended, and what ran side by side.
///
/// It is made from history events alone, while they happen or afterwards, and draws itself at any moment.
#[derive(Debug, Default)]
pub struct RunTree {
    pub(super) status: RunStatus,
    pub(super) error: ErrorDetails,
    pub(super) started: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) redrives: usize,
    /// Event and time of the last redrive.
    pub(super) redriven: Option<(u64, Timestamp)>,
    pub(super) modelled: bool,
    pub(super) visits: Vec<Visit>,
    /// Lane 0 is the outermost machine.
    pub(super) lanes: Vec<Lane>,
    /// Where each event belongs, by its id.
    pub(super) spots: HashMap<u64, Spot>,
    /// The visit that the execution failed at.
    pub(super) culprit: Option<VisitId>,
}

/// What an execution failed at.
#[derive(Debug, Clone, PartialEq)]
pub struct Failed {
    /// The innermost state that failed.
    pub state: Arc<str>,
    /// What that state was given, a JSON text, if the history has it.
    pub input: Option<Arc<str>>,
    /// Error and cause of the execution.
    pub error: ErrorDetails,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct VisitId(pub(super) usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LaneId(pub(super) usize);

/// How a visit or an iteration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Running,
    Done,
    /// It failed, and a catcher took the error.
    Caught,
    Failed,
    /// Given up because something else ended.
    Aborted,
}

/// One visit of a state.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) name: Arc<str>,
    pub(super) state: StateType,
    pub(super) input: Option<Payload>,
    pub(super) lane: LaneId,
    pub(super) entered: Timestamp,
    pub(super) ended: Option<Timestamp>,
    /// Id of its `…StateEntered`.
    pub(super) entry: u64,
    /// Id of its `…StateExited`.
    pub(super) exit: Option<u64>,
    pub(super) mark: Mark,
    /// Calls of a task; starts of all branches or iterations.
    pub(super) attempts: Vec<Attempt>,
    /// A failure that nothing has answered yet; at the end, what it failed with or what was caught.
    pub(super) error: Option<ErrorDetails>,
    /// The innermost visit whose failure became this one's.
    pub(super) culprit: Option<VisitId>,
    /// The state that followed.
    pub(super) next: Option<Arc<str>>,
    /// Items of a Map.
    pub(super) length: Option<u64>,
    pub(super) map_run: Option<MapRunSeen>,
    /// The last redrive that it goes on after, counted from 1; 0 for none.
    pub(super) reopened: usize,
    /// Branches or iterations of the last attempt.
    pub(super) lanes: Vec<LaneId>,
    /// Those of all attempts.
    pub(super) all_lanes: Vec<LaneId>,
    /// `…StateSucceeded` or `…StateFailed` was seen.
    pub(super) inner_done: bool,
    /// Its end was told by an event of its own, not by the end of something around it.
    pub(super) exited: bool,
}

/// The run of a distributed Map.
#[derive(Debug)]
pub(super) struct MapRunSeen {
    /// Id of its `MapRunStarted`.
    pub(super) event: u64,
    pub(super) arn: Arc<str>,
    pub(super) at: Timestamp,
}

/// An attempt of a visit.
#[derive(Debug)]
pub(super) struct Attempt {
    /// Id of the event that began it.
    pub(super) event: u64,
    /// What was called; nothing for branches and iterations.
    pub(super) resource: Option<Arc<str>>,
    pub(super) at: Timestamp,
    pub(super) ended: Option<Timestamp>,
    pub(super) error: Option<ErrorDetails>,
}

/// A sequence of visits: the outermost machine, a branch, an iteration.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) owner: Option<VisitId>,
    /// The index of an iteration.
    pub(super) index: Option<u64>,
    /// The event that began it, and when; for a branch the entry of its first state.
    pub(super) event: u64,
    pub(super) at: Timestamp,
    /// Which start of all branches or iterations it belongs to, from 1; 0 for the outermost machine.
    pub(super) attempt: usize,
    /// The last redrive that it goes on after, counted from 1; 0 for none.
    pub(super) reopened: usize,
    pub(super) visits: Vec<VisitId>,
    pub(super) mark: Mark,
    pub(super) ended: Option<Timestamp>,
}

/// Where an event belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub(super) place: Place,
    pub(super) at: Timestamp,
}

/// See [`Spot`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a visit.
    In(VisitId),
    /// It starts the branches or iterations of a visit.
    Opens(VisitId),
    /// It starts an iteration.
    Lane(LaneId),
}

impl RunTree {
    /// An execution of which nothing is known yet.
    pub fn new() -> RunTree {
        RunTree::default()
    }

    /// For an execution in virtual time: waits are marked as modelled, and durations are those of the work alone.
    pub fn in_virtual_time() -> RunTree {
        RunTree { modelled: true, ..RunTree::default() }
    }

    /// The tree of a whole history.
    pub fn of<'e>(events: impl IntoIterator<Item = &'e Seen>) -> RunTree {
        let mut tree = RunTree::new();
        events.into_iter().for_each(|event| tree.see(event));
        tree
    }

    /// Takes the next event of an execution that runs here.
    pub fn apply(&mut self, event: &HistoryEvent) {
        self.see(&Seen::from(event));
    }

    /// Where the execution stands.
    pub fn status(&self) -> RunStatus {
        self.status
    }

    /// When it was started.
    pub fn started(&self) -> Option<Timestamp> {
        self.started
    }

    /// When it ended.
    pub fn ended(&self) -> Option<Timestamp> {
        self.ended
    }

    /// What it failed at, if it failed.
    pub fn failed(&self) -> Option<Failed> {
        let visit = self.visit(self.culprit?)?;
        let input = visit.input.as_ref().map(Payload::text);
        Some(Failed { state: visit.name.clone(), input, error: self.error.clone() })
    }

    pub(super) fn visit(&self, id: VisitId) -> Option<&Visit> {
        self.visits.get(id.0)
    }

    pub(super) fn visit_mut(&mut self, id: VisitId) -> Option<&mut Visit> {
        self.visits.get_mut(id.0)
    }

    pub(super) fn lane(&self, id: LaneId) -> Option<&Lane> {
        self.lanes.get(id.0)
    }

    pub(super) fn lane_mut(&mut self, id: LaneId) -> Option<&mut Lane> {
        self.lanes.get_mut(id.0)
    }
}

impl Visit {
    pub(super) fn open(&self) -> bool {
        self.mark == Mark::Running
    }

    pub(super) fn is_container(&self) -> bool {
        matches!(self.state, StateType::Parallel | StateType::Map)
    }
}
