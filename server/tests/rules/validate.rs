//! ValidateStateMachineDefinition.

use crate::support::{ECHO, Place};
use serde_json::{Value, json};

async fn validated(definition: &str, more: Value) -> Value {
    let place = Place::new().await;
    let mut request = json!({"definition": definition});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    place.call("ValidateStateMachineDefinition", request).await
}

fn error(message: &str, location: Option<&str>, code: &str) -> Value {
    let mut diagnostic = json!({"severity": "ERROR", "code": code, "message": message});
    if let Some(location) = location {
        diagnostic["location"] = json!(location);
    }
    diagnostic
}

#[tokio::test]
async fn what_is_no_definition() {
    let schema = "SCHEMA_VALIDATION_FAILED";
    let json = "INVALID_JSON_DESCRIPTION";
    for (definition, diagnostic) in [
        ("", error("Definition must be a valid JSON object", None, schema)),
        ("{}", error("These fields are required: [States, StartAt]", Some("/"), schema)),
        (
            "nothing",
            error(
                "Unrecognized token 'nothing': was expecting (JSON String, Number, Array, Object or token 'null', 'true' \
                 or 'false')\n at [Source: (String)\"nothing\"; line: 1, column: 8]",
                Some("[Source: (String)\"nothing\"; line: 1, column: 8]"),
                json,
            ),
        ),
        (
            "{",
            error(
                "Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)\"{\"; line: \
                 1, column: 1])\n at [Source: (String)\"{\"; line: 1, column: 2]",
                Some("[Source: (String)\"{\"; line: 1, column: 2]"),
                json,
            ),
        ),
    ] {
        let expected = json!({"result": "FAIL", "diagnostics": [diagnostic], "truncated": false});
        assert_eq!(validated(definition, json!({})).await, expected, "{definition:?}");
    }
}

/// Wrong in five ways, in the order in which AWS tells them.
const WRONG: &str = r#"{"StartAt": "Nowhere", "States": {
    "A": {"Type": "Wait", "Seconds": -1, "Next": "B"},
    "B": {"Type": "Nap", "End": true}}}"#;

#[tokio::test]
async fn as_many_as_are_wanted() {
    let all = validated(WRONG, json!({})).await;
    assert_eq!((&all["result"], &all["truncated"]), (&json!("FAIL"), &json!(false)));
    let told = all["diagnostics"].as_array().unwrap().clone();
    let first = error("Minimum value is 0", Some("/States/A/Seconds"), "SCHEMA_VALIDATION_FAILED");
    assert_eq!(told[0], first);
    assert!(told.len() > 2, "{told:?}");
    let schema = told.iter().filter(|told| told["code"] == "SCHEMA_VALIDATION_FAILED").count();
    assert!(told[..schema].iter().all(|told| told["code"] == "SCHEMA_VALIDATION_FAILED"), "{told:?}");
    let some = validated(WRONG, json!({"maxResults": 1})).await;
    assert_eq!(some, json!({"result": "FAIL", "diagnostics": [first], "truncated": true}));
    assert_eq!(validated(WRONG, json!({"maxResults": 0})).await, all);
    assert_eq!(validated(WRONG, json!({"maxResults": told.len()})).await, all);
    let place = Place::new().await;
    let request = json!({"definition": WRONG, "maxResults": 101});
    let refused = place.refused("ValidateStateMachineDefinition", request).await;
    assert!(refused.ends_with("Member must have value less than or equal to 100"), "{refused}");
}

#[tokio::test]
async fn warnings_are_for_those_who_ask() {
    let warned = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"x.$": "$.y"}, "End": true}}}"#;
    let quiet = validated(warned, json!({})).await;
    assert_eq!(quiet, json!({"result": "OK", "diagnostics": [], "truncated": false}));
    assert_eq!(validated(warned, json!({"severity": "ERROR"})).await, quiet);
    let loud = validated(warned, json!({"severity": "WARNING"})).await;
    assert_eq!(loud["result"], "OK");
    let told = loud["diagnostics"].as_array().unwrap();
    assert!(!told.is_empty() && told.iter().all(|told| told["severity"] == "WARNING"), "{loud}");
    assert_eq!(validated(ECHO, json!({"severity": "WARNING"})).await, quiet);
}

#[tokio::test]
async fn the_type_decides() {
    let task = r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true,
        "Resource": "arn:aws:states:us-east-1:000000000000:activity:a"}}}"#;
    assert_eq!(validated(task, json!({})).await["result"], "OK");
    assert_eq!(validated(task, json!({"type": "STANDARD"})).await["result"], "OK");
    let express = validated(task, json!({"type": "EXPRESS"})).await;
    assert_eq!(express["diagnostics"][0]["location"], "/States/T/Resource");
    assert_eq!(express["result"], "FAIL");
}
