//! Activities and task tokens.

use crate::support::{Place, text};
use serde_json::{Value, json};

/// An activity, and an execution that waits for its worker.
async fn waiting(place: &Place, more: &str) -> (String, String) {
    let activity = text(&place.call("CreateActivity", json!({"name": "act"})).await["activityArn"]);
    let definition = format!(
        r#"{{"StartAt": "T", "States": {{"T": {{"Type": "Task", "Resource": "{activity}", {more} "End": true}}}}}}"#
    );
    let machine = place.machine("m", &definition).await;
    (activity, place.start(&machine).await)
}

#[tokio::test]
async fn an_activity_is_made_once() {
    let place = Place::new().await;
    let made = place.call("CreateActivity", json!({"name": "a"})).await;
    let arn = text(&made["activityArn"]);
    assert_eq!(arn, "arn:aws:states:us-east-1:000000000000:activity:a");
    let again = json!({"name": "a", "tags": [{"key": "k", "value": "v"}]});
    assert_eq!(place.call("CreateActivity", again).await, made);
    let key = json!({"name": "a", "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}});
    assert!(place.refused("CreateActivity", key).await.starts_with("ActivityAlreadyExists: "));
    assert_eq!(place.refused("CreateActivity", json!({"name": "a b"})).await, "InvalidName: Invalid Name: 'a b'");
    let described = place.call("DescribeActivity", json!({"activityArn": arn})).await;
    let expected = json!({"activityArn": arn, "name": "a", "creationDate": made["creationDate"],
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"}});
    assert_eq!(described, expected);
    for _ in 0..2 {
        assert_eq!(place.call("DeleteActivity", json!({"activityArn": arn})).await, json!({}));
    }
    let gone = format!("ActivityDoesNotExist: Activity Does Not Exist: '{arn}'");
    assert_eq!(place.refused("DescribeActivity", json!({"activityArn": arn})).await, gone);
    assert_eq!(place.refused("GetActivityTask", json!({"activityArn": arn})).await, gone);
}

#[tokio::test]
async fn a_worker_hears_when_the_activity_is_deleted() {
    let place = Place::new().await;
    let arn = text(&place.call("CreateActivity", json!({"name": "a"})).await["activityArn"]);
    let asking = place.refused("GetActivityTask", json!({"activityArn": arn}));
    let deleting = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        place.call("DeleteActivity", json!({"activityArn": arn})).await
    };
    let (heard, _) = tokio::join!(asking, deleting);
    assert_eq!(heard, format!("ActivityDoesNotExist: Activity Does Not Exist: '{arn}'"));
}

#[tokio::test]
async fn tokens_are_looked_at_in_order() {
    let place = Place::new().await;
    let (activity, execution) = waiting(&place, "").await;
    let task = place.call("GetActivityTask", json!({"activityArn": activity, "workerName": "w"})).await;
    assert_eq!(task["input"], "{}");
    let token = text(&task["taskToken"]);
    let success = |token: &str, output: &str| json!({"taskToken": token, "output": output});
    // The form of the token, then the output, then whether there is such a task.
    assert_eq!(
        place.refused("SendTaskSuccess", success("garbage", "no")).await,
        "InvalidToken: Invalid Token: 'Invalid token'"
    );
    let unknown: String = token.chars().map(|c| if c == '0' { '1' } else { c }).collect();
    assert!(place.refused("SendTaskSuccess", success(&unknown, "no")).await.starts_with("InvalidOutput: "));
    assert!(place.refused("SendTaskSuccess", success(&unknown, "1")).await.starts_with("TaskDoesNotExist: "));
    assert!(place.refused("SendTaskSuccess", success(&token, "no")).await.starts_with("InvalidOutput: "));
    let missing = place.refused("SendTaskSuccess", json!({"taskToken": token})).await;
    assert!(
        missing.ends_with("Value null at 'output' failed to satisfy constraint: Member must not be null"),
        "{missing}"
    );
    let long = json!({"taskToken": token, "error": "e".repeat(257)});
    assert!(
        place.refused("SendTaskFailure", long).await.ends_with("Member must have length less than or equal to 256")
    );
    // None of that has used it up.
    assert_eq!(place.call("SendTaskHeartbeat", json!({"taskToken": token})).await, json!({}));
    assert_eq!(place.call("SendTaskSuccess", success(&token, "{\"a\": 1}")).await, json!({}));
    let ended = place.ended(&execution).await;
    assert_eq!((&ended["status"], &ended["output"]), (&json!("SUCCEEDED"), &json!("{\"a\": 1}")));
    let closed = format!("TaskTimedOut: Task Timed Out: '{activity}'");
    assert_eq!(place.refused("SendTaskSuccess", success(&token, "1")).await, closed);
    assert_eq!(place.refused("SendTaskFailure", json!({"taskToken": token})).await, closed);
    assert_eq!(place.refused("SendTaskHeartbeat", json!({"taskToken": token})).await, closed);
    assert!(place.refused("SendTaskSuccess", success(&token, "no")).await.starts_with("InvalidOutput: "));
    let history = place.call("GetExecutionHistory", json!({"executionArn": execution})).await;
    let types: Vec<&str> =
        history["events"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    let expected = [
        "ExecutionStarted",
        "TaskStateEntered",
        "ActivityScheduled",
        "ActivityStarted",
        "ActivitySucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(types, expected, "a heartbeat leaves no trace");
    assert_eq!(history["events"][3]["activityStartedEventDetails"]["workerName"], "w");
}

#[tokio::test]
async fn a_token_ends_with_its_attempt() {
    let place = Place::new().await;
    let retry = r#""Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 1, "MaxAttempts": 1}],"#;
    let (activity, execution) = waiting(&place, retry).await;
    let ask = json!({"activityArn": activity});
    let first = text(&place.call("GetActivityTask", ask.clone()).await["taskToken"]);
    place.call("SendTaskFailure", json!({"taskToken": first, "error": "Again"})).await;
    let second = text(&place.call("GetActivityTask", ask).await["taskToken"]);
    assert_ne!(first, second);
    let closed = format!("TaskTimedOut: Task Timed Out: '{activity}'");
    assert_eq!(place.refused("SendTaskSuccess", json!({"taskToken": first, "output": "1"})).await, closed);
    place.call("StopExecution", json!({"executionArn": execution})).await;
    assert_eq!(place.refused("SendTaskSuccess", json!({"taskToken": second, "output": "1"})).await, closed);
}

#[tokio::test]
async fn the_token_of_a_sibling_that_was_cancelled() {
    let place = Place::new().await;
    let activity = text(&place.call("CreateActivity", json!({"name": "act"})).await["activityArn"]);
    let branch = |name: &str| {
        format!(
            r#"{{"StartAt": "{name}", "States": {{"{name}": {{"Type": "Task", "Resource": "{activity}", "End": true}}}}}}"#
        )
    };
    let definition = format!(
        r#"{{"StartAt": "P", "States": {{"P": {{"Type": "Parallel", "Branches": [{}, {}], "Next": "W",
            "Catch": [{{"ErrorEquals": ["States.ALL"], "Next": "W"}}]}}, "W": {{"Type": "Wait", "Seconds": 600, "End": true}}}}}}"#,
        branch("A"),
        branch("B")
    );
    let execution = place.start(&place.machine("m", &definition).await).await;
    let ask = json!({"activityArn": activity});
    let first = text(&place.call("GetActivityTask", ask.clone()).await["taskToken"]);
    let second = text(&place.call("GetActivityTask", ask).await["taskToken"]);
    place.call("SendTaskFailure", json!({"taskToken": first, "error": "E"})).await;
    let closed = format!("TaskTimedOut: Task Timed Out: '{activity}'");
    assert_eq!(place.refused("SendTaskSuccess", json!({"taskToken": second, "output": "1"})).await, closed);
    assert_eq!(place.refused("SendTaskFailure", json!({"taskToken": second})).await, closed);
    assert_eq!(place.call("DescribeExecution", json!({"executionArn": execution})).await["status"], "RUNNING");
}

/// Callbacks answer success although their machine is being deleted.
#[tokio::test]
async fn deleting_a_machine_leaves_its_tokens() {
    let place = Place::new().await;
    let (activity, execution) = waiting(&place, "").await;
    let token = place.call("GetActivityTask", json!({"activityArn": activity})).await["taskToken"].clone();
    let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
    place.call("DeleteStateMachine", json!({"stateMachineArn": machine})).await;
    let answered: Value = place.call("SendTaskSuccess", json!({"taskToken": token, "output": "1"})).await;
    assert_eq!(answered, json!({}));
    place.gone(&execution).await;
}
