//! A server of its own for each test, and short ways to call it.

use aslx_asl::Timestamp;
use aslx_engine::{Clock, SystemClock};
use aslx_server::{Server, ServerBuilder};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/any";
pub(crate) const ECHO: &str = r#"{"StartAt": "Echo", "States": {"Echo": {"Type": "Pass", "End": true}}}"#;
pub(crate) const WAIT: &str = r#"{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": true}}}"#;
pub(crate) const FAIL: &str = r#"{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}}"#;

/// The machine's clock, and as much ahead of it as a test says.
#[derive(Default, Clone)]
pub(crate) struct Ahead(Arc<AtomicI64>);

impl Ahead {
    pub(crate) fn hours(&self, hours: i64) {
        self.0.fetch_add(hours * 3_600_000, Ordering::Relaxed);
    }
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_millis(self.0.load(Ordering::Relaxed))
    }

    fn sleep_until(&self, due: Timestamp) -> BoxFuture<'static, ()> {
        SystemClock.sleep_until(due.plus_millis(-self.0.load(Ordering::Relaxed)))
    }
}

pub(crate) struct Place {
    pub(crate) server: Server,
    pub(crate) clock: Ahead,
}

impl Place {
    pub(crate) async fn new() -> Place {
        Place::of(Server::builder()).await
    }

    pub(crate) async fn of(builder: ServerBuilder) -> Place {
        let clock = Ahead::default();
        let server = builder.clock(Arc::new(clock.clone())).start().await.unwrap();
        Place { server, clock }
    }

    /// The response; the call must not be refused.
    pub(crate) async fn call(&self, operation: &str, request: Value) -> Value {
        let (status, body) = self.answer(operation, &request).await;
        assert_eq!(status, 200, "{operation} {request}: {body}");
        body
    }

    /// Code and message of the error.
    pub(crate) async fn refused(&self, operation: &str, request: Value) -> String {
        let body = self.error(operation, request).await;
        let code = body["__type"].as_str().unwrap().rsplit('#').next().unwrap();
        let message = body.get("message").or(body.get("Message")).and_then(Value::as_str).unwrap_or_default();
        format!("{code}: {message}")
    }

    /// The body of the error.
    pub(crate) async fn error(&self, operation: &str, request: Value) -> Value {
        let (status, body) = self.answer(operation, &request).await;
        assert_eq!(status, 400, "{operation} {request}: {body}");
        body
    }

    async fn answer(&self, operation: &str, request: &Value) -> (u16, Value) {
        let target = format!("AWSStepFunctions.{operation}");
        let response = self.server.respond(&target, request.to_string().as_bytes()).await;
        (response.status, serde_json::from_str(&response.body).unwrap())
    }

    /// Makes a state machine; gives its ARN.
    pub(crate) async fn machine(&self, name: &str, definition: &str) -> String {
        self.machine_with(name, definition, json!({})).await
    }

    /// The same with further members.
    pub(crate) async fn machine_with(&self, name: &str, definition: &str, more: Value) -> String {
        let made = self.call("CreateStateMachine", machine(name, definition, more)).await;
        text(&made["stateMachineArn"])
    }

    pub(crate) async fn express(&self, name: &str, definition: &str) -> String {
        self.machine_with(name, definition, json!({"type": "EXPRESS"})).await
    }

    /// Starts an execution; gives its ARN.
    pub(crate) async fn start(&self, machine: &str) -> String {
        text(&self.call("StartExecution", json!({"stateMachineArn": machine})).await["executionArn"])
    }

    /// The description of an execution once it does not run any more.
    pub(crate) async fn ended(&self, execution: &str) -> Value {
        for _ in 0..2_000 {
            let seen = self.call("DescribeExecution", json!({"executionArn": execution})).await;
            if seen["status"] != "RUNNING" {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{execution} does not end");
    }

    /// Asks until there is no such execution any more.
    pub(crate) async fn gone(&self, execution: &str) {
        let request = json!({"executionArn": execution});
        for _ in 0..2_000 {
            if self.answer("DescribeExecution", &request).await.0 == 400 {
                let gone = format!("ExecutionDoesNotExist: Execution Does Not Exist: '{execution}'");
                assert_eq!(self.refused("DescribeExecution", request).await, gone);
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{execution} is still there");
    }

    /// Asks until the answer is as it should be.
    pub(crate) async fn until(&self, operation: &str, request: Value, fits: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..2_000 {
            let seen = self.call(operation, request.clone()).await;
            if fits(&seen) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{operation} does not become what it should");
    }
}

/// A request for CreateStateMachine.
pub(crate) fn machine(name: &str, definition: &str, more: Value) -> Value {
    let mut request = json!({"name": name, "definition": definition, "roleArn": ROLE});
    for (name, value) in more.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The members of an object, sorted.
pub(crate) fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
