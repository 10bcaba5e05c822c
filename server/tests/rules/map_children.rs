//! Children of a distributed Map, by their own ARNs.

use crate::support::{Place, text};
use aslx_engine::store::MemoryStore;
use aslx_server::Server;
use serde_json::{Value, json};
use std::sync::Arc;

/// Three children; the third waits.
fn map(child: &str) -> String {
    format!(
        r#"{{"StartAt": "Each", "States": {{"Each": {{"Type": "Map", "Label": "L", "End": true, "ItemProcessor": {{
            "ProcessorConfig": {{"Mode": "DISTRIBUTED", "ExecutionType": "{child}"}}, "StartAt": "W",
            "States": {{"W": {{"Type": "Wait", "SecondsPath": "$", "End": true}}}}}}}}}}}}"#
    )
}

/// The execution, its run, and the child that waits.
async fn waiting(place: &Place, definition: &str) -> (String, String, String) {
    let machine = place.machine("m", definition).await;
    let started = place.call("StartExecution", json!({"stateMachineArn": machine, "input": "[0, 0, 600]"})).await;
    let execution = text(&started["executionArn"]);
    let some = |seen: &Value| !seen["mapRuns"].as_array().unwrap().is_empty();
    let runs = place.until("ListMapRuns", json!({"executionArn": execution}), some).await;
    let run = text(&runs["mapRuns"][0]["mapRunArn"]);
    let one_runs = |seen: &Value| seen["itemCounts"]["succeeded"] == 2 && seen["itemCounts"]["running"] == 1;
    place.until("DescribeMapRun", json!({"mapRunArn": run}), one_runs).await;
    let running = json!({"mapRunArn": run, "statusFilter": "RUNNING"});
    let listed = place.until("ListExecutions", running, |seen| seen["executions"].as_array().unwrap().len() == 1).await;
    (execution, run, text(&listed["executions"][0]["executionArn"]))
}

