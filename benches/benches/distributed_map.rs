//! Distributed Map over 100,000 rows of a file: items per second, and the most memory that the process ever had.
//!
//! Each workload is a process of its own, since the system knows only the peak of a whole process. Figures are for
//! Pass children, so they are what a run itself costs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, missing_docs)]

use aslx_asl::{CompileOptions, Program, Timestamp};
use aslx_benches::Report;
use aslx_engine::journal::Seed;
use aslx_engine::runtime::{Engine, Finished, StartRequest, simulate};
use aslx_engine::store::SqliteStore;
use aslx_engine::task::BoxTaskService;
use aslx_engine::{Data, SystemClock};
use aslx_tasks::OfflineTasks;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

const WORKLOADS: [(&str, usize, f64); 5] = [
    ("read", 100_000, 100.0),
    ("virtual", 10_000, 100.0),
    ("virtual", 100_000, 100.0),
    ("batches of 100", 100_000, 100.0),
    ("store", 100_000, 300.0),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    // Cargo gives `--bench` to a bench, and nothing else.
    if let (Some(workload), Some(rows)) = (arguments.next(), arguments.next().and_then(|rows| rows.parse().ok())) {
        return measure(&workload, rows);
    }
    let mut report = Report::open();
    for (workload, rows, megabytes) in WORKLOADS {
        let program = std::env::current_exe().unwrap();
        let child = Command::new(program).args([workload, &rows.to_string()]).output().unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
        let figures: Value = serde_json::from_slice(&child.stdout).unwrap();
        let name = format!("distributed Map, {workload}, {rows} rows");
        let micros = figures["seconds"].as_f64().unwrap() / rows as f64 * 1e6;
        report.figure(&name, micros, "µs per item", 1_000.0);
        report.figure(&format!("{name}: memory"), figures["megabytes"].as_f64().unwrap(), "MB", megabytes);
        println!("{:.0} items per second", 1e6 / micros);
    }
}

/// One workload; prints what it took.
fn measure(workload: &str, rows: usize) {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("buckets/data");
    std::fs::create_dir_all(&table).unwrap();
    let text: String = (0..rows).map(|n| format!("{n},customer {n},{}.50,\"Bern, Basel\"\n", n % 90)).collect();
    std::fs::write(table.join("in.csv"), format!("id,name,amount,places\n{text}")).unwrap();
    drop(text);
    let mut map = json!({
        "Type": "Map", "End": true, "Label": "Rows", "MaxConcurrency": 1000,
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": { "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" },
            "Parameters": { "Bucket": "data", "Key": "in.csv" },
        },
        "ItemProcessor": {
            "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
            "StartAt": "Each", "States": { "Each": { "Type": "Pass", "End": true } },
        },
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject", "Parameters": { "Bucket": "results", "Prefix": "out" },
        },
    });
    match workload {
        "batches of 100" => map["ItemBatcher"] = json!({ "MaxItemsPerBatch": 100 }),
        // Looked through, read and selected, with next to no children.
        "read" => {
            map["ItemBatcher"] = json!({ "MaxItemsPerBatch": 10_000 });
            map["ItemSelector"] = json!({ "i.$": "$$.Map.Item.Index" });
        }
        _ => {}
    }
    let definition = json!({ "StartAt": "Map", "States": { "Map": map } }).to_string();
    let program = Arc::new(Program::compile(&definition, &CompileOptions::default()).unwrap());
    let tasks = BoxTaskService::new(OfflineTasks::new(folder.path()).build());
    let request = StartRequest::new("machine", "one", Data::parse("{}").unwrap(), Seed([3; 16]));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let begun = Instant::now();
    let finished = runtime.block_on(async {
        if workload == "store" {
            stored(folder.path(), program, request, tasks).await
        } else {
            simulate(program, request, Timestamp::from_millis(1_700_000_000_000), tasks, None).await.unwrap()
        }
    });
    let seconds = begun.elapsed().as_secs_f64();
    let outcome = finished.outcome;
    assert_eq!((outcome.status.name(), outcome.error, outcome.cause), ("SUCCEEDED", None, None));
    println!("{}", json!({ "seconds": seconds, "megabytes": peak() }));
}

/// In real time, every journal in SQLite.
async fn stored(folder: &Path, program: Arc<Program>, request: StartRequest, tasks: BoxTaskService) -> Finished {
    let store = SqliteStore::open(&folder.join("store"), &SystemClock).unwrap();
    let engine = Engine::new(Arc::new(store), Arc::new(SystemClock), tasks);
    engine.start(program, request).await.unwrap().wait().await.unwrap()
}

/// Megabytes that the process had at the most.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or_default() / 1000.0
}
