//! Tasks that call Step Functions: the calls come to this server, and leave it through the same door as a client's.

use super::names::{self, Times};
use crate::arn::Arn;
use crate::error::ApiError;
use crate::operations::{Api, Caller};
use aslx_asl::Value;
use aslx_engine::history::view::{RunTree, Seen, VisitStatus};
use aslx_engine::journal::Seed;
use aslx_engine::task::{FailedAt, TaskFailure, TaskReply, TaskRequest, TaskResponse};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;
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

    /// The execution that the child of a map run belongs to; nothing for an execution that is no child.
    pub(super) async fn parent_of(&self, execution: &str) -> Option<Arc<str>> {
        if !Arn::of(execution, &["execution", "express"]).ok()?.is_labelled() {
            return None;
        }
        let api = self.0.get().and_then(Weak::upgrade)?;
        let run = api.engine.store().summary(execution).await.ok()?.parent?;
        api.engine.store().summary(&run).await.ok()?.parent
    }

    pub(crate) async fn call(&self, request: TaskRequest) -> Result<TaskResponse, TaskFailure> {
        let api = self.0.get().and_then(Weak::upgrade);
        let api = api.ok_or_else(|| TaskFailure::new("States.Runtime", "the server is stopping"))?;
        let waits_for_token = request.resource.ends_with(".waitForTaskToken");
        match &request.submitted {
            None => {}
            Some(_) if waits_for_token => return Ok(reply(TaskReply::ByToken)),
            Some(submitted) => {
                let mut guard = StopGuard { api: Arc::downgrade(&api), request: Some(request.clone()) };
                let ended = ended(&api, &request, submitted).await;
                guard.request = None;
                return ended;
            }
        }
        let trace = match &api.watch.traces {
            Some(traces) => traces.header_for(&api, &request.execution, request.event).await,
            None => None,
        };
        let result = match names::sdk_operation(&request.resource) {
            Some((operation, _)) => {
                let seed = if operation == "StartExecution" { seed_of(&api, &request).await } else { None };
                let answered = call(&api, &operation, &names::request(&request.input), Caller { trace, seed }).await;
                let answered = answered.map_err(|error| failure(&error, &request.resource, "Sfn"))?;
                names::response(&answered, Times::Texts)
            }
            None => {
                let seed = seed_of(&api, &request).await;
                let answered = start(&api, &request, Caller { trace, seed }).await;
                with_meta(&answered.map_err(|error| failure(&error, &request.resource, "StepFunctions"))?)
            }
        };
        let job = waits_for_token || request.resource.contains(".sync");
        Ok(reply(if job { TaskReply::Submitted(result) } else { TaskReply::Done(result) }))
    }
}

/// In a box: a start may lead to a task that starts another, without end.
async fn call(api: &Arc<Api>, operation: &str, request: &Value, caller: Caller) -> Result<Json, ApiError> {
    let (api, operation, request) = (api.clone(), operation.to_owned(), request.clone());
    let answer: futures_util::future::BoxFuture<'static, _> =
        Box::pin(async move { api.call_from(&operation, &request, caller).await });
    answer.await
}

fn reply(reply: TaskReply) -> TaskResponse {
    TaskResponse { reply, modelled: None }
}

/// Starts the execution that a task asks for. One without a name gets a name that is the same when the task is issued
/// again after a restart, so that it is not started twice.
async fn start(api: &Arc<Api>, request: &TaskRequest, caller: Caller) -> Result<Json, ApiError> {
    let wanted = names::request(&request.input);
    let named = wanted.get("name").is_some_and(|name| !matches!(name, Value::Null));
    let begun = api.engine.store().summary(&request.execution).await.ok().map(|parent| parent.started);
    let (false, Some(begun)) = (named, begun) else { return call(api, "StartExecution", &wanted, caller).await };
    let name = name_of(&request.execution, begun.as_millis(), request.event);
    let wanted = wanted.with_member("name", Value::from(name)).unwrap_or(wanted);
    call(api, "StartExecution", &wanted, caller).await
}

/// The seed of what a task starts: the same when the task is issued again after a restart, by which it knows its own
/// child again, and known to nobody else. A synchronous execution has none; it is not begun again either.
async fn seed_of(api: &Api, request: &TaskRequest) -> Option<Seed> {
    let parent = api.started(&request.execution).await.ok()?;
    let digest = Sha256::new().chain_update(parent.seed.0).chain_update(request.event.to_be_bytes()).finalize();
    digest.first_chunk().copied().map(Seed)
}

