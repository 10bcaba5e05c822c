//! Executions in real time: stopped, timed out, stored, resumed.

use crate::support::{Log, Meddled, block, definition, mocked, program, request, seconds, types, waiting};
use aslx_engine::SystemClock;
use aslx_engine::history::HistoryEvent;
use aslx_engine::journal::{Entry, EntryKind, TaskId, TaskResult};
use aslx_engine::layers::{Answer, Answers};
use aslx_engine::runtime::{Engine, EngineError, ExecutionHandle, Finished};
use aslx_engine::store::{MemoryStore, Store, StoreError};
use aslx_engine::task::{BoxTaskService, TaskRequest, TaskResponse};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower::service_fn;

const EXECUTION: &str = "arn:aws:states:us-east-1:000000000000:execution:machine:one";

fn engine(store: Arc<dyn Store>, tasks: BoxTaskService) -> Engine {
    Engine::new(store, Arc::new(SystemClock), tasks)
}

async fn start(engine: &Engine, machine: &Json) -> Result<ExecutionHandle, EngineError> {
    engine.start(program(machine), request(&json!({ "go": 1 }))).await
}

fn work() -> Json {
    json!({ "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:work", "End": true })
}

fn working() -> Json {
    definition(json!({ "Work": work() }))
}

fn sleeping(seconds: u64) -> Json {
    definition(json!({ "Sleep": { "Type": "Wait", "Seconds": seconds, "End": true } }))
}

fn ended(finished: &Finished) -> (&str, Option<&str>, Option<&str>) {
    let outcome = &finished.outcome;
    (outcome.status.name(), outcome.error.as_deref(), outcome.cause.as_deref())
}

#[test]
fn a_stop_aborts_with_error_and_cause() {
    let store = Arc::new(MemoryStore::new());
    let (finished, summary) = block(async {
        let engine = engine(store.clone(), waiting());
        let handle = start(&engine, &working()).await.unwrap();
        assert_eq!(store.count_open().await, Ok(1));
        handle.stop(Some("Enough".into()), Some("nobody needs it".into()));
        // A second one finds nothing to stop.
        handle.stop(None, None);
        let finished = handle.wait().await.unwrap();
        assert_eq!(store.count_open().await, Ok(0));
        (finished, store.summary(EXECUTION).await.unwrap())
    });
    assert_eq!(ended(&finished), ("ABORTED", Some("Enough"), Some("nobody needs it")));
    let last = finished.history.last().unwrap().to_json();
    assert_eq!(last["type"], "ExecutionAborted");
    assert_eq!(last["previousEventId"], 0);
    assert_eq!(last["executionAbortedEventDetails"], json!({ "error": "Enough", "cause": "nobody needs it" }));
    assert_eq!((summary.status.name(), summary.stopped), ("ABORTED", Some(finished.stopped)));
}

#[test]
fn a_machine_has_its_own_timeout() {
    let mut machine = sleeping(60);
    machine["TimeoutSeconds"] = 1.into();
    let begun = Instant::now();
    let engine = engine(Arc::new(MemoryStore::new()), mocked(Answers::new()));
    let finished = block(async { start(&engine, &machine).await.unwrap().wait().await.unwrap() });
    assert!(begun.elapsed() < seconds(3));
    assert_eq!(ended(&finished), ("TIMED_OUT", None, None));
    assert_eq!(types(&finished.history), ["ExecutionStarted", "WaitStateEntered", "ExecutionTimedOut"]);
}

/// What is not committed is not done: each call of the service comes after the commit of what caused it.
#[test]
fn commit_first_then_act() {
    let log = Log::default();
    let seen = log.clone();
    let tasks = BoxTaskService::new(service_fn(move |request: TaskRequest| {
        seen.add(format!("call {}", request.state));
        std::future::ready(Ok(TaskResponse::done("done".into())))
    }));
    let mut first = work();
    first["Next"] = "Second".into();
    first.as_object_mut().unwrap().remove("End");
    let machine = definition(json!({ "First": first, "Second": work() }));
    let store = Meddled::logging(log.clone());
    let engine = engine(Arc::new(store), tasks);
    let finished = block(async { start(&engine, &machine).await.unwrap().wait().await.unwrap() });
    assert_eq!(finished.outcome.status.name(), "SUCCEEDED");
    assert_eq!(
        log.lines().into_iter().filter(|line| line != "commit TaskStarted").collect::<Vec<_>>(),
        ["commit Started", "call First", "commit TaskEnded", "call Second", "commit TaskEnded"]
    );
}

