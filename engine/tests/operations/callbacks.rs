//! Task tokens: which attempt they answer, and what is told to whoever has an old one.

use crate::common::recording::Recording;
use crate::support::{CALLBACK, EXECUTION, Tasks, block, builder, callback, machine, start, story};
use aslx_engine::interpreter::Status;
use aslx_engine::runtime::{Engine, TokenError};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

fn waiting() -> Json {
    machine(json!({ "Ask": callback() }))
}

fn engine(store: &Arc<Recording>, tasks: &Tasks) -> Engine {
    // Put away at once: every answer has to find an execution that lies in the store.
    builder(store, tasks).patience(Some(Duration::from_millis(5))).build()
}

fn timed_out() -> Result<(), TokenError> {
    Err(TokenError::TimedOut { resource: CALLBACK.into() })
}

/// The holder is quicker than the answer of whoever gave him the token: that is waited for, but not for long.
#[test]
fn an_answer_may_overtake_the_call_that_hands_out_its_token() {
    block(async {
        for (millis, submitted) in [(30, true), (600_000, false)] {
            let (store, mut tasks) = (Recording::new(), Tasks::default());
            tasks.sending = Duration::from_millis(millis);
            let engine = engine(&store, &tasks);
            let handle = start(&engine, &waiting(), &json!({})).await;
            let token = tasks.token().await;
            assert_eq!(engine.task_succeeded(&token, "1").await, Ok(()));
            assert_eq!(handle.wait().await.unwrap().outcome.status, Status::Succeeded);
            let story = story(&engine.history(EXECUTION).await.unwrap());
            let told = story.iter().any(|event| event.ends_with("TaskSubmitted"));
            assert_eq!(told, submitted, "{story:?}");
        }
    });
}

#[test]
fn success_and_failure_end_the_task() {
    block(async {
        for succeeds in [true, false] {
            let (store, tasks) = (Recording::new(), Tasks::default());
            let engine = engine(&store, &tasks);
            let handle = start(&engine, &waiting(), &json!({})).await;
            let token = tasks.token().await;
            if succeeds {
                assert_eq!(engine.task_succeeded(&token, r#"{ "a": 1 }"#).await, Ok(()));
            } else {
                assert_eq!(engine.task_failed(&token, Some("Mine".into()), None).await, Ok(()));
            }
            let finished = handle.wait().await.unwrap();
            let outcome = &finished.outcome;
            if succeeds {
                assert_eq!(outcome.output.as_ref().unwrap().text().as_ref(), r#"{ "a": 1 }"#);
            } else {
                assert_eq!((outcome.error.as_deref(), outcome.cause.as_deref()), (Some("Mine"), None));
            }
            let last = if succeeds { "TaskSucceeded" } else { "TaskFailed" };
            let history = engine.history(EXECUTION).await.unwrap();
            assert_eq!(
                story(&history)[1..6],
                [
                    "2<0 TaskStateEntered",
                    "3<2 TaskScheduled",
                    "4<3 TaskStarted",
                    "5<4 TaskSubmitted",
                    &format!("6<5 {last}")
                ]
            );
            // Whoever is late is told so, whatever they say; words that are no JSON are told first.
            assert_eq!(engine.task_succeeded(&token, "{}").await, timed_out());
            assert_eq!(engine.task_failed(&token, None, None).await, timed_out());
            assert_eq!(engine.task_heartbeat(&token).await, timed_out());
            assert!(matches!(engine.task_succeeded(&token, "{").await, Err(TokenError::Output(_))));
        }
    });
}

#[test]
fn a_token_nobody_gave_out_is_told_from_one_that_has_no_form() {
    block(async {
        let engine = engine(&Recording::new(), &Tasks::default());
        let unknown = format!("AQCE{}", "0".repeat(64));
        assert_eq!(engine.task_succeeded(&unknown, "{}").await, Err(TokenError::Unknown));
        assert_eq!(engine.task_heartbeat(&unknown).await, Err(TokenError::Unknown));
        for garbage in ["", "x", &"0".repeat(68), &format!("AQCE{}", "G".repeat(64))] {
            // The form comes before the output.
            assert_eq!(engine.task_succeeded(garbage, "{").await, Err(TokenError::Malformed), "{garbage}");
        }
    });
}

#[test]
fn an_output_that_is_no_json_leaves_the_token_usable() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, &tasks);
        let handle = start(&engine, &waiting(), &json!({})).await;
        let token = tasks.token().await;
        assert!(matches!(engine.task_succeeded(&token, "nope").await, Err(TokenError::Output(_))));
        assert_eq!(engine.task_succeeded(&token, "1").await, Ok(()));
        assert_eq!(handle.wait().await.unwrap().outcome.status, Status::Succeeded);
    });
}

