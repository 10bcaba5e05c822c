//! Activities: tasks wait for workers.

use crate::common::recording::Recording;
use crate::support::{ACTIVITY, EXECUTION, Tasks, activity, block, builder, machine, start, story};
use aslx_engine::runtime::{ActivityError, ActivityTask, Engine, TokenError};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

fn engine(store: &Arc<Recording>, tasks: &Tasks) -> Engine {
    let engine = builder(store, tasks).patience(Some(Duration::from_millis(5))).build();
    engine.activities().create(ACTIVITY);
    engine
}

fn working(more: Json) -> Json {
    let mut task = activity();
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    machine(json!({ "Work": task }))
}

async fn lease(engine: &Engine) -> ActivityTask {
    engine.activity_task(ACTIVITY, Some("worker 1".into()), Duration::from_secs(5)).await.unwrap().unwrap()
}

#[test]
fn a_worker_takes_a_task_and_answers() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, &tasks);
        let handle = start(&engine, &working(json!({})), &json!({ "n": 1 })).await;
        let task = lease(&engine).await;
        assert_eq!(task.input.to_json(), r#"{"n":1}"#);
        assert_eq!(engine.task_succeeded(&task.token, "2").await, Ok(()));
        assert_eq!(handle.wait().await.unwrap().outcome.output.unwrap().text().as_ref(), "2");
        let history = engine.history(EXECUTION).await.unwrap();
        assert_eq!(
            story(&history)[1..6],
            [
                "2<0 TaskStateEntered",
                "3<2 ActivityScheduled",
                "4<3 ActivityStarted",
                "5<4 ActivitySucceeded",
                "6<5 TaskStateExited"
            ]
        );
        assert_eq!(history[3].to_json()["activityStartedEventDetails"], json!({ "workerName": "worker 1" }));
        let late = TokenError::TimedOut { resource: ACTIVITY.into() };
        assert_eq!(engine.task_failed(&task.token, None, None).await, Err(late));
    });
}

/// TimeoutSeconds counts from the moment in which a worker has the task, not from its scheduling.
#[test]
fn clocks_start_when_a_worker_takes_the_task() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, &tasks);
        let handle = start(&engine, &working(json!({ "TimeoutSeconds": 1 })), &json!({})).await;
        tokio::time::sleep(Duration::from_millis(1_300)).await;
        let task = lease(&engine).await;
        let finished = handle.wait().await.unwrap();
        let taken = finished.history[3].timestamp;
        assert!(taken.as_millis() - finished.started.as_millis() >= 1_250);
        assert!(finished.stopped.as_millis() - taken.as_millis() >= 1_000);
        assert_eq!(finished.outcome.error.as_deref(), Some("States.Timeout"));
        assert!(story(&finished.history).iter().any(|event| event == "5<4 ActivityTimedOut"));
        let late = TokenError::TimedOut { resource: ACTIVITY.into() };
        assert_eq!(engine.task_succeeded(&task.token, "1").await, Err(late));
    });
}

#[test]
fn a_heartbeat_that_does_not_come_is_a_timeout() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, &tasks);
        let definition = working(json!({ "TimeoutSeconds": 60, "HeartbeatSeconds": 1 }));
        let handle = start(&engine, &definition, &json!({})).await;
        let task = lease(&engine).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(engine.task_heartbeat(&task.token).await, Ok(()));
        let finished = handle.wait().await.unwrap();
        assert_eq!(finished.outcome.error.as_deref(), Some("States.Timeout"));
        assert!(finished.stopped.as_millis() - finished.started.as_millis() >= 1_600);
    });
}

#[test]
fn a_poll_ends_without_a_task() {
    block(async {
        let engine = engine(&Recording::new(), &Tasks::default());
        let nothing = engine.activity_task(ACTIVITY, None, Duration::from_millis(50)).await;
        assert_eq!(nothing, Ok(None));
        let unknown =
            engine.activity_task("arn:aws:states:us-east-1:000000000000:activity:no", None, Duration::ZERO).await;
        assert!(matches!(unknown, Err(ActivityError::NotFound { .. })));
    });
}

#[test]
fn whoever_waits_learns_that_the_activity_is_gone() {
    block(async {
        let engine = engine(&Recording::new(), &Tasks::default());
        let poller = engine.clone();
        let poll = tokio::spawn(async move { poller.activity_task(ACTIVITY, None, Duration::from_secs(30)).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        engine.activities().delete(ACTIVITY);
        assert_eq!(poll.await.unwrap(), Err(ActivityError::NotFound { activity: ACTIVITY.into() }));
    });
}

/// Each task goes to one worker, in the order in which they were scheduled.
#[test]
fn tasks_are_handed_out_once() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, &tasks);
        let program = crate::support::program(&working(json!({})));
        for n in 0..20 {
            let request = crate::support::named(&format!("e{n:02}"), &json!(n));
            engine.start(program.clone(), request).await.unwrap();
        }
        let polls = (0..20).map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move { lease(&engine).await })
        });
        let mut inputs = Vec::new();
        for poll in polls.collect::<Vec<_>>() {
            inputs.push(poll.await.unwrap().input.as_i64().unwrap());
        }
        inputs.sort_unstable();
        assert_eq!(inputs, (0..20).collect::<Vec<_>>());
        assert_eq!(engine.activity_task(ACTIVITY, None, Duration::from_millis(50)).await, Ok(None));
    });
}

/// What a worker had taken is offered again after a restart, with the token that it has.
#[test]
fn a_restart_delivers_again_with_the_same_token() {
    let (store, tasks) = (Recording::new(), Tasks::default());
    let first = block(async {
        let engine = engine(&store, &tasks);
        start(&engine, &working(json!({ "TimeoutSeconds": 60 })), &json!({ "n": 1 })).await;
        let task = lease(&engine).await;
        while !engine.running().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        task
    });
    block(async {
        let engine = engine(&store, &tasks);
        engine.recover_all().await.unwrap();
        let again = lease(&engine).await;
        assert_eq!(again, first);
        assert_eq!(engine.task_succeeded(&first.token, "1").await, Ok(()));
        engine.wait(EXECUTION).await.unwrap();
        let history = engine.history(EXECUTION).await.unwrap();
        let started = story(&history).into_iter().filter(|event| event.ends_with("ActivityStarted")).count();
        assert_eq!(started, 1);
    });
}

/// The recorded order: nothing is scheduled. One that is made meanwhile counts from then on.
#[test]
fn a_task_of_an_activity_that_does_not_exist_fails_before_it_is_scheduled() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).strict_activities().build();
        let finished = start(&engine, &working(json!({})), &json!({})).await.wait().await.unwrap();
        assert_eq!(finished.outcome.error.as_deref(), Some("States.Runtime"));
        let cause = format!("The activity {ACTIVITY} does not exist.");
        assert_eq!(finished.outcome.cause.as_deref(), Some(&*cause));
        assert_eq!(story(&finished.history)[1..], ["2<0 TaskStateEntered", "3<2 ExecutionFailed"]);

        let mut definition = working(json!({}));
        definition["StartAt"] = "Sleep".into();
        definition["States"]["Sleep"] = json!({ "Type": "Wait", "Seconds": 1, "Next": "Work" });
        let request = crate::support::named("two", &json!({}));
        let handle = engine.start(crate::support::program(&definition), request).await.unwrap();
        engine.activities().create(ACTIVITY);
        let task = lease(&engine).await;
        engine.task_succeeded(&task.token, "1").await.unwrap();
        assert_eq!(handle.wait().await.unwrap().outcome.output.unwrap().text().as_ref(), "1");
    });
}
