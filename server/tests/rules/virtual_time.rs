//! Virtual time leaves a client the moment that it needs.

use crate::support::{Place, WAIT, text};
use aslx_engine::runtime::Pace;
use aslx_server::Server;
use serde_json::json;
use std::time::{Duration, Instant};

async fn place() -> Place {
    Place::of(Server::builder().pace(Pace::Virtual)).await
}

#[tokio::test]
async fn what_was_just_started_can_be_seen_and_stopped() {
    let place = place().await;
    let machine = place.machine("m", WAIT).await;
    for _ in 0..5 {
        let execution = place.start(&machine).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
        let seen = place.call("DescribeExecution", json!({"executionArn": execution})).await;
        assert_eq!(seen["status"], "RUNNING");
        place.call("StopExecution", json!({"executionArn": execution})).await;
        let history = place.call("GetExecutionHistory", json!({"executionArn": execution})).await;
        let types: Vec<String> =
            history["events"].as_array().unwrap().iter().map(|event| text(&event["type"])).collect();
        assert_eq!(types, ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]);
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "how long it really takes is the point")]
async fn who_only_wants_the_end_hardly_waits() {
    let place = place().await;
    let waits = r#"{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 60, "Next": "B"},
        "B": {"Type": "Wait", "Seconds": 86400, "Next": "C"}, "C": {"Type": "Wait", "Seconds": 60, "End": true}}}"#;
    let machine = place.machine("m", waits).await;
    let begun = Instant::now();
    let execution = place.start(&machine).await;
    // Asking without a pause does not keep it from ending.
    let mut asked = 0;
    loop {
        let seen = place.call("DescribeExecution", json!({"executionArn": execution})).await;
        if seen["status"] == "SUCCEEDED" {
            let lasted = seen["stopDate"].as_f64().unwrap() - seen["startDate"].as_f64().unwrap();
            assert!(lasted >= 86_520.0, "{lasted}");
            break;
        }
        asked += 1;
        tokio::task::yield_now().await;
    }
    assert!(asked > 1 && begun.elapsed() < Duration::from_secs(5), "{asked} {:?}", begun.elapsed());
    let express = place.express("x", waits).await;
    let begun = Instant::now();
    let done = place.call("StartSyncExecution", json!({"stateMachineArn": express})).await;
    assert_eq!(done["status"], "TIMED_OUT");
    assert!(begun.elapsed() < Duration::from_secs(5));
}
