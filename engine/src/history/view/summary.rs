//! What a tree knows, as data: for pictures and scripts.

use super::model::{Attempt, LaneId, Mark, RunTree, Visit, VisitId};
use crate::history::ErrorDetails;
use aslx_asl::Timestamp;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// How a visit of a state stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitStatus {
    /// It goes on.
    Running,
    /// It succeeded.
    Succeeded,
    /// It failed, and a catcher took the error.
    Caught,
    /// It failed.
    Failed,
    /// It was given up because something else ended.
    Aborted,
}

impl VisitStatus {
    /// The word for scripts, for example `SUCCEEDED`.
    pub fn word(self) -> &'static str {
        match self {
            VisitStatus::Running => "RUNNING",
            VisitStatus::Succeeded => "SUCCEEDED",
            VisitStatus::Caught => "CAUGHT",
            VisitStatus::Failed => "FAILED",
            VisitStatus::Aborted => "ABORTED",
        }
    }
}

/// A visit of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateVisit {
    /// Name of the state.
    pub state: Arc<str>,
    /// How it stands.
    pub status: VisitStatus,
    /// How often its task was called, or its branches or iterations were started.
    pub attempts: usize,
    /// The state that followed, if one did.
    pub next: Option<Arc<str>>,
    /// When it began.
    pub entered: Timestamp,
    /// When it ended, if it has.
    pub ended: Option<Timestamp>,
    /// Whether it is a Parallel or Map.
    pub holds_others: bool,
    /// The attempts one by one.
    pub tries: Vec<Try>,
    /// What it failed with, or what was caught.
    pub error: Option<ErrorDetails>,
    /// Index of the innermost iteration that it is in.
    pub iteration: Option<u64>,
}

/// One attempt of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    /// When it was made.
    pub at: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What it failed with.
    pub error: Option<ErrorDetails>,
}

/// A visit with what ran inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Name of the state.
    pub state: Arc<str>,
    /// The branches or iterations of its last attempt, in their order.
    pub lanes: Vec<Vec<Stop>>,
}

impl RunTree {
    /// All visits of states, in the order in which they began.
    pub fn visits(&self) -> impl Iterator<Item = StateVisit> {
        self.visits.iter().map(|visit| StateVisit {
            state: visit.name.clone(),
            status: status(visit),
            attempts: visit.attempts.len(),
            next: visit.next.clone(),
            entered: visit.entered,
            ended: visit.ended,
            holds_others: visit.is_container(),
            tries: visit.attempts.iter().map(|a| Try { at: a.at, ended: a.ended, error: a.error.clone() }).collect(),
            error: visit.error.clone(),
            iteration: self.iteration_of(visit.lane),
        })
    }

    /// The way through the outermost machine.
    pub fn way(&self) -> Vec<Stop> {
        self.way_of(LaneId(0))
    }

    fn way_of(&self, lane: LaneId) -> Vec<Stop> {
        let visits = self.lane(lane).map(|lane| lane.visits.as_slice()).unwrap_or_default();
        let stop = |visit: &Visit| {
            let mut lanes = visit.lanes.clone();
            lanes.sort_by_key(|lane| self.lane(*lane).and_then(|lane| lane.index));
            let lanes = lanes.into_iter().map(|lane| self.way_of(lane)).collect();
            Stop { state: visit.name.clone(), lanes }
        };
        visits.iter().filter_map(|id| self.visit(*id)).map(stop).collect()
    }

    fn iteration_of(&self, lane: LaneId) -> Option<u64> {
        let mut here = self.lane(lane);
        while let Some(lane) = here {
            if lane.index.is_some() {
                return lane.index;
            }
            here = lane.owner.and_then(|owner| self.visit(owner)).and_then(|visit| self.lane(visit.lane));
        }
        None
    }

    /// Status, times in milliseconds, and all visits in the order in which they began.
    pub fn to_json(&self, now: Timestamp) -> Json {
        let mut object = Map::new();
        object.insert("status".into(), self.status.word().into());
        let texts = [("error", &self.error.error), ("cause", &self.error.cause)];
        object.extend(texts.into_iter().filter_map(|(name, text)| Some((name.into(), text.as_deref()?.into()))));
        if let Some(started) = self.started {
            let ended = self.ended.unwrap_or(now);
            object.insert("started".into(), started.to_string().into());
            object.insert("millis".into(), ended.as_millis().saturating_sub(started.as_millis()).into());
        }
        let visits = self.visits.iter().enumerate().map(|(number, visit)| self.visit_json(VisitId(number), visit, now));
        object.insert("visits".into(), visits.collect());
        Json::Object(object)
    }

    fn visit_json(&self, id: VisitId, visit: &Visit, now: Timestamp) -> Json {
        let started = self.started.unwrap_or(visit.entered);
        let mut object = Map::new();
        let place = self.path_of(visit.lane);
        object.insert("state".into(), (*visit.name).into());
        object.insert("type".into(), visit.state.name().into());
        if !place.is_empty() {
            object.insert("inside".into(), place.trim_end_matches(" / ").into());
        }
        object.insert("entered".into(), visit.entry.into());
        if let Some(exit) = visit.exit {
            object.insert("exited".into(), exit.into());
        }
        object.insert("status".into(), status(visit).word().into());
        object.insert("offset".into(), visit.entered.as_millis().saturating_sub(started.as_millis()).into());
        object.insert("millis".into(), self.time_of(id, visit, now).unwrap_or(0).into());
        if !visit.attempts.is_empty() {
            let attempts = visit.attempts.iter().map(|attempt| attempt_json(attempt, visit, started));
            object.insert("attempts".into(), attempts.collect());
        }
        if let Some(error) = &visit.error {
            object.insert("error".into(), error.error.as_deref().into());
            object.insert("cause".into(), error.cause.as_deref().into());
        }
        if let Some(next) = &visit.next {
            object.insert("next".into(), (**next).into());
        }
        Json::Object(object)
    }
}

/// `millis` is left out while it goes on.
fn attempt_json(attempt: &Attempt, visit: &Visit, started: Timestamp) -> Json {
    let mut object = Map::new();
    object.insert("offset".into(), attempt.at.as_millis().saturating_sub(started.as_millis()).into());
    if let Some(ended) = attempt.ended.or(visit.ended) {
        object.insert("millis".into(), ended.as_millis().saturating_sub(attempt.at.as_millis()).into());
    }
    if let Some(error) = &attempt.error {
        object.insert("error".into(), error.error.as_deref().into());
        object.insert("cause".into(), error.cause.as_deref().into());
    }
    Json::Object(object)
}

pub(super) fn status(visit: &Visit) -> VisitStatus {
    match visit.mark {
        Mark::Running => VisitStatus::Running,
        Mark::Done => VisitStatus::Succeeded,
        Mark::Caught => VisitStatus::Caught,
        Mark::Failed => VisitStatus::Failed,
        Mark::Aborted => VisitStatus::Aborted,
    }
}
