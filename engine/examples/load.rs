//! What executions cost: `cargo run --release -p aslx-engine --example load -- passes|children|waiting COUNT`.
//!
//! Prints the processor time per execution and the memory that the process had at its peak.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]

use aslx_asl::{CompileOptions, Program};
use aslx_engine::journal::{ExecutionNames, Seed};
use aslx_engine::runtime::{Engine, StartRequest};
use aslx_engine::store::MemoryStore;
use aslx_engine::task::{BoxTaskService, TaskReply, TaskRequest, TaskResponse};
use aslx_engine::{Data, SystemClock};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let kind = arguments.next().unwrap_or_else(|| "passes".to_owned());
    let count: usize = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (before, begun) = (processor_millis(), Instant::now());
    runtime.block_on(async {
        match kind.as_str() {
            "children" => children(count).await,
            "waiting" => waiting(count).await,
            _ => passes(count).await,
        }
    });
    let (took, cpu) = (begun.elapsed(), processor_millis() - before);
    println!(
        "{kind} {count}: {took:.2?}, {:.4} ms of processor time each, {} kB at the peak",
        cpu as f64 / count as f64,
        status("VmHWM:")
    );
}

fn engine() -> Engine {
    let tasks = BoxTaskService::new(tower::service_fn(|request: TaskRequest| {
        let reply = match (&request.token, &request.submitted) {
            (Some(_), None) => TaskReply::Submitted("sent".into()),
            (Some(_), Some(_)) => TaskReply::ByToken,
            _ => TaskReply::Done(request.input),
        };
        std::future::ready(Ok(TaskResponse { reply, modelled: None }))
    }));
    let builder = Engine::builder(Arc::new(MemoryStore::new()), Arc::new(SystemClock), tasks);
    builder.patience(Some(Duration::from_millis(100))).lean().build()
}

fn program(definition: &Json) -> Arc<Program> {
    Arc::new(Program::compile(&definition.to_string(), &CompileOptions::default()).unwrap())
}

fn request(number: usize, input: &Data) -> StartRequest {
    let names = ExecutionNames::local("machine", &format!("e{number}"));
    StartRequest { names, ..StartRequest::new("machine", "e", input.clone(), Seed([7; 16])) }
}

async fn passes(count: usize) {
    let mut states = serde_json::Map::new();
    for n in 0..10 {
        let state = match n {
            9 => json!({ "Type": "Pass", "End": true }),
            _ => json!({ "Type": "Pass", "Next": format!("S{}", n + 1) }),
        };
        states.insert(format!("S{n}"), state);
    }
    let (engine, program) = (engine(), program(&json!({ "StartAt": "S0", "States": states })));
    let input = Data::parse(r#"{"n":1}"#).unwrap();
    for number in 0..count {
        engine.start(program.clone(), request(number, &input)).await.unwrap().wait().await.unwrap();
    }
}

async fn children(count: usize) {
    let processor = json!({
        "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
        "StartAt": "P",
        "States": { "P": { "Type": "Pass", "Result": 1, "End": true } },
    });
    let map = json!({
        "Type": "Map", "ItemProcessor": processor, "MaxConcurrency": 500, "ResultPath": null, "End": true,
        "ItemReader": { "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": { "InputType": "JSON" },
            "Parameters": { "Bucket": "b", "Key": "k" } },
        "ResultWriter": { "Resource": "arn:aws:states:::s3:putObject", "Parameters": { "Bucket": "b", "Prefix": "p" } },
    });
    let program = program(&json!({ "StartAt": "M", "States": { "M": map } }));
    let tasks = BoxTaskService::new(tower::service_fn(move |request: TaskRequest| {
        let page = request.input.get("Page").cloned();
        let reply: Json = match page {
            _ if request.input.get("Body").is_some() => json!({ "Size": 1 }),
            None => json!({ "Total": count, "Pin": "fixed" }),
            Some(page) => {
                let number = |name| page.get(name).and_then(aslx_asl::Value::as_i64).unwrap_or(0);
                let items: Vec<i64> = (number("From")..number("From") + number("Items")).collect();
                json!({ "Items": items })
            }
        };
        let reply = TaskReply::Done(reply.into());
        std::future::ready(Ok(TaskResponse { reply, modelled: None }))
    }));
    let engine = Engine::builder(Arc::new(MemoryStore::new()), Arc::new(SystemClock), tasks).lean().build();
    let input = Data::parse("{}").unwrap();
    let finished = engine.start(program, request(0, &input)).await.unwrap().wait().await.unwrap();
    println!("{:?} {:?}", finished.outcome.status, finished.outcome.cause);
}

async fn waiting(count: usize) {
    let task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true,
        "TimeoutSeconds": 86_400,
        "Parameters": { "QueueUrl": "https://queue", "MessageBody": { "token.$": "$$.Task.Token" } },
    });
    let (engine, program) = (engine(), program(&json!({ "StartAt": "T", "States": { "T": task } })));
    let input = Data::parse(r#"{"n":1}"#).unwrap();
    let empty = status("VmRSS:");
    for number in 0..count {
        drop(engine.start(program.clone(), request(number, &input)).await.unwrap());
    }
    while engine.sleeping() < count {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let each = (status("VmRSS:") - empty) as f64 * 1024.0 / count as f64;
    println!("{each:.0} bytes each, the journal in memory included");
}

/// Processor time of this process so far.
fn processor_millis() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<u64> = stat.rsplit(')').next().unwrap_or("").split(' ').filter_map(|f| f.parse().ok()).collect();
    // utime and stime, in hundredths of a second; the state before them is no number.
    fields.iter().skip(9).take(2).sum::<u64>() * 10
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}
