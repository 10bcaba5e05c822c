//! Real work and modelled time in one execution.

use crate::support::{block, definition, program, request, run, seconds, simulated, types};
use aslx_engine::SystemClock;
use aslx_engine::layers::{Answer, Answers};
use aslx_engine::runtime::{Engine, Finished};
use aslx_engine::store::MemoryStore;
use aslx_engine::task::{BoxTaskService, TaskResponse};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower::service_fn;

const YEAR: u64 = 365 * 24 * 3600;

/// A task with a timeout of one second beside a Wait.
fn beside_a_wait(wait: u64) -> Json {
    let task = json!({ "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:work",
        "TimeoutSeconds": 1, "End": true });
    let branch = |states| definition(states);
    definition(json!({
        "Both": {
            "Type": "Parallel",
            "Branches": [
                branch(json!({ "Work": task })),
                branch(json!({ "Sleep": { "Type": "Wait", "Seconds": wait, "End": true } })),
            ],
            "End": true,
        },
    }))
}

/// Real work of this length.
fn work(length: Duration) -> BoxTaskService {
    BoxTaskService::new(service_fn(move |_| async move {
        tokio::time::sleep(length).await;
        Ok(TaskResponse::done("done".into()))
    }))
}

/// Milliseconds after the start at which an event of this type happened.
fn at(finished: &Finished, kind: &str) -> i64 {
    let event = finished.history.iter().find(|event| event.kind.type_name() == kind).unwrap();
    event.timestamp.as_millis() - finished.started.as_millis()
}

#[test]
fn a_real_task_beside_a_year_of_waiting() {
    let begun = Instant::now();
    let tasks = work(Duration::from_millis(300));
    let finished = simulated(&beside_a_wait(YEAR), request(&json!({})), tasks).unwrap();
    let took = begun.elapsed();
    assert_eq!(finished.outcome.output.as_ref().unwrap().text().as_ref(), r#"["done",{}]"#);
    assert!(took < seconds(2), "{took:?}");
    assert_eq!(
        types(&finished.history),
        [
            "ExecutionStarted",
            "ParallelStateEntered",
            "ParallelStateStarted",
            "TaskStateEntered",
            "LambdaFunctionScheduled",
            "WaitStateEntered",
            "LambdaFunctionStarted",
            "LambdaFunctionSucceeded",
            "TaskStateExited",
            "WaitStateExited",
            "ParallelStateSucceeded",
            "ParallelStateExited",
            "ExecutionSucceeded",
        ]
    );
    assert_eq!(at(&finished, "LambdaFunctionStarted"), 0);
    let measured = at(&finished, "LambdaFunctionSucceeded");
    assert!((300..1000).contains(&measured), "{measured}");
    assert_eq!(at(&finished, "WaitStateExited"), YEAR as i64 * 1000);
    assert_eq!(at(&finished, "ExecutionSucceeded"), YEAR as i64 * 1000);
}

/// A slow machine is not the definition's fault: only a modelled duration makes a task time out.
#[test]
fn real_work_ends_just_before_its_timeout() {
    let tasks = work(Duration::from_millis(1100));
    let finished = simulated(&beside_a_wait(5), request(&json!({})), tasks).unwrap();
    assert_eq!(at(&finished, "LambdaFunctionSucceeded"), 999);

    let answers = Answers::new().state("Work", [Answer::returns("late").taking(Duration::from_millis(1001))]);
    let finished = run(&beside_a_wait(5), &json!({}), answers);
    assert_eq!(finished.outcome.error.as_deref(), Some("States.Timeout"));
    assert_eq!(at(&finished, "LambdaFunctionTimedOut"), 1000);
}

#[test]
fn the_same_in_real_time() {
    let finished = block(async {
        let engine = Engine::new(Arc::new(MemoryStore::new()), Arc::new(SystemClock), work(Duration::from_millis(300)));
        engine.start(program(&beside_a_wait(1)), request(&json!({}))).await.unwrap().wait().await.unwrap()
    });
    let virtual_run = simulated(&beside_a_wait(1), request(&json!({})), work(Duration::from_millis(300))).unwrap();
    assert_eq!(types(&finished.history), types(&virtual_run.history));
    assert_eq!(finished.outcome, virtual_run.outcome);
    for (event, least) in [("LambdaFunctionSucceeded", 300), ("WaitStateExited", 1000)] {
        let after = at(&finished, event);
        assert!((least..least + 700).contains(&after), "{event} after {after} ms");
    }
}
