//! The store fails, callers go away, answers come early: nothing is left without somebody who looks after it.

use crate::common::recording::Recording;
use crate::distributed::over;
use crate::support::{
    ACTIVITY, EXECUTION, Tasks, activity, block, builder, callback, machine, program, request, start, work,
};
use aslx_asl::Timestamp;
use aslx_engine::interpreter::{Outcome, Status};
use aslx_engine::runtime::{Description, Engine, EngineError, TokenError, Watcher};
use aslx_engine::store::{Store, Wake};
use aslx_engine::task::{BoxTaskService, TaskReply, TaskRequest, TaskResponse};
use aslx_engine::{Clock, SystemClock};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{sleep, timeout};

const SOON: Duration = Duration::from_secs(10);

/// A clock that goes twenty times as fast.
struct Fast(Timestamp);

impl Clock for Fast {
    fn now(&self) -> Timestamp {
        let real = SystemClock.now().as_millis() - self.0.as_millis();
        self.0.plus_millis(real * 20)
    }

    fn sleep_until(&self, due: Timestamp) -> BoxFuture<'static, ()> {
        let millis = u64::try_from(due.as_millis() - self.now().as_millis()).unwrap_or(0);
        Box::pin(sleep(Duration::from_millis(millis / 20 + 1)))
    }
}

/// An engine that puts executions away soon.
fn engine(store: &Arc<Recording>, tasks: BoxTaskService) -> Engine {
    let clock = Arc::new(Fast(SystemClock.now()));
    Engine::builder(store.clone(), clock, tasks).patience(Some(Duration::from_millis(5))).build()
}

async fn put_away(engine: &Engine) {
    while !engine.running().is_empty() {
        sleep(Duration::from_millis(2)).await;
    }
}

/// How it ended, without asking the engine for it: being asked would take it up.
async fn ended_by_itself(store: &Arc<Recording>) -> Outcome {
    let ended = async {
        loop {
            if let Ok(Some(outcome)) = store.outcome(EXECUTION).await {
                return outcome;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(SOON, ended).await.unwrap()
}

/// Tasks that take so long.
fn slow(tasks: &Tasks, millis: u64) -> BoxTaskService {
    let tasks = tasks.clone();
    BoxTaskService::new(tower::service_fn(move |request: TaskRequest| {
        let tasks = tasks.clone();
        async move {
            if request.token.is_none() {
                sleep(Duration::from_millis(millis)).await;
            }
            let mut service = tasks.service();
            tower::Service::call(&mut service, request).await
        }
    }))
}

fn waits(seconds: u64) -> Json {
    json!({ "Type": "Wait", "Seconds": seconds, "End": true })
}

/// Its tasks were begun by an owner that is gone.
#[test]
fn what_was_under_way_when_the_store_failed_is_done_again() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, slow(&tasks, 20));
        let definition = machine(json!({ "Work": work("a") }));
        start(&engine, &definition, &json!({})).await;
        // Now it works; that the task has begun, and that it has ended, cannot be kept.
        store.failing.store(1, Ordering::Relaxed);
        assert_eq!(ended_by_itself(&store).await.status, Status::Succeeded);
    });
}

#[test]
fn a_store_that_fails_again_and_again_delays_only() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, slow(&tasks, 5));
        let branches = json!([
            machine(json!({ "Work": work("a") })),
            machine(json!({ "Wait": waits(2) })),
            machine(json!({ "Map": { "Type": "Map", "ItemsPath": "$.items", "End": true, "ItemProcessor":
                machine(json!({ "One": work("b") })) } }))
        ]);
        let definition = machine(json!({ "All": { "Type": "Parallel", "Branches": branches, "End": true } }));
        start(&engine, &definition, &json!({ "items": [1, 2, 3, 4] })).await;
        for _ in 0..8 {
            store.failing.store(1, Ordering::Relaxed);
            sleep(Duration::from_millis(60)).await;
        }
        assert_eq!(ended_by_itself(&store).await.status, Status::Succeeded);
    });
}

/// What an Express child has done is in no journal.
#[test]
fn an_execution_with_express_children_is_not_put_away() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, tasks.service());
        let mut definition = over(2, "EXPRESS", json!({ "Type": "Wait", "Seconds": 1, "Next": "Work" }), json!({}));
        definition["States"]["Each"]["ItemProcessor"]["States"]["Work"] = work("a");
        let mut before = definition.clone();
        before["States"]["Each"]["ItemProcessor"]["States"]["First"] =
            json!({ "Type": "Task", "Resource": work("b")["Resource"], "Next": "Item" });
        before["States"]["Each"]["ItemProcessor"]["StartAt"] = "First".into();
        start(&engine, &before, &json!({})).await;
        assert_eq!(ended_by_itself(&store).await.status, Status::Succeeded);
        let mut calls = tasks.calls();
        calls.sort();
        assert_eq!(calls, ["First:0", "First:1", "Work:0", "Work:1"]);
    });
}

