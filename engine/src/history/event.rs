//! The events of a history.

use crate::data::Data;
use aslx_asl::value::Members;
use aslx_asl::{Timestamp, Value};
use std::sync::Arc;

/// An event. Serialised, it has the shape of `GetExecutionHistory`.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEvent {
    /// Number, from 1 without gaps.
    pub id: u64,
    /// The event that caused it, in the same branch; 0 for none.
    pub previous_event_id: u64,
    /// When.
    pub timestamp: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// The types of states, as they show in event names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum StateType {
    Pass,
    Task,
    Choice,
    Wait,
    Succeed,
    Fail,
    Parallel,
    Map,
}

/// An error name and a cause; a Fail state may give neither.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorDetails {
    /// Error name.
    pub error: Option<Arc<str>>,
    /// What happened.
    pub cause: Option<Arc<str>>,
}

/// The resource of a service integration as events name it: `lambda` and `invoke`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskResource {
    /// The service, for example `lambda` or `aws-sdk:dynamodb`.
    pub resource_type: Arc<str>,
    /// The action with its suffix, for example `sendMessage.waitForTaskToken`.
    pub resource: Arc<str>,
}

/// What happened, with its details.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "names and fields are those of the Step Functions API reference, HistoryEvent")]
pub enum EventKind {
    ExecutionStarted {
        input: Data,
        role_arn: Arc<str>,
        alias_arn: Option<Arc<str>>,
        version_arn: Option<Arc<str>>,
    },
    ExecutionSucceeded {
        output: Data,
    },
    ExecutionFailed(ErrorDetails),
    ExecutionAborted(ErrorDetails),
    ExecutionTimedOut(ErrorDetails),
    StateEntered {
        state: StateType,
        name: Arc<str>,
        input: Data,
    },
    StateExited {
        state: StateType,
        name: Arc<str>,
        output: Data,
        assigned: Option<Members>,
    },
    TaskScheduled {
        resource: TaskResource,
        region: Arc<str>,
        parameters: Value,
        timeout: Option<u64>,
        heartbeat: Option<u64>,
        role: Option<Arc<str>>,
    },
    TaskStarted {
        resource: TaskResource,
    },
    TaskSubmitted {
        resource: TaskResource,
        output: Data,
    },
    TaskSucceeded {
        resource: TaskResource,
        output: Data,
    },
    TaskFailed {
        resource: TaskResource,
        error: ErrorDetails,
    },
    TaskStartFailed {
        resource: TaskResource,
        error: ErrorDetails,
    },
    TaskSubmitFailed {
        resource: TaskResource,
        error: ErrorDetails,
    },
    TaskTimedOut {
        resource: TaskResource,
        error: ErrorDetails,
    },
    LambdaFunctionScheduled {
        resource: Arc<str>,
        input: Data,
        timeout: Option<u64>,
        role: Option<Arc<str>>,
    },
    LambdaFunctionStarted,
    LambdaFunctionSucceeded {
        output: Data,
    },
    LambdaFunctionFailed(ErrorDetails),
    LambdaFunctionScheduleFailed(ErrorDetails),
    LambdaFunctionStartFailed(ErrorDetails),
    LambdaFunctionTimedOut(ErrorDetails),
    ActivityScheduled {
        resource: Arc<str>,
        input: Data,
        timeout: Option<u64>,
        heartbeat: Option<u64>,
    },
    ActivityStarted {
        worker: Option<Arc<str>>,
    },
    ActivitySucceeded {
        output: Data,
    },
    ActivityFailed(ErrorDetails),
    ActivityScheduleFailed(ErrorDetails),
    ActivityTimedOut(ErrorDetails),
    ParallelStateStarted,
    ParallelStateSucceeded,
    ParallelStateFailed,
    MapStateStarted {
        length: u64,
    },
    MapStateSucceeded,
    MapStateFailed,
    MapIterationStarted {
        name: Arc<str>,
        index: u64,
    },
    MapIterationSucceeded {
        name: Arc<str>,
        index: u64,
    },
    MapIterationFailed {
        name: Arc<str>,
        index: u64,
    },
    MapIterationAborted {
        name: Arc<str>,
        index: u64,
    },
    MapRunStarted {
        arn: Arc<str>,
    },
    MapRunSucceeded,
    MapRunFailed(ErrorDetails),
    MapRunRedriven {
        arn: Arc<str>,
        count: u64,
    },
    ExecutionRedriven {
        count: u64,
    },
    MapRunAborted,
    TaskStateAborted,
    WaitStateAborted,
    ParallelStateAborted,
    MapStateAborted,
    EvaluationFailed {
        state: Arc<str>,
        error: ErrorDetails,
        location: Option<Arc<str>>,
    },
}