#[tokio::test]
async fn a_child_is_stopped_alone() {
    let place = Place::new().await;
    let (execution, run, child) = waiting(&place, &map("STANDARD")).await;
    let seen = place.call("DescribeExecution", json!({"executionArn": child})).await;
    assert_eq!((&seen["status"], &seen["mapRunArn"]), (&json!("RUNNING"), &json!(run)));
    assert!(text(&seen["stateMachineArn"]).ends_with(":stateMachine:m/L"));
    let stop = json!({"executionArn": child, "error": "Enough", "cause": "of it"});
    let stopped = place.call("StopExecution", stop.clone()).await;
    let seen = place.call("DescribeExecution", json!({"executionArn": child})).await;
    assert_eq!((&seen["status"], &seen["stopDate"]), (&json!("ABORTED"), &stopped["stopDate"]));
    assert_eq!((&seen["error"], &seen["cause"]), (&json!("Enough"), &json!("of it")));
    assert_eq!(seen["redriveStatus"], "REDRIVABLE_BY_MAP_RUN");
    let history = place.call("GetExecutionHistory", json!({"executionArn": child})).await;
    let last = history["events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["type"], &last["previousEventId"]), (&json!("ExecutionAborted"), &json!(0)));
    assert_eq!(last["executionAbortedEventDetails"], json!({"error": "Enough", "cause": "of it"}));
    // An item that was stopped is no failure: the run ends well, and the stop is not repeated.
    let ended = place.ended(&execution).await;
    assert_eq!(ended["status"], "SUCCEEDED");
    let seen = place.call("DescribeMapRun", json!({"mapRunArn": run})).await;
    assert_eq!(seen["status"], "SUCCEEDED");
    let counts = |kind: &str| {
        (seen[kind]["succeeded"].clone(), seen[kind]["aborted"].clone(), seen[kind]["resultsWritten"].clone())
    };
    assert_eq!(counts("itemCounts"), (json!(2), json!(1), json!(3)));
    assert_eq!(counts("executionCounts"), (json!(2), json!(1), json!(3)));
    assert_eq!(place.call("StopExecution", stop).await, stopped);
}

#[tokio::test]
async fn a_child_is_redriven_with_its_run_and_not_alone() {
    let place = Place::new().await;
    let machine = place.machine("m", &map("STANDARD")).await;
    let started = place.call("StartExecution", json!({"stateMachineArn": machine, "input": "[600, 600]"})).await;
    let execution = text(&started["executionArn"]);
    let some = |seen: &Value| !seen["mapRuns"].as_array().unwrap().is_empty();
    let runs = place.until("ListMapRuns", json!({"executionArn": execution}), some).await;
    let run = text(&runs["mapRuns"][0]["mapRunArn"]);
    let both = |seen: &Value| seen["executions"].as_array().unwrap().len() == 2;
    let listed = place.until("ListExecutions", json!({"mapRunArn": run}), both).await;
    let child = text(&listed["executions"][0]["executionArn"]);
    // A child that was stopped does not count against what is tolerated: the other one goes on.
    place.call("StopExecution", json!({"executionArn": child})).await;
    let seen = place.call("DescribeMapRun", json!({"mapRunArn": run})).await;
    assert_eq!((&seen["status"], &seen["executionCounts"]["aborted"]), (&json!("RUNNING"), &json!(1)));
    let error = place.error("RedriveExecution", json!({"executionArn": child})).await;
    assert_eq!(error["message"], "Labeled Execution ARNs are not supported for this API");
    assert_eq!(error["__type"], "com.amazonaws.swf.service.v2.model#ValidationException");
    place.call("StopExecution", json!({"executionArn": execution})).await;
    assert_eq!(place.ended(&execution).await["status"], "ABORTED");
    place.call("RedriveExecution", json!({"executionArn": execution})).await;
    let runs = |seen: &Value| seen["status"] == "RUNNING";
    let seen = place.until("DescribeExecution", json!({"executionArn": child}), runs).await;
    assert_eq!((&seen["redriveCount"], seen.get("stopDate")), (&json!(1), None));
    let redriven = json!({"mapRunArn": run, "redriveFilter": "REDRIVEN"});
    assert_eq!(place.call("ListExecutions", redriven).await["executions"].as_array().unwrap().len(), 2);
    let others = json!({"mapRunArn": run, "redriveFilter": "NOT_REDRIVEN"});
    assert_eq!(place.call("ListExecutions", others).await["executions"], json!([]));
    place.call("StopExecution", json!({"executionArn": child})).await;
    place.call("StopExecution", json!({"executionArn": execution})).await;
    assert_eq!(place.ended(&child).await["status"], "ABORTED");
}

#[tokio::test]
async fn children_are_listed_and_described() {
    let place = Place::new().await;
    let (execution, run, child) = waiting(&place, &map("STANDARD")).await;
    let listed = place.call("ListExecutions", json!({"mapRunArn": run, "maxResults": 2})).await;
    assert_eq!(listed["executions"].as_array().unwrap().len(), 2);
    let token = &listed["nextToken"];
    let rest = place.call("ListExecutions", json!({"mapRunArn": run, "maxResults": 2, "nextToken": token})).await;
    assert_eq!((rest["executions"].as_array().unwrap().len(), rest.get("nextToken")), (1, None));
    let item = &listed["executions"][0];
    assert_eq!((&item["mapRunArn"], &item["itemCount"]), (&json!(run), &json!(1)));
    let seen = place.call("DescribeStateMachineForExecution", json!({"executionArn": child})).await;
    assert_eq!((&seen["mapRunArn"], &seen["label"]), (&json!(run), &json!("L")));
    assert!(text(&seen["stateMachineArn"]).ends_with(":stateMachine:m/L"));
    // Children are no executions of the machine.
    let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
    let listed = place.call("ListExecutions", json!({"stateMachineArn": machine})).await;
    assert_eq!(listed["executions"].as_array().unwrap().len(), 1);
    place.call("StopExecution", json!({"executionArn": execution})).await;
    assert_eq!(place.ended(&execution).await["status"], "ABORTED");
    assert_eq!(place.ended(&child).await["status"], "ABORTED");
    let seen = place.call("DescribeMapRun", json!({"mapRunArn": run})).await;
    assert_eq!(seen["status"], "ABORTED");
    let message = place.error("UpdateMapRun", json!({"mapRunArn": run, "maxConcurrency": 1})).await;
    assert_eq!(message["reason"], "CANNOT_UPDATE_COMPLETED_MAP_RUN");
    let message = place.error("UpdateMapRun", json!({"mapRunArn": run})).await;
    assert_eq!(message["reason"], "MISSING_REQUIRED_PARAMETER");
    let missing = format!("{run}0");
    for operation in ["DescribeMapRun", "UpdateMapRun"] {
        let message = place.refused(operation, json!({"mapRunArn": missing, "maxConcurrency": 1})).await;
        assert_eq!(message, format!("ResourceNotFound: Resource not found: '{missing}'"));
    }
}

/// A stop reaches a child after a restart, and one whose family was put away.
#[tokio::test]
async fn a_stop_finds_its_child_wherever_it_is() {
    let store = Arc::new(MemoryStore::new());
    let place = Place::of(Server::builder().store(store.clone())).await;
    let machine = place.machine("m", &map("STANDARD")).await;
    let request = json!({"stateMachineArn": machine, "input": "[600, 600, 600]"});
    let execution = text(&place.call("StartExecution", request).await["executionArn"]);
    let some = |seen: &Value| !seen["mapRuns"].as_array().unwrap().is_empty();
    let runs = place.until("ListMapRuns", json!({"executionArn": execution}), some).await;
    let run = text(&runs["mapRuns"][0]["mapRunArn"]);
    let all = |seen: &Value| seen["executions"].as_array().unwrap().len() == 3;
    let listed = place.until("ListExecutions", json!({"mapRunArn": run}), all).await;
    let child = |n: usize| text(&listed["executions"][n]["executionArn"]);
    place.call("StopExecution", json!({"executionArn": child(0)})).await;
    place.server.stop().await;

    let place = Place::of(Server::builder().store(store)).await;
    let counts = async || {
        let seen = place.call("DescribeMapRun", json!({"mapRunArn": run})).await;
        (seen["executionCounts"]["aborted"].clone(), seen["executionCounts"]["running"].clone())
    };
    assert_eq!(counts().await, (json!(1), json!(2)));
    place.call("StopExecution", json!({"executionArn": child(1)})).await;
    assert_eq!(counts().await, (json!(2), json!(1)));
    // Nothing happens for longer than an execution is kept in memory.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let stopped = place.call("StopExecution", json!({"executionArn": child(2), "error": "E"})).await;
    let seen = place.call("DescribeExecution", json!({"executionArn": child(2)})).await;
    assert_eq!((&seen["status"], &seen["error"]), (&json!("ABORTED"), &json!("E")));
    assert_eq!(seen["stopDate"], stopped["stopDate"]);
    assert_eq!(place.ended(&execution).await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn map_runs_are_listed_in_pages() {
    let place = Place::new().await;
    let each = |next: &str| {
        format!(
            r#"{{"Type": "Map", {next}, "ItemProcessor": {{"StartAt": "P", "States": {{"P": {{"Type": "Pass", "End": true}}}},
                "ProcessorConfig": {{"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}}}}}"#
        )
    };
    let second = each(r#""End": true"#).replace(r#""P""#, r#""Q""#);
    let definition = format!(r#"{{"StartAt": "A", "States": {{"A": {}, "B": {second}}}}}"#, each(r#""Next": "B""#));
    let machine = place.machine("m", &definition).await;
    let started = place.call("StartExecution", json!({"stateMachineArn": machine, "input": "[1]"})).await;
    let execution = text(&started["executionArn"]);
    assert_eq!(place.ended(&execution).await["status"], "SUCCEEDED");
    let all = place.call("ListMapRuns", json!({"executionArn": execution})).await;
    let all = all["mapRuns"].as_array().unwrap().clone();
    assert_eq!(all.len(), 2);
    let first = place.call("ListMapRuns", json!({"executionArn": execution, "maxResults": 1})).await;
    let next = json!({"executionArn": execution, "maxResults": 1, "nextToken": first["nextToken"]});
    let second = place.call("ListMapRuns", next).await;
    assert!(second.get("nextToken").is_none());
    assert_eq!([&first["mapRuns"][0], &second["mapRuns"][0]], [&all[0], &all[1]]);
    let wrong = json!({"executionArn": execution, "nextToken": "bm8"});
    assert_eq!(place.refused("ListMapRuns", wrong).await, "InvalidToken: Invalid Token: 'Invalid token'");
}

#[tokio::test]
async fn express_children_are_described_and_nothing_more() {
    let place = Place::new().await;
    let (execution, _, child) = waiting(&place, &map("EXPRESS")).await;
    assert!(child.starts_with("arn:aws:states:us-east-1:000000000000:express:m/L:"), "{child}");
    let request = json!({"executionArn": child});
    assert_eq!(place.call("DescribeExecution", request.clone()).await["status"], "RUNNING");
    place.call("DescribeStateMachineForExecution", request.clone()).await;
    for operation in ["StopExecution", "GetExecutionHistory", "RedriveExecution"] {
        assert_eq!(
            place.refused(operation, request.clone()).await,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'",
            "{operation}"
        );
    }
    place.call("StopExecution", json!({"executionArn": execution})).await;
    assert_eq!(place.ended(&execution).await["status"], "ABORTED");
    assert_eq!(place.ended(&child).await["status"], "ABORTED");
}