/// Only the child's journal grows when its callback is answered.
#[test]
fn a_crash_finds_the_work_of_a_child() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let first = engine(&store, slow(&tasks, 60_000));
        let mut ask = callback();
        ask.as_object_mut().unwrap().remove("End");
        ask["Next"] = "Work".into();
        let mut definition = over(1, "STANDARD", ask, json!({}));
        definition["States"]["Each"]["ItemProcessor"]["States"]["Work"] = work("a");
        start(&first, &definition, &json!({})).await;
        let token = tasks.token().await;
        put_away(&first).await;
        first.task_succeeded(&token, "1").await.unwrap();
        let crashed = store.after(store.commits().len());
        let sleepers = crashed.sleepers(None, Timestamp::from_millis(i64::MAX), 9).await.unwrap();
        assert_eq!(sleepers.iter().map(|one| one.wake).collect::<Vec<_>>(), [Wake::Now]);
        let second = engine(&crashed, tasks.service());
        second.recover_all().await.unwrap();
        assert_eq!(ended_by_itself(&crashed).await.status, Status::Succeeded);
    });
}

/// For example a worker whose time to wait is over.
#[test]
fn a_caller_that_goes_away_does_not_take_the_execution_along() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, tasks.service());
        let mut ask = callback();
        ask["TimeoutSeconds"] = 10.into();
        start(&engine, &machine(json!({ "Ask": ask })), &json!({})).await;
        let token = tasks.token().await;
        put_away(&engine).await;
        store.millis.store(50, Ordering::Relaxed);
        assert!(timeout(Duration::from_millis(10), engine.task_heartbeat(&token)).await.is_err());
        assert_eq!(ended_by_itself(&store).await.status, Status::Failed);
    });
}

#[test]
fn a_start_whose_caller_goes_away_is_a_start() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, tasks.service());
        store.millis.store(50, Ordering::Relaxed);
        let definition = machine(json!({ "Wait": waits(1) }));
        let started = engine.start(program(&definition), request(&json!({})));
        assert!(timeout(Duration::from_millis(10), started).await.is_err());
        assert_eq!(ended_by_itself(&store).await.status, Status::Succeeded);
    });
}

#[test]
fn a_redrive_whose_caller_goes_away_is_a_redrive() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, tasks.service());
        tasks.fail(&["Work"]);
        let definition = machine(json!({ "Work": work("a") }));
        start(&engine, &definition, &json!({})).await.wait().await.unwrap();
        tasks.fail(&[]);
        store.millis.store(50, Ordering::Relaxed);
        assert!(timeout(Duration::from_millis(120), engine.redrive(EXECUTION, None)).await.is_err());
        let succeeded = async {
            while store.outcome(EXECUTION).await.unwrap().is_none_or(|outcome| outcome.status != Status::Succeeded) {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(SOON, succeeded).await.unwrap();
    });
}

/// It is in the store, and who started it does not know yet.
#[test]
fn an_execution_can_be_stopped_before_its_start_is_answered() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = engine(&store, slow(&tasks, 60_000));
        store.millis.store(50, Ordering::Relaxed);
        let definition = machine(json!({ "Work": work("a") }));
        let stop = async {
            sleep(Duration::from_millis(10)).await;
            engine.stop(EXECUTION, None, None).await
        };
        let (started, stopped) = tokio::join!(engine.start(program(&definition), request(&json!({}))), stop);
        let finished = started.unwrap().wait().await.unwrap();
        assert_eq!((finished.outcome.status, finished.stopped), (Status::Aborted, stopped.unwrap()));
    });
}

/// The answer to a callback may be there before the start is answered.
#[test]
fn an_answer_may_come_before_the_start_is_answered() {
    block(async {
        let store = Recording::new();
        let answering: Arc<std::sync::OnceLock<Engine>> = Arc::default();
        let engines = answering.clone();
        let service = BoxTaskService::new(tower::service_fn(move |request: TaskRequest| {
            let (engines, token) = (engines.clone(), request.token.clone().unwrap());
            if request.submitted.is_none() {
                tokio::spawn(async move { engines.get().unwrap().task_succeeded(&token, "1").await.unwrap() });
            }
            let reply = if request.submitted.is_none() { TaskReply::Submitted("".into()) } else { TaskReply::ByToken };
            std::future::ready(Ok(TaskResponse { reply, modelled: None }))
        }));
        let engine = Engine::new(store, Arc::new(SystemClock), service);
        assert!(answering.set(engine.clone()).is_ok());
        let definition = program(&machine(json!({ "Ask": callback() })));
        for number in 0..300 {
            let request = crate::support::named(&number.to_string(), &json!({}));
            let handle = engine.start(definition.clone(), request).await.unwrap();
            assert_eq!(handle.wait().await.unwrap().outcome.status, Status::Succeeded);
        }
    });
}

