//! Express executions live in memory; of an asynchronous one it is kept that it was started.

use crate::common::recording::Recording;
use crate::support::{Tasks, block, builder, machine, program, request, work};
use aslx_asl::MachineType;
use aslx_engine::interpreter::Status;
use aslx_engine::journal::Entry;
use aslx_engine::runtime::StartRequest;
use aslx_engine::store::Store;
use serde_json::json;
use std::time::Duration;

fn express(synchronous: bool) -> StartRequest {
    StartRequest { machine_type: MachineType::Express, synchronous, ..request(&json!({ "n": 1 })) }
}

fn slow() -> serde_json::Value {
    let mut first = work("a");
    first.as_object_mut().unwrap().remove("End");
    first["Next"] = "Sleep".into();
    machine(json!({ "Work": first, "Sleep": { "Type": "Wait", "Seconds": 1, "End": true } }))
}

#[test]
fn a_synchronous_one_leaves_nothing() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).build();
        let finished = engine.start(program(&slow()), express(true)).await.unwrap().wait().await.unwrap();
        assert_eq!(finished.outcome.status, Status::Succeeded);
        assert!(store.commits().is_empty());
    });
}

#[test]
fn a_synchronous_one_can_be_stopped() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).build();
        let handle = engine.start(program(&slow()), express(true)).await.unwrap();
        let at = engine.stop(handle.execution(), Some("E".into()), None).await.unwrap();
        let finished = handle.wait().await.unwrap();
        assert_eq!((finished.outcome.status, finished.stopped), (Status::Aborted, at));
    });
}

#[test]
fn an_asynchronous_one_is_kept_as_its_start_until_it_has_ended() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).build();
        let handle = engine.start(program(&slow()), express(false)).await.unwrap();
        let arn = handle.execution().clone();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let kept = store.journal(&arn).await.unwrap().lines.decode::<Entry>().unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(handle.wait().await.unwrap().outcome.status, Status::Succeeded);
        assert!(store.journal(&arn).await.is_err());
        assert_eq!(store.count_open().await, Ok(0));
    });
}

#[test]
fn it_begins_again_after_a_crash() {
    let (store, tasks) = (Recording::new(), Tasks::default());
    let arn = block(async {
        let engine = builder(&store, &tasks).build();
        let handle = engine.start(program(&slow()), express(false)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        handle.execution().clone()
    });
    assert_eq!(tasks.calls(), ["Work"]);
    block(async {
        let engine = builder(&store, &tasks).build();
        assert_eq!(engine.recover_all().await.unwrap().resumed, 1);
        while store.journal(&arn).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert_eq!(tasks.calls(), ["Work"]);
}
