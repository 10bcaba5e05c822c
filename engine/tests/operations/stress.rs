//! Very many small executions that are put away and taken up all the time, over a store that fails now and then, with
//! callers that go away: all of them end.

use crate::common::recording::Recording;
use crate::support::{ACTIVITY, block, machine, program};
use aslx_engine::interpreter::Status;
use aslx_engine::journal::{ExecutionNames, Seed};
use aslx_engine::runtime::{Engine, StartRequest, TokenError};
use aslx_engine::store::Store;
use aslx_engine::task::{BoxTaskService, TaskReply, TaskRequest, TaskResponse};
use aslx_engine::{Data, SystemClock};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{sleep, timeout};

const EXECUTIONS: u64 = 250;

/// A number from a seed (SplitMix64).
fn draw(seed: u64, below: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) % below
}

/// A wait, a callback, the task of an activity and a function side by side, then a callback with a timeout.
fn definition() -> Json {
    let body = json!({ "QueueUrl": "https://queue", "MessageBody": { "token.$": "$$.Task.Token" } });
    let ask = json!({ "Type": "Task", "Resource": crate::support::CALLBACK, "Parameters": body, "TimeoutSeconds": 60 });
    let with = |mut state: Json, key: &str, value: Json| {
        state[key] = value;
        state
    };
    let branches = [
        json!({ "Wait": { "Type": "Wait", "Seconds": 1, "Next": "More" }, "More": crate::support::work("more") }),
        json!({ "Ask": with(ask.clone(), "End", json!(true)) }),
        json!({ "Do": { "Type": "Task", "Resource": ACTIVITY, "End": true } }),
        json!({ "Work": crate::support::work("work") }),
    ];
    let branches: Vec<Json> = branches.into_iter().map(machine).collect();
    machine(json!({
        "All": { "Type": "Parallel", "Branches": branches, "Next": "Last" },
        "Last": with(ask, "End", json!(true)),
    }))
}

fn tasks(tokens: UnboundedSender<String>, number: Arc<AtomicU64>) -> BoxTaskService {
    BoxTaskService::new(tower::service_fn(move |request: TaskRequest| {
        let (tokens, number) = (tokens.clone(), number.fetch_add(1, Ordering::Relaxed));
        async move {
            let reply = match (&request.token, &request.submitted) {
                (Some(_), _) if request.activity().is_some() => TaskReply::ByToken,
                (Some(token), None) => {
                    // Nobody listens at the end.
                    let _ = tokens.send(token.to_string());
                    TaskReply::Submitted("sent".into())
                }
                (Some(_), Some(_)) => TaskReply::ByToken,
                (None, _) => {
                    sleep(Duration::from_millis(draw(number, 8))).await;
                    TaskReply::Done(json!(1).to_string().into())
                }
            };
            Ok(TaskResponse { reply, modelled: None })
        }
    }))
}

/// Answers a token until it counts; now and then whoever asks goes away before he is told.
async fn answer(engine: Engine, token: String, seed: u64) {
    sleep(Duration::from_millis(draw(seed, 30))).await;
    for attempt in 0.. {
        let patience = Duration::from_millis(if attempt == 0 { draw(seed, 3) * 4 } else { 5_000 });
        match timeout(patience, engine.task_succeeded(&token, "1")).await {
            Ok(Ok(()) | Err(TokenError::TimedOut { .. } | TokenError::Unknown)) => return,
            Ok(Err(_)) | Err(_) => sleep(Duration::from_millis(2)).await,
        }
    }
}

async fn answer_all(engine: Engine, mut tokens: UnboundedReceiver<String>) {
    let mut number = 0;
    while let Some(token) = tokens.recv().await {
        number += 1;
        tokio::spawn(answer(engine.clone(), token, number * 1_000));
    }
}

/// A worker whose polls are short.
async fn work(engine: Engine, seed: u64) {
    for number in 0.. {
        let patience = Duration::from_millis(1 + draw(seed + number, 20));
        if let Ok(Some(task)) = engine.activity_task(ACTIVITY, None, patience).await {
            tokio::spawn(answer(engine.clone(), task.token.to_string(), seed + number));
        }
    }
}

#[test]
fn all_of_very_many_end() {
    block(async {
        let (sender, tokens) = unbounded_channel();
        let store = Recording::new();
        store.millis.store(1, Ordering::Relaxed);
        let service = tasks(sender, Arc::default());
        let engine = Engine::builder(store.clone(), Arc::new(SystemClock), service)
            .patience(Some(Duration::from_millis(2)))
            .lean()
            .build();
        engine.activities().create(ACTIVITY);
        tokio::spawn(answer_all(engine.clone(), tokens));
        for seed in 0..4 {
            tokio::spawn(work(engine.clone(), seed * 1_000_000));
        }
        let over = Arc::new(AtomicBool::new(false));
        let (failing, ends) = (store.clone(), over.clone());
        let failures = tokio::spawn(async move {
            let mut number = 0;
            while !ends.load(Ordering::Relaxed) {
                number += 1;
                failing.failing.store(draw(number, 3), Ordering::Relaxed);
                sleep(Duration::from_millis(20)).await;
            }
        });
        let program = program(&definition());
        for number in 0..EXECUTIONS {
            let request = || StartRequest {
                names: ExecutionNames::local("machine", &number.to_string()),
                ..StartRequest::new("machine", "", Data::parse("{}").unwrap(), Seed(u128::from(number).to_be_bytes()))
            };
            // A client asks until somebody says that it is started.
            while engine.start(program.clone(), request()).await.is_err() {
                sleep(Duration::from_millis(1)).await;
            }
        }
        // From here on nothing fails any more.
        over.store(true, Ordering::Relaxed);
        failures.await.unwrap();
        store.failing.store(0, Ordering::Relaxed);
        for number in 0..EXECUTIONS {
            let arn = ExecutionNames::local("machine", &number.to_string()).execution_arn;
            // Nobody asks the engine: that would take it up.
            let ended = async {
                loop {
                    if let Some(outcome) = store.outcome(&arn).await.unwrap() {
                        return outcome;
                    }
                    sleep(Duration::from_millis(5)).await;
                }
            };
            let outcome = timeout(Duration::from_secs(40), ended).await;
            assert_eq!(outcome.map(|outcome| outcome.status), Ok(Status::Succeeded), "{number}");
        }
        // The store knows of an end a moment before its owner does.
        let idle = async {
            while (engine.running().len(), engine.sleeping()) != (0, 0) {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let left = timeout(Duration::from_secs(10), idle).await;
        assert_eq!(left, Ok(()), "{:?} run, {} sleep", engine.running(), engine.sleeping());
    });
}
