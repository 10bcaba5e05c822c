//! Names from outside never lead out of the data directory: neither is anything written elsewhere, nor read.

use aslx_engine::SystemClock;
use aslx_engine::runtime::Pace;
use aslx_engine::store::SqliteStore;
use aslx_engine::task::BoxTaskService;
use aslx_server::{Server, Tasks};
use aslx_tasks::OfflineTasks;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const ROLE: &str = "arn:aws:iam::000000000000:role/any";

/// What stands in the file beside the data directory that nobody may see.
const SECRET: &str = "nobody-may-see-this";

/// Names that try to be paths, in the spelling of several systems, and what a decoder could make into them.
fn name() -> impl Strategy<Value = String> {
    let part = select(vec![
        "..",
        ".",
        "",
        "/",
        "\\",
        "../..",
        "..\\..",
        "beside",
        "beside.json",
        "secret.json",
        "data",
        "buckets",
        "a",
        "é",
        "\0",
        "\n",
        "%2e%2e",
        "%2f",
        "．．",
        "／",
        "\u{202e}",
        "C:",
        "\\\\?\\C:",
        "CON",
        "nul.txt",
        "~",
        "$HOME",
        "file://",
        "...",
        "\u{1f600}",
        "<outside>",
        " ",
        ":",
        "*",
        "?",
        "x.jsonl",
    ]);
    let glue = select(vec!["/", "/", "\\", "", ":"]);
    let joined = (prop::collection::vec(part, 1..5), glue).prop_map(|(parts, glue)| parts.join(glue));
    let aimed = select(vec![
        "../../secret.json",
        "../../../secret.json",
        "a/../../../secret.json",
        "<outside>/secret.json",
        "../../beside/new",
        "..",
        "/etc/passwd",
        "....//....//secret.json",
        "..%2f..%2fsecret.json",
        "a/./../../../beside/new",
    ]);
    prop_oneof![joined, aimed.prop_map(str::to_owned), Just("ab/".repeat(400)), Just("n".repeat(300))]
}

/// Every file below a folder with its content, but not below `data`.
fn files(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.ends_with("data") {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            found.insert(format!("{}/", path.display()), Vec::new());
            files(&path, found);
        } else {
            found.insert(path.display().to_string(), std::fs::read(&path).unwrap());
        }
    }
}

async fn call(server: &Server, operation: &str, body: Value) -> Value {
    let response = server.respond(&format!("AWSStepFunctions.{operation}"), body.to_string().as_bytes()).await;
    assert!(response.status == 200 || response.status == 400, "{operation}: {response:?}");
    assert!(!response.body.contains(SECRET), "{operation} tells what it may not: {response:?}");
    serde_json::from_str(&response.body).unwrap()
}

