//! What a server does beside its requests: histories are sealed, old executions go.

use crate::support::Kept;
use aslx_engine::store::{Commit, RecordChange, Store};
use serde_json::json;
use std::time::Duration;

const DAY: i64 = 24 * 60 * 60 * 1000;

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
    // As versions before this one kept trace headers.
    let keys = [old["executionArn"].as_str().unwrap(), "of another"];
    let records = keys.map(|key| RecordChange::put("server.trace", key, b"Root=1"));
    kept.store.commit(Commit::records(records)).await.unwrap();
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
