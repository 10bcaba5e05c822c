//! TestState: what is refused, and in which words.

use crate::support::{Place, ROLE, members};
use serde_json::{Value, json};

const PASS: &str = r#"{"Type": "Pass", "End": true}"#;
const TASK: &str = r#"{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
    "Parameters": {"FunctionName": "f"}}"#;
const MAP: &str = r#"{"Type": "Map", "ItemsPath": "$.l", "End": true, "ItemProcessor": {"StartAt": "I",
    "States": {"I": {"Type": "Pass", "End": true}}}}"#;
const PARALLEL: &str = r#"{"Type": "Parallel", "End": true, "Branches": [
    {"StartAt": "X", "States": {"X": {"Type": "Succeed"}}}, {"StartAt": "Y", "States": {"Y": {"Type": "Succeed"}}}]}"#;

fn request(definition: &str, more: Value) -> Value {
    let mut request = json!({"definition": definition, "roleArn": ROLE, "input": "{\"l\": [1, 2]}"});
    for (name, value) in more.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

fn result(text: &str) -> Value {
    json!({"mock": {"result": text}})
}

#[tokio::test]
async fn mocks_that_do_not_fit() {
    let place = Place::new().await;
    let config = |given: Value, mock: Option<&str>| {
        let mut request = json!({"stateConfiguration": given});
        if let Some(mock) = mock {
            request["mock"] = json!({"result": mock});
        }
        request
    };
    let read = MAP
        .replace(
            r#""ItemsPath": "$.l","#,
            r#""ItemReader": {"Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"}, "Parameters": {"Bucket": "b", "Key": "k"}},"#,
        )
        .replace(
            r#"{"StartAt": "I""#,
            r#"{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "I""#,
        );
    let written = MAP
        .replace(
            r#""ItemsPath": "$.l","#,
            r#""ResultWriter": {"Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": "b", "Prefix": "p"}}, "ItemsPath": "$.l","#,
        )
        .replace(
            r#"{"StartAt": "I""#,
            r#"{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "I""#,
        );
    for (definition, more, message) in [
        (PASS, result("1"), "State type 'Pass' is not supported when a mock is specified"),
        (
            TASK,
            json!({"mock": {"result": "{}", "errorOutput": {"error": "E"}}}),
            "A test mock should have only one of the following fields: [result, errorOutput].",
        ),
        (TASK, json!({"mock": {}}), "One of the following fields is required for a test mock: [result, errorOutput]."),
        (
            TASK,
            json!({"mock": {"errorOutput": {"cause": "c"}}}),
            "An error was not specified in the mocked error output.",
        ),
        (TASK, result("not json"), "Mocked result must be valid JSON"),
        (TASK, result("1"), "Mocked result must be a valid JSON object."),
        (MAP, result("{}"), "Mocked result must be an array."),
        (&written, result("[]"), "Mocked result must be a JSON object."),
        (PARALLEL, result("{}"), "Mocked result must be an array."),
        (
            PARALLEL,
            result("[1]"),
            "Mocked result must contain the same number of items as number of Parallel branches.",
        ),
        (MAP, result("[1]"), "Input array does not equal the mocked result array's size"),
        (
            TASK,
            json!({"revealSecrets": true, "mock": {"result": "{}"}}),
            "TestState does not support RevealSecrets when a mock is specified.",
        ),
        (
            TASK,
            config(json!({"mapIterationFailureCount": 1}), None),
            "TestState does not support MapIterationFailureCount when a mock is not specified.",
        ),
        (
            TASK,
            config(json!({"mapIterationFailureCount": 1}), Some("{}")),
            "MapIterationFailureCount is only supported when testing a Map state.",
        ),
        (
            MAP,
            config(json!({"mapIterationFailureCount": 3}), Some("[1, 2]")),
            "Map iteration failure count must be less than or equal to the number of Map iterations",
        ),
        (&read, result("[1]"), "ItemReader data must be specified when testing a Map state with ItemReader specified."),
    ] {
        let refused = place.refused("TestState", request(definition, more)).await;
        assert_eq!(refused, format!("ValidationException: {message}"), "{definition}");
    }
}

#[tokio::test]
async fn states_that_cannot_be_tried() {
    let place = Place::new().await;
    let containers = "InvalidDefinition: TestState API does not support Map or Parallel states. Supported state types \
                      include: [Task, Wait, Pass, Succeed, Fail, Choice]";
    for definition in [MAP, PARALLEL] {
        assert_eq!(place.refused("TestState", request(definition, json!({}))).await, containers);
    }
    let no_role = json!({"definition": TASK});
    let message = "ValidationException: RoleArn must be specified when testing a Task state";
    assert_eq!(place.refused("TestState", no_role).await, message);
    let machine = format!(r#"{{"StartAt": "A", "States": {{"A": {PASS}}}}}"#);
    let unknown = request(&machine, json!({"stateName": "B"}));
    assert_eq!(place.refused("TestState", unknown).await, "ValidationException: State not found in definition");
    let wrong =
        place.refused("TestState", json!({"definition": r#"{"Type": "Wait", "Seconds": -1, "End": true}"#})).await;
    assert!(wrong.ends_with("Minimum value is 0 at /States/StateName/Seconds'"), "{wrong}");
}

#[tokio::test]
async fn each_level_shows_more() {
    let place = Place::new().await;
    let shown = async |definition: &str, level: &str, more: Value| {
        let mut request = request(definition, more);
        request["inspectionLevel"] = json!(level);
        place.call("TestState", request).await
    };
    let info = shown(PASS, "INFO", json!({})).await;
    assert_eq!(info, json!({"status": "SUCCEEDED", "output": "{\"l\": [1, 2]}"}));
    for level in ["DEBUG", "TRACE"] {
        let pass = shown(PASS, level, json!({})).await;
        let expected = ["afterInputPath", "afterParameters", "afterResultPath", "afterResultSelector", "input"];
        assert_eq!(members(&pass["inspectionData"]), expected);
        let fixed = shown(r#"{"Type": "Pass", "Result": 1, "End": true}"#, level, json!({})).await;
        assert_eq!(members(&fixed["inspectionData"]), ["afterResultPath", "afterResultSelector", "input", "result"]);
        let wait = shown(r#"{"Type": "Wait", "Seconds": 0, "End": true}"#, level, json!({})).await;
        assert_eq!(members(&wait["inspectionData"]), ["afterInputPath", "input"]);
        let map = shown(MAP, level, result("[3, 4]")).await;
        let expected =
            ["afterInputPath", "afterItemsPath", "afterResultPath", "afterResultSelector", "input", "maxConcurrency"];
        assert_eq!(members(&map["inspectionData"]), expected);
        assert_eq!(map["inspectionData"]["afterItemsPath"], "[1, 2]");
    }
}

#[tokio::test]
async fn errors_are_retried_caught_or_not() {
    let place = Place::new().await;
    let task = TASK.replace(
        r#""End": true"#,
        r#""End": true, "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2,
        "BackoffRate": 3, "MaxAttempts": 2}], "Catch": [{"ErrorEquals": ["Other"], "Next": "C"},
        {"ErrorEquals": ["Busy"], "Next": "D"}]"#,
    );
    let tried = async |error: &str, count: u64| {
        let more = json!({"inspectionLevel": "DEBUG", "stateConfiguration": {"retrierRetryCount": count},
            "mock": {"errorOutput": {"error": error, "cause": "c"}}});
        place.call("TestState", request(&task, more)).await
    };
    let seen = tried("Busy", 0).await;
    assert_eq!(
        (&seen["status"], &seen["inspectionData"]["errorDetails"]),
        (&json!("RETRIABLE"), &json!({"retryIndex": 0, "retryBackoffIntervalSeconds": 2}))
    );
    assert_eq!(tried("Busy", 1).await["inspectionData"]["errorDetails"]["retryBackoffIntervalSeconds"], 6);
    let seen = tried("Busy", 2).await;
    assert_eq!((&seen["status"], &seen["nextState"]), (&json!("CAUGHT_ERROR"), &json!("D")));
    assert_eq!(seen["inspectionData"]["errorDetails"]["catchIndex"], 1);
    let seen = tried("Unknown", 0).await;
    assert_eq!((&seen["status"], &seen["error"], &seen["cause"]), (&json!("FAILED"), &json!("Unknown"), &json!("c")));
    assert!(seen.get("nextState").is_none());
}

#[tokio::test]
async fn contexts_that_do_not_fit() {
    let place = Place::new().await;
    for (context, message) in [
        (json!({"Execution": {"Id": 1}}), "Execution.Id must be a string"),
        (json!({"Map": {}}), "'Map' field is not supported when mocking a Context object"),
        (json!({"other": 1}), "Field 'other' is not allowed"),
        (
            json!({"Task": {"Token": "t"}}),
            "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service \
             integration pattern",
        ),
    ] {
        let refused = place.refused("TestState", request(PASS, json!({"context": context.to_string()}))).await;
        assert_eq!(refused, format!("ValidationException: Invalid Context object provided: {message}"));
    }
    // A context replaces the one that would be made.
    let definition = r#"{"Type": "Pass", "Parameters": {"c.$": "$$"}, "End": true}"#;
    let seen =
        place.call("TestState", request(definition, json!({"context": "{\"Execution\": {\"Name\": \"n\"}}"}))).await;
    assert_eq!(seen["output"], r#"{"c":{"Execution":{"Name":"n"}}}"#);
    // A path into it is shown as a path in it.
    let map = MAP.replace("$.l", "$$.Execution");
    let seen = place.call("TestState", request(&map, result("[1]"))).await;
    assert_eq!(
        (&seen["error"], &seen["cause"]),
        (&json!("States.Runtime"), &json!("Reference path \"$.Execution\" must point to array."))
    );
}
