//! Tasks that call Step Functions: the calls come to this server, and leave it through the same door as a client's.

use super::names;
use crate::error::ApiError;
use crate::operations::Api;
use aslx_asl::Value;
use aslx_engine::task::{FailedAt, TaskFailure, TaskReply, TaskRequest, TaskResponse};
use serde_json::{Value as Json, json};
use std::sync::{Arc, OnceLock, Weak};

/// The server as a service of its own tasks. It is told the API once there is one; a weak hold, so that the two do not
/// keep each other alive.
#[derive(Clone, Default)]
pub(crate) struct Itself(Arc<OnceLock<Weak<Api>>>);

impl Itself {
    pub(crate) fn is(&self, api: &Arc<Api>) {
        // Told once, when the server starts.
        let _ = self.0.set(Arc::downgrade(api));
    }

    pub(crate) async fn call(&self, request: TaskRequest) -> Result<TaskResponse, TaskFailure> {
        let api = self.0.get().and_then(Weak::upgrade);
        let api = api.ok_or_else(|| TaskFailure::new("States.Runtime", "the server is stopping"))?;
        let waits_for_token = request.resource.ends_with(".waitForTaskToken");
        match &request.submitted {
            None => {}
            Some(_) if waits_for_token => return Ok(reply(TaskReply::ByToken)),
            Some(submitted) => return ended(&api, &request, submitted).await,
        }
        let caller = match &api.watch.traces {
            Some(traces) => traces.header_for(&api, &request.execution, request.event).await,
            None => None,
        };
        let result = match names::sdk_operation(&request.resource) {
            Some((operation, _)) => {
                let answered = call(&api, &operation, &names::request(&request.input), caller).await;
                names::response(&answered.map_err(|error| failure(&error, &request.resource, "Sfn"))?)
            }
            None => {
                let answered = call(&api, "StartExecution", &names::request(&request.input), caller).await;
                with_meta(&answered.map_err(|error| failure(&error, &request.resource, "StepFunctions"))?)
            }
        };
        let job = waits_for_token || request.resource.contains(".sync");
        Ok(reply(if job { TaskReply::Submitted(result) } else { TaskReply::Done(result) }))
    }
}

/// In a box: a start may lead to a task that starts another, without end.
async fn call(api: &Arc<Api>, operation: &str, request: &Value, caller: Option<String>) -> Result<Json, ApiError> {
    let (api, operation, request) = (api.clone(), operation.to_owned(), request.clone());
    let answer: futures_util::future::BoxFuture<'static, _> =
        Box::pin(async move { api.call_from(&operation, &request, caller).await });
    answer.await
}

fn reply(reply: TaskReply) -> TaskResponse {
    TaskResponse { reply, modelled: None }
}

/// Waits for the execution that a `.sync` task has started.
async fn ended(api: &Arc<Api>, request: &TaskRequest, submitted: &Value) -> Result<TaskResponse, TaskFailure> {
    let execution = submitted.get("ExecutionArn").and_then(Value::as_str).unwrap_or_default();
    let broken = |why: String| TaskFailure::new("States.TaskFailed", why);
    api.engine.wait(execution).await.map_err(|error| broken(error.to_string()))?;
    let described = call(api, "DescribeExecution", &Value::from_pairs([("executionArn", execution)]), None).await;
    let described = described.map_err(|error| broken(error.message().to_owned()))?;
    let mut shown = names::response(&described);
    if request.resource.ends_with(".sync:2") {
        for name in ["Input", "Output"] {
            let value = shown.get(name).and_then(Value::as_str).and_then(|text| Value::parse(text).ok());
            if let Some(parsed) = value.and_then(|value| shown.with_member(name, value)) {
                shown = parsed;
            }
        }
    }
    if shown.get("Status").and_then(Value::as_str) == Some("SUCCEEDED") {
        return Ok(reply(TaskReply::Done(shown)));
    }
    Err(broken(shown.to_json()))
}

/// The result of the optimised integration: the response, and what its client knows of the exchange.
fn with_meta(body: &Json) -> Value {
    let id = crate::random::uuid().unwrap_or_default();
    let length = body.to_string().len().to_string();
    let content_type = "application/x-amz-json-1.0";
    let meta = json!({
        "AllHttpHeaders": {"x-amzn-RequestId": [id], "connection": ["keep-alive"], "Content-Length": [length],
            "Content-Type": [content_type]},
        "HttpHeaders": {"connection": "keep-alive", "Content-Length": length, "Content-Type": content_type,
            "x-amzn-RequestId": id},
        "HttpStatusCode": 200,
    });
    let result = names::response(body);
    let with = |value: &Value, name: &str, member: Json| value.with_member(name, Value::from(member));
    let result = with(&result, "SdkHttpMetadata", meta).unwrap_or(result);
    with(&result, "SdkResponseMetadata", json!({"RequestId": id})).unwrap_or(result)
}

/// An error of the API as the error of a task (recorded for `aws-sdk:sfn`).
fn failure(error: &ApiError, resource: &str, prefix: &str) -> TaskFailure {
    let code = error.code();
    let name = if code.ends_with("Exception") { code.to_owned() } else { format!("{code}Exception") };
    let id = crate::random::uuid().unwrap_or_default();
    let attempts = if prefix == "Sfn" { " (SDK Attempt Count: 1)" } else { "" };
    let cause = format!(
        "{} (Service: {}, Status Code: {}, Request ID: {id}){attempts}",
        error.message(),
        if prefix == "Sfn" { "Sfn" } else { "AWSStepFunctions" },
        error.status(),
    );
    let at = match resource {
        resource if resource.contains(".sync") || resource.ends_with(".waitForTaskToken") => FailedAt::Submit,
        _ => FailedAt::Run,
    };
    TaskFailure { at, ..TaskFailure::new(format!("{prefix}.{name}"), cause) }
}
