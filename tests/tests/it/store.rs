//! What a server has kept: checked and exported by the command.

use crate::support::{Shell, block, definition, program, waiting};
use aslx_engine::journal::{EntryKind, Seed, read_journal};
use aslx_engine::runtime::{Engine, StartRequest};
use aslx_engine::store::{SqliteStore, Store};
use aslx_engine::{Data, SystemClock};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;

const OPEN: &str = "arn:aws:states:us-east-1:000000000000:execution:machine:open";
const CLOSED: &str = "arn:aws:states:us-east-1:000000000000:execution:machine:closed";

/// One execution that has ended, and one that waits for its task.
fn kept(directory: &Path) -> Arc<SqliteStore> {
    let store = Arc::new(SqliteStore::open(directory, &SystemClock).unwrap());
    let greeting = definition(json!({ "Hello": { "Type": "Pass", "Result": "hi", "End": true } }));
    let working = definition(json!({ "Work": { "Type": "Task", "End": true,
        "Resource": "arn:aws:lambda:us-east-1:000000000000:function:work" } }));
    let request = |name| StartRequest::new("machine", name, Data::parse("{ }").unwrap(), Seed([7; 16]));
    block(async {
        let engine = Engine::new(store.clone(), Arc::new(SystemClock), waiting());
        engine.start(program(&greeting), request("closed")).await.unwrap().wait().await.unwrap();
        engine.start(program(&working), request("open")).await.unwrap();
        // That the task has begun is an entry of its own, which comes a little later.
        while store.journal(OPEN).await.unwrap().lines.len() < 2 {
            tokio::task::yield_now().await;
        }
    });
    store
}

/// Changes the file behind the program's back.
fn tamper(directory: &Path, sql: &str) {
    let file = rusqlite::Connection::open(directory.join("aslx.sqlite3")).unwrap();
    assert!(file.execute(sql, []).unwrap() > 0);
}

#[test]
fn a_store_that_is_whole_is_told_so() {
    let shell = Shell::new();
    drop(kept(&shell.path("data")));
    insta::assert_snapshot!(shell.told(&["store", "check", "data"]));
    insta::assert_snapshot!(shell.told(&["store", "check", "data", "--all"]));
}

