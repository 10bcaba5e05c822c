//! The operations: from a request that has been checked to a response or an error. One file per group; what decides
//! anything about executions is the engine's.

mod activities;
mod aliases;
mod executions;
mod history;
mod machines;
mod map_runs;
mod start;
mod tags;
mod tokens;
mod validate;
mod versions;

pub(crate) use executions::listed;
pub(crate) use machines::type_name;
pub(crate) use start::input as execution_input;
pub(crate) use tokens::Pollers;

use crate::arn::Account;
use crate::definition::Programs;
use crate::error::ApiError;
use crate::http::Limits;
use crate::log_groups::LogGroups;
use crate::model::{Model, check};
use crate::rates::Rates;
use crate::registry::Registry;
use crate::request::Request;
use crate::since::Since;
use crate::tasks::Tasks;
use crate::watch::Watch;
use aslx_asl::{Timestamp, Value};
use aslx_engine::journal::Seed;
use aslx_engine::runtime::Engine;
use aslx_engine::task::BoxTaskService;
use serde_json::Value as Json;
use std::sync::Arc;
use tokio::sync::watch;

/// What a call answers.
pub(crate) type Answer = Result<Json, ApiError>;

/// A task that calls.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    /// The header of its trace.
    pub(crate) trace: Option<String>,
    /// The seed of what it starts.
    pub(crate) seed: Option<Seed>,
}

/// The API, without the protocol around it.
pub(crate) struct Api {
    pub(crate) model: Model,
    pub(crate) account: Account,
    pub(crate) registry: Registry,
    pub(crate) programs: Programs,
    pub(crate) engine: Engine,
    pub(crate) tasks: Tasks,
    /// What the engine calls for tasks.
    pub(crate) service: BoxTaskService,
    pub(crate) watch: Arc<Watch>,
    pub(crate) since: Since,
    pub(crate) limits: Limits,
    pub(crate) rates: Rates,
    pub(crate) pollers: Pollers,
    /// True once the server takes no more work: nobody is kept waiting for some.
    pub(crate) stopping: watch::Sender<bool>,
    pub(crate) log_groups: LogGroups,
}

impl Api {
    /// Checks a request and carries it out.
    pub(crate) async fn call(&self, operation: &str, request: &Value) -> Answer {
        self.call_from(operation, request, Caller::default()).await
    }

    /// The same for a task of an execution.
    pub(crate) async fn call_from(&self, operation: &str, request: &Value, caller: Caller) -> Answer {
        self.rates.request(self.model.name(operation).ok_or_else(ApiError::unknown_operation)?)?;
        check(&self.model, operation, request)?;
        let request = Request(request);
        match operation {
            "DescribeExecution" => self.describe_execution(request).await,
            "GetActivityTask" => self.get_activity_task(request).await,
            "SendTaskFailure" => self.send_task_failure(request).await,
            "SendTaskHeartbeat" => self.send_task_heartbeat(request).await,
            "SendTaskSuccess" => self.send_task_success(request).await,
            "StartExecution" => self.start_execution(request, caller).await,
            "StartSyncExecution" => self.start_sync_execution(request, caller).await,
            // On the heap, so that a call of those above need not carry the room that one of these takes.
            _ => Box::pin(self.call_another(operation, request)).await,
        }
    }

    /// The operations that are called seldom, or take long anyway.
    async fn call_another(&self, operation: &str, request: Request<'_>) -> Answer {
        match operation {
            "CreateActivity" => self.create_activity(request).await,
            "CreateStateMachine" => self.create_state_machine(request).await,
            "CreateStateMachineAlias" => self.create_alias(request).await,
            "DeleteActivity" => self.delete_activity(request).await,
            "DeleteStateMachine" => self.delete_state_machine(request).await,
            "DeleteStateMachineAlias" => self.delete_alias(request).await,
            "DeleteStateMachineVersion" => self.delete_version(request).await,
            "DescribeActivity" => self.describe_activity(request).await,
            "DescribeMapRun" => self.describe_map_run(request).await,
            "DescribeStateMachine" => self.describe_state_machine(request).await,
            "DescribeStateMachineAlias" => self.describe_alias(request).await,
            "DescribeStateMachineForExecution" => self.describe_machine_for_execution(request).await,
            "GetExecutionHistory" => self.get_execution_history(request).await,
            "ListActivities" => self.list_activities(request).await,
            "ListExecutions" => self.list_executions(request).await,
            "ListMapRuns" => self.list_map_runs(request).await,
            "ListStateMachineAliases" => self.list_aliases(request).await,
            "ListStateMachineVersions" => self.list_versions(request).await,
            "ListStateMachines" => self.list_state_machines(request).await,
            "ListTagsForResource" => self.list_tags(request).await,
            "PublishStateMachineVersion" => self.publish_version(request).await,
            "RedriveExecution" => self.redrive_execution(request).await,
            "StopExecution" => self.stop_execution(request).await,
            "TagResource" => self.tag(request).await,
            "TestState" => self.test_state(request).await,
            "UntagResource" => self.untag(request).await,
            "UpdateMapRun" => self.update_map_run(request).await,
            "UpdateStateMachine" => self.update_state_machine(request).await,
            "UpdateStateMachineAlias" => self.update_alias(request).await,
            "ValidateStateMachineDefinition" => Ok(validate::validate(request)),
            _ => Err(ApiError::unknown_operation()),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.engine.clock().now()
    }
}
