//! Intrinsic functions and variables (33 to 38, 43 to 45).

use crate::support::{Run, checked, machine, only, run};
use serde_json::{Value as Json, json};

fn call(function: &str, input: &str) -> Run {
    run(&only(json!({ "Type": "Pass", "Parameters": { "r.$": function } })), input)
}

fn gives(function: &str, input: &str, expected: &str) {
    assert_eq!(call(function, input).output(), format!(r#"{{"r":{expected}}}"#), "{function} {input}");
}

#[test]
fn trap_33_format_writes_objects_as_java_does() {
    gives("States.Format('<{}>', $.v)", r#"{"v":{"a":1,"b":[]}}"#, r#""<{a=1, b=[]}>""#);
    gives("States.Format('<{}>', $.v)", r#"{"v":{"a":{"b":"c"}}}"#, r#""<{a={b=c}}>""#);
    gives("States.Format('{} {}', $.v, null)", r#"{"v":true}"#, r#""true null""#);
}

#[test]
fn trap_34_a_splitter_is_a_set_of_characters() {
    gives("States.StringSplit($.v, ';,')", r#"{"v":"a,b;c,;d"}"#, r#"["a","b","c","d"]"#);
    gives("States.StringSplit($.v, '-')", r#"{"v":"--a--"}"#, r#"["a"]"#);
}

#[test]
fn trap_35_math_add_rounds_before_it_adds() {
    for (a, b, sum) in [("2.49", "2.5", "5"), ("0.5", "0.5", "2"), ("-3.5", "0", "-3"), ("-3.51", "0", "-4")] {
        gives("States.MathAdd($.a, $.b)", &format!(r#"{{"a":{a},"b":{b}}}"#), sum);
    }
}

#[test]
fn trap_36_an_empty_text_is_null() {
    gives("States.StringToJson($.v)", r#"{"v":""}"#, "null");
    gives("States.StringToJson($.v)", r#"{"v":"-0"}"#, "0");
    gives("States.StringToJson($.v)", r#"{"v":"[1, {\"a\": 2}]"}"#, r#"[1,{"a":2}]"#);
}

#[test]
fn trap_37_a_failing_function_is_a_runtime_error() {
    let ran = call("States.MathAdd($.v, 1)", r#"{"v":"x"}"#);
    let told = "There was an error while evaluating the intrinsic function: ";
    assert!(ran.runtime_error("Only", 2).starts_with(told), "{}", ran.failure().1);
}

#[test]
fn trap_38_json_merge_is_shallow() {
    let input = r#"{"a":{"x":{"one":1},"y":1},"b":{"x":{"two":2}}}"#;
    gives("States.JsonMerge($.a, $.b, false)", input, r#"{"x":{"two":2},"y":1}"#);
}

#[test]
fn trap_43_a_state_sees_the_variables_as_it_was_entered() {
    let second = json!({ "Type": "Pass", "Assign": { "v": 2, "w.$": "$v" },
        "Parameters": { "seen.$": "$v" }, "ResultPath": "$.r", "OutputPath": "$.r", "Next": "Third" });
    let definition = machine(json!({
        "First": { "Type": "Pass", "Assign": { "v": 1 }, "Next": "Second" },
        "Second": second,
        "Third": { "Type": "Pass", "Parameters": { "v.$": "$v", "w.$": "$w", "second.$": "$.seen" }, "End": true },
    }));
    assert_eq!(run(&definition, "{}").output(), r#"{"v":2,"w":1,"second":1}"#);
    let out = machine(json!({
        "First": { "Type": "Pass", "Assign": { "v": "old" }, "Next": "Second" },
        "Second": { "Type": "Pass", "Assign": { "v": "new" }, "OutputPath": "$v", "End": true },
    }));
    assert_eq!(run(&out, "{}").output(), r#""old""#);
}

/// A text whose JSON has this many bytes, quotes included, in characters of two bytes.
fn wide(bytes: usize) -> String {
    "ä".repeat((bytes - 2) / 2)
}

#[test]
fn trap_44_a_variable_is_measured_in_bytes_of_json() {
    // Input, then cut down to nothing: only the variables are large.
    let assign = |paths: Json| only(json!({ "Type": "Pass", "Assign": paths, "Parameters": {} }));
    let input = |bytes: usize| Json::from(wide(bytes)).to_string();
    let one = assign(json!({ "a_name_that_does_not_count.$": "$$.Execution.Input" }));
    assert_eq!(run(&one, &input(262_144)).output(), "{}");
    let joined = "States.Format('{}..', $$.Execution.Input)";
    let too_large = run(&assign(json!({ "v.$": joined })), &input(262_144));
    let told = "Variable size limit exceeded. Variable 'v' in state 'Only' was assigned 262146 bytes.";
    assert_eq!(too_large.failure(), ("States.DataLimitExceeded", told));
    // Two of them, each within the limit.
    let two = assign(json!({ "a.$": "$$.Execution.Input", "b.$": "$$.Execution.Input" }));
    assert_eq!(run(&two, &input(131_072)).output(), "{}");
    let told = "State total variable size limit exceeded. Variable 'b' in state 'Only' was assigned 131074 bytes, \
                which caused the size of variables assigned in the state to exceed its limit by 4 bytes.";
    assert_eq!(run(&two, &input(131_074)).failure(), ("States.DataLimitExceeded", told));
}

#[test]
fn trap_45_a_variable_that_nobody_may_have_set_is_a_warning() {
    let inner = json!({ "Set": { "Type": "Pass", "Assign": { "inside": 1 }, "End": true } });
    let definition = |outer: Json| {
        machine(json!({
            "Start": { "Type": "Pass", "Assign": outer, "Next": "Both" },
            "Both": { "Type": "Parallel", "Branches": [machine(inner.clone())], "Next": "Use" },
            "Use": { "Type": "Pass", "Parameters": { "v.$": "$inside" }, "End": true },
        }))
    };
    let told = checked(&definition(json!({ "other": 1 })));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("Warning POSSIBLY_UNDEFINED_VARIABLE: "), "{told:?}");
    // It is created, and fails when it runs.
    let ran = run(&definition(json!({ "other": 1 })), "{}");
    assert_eq!(ran.failure().0, "States.Runtime");
    let shadowed = checked(&definition(json!({ "inside": 1 })));
    assert_eq!(shadowed.len(), 1, "{shadowed:?}");
    assert!(shadowed[0].starts_with("Error SCHEMA_VALIDATION_FAILED: "), "{shadowed:?}");
    assert!(shadowed[0].ends_with(" at /States/Both/Branches/0/States/Set/Assign/inside"), "{shadowed:?}");
}
