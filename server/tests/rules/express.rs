//! Express executions: what they have, and what they have not.

use crate::support::{ECHO, FAIL, Place, members, text};
use serde_json::json;

#[tokio::test]
async fn a_synchronous_execution_answers_with_everything() {
    let place = Place::new().await;
    let arn = place.express("m", ECHO).await;
    let request = json!({"stateMachineArn": arn, "name": "n", "input": "{\"a\": 1}", "traceHeader": "Root=1"});
    let done = place.call("StartSyncExecution", request).await;
    let prefix = "arn:aws:states:us-east-1:000000000000:express:m:n:";
    assert!(text(&done["executionArn"]).strip_prefix(prefix).is_some_and(|uuid| uuid.len() == 36));
    let expected = json!({"executionArn": done["executionArn"], "stateMachineArn": arn, "name": "n",
        "startDate": done["startDate"], "stopDate": done["stopDate"], "status": "SUCCEEDED",
        "input": "{\"a\": 1}", "inputDetails": {"included": true}, "output": "{\"a\": 1}",
        "outputDetails": {"included": true}, "traceHeader": "Root=1",
        "billingDetails": {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 100}});
    assert_eq!(done, expected);
    let metadata = json!({"stateMachineArn": arn, "includedData": "METADATA_ONLY"});
    let done = place.call("StartSyncExecution", metadata).await;
    let expected = ["billingDetails", "executionArn", "name", "startDate", "stateMachineArn", "status", "stopDate"];
    assert_eq!(members(&done), expected);
}

#[tokio::test]
async fn a_synchronous_failure_is_no_error() {
    let place = Place::new().await;
    let done = place.call("StartSyncExecution", json!({"stateMachineArn": place.express("f", FAIL).await})).await;
    assert_eq!((&done["status"], &done["error"], &done["cause"]), (&json!("FAILED"), &json!("E"), &json!("c")));
    assert!(done.get("output").is_none() && done.get("outputDetails").is_some());
    let slow = r#"{"TimeoutSeconds": 1, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "End": true}}}"#;
    let done = place.call("StartSyncExecution", json!({"stateMachineArn": place.express("t", slow).await})).await;
    assert_eq!(done["status"], "TIMED_OUT");
    let billed = done["billingDetails"]["billedDurationInMilliseconds"].as_i64().unwrap();
    assert!(billed >= 1_000 && billed % 100 == 0, "{billed}");
}

#[tokio::test]
async fn the_same_name_starts_another_execution() {
    let place = Place::new().await;
    let arn = place.express("m", ECHO).await;
    let request = json!({"stateMachineArn": arn, "name": "n"});
    let first = text(&place.call("StartExecution", request.clone()).await["executionArn"]);
    let second = text(&place.call("StartExecution", request).await["executionArn"]);
    assert_ne!(first, second);
    assert!([first, second].iter().all(|arn| arn.starts_with("arn:aws:states:us-east-1:000000000000:express:m:n:")));
}

#[tokio::test]
async fn there_is_nothing_to_ask_for() {
    let place = Place::new().await;
    let arn = place.express("m", ECHO).await;
    let execution = place.start(&arn).await;
    for operation in [
        "DescribeExecution",
        "StopExecution",
        "GetExecutionHistory",
        "RedriveExecution",
        "DescribeStateMachineForExecution",
        "ListMapRuns",
    ] {
        assert_eq!(
            place.refused(operation, json!({"executionArn": execution})).await,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'",
            "{operation}"
        );
    }
    assert_eq!(
        place.refused("ListExecutions", json!({"stateMachineArn": arn})).await,
        "StateMachineTypeNotSupported: This operation is not supported by this type of state machine"
    );
    let described = place.call("DescribeStateMachine", json!({"stateMachineArn": arn})).await;
    assert_eq!(described["type"], "EXPRESS");
}
