//! Runs executions until it is killed: `engine-load DIRECTORY [LAYER]`, or `-` to keep nothing. A line of its standard input is a request, a line of its
//! standard output an answer:
//!
//! | request | answer |
//! |---|---|
//! | | `ready`, once what was open is taken up |
//! | `start NAME` | `started NAME` |
//! | `answer TOKEN` | `answered TOKEN`, or `late TOKEN` if its task has ended |
//! | `stop NAME` | `stopped NAME` |
//! | `redrive NAME` | `redriven NAME`, once it has failed |
//! | `end NAME` | `ended NAME` and how, as JSON, once it has |
//!
//! Whenever a callback is asked for, it says `token NAME TOKEN`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a program of a test: its failures are findings"
)]

use aslx_engine::journal::{ExecutionNames, Seed};
use aslx_engine::runtime::{Engine, EngineError, StartRequest, TokenError};
use aslx_engine::{Data, SystemClock};
use aslx_tests_crash::kill::{INPUT, Kind, program, store, tasks};
use serde_json::json;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody listens when the client has gone.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn arn(name: &str) -> Arc<str> {
    ExecutionNames::local(Kind::of(name).unwrap().name(), name).execution_arn
}

#[tokio::main]
async fn main() {
    let store = store();
    let ask = |execution: &str, token: &str| {
        say(&format!("token {} {token}", execution.rsplit(':').next().unwrap()));
    };
    // Executions that wait are put away soon, so that this is disturbed too.
    let engine = Engine::builder(store, Arc::new(SystemClock), tasks(ask))
        .patience(Some(Duration::from_millis(50)))
        .lean()
        .build();
    let recovered = engine.recover_all().await.unwrap();
    assert_eq!(recovered.failed, 0);
    say("ready");
    let (sender, mut requests) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            sender.send(line).unwrap();
        }
    });
    while let Some(line) = requests.recv().await {
        let engine = engine.clone();
        tokio::spawn(async move {
            let (verb, object) = line.split_once(' ').unwrap();
            say(&answer(&engine, verb, object).await);
        });
    }
}

async fn answer(engine: &Engine, verb: &str, object: &str) -> String {
    match verb {
        "start" => {
            let kind = Kind::of(object).unwrap();
            let input = Data::parse(INPUT).unwrap();
            let seed =
                Seed(u128::from_be_bytes(std::array::from_fn(|i| object.as_bytes()[i % object.len()])).to_be_bytes());
            let request = StartRequest::new(kind.name(), object, input, seed);
            match engine.start(program(kind), request).await {
                // It was started before a crash, and nobody had been told.
                Ok(_) | Err(EngineError::AlreadyExists { .. }) => format!("started {object}"),
                Err(error) => format!("failed start {object}: {error}"),
            }
        }
        "answer" => match engine.task_succeeded(object, r#""answered""#).await {
            Ok(()) => format!("answered {object}"),
            Err(TokenError::TimedOut { .. }) => format!("late {object}"),
            Err(error) => format!("failed answer {object}: {error}"),
        },
        "stop" => match engine.stop(&arn(object), Some("Enough".into()), None).await {
            Ok(_) => format!("stopped {object}"),
            Err(error) => format!("failed stop {object}: {error}"),
        },
        "redrive" => {
            let arn = arn(object);
            if let Err(error) = engine.wait(&arn).await {
                return format!("failed redrive {object}: {error}");
            }
            match engine.redrive(&arn, Some(object.into())).await {
                Ok(_) => format!("redriven {object}"),
                Err(error) => format!("failed redrive {object}: {error}"),
            }
        }
        _ => {
            let arn = arn(object);
            let outcome = match engine.wait(&arn).await {
                Ok(outcome) => outcome,
                Err(error) => return format!("failed end {object}: {error}"),
            };
            let mut types: Vec<_> =
                engine.history(&arn).await.unwrap().iter().map(|event| event.kind.type_name()).collect();
            types.sort_unstable();
            let output = outcome.output.map(|output| output.text().to_string());
            let how =
                json!({ "status": outcome.status.name(), "output": output, "error": outcome.error, "events": types });
            format!("ended {object} {how}")
        }
    }
}
