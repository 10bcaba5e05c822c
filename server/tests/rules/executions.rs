//! Executions: started, described, listed, stopped.

use crate::support::{ECHO, FAIL, Place, WAIT, members, text};
use serde_json::{Value, json};

#[tokio::test]
async fn a_name_is_taken_by_the_same_start_only() {
    let place = Place::new().await;
    let arn = place.machine("m", WAIT).await;
    let start = |input: &str| json!({"stateMachineArn": arn, "name": "n", "input": input});
    let started = place.call("StartExecution", start("{}")).await;
    assert_eq!(started["executionArn"], "arn:aws:states:us-east-1:000000000000:execution:m:n");
    assert_eq!(place.call("StartExecution", start("{}")).await, started);
    let taken = "ExecutionAlreadyExists: Execution Already Exists: \
                 'arn:aws:states:us-east-1:000000000000:execution:m:n'";
    assert_eq!(place.refused("StartExecution", start("{\"a\":1}")).await, taken);
    place.call("StopExecution", json!({"executionArn": started["executionArn"]})).await;
    assert_eq!(place.refused("StartExecution", start("{}")).await, taken);
}

#[tokio::test]
async fn inputs() {
    let place = Place::new().await;
    let arn = place.machine("m", ECHO).await;
    let start = |input: &str| json!({"stateMachineArn": arn, "input": input});
    let refused = |why: &str| format!("InvalidExecutionInput: Invalid State Machine Execution Input: '{why}'");
    assert_eq!(place.refused("StartExecution", start("")).await, refused("Invalid execution input."));
    assert_eq!(
        place.refused("StartExecution", start("not")).await,
        refused(
            "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or \
             'false')"
        )
    );
    assert_eq!(
        place.refused("StartExecution", start("{'a': 1}")).await,
        refused("Unexpected character (''' (code 39)): was expecting double-quote to start field name")
    );
    for input in ["1", "\"a\"", "null", "[1, 2]", "{ \"a\":1 }"] {
        let started = place.call("StartExecution", start(input)).await;
        assert_eq!(members(&started), ["executionArn", "startDate"]);
        let ended = place.ended(&text(&started["executionArn"])).await;
        assert_eq!((&ended["input"], &ended["output"]), (&json!(input), &json!(input)));
    }
    let ended = place.ended(&place.start(&arn).await).await;
    assert_eq!((&ended["input"], &ended["output"]), (&json!("{}"), &json!("{}")));
    let long = "x".repeat(262_145);
    let message = place.refused("StartExecution", start(&long)).await;
    assert!(message.starts_with("ValidationException: 1 validation error detected: "), "{message}");
}

#[tokio::test]
async fn what_cannot_be_started() {
    let place = Place::new().await;
    let arn = place.machine("m", ECHO).await;
    let missing = format!("{arn}x");
    assert_eq!(
        place.refused("StartExecution", json!({"stateMachineArn": missing})).await,
        format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{missing}'")
    );
    let version = format!("{arn}:4");
    assert_eq!(
        place.refused("StartExecution", json!({"stateMachineArn": version})).await,
        format!("StateMachineDoesNotExist: State Machine Version Does Not Exist: '{version}'")
    );
    let labelled = place.error("StartExecution", json!({"stateMachineArn": format!("{arn}/L")})).await;
    assert_eq!(labelled["reason"], "API_DOES_NOT_SUPPORT_LABELED_ARNS");
    assert_eq!(
        place.refused("StartExecution", json!({"stateMachineArn": arn, "name": "a:b"})).await,
        "InvalidName: Invalid Name: 'a:b'"
    );
    assert_eq!(
        place.refused("StartExecution", json!({"stateMachineArn": "m"})).await,
        "InvalidArn: Invalid Arn: 'Invalid ARN prefix: m'"
    );
    assert_eq!(
        place.refused("StartSyncExecution", json!({"stateMachineArn": arn})).await,
        "StateMachineTypeNotSupported: This operation is not supported by this type of state machine"
    );
}

const ALWAYS: [&str; 8] =
    ["executionArn", "name", "redriveCount", "redriveStatus", "startDate", "stateMachineArn", "status", "stopDate"];

#[tokio::test]
async fn a_description_has_what_its_status_has() {
    let place = Place::new().await;
    let described = async |name: &str, definition: &str, stop: Option<Value>| {
        let execution = place.start(&place.machine(name, definition).await).await;
        if let Some(mut stop) = stop {
            stop["executionArn"] = json!(execution);
            place.call("StopExecution", stop).await;
        }
        let running = name == "running";
        let request = json!({"executionArn": execution});
        let seen = if running { place.call("DescribeExecution", request).await } else { place.ended(&execution).await };
        let metadata = json!({"executionArn": execution, "includedData": "METADATA_ONLY"});
        let metadata = place.call("DescribeExecution", metadata).await;
        let mut short: Vec<&str> = ALWAYS.into_iter().filter(|name| !running || *name != "stopDate").collect();
        if seen.get("redriveStatusReason").is_some() {
            short.push("redriveStatusReason");
            short.sort_unstable();
        }
        assert_eq!(members(&metadata), short, "{name}");
        let mut more = members(&seen);
        more.retain(|name| !short.contains(name));
        let more: Vec<String> = more.into_iter().map(str::to_owned).collect();
        (more.join(" "), text(&seen["redriveStatus"]), seen.get("redriveStatusReason").map(text))
    };
    let told = |more: &str, status: &str, reason: Option<&str>| {
        (more.to_owned(), status.to_owned(), reason.map(str::to_owned))
    };
    assert_eq!(
        described("running", WAIT, None).await,
        told("input inputDetails", "NOT_REDRIVABLE", Some("Execution is RUNNING and cannot be redriven"))
    );
    assert_eq!(
        described("succeeded", ECHO, None).await,
        told(
            "input inputDetails output outputDetails",
            "NOT_REDRIVABLE",
            Some("Execution is SUCCEEDED and cannot be redriven")
        )
    );
    assert_eq!(described("failed", FAIL, None).await, told("cause error input inputDetails", "REDRIVABLE", None));
    let timeout =
        r#"{"TimeoutSeconds": 1, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": true}}}"#;
    assert_eq!(described("timed-out", timeout, None).await, told("input inputDetails", "REDRIVABLE", None));
    assert_eq!(described("aborted", WAIT, Some(json!({}))).await, told("input inputDetails", "REDRIVABLE", None));
    let why = json!({"error": "E", "cause": "c"});
    assert_eq!(
        described("aborted-why", WAIT, Some(why)).await,
        told("cause error input inputDetails", "REDRIVABLE", None)
    );
}

