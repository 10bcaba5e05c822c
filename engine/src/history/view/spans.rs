//! A tree as the spans of a trace: what began when, ended when, and lies within what.
//!
//! A trace is told when an execution ends. After a redrive only what happened since is told, so that no span is told
//! twice: what goes on after the redrive is a span of its own that begins with it.

use super::event::Payload;
use super::model::{Attempt, Lane, LaneId, Mark, RunStatus, RunTree, Visit, VisitId};
use super::summary::{VisitStatus, status};
use crate::history::{ErrorDetails, StateType};
use aslx_asl::Timestamp;
use std::sync::Arc;

/// What a span is known by within its execution. The same history gives the same keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpanKey {
    /// The execution, from its start or its last redrive on.
    Execution {
        /// How often it had been redriven.
        redrive: usize,
    },
    /// A visit of a state.
    Visit {
        /// Id of its `…StateEntered`.
        event: u64,
        /// The redrive that it goes on after; 0 for none.
        redrive: usize,
    },
    /// An attempt of a task.
    Attempt {
        /// Id of the event by which the attempt was handed out.
        event: u64,
    },
    /// A branch of a Parallel or an iteration of a Map.
    Lane {
        /// Id of the event that began it; for a branch that is the entry of its first state.
        event: u64,
        /// The redrive that it goes on after; 0 for none.
        redrive: usize,
    },
    /// The run of a distributed Map.
    MapRun {
        /// Id of its `MapRunStarted`.
        event: u64,
        /// The redrive that it goes on after; 0 for none.
        redrive: usize,
    },
}

/// What a span is about.
#[derive(Debug, Clone, PartialEq)]
pub enum SpanSubject {
    /// The execution.
    Execution(RunStatus),
    /// A visit of a state.
    State {
        /// Its name.
        name: Arc<str>,
        /// Its type.
        state: StateType,
        /// How it ended.
        status: VisitStatus,
        /// Items of a Map.
        items: Option<u64>,
        /// Its input, if the tree was told.
        input: Option<Payload>,
    },
    /// An attempt of a task.
    Attempt {
        /// What was called, for example `lambda:invoke`.
        resource: Arc<str>,
        /// From 1, within the visit.
        number: usize,
        /// Milliseconds of back-off before it, if it is a retry.
        delay: Option<i64>,
    },
    /// A branch of a Parallel.
    Branch {
        /// From 0.
        index: usize,
        /// How often the state had started its branches, this time included.
        attempt: usize,
    },
    /// An iteration of a Map.
    Iteration {
        /// From 0.
        index: u64,
        /// How often the state had started its iterations, this time included.
        attempt: usize,
    },
    /// The run of a distributed Map.
    MapRun {
        /// Its ARN.
        arn: Arc<str>,
    },
}

/// Something that took its time.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSpan {
    /// What it is known by.
    pub key: SpanKey,
    /// What it lies within; nothing for the execution.
    pub parent: Option<SpanKey>,
    /// What it is about.
    pub subject: SpanSubject,
    /// When it began.
    pub begun: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// What it failed with. A state whose error was caught has that error.
    pub error: Option<ErrorDetails>,
}

impl RunTree {
    /// The spans of an execution that has ended, since its start or its last redrive; those around others first.
    pub fn spans(&self) -> Vec<RunSpan> {
        let (Some(started), Some(ended)) = (self.started, self.ended) else { return Vec::new() };
        let spans = Spans { tree: self, since: self.redriven.map_or(0, |(event, _)| event), ended, found: Vec::new() };
        spans.all(self.redriven.map_or(started, |(_, at)| at))
    }
}

struct Spans<'t> {
    tree: &'t RunTree,
    /// The event that the told part begins with; 0 for the start.
    since: u64,
    ended: Timestamp,
    found: Vec<RunSpan>,
}