#[test]
fn a_store_that_fails_stops_the_execution_before_it_acts() {
    let run = |commits: usize| {
        let calls = Log::default();
        let seen = calls.clone();
        let tasks = BoxTaskService::new(service_fn(move |request: TaskRequest| {
            seen.add(&*request.state);
            std::future::ready(Ok(TaskResponse::done("done".into())))
        }));
        let events = Log::default();
        let told = events.clone();
        let engine = Engine::builder(Arc::new(Meddled::failing_after(commits)), Arc::new(SystemClock), tasks)
            .observed_by(Arc::new(move |event: &HistoryEvent| told.add(event.kind.type_name())))
            .build();
        let result = block(async {
            match start(&engine, &working()).await {
                Ok(handle) => handle.wait().await.map(|finished| finished.outcome.status.name()),
                Err(error) => Err(error),
            }
        });
        (result, calls.lines().len(), events.lines().len())
    };
    let full = EngineError::Store(StoreError::Failed("the disk is full".into()));
    assert_eq!(full.to_string(), "the store failed: the disk is full");
    // The start is refused; nothing was done and nothing told.
    assert_eq!(run(0), (Err(full.clone()), 0, 0));
    // Later on: what was committed was told, the rest was not.
    assert_eq!(run(1), (Err(full), 1, 3));
}

#[test]
fn a_name_is_taken_once() {
    let store = Arc::new(MemoryStore::new());
    let calls = Log::default();
    let seen = calls.clone();
    let tasks = BoxTaskService::new(service_fn(move |request: TaskRequest| {
        seen.add(&*request.state);
        std::future::ready(Ok(TaskResponse::done("done".into())))
    }));
    let engine = engine(store, tasks);
    let again = block(async {
        start(&engine, &working()).await.unwrap().wait().await.unwrap();
        start(&engine, &working()).await.err()
    });
    assert_eq!(again, Some(EngineError::AlreadyExists { execution: EXECUTION.into() }));
    assert_eq!(calls.lines(), ["Work"]);
}

/// The process goes away in the middle: everything in it is dropped, only the store stays.
fn interrupted(store: &Arc<MemoryStore>, machine: &Json, tasks: BoxTaskService, after: Duration) {
    block(async {
        let engine = engine(store.clone(), tasks);
        let handle = start(&engine, machine).await.unwrap();
        tokio::time::sleep(after).await;
        drop(handle);
    });
}

fn resumed(store: &Arc<MemoryStore>, machine: &Json, tasks: BoxTaskService) -> Result<Finished, EngineError> {
    block(async { engine(store.clone(), tasks).resume(program(machine), EXECUTION).await?.wait().await })
}