/// A name in the shape of a UUID, from what there is only once.
fn name_of(execution: &str, begun: i64, event: u64) -> String {
    let digest = Sha256::digest(format!("{execution}\n{begun}\n{event}"));
    let hex = digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// Stops the child of a `.sync` task that nobody waits for any more: the parent was stopped, or the task's time was over.
/// A task that is dropped because the server stops goes on with the next one.
struct StopGuard {
    api: Weak<Api>,
    request: Option<TaskRequest>,
}

impl Drop for StopGuard {
    fn drop(&mut self) {
        let Some((api, request)) = self.api.upgrade().zip(self.request.take()) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if *api.stopping.borrow() {
            return;
        }
        runtime.spawn(async move {
            let child = request.submitted.as_ref().and_then(|submitted| submitted.get("ExecutionArn"));
            let Some(child) = child.and_then(Value::as_str) else { return };
            if !is_open(&api, &request).await {
                // The best that can be done: where it fails, the child goes on.
                let _ =
                    call(&api, "StopExecution", &Value::from_pairs([("executionArn", child)]), Caller::default()).await;
            }
        });
    }
}

/// Whether an attempt of a task still counts in its execution. One whose owner went away does; it is taken up again.
async fn is_open(api: &Api, request: &TaskRequest) -> bool {
    let Ok(events) = api.engine.history(&request.execution).await else { return true };
    let tree = RunTree::of(&events.iter().map(Seen::from).collect::<Vec<_>>());
    let attempt = usize::try_from(request.retry_count).unwrap_or(usize::MAX).saturating_add(1);
    tree.visits().any(|visit| {
        visit.state == request.state
            && visit.status == VisitStatus::Running
            && visit.attempts == attempt
            && visit.tries.last().is_some_and(|last| last.ended.is_none())
    })
}

/// Waits for the execution that a `.sync` task has started.
async fn ended(api: &Arc<Api>, request: &TaskRequest, submitted: &Value) -> Result<TaskResponse, TaskFailure> {
    let execution = submitted.get("ExecutionArn").and_then(Value::as_str).unwrap_or_default();
    let broken = |why: String| TaskFailure::new("States.TaskFailed", why);
    api.engine.wait(execution).await.map_err(|error| broken(error.to_string()))?;
    let described =
        call(api, "DescribeExecution", &Value::from_pairs([("executionArn", execution)]), Caller::default()).await;
    let described = described.map_err(|error| broken(error.message().to_owned()))?;
    let mut shown = names::response(&described, Times::Millis);
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
    let result = names::response(body, Times::Millis);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Server;

    const ECHO: &str = r#"{"StartAt": "E", "States": {"E": {"Type": "Pass", "End": true}}}"#;

    /// What a task gets that is issued again because the server went away before it heard of the answer.
    #[tokio::test]
    async fn a_task_that_is_issued_again_has_the_same_child() {
        let server = Server::builder().start().await.unwrap();
        let api = server.api();
        let machine = json!({"name": "m", "definition": ECHO, "roleArn": "arn:aws:iam::000000000000:role/any"});
        let made = api.call("CreateStateMachine", &Value::from(machine)).await.unwrap();
        let machine = made.get("stateMachineArn").unwrap().as_str().unwrap();
        let start = Value::from(json!({"stateMachineArn": machine}));
        let parent = api.call("StartExecution", &start).await.unwrap();
        let itself = Itself::default();
        itself.is(api);
        let call = async |event, name: Option<&str>, resource: &str| {
            let mut input = json!({"StateMachineArn": machine});
            if let Some(name) = name {
                input["Name"] = name.into();
            }
            let request = TaskRequest {
                execution: parent.get("executionArn").unwrap().as_str().unwrap().into(),
                event,
                state: "Call".into(),
                resource: resource.into(),
                input: Value::from(input),
                retry_count: 0,
                iteration: None,
                token: None,
                timeout_seconds: None,
                heartbeat_seconds: None,
                credentials: None,
                submitted: None,
                withdrawal: Default::default(),
            };
            let TaskReply::Done(done) = itself.call(request).await?.reply else { panic!("it waits") };
            Ok::<_, TaskFailure>(done.get("ExecutionArn").unwrap().as_str().unwrap().to_owned())
        };
        let optimized = "arn:aws:states:::states:startExecution";
        for (name, resource) in
            [(None, optimized), (Some("a"), optimized), (Some("b"), "arn:aws:states:::aws-sdk:sfn:startExecution")]
        {
            let first = call(7, name, resource).await.unwrap();
            api.engine.wait(&first).await.unwrap();
            assert_eq!(call(7, name, resource).await.unwrap(), first, "also when it has ended meanwhile");
            // Another task of the same execution has no part in it.
            match (name, call(8, name, resource).await) {
                (None, second) => assert_ne!(second.unwrap(), first),
                (Some(_), second) => assert!(second.unwrap_err().error.contains("ExecutionAlreadyExists")),
            }
        }
        server.stop().await;
    }
}
