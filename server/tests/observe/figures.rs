//! `/metrics` and `/healthz`.

use super::support::{builder, call, ended, machine, machine_with, start};
use aslx_server::Server;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) async fn get(server: &Server, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

pub(crate) async fn metrics(server: &Server) -> (String, String) {
    get(server, "/metrics").await
}

/// Values by name and labels, read as strictly as Prometheus does it.
fn parsed(text: &str) -> BTreeMap<String, f64> {
    let (mut kinds, mut values) = (BTreeMap::new(), BTreeMap::new());
    let mut helped = BTreeSet::new();
    let mut family = String::new();
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            family = rest.split(' ').next().unwrap().to_owned();
            assert!(helped.insert(family.clone()), "{family} is explained twice");
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(name, family);
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            kinds.insert(name.to_owned(), kind.to_owned());
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        assert!(name.starts_with("aslx_") && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{line}");
        let of_family = match kinds[&family].as_str() {
            "histogram" => ["_bucket", "_sum", "_count"].iter().any(|end| name == format!("{family}{end}")),
            _ => name == family,
        };
        assert!(of_family, "{line} stands below {family}");
        if let Some(labels) = series.strip_prefix(name).filter(|labels| !labels.is_empty()) {
            let labels = labels.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
            for label in labels.split(',') {
                let (label, value) = label.split_once('=').unwrap();
                assert!(label.bytes().all(|b| b.is_ascii_lowercase()), "{line}");
                let value = value.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
                assert!(!value.contains(['"', '\n']), "{line}");
            }
        }
        assert!(values.insert(series.to_owned(), value.parse().unwrap()).is_none(), "{series} stands twice");
    }
    assert!(helped.iter().eq(kinds.keys()));
    values
}

fn fails() -> Value {
    json!({"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}})
}

fn waits(seconds: u64) -> Value {
    json!({"StartAt": "W", "TimeoutSeconds": 1_000, "States": {"W": {"Type": "Wait", "Seconds": seconds, "End": true}}})
}

#[tokio::test]
async fn figures_are_what_happened() {
    let server = builder().start().await.unwrap();
    let fresh = parsed(&metrics(&server).await.1);
    assert_eq!(fresh["aslx_executions_started_total{type=\"STANDARD\"}"], 0.0);
    assert_eq!(fresh["aslx_execution_seconds_bucket{le=\"+Inf\"}"], 0.0);
    assert!(!fresh.contains_key("aslx_events_waiting"));
    let machines = [
        machine(&server, "waits", waits(30)).await,
        machine(&server, "fails", fails()).await,
        machine(&server, "late", waits(2_000)).await,
        machine_with(&server, "express", fails(), json!({"type": "EXPRESS"})).await,
    ];
    for machine in &machines[..3] {
        let execution = start(&server, json!({"stateMachineArn": machine})).await;
        ended(&server, &execution).await;
    }
    call(&server, "StartSyncExecution", json!({"stateMachineArn": machines[3]})).await;
    let activity = json!({"StartAt": "A", "States": {"A": {
        "Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:a", "End": true}}});
    call(&server, "CreateActivity", json!({"name": "a"})).await;
    let open = machine(&server, "open", activity).await;
    let open = start(&server, json!({"stateMachineArn": open})).await;
    call(
        &server,
        "DescribeStateMachine",
        json!({"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:no"}),
    )
    .await;
    let (head, text) = metrics(&server).await;
    assert!(head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    let now = parsed(&text);
    let value = |series: &str| *now.get(series).unwrap_or_else(|| panic!("no {series} in\n{text}"));
    assert_eq!(value("aslx_executions_started_total{type=\"STANDARD\"}"), 4.0);
    assert_eq!(value("aslx_executions_started_total{type=\"EXPRESS\"}"), 1.0);
    assert_eq!(value("aslx_executions_ended_total{type=\"STANDARD\",status=\"SUCCEEDED\"}"), 1.0);
    assert_eq!(value("aslx_executions_ended_total{type=\"STANDARD\",status=\"FAILED\"}"), 1.0);
    assert_eq!(value("aslx_executions_ended_total{type=\"STANDARD\",status=\"TIMED_OUT\"}"), 1.0);
    assert_eq!(value("aslx_executions_ended_total{type=\"STANDARD\",status=\"ABORTED\"}"), 0.0);
    assert_eq!(value("aslx_executions_ended_total{type=\"EXPRESS\",status=\"FAILED\"}"), 1.0);
    assert_eq!(value("aslx_executions_open"), 1.0);
    // 0 s twice, 30 s, 1000 s.
    let bounds = [("0.01", 2.0), ("10", 2.0), ("60", 3.0), ("600", 3.0), ("3600", 4.0), ("+Inf", 4.0)];
    for (bound, count) in bounds {
        assert_eq!(value(&format!("aslx_execution_seconds_bucket{{le=\"{bound}\"}}")), count, "{bound}");
    }
    assert_eq!((value("aslx_execution_seconds_sum"), value("aslx_execution_seconds_count")), (1_030.0, 4.0));
    assert_eq!(value("aslx_requests_total{operation=\"StartExecution\",error=\"\"}"), 4.0);
    assert_eq!(
        value("aslx_requests_total{operation=\"DescribeStateMachine\",error=\"StateMachineDoesNotExist\"}"),
        1.0
    );
    call(&server, "StopExecution", json!({"executionArn": open})).await;
    ended(&server, open.as_str()).await;
    let later = parsed(&metrics(&server).await.1);
    assert_eq!(later["aslx_executions_open"], 0.0);
    // What counts never goes down.
    for (series, before) in now.iter().filter(|(series, _)| series.contains("_total")) {
        assert!(later[series] >= *before, "{series}");
    }
    server.stop().await;
}

/// Names come from outside; series must not.
#[tokio::test]
async fn no_caller_makes_series() {
    let server = builder().start().await.unwrap();
    let count = parsed(&metrics(&server).await.1).len();
    for n in 0..50 {
        call(&server, &format!("Make\"Up{n}\n\\"), json!({})).await;
        let arn = format!("arn:aws:states:us-east-1:000000000000:stateMachine:{n}");
        call(&server, "DescribeStateMachine", json!({"stateMachineArn": arn})).await;
        machine(&server, &format!("m{n}"), fails()).await;
    }
    let text = metrics(&server).await.1;
    let values = parsed(&text);
    assert_eq!(values["aslx_requests_total{operation=\"unknown\",error=\"UnknownOperationException\"}"], 50.0);
    assert_eq!(values.len(), count + 3, "{text}");
    server.stop().await;
}

#[tokio::test]
async fn health() {
    let server = builder().start().await.unwrap();
    let (head, body) = get(&server, "/healthz").await;
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/plain"), "{head}");
    assert_eq!(body, "ok\n");
    server.stop().await;
}