impl StateType {
    /// The `Type` in a definition.
    pub fn name(self) -> &'static str {
        match self {
            StateType::Pass => "Pass",
            StateType::Task => "Task",
            StateType::Choice => "Choice",
            StateType::Wait => "Wait",
            StateType::Succeed => "Succeed",
            StateType::Fail => "Fail",
            StateType::Parallel => "Parallel",
            StateType::Map => "Map",
        }
    }
}

impl EventKind {
    /// Whether it ends the execution.
    pub fn is_end(&self) -> bool {
        use EventKind as K;
        matches!(
            self,
            K::ExecutionSucceeded { .. } | K::ExecutionFailed(_) | K::ExecutionAborted(_) | K::ExecutionTimedOut(_)
        )
    }

    /// The `type` of the event, for example `PassStateEntered`.
    pub fn type_name(&self) -> &'static str {
        use EventKind as K;
        use StateType as S;
        match self {
            K::ExecutionStarted { .. } => "ExecutionStarted",
            K::ExecutionSucceeded { .. } => "ExecutionSucceeded",
            K::ExecutionFailed(_) => "ExecutionFailed",
            K::ExecutionAborted(_) => "ExecutionAborted",
            K::ExecutionTimedOut(_) => "ExecutionTimedOut",
            K::StateEntered { state, .. } => match state {
                S::Pass => "PassStateEntered",
                S::Task => "TaskStateEntered",
                S::Choice => "ChoiceStateEntered",
                S::Wait => "WaitStateEntered",
                S::Succeed => "SucceedStateEntered",
                S::Fail => "FailStateEntered",
                S::Parallel => "ParallelStateEntered",
                S::Map => "MapStateEntered",
            },
            K::StateExited { state, .. } => match state {
                S::Pass => "PassStateExited",
                S::Task => "TaskStateExited",
                S::Choice => "ChoiceStateExited",
                S::Wait => "WaitStateExited",
                S::Succeed => "SucceedStateExited",
                S::Fail => "FailStateExited",
                S::Parallel => "ParallelStateExited",
                S::Map => "MapStateExited",
            },
            K::TaskScheduled { .. } => "TaskScheduled",
            K::TaskStarted { .. } => "TaskStarted",
            K::TaskSubmitted { .. } => "TaskSubmitted",
            K::TaskSucceeded { .. } => "TaskSucceeded",
            K::TaskFailed { .. } => "TaskFailed",
            K::TaskStartFailed { .. } => "TaskStartFailed",
            K::TaskSubmitFailed { .. } => "TaskSubmitFailed",
            K::TaskTimedOut { .. } => "TaskTimedOut",
            K::LambdaFunctionScheduled { .. } => "LambdaFunctionScheduled",
            K::LambdaFunctionStarted => "LambdaFunctionStarted",
            K::LambdaFunctionSucceeded { .. } => "LambdaFunctionSucceeded",
            K::LambdaFunctionFailed(_) => "LambdaFunctionFailed",
            K::LambdaFunctionScheduleFailed(_) => "LambdaFunctionScheduleFailed",
            K::LambdaFunctionStartFailed(_) => "LambdaFunctionStartFailed",
            K::LambdaFunctionTimedOut(_) => "LambdaFunctionTimedOut",
            K::ActivityScheduled { .. } => "ActivityScheduled",
            K::ActivityStarted { .. } => "ActivityStarted",
            K::ActivitySucceeded { .. } => "ActivitySucceeded",
            K::ActivityFailed(_) => "ActivityFailed",
            K::ActivityScheduleFailed(_) => "ActivityScheduleFailed",
            K::ActivityTimedOut(_) => "ActivityTimedOut",
            K::ParallelStateStarted => "ParallelStateStarted",
            K::ParallelStateSucceeded => "ParallelStateSucceeded",
            K::ParallelStateFailed => "ParallelStateFailed",
            K::MapStateStarted { .. } => "MapStateStarted",
            K::MapStateSucceeded => "MapStateSucceeded",
            K::MapStateFailed => "MapStateFailed",
            K::MapIterationStarted { .. } => "MapIterationStarted",
            K::MapIterationSucceeded { .. } => "MapIterationSucceeded",
            K::MapIterationFailed { .. } => "MapIterationFailed",
            K::MapIterationAborted { .. } => "MapIterationAborted",
            K::MapRunStarted { .. } => "MapRunStarted",
            K::MapRunSucceeded => "MapRunSucceeded",
            K::MapRunFailed(_) => "MapRunFailed",
            K::MapRunAborted => "MapRunAborted",
            K::MapRunRedriven { .. } => "MapRunRedriven",
            K::ExecutionRedriven { .. } => "ExecutionRedriven",
            K::TaskStateAborted => "TaskStateAborted",
            K::WaitStateAborted => "WaitStateAborted",
            K::ParallelStateAborted => "ParallelStateAborted",
            K::MapStateAborted => "MapStateAborted",
            K::EvaluationFailed { .. } => "EvaluationFailed",
        }
    }
}