/// States whose bucket, key or table is what the input says.
fn states() -> Vec<Value> {
    let location = json!({"Bucket.$": "$.bucket", "Key.$": "$.key"});
    let processor = json!({
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}},
    });
    let reader = |input: &str| json!({"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": input}, "Parameters": location});
    let prefix = json!({"Bucket.$": "$.bucket", "Prefix.$": "$.key"});
    let listing = json!({"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": prefix});
    let writer = json!({"Resource": "arn:aws:states:::s3:putObject", "Parameters": prefix});
    let row = json!({"TableName.$": "$.bucket", "Item": {"id": {"S.$": "$.key"}}});
    let notice = json!({"TopicArn.$": "$.bucket", "Message.$": "$.key"});
    vec![
        json!({"Type": "Map", "ItemReader": reader("JSON"), "ItemProcessor": processor, "End": true}),
        json!({"Type": "Map", "ItemReader": reader("JSONL"), "ItemProcessor": processor, "ResultWriter": writer, "End": true}),
        json!({"Type": "Map", "ItemReader": listing, "ItemProcessor": processor, "End": true}),
        json!({"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, "ResultWriter": writer, "End": true}),
        json!({"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": row, "End": true}),
        json!({"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": notice, "End": true}),
    ]
}

async fn played(folder: &Path, names: &[String]) {
    let outside = folder.display().to_string();
    let name = |at: usize| names[at % names.len()].replace("<outside>", &outside);
    let data = folder.join("data");
    let offline = OfflineTasks::new(&data).build();
    let known = offline.clone();
    let can_run = move |resource: &str| known.can_run(resource).map_err(|reason| reason.to_string());
    let tasks = Tasks::new(BoxTaskService::new(offline), Arc::new(can_run));
    let store = Arc::new(SqliteStore::open(&data, &SystemClock).unwrap());
    let server = Server::builder().store(store).pace(Pace::Virtual).tasks(tasks).start().await.unwrap();

    call(&server, "CreateActivity", json!({"name": name(0)})).await;
    call(
        &server,
        "DescribeActivity",
        json!({"activityArn": format!("arn:aws:states:us-east-1:000000000000:activity:{}", name(1))}),
    )
    .await;
    call(&server, "ListMapRuns", json!({"executionArn": name(2)})).await;
    let mut executions = Vec::new();
    for (at, state) in states().into_iter().enumerate() {
        let mut state = state;
        if state["Type"] == "Map" && at == 0 {
            state["Label"] = json!(name(0));
        }
        let definition = json!({"StartAt": "A", "States": {"A": state}}).to_string();
        let create = |name: String| json!({"name": name, "definition": definition, "roleArn": ROLE});
        let hostile = call(&server, "CreateStateMachine", create(name(at))).await;
        let plain = call(&server, "CreateStateMachine", create(format!("plain{at}"))).await;
        for made in [hostile, plain] {
            let Some(machine) = made["stateMachineArn"].as_str() else { continue };
            // A bucket that is one, and one that may be anything.
            for bucket in ["known".to_owned(), name(at + 1)] {
                let input = json!({"bucket": bucket, "key": name(at), "items": [1]}).to_string();
                let start = json!({"stateMachineArn": machine, "name": name(at + 2), "input": input});
                call(&server, "StartExecution", start).await;
                let start = json!({"stateMachineArn": machine, "input": input});
                executions
                    .extend(call(&server, "StartExecution", start).await["executionArn"].as_str().map(str::to_owned));
            }
        }
    }
    for execution in executions {
        for _ in 0..2_000 {
            let described = call(&server, "DescribeExecution", json!({"executionArn": execution})).await;
            if described["status"] != "RUNNING" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        call(&server, "GetExecutionHistory", json!({"executionArn": execution})).await;
    }
    server.stop().await;
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

    #[test]
    fn names_stay_in_the_data_directory(names in prop::collection::vec(name(), 1..4)) {
        let folder = tempfile::tempdir().unwrap();
        // The data lies one level down, so that there is room above it within the test's own folder.
        let place = folder.path().join("place");
        std::fs::create_dir_all(place.join("data/buckets/known")).unwrap();
        std::fs::create_dir_all(place.join("beside")).unwrap();
        let secret = format!("[\"{SECRET}\"]");
        for file in ["secret.json", "place/secret.json", "place/beside/secret.json", "place/beside/x.jsonl", "place/data/secret.json"] {
            std::fs::write(folder.path().join(file), &secret).unwrap();
        }
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        files(folder.path(), &mut before);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(played(&place, &names));
        files(folder.path(), &mut after);
        assert_eq!(before, after, "{names:?}");
    }
}

/// The same machines do read and write when the names are names: else the test above could not fail.
#[test]
fn names_that_are_names_are_read_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("place");
    std::fs::create_dir_all(place.join("data/buckets/known")).unwrap();
    std::fs::write(place.join("data/buckets/known/a.json"), "[1]").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(played(&place, &["a.json".to_owned(), "known".to_owned()]));
    let mut written = BTreeMap::new();
    files(&place.join("data/buckets/known"), &mut written);
    assert!(written.keys().any(|path| path.ends_with("manifest.json")), "{:?}", written.keys());
}
