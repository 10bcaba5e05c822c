//! A server in this process, over a store in a folder, whose clock can be put forward.

use aslx_asl::Timestamp;
use aslx_engine::store::{SqliteStore, Store};
use aslx_engine::{Clock, SystemClock};
use aslx_server::{Server, ServerBuilder};
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The machine's clock, put forward.
#[derive(Default)]
pub(crate) struct Ahead(AtomicI64);

impl Ahead {
    pub(crate) fn by(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
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

/// A server over a store in a folder.
pub(crate) struct Kept {
    pub(crate) server: Server,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) clock: Arc<Ahead>,
}

impl Kept {
    /// One whose rounds are short.
    pub(crate) async fn open(folder: &Path, with: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Kept {
        let store = Arc::new(SqliteStore::open(folder, &SystemClock).unwrap());
        let clock = Arc::new(Ahead::default());
        let builder = Server::builder().store(store.clone()).clock(clock.clone());
        let server = with(builder.upkeep_every(Duration::from_millis(5))).start().await.unwrap();
        Kept { server, store, clock }
    }

    pub(crate) async fn call(&self, operation: &str, request: Json) -> Json {
        let target = format!("AWSStepFunctions.{operation}");
        serde_json::from_str(&self.server.respond(&target, request.to_string().as_bytes()).await.body).unwrap()
    }

    pub(crate) async fn machine(&self, name: &str, states: Json) -> Json {
        let definition = json!({"StartAt": states.as_object().unwrap().keys().next(), "States": states}).to_string();
        let role = "arn:aws:iam::000000000000:role/r";
        let request = json!({"name": name, "definition": definition, "roleArn": role});
        self.call("CreateStateMachine", request).await["stateMachineArn"].clone()
    }

    /// Starts an execution and waits for its end.
    pub(crate) async fn run(&self, machine: &Json, name: &str) -> Json {
        let header = format!("Root={name}");
        let request = json!({"stateMachineArn": machine, "name": name, "traceHeader": header});
        let execution = json!({"executionArn": self.call("StartExecution", request).await["executionArn"]});
        self.until(async || self.describe(&execution).await["status"] != "RUNNING").await;
        execution
    }

    pub(crate) async fn describe(&self, execution: &Json) -> Json {
        self.call("DescribeExecution", execution.clone()).await
    }

    pub(crate) async fn until(&self, holds: impl AsyncFn() -> bool) {
        for _ in 0..2_000 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("it does not come to pass");
    }

    pub(crate) async fn is_sealed(&self, execution: &Json) -> bool {
        self.store.sealed(execution["executionArn"].as_str().unwrap()).await.unwrap().is_some()
    }

    pub(crate) async fn exists(&self, execution: &Json) -> bool {
        let described = self.describe(execution).await;
        let missing = described["__type"].as_str().is_some_and(|kind| kind.ends_with("ExecutionDoesNotExist"));
        assert!(missing || described["status"].is_string(), "{described}");
        !missing
    }

    pub(crate) async fn types(&self, execution: &Json) -> Vec<String> {
        let history = self.call("GetExecutionHistory", execution.clone()).await;
        let events = history["events"].as_array().unwrap();
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }
}