impl Spans<'_> {
    fn all(mut self, begun: Timestamp) -> Vec<RunSpan> {
        let tree = self.tree;
        let key = SpanKey::Execution { redrive: tree.redrives };
        let failed = tree.status != RunStatus::Succeeded;
        self.found.push(RunSpan {
            key,
            parent: None,
            subject: SpanSubject::Execution(tree.status),
            begun,
            ended: self.ended,
            error: failed.then(|| tree.error.clone()),
        });
        if let Some(lane) = tree.lane(LaneId(0)) {
            self.lane_inside(lane, key);
        }
        self.found
    }

    fn lane_inside(&mut self, lane: &Lane, parent: SpanKey) {
        let tree = self.tree;
        for (id, visit) in lane.visits.iter().filter_map(|id| Some((*id, tree.visit(*id)?))) {
            self.visit(id, visit, parent);
        }
    }

    /// Since when something is told that began with an event and may go on after a redrive; `None` for what had ended
    /// before.
    fn told(&self, event: u64, at: Timestamp, reopened: usize) -> Option<(usize, Timestamp)> {
        match self.tree.redriven {
            Some(_) if event > self.since => Some((0, at)),
            Some((_, redriven)) if reopened == self.tree.redrives => Some((reopened, redriven)),
            Some(_) => None,
            None => Some((0, at)),
        }
    }

    fn visit(&mut self, id: VisitId, visit: &Visit, parent: SpanKey) {
        let Some((redrive, begun)) = self.told(visit.entry, visit.entered, visit.reopened) else { return };
        let key = SpanKey::Visit { event: visit.entry, redrive };
        let state = SpanSubject::State {
            name: visit.name.clone(),
            state: visit.state,
            status: status(visit),
            items: visit.length,
            input: visit.input.clone(),
        };
        let ended = visit.ended.unwrap_or(self.ended);
        let error = visit.error.clone().filter(|_| visit.mark != Mark::Done);
        self.found.push(RunSpan { key, parent: Some(parent), subject: state, begun, ended, error });
        let attempts = visit.attempts.iter().filter(|attempt| attempt.event > self.since).collect::<Vec<_>>();
        self.attempts(&attempts, key, ended);
        let inside = match &visit.map_run {
            Some(run) => {
                let (redrive, begun) = self.told(run.event, run.at, visit.reopened).unwrap_or((redrive, begun));
                let inside = SpanKey::MapRun { event: run.event, redrive };
                let subject = SpanSubject::MapRun { arn: run.arn.clone() };
                let error = visit.error.clone().filter(|_| visit.mark != Mark::Done);
                self.found.push(RunSpan { key: inside, parent: Some(key), subject, begun, ended, error });
                inside
            }
            None => key,
        };
        self.lanes(id, visit, inside, ended);
    }

    fn attempts(&mut self, attempts: &[&Attempt], parent: SpanKey, visit_ended: Timestamp) {
        let mut last: Option<Timestamp> = None;
        for (number, attempt) in attempts.iter().enumerate() {
            let Some(resource) = attempt.resource.clone() else { continue };
            let delay = last.map(|last| attempt.at.as_millis().saturating_sub(last.as_millis()));
            let ended = attempt.ended.unwrap_or(visit_ended);
            self.found.push(RunSpan {
                key: SpanKey::Attempt { event: attempt.event },
                parent: Some(parent),
                subject: SpanSubject::Attempt { resource, number: number + 1, delay },
                begun: attempt.at,
                ended,
                error: attempt.error.clone(),
            });
            last = Some(ended);
        }
    }

    /// Branches and iterations, those of earlier attempts too.
    fn lanes(&mut self, owner: VisitId, visit: &Visit, parent: SpanKey, visit_ended: Timestamp) {
        if !visit.is_container() {
            return;
        }
        let tree = self.tree;
        let (mut attempt, mut branch) = (0, 0);
        for lane in visit.all_lanes.iter().filter_map(|id| tree.lane(*id)).filter(|lane| lane.owner == Some(owner)) {
            branch = if lane.attempt == attempt { branch + 1 } else { 0 };
            attempt = lane.attempt;
            let Some((redrive, begun)) = self.told(lane.event, lane.at, lane.reopened) else { continue };
            let key = SpanKey::Lane { event: lane.event, redrive };
            let subject = match lane.index {
                Some(index) => SpanSubject::Iteration { index, attempt },
                None => SpanSubject::Branch { index: branch, attempt },
            };
            let visits = || lane.visits.iter().filter_map(|id| tree.visit(*id));
            // No event tells the end of a branch that succeeded: it is that of its last state.
            let over = lane.index.is_none() && visits().all(|visit| visit.exited);
            let last = visits().filter_map(|visit| visit.ended).max().filter(|_| over);
            let ended = last.or(lane.ended).unwrap_or(visit_ended);
            let error = visits().find(|visit| visit.mark == Mark::Failed).and_then(|visit| visit.error.clone());
            let at = self.found.len();
            self.found.push(RunSpan { key, parent: Some(parent), subject, begun, ended, error });
            self.lane_inside(lane, key);
            if redrive > 0 && self.found.len() == at + 1 {
                // It was over before the redrive.
                self.found.pop();
            }
        }
    }
}
