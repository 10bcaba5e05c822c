//! Choice and Wait (8 to 13).

use crate::support::{Run, checked, machine, only, run};
use serde_json::{Value as Json, json};

/// Goes to `Yes` if the rule holds.
fn choice(mut rule: Json) -> Json {
    rule["Next"] = "Yes".into();
    machine(json!({
        "Choose": { "Type": "Choice", "Choices": [rule], "Default": "No" },
        "Yes": { "Type": "Pass", "Result": "yes", "End": true },
        "No": { "Type": "Pass", "Result": "no", "End": true },
    }))
}

#[test]
fn trap_08_a_missing_variable_does_not_go_to_the_default() {
    let rule = json!({ "Variable": "$.absent", "StringEquals": "x" });
    let ran = run(&choice(rule), "{}");
    assert_eq!(
        ran.runtime_error("Choose", 2),
        "Invalid path '$.absent': The choice state's condition path references an invalid value."
    );
    assert_eq!(ran.events, ["1<0 ExecutionStarted", "2<0 ChoiceStateEntered", "3<2 ExecutionFailed"]);
    // Unless it is asked for.
    let guarded = json!({ "And": [{ "Variable": "$.absent", "IsPresent": true }, { "Variable": "$.absent", "StringEquals": "x" }] });
    assert_eq!(run(&choice(guarded), "{}").output(), r#""no""#);
}

#[test]
fn trap_09_a_type_mismatch_is_false() {
    for rule in [
        json!({ "Variable": "$.v", "NumericEquals": 1 }),
        json!({ "Variable": "$.v", "BooleanEquals": true }),
        json!({ "Variable": "$.v", "TimestampLessThan": "2026-01-01T00:00:00Z" }),
        json!({ "Variable": "$.v", "NumericGreaterThanPath": "$.n" }),
        json!({ "Variable": "$.n", "NumericEqualsPath": "$.v" }),
        json!({ "Variable": "$.n", "StringMatches": "*" }),
    ] {
        let ran = run(&choice(rule.clone()), r#"{"v":"1","n":1}"#);
        assert_eq!(ran.output(), r#""no""#, "{rule}");
        let not = run(&choice(json!({ "Not": rule })), r#"{"v":"1","n":1}"#);
        assert_eq!(not.output(), r#""yes""#);
    }
}

#[test]
fn trap_10_no_match_without_a_default_is_a_runtime_error() {
    let choose = json!({ "Type": "Choice", "Choices": [{ "Variable": "$.v", "NumericEquals": 1, "Next": "Yes" }] });
    let ran = run(&machine(json!({ "Choose": choose, "Yes": { "Type": "Succeed" } })), r#"{"v":2}"#);
    assert_eq!(
        ran.runtime_error("Choose", 2),
        "Failed to transition out of the state. The state does not point to a next state."
    );
}

fn waits(field: &str, input: &str) -> Run {
    run(&only(json!({ "Type": "Wait", field: "$.until" })), &format!(r#"{{"until":{input}}}"#))
}

#[test]
fn trap_11_seconds_may_be_a_numeric_string() {
    for (input, seconds) in [(r#""90""#, 90.0), ("90", 90.0), ("0", 0.0)] {
        let ran = waits("SecondsPath", input);
        assert_eq!((ran.output.is_some(), ran.seconds), (true, seconds), "{input}");
    }
}

#[test]
fn trap_12_a_fraction_of_a_second_is_refused() {
    for input in ["2.5", "-2.5"] {
        let told = format!("The SecondsPath parameter cannot be parsed as a long value: $.until == {input}");
        assert_eq!(waits("SecondsPath", input).runtime_error("Only", 2), told);
    }
    let told = "The SecondsPath parameter references a negative value: $.until == -3";
    assert_eq!(waits("SecondsPath", "-3").runtime_error("Only", 2), told);
}

#[test]
fn trap_13_a_timestamp_has_a_t_and_an_offset() {
    let good = waits("TimestampPath", r#""2023-11-14T22:14:20.500Z""#);
    assert_eq!((good.output.is_some(), good.seconds), (true, 60.5));
    let offset = waits("TimestampPath", r#""2023-11-15T00:14:20+02:00""#);
    assert_eq!((offset.output.is_some(), offset.seconds), (true, 60.0));
    for bad in ["2023-11-14 22:14:20Z", "2023-11-14T22:14:20", "2023-11-14"] {
        let ran = waits("TimestampPath", &format!("\"{bad}\""));
        let told =
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string";
        assert_eq!(ran.runtime_error("Only", 2), format!("{told}: $.until == {bad}"));
        let literal = checked(&only(json!({ "Type": "Wait", "Timestamp": bad })));
        let told = "String does not match RFC3339 timestamp at /States/Only/Timestamp";
        assert_eq!(literal, [format!("Error SCHEMA_VALIDATION_FAILED: {told}")]);
    }
}
