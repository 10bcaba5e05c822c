//! Executions that start executions.

use crate::support::{ECHO, FAIL, Place, WAIT, members, text};
use aslx_engine::store::{MemoryStore, Store};
use aslx_server::Server;
use serde_json::{Value, json};
use std::sync::Arc;

const START: &str = "arn:aws:states:::states:startExecution";

/// A machine with one task that starts an execution.
fn calling(pattern: &str, parameters: Value, more: Value) -> String {
    let mut call =
        json!({"Type": "Task", "Resource": format!("{START}{pattern}"), "Parameters": parameters, "End": true});
    for (name, value) in more.as_object().unwrap() {
        call[name] = value.clone();
    }
    json!({"StartAt": "Call", "States": {"Call": call}}).to_string()
}

async fn children(place: &Place, machine: &str) -> Vec<Value> {
    let listed = place.call("ListExecutions", json!({"stateMachineArn": machine})).await;
    listed["executions"].as_array().unwrap().clone()
}

/// A place with a child machine, and the end of a parent that calls it.
async fn called(pattern: &str, child: &str, input: Value) -> (Place, String, Value) {
    let place = Place::new().await;
    let child = place.machine("child", child).await;
    let parent =
        place.machine("parent", &calling(pattern, json!({"StateMachineArn": child, "Input": input}), json!({}))).await;
    let execution = place.start(&parent).await;
    let ended = place.ended(&execution).await;
    (place, child, ended)
}

