//! What a server does beside its requests: histories are sealed, old executions go.

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

const DAY: i64 = 24 * 60 * 60 * 1000;

/// The machine's clock, put forward.
#[derive(Default)]
struct Ahead(AtomicI64);

impl Ahead {
    fn by(&self, millis: i64) {
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

struct Kept {
    server: Server,
    store: Arc<SqliteStore>,
    clock: Arc<Ahead>,
}

impl Kept {
    /// A server over a store in a folder, whose rounds are short.
    async fn open(folder: &Path, with: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Kept {
        let store = Arc::new(SqliteStore::open(folder, &SystemClock).unwrap());
        let clock = Arc::new(Ahead::default());
        let builder = Server::builder().store(store.clone()).clock(clock.clone());
        let server = with(builder.upkeep_every(Duration::from_millis(5))).start().await.unwrap();
        Kept { server, store, clock }
    }

    async fn call(&self, operation: &str, request: Json) -> Json {
        let target = format!("AWSStepFunctions.{operation}");
        serde_json::from_str(&self.server.respond(&target, request.to_string().as_bytes()).await.body).unwrap()
    }

    async fn machine(&self, name: &str, states: Json) -> Json {
        let definition = json!({"StartAt": states.as_object().unwrap().keys().next(), "States": states}).to_string();
        let role = "arn:aws:iam::000000000000:role/r";
        let request = json!({"name": name, "definition": definition, "roleArn": role});
        self.call("CreateStateMachine", request).await["stateMachineArn"].clone()
    }

    /// Starts an execution and waits for its end.
    async fn run(&self, machine: &Json, name: &str) -> Json {
        let header = format!("Root={name}");
        let request = json!({"stateMachineArn": machine, "name": name, "traceHeader": header});
        let execution = json!({"executionArn": self.call("StartExecution", request).await["executionArn"]});
        self.until(async || self.describe(&execution).await["status"] != "RUNNING").await;
        execution
    }

    async fn describe(&self, execution: &Json) -> Json {
        self.call("DescribeExecution", execution.clone()).await
    }

    async fn until(&self, holds: impl AsyncFn() -> bool) {
        for _ in 0..2_000 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("it does not come to pass");
    }

    async fn is_sealed(&self, execution: &Json) -> bool {
        self.store.sealed(execution["executionArn"].as_str().unwrap()).await.unwrap().is_some()
    }

    async fn exists(&self, execution: &Json) -> bool {
        let described = self.describe(execution).await;
        let missing = described["__type"].as_str().is_some_and(|kind| kind.ends_with("ExecutionDoesNotExist"));
        assert!(missing || described["status"].is_string(), "{described}");
        !missing
    }

    async fn types(&self, execution: &Json) -> Vec<String> {
        let history = self.call("GetExecutionHistory", execution.clone()).await;
        let events = history["events"].as_array().unwrap();
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn histories_are_sealed_once_nothing_happens_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::open(folder.path(), |server| server).await;
    let fails = kept.machine("fails", json!({"F": {"Type": "Fail", "Error": "E"}})).await;
    let one = kept.run(&fails, "one").await;
    let two = kept.run(&fails, "two").await;
    // What has just ended is left alone.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!kept.is_sealed(&one).await);
    kept.clock.by(61_000);
    kept.until(async || kept.is_sealed(&one).await && kept.is_sealed(&two).await).await;
    let once = ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"];
    assert_eq!(kept.types(&one).await, once);
    // It goes on: what was sealed is not the whole story any more, and is sealed again at its end.
    kept.call("RedriveExecution", one.clone()).await;
    kept.until(async || kept.describe(&one).await["status"] == "FAILED").await;
    assert!(!kept.is_sealed(&one).await && kept.is_sealed(&two).await);
    let twice = [&once[..], &["ExecutionRedriven", "ExecutionFailed"]].concat();
    assert_eq!(kept.types(&one).await, twice);
    kept.clock.by(61_000);
    kept.until(async || kept.is_sealed(&one).await).await;
    assert_eq!(kept.types(&one).await, twice);
    // A sealed history that was damaged is made again.
    let sql = "UPDATE histories SET history = X'789c00ff'";
    assert_eq!(rusqlite::Connection::open(folder.path().join("aslx.sqlite3")).unwrap().execute(sql, []).unwrap(), 2);
    assert_eq!(kept.types(&two).await, once);
    kept.server.stop().await;
}

#[tokio::test]
async fn executions_go_by_age() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::open(folder.path(), |server| server.keep_days(30)).await;
    let short = kept.machine("short", json!({"S": {"Type": "Succeed"}})).await;
    let waits = kept.machine("waits", json!({"W": {"Type": "Wait", "Seconds": 90_000_000, "End": true}})).await;
    let old = kept.run(&short, "old").await;
    let open = kept.call("StartExecution", json!({"stateMachineArn": waits, "name": "open"})).await;
    kept.clock.by(29 * DAY);
    let young = kept.run(&short, "young").await;
    assert!(kept.exists(&old).await);
    kept.clock.by(2 * DAY);
    kept.until(async || !kept.exists(&old).await).await;
    assert!(kept.exists(&young).await && kept.exists(&json!({"executionArn": open["executionArn"]})).await);
    assert_eq!(kept.store.records("server.trace", "", None, 9).await.unwrap().len(), 1);
    // The name is free again.
    kept.run(&short, "old").await;
    let taken = json!({"stateMachineArn": short, "name": "young", "input": "1", "traceHeader": "Root=other"});
    let refused = kept.call("StartExecution", taken).await;
    assert!(refused["__type"].as_str().unwrap().ends_with("ExecutionAlreadyExists"), "{refused}");
    // Who is refused does not change the header of the other.
    assert_eq!(kept.describe(&young).await["traceHeader"], "Root=young");
    kept.server.stop().await;
}

#[tokio::test]
async fn executions_go_by_number() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::open(folder.path(), |server| server.keep(2)).await;
    let map = json!({"M": {"Type": "Map", "End": true, "Label": "Each", "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}});
    let many = kept.machine("many", map).await;
    let short = kept.machine("short", json!({"S": {"Type": "Succeed"}})).await;
    let items = json!({"stateMachineArn": many, "name": "items", "input": "[1,2,3,4,5,6,7,8]"});
    let parent = json!({"executionArn": kept.call("StartExecution", items).await["executionArn"]});
    kept.until(async || kept.describe(&parent).await["status"] == "SUCCEEDED").await;
    let runs = kept.call("ListMapRuns", parent.clone()).await;
    let run = json!({"mapRunArn": runs["mapRuns"][0]["mapRunArn"]});
    let children = kept.call("ListExecutions", run.clone()).await;
    assert_eq!(children["executions"].as_array().unwrap().len(), 8);
    // It and its children count as one.
    let a = kept.run(&short, "a").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(kept.exists(&parent).await);
    let b = kept.run(&short, "b").await;
    kept.until(async || !kept.exists(&parent).await).await;
    assert!(kept.exists(&a).await && kept.exists(&b).await);
    let child = json!({"executionArn": children["executions"][7]["executionArn"]});
    kept.until(async || !kept.exists(&child).await).await;
    let gone = kept.call("DescribeMapRun", run).await;
    assert!(gone["__type"].as_str().unwrap().ends_with("ResourceNotFound"), "{gone}");
    kept.server.stop().await;
    let checked = kept.store.check(true).unwrap();
    assert_eq!((checked.journals, checked.findings), (2, Vec::new()));
}
