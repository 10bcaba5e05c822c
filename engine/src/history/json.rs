//! Events as `GetExecutionHistory` shows them.

use super::{ErrorDetails, EventKind, HistoryEvent, TaskResource};
use crate::data::Data;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

impl Serialize for HistoryEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl HistoryEvent {
    /// The event as an object: `timestamp` in seconds since the Unix epoch, payloads as JSON texts.
    pub fn to_json(&self) -> Json {
        let mut event = Map::new();
        event.insert("timestamp".into(), json!(self.timestamp.as_seconds()));
        event.insert("type".into(), json!(self.kind.type_name()));
        event.insert("id".into(), json!(self.id));
        event.insert("previousEventId".into(), json!(self.previous_event_id));
        if let Some((name, details)) = details(&self.kind) {
            event.insert(name, Json::Object(details.0));
        }
        Json::Object(event)
    }
}

/// The members of a details object.
struct Details(Map<String, Json>);

impl Details {
    fn new() -> Details {
        Details(Map::new())
    }

    fn with(mut self, name: &str, value: impl Into<Json>) -> Details {
        self.0.insert(name.into(), value.into());
        self
    }

    fn text(self, name: &str, value: &Arc<str>) -> Details {
        self.with(name, value.to_string())
    }

    fn optional(self, name: &str, value: Option<&Arc<str>>) -> Details {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    fn seconds(self, name: &str, value: Option<u64>) -> Details {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn payload(self, name: &str, value: &Data) -> Details {
        self.text(name, &value.text()).with(&format!("{name}Details"), json!({"truncated": false}))
    }

    fn error(self, error: &ErrorDetails) -> Details {
        self.optional("error", error.error.as_ref()).optional("cause", error.cause.as_ref())
    }

    fn resource(self, resource: &TaskResource) -> Details {
        self.text("resourceType", &resource.resource_type).text("resource", &resource.resource)
    }

    fn role(self, role: Option<&Arc<str>>) -> Details {
        match role {
            Some(role) => self.with("taskCredentials", json!({"roleArn": &**role})),
            None => self,
        }
    }
}

/// The name of the details member and its content; some events have none.
fn details(kind: &EventKind) -> Option<(String, Details)> {
    use EventKind as K;
    let new = Details::new;
    let details = match kind {
        K::ExecutionStarted { input, role_arn, alias_arn, version_arn } => new()
            .payload("input", input)
            .text("roleArn", role_arn)
            .optional("stateMachineAliasArn", alias_arn.as_ref())
            .optional("stateMachineVersionArn", version_arn.as_ref()),
        K::StateEntered { name, input, .. } => {
            return Some(("stateEnteredEventDetails".into(), new().text("name", name).payload("input", input)));
        }
        K::StateExited { name, output, assigned, .. } => {
            let mut details = new().text("name", name).payload("output", output);
            if let Some(assigned) = assigned {
                let texts: Map<String, Json> =
                    assigned.iter().map(|(name, value)| (name.to_string(), value.to_json().into())).collect();
                details = details
                    .with("assignedVariables", texts)
                    .with("assignedVariablesDetails", json!({"truncated": false}));
            }
            return Some(("stateExitedEventDetails".into(), details));
        }
        K::ExecutionSucceeded { output } | K::LambdaFunctionSucceeded { output } | K::ActivitySucceeded { output } => {
            new().payload("output", output)
        }
        K::ExecutionFailed(error)
        | K::ExecutionAborted(error)
        | K::ExecutionTimedOut(error)
        | K::LambdaFunctionFailed(error)
        | K::LambdaFunctionScheduleFailed(error)
        | K::LambdaFunctionStartFailed(error)
        | K::LambdaFunctionTimedOut(error)
        | K::ActivityFailed(error)
        | K::ActivityScheduleFailed(error)
        | K::ActivityTimedOut(error)
        | K::MapRunFailed(error) => new().error(error),
        K::MapRunStarted { arn } => new().text("mapRunArn", arn),
        K::MapRunRedriven { arn, count } => new().text("mapRunArn", arn).with("redriveCount", *count),
        K::ExecutionRedriven { count } => new().with("redriveCount", *count),
        K::TaskScheduled { resource, region, parameters, timeout, heartbeat, role } => new()
            .resource(resource)
            .text("region", region)
            .with("parameters", parameters.to_json())
            .seconds("timeoutInSeconds", *timeout)
            .seconds("heartbeatInSeconds", *heartbeat)
            .role(role.as_ref()),
        K::TaskStarted { resource } => new().resource(resource),
        K::TaskSubmitted { resource, output } | K::TaskSucceeded { resource, output } => {
            new().resource(resource).payload("output", output)
        }
        K::TaskFailed { resource, error }
        | K::TaskStartFailed { resource, error }
        | K::TaskSubmitFailed { resource, error }
        | K::TaskTimedOut { resource, error } => new().resource(resource).error(error),
        K::LambdaFunctionScheduled { resource, input, timeout, role } => new()
            .text("resource", resource)
            .payload("input", input)
            .seconds("timeoutInSeconds", *timeout)
            .role(role.as_ref()),
        K::ActivityScheduled { resource, input, timeout, heartbeat } => new()
            .text("resource", resource)
            .payload("input", input)
            .seconds("timeoutInSeconds", *timeout)
            .seconds("heartbeatInSeconds", *heartbeat),
        K::ActivityStarted { worker } => new().optional("workerName", worker.as_ref()),
        K::MapStateStarted { length } => new().with("length", *length),
        K::MapIterationStarted { name, index }
        | K::MapIterationSucceeded { name, index }
        | K::MapIterationFailed { name, index }
        | K::MapIterationAborted { name, index } => new().text("name", name).with("index", *index),
        K::EvaluationFailed { state, error, location } => {
            new().text("state", state).error(error).optional("location", location.as_ref())
        }
        K::LambdaFunctionStarted
        | K::ParallelStateStarted
        | K::ParallelStateSucceeded
        | K::ParallelStateFailed
        | K::MapStateSucceeded
        | K::MapStateFailed
        | K::MapRunSucceeded
        | K::MapRunAborted
        | K::TaskStateAborted
        | K::WaitStateAborted
        | K::ParallelStateAborted
        | K::MapStateAborted => return None,
    };
    let mut name = format!("{}EventDetails", kind.type_name());
    if let Some(first) = name.get_mut(0..1) {
        first.make_ascii_lowercase();
    }
    Some((name, details))
}
