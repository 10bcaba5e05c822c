//! What a view needs to know of an event, whether it happens here or comes from an export of AWS's.

use super::super::{ErrorDetails, EventKind, HistoryEvent, StateType};
use crate::data::Data;
use aslx_asl::Timestamp;
use std::sync::Arc;

/// An event as the view sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Its number.
    pub id: u64,
    /// The event that caused it; 0 for none.
    pub previous: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub sight: Sight,
}

/// The event types of a history, as far as a view tells them apart.
#[derive(Debug, Clone, PartialEq)]
pub enum Sight {
    /// The execution began.
    Started,
    /// The execution succeeded.
    Succeeded,
    /// The execution failed.
    Failed(ErrorDetails),
    /// The execution was stopped.
    Aborted(ErrorDetails),
    /// The execution's own time was over.
    TimedOut(ErrorDetails),
    /// The execution goes on after a redrive.
    Redriven,
    /// A state began.
    Entered {
        /// Its type.
        state: StateType,
        /// Its name.
        name: Arc<str>,
        /// Its input, if the history has it.
        input: Option<Payload>,
    },
    /// A state ended.
    Exited {
        /// Its name.
        name: Arc<str>,
    },
    /// A task was handed out: an attempt begins.
    Attempt {
        /// What was called, for example `lambda:invoke`.
        resource: Arc<str>,
    },
    /// The attempt succeeded.
    AttemptSucceeded,
    /// The attempt failed.
    AttemptFailed(ErrorDetails),
    /// The branches of a Parallel state or the iterations of a Map state begin.
    InnerStarted {
        /// The number of items of a Map.
        length: Option<u64>,
    },
    /// All branches or iterations succeeded.
    InnerSucceeded,
    /// A branch or an iteration failed, and with it the state.
    InnerFailed,
    /// An iteration began.
    IterationStarted {
        /// The Map state.
        name: Arc<str>,
        /// Which item.
        index: u64,
    },
    /// An iteration ended.
    IterationEnded {
        /// The Map state.
        name: Arc<str>,
        /// Which item.
        index: u64,
        /// How.
        end: IterationEnd,
    },
    /// A state of this type was given up because another branch failed.
    StateAborted(StateType),
    /// An expression of a state failed.
    EvaluationFailed(ErrorDetails),
    /// A distributed Map began its run.
    MapRunStarted {
        /// Name of the run.
        arn: Arc<str>,
    },
    /// The run of a distributed Map failed.
    MapRunFailed(ErrorDetails),
    /// Nothing that the view shows.
    Other,
}

/// A payload that becomes text only where it is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// A value of a running execution.
    Data(Data),
    /// A JSON text of an export.
    Text(Arc<str>),
}

impl Payload {
    /// The JSON text.
    pub fn text(&self) -> Arc<str> {
        match self {
            Payload::Data(data) => data.text(),
            Payload::Text(text) => text.clone(),
        }
    }
}

/// How an iteration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IterationEnd {
    /// With an output.
    Succeeded,
    /// With an error.
    Failed,
    /// It was given up.
    Aborted,
}

impl From<&HistoryEvent> for Seen {
    fn from(event: &HistoryEvent) -> Seen {
        Seen { id: event.id, previous: event.previous_event_id, at: event.timestamp, sight: sight(&event.kind) }
    }
}

fn sight(kind: &EventKind) -> Sight {
    use EventKind as K;
    match kind {
        K::ExecutionStarted { .. } => Sight::Started,
        K::ExecutionSucceeded { .. } => Sight::Succeeded,
        K::ExecutionFailed(error) => Sight::Failed(error.clone()),
        K::ExecutionAborted(error) => Sight::Aborted(error.clone()),
        K::ExecutionTimedOut(error) => Sight::TimedOut(error.clone()),
        K::StateEntered { state, name, input } => {
            Sight::Entered { state: *state, name: name.clone(), input: Some(Payload::Data(input.clone())) }
        }
        K::StateExited { name, .. } => Sight::Exited { name: name.clone() },
        K::TaskScheduled { resource, .. } => {
            Sight::Attempt { resource: format!("{}:{}", resource.resource_type, resource.resource).into() }
        }
        K::LambdaFunctionScheduled { resource, .. } | K::ActivityScheduled { resource, .. } => {
            Sight::Attempt { resource: resource.clone() }
        }
        K::TaskSucceeded { .. } | K::LambdaFunctionSucceeded { .. } | K::ActivitySucceeded { .. } => {
            Sight::AttemptSucceeded
        }
        K::TaskFailed { error, .. }
        | K::TaskStartFailed { error, .. }
        | K::TaskSubmitFailed { error, .. }
        | K::TaskTimedOut { error, .. }
        | K::LambdaFunctionFailed(error)
        | K::LambdaFunctionScheduleFailed(error)
        | K::LambdaFunctionStartFailed(error)
        | K::LambdaFunctionTimedOut(error)
        | K::ActivityFailed(error)
        | K::ActivityScheduleFailed(error)
        | K::ActivityTimedOut(error) => Sight::AttemptFailed(error.clone()),
        K::ParallelStateStarted => Sight::InnerStarted { length: None },
        K::MapStateStarted { length } => Sight::InnerStarted { length: Some(*length) },
        K::ParallelStateSucceeded | K::MapStateSucceeded => Sight::InnerSucceeded,
        K::ParallelStateFailed | K::MapStateFailed => Sight::InnerFailed,
        K::MapIterationStarted { name, index } => Sight::IterationStarted { name: name.clone(), index: *index },
        K::MapIterationSucceeded { name, index } => iteration(name, *index, IterationEnd::Succeeded),
        K::MapIterationFailed { name, index } => iteration(name, *index, IterationEnd::Failed),
        K::MapIterationAborted { name, index } => iteration(name, *index, IterationEnd::Aborted),
        K::TaskStateAborted => Sight::StateAborted(StateType::Task),
        K::WaitStateAborted => Sight::StateAborted(StateType::Wait),
        K::ParallelStateAborted => Sight::StateAborted(StateType::Parallel),
        K::MapStateAborted => Sight::StateAborted(StateType::Map),
        K::EvaluationFailed { error, .. } => Sight::EvaluationFailed(error.clone()),
        K::MapRunStarted { arn } => Sight::MapRunStarted { arn: arn.clone() },
        K::MapRunFailed(error) => Sight::MapRunFailed(error.clone()),
        K::ExecutionRedriven { .. } => Sight::Redriven,
        // Steps within an attempt change nothing that is shown.
        _ => Sight::Other,
    }
}

fn iteration(name: &Arc<str>, index: u64, end: IterationEnd) -> Sight {
    Sight::IterationEnded { name: name.clone(), index, end }
}
