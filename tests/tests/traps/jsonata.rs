//! States in JSONata (39 to 42), the types of their fields, and what fails in them.

use crate::support::{INVOKE, Run, fails, machine, only, run, run_with};
use serde_json::{Value as Json, json};

fn state(mut fields: Json) -> Json {
    fields["QueryLanguage"] = "JSONata".into();
    fields
}

fn alone(fields: Json, input: &str) -> Run {
    run(&only(state(fields)), input)
}

fn gives(output: Json, input: &str, expected: &str) {
    assert_eq!(alone(json!({ "Type": "Pass", "Output": output }), input).output(), expected, "{output}");
}

/// The state `Only` fails with this cause, in this field if one is to blame; the event follows its entry.
#[track_caller]
fn refuses(fields: Json, input: &str, location: Option<&str>, cause: &str) {
    let ran = alone(fields, input);
    let cause = format!("An error occurred while executing the state 'Only' (entered at the event id #2). {cause}");
    assert_eq!(ran.failure(), ("States.QueryEvaluationError", &*cause));
    let mut details = json!({ "state": "Only", "error": "States.QueryEvaluationError", "cause": cause });
    if let Some(location) = location {
        details["location"] = location.into();
    }
    let failed = ran.history.iter().find(|event| event["type"] == "EvaluationFailed").unwrap();
    assert_eq!(failed["evaluationFailedEventDetails"], details);
    assert_eq!(failed["previousEventId"], 2);
}

/// The same where an expression gives another type than its field takes.
#[track_caller]
fn mistypes(fields: Json, (location, expression): (&str, &str), expected: &str, found: &str) {
    let cause = format!(
        "The JSONata expression '{expression}' specified for the field '{location}' returned an unexpected result type. \
         Expected '{expected}', but was {found}"
    );
    refuses(fields, "{}", Some(location), &cause);
}