#[test]
fn what_was_changed_is_found() {
    let shell = Shell::new();
    let data = shell.path("data");
    drop(kept(&data));
    tamper(&data, r#"UPDATE entries SET lines = replace(lines, '"{ }"', '"{}"')"#);
    tamper(&data, "INSERT INTO tokens VALUES ('stray', 99)");
    insta::assert_snapshot!(shell.told(&["store", "check", "data", "--all"]));
    tamper(&data, "DELETE FROM entries");
    insta::assert_snapshot!(shell.told(&["store", "check", "data"]));
}

#[test]
fn journals_and_histories_are_exported() {
    let shell = Shell::new();
    drop(kept(&shell.path("data")));
    let output = |arguments: &[&str]| {
        let output = shell.output(arguments, "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let journal = read_journal(output(&["store", "export", "data", CLOSED]).as_slice()).unwrap();
    assert!(matches!(&journal[..], [only] if matches!(only.kind, EntryKind::Started(_))), "{journal:?}");
    let history: Json =
        serde_json::from_slice(&output(&["store", "export", "data", OPEN, "--what", "history"])).unwrap();
    let types: Vec<&str> = history["events"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(types[..3], ["ExecutionStarted", "TaskStateEntered", "LambdaFunctionScheduled"]);
    insta::assert_snapshot!(shell.told(&["store", "export", "data", "arn:of:nothing"]));
}

#[test]
fn everything_is_exported_or_nothing() {
    let shell = Shell::new();
    drop(kept(&shell.path("data")));
    let told = shell.output(&["store", "export", "data", "--to", "all", "--format", "json"], "");
    let told: Json = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(
        told,
        json!({"format": "aslx export", "version": 1, "executions": 2, "mapRuns": 0, "definitions": 2, "records": 0})
    );
    let all = shell.path("all");
    let read = |name: &str| std::fs::read_to_string(all.join(name)).unwrap();
    assert_eq!(serde_json::from_str::<Json>(&read("export.json")).unwrap(), told);
    let lines: Vec<Json> = read("journals.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&Json> = lines.iter().map(|line| &line["arn"]).collect();
    assert_eq!(names, [OPEN, CLOSED]);
    for line in &lines {
        assert!(!read_journal(read(line["journal"].as_str().unwrap()).as_bytes()).unwrap().is_empty());
        let history: Json = serde_json::from_str(&read(line["history"].as_str().unwrap())).unwrap();
        assert_eq!(history["events"][0]["type"], "ExecutionStarted");
        assert!(read(line["definition"].as_str().unwrap()).contains("StartAt"));
    }
    assert_eq!((&lines[1]["status"], &lines[1]["output"]), (&json!("SUCCEEDED"), &json!("\"hi\"")));
    // What is there already stays as it is.
    insta::assert_snapshot!(shell.told(&["store", "export", "data", "--to", "all"]));
    // Something that cannot be exported: then there is no folder at all.
    tamper(&shell.path("data"), "UPDATE definitions SET text = NULL");
    insta::assert_snapshot!(shell.told(&["store", "export", "data", "--to", "more"]));
    let left = std::fs::read_dir(shell.path("more").parent().unwrap()).unwrap();
    let left: Vec<String> = left.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!left.iter().any(|name| name.starts_with("more")), "{left:?}");
}

#[test]
fn a_store_is_made_smaller() {
    let shell = Shell::new();
    drop(kept(&shell.path("data")));
    let told = shell.output(&["store", "compact", "data"], "");
    assert!(told.status.success() && String::from_utf8_lossy(&told.stdout).ends_with(" now\n"), "{told:?}");
    assert!(shell.output(&["store", "check", "data", "--all"], "").status.success());
}

#[test]
fn a_file_that_cannot_be_opened_is_a_finding() {
    let shell = Shell::new();
    std::fs::create_dir(shell.path("data")).unwrap();
    std::fs::write(shell.path("data").join("aslx.sqlite3"), "something else ".repeat(1000)).unwrap();
    insta::assert_snapshot!(shell.told(&["store", "check", "data", "--format", "json"]));
}

#[test]
fn a_directory_in_use_or_without_a_store_is_refused() {
    let shell = Shell::new();
    insta::assert_snapshot!(shell.told(&["store", "check", "data"]));
    let _kept = kept(&shell.path("data"));
    let told = shell.told(&["store", "check", "data"]);
    let start = format!(
        "$ aslx store check data\nstatus 2\n--- stdout\n\n--- stderr\nerror: the data directory `data` is in use by process {} since ",
        std::process::id()
    );
    assert!(told.starts_with(&start) && told.ends_with("\n  = help: stop that process first"), "{told}");
}

const RUNS: &str = "arn:aws:states:us-east-1:000000000000:execution:machine:runs";

/// Journals of map runs are replayed too, and compared with what they belong to.
#[test]
fn map_runs_are_checked() {
    let shell = Shell::new();
    let data = shell.path("data");
    let each = json!({ "Type": "Map", "Label": "Each", "ItemsPath": "$.items", "End": true, "ItemProcessor": {
        "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
        "StartAt": "Check", "States": {
            "Check": { "Type": "Choice", "Default": "Fine",
                       "Choices": [{ "Variable": "$", "NumericEquals": 2, "Next": "Bad" }] },
            "Fine": { "Type": "Succeed" }, "Bad": { "Type": "Fail", "Error": "Bad" } } } });
    let program = program(&definition(json!({ "Each": each })));
    let store = Arc::new(SqliteStore::open(&data, &SystemClock).unwrap());
    block(async {
        let engine = Engine::new(store.clone(), Arc::new(SystemClock), waiting());
        let request = StartRequest::new("machine", "runs", Data::parse(r#"{"items":[1,2,3]}"#).unwrap(), Seed([7; 16]));
        engine.start(program, request).await.unwrap().wait().await.unwrap();
        // It fails again, at the same item.
        engine.redrive(RUNS, None).await.unwrap();
        engine.wait(RUNS).await.unwrap();
    });
    let checked = store.check(true).unwrap();
    assert_eq!((checked.journals, checked.replayed, checked.findings.len()), (5, 5, 0), "{:?}", checked.findings);
    drop(store);
    let found = |sql: &str| {
        let copy = shell.path("copy");
        std::fs::create_dir_all(&copy).unwrap();
        std::fs::copy(data.join("aslx.sqlite3"), copy.join("aslx.sqlite3")).unwrap();
        tamper(&copy, sql);
        let findings = SqliteStore::open(&copy, &SystemClock).unwrap().check(true).unwrap().findings;
        findings.into_iter().map(|finding| finding.what).collect::<Vec<_>>()
    };
    let run = "(SELECT id FROM journals WHERE kind = 1)";
    let other = found(&format!(
        "UPDATE entries SET lines = replace(lines, '\"FAILED\"', '\"ABORTED\"') WHERE id >> 24 = {run}"
    ));
    assert_eq!(other, ["its journal is not what was committed"]);
    let counts = found("UPDATE journals SET details = replace(details, '\"failed\":1', '\"failed\":2') WHERE kind = 1");
    assert_eq!(counts, ["its counts are not those of its journal"]);
    let moved = found("UPDATE journals SET arn = arn || 'x' WHERE kind = 1");
    assert!(moved.contains(&"the execution that it belongs to has not started it".to_owned()), "{moved:?}");
}
