//! The durable store: every figure includes the sync of the disk, in the setting that the tests of power failures use.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

use aslx_asl::{CompileOptions, Program, Timestamp};
use aslx_benches::Report;
use aslx_engine::interpreter::Status;
use aslx_engine::journal::{Entry, EntryKind, ExecutionNames, Lines, Seed};
use aslx_engine::runtime::{Engine, StartRequest};
use aslx_engine::store::{Append, Commit, SqliteStore, Store, Summary, Wake};
use aslx_engine::task::{BoxTaskService, TaskReply, TaskRequest, TaskResponse};
use aslx_engine::{Data, SystemClock};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Executions that are open when the store is reopened.
const OPEN: usize = 100_000;

/// Closed ones beside them: they must cost nothing.
const CLOSED: usize = 20_000;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut report = Report::open();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for together in [1, 8, 64, 512] {
        let per_second = runtime.block_on(commits(&folder.path().join(together.to_string()), together));
        report.figure(&format!("µs per commit, {together} at a time"), 1e6 / per_second, "µs", goal(together));
    }
    runtime.block_on(ten_pass_states(&mut report, &folder.path().join("ten")));
    let directory = folder.path().join("open");
    let payload = runtime.block_on(fill(&directory));
    drop(runtime);
    reopen(&mut report, &directory, payload);
}

fn goal(together: usize) -> f64 {
    match together {
        1 => 1_000.0,
        8 => 200.0,
        64 => 60.0,
        _ => 40.0,
    }
}

fn open(directory: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(directory, &SystemClock).unwrap())
}

/// Seconds of processor that this process has used (`/proc`; 0 where there is none).
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// Bytes of memory that this process holds.
fn memory() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok()).unwrap_or(0.0) * 4096.0
}

/// Starts of executions per second, so many callers at a time.
async fn commits(directory: &Path, together: usize) -> f64 {
    let store = open(directory);
    let begun = Instant::now();
    let lasts = Duration::from_secs(2);
    let callers: Vec<_> = (0..together)
        .map(|caller| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut count = 0;
                while begun.elapsed() < lasts {
                    store.commit(start(&format!("{caller}.{count}"))).await.unwrap();
                    count += 1;
                }
                count
            })
        })
        .collect();
    let mut count = 0;
    for caller in callers {
        count += caller.await.unwrap();
    }
    let per_second = f64::from(count) / begun.elapsed().as_secs_f64();
    println!("{per_second:.0} commits per second, {together} at a time");
    per_second
}

fn start(name: &str) -> Commit {
    let names = ExecutionNames::local("machine", name);
    let entry = Entry { at: Timestamp::from_millis(1), kind: EntryKind::Resumed };
    Commit::append(Append {
        journal: names.execution_arn.clone(),
        position: 0,
        lines: Lines::of(&[entry]),
        digest: 0,
        summary: Summary { status: Status::Running, ..Summary::of(&names, "hash", Timestamp::from_millis(1)) },
        outcome: None,
        wake: Wake::Never,
        tokens: Vec::new(),
    })
}

fn program(definition: &serde_json::Value) -> Arc<Program> {
    Arc::new(Program::compile(&definition.to_string(), &CompileOptions::default()).unwrap())
}

/// Callbacks that somebody else answers.
fn callbacks() -> BoxTaskService {
    BoxTaskService::new(tower::service_fn(|request: TaskRequest| async move {
        let reply = if request.submitted.is_some() { TaskReply::ByToken } else { TaskReply::Submitted("sent".into()) };
        Ok(TaskResponse { reply, modelled: None })
    }))
}

fn engine(store: Arc<SqliteStore>) -> Engine {
    Engine::builder(store, Arc::new(SystemClock), callbacks()).patience(Some(Duration::from_millis(100))).lean().build()
}