#[test]
fn trap_39_a_list_of_one_is_its_item() {
    gives(json!({ "r": "{% $range(1, 9, 9) %}" }), "{}", r#"{"r":1}"#);
    gives(json!({ "r": "{% [$range(1, 9, 9)] %}" }), "{}", r#"{"r":[1]}"#);
}

#[test]
fn trap_40_blanks_around_the_marks_make_a_text() {
    gives(json!([" {% 1 %}", "{% 1 %} ", "a {% 1 %}", "{% 1 %}"]), "{}", r#"[" {% 1 %}","{% 1 %} ","a {% 1 %}",1]"#);
}

#[test]
fn trap_41_what_is_not_there_is_an_error() {
    let cause = "The JSONata expression '$states.input.nope' specified for the field 'Output/a/1' returned nothing \
                 (undefined).";
    refuses(
        json!({ "Type": "Pass", "Output": { "a": [1, "{% $states.input.nope %}"] } }),
        "{}",
        Some("Output/a/1"),
        cause,
    );
}

#[test]
fn trap_42_null_is_an_output() {
    gives(Json::Null, r#"{"a":1}"#, "null");
    gives(json!("{% null %}"), r#"{"a":1}"#, "null");
}

#[test]
fn trap_43_assign_and_output_see_the_variables_as_the_state_was_entered() {
    let definition = machine(json!({
        "First": state(json!({ "Type": "Pass", "Assign": { "x": 1, "y": 2 }, "Next": "Swap" })),
        "Swap": state(json!({ "Type": "Pass", "Assign": { "x": "{% $y %}", "y": "{% $x %}" },
            "Output": ["{% $x %}", "{% $y %}"], "Next": "Last" })),
        // The other language reads the same variables.
        "Last": { "Type": "Pass", "Parameters": { "seen.$": "$", "x.$": "$x", "y.$": "$y" }, "End": true },
    }));
    assert_eq!(run(&definition, "{}").output(), r#"{"x":2,"y":1,"seen":[1,2]}"#);
}

#[test]
fn every_field_has_its_type() {
    mistypes(
        json!({ "Type": "Wait", "Seconds": "{% 'a' %}" }),
        ("Seconds", "'a'"),
        "number",
        "'string' for value: \"a\"",
    );
    mistypes(json!({ "Type": "Wait", "Timestamp": "{% 5 %}" }), ("Timestamp", "5"), "string", "'number' for value: 5");
    let work = json!({ "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } });
    let items = |items: &str| json!({ "Type": "Map", "Items": items, "ItemProcessor": work });
    mistypes(items("{% {'a': 1} %}"), ("Items", "{'a': 1}"), "array", "'object' for value: {\"a\":1}");
    let most = json!({ "Type": "Map", "Items": [], "MaxConcurrency": "{% true %}", "ItemProcessor": work });
    mistypes(most, ("MaxConcurrency", "true"), "number", "'boolean' for value: true");
    let text = "The JSONata expression 'function($x){$x}' specified for the field 'Items' returned an unsupported result \
                type.";
    refuses(items("{% function($x){$x} %}"), "{}", Some("Items"), text);
    let plain = json!({ "Type": "Map", "ItemProcessor": work });
    refuses(plain, r#"{"a": 1}"#, None, r#"Map state input must be an array but was: {"a":1}"#);
    let bad = json!({ "Type": "Wait", "Timestamp": "{% '2024-13-01T00:00:00Z' %}" });
    let text = "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: \
                2024-13-01T00:00:00Z";
    refuses(bad, "{}", Some("Timestamp"), text);
}

#[test]
fn a_condition_is_true_or_false() {
    let choice = |condition: &str| {
        machine(json!({
            "Only": state(json!({ "Type": "Choice", "Choices": [{ "Condition": condition, "Output": "{% 'taken' %}",
                "Next": "End" }], "Default": "End", "Output": "default" })),
            "End": { "Type": "Succeed" },
        }))
    };
    assert_eq!(run(&choice("{% $states.input > 1 %}"), "2").output(), "\"taken\"");
    assert_eq!(run(&choice("{% $states.input > 1 %}"), "1").output(), "\"default\"");
    let (error, cause) =
        (run(&choice("{% $states.input %}"), "1").error, run(&choice("{% $states.input %}"), "1").cause);
    assert_eq!(error.as_deref(), Some("States.QueryEvaluationError"));
    assert!(cause.unwrap().ends_with(
        "The JSONata expression '$states.input' specified for the field 'Choices[0]/Condition' returned an unexpected \
         result type. Expected 'boolean', but was 'number' for value: 1"
    ));
}

#[test]
fn a_failed_evaluation_is_retried_and_caught() {
    let definition = machine(json!({
        "Only": state(json!({ "Type": "Task", "Resource": INVOKE, "Arguments": { "FunctionName": "{% $nope %}" },
            "Retry": [{ "ErrorEquals": ["States.QueryEvaluationError"], "MaxAttempts": 1 }],
            "Catch": [{ "ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}",
                "Assign": { "why": "{% $states.errorOutput.Cause %}" }, "Next": "End" }], "End": true })),
        "End": state(json!({ "Type": "Succeed", "Output": "{% [$states.input, $contains($why, 'undefined')] %}" })),
    }));
    let ran = run(&definition, "{}");
    assert_eq!(ran.output(), r#"["States.QueryEvaluationError",true]"#);
    let kinds: Vec<&Json> = ran.history.iter().map(|event| &event["type"]).collect();
    let expected = ["ExecutionStarted", "TaskStateEntered", "EvaluationFailed", "EvaluationFailed", "TaskStateExited"];
    assert_eq!(kinds[..5], expected);
    // The failure of the task itself is caught alike.
    let mut answered = definition;
    answered["States"]["Only"]["Arguments"] = json!({ "FunctionName": "f" });
    let ran = run_with(&answered, "{}", "Only", [fails()]);
    assert!(ran.output().ends_with(",false]"), "{}", ran.output());
}

#[test]
fn a_hostile_expression_fails_its_state() {
    let ran = alone(json!({ "Type": "Pass", "Output": "{% ($f := function($x) { $f($x + 1) }; $f(1)) %}" }), "{}");
    assert_eq!(ran.failure().0, "States.QueryEvaluationError");
}

#[test]
fn drawn_values_are_drawn_anew_and_stay_with_the_seed() {
    let pass = json!({ "Type": "Pass", "Output": ["{% $uuid() %}", "{% $uuid() %}", "{% $random() %}"] });
    let (one, other) = (alone(pass.clone(), "{}"), alone(pass, "{}"));
    assert_eq!(one.output(), other.output());
    let drawn: Json = serde_json::from_str(one.output()).unwrap();
    assert_ne!(drawn[0], drawn[1]);
}
