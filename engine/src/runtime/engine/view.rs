//! What the engine tells of executions.

use crate::history::HistoryEvent;
use crate::interpreter::{Interpreter, Outcome, Redrives, Status};
use crate::journal::Started;
use crate::store::RecordChange;
use aslx_asl::Timestamp;
use std::sync::Arc;

/// An execution as DescribeExecution tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// What it was started with: names, type, input.
    pub started: Arc<Started>,
    /// Its status.
    pub status: Status,
    /// When it was started.
    pub start: Timestamp,
    /// When it ended; none while it runs.
    pub stop: Option<Timestamp>,
    /// How it ended; none while it runs.
    pub outcome: Option<Outcome>,
    /// How often it was redriven, and when last.
    pub redrives: Redrives,
    /// Number of its history events.
    pub events: u64,
}

impl Description {
    pub(in crate::runtime) fn of(interpreter: &Interpreter) -> Option<Description> {
        let outcome = interpreter.outcome().cloned();
        Some(Description {
            started: interpreter.started_shared()?,
            status: outcome.as_ref().map_or(Status::Running, |outcome| outcome.status),
            start: interpreter.start_time(),
            stop: outcome.as_ref().map(|_| interpreter.now()),
            outcome,
            redrives: interpreter.redrives().clone(),
            events: interpreter.event_count(),
        })
    }

    /// The same before it ended.
    pub(in crate::runtime) fn running(&self) -> Description {
        Description { status: Status::Running, stop: None, outcome: None, ..self.clone() }
    }
}

/// Is told what executions go through, each time after it was committed. Called by the execution's owner: what takes
/// long belongs elsewhere.
pub trait Watcher: Send + Sync + 'static {
    /// It runs (it was started or redriven), or has ended.
    fn status_changed(&self, execution: &Description);

    /// Records that are kept in the same commit as a change of status: whoever is told of a change by them is told of
    /// it if, and only if, it has happened. Called before that commit.
    fn records(&self, execution: &Description) -> Vec<RecordChange> {
        let _ = execution;
        Vec::new()
    }

    /// Whether [`Watcher::events`] is to be called for this execution.
    fn wants_events(&self, execution: &Started) -> bool {
        let _ = execution;
        false
    }

    /// What happened since the last call.
    fn events(&self, execution: &Started, redrives: u64, events: &[HistoryEvent]) {
        let _ = (execution, redrives, events);
    }
}