#[test]
fn after_a_restart_outstanding_tasks_are_issued_again() {
    let both = definition(json!({ "Both": { "Type": "Parallel", "End": true, "Branches": [
        definition(json!({ "Quick": work() })),
        definition(json!({ "Slow": work() })),
    ] } }));
    let calls = Log::default();
    let tasks = |slow_answers: bool| {
        let seen = calls.clone();
        BoxTaskService::new(service_fn(move |request: TaskRequest| {
            seen.add(&*request.state);
            let waits = &*request.state == "Slow" && !slow_answers;
            async move {
                if waits {
                    std::future::pending::<()>().await;
                }
                Ok(TaskResponse::done(Json::from(&*request.state).into()))
            }
        }))
    };
    let store = Arc::new(MemoryStore::new());
    interrupted(&store, &both, tasks(false), Duration::from_millis(200));
    let finished = resumed(&store, &both, tasks(true)).unwrap();
    assert_eq!(finished.outcome.output.as_ref().unwrap().text().as_ref(), r#"["Quick","Slow"]"#);
    let mut lines = calls.lines();
    lines[..2].sort();
    // What had been answered is not asked again.
    assert_eq!(lines, ["Quick", "Slow", "Slow"]);
    let count = |kind| types(&finished.history).into_iter().filter(|found| *found == kind).count();
    assert_eq!((count("LambdaFunctionScheduled"), count("LambdaFunctionStarted")), (2, 2));
}

#[test]
fn after_a_restart_overdue_timers_fire_at_once() {
    let store = Arc::new(MemoryStore::new());
    interrupted(&store, &sleeping(1), waiting(), Duration::from_millis(100));
    std::thread::sleep(Duration::from_millis(1000));
    let begun = Instant::now();
    let finished = resumed(&store, &sleeping(1), waiting()).unwrap();
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    assert_eq!(finished.outcome.status.name(), "SUCCEEDED");
    let kinds: Vec<bool> =
        finished.journal.iter().map(|entry| matches!(entry.kind, EntryKind::TimerFired { .. })).collect();
    assert_eq!(kinds, [false, true]);
}

/// A job that was submitted is not submitted again.
#[test]
fn after_a_restart_a_job_goes_on() {
    let mut job = work();
    job["Resource"] = "arn:aws:states:::states:startExecution.sync:2".into();
    job["Parameters"] = json!({ "StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:child" });
    let machine = definition(json!({ "Work": job }));
    let calls = Log::default();
    let tasks = |ends: bool| {
        let seen = calls.clone();
        BoxTaskService::new(service_fn(move |request: TaskRequest| {
            let submitted = request.submitted.clone();
            seen.add(if submitted.is_some() { "poll" } else { "submit" });
            async move {
                let reply = match submitted {
                    None => aslx_engine::task::TaskReply::Submitted("job 1".into()),
                    Some(_) if !ends => std::future::pending().await,
                    Some(handle) => aslx_engine::task::TaskReply::Done(handle),
                };
                Ok(TaskResponse { reply, modelled: None })
            }
        }))
    };
    let store = Arc::new(MemoryStore::new());
    interrupted(&store, &machine, tasks(false), Duration::from_millis(200));
    let finished = resumed(&store, &machine, tasks(true)).unwrap();
    assert_eq!(finished.outcome.output.as_ref().unwrap().text().as_ref(), r#""job 1""#);
    assert_eq!(calls.lines(), ["submit", "poll", "poll"]);
}

/// One answered task, then one that waits.
fn half_done() -> (Arc<MemoryStore>, Json) {
    let machine = definition(json!({
        "First": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:first", "Next": "Which" },
        "Which": { "Type": "Choice", "Choices": [{ "Variable": "$", "NumericEquals": 1, "Next": "Work" }], "Default": "Sleep" },
        "Work": work(),
        "Sleep": { "Type": "Wait", "Seconds": 1, "End": true },
    }));
    let store = Arc::new(MemoryStore::new());
    let tasks = BoxTaskService::new(service_fn(|request: TaskRequest| async move {
        if &*request.state == "Work" {
            std::future::pending::<()>().await;
        }
        Ok(TaskResponse::done(1i64.into()))
    }));
    interrupted(&store, &machine, tasks, Duration::from_millis(200));
    (store, machine)
}

#[test]
fn a_journal_that_replays_to_something_else_stops_its_execution() {
    let (store, machine) = half_done();
    let resume = |change: fn(&mut Vec<Entry>)| {
        let store = Meddled::tampering(store.clone(), change);
        let answers = Answers::new().state("Work", [Answer::returns("done")]);
        let engine = engine(Arc::new(store), mocked(answers));
        block(async {
            let handle = engine.resume(program(&machine), EXECUTION).await?;
            handle.wait().await.map(|finished| finished.outcome.status.name())
        })
    };
    let diverged = EngineError::Diverged { execution: EXECUTION.into() };
    assert_eq!(resume(|_| {}), Ok("SUCCEEDED"));
    let other_way = resume(|entries| {
        for entry in entries {
            if let EntryKind::TaskEnded { task: TaskId(1), result } = &mut entry.kind {
                *result = TaskResult::Succeeded(aslx_engine::Data::parse("2").unwrap());
            }
        }
    });
    assert_eq!(other_way, Err(diverged.clone()));
    assert_eq!(
        diverged.to_string(),
        format!("the journal of `{EXECUTION}` replays to something else than was committed")
    );
}

/// The same way through the machine, but with other data in it.
#[test]
fn a_journal_with_other_data_stops_its_execution() {
    let (store, machine) = half_done();
    let change = |entries: &mut Vec<Entry>| {
        if let EntryKind::Started(started) = &mut entries[0].kind {
            started.input = aslx_engine::Data::parse(r#"{"go":2}"#).unwrap();
        }
    };
    let engine = engine(Arc::new(Meddled::tampering(store, change)), waiting());
    let error = block(async { engine.resume(program(&machine), EXECUTION).await.err() });
    assert_eq!(error, Some(EngineError::Diverged { execution: EXECUTION.into() }));
}

#[test]
fn a_journal_of_another_definition_or_none_is_refused() {
    let (store, _) = half_done();
    let other = resumed(&store, &working(), waiting()).unwrap_err();
    assert!(other.to_string().starts_with("the journal belongs to the definition with hash "), "{other}");
    let none = resumed(&Arc::new(MemoryStore::new()), &working(), waiting()).unwrap_err();
    assert_eq!(none, EngineError::NotFound { execution: EXECUTION.into() });
}

/// A task whose code breaks is a failed attempt, and the execution goes on.
#[test]
fn a_panic_in_a_task_is_its_failure() {
    let tasks = BoxTaskService::new(service_fn(|request: TaskRequest| async move {
        assert!(request.retry_count > 0, "made up");
        Ok(TaskResponse::done("done".into()))
    }));
    let mut retried = work();
    retried["Retry"] = json!([{ "ErrorEquals": ["Runtime.Crash"], "IntervalSeconds": 1 }]);
    let engine = engine(Arc::new(MemoryStore::new()), tasks);
    let machine = definition(json!({ "Work": retried }));
    let finished = block(async { start(&engine, &machine).await.unwrap().wait().await.unwrap() });
    assert_eq!(finished.outcome.status.name(), "SUCCEEDED");
    let failed = finished.history.iter().find(|event| event.kind.type_name() == "LambdaFunctionFailed").unwrap();
    assert_eq!(failed.to_json()["lambdaFunctionFailedEventDetails"]["error"], "Runtime.Crash");
}
