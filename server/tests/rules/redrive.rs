//! RedriveExecution, as the API tells it.

use crate::support::{ECHO, FAIL, Place, WAIT, text};
use serde_json::{Value, json};

fn not(execution: &str, reason: &str) -> String {
    format!("ExecutionNotRedrivable: Execution {execution} invalid for redrive as: {reason}")
}

#[tokio::test]
async fn a_redrive_shows() {
    let place = Place::new().await;
    let arn = place.machine("m", FAIL).await;
    let execution = place.start(&arn).await;
    place.ended(&execution).await;
    // It keeps the definition that it was started with.
    place.call("UpdateStateMachine", json!({"stateMachineArn": arn, "definition": ECHO})).await;
    let redriven = place.call("RedriveExecution", json!({"executionArn": execution})).await;
    let seen = place.ended(&execution).await;
    assert_eq!((&seen["redriveCount"], &seen["redriveDate"]), (&json!(1), &redriven["redriveDate"]));
    assert_eq!((&seen["status"], &seen["error"]), (&json!("FAILED"), &json!("E")));
    let listed = place.call("ListExecutions", json!({"stateMachineArn": arn})).await;
    assert_eq!(listed["executions"][0]["redriveCount"], 1);
    let wait =
        r#"{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "Next": "F"}, "F": {"Type": "Fail"}}}"#;
    let execution = place.start(&place.machine("w", wait).await).await;
    place.call("StopExecution", json!({"executionArn": execution, "error": "E"})).await;
    place.call("RedriveExecution", json!({"executionArn": execution})).await;
    let seen = place.call("DescribeExecution", json!({"executionArn": execution})).await;
    assert_eq!(seen["status"], "RUNNING");
    assert!(["stopDate", "error", "cause"].iter().all(|name| seen.get(*name).is_none()));
}

#[tokio::test]
async fn a_client_token_is_answered_once() {
    let place = Place::new().await;
    let execution = place.start(&place.machine("m", WAIT).await).await;
    let redrive = |token: &str| json!({"executionArn": execution, "clientToken": token});
    let running = not(&execution, "Execution is RUNNING and cannot be redriven");
    assert_eq!(place.refused("RedriveExecution", redrive("a")).await, running);
    place.call("StopExecution", json!({"executionArn": execution})).await;
    // A token of a call that was refused is not used up.
    let first = place.call("RedriveExecution", redrive("a")).await;
    assert_eq!(place.call("RedriveExecution", redrive("a")).await, first);
    assert_eq!(place.refused("RedriveExecution", redrive("b")).await, running);
    place.call("StopExecution", json!({"executionArn": execution})).await;
    assert_eq!(place.call("RedriveExecution", redrive("a")).await, first);
    assert_eq!(place.call("DescribeExecution", json!({"executionArn": execution})).await["redriveCount"], 1);
    let message = place.refused("RedriveExecution", redrive("ü")).await;
    assert!(message.ends_with("Member must satisfy regular expression pattern: [!-~]+"), "{message}");
}

/// What a description says and what a redrive says is the same.
#[tokio::test]
async fn what_is_not_redriven_says_so_before() {
    let place = Place::new().await;
    let both = async |execution: &str, reason: &str| {
        let seen = place.call("DescribeExecution", json!({"executionArn": execution})).await;
        assert_eq!((&seen["redriveStatus"], &seen["redriveStatusReason"]), (&json!("NOT_REDRIVABLE"), &json!(reason)));
        assert_eq!(place.refused("RedriveExecution", json!({"executionArn": execution})).await, not(execution, reason));
    };
    let done = place.start(&place.machine("echo", ECHO).await).await;
    place.ended(&done).await;
    both(&done, "Execution is SUCCEEDED and cannot be redriven").await;
    let failed = place.start(&place.machine("fail", FAIL).await).await;
    place.ended(&failed).await;
    let endless =
        r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}"#;
    let endless = place.start(&place.machine("endless", endless).await).await;
    let ended: Value = place.ended(&endless).await;
    assert_eq!(ended["status"], "FAILED");
    both(&endless, "Execution has exceeded the maximum history event limit").await;
    place.clock.hours(14 * 24 + 1);
    both(&failed, "Execution redrivable period exceeded").await;
}

#[tokio::test]
async fn machines_that_are_deleted_redrive_nothing() {
    let place = Place::new().await;
    let arn = place.machine("m", WAIT).await;
    let (stopped, running) = (place.start(&arn).await, place.start(&arn).await);
    place.call("StopExecution", json!({"executionArn": stopped})).await;
    place.call("DeleteStateMachine", json!({"stateMachineArn": arn})).await;
    let seen = place.call("DescribeExecution", json!({"executionArn": stopped})).await;
    assert_eq!(seen["redriveStatus"], "NOT_REDRIVABLE");
    let reason = text(&seen["redriveStatusReason"]);
    assert_eq!(place.refused("RedriveExecution", json!({"executionArn": stopped})).await, not(&stopped, &reason));
    place.call("StopExecution", json!({"executionArn": running})).await;
}
