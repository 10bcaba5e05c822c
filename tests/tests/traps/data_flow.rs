//! Paths, templates and results (1 to 7, 98).

use crate::support::{FUNCTION, machine, only, run, run_text, run_with};
use aslx_asl::Value;
use aslx_engine::layers::Answer;
use serde_json::json;

#[test]
fn trap_01_result_path_merges_into_the_raw_input() {
    let state =
        json!({ "Type": "Pass", "InputPath": "$.order", "Parameters": { "sum.$": "$.total" }, "ResultPath": "$.bill" });
    let input = r#"{"order":{"total":12},"keep":true}"#;
    assert_eq!(run(&only(state), input).output(), r#"{"order":{"total":12},"keep":true,"bill":{"sum":12}}"#);
    let task = json!({ "Type": "Task", "Resource": FUNCTION, "InputPath": "$.order", "ResultPath": "$.order.paid" });
    let ran = run_with(&only(task), input, "Only", [Answer::returns(true)]);
    assert_eq!(ran.details(3)["input"], r#"{"total":12}"#);
    assert_eq!(ran.output(), r#"{"order":{"total":12,"paid":true},"keep":true}"#);
}

#[test]
fn trap_02_a_path_of_null_gives_an_empty_object() {
    for state in [
        json!({ "Type": "Pass", "InputPath": null }),
        json!({ "Type": "Pass", "OutputPath": null }),
        json!({ "Type": "Wait", "Seconds": 1, "InputPath": null }),
        json!({ "Type": "Wait", "Seconds": 1, "OutputPath": null }),
    ] {
        assert_eq!(run(&only(state.clone()), r#"{"a":1}"#).output(), "{}", "{state}");
    }
    // ResultPath is another matter: the result is dropped.
    let drop = json!({ "Type": "Pass", "Result": 1, "ResultPath": null });
    assert_eq!(run(&only(drop), r#"{"a":1}"#).output(), r#"{"a":1}"#);
}

#[test]
fn trap_03_a_pass_states_result_is_literal() {
    let state = json!({ "Type": "Pass", "Result": { "a.$": "$.a", "b": "$.a", "c.$": "States.UUID()" } });
    assert_eq!(run(&only(state), r#"{"a":1}"#).output(), r#"{"a.$":"$.a","b":"$.a","c.$":"States.UUID()"}"#);
}

#[test]
fn trap_04_a_result_of_null_is_no_result() {
    let state = json!({ "Type": "Pass", "Result": null });
    assert_eq!(run(&only(state), r#"{"a":1}"#).output(), r#"{"a":1}"#);
    // A null below it is a null.
    let state = json!({ "Type": "Pass", "Result": { "n": null } });
    assert_eq!(run(&only(state), r#"{"a":1}"#).output(), r#"{"n":null}"#);
}

#[test]
fn trap_05_a_result_path_needs_an_object() {
    let state = json!({ "Type": "Pass", "Result": 1, "ResultPath": "$.part" });
    for input in ["4", r#""text""#] {
        let ran = run(&only(state.clone()), input);
        assert_eq!(ran.failure().0, "States.ReferencePathConflict");
        let cause = format!("Unable to apply ReferencePath $.part to input {input}");
        assert!(ran.failure().1.ends_with(&cause), "{}", ran.failure().1);
    }
    // Whole values may be replaced.
    let state = json!({ "Type": "Pass", "Result": 1, "ResultPath": "$" });
    assert_eq!(run(&only(state), "4").output(), "1");
}

#[test]
fn trap_06_an_indefinite_path_that_finds_nothing_gives_an_empty_list() {
    for path in ["$.rows[*]", "$.rows[2:]", "$.deep.rows[:3].name", "$..name", "$.rows[?(@.n > 1)]"] {
        let state = json!({ "Type": "Pass", "Parameters": { "found.$": path } });
        assert_eq!(run(&only(state), "{}").output(), r#"{"found":[]}"#, "{path}");
    }
}

#[test]
fn trap_07_a_definite_path_that_finds_nothing_has_two_texts() {
    let template = json!({ "Type": "Pass", "Parameters": { "who.$": "$.nobody" } });
    assert_eq!(
        run(&only(template), r#"{"a":1}"#).runtime_error("Only", 2),
        r#"The JSONPath '$.nobody' specified for the field 'who.$' could not be found in the input '{"a":1}'"#
    );
    let path = |path: &str| run(&only(json!({ "Type": "Pass", "InputPath": path })), r#"{"a":{}}"#);
    let shallow = path("$.nobody");
    assert_eq!(shallow.runtime_error("Only", 2), "Invalid path '$.nobody' : No results for path: $['nobody']");
    let deep = path("$.a.b.c");
    assert_eq!(deep.runtime_error("Only", 2), "Invalid path '$.a.b.c' : Missing property in path $['a']['b']");
}

#[test]
fn trap_07_counts_the_state_that_was_entered() {
    let definition = machine(json!({
        "First": { "Type": "Pass", "Next": "Second" },
        "Second": { "Type": "Pass", "OutputPath": "$.nobody", "End": true },
    }));
    let ran = run(&definition, "{}");
    assert_eq!(ran.runtime_error("Second", 4), "Invalid path '$.nobody' : No results for path: $['nobody']");
}

#[test]
fn trap_98_a_decimal_stays_a_decimal() {
    let literal =
        r#"{"StartAt":"Only","States":{"Only":{"Type":"Pass","Result":{"a":1.00,"b":1.0,"c":1},"End":true}}}"#;
    assert_eq!(run_text(literal, "{}").output(), r#"{"a":1.0,"b":1.0,"c":1}"#);
    let wrap = json!({ "Type": "Pass", "Parameters": { "in.$": "$.n" } });
    assert_eq!(run(&only(wrap), r#"{"n": 1.00}"#).output(), r#"{"in":1.0}"#);
    let task = json!({ "Type": "Task", "Resource": FUNCTION });
    let ran = run_with(&only(task), "{}", "Only", [Answer::returns(Value::from(1.0))]);
    assert_eq!(ran.output(), "1.0");
}
