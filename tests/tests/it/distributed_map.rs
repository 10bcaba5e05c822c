//! Distributed Maps from end to end: a data set in a bucket, children, results in the bucket, and a restart between.

use crate::support::{START, block};
use aslx_asl::{CompileOptions, Program};
use aslx_engine::journal::Seed;
use aslx_engine::runtime::{Engine, Finished, StartRequest, simulate};
use aslx_engine::store::{SqliteStore, Store};
use aslx_engine::task::{BoxTaskService, TaskFailure, TaskRequest, TaskResponse};
use aslx_engine::{Data, SystemClock};
use aslx_tasks::Datasets;
use aslx_tasks::offline::MemoryBucket;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::service_fn;

/// A Map state over `data/in.csv` with columns `n` and `text`; children run one task. These fields are added.
fn machine(rows: usize, fields: Json) -> (Arc<Program>, MemoryBucket) {
    let bucket = MemoryBucket::new();
    let csv: String = (0..rows).map(|n| format!("{n},row {n}\n")).collect();
    bucket.insert("data", "in.csv", format!("n,text\n{csv}"));
    let mut map = json!({
        "Type": "Map",
        "Label": "Rows",
        "End": true,
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": { "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" },
            "Parameters": { "Bucket": "data", "Key": "in.csv" },
        },
        "ItemProcessor": {
            "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
            "StartAt": "Work",
            "States": { "Work": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:work", "End": true } },
        },
    });
    map.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let definition = json!({ "StartAt": "Map", "States": { "Map": map } });
    let program = Program::compile(&definition.to_string(), &CompileOptions::default());
    (Arc::new(program.unwrap_or_else(|found| panic!("{found:#?}"))), bucket)
}

/// The bucket's service, and a function that gives back `n`; it fails for those in `bad`.
fn tasks(bucket: &MemoryBucket, bad: fn(u64) -> bool, calls: Arc<Mutex<BTreeMap<u64, u32>>>) -> BoxTaskService {
    let datasets = Datasets::new(Arc::new(bucket.clone()));
    BoxTaskService::new(service_fn(move |request: TaskRequest| {
        let (datasets, calls) = (datasets.clone(), calls.clone());
        async move {
            if request.input.get("MapRunArn").is_some() {
                return datasets.answer(&request).await.map(TaskResponse::done);
            }
            let n = request.input.get("n").and_then(aslx_asl::Value::as_str).unwrap_or("0").parse().unwrap();
            *calls.lock().unwrap().entry(n).or_default() += 1;
            tokio::task::yield_now().await;
            if bad(n) { Err(TaskFailure::new("Bad", format!("{n} is bad"))) } else { Ok(TaskResponse::done(n.into())) }
        }
    }))
}

fn request() -> StartRequest {
    StartRequest::new("machine", "one", Data::parse("{}").unwrap(), Seed([3; 16]))
}

fn run(rows: usize, fields: Json, bad: fn(u64) -> bool) -> (Finished, MemoryBucket) {
    let (program, bucket) = machine(rows, fields);
    let finished = block(simulate(program, request(), START, tasks(&bucket, bad, Arc::default()), None)).unwrap();
    (finished, bucket)
}

fn output(finished: &Finished) -> Json {
    let outcome = &finished.outcome;
    assert_eq!((outcome.status.name(), &outcome.error, &outcome.cause), ("SUCCEEDED", &None, &None));
    serde_json::from_str(&outcome.output.as_ref().unwrap().text()).unwrap()
}

fn object(bucket: &MemoryBucket, key: &str) -> Json {
    serde_json::from_slice(&bucket.content("out", key).unwrap()).unwrap()
}

fn to_bucket(config: Json) -> Json {
    let mut writer = json!({
        "Resource": "arn:aws:states:::s3:putObject", "Parameters": { "Bucket": "out", "Prefix": "jobs/today" },
    });
    if !config.is_null() {
        writer["WriterConfig"] = config;
    }
    writer
}

/// Where the results of a run went.
fn folder(finished: &Finished) -> String {
    let output = output(finished);
    let key = output["ResultWriterDetails"]["Key"].as_str().unwrap();
    let id = output["MapRunArn"].as_str().unwrap().rsplit(':').next().unwrap();
    assert_eq!(output["ResultWriterDetails"]["Bucket"], "out");
    assert_eq!(key, format!("jobs/today/{id}/manifest.json"));
    format!("jobs/today/{id}")
}

#[test]
fn results_in_the_output_in_every_shape() {
    let shape = |config: Json| {
        let (finished, _) = run(3, json!({ "ResultWriter": { "WriterConfig": config } }), |_| false);
        output(&finished)
    };
    assert_eq!(output(&run(3, json!({}), |_| false).0), json!([0, 1, 2]));
    assert_eq!(shape(json!({ "Transformation": "COMPACT" })), json!([0, 1, 2]));
    assert_eq!(shape(json!({ "Transformation": "FLATTEN", "OutputType": "JSON" })), json!([0, 1, 2]));
    let records = shape(json!({ "Transformation": "NONE" }));
    let record = records[1].as_object().unwrap();
    let names: Vec<&str> = record.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "ExecutionArn",
            "Input",
            "InputDetails",
            "Name",
            "Output",
            "OutputDetails",
            "RedriveCount",
            "RedriveStatus",
            "RedriveStatusReason",
            "StartDate",
            "StateMachineArn",
            "Status",
            "StopDate",
        ]
    );
    assert_eq!(record["Input"], r#"{"n":"1","text":"row 1"}"#);
    assert_eq!(record["Output"], "1");
    assert_eq!(record["Status"], "SUCCEEDED");
}

