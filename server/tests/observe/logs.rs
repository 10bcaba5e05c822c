//! Execution logs: what each level has, and the shape of a line.

use super::support::{builder, call, echo, ended, machine_with, start, tasks};
use aslx_engine::task::{TaskFailure, TaskRequest, TaskResponse};
use aslx_server::{Notice, Server};
use serde_json::{Value, json};

fn logging(level: &str, data: bool) -> Value {
    let group = json!({"logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:g:*"});
    let destinations = json!([{"cloudWatchLogsLogGroup": group}]);
    json!({"loggingConfiguration": {"level": level, "includeExecutionData": data, "destinations": destinations}})
}

/// The lines of one execution.
async fn lines(definition: &Value, level: &str, data: bool, kind: &str) -> Vec<Value> {
    fn broken(request: &TaskRequest) -> Result<TaskResponse, TaskFailure> {
        if &*request.state == "Task" { Err(TaskFailure::new("Broken", "it is")) } else { echo(request) }
    }
    let mut server: Server =
        builder().tasks(tasks(broken)).listened_to(aslx_server::Interest::ALL).start().await.unwrap();
    let mut notices = server.notices().unwrap();
    let mut more = logging(level, data);
    more["type"] = kind.into();
    let machine = machine_with(&server, "m", definition.clone(), more).await;
    let request = json!({"stateMachineArn": machine, "name": "e", "input": r#"{"a": 1}"#});
    if kind == "EXPRESS" {
        call(&server, "StartSyncExecution", request).await;
    } else {
        let execution = start(&server, request).await;
        ended(&server, &execution).await;
    }
    server.stop().await;
    let mut lines = Vec::new();
    while let Ok(notice) = notices.try_recv() {
        if let Notice::Log(line) = notice {
            lines.push(serde_json::from_str(&line.to_string()).unwrap());
        }
    }
    lines
}

fn types(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["type"].as_str().unwrap()).collect()
}

/// A task fails in a branch beside a wait; the error is caught, and the execution fails.
fn eventful() -> Value {
    let branch = |name: &str, state: Value| json!({"StartAt": name, "States": {name: state}});
    let task = json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
        "Parameters": {"FunctionName": "f"}});
    let wait = json!({"Type": "Wait", "Seconds": 9, "End": true});
    json!({"StartAt": "Both", "States": {
        "Both": {"Type": "Parallel", "Branches": [branch("Wait", wait), branch("Task", task)], "Next": "Fail",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Fail"}]},
        "Fail": {"Type": "Fail", "Error": "E", "Cause": "c"},
    }})
}

#[tokio::test]
async fn levels() {
    let all = lines(&eventful(), "ALL", true, "STANDARD").await;
    let wrong = ["FailStateEntered"];
    let is_wrong =
        |name: &&str| wrong.contains(name) || ["Failed", "Aborted", "TimedOut"].iter().any(|end| name.ends_with(end));
    let expected: Vec<&str> = types(&all).into_iter().filter(is_wrong).collect();
    assert!(expected.contains(&"WaitStateAborted") && expected.contains(&"ParallelStateFailed"), "{expected:?}");
    let error = lines(&eventful(), "ERROR", true, "STANDARD").await;
    assert_eq!(types(&error), expected);
    assert_eq!(types(&lines(&eventful(), "FATAL", true, "STANDARD").await), ["ExecutionFailed"]);
    assert!(lines(&eventful(), "OFF", true, "STANDARD").await.is_empty());
    let late =
        json!({"StartAt": "W", "TimeoutSeconds": 1, "States": {"W": {"Type": "Wait", "Seconds": 9, "End": true}}});
    assert_eq!(types(&lines(&late, "FATAL", true, "STANDARD").await), ["ExecutionTimedOut"]);
}

#[tokio::test]
async fn the_shape_of_a_line() {
    let definition = json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}});
    for kind in ["STANDARD", "EXPRESS"] {
        let lines = lines(&definition, "ALL", true, kind).await;
        assert_eq!(
            types(&lines),
            ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"],
            "{kind}"
        );
        let arn = lines[0]["execution_arn"].as_str().unwrap();
        let family = if kind == "EXPRESS" { "express" } else { "execution" };
        assert!(arn.starts_with(&format!("arn:aws:states:us-east-1:000000000000:{family}:m:e")), "{arn}");
        let expected = json!({
            "id": "2",
            "type": "PassStateEntered",
            "details": {"name": "P", "input": "{\"a\": 1}", "inputDetails": {"truncated": false}},
            "previous_event_id": "0",
            "event_timestamp": "1700000000000",
            "execution_arn": arn,
            "redrive_count": "0",
        });
        assert_eq!(lines[1], expected);
    }
}

#[tokio::test]
async fn lines_without_data() {
    let task = json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "F",
        "Parameters": {"FunctionName": "f", "Payload": "secret"}, "Assign": {"v": "secret"}});
    let definition = json!({"StartAt": "T", "States": {
        "T": task, "F": {"Type": "Fail", "Error": "E", "Cause": "told on AWS too"}}});
    let lines = lines(&definition, "ALL", false, "STANDARD").await;
    let text = Value::from(lines.clone()).to_string();
    for word in
        ["secret", "\"input\"", "\"output\"", "inputDetails", "outputDetails", "assignedVariables", "parameters"]
    {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let last = lines.last().unwrap();
    assert_eq!(last["details"], json!({"error": "E", "cause": "told on AWS too"}));
    assert_eq!(lines[0]["details"], json!({"roleArn": super::support::ROLE}));
}

#[tokio::test]
async fn long_payloads_are_left_out() {
    let long = "x".repeat(254_000);
    let definition = json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": long, "End": true}}});
    let lines = lines(&definition, "ALL", true, "STANDARD").await;
    assert_eq!(lines[1]["details"]["inputDetails"], json!({"truncated": false}));
    assert_eq!(lines[2]["details"]["outputDetails"], json!({"truncated": true}));
    assert!(lines[2]["details"].get("output").is_none());
}