#[tokio::test]
async fn a_trace_header_is_shown_again() {
    let place = Place::new().await;
    let arn = place.machine("m", ECHO).await;
    let started = place.call("StartExecution", json!({"stateMachineArn": arn, "traceHeader": "Root=1-2-3"})).await;
    let seen = place.ended(&text(&started["executionArn"])).await;
    assert_eq!(seen["traceHeader"], "Root=1-2-3");
    let message = place.refused("StartExecution", json!({"stateMachineArn": arn, "traceHeader": "ü"})).await;
    assert!(message.ends_with(r"Member must satisfy regular expression pattern: \p{ASCII}*"), "{message}");
}

#[tokio::test]
async fn what_has_ended_stays_as_it_is() {
    let place = Place::new().await;
    let execution = place.start(&place.machine("m", FAIL).await).await;
    let ended = place.ended(&execution).await;
    place.clock.hours(1);
    let stop = json!({"executionArn": execution, "error": "Late"});
    assert_eq!(place.call("StopExecution", stop).await, json!({"stopDate": ended["stopDate"]}));
    assert_eq!(place.ended(&execution).await, ended);
    for operation in [
        "DescribeExecution",
        "StopExecution",
        "GetExecutionHistory",
        "RedriveExecution",
        "DescribeStateMachineForExecution",
        "ListMapRuns",
    ] {
        let arn = "arn:aws:states:us-east-1:000000000000:execution:m:nobody";
        assert_eq!(
            place.refused(operation, json!({"executionArn": arn})).await,
            format!("ExecutionDoesNotExist: Execution Does Not Exist: '{arn}'"),
            "{operation}"
        );
        let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
        assert_eq!(
            place.refused(operation, json!({"executionArn": arn})).await,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: stateMachine'",
            "{operation}"
        );
    }
}

#[tokio::test]
async fn lists_are_by_machine_and_status_newest_first() {
    let place = Place::new().await;
    let arn = place.machine("m", ECHO).await;
    let mut started = Vec::new();
    for _ in 0..3 {
        started.push(place.start(&arn).await);
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    place.ended(&started[2]).await;
    place.call("UpdateStateMachine", json!({"stateMachineArn": arn, "definition": WAIT})).await;
    let running = place.start(&arn).await;
    let list = async |more: Value| {
        let mut request = json!({"stateMachineArn": arn});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let listed = place.call("ListExecutions", request).await;
        listed["executions"].as_array().unwrap().iter().map(|item| text(&item["executionArn"])).collect::<Vec<_>>()
    };
    started.reverse();
    let all: Vec<String> = std::iter::once(running.clone()).chain(started.clone()).collect();
    assert_eq!(list(json!({})).await, all);
    assert_eq!(list(json!({"statusFilter": "RUNNING"})).await, [running]);
    assert_eq!(list(json!({"statusFilter": "SUCCEEDED"})).await, started);
    assert_eq!(list(json!({"statusFilter": "PENDING_REDRIVE"})).await, Vec::<String>::new());
    let run = "arn:aws:states:us-east-1:000000000000:mapRun:m/L:00000000-0000-0000-0000-000000000000";
    for (request, message) in [
        (json!({}), "ValidationException: ".to_owned()),
        (json!({"stateMachineArn": arn, "mapRunArn": run}), "ValidationException: ".to_owned()),
        (json!({"stateMachineArn": arn, "redriveFilter": "REDRIVEN"}), "ValidationException: ".to_owned()),
        (json!({"mapRunArn": run}), format!("ResourceNotFound: Resource not found: '{run}'")),
        (
            json!({"mapRunArn": arn}),
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: stateMachine'".to_owned(),
        ),
        (
            json!({"stateMachineArn": format!("{arn}x")}),
            format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{arn}x'"),
        ),
    ] {
        let refused = place.refused("ListExecutions", request).await;
        assert!(refused.starts_with(&message), "{refused}");
    }
}

#[tokio::test]
async fn histories_backwards_and_without_data() {
    let place = Place::new().await;
    let execution = place.start(&place.machine("m", ECHO).await).await;
    place.ended(&execution).await;
    let history = async |more: Value| {
        let mut request = json!({"executionArn": execution});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        place.call("GetExecutionHistory", request).await["events"].as_array().unwrap().clone()
    };
    let forwards = history(json!({})).await;
    let mut backwards = history(json!({"reverseOrder": true})).await;
    backwards.reverse();
    assert_eq!((forwards.len(), &forwards), (4, &backwards));
    let bare = history(json!({"includeExecutionData": false})).await;
    assert_eq!(bare[1]["stateEnteredEventDetails"], json!({"name": "Echo"}));
    assert!(bare[0]["executionStartedEventDetails"].get("roleArn").is_some());
}