#[test]
fn results_in_the_bucket() {
    let fields = json!({ "ResultWriter": to_bucket(Json::Null), "ToleratedFailurePercentage": 40 });
    let (finished, bucket) = run(5, fields, |n| n == 3);
    let folder = folder(&finished);
    let manifest = object(&bucket, &format!("{folder}/manifest.json"));
    let file = |name: &str| json!({ "Key": format!("{folder}/{name}"), "Size": bucket.content("out", &format!("{folder}/{name}")).unwrap().len() });
    assert_eq!(
        manifest,
        json!({
            "DestinationBucket": "out", "MapRunArn": output(&finished)["MapRunArn"],
            "ResultFiles": { "FAILED": [file("FAILED_0.json")], "PENDING": [], "SUCCEEDED": [file("SUCCEEDED_0.json")] },
        })
    );
    let failed = object(&bucket, &format!("{folder}/FAILED_0.json"));
    assert_eq!(failed.as_array().unwrap().len(), 1);
    assert_eq!((&failed[0]["Error"], &failed[0]["Cause"]), (&json!("Bad"), &json!("3 is bad")));
    assert_eq!(failed[0]["RedriveStatus"], "REDRIVABLE_BY_MAP_RUN");
    assert_eq!(object(&bucket, &format!("{folder}/SUCCEEDED_0.json")).as_array().unwrap().len(), 4);
}

#[test]
fn results_in_the_bucket_as_lines() {
    let config = json!({ "Transformation": "COMPACT", "OutputType": "JSONL" });
    let (finished, bucket) = run(4, json!({ "ResultWriter": to_bucket(config), "MaxConcurrency": 1 }), |_| false);
    let text = bucket.content("out", &format!("{}/SUCCEEDED_0.json", folder(&finished))).unwrap();
    assert_eq!(String::from_utf8_lossy(&text), "0\n1\n2\n3\n");
}

#[test]
fn a_bucket_that_cannot_be_written_is_a_failure_that_can_be_caught() {
    let mut writer = to_bucket(Json::Null);
    writer["Parameters"] = json!({ "Bucket.$": "$.nothing" });
    let (program, bucket) = machine(2, json!({ "ResultWriter": writer }));
    let request = StartRequest { input: Data::parse(r#"{"nothing":""}"#).unwrap(), ..request() };
    let finished = block(simulate(program, request, START, tasks(&bucket, |_| false, Arc::default()), None)).unwrap();
    assert_eq!(finished.outcome.error.as_deref(), Some("States.ResultWriterFailed"));
}

#[test]
fn arguments_of_a_reader_and_a_writer_in_jsonata() {
    let fields = json!({
        "QueryLanguage": "JSONata",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": { "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": "{% 1 + 1 %}" },
            "Arguments": { "Bucket": "{% 'da' & 'ta' %}", "Key": "in.csv" },
        },
        "ItemBatcher": { "MaxItemsPerBatch": "{% 2 %}", "BatchInput": { "k": "{% 40 + 2 %}" } },
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject",
            "Arguments": { "Bucket": "{% 'out' %}", "Prefix": "jobs/today" },
        },
    });
    let (finished, bucket) = run(9, fields, |_| false);
    let records = object(&bucket, &format!("{}/SUCCEEDED_0.json", folder(&finished)));
    let input: Json = serde_json::from_str(records[0]["Input"].as_str().unwrap()).unwrap();
    let row = |n: u64| json!({ "n": n.to_string(), "text": format!("row {n}") });
    assert_eq!(input, json!({ "BatchInput": { "k": 42 }, "Items": [row(0), row(1)] }));
    assert_eq!(records.as_array().unwrap().len(), 1);
}

/// The process dies in the middle, several times: every row is worked on, no finished one twice, and the files are as
/// if nothing had happened.
#[test]
fn a_restart_repeats_no_finished_child() {
    const ROWS: usize = 600;
    let config = json!({ "Transformation": "COMPACT" });
    let (program, bucket) = machine(ROWS, json!({ "MaxConcurrency": 20, "ResultWriter": to_bucket(config) }));
    let folder_of_store = tempfile::tempdir().unwrap();
    let calls: Arc<Mutex<BTreeMap<u64, u32>>> = Arc::default();
    let mut lives = 0;
    let finished = loop {
        lives += 1;
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(folder_of_store.path(), &SystemClock).unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let engine = Engine::new(store, Arc::new(SystemClock), tasks(&bucket, |_| false, calls.clone()));
        let finished = runtime.block_on(async {
            let handle = if lives == 1 {
                engine.start(program.clone(), request()).await
            } else {
                let arn = "arn:aws:states:us-east-1:000000000000:execution:machine:one";
                engine.resume(program.clone(), arn).await
            };
            let mut end = Box::pin(handle.unwrap().wait());
            loop {
                tokio::select! {
                    finished = &mut end => return Some(finished.unwrap()),
                    () = tokio::time::sleep(Duration::from_millis(5)) => {}
                }
                // Dies with 150, 300 and 450 rows behind it.
                if lives < 4 && calls.lock().unwrap().len() > lives * 150 {
                    return None;
                }
            }
        });
        drop(engine);
        // Whatever runs is cut off where it stands.
        runtime.shutdown_timeout(Duration::from_secs(5));
        if let Some(finished) = finished {
            break finished;
        }
    };
    assert!(lives > 2, "it ended after {lives} lives");
    let folder = folder(&finished);
    let mut results: Vec<u64> =
        serde_json::from_slice(&bucket.content("out", &format!("{folder}/SUCCEEDED_0.json")).unwrap()).unwrap();
    results.sort_unstable();
    assert_eq!(results, (0..ROWS as u64).collect::<Vec<_>>());
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), ROWS);
    // What was under way at a death runs again, nothing else.
    let again = calls.values().filter(|count| **count > 1).count();
    assert!(again <= (lives - 1) * 20, "{again} rows were worked on again");
}
