//! Starting, stopping, deleting, shutting down.

use crate::common::recording::Recording;
use crate::support::{
    ACTIVITY, EXECUTION, MACHINE, Tasks, activity, block, builder, callback, machine, program, request, start,
    story_from, work,
};
use aslx_engine::interpreter::Status;
use aslx_engine::runtime::{Description, EngineError, Watcher};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[test]
fn the_same_start_again_is_the_same_execution() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).patience(Some(Duration::from_millis(5))).build();
        let definition = machine(json!({ "Ask": callback() }));
        let first = start(&engine, &definition, &json!({ "n": 1 })).await;
        let token = tasks.token().await;
        let again = start(&engine, &definition, &json!({ "n": 1 })).await;
        assert_eq!((again.existing(), first.existing()), (true, false));
        assert_eq!(again.started(), first.started());
        let taken = EngineError::AlreadyExists { execution: EXECUTION.into() };
        let other = engine.start(program(&definition), request(&json!({ "n": 2 }))).await;
        assert_eq!(other.err(), Some(taken.clone()));
        engine.task_succeeded(&token, "1").await.unwrap();
        assert_eq!(again.wait().await.unwrap().outcome.status, Status::Succeeded);
        let ended = engine.start(program(&definition), request(&json!({ "n": 1 }))).await;
        assert_eq!(ended.err(), Some(taken));
    });
}

#[test]
fn a_stop_is_answered_with_its_time_and_changes_nothing_later() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).patience(Some(Duration::from_millis(5))).build();
        let handle = start(&engine, &machine(json!({ "Ask": callback() })), &json!({})).await;
        tasks.token().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let at = engine.stop(EXECUTION, Some("E".into()), None).await.unwrap();
        let finished = handle.wait().await.unwrap();
        assert_eq!((finished.outcome.status, finished.stopped), (Status::Aborted, at));
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(engine.stop(EXECUTION, Some("Other".into()), None).await, Ok(at));
        assert_eq!(engine.describe(EXECUTION).await.unwrap().outcome.unwrap().error.as_deref(), Some("E"));
        let none = engine.stop("arn:none", None, None).await;
        assert_eq!(none, Err(EngineError::NotFound { execution: "arn:none".into() }));
    });
}

/// The worker of a deleted machine is answered well, and its execution then fails (recorded).
#[test]
fn a_deleted_machine_ends_its_executions_at_their_next_transition() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).build();
        engine.activities().create(ACTIVITY);
        let handle = start(&engine, &machine(json!({ "Work": activity() })), &json!({})).await;
        let task = engine.activity_task(ACTIVITY, None, Duration::from_secs(5)).await.unwrap().unwrap();
        engine.machine_deleted(MACHINE).await.unwrap();
        assert_eq!(engine.describe(EXECUTION).await.unwrap().status, Status::Running);
        assert_eq!(engine.task_succeeded(&task.token, "1").await, Ok(()));
        let outcome = handle.wait().await.unwrap().outcome;
        assert_eq!(outcome.cause.as_deref(), Some("State machine machine has been deleted"));
        assert_eq!(story_from(&engine, 4).await, ["4<3 ActivityStarted", "5<4 ExecutionFailed"]);
    });
}

#[test]
fn after_a_shutdown_nothing_starts_and_everything_can_go_on() {
    let (store, tasks) = (Recording::new(), Tasks::default());
    let definition = machine(json!({ "Ask": callback() }));
    let token = block(async {
        let engine = builder(&store, &tasks).build();
        let handle = start(&engine, &definition, &json!({})).await;
        let token = tasks.token().await;
        assert!(engine.shutdown(Duration::from_secs(5)).await);
        assert_eq!(engine.running().len(), 0);
        assert_eq!(handle.wait().await.err(), Some(EngineError::Stopped));
        assert_eq!(engine.start(program(&definition), request(&json!({}))).await.err(), Some(EngineError::Stopped));
        token
    });
    block(async {
        let engine = builder(&store, &tasks).build();
        engine.recover_all().await.unwrap();
        engine.task_succeeded(&token, "1").await.unwrap();
        assert_eq!(engine.wait(EXECUTION).await.unwrap().status, Status::Succeeded);
    });
}

#[derive(Default)]
struct Seen(Mutex<Vec<(Status, u64)>>);

impl Watcher for Seen {
    fn status_changed(&self, execution: &Description) {
        self.0.lock().unwrap().push((execution.status, execution.redrives.count));
    }
}

#[test]
fn a_watcher_is_told_of_each_beginning_and_end() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let seen = Arc::new(Seen::default());
        let engine = builder(&store, &tasks).watched_by(seen.clone()).build();
        tasks.fail(&["Work"]);
        start(&engine, &machine(json!({ "Work": work("a") })), &json!({})).await.wait().await.unwrap();
        tasks.fail(&[]);
        engine.redrive(EXECUTION, None).await.unwrap();
        engine.wait(EXECUTION).await.unwrap();
        let told = seen.0.lock().unwrap().clone();
        let expected = [(Status::Running, 0), (Status::Failed, 0), (Status::Running, 1), (Status::Succeeded, 1)];
        assert_eq!(told, expected);
    });
}