fn request(machine: &str, name: &str, input: &str, number: usize) -> StartRequest {
    let seed = Seed((number as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes());
    StartRequest::new(machine, name, Data::parse(input).unwrap(), seed)
}

/// Runs so many executions, 64 at a time, and waits until each has been acknowledged.
async fn run(engine: &Engine, program: &Arc<Program>, machine: &'static str, input: &'static str, count: usize) {
    let lanes: Vec<_> = (0..64)
        .map(|lane| {
            let (engine, program) = (engine.clone(), program.clone());
            tokio::spawn(async move {
                for number in (lane..count).step_by(64) {
                    let request = request(machine, &format!("{machine}-{number}"), input, number);
                    engine.start(program.clone(), request).await.unwrap();
                }
            })
        })
        .collect();
    for lane in lanes {
        lane.await.unwrap();
    }
}

async fn ten_pass_states(report: &mut Report, directory: &Path) {
    let mut states = serde_json::Map::new();
    for number in 0..10 {
        let next = if number == 9 { json!({ "End": true }) } else { json!({ "Next": format!("S{}", number + 1) }) };
        let mut state = json!({ "Type": "Pass" });
        state.as_object_mut().unwrap().extend(next.as_object().unwrap().clone());
        states.insert(format!("S{number}"), state);
    }
    let program = program(&json!({ "StartAt": "S0", "States": states }));
    let engine = engine(open(directory));
    let (begun, processor) = (Instant::now(), processor_seconds());
    run(&engine, &program, "ten", r#"{"order":7,"items":[1,2,3]}"#, CLOSED).await;
    let (seconds, processor) = (begun.elapsed().as_secs_f64(), processor_seconds() - processor);
    println!("{:.0} executions of ten Pass states per second, 64 at a time", CLOSED as f64 / seconds);
    report.figure("ten Pass states, durable: processor", processor * 1e6 / CLOSED as f64, "µs", 125.0);
}

/// Makes a directory with many open executions, and gives the bytes of their payloads.
async fn fill(directory: &Path) -> f64 {
    let ask = json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true,
        "TimeoutSeconds": 86_400, "Parameters": { "QueueUrl": "https://queue", "MessageBody": { "t.$": "$$.Task.Token" } } });
    let asking = program(&json!({ "StartAt": "Ask", "States": { "Ask": ask } }));
    let passing = program(&json!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "End": true } } }));
    let engine = engine(open(directory));
    let begun = Instant::now();
    let input = r#"{"order":7}"#;
    run(&engine, &passing, "closed", input, CLOSED).await;
    run(&engine, &asking, "open", input, OPEN).await;
    while !engine.running().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("{OPEN} executions that wait for callbacks, made and put away in {:.1} s", begun.elapsed().as_secs_f64());
    assert!(engine.shutdown(Duration::from_secs(10)).await);
    (OPEN * input.len()) as f64
}

fn reopen(report: &mut Report, directory: &Path, payload: f64) {
    let before = memory();
    let begun = Instant::now();
    let store = open(directory);
    report.figure("reopening with 100,000 open executions", begun.elapsed().as_secs_f64() * 1e3, "ms", 100.0);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let engine = engine(store.clone());
        let arn = ExecutionNames::local("open", "open-77777").execution_arn;
        assert_eq!(engine.describe(&arn).await.unwrap().status, Status::Running);
        report.figure("… until the first answer", begun.elapsed().as_secs_f64() * 1e3, "ms", 500.0);
        let recovered = engine.recover_all().await.unwrap();
        report.figure("… until all timers are armed", begun.elapsed().as_secs_f64() * 1e3, "ms", 5_000.0);
        assert_eq!((recovered.armed, recovered.resumed, recovered.failed), (OPEN, 0, 0));
        let held = (memory() - before - payload) / OPEN as f64;
        report.figure("memory of an open execution", held, "bytes", 2_048.0);
        assert_eq!(store.count_open().await, Ok(OPEN as u64));
    });
    let file: u64 = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    report.figure("disk of an open execution", (file as f64 - payload) / OPEN as f64, "bytes", 4_096.0);
}