fn output(ended: &Value) -> Value {
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
    serde_json::from_str(ended["output"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_call_without_waiting() {
    let (place, child, ended) = called("", WAIT, json!({"a": 1})).await;
    let result = output(&ended);
    assert_eq!(members(&result), ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]);
    let started = children(&place, &child).await.remove(0);
    assert_eq!(result["ExecutionArn"], started["executionArn"]);
    // Milliseconds since the epoch, where the API has seconds.
    let millis = (started["startDate"].as_f64().unwrap() * 1000.0).round() as i64;
    assert_eq!(result["StartDate"].as_i64(), Some(millis));
    let described = place.call("DescribeExecution", json!({"executionArn": started["executionArn"]})).await;
    assert_eq!(described["input"], r#"{"a":1}"#);
}

#[tokio::test]
async fn a_call_that_waits_has_texts_or_values() {
    for (pattern, input, output_of_child) in
        [(".sync", json!("{\"a\":1}"), json!("{\"a\":1}")), (".sync:2", json!({"a": 1}), json!({"a": 1}))]
    {
        let (_, child, ended) = called(pattern, ECHO, json!({"a": 1})).await;
        let result = output(&ended);
        let names = [
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
        ];
        assert_eq!(members(&result), names, "{pattern}");
        assert_eq!((&result["Input"], &result["Output"]), (&input, &output_of_child), "{pattern}");
        assert_eq!((&result["Status"], &result["StateMachineArn"]), (&json!("SUCCEEDED"), &json!(child)), "{pattern}");
        assert_eq!(result["InputDetails"], json!({"Included": true}), "{pattern}");
        assert!(
            result["StartDate"].as_i64() <= result["StopDate"].as_i64() && result["StopDate"].is_i64(),
            "{pattern}"
        );
    }
}

#[tokio::test]
async fn the_failure_of_the_child_is_the_cause() {
    for (pattern, input) in [(".sync", json!("{}")), (".sync:2", json!({}))] {
        let (_, _, ended) = called(pattern, FAIL, json!({})).await;
        assert_eq!((&ended["status"], &ended["error"]), (&json!("FAILED"), &json!("States.TaskFailed")));
        let cause: Value = serde_json::from_str(ended["cause"].as_str().unwrap()).unwrap();
        let told = (&cause["Status"], &cause["Error"], &cause["Cause"], &cause["Input"]);
        assert_eq!(told, (&json!("FAILED"), &json!("E"), &json!("c"), &input), "{pattern}");
        assert!(cause.get("Output").is_none());
    }
    // Its own timeout is no timeout of the parent's task.
    let late =
        r#"{"StartAt": "W", "TimeoutSeconds": 1, "States": {"W": {"Type": "Wait", "Seconds": 600, "End": true}}}"#;
    let (_, _, ended) = called(".sync", late, json!({})).await;
    assert_eq!(ended["error"], "States.TaskFailed");
    assert!(ended["cause"].as_str().unwrap().contains(r#""Status":"TIMED_OUT""#), "{ended}");
}

#[tokio::test]
async fn the_child_answers_with_the_token() {
    let place = Place::new().await;
    let answer = json!({"StartAt": "Answer", "States": {"Answer": {"Type": "Task", "End": true,
        "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
        "Parameters": {"TaskToken.$": "$.token", "Output": {"answer": 42}}}}});
    let child = place.machine("child", &answer.to_string()).await;
    let input = json!({"token.$": "$$.Task.Token", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"});
    let parameters = json!({"StateMachineArn": child, "Input": input});
    let parent = place.machine("parent", &calling(".waitForTaskToken", parameters, json!({}))).await;
    let execution = place.start(&parent).await;
    assert_eq!(output(&place.ended(&execution).await), json!({"answer": 42}));
    let child = children(&place, &child).await.remove(0);
    let described = place.call("DescribeExecution", json!({"executionArn": child["executionArn"]})).await;
    let given: Value = serde_json::from_str(described["input"].as_str().unwrap()).unwrap();
    assert_eq!(given["AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"], json!(execution));
}

#[tokio::test]
async fn calls_of_the_sdk_have_times_as_texts() {
    let place = Place::new().await;
    let echo = place.machine("echo", ECHO).await;
    let call = |action: &str, parameters: Value| {
        let call = json!({"Type": "Task", "Resource": format!("arn:aws:states:::aws-sdk:sfn:{action}"),
            "Parameters": parameters, "End": true});
        json!({"StartAt": "Call", "States": {"Call": call}}).to_string()
    };
    let ask = call("describeStateMachine", json!({"StateMachineArn": echo}));
    let ask = place.machine("ask", &ask).await;
    let execution = place.start(&ask).await;
    let result = output(&place.ended(&execution).await);
    assert_eq!((&result["Name"], &result["StateMachineArn"]), (&json!("echo"), &json!(echo)));
    let date = result["CreationDate"].as_str().unwrap();
    assert!(date.len() == 24 && date.ends_with('Z'), "{date}");

    let ask = call(
        "describeExecution",
        json!({"ExecutionArn": format!("{}:none", echo.replace("stateMachine", "execution"))}),
    );
    let ask = place.machine("ask-in-vain", &ask).await;
    let ended = place.ended(&place.start(&ask).await).await;
    assert_eq!(ended["error"], "Sfn.ExecutionDoesNotExistException");
}

#[tokio::test]
async fn names_that_are_taken() {
    let place = Place::new().await;
    let child = place.machine("child", ECHO).await;
    place
        .ended(&text(
            &place.call("StartExecution", json!({"stateMachineArn": child, "name": "taken"})).await["executionArn"],
        ))
        .await;
    let parameters = json!({"StateMachineArn": child, "Name": "taken"});
    for (number, pattern) in ["", ".sync"].into_iter().enumerate() {
        let parent = place.machine(&format!("parent-{number}"), &calling(pattern, parameters.clone(), json!({}))).await;
        let ended = place.ended(&place.start(&parent).await).await;
        assert_eq!(ended["error"], "StepFunctions.ExecutionAlreadyExistsException", "{pattern}");
    }
}

#[tokio::test]
async fn a_loop_starts_another_child_each_time() {
    let place = Place::new().await;
    let child = place.machine("child", ECHO).await;
    let call = json!({"Type": "Task", "Resource": START, "Parameters": {"StateMachineArn": child}, "End": true});
    let each = json!({"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemsPath": "$", "End": true,
        "ItemProcessor": {"StartAt": "Call", "States": {"Call": call}}}}});
    let parent = place.machine("parent", &each.to_string()).await;
    let started = place.call("StartExecution", json!({"stateMachineArn": parent, "input": "[1, 2, 3]"})).await;
    assert_eq!(output(&place.ended(&text(&started["executionArn"])).await).as_array().unwrap().len(), 3);
    assert_eq!(children(&place, &child).await.len(), 3);
}

#[tokio::test]
async fn whoever_waits_takes_the_child_along() {
    // The parent is stopped; its task is over in time; another branch fails.
    let place = Place::new().await;
    let child = place.machine("child", WAIT).await;
    let parameters = json!({"StateMachineArn": child});
    let ends = |status: &'static str| {
        let (place, child) = (&place, &child);
        async move {
            let list = json!({"stateMachineArn": child});
            let all = |list: &Value| list["executions"].as_array().unwrap().iter().all(|e| e["status"] == status);
            place.until("ListExecutions", list, all).await["executions"].as_array().unwrap().len()
        }
    };
    let stopped = place.machine("stopped", &calling(".sync", parameters.clone(), json!({}))).await;
    let execution = place.start(&stopped).await;
    let runs = |list: &Value| list["executions"].as_array().unwrap().len() == 1;
    place.until("ListExecutions", json!({"stateMachineArn": child}), runs).await;
    let submitted =
        |history: &Value| history["events"].as_array().unwrap().iter().any(|e| e["type"] == "TaskSubmitted");
    place.until("GetExecutionHistory", json!({"executionArn": execution}), submitted).await;
    place.call("StopExecution", json!({"executionArn": execution})).await;
    assert_eq!(ends("ABORTED").await, 1);

    let late = place.machine("late", &calling(".sync:2", parameters.clone(), json!({"TimeoutSeconds": 1}))).await;
    assert_eq!(place.ended(&place.start(&late).await).await["error"], "States.Timeout");
    assert_eq!(ends("ABORTED").await, 2);

    // Without waiting for it, the child is on its own.
    let free = place.machine("free", &calling("", parameters, json!({}))).await;
    place.ended(&place.start(&free).await).await;
    let running = json!({"stateMachineArn": child, "statusFilter": "RUNNING"});
    assert_eq!(place.call("ListExecutions", running).await["executions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_restart_starts_no_child_twice_and_stops_none() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let before = Place::of(Server::builder().store(store.clone())).await;
    let short = r#"{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 2, "End": true}}}"#;
    let child = before.machine("child", short).await;
    let parent = before.machine("parent", &calling(".sync:2", json!({"StateMachineArn": child}), json!({}))).await;
    let execution = before.start(&parent).await;
    let runs = |list: &Value| list["executions"].as_array().unwrap().len() == 1;
    before.until("ListExecutions", json!({"stateMachineArn": child}), runs).await;
    before.server.stop().await;
    let after = Place::of(Server::builder().store(store)).await;
    let result = output(&after.ended(&execution).await);
    assert_eq!(result["Status"], "SUCCEEDED");
    let all = children(&after, &child).await;
    assert_eq!((all.len(), &all[0]["status"]), (1, &json!("SUCCEEDED")));
}

#[tokio::test]
async fn an_express_child_and_a_deep_family() {
    let place = Place::new().await;
    let echo = place.express("echo", ECHO).await;
    let parent = place.machine("parent", &calling("", json!({"StateMachineArn": echo}), json!({}))).await;
    let result = output(&place.ended(&place.start(&parent).await).await);
    assert!(result["ExecutionArn"].as_str().unwrap().contains(":express:echo:"), "{result}");

    let mut below = place.machine("level-0", ECHO).await;
    for level in 1..=20 {
        let parameters = json!({"StateMachineArn": below, "Input": {"level": level}});
        let more = json!({"OutputPath": "$.Output"});
        below = place.machine(&format!("level-{level}"), &calling(".sync:2", parameters, more)).await;
    }
    let ended = place.ended(&place.start(&below).await).await;
    assert_eq!(output(&ended), json!({"level": 1}));
}
