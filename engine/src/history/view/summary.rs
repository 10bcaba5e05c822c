//! What a tree knows, as data: for pictures and scripts.

use super::model::{Mark, RunTree, Visit, VisitId};
use aslx_asl::Timestamp;
use serde_json::{Map, Value as Json, json};
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
}

impl RunTree {
    /// All visits of states, in the order in which they began.
    pub fn visits(&self) -> impl Iterator<Item = StateVisit> {
        self.visits.iter().map(|visit| StateVisit {
            state: visit.name.clone(),
            status: status(visit),
            attempts: visit.attempts.len(),
            next: visit.next.clone(),
        })
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
            let attempts = visit.attempts.iter().map(|attempt| match &attempt.error {
                Some(error) => json!({"error": error.error.as_deref(), "cause": error.cause.as_deref()}),
                None => json!({}),
            });
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

fn status(visit: &Visit) -> VisitStatus {
    match visit.mark {
        Mark::Running => VisitStatus::Running,
        Mark::Done => VisitStatus::Succeeded,
        Mark::Caught => VisitStatus::Caught,
        Mark::Failed => VisitStatus::Failed,
        Mark::Aborted => VisitStatus::Aborted,
    }
}