/// The same name at the same time: one of them starts it, the other finds it running.
#[test]
fn two_starts_of_one_name_are_one() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).build();
        store.millis.store(30, Ordering::Relaxed);
        let definition = program(&machine(json!({ "Ask": callback() })));
        let starts = [(), ()].map(|()| engine.start(definition.clone(), request(&json!({}))));
        let [one, other] = <[_; 2]>::try_from(futures_util::future::join_all(starts).await).ok().unwrap();
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_ne!(one.existing(), other.existing());
        engine.task_succeeded(&tasks.token().await, "1").await.unwrap();
        assert_eq!(one.wait().await.unwrap().outcome, other.wait().await.unwrap().outcome);
    });
}

/// The first of two answers cannot be kept: then the second one must not be told that the task has ended.
#[test]
fn no_answer_is_refused_because_of_one_that_was_not_kept() {
    // One thread: both are there before the owner looks.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let clock = Arc::new(Fast(SystemClock.now()));
        let engine = Engine::builder(store.clone(), clock, tasks.service()).build();
        start(&engine, &machine(json!({ "Ask": callback() })), &json!({})).await;
        let token = tasks.token().await;
        sleep(Duration::from_millis(20)).await;
        store.failing.store(1, Ordering::Relaxed);
        let answers = [(), ()].map(|()| engine.task_succeeded(&token, "1"));
        for answered in futures_util::future::join_all(answers).await {
            assert!(matches!(answered, Err(TokenError::Engine(_))), "{answered:?}");
        }
        assert_eq!(engine.task_succeeded(&token, "1").await, Ok(()));
        assert_eq!(ended_by_itself(&store).await.status, Status::Succeeded);
    });
}

/// The worker goes away when the owner has handed the task out, and he has not looked yet.
#[test]
fn a_task_on_its_way_to_a_worker_that_is_gone_is_handed_out_again() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).build();
        engine.activities().create(ACTIVITY);
        start(&engine, &machine(json!({ "Do": activity() })), &json!({})).await;
        sleep(Duration::from_millis(20)).await;
        let mut first = Box::pin(engine.activity_task(ACTIVITY, None, SOON));
        assert!((&mut first).now_or_never().is_none());
        sleep(Duration::from_millis(20)).await;
        drop(first);
        let task = engine.activity_task(ACTIVITY, None, Duration::from_millis(500)).await.unwrap().unwrap();
        // It was handed out once, all the same.
        assert_eq!(engine.activity_task(ACTIVITY, None, Duration::from_millis(50)).await, Ok(None));
        engine.task_succeeded(&task.token, "1").await.unwrap();
        assert_eq!(ended_by_itself(&store).await.status, Status::Succeeded);
    });
}

/// After a restart a client asks again for all that was not acknowledged: at once, and in any order.
#[test]
fn an_answer_and_the_start_again_do_not_disturb_each_other() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let definition = machine(json!({ "Ask": callback() }));
        let first = engine(&store, tasks.service());
        start(&first, &definition, &json!({})).await;
        let token = tasks.token().await;
        put_away(&first).await;
        for delay in [0, 5, 15, 25] {
            let after = store.after(store.commits().len());
            let engine = engine(&after, tasks.service());
            after.millis.store(20, Ordering::Relaxed);
            let start_again = async {
                sleep(Duration::from_millis(delay)).await;
                engine.start(program(&definition), request(&json!({}))).await
            };
            let (answered, started) = tokio::join!(engine.task_succeeded(&token, "1"), start_again);
            assert_eq!(answered, Ok(()), "{delay}");
            assert!(matches!(started, Ok(_) | Err(EngineError::AlreadyExists { .. })), "{delay}: {:?}", started.err());
            assert_eq!(ended_by_itself(&after).await.status, Status::Succeeded);
        }
    });
}

/// A start that the store refused leaves its name free.
#[test]
fn a_start_that_failed_can_be_tried_again() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).build();
        let definition = program(&machine(json!({ "Work": work("a") })));
        store.failing.store(1, Ordering::Relaxed);
        assert!(engine.start(definition.clone(), request(&json!({}))).await.is_err());
        assert_eq!(engine.running().len(), 0);
        let handle = engine.start(definition, request(&json!({}))).await.unwrap();
        assert!(!handle.existing());
        assert_eq!(handle.wait().await.unwrap().outcome.status, Status::Succeeded);
    });
}

/// Fails at every end.
struct Clumsy;

impl Watcher for Clumsy {
    fn status_changed(&self, execution: &Description) {
        assert!(execution.stop.is_none(), "on purpose");
    }
}

/// A panic in the middle of an execution is told to who waits for it, and leaves no place in which nobody listens.
#[test]
fn a_panic_leaves_nobody_waiting() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).watched_by(Arc::new(Clumsy)).build();
        let handle = start(&engine, &machine(json!({ "Work": work("a") })), &json!({})).await;
        let told = timeout(SOON, handle.wait()).await.unwrap();
        assert_eq!(told.err(), Some(EngineError::Stopped));
        assert_eq!(engine.running().len(), 0);
        let described = timeout(SOON, engine.describe(EXECUTION)).await.unwrap();
        assert_eq!(described.map(|described| described.status), Ok(Status::Succeeded));
    });
}