/// A retry is another attempt with another token; the old one is over.
#[test]
fn each_attempt_has_its_own_token() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, &tasks);
        let mut definition = waiting();
        definition["States"]["Ask"]["Retry"] =
            json!([{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1 }]);
        let handle = start(&engine, &definition, &json!({})).await;
        let first = tasks.token().await;
        assert_eq!(engine.task_failed(&first, None, None).await, Ok(()));
        let second = tasks.token().await;
        assert_ne!(first, second);
        assert_eq!(engine.task_succeeded(&first, "1").await, timed_out());
        assert_eq!(engine.task_succeeded(&second, "2").await, Ok(()));
        assert_eq!(handle.wait().await.unwrap().outcome.output.unwrap().text().as_ref(), "2");
    });
}

#[test]
fn heartbeats_move_the_window_and_leave_no_trace() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, &tasks);
        let mut definition = waiting();
        definition["States"]["Ask"]["HeartbeatSeconds"] = 1.into();
        let handle = start(&engine, &definition, &json!({})).await;
        let token = tasks.token().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let commits =
            store.commits().iter().flat_map(|commit| &commit.appends).map(|append| append.lines.len()).sum::<u64>();
        for _ in 0..3 {
            assert_eq!(engine.task_heartbeat(&token).await, Ok(()));
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let entries =
            store.commits().iter().flat_map(|commit| &commit.appends).map(|append| append.lines.len()).sum::<u64>();
        assert_eq!(entries, commits);
        let finished = handle.wait().await.unwrap();
        assert_eq!(finished.outcome.error.as_deref(), Some("States.Timeout"));
        let took = finished.stopped.as_millis() - finished.started.as_millis();
        assert!((2_200..4_000).contains(&took), "{took}");
        assert_eq!(engine.task_heartbeat(&token).await, timed_out());
    });
}

/// After a restart nobody's window has shrunk, and tokens are what they were.
#[test]
fn a_restart_begins_every_window_anew() {
    let (store, tasks) = (Recording::new(), Tasks::default());
    let mut definition = waiting();
    definition["States"]["Ask"]["HeartbeatSeconds"] = 1.into();
    let token = block(async {
        start(&engine(&store, &tasks), &definition, &json!({})).await;
        tasks.token().await
    });
    std::thread::sleep(Duration::from_millis(1_200));
    block(async {
        let engine = engine(&store, &tasks);
        engine.recover_all().await.unwrap();
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert_eq!(engine.task_heartbeat(&token).await, Ok(()));
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(engine.task_succeeded(&token, "1").await, Ok(()));
        assert_eq!(engine.wait(EXECUTION).await.unwrap().status, Status::Succeeded);
    });
}

/// What waits for somebody outside has no owner, and is found by its token.
#[test]
fn executions_that_wait_are_put_away() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, &tasks);
        let handle = start(&engine, &waiting(), &json!({})).await;
        let token = tasks.token().await;
        while !engine.running().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(engine.sleeping(), 1);
        assert_eq!(engine.describe(EXECUTION).await.unwrap().status, Status::Running);
        assert_eq!(engine.task_succeeded(&token, "1").await, Ok(()));
        assert_eq!(handle.wait().await.unwrap().outcome.status, Status::Succeeded);
        assert_eq!((engine.sleeping(), engine.running().len()), (0, 0));
    });
}
