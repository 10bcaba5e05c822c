//! A disk without room: callers are told, nothing is damaged, and the server goes on by itself when there is room again.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use aslx_engine::SystemClock;
use aslx_engine::store::{SqliteOptions, SqliteStore};
use aslx_server::{Server, Tasks};
use aslx_tests_crash::kill::{INPUT, Kind, MACHINES, definition, tasks};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Executions with work under way, with waits, with children, and one with a callback.
const RUNNING: [Kind; 6] = [Kind::Tasks, Kind::Waits, Kind::Map, Kind::Children, Kind::Loop, Kind::Callback];

fn open(directory: &Path) -> SqliteStore {
    let options = SqliteOptions { file_layer: Some("full".into()), rows_in_log: 50, ..SqliteOptions::default() };
    SqliteStore::open_with(directory, &SystemClock, options).unwrap()
}

async fn call(server: &Server, operation: &str, body: Json) -> (u16, Json) {
    let response = server.respond(&format!("AWSStepFunctions.{operation}"), body.to_string().as_bytes()).await;
    (response.status, serde_json::from_str(&response.body).unwrap())
}

async fn done(server: &Server, operation: &str, body: Json) -> Json {
    match call(server, operation, body).await {
        (200, answer) => answer,
        (status, answer) => panic!("{operation}: {status} {answer}"),
    }
}

async fn create(server: &Server, name: &str, kind: Kind) -> (u16, Json) {
    let body =
        json!({ "name": name, "definition": definition(kind).to_string(), "roleArn": "arn:aws:iam::0:role/any" });
    call(server, "CreateStateMachine", body).await
}

fn start(kind: Kind, name: &str) -> Json {
    json!({ "stateMachineArn": format!("{MACHINES}{}", kind.name()), "name": name, "input": INPUT })
}

fn execution(kind: Kind, name: &str) -> String {
    format!("arn:aws:states:us-east-1:000000000000:execution:{}:{name}", kind.name())
}

async fn status(server: &Server, kind: Kind, name: &str) -> String {
    let body = json!({ "executionArn": execution(kind, name) });
    done(server, "DescribeExecution", body).await["status"].as_str().unwrap().to_owned()
}

async fn ends(server: &Server, kind: Kind, name: &str) -> String {
    let begun = Instant::now();
    loop {
        match status(server, kind, name).await {
            running if running == "RUNNING" && begun.elapsed() < Duration::from_secs(60) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            status => return status,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_delays_only() {
    let folder = tempfile::tempdir().unwrap();
    let full = folder.path().join("full");
    let tokens: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    let heard = tokens.clone();
    let ask = move |execution: &str, token: &str| heard.lock().unwrap().push((execution.into(), token.into()));
    let server = Server::builder()
        .store(Arc::new(open(folder.path())))
        .tasks(Tasks::new(tasks(ask), Arc::new(|_| Ok(()))))
        .put_away_after(Duration::from_millis(20))
        .start()
        .await
        .unwrap();
    for kind in RUNNING {
        assert_eq!(create(&server, kind.name(), kind).await.0, 200);
        done(&server, "StartExecution", start(kind, "before")).await;
    }
    let arn = execution(Kind::Callback, "before");
    let token = loop {
        if let Some((_, token)) = tokens.lock().unwrap().iter().find(|(execution, _)| *execution == arn) {
            break token.clone();
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
    done(&server, "StartExecution", start(Kind::Callback, "to-be-stopped")).await;

    std::fs::write(&full, "").unwrap();
    let machine = format!("{MACHINES}tasks");
    let answer = json!({ "taskToken": token, "output": "1" });
    let stop = json!({ "executionArn": execution(Kind::Callback, "to-be-stopped") });
    let tag = json!({ "resourceArn": machine, "tags": [{ "key": "k", "value": "v" }] });
    for (operation, body) in [
        ("StartExecution", start(Kind::Tasks, "meanwhile")),
        ("SendTaskSuccess", answer.clone()),
        ("StopExecution", stop.clone()),
        ("TagResource", tag.clone()),
        ("CreateActivity", json!({ "name": "meanwhile" })),
    ] {
        let (code, answer) = call(&server, operation, body).await;
        assert_eq!((code, answer["__type"].as_str().unwrap().rsplit('#').next()), (500, Some("InternalFailure")));
        let message = answer["Message"].as_str().unwrap();
        assert!(message.contains("full"), "{operation}: {message}");
    }
    assert_eq!(create(&server, "meanwhile", Kind::Tasks).await.0, 500);
    // Work ends while there is no room to say so.
    tokio::time::sleep(Duration::from_millis(400)).await;
    // What is there can be read, and nothing else is there.
    assert_eq!(status(&server, Kind::Callback, "before").await, "RUNNING");
    assert_eq!(status(&server, Kind::Callback, "to-be-stopped").await, "RUNNING");
    let meanwhile = json!({ "executionArn": execution(Kind::Tasks, "meanwhile") });
    assert_eq!(call(&server, "DescribeExecution", meanwhile).await.0, 400);
    let tags = done(&server, "ListTagsForResource", json!({ "resourceArn": machine })).await;
    assert_eq!(tags["tags"], json!([]));
    assert_eq!(done(&server, "ListActivities", json!({})).await["activities"], json!([]));

    std::fs::remove_file(&full).unwrap();
    done(&server, "SendTaskSuccess", answer).await;
    done(&server, "StopExecution", stop).await;
    done(&server, "TagResource", tag).await;
    done(&server, "CreateActivity", json!({ "name": "meanwhile" })).await;
    done(&server, "StartExecution", start(Kind::Tasks, "meanwhile")).await;
    assert_eq!(ends(&server, Kind::Tasks, "meanwhile").await, "SUCCEEDED");
    for kind in RUNNING {
        assert_eq!(ends(&server, kind, "before").await, "SUCCEEDED", "{}", kind.name());
    }
    assert_eq!(ends(&server, Kind::Callback, "to-be-stopped").await, "ABORTED");
    server.stop().await;
    // The server's connections and tasks let go of the store a moment later.
    let begun = Instant::now();
    let checked = loop {
        match SqliteStore::open(folder.path(), &SystemClock) {
            Ok(store) => break store.check(true).unwrap(),
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(10), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(checked.findings.is_empty(), "{:?}", checked.findings);
    assert!(checked.replayed > RUNNING.len() as u64);
}
