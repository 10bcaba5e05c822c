//! One state alone: what it hands on, and its data at each stage.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use aslx_asl::{CompileOptions, Program, Value};
use aslx_engine::Data;
use aslx_engine::inspect::{Inspected, Inspection, Report, Setup, Work, alone};
use std::fmt::Write;
use std::sync::Arc;

/// What the work of the state gives.
enum Answer {
    None,
    Result(&'static str),
    Error(&'static str, &'static str),
}

fn setup(state: &str, input: &str) -> Setup {
    let machine = alone(&Value::parse(state).unwrap(), "S").to_json();
    let program = Program::compile(&machine, &CompileOptions::default()).unwrap();
    Setup::new(Arc::new(program), "S", Data::parse(input).unwrap()).unwrap()
}

fn run(setup: Setup, answer: &Answer) -> Report {
    match (Inspection::start(setup), answer) {
        (Inspected::Ended(report), _) => *report,
        (Inspected::Working(inspection), Answer::Result(result)) => inspection.succeed(Data::parse(result).unwrap()),
        (Inspected::Working(inspection), Answer::Error(error, cause)) => {
            inspection.fail(Some((*error).into()), Some((*cause).into()))
        }
        (Inspected::Working(inspection), Answer::None) => panic!("it asks for {:?}", inspection.work()),
    }
}

fn told(setup: &Setup, report: &Report) -> String {
    let mut told = report.ending.name().to_owned();
    if let Some(output) = &report.output {
        let _ = write!(told, " {}", output.text());
    }
    if let Some(next) = &report.next {
        let _ = write!(told, " → {next}");
    }
    if let Some(error) = &report.error {
        let _ = write!(told, " {error}: {}", report.cause.as_deref().unwrap_or_default());
    }
    if let Some((index, exhausted)) = report.retrier {
        let _ = write!(told, " retrier {index}{}", if exhausted { " exhausted" } else { "" });
    }
    if let Some(millis) = report.backoff_millis {
        let _ = write!(told, " after {millis} ms");
    }
    if let Some(index) = report.catcher {
        let _ = write!(told, " catcher {index}");
    }
    if let Some(limits) = report.limits {
        let (count, share) = (limits.tolerated_count, limits.tolerated_percentage);
        let _ = write!(told, " {} at a time, tolerates {count:?} {share:?}", limits.max_concurrency);
    }
    for (stage, data) in report.shown(&setup.program, setup.state) {
        let _ = write!(told, "\n{} {}", stage.name(), data.text());
    }
    told
}

#[track_caller]
fn check(setup: Setup, answer: Answer, expected: &str) {
    let report = run(setup.clone(), &answer);
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(told(&setup, &report), expected.join("\n"));
}

const TASK: &str = r#""Type": "Task", "Resource": "arn:aws:states:::lambda:invoke""#;

#[test]
fn states_without_work() {
    check(
        setup(
            r#"{"Type": "Pass", "InputPath": "$.a", "Parameters": {"b.$": "$"}, "ResultPath": "$.c", "Next": "A"}"#,
            r#"{"a": 1}"#,
        ),
        Answer::None,
        r#"SUCCEEDED {"a":1,"c":{"b":1}} → A
           input {"a": 1}
           afterInputPath 1
           afterParameters {"b":1}
           afterResultSelector {"b":1}
           afterResultPath {"a":1,"c":{"b":1}}"#,
    );
    check(
        setup(r#"{"Type": "Pass", "Result": {"r": 1}, "End": true}"#, "{}"),
        Answer::None,
        r#"SUCCEEDED {"r":1}
           input {}
           result {"r":1}
           afterResultSelector {"r":1}
           afterResultPath {"r":1}"#,
    );
    check(
        setup(
            r#"{"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "A"}], "Default": "B"}"#,
            r#"{"n":2}"#,
        ),
        Answer::None,
        r#"SUCCEEDED {"n":2} → B
           input {"n":2}
           afterInputPath {"n":2}"#,
    );
    check(
        setup(
            r#"{"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "A"}], "Default": "B"}"#,
            "{}",
        ),
        Answer::None,
        r#"FAILED States.Runtime: Invalid path '$.n': The choice state's condition path references an invalid value.
           input {}
           afterInputPath {}"#,
    );
    check(
        setup(r#"{"Type": "Fail", "Error": "E", "CausePath": "$.why"}"#, r#"{"why": "because"}"#),
        Answer::None,
        r#"FAILED E: because
           input {"why": "because"}
           afterInputPath {"why": "because"}"#,
    );
    let wait = setup(r#"{"Type": "Wait", "Seconds": 90, "Next": "A"}"#, "7");
    let report = run(wait.clone(), &Answer::None);
    assert_eq!(report.until.unwrap().as_millis(), wait.now.as_millis() + 90_000);
    assert_eq!(told(&wait, &report), "SUCCEEDED 7 → A\ninput 7\nafterInputPath 7");
}

#[test]
fn a_task_is_answered_retried_and_caught() {
    let state = format!(
        r#"{{{TASK}, "Parameters": {{"FunctionName": "f"}}, "ResultSelector": {{"p.$": "$.Payload"}}, "ResultPath": "$.r",
            "Retry": [{{"ErrorEquals": ["X"]}}, {{"ErrorEquals": ["Slow"], "IntervalSeconds": 3, "MaxAttempts": 2}}],
            "Catch": [{{"ErrorEquals": ["Odd"], "Next": "A"}}, {{"ErrorEquals": ["Slow"], "ResultPath": "$.e", "Next": "B"}}],
            "Next": "A"}}"#
    );
    check(
        setup(&state, r#"{"i":1}"#),
        Answer::Result(r#"{"Payload": "x"}"#),
        r#"SUCCEEDED {"i":1,"r":{"p":"x"}} → A
           input {"i":1}
           afterInputPath {"i":1}
           afterParameters {"FunctionName":"f"}
           result {"Payload": "x"}
           afterResultSelector {"p":"x"}
           afterResultPath {"i":1,"r":{"p":"x"}}"#,
    );
    let reached = "\ninput {\"i\":1}\nafterInputPath {\"i\":1}\nafterParameters {\"FunctionName\":\"f\"}";
    let slow = |retries: u64| Setup { retries, ..setup(&state, r#"{"i":1}"#) };
    let error = || Answer::Error("Slow", "late");
    check(slow(1), error(), &format!("RETRIABLE Slow: late retrier 1 after 6000 ms{reached}"));
    let caught =
        r#"CAUGHT_ERROR {"i":1,"e":{"Error":"Slow","Cause":"late"}} → B Slow: late retrier 1 exhausted catcher 1"#;
    check(slow(2), error(), &format!("{caught}{reached}"));
    check(slow(0), Answer::Error("Other", "why"), &format!("FAILED Other: why{reached}"));
}

#[test]
fn states_in_jsonata_show_less() {
    let state = format!(
        r#"{{"QueryLanguage": "JSONata", {TASK}, "Arguments": {{"FunctionName": "{{% $name %}}"}},
            "Assign": {{"last": "{{% $states.result.Payload %}}"}}, "Output": "{{% $states.context.Execution.Name %}}",
            "End": true}}"#
    );
    let mut with_variables = setup(&state, "{}");
    with_variables.variables.insert("name".into(), Value::from("f"));
    let report = run(with_variables.clone(), &Answer::Result(r#"{"Payload":[1]}"#));
    assert_eq!(
        told(&with_variables, &report),
        "SUCCEEDED \"inspection\"\ninput {}\nafterArguments {\"FunctionName\":\"f\"}\nresult {\"Payload\":[1]}"
    );
    assert_eq!(Value::object(report.variables).to_json(), r#"{"name":"f","last":[1]}"#);
    check(
        setup(&state, "{}"),
        Answer::None,
        "FAILED States.QueryEvaluationError: The JSONata expression '$name' specified for the field \
         'Arguments/FunctionName' returned nothing (undefined).\ninput {}",
    );
    let context = Some(Value::parse(r#"{"Execution":{"Name":"mine"}}"#).unwrap());
    let report = run(Setup { context, ..with_variables }, &Answer::Result(r#"{"Payload":1}"#));
    assert_eq!(&*report.output.unwrap().text(), "\"mine\"");
}

#[test]
fn containers_are_answered_as_a_whole() {
    let branch = r#"{"StartAt": "I", "States": {"I": {"Type": "Fail"}}}"#;
    let parallel = format!(r#"{{"Type": "Parallel", "Branches": [{branch}], "ResultPath": "$.r", "End": true}}"#);
    let Inspected::Working(inspection) = Inspection::start(setup(&parallel, "{}")) else { panic!("it works") };
    assert!(matches!(inspection.work(), Work::Parallel(1)));
    check(
        setup(&parallel, "{}"),
        Answer::Result("[1]"),
        r#"SUCCEEDED {"r":[1]}
           input {}
           afterResultSelector [1]
           afterResultPath {"r":[1]}"#,
    );
    check(setup(&parallel, "{}"), Answer::Error("E", "c"), "FAILED E: c\ninput {}");
    let map = |config: &str, rest: &str| {
        format!(
            r#"{{"Type": "Map", "ItemsPath": "$.l", "ItemSelector": {{"v.$": "$$.Map.Item.Value"}}, {rest}
                "ItemProcessor": {{{config} "StartAt": "I", "States": {{"I": {{"Type": "Succeed"}}}}}}, "End": true}}"#
        )
    };
    check(
        setup(&map("", r#""MaxConcurrency": 2,"#), r#"{"l":[1,2]}"#),
        Answer::Result("[3,4]"),
        r#"SUCCEEDED [3,4] 2 at a time, tolerates None None
           input {"l":[1,2]}
           afterInputPath {"l":[1,2]}
           afterItemsPath [1,2]
           afterItemSelector [{"v":1},{"v":2}]
           afterResultSelector [3,4]
           afterResultPath [3,4]"#,
    );
    const DISTRIBUTED: &str = r#""ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},"#;
    let distributed =
        map(DISTRIBUTED, r#""ToleratedFailureCount": 1, "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": 0},"#);
    let three = |failed_items: u64| Setup { failed_items, ..setup(&distributed, r#"{"l":[1,2,3]}"#) };
    let Inspected::Working(inspection) = Inspection::start(three(0)) else { panic!("it works") };
    assert!(matches!(inspection.work(), Work::Map(limits) if limits.children == Some(2)));
    let reached = r#"
           input {"l":[1,2,3]}
           afterInputPath {"l":[1,2,3]}
           afterItemsPath [1,2,3]
           afterItemSelector [{"v":1},{"v":2},{"v":3}]
           afterItemBatcher [{"BatchInput":0,"Items":[{"v":1},{"v":2}]},{"BatchInput":0,"Items":[{"v":3}]}]"#;
    let done = "\nafterResultSelector [1]\nafterResultPath [1]";
    check(
        three(1),
        Answer::Result("[1]"),
        &format!("SUCCEEDED [1] 0 at a time, tolerates Some(1) None{reached}{done}"),
    );
    check(
        three(2),
        Answer::Result("[1]"),
        &format!(
            "FAILED States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded 0 at a \
             time, tolerates Some(1) None{reached}"
        ),
    );
    check(
        setup(&map("", ""), r#"{"l":1}"#),
        Answer::None,
        r#"FAILED States.Runtime: Reference path "$.l" must point to array.
           input {"l":1}
           afterInputPath {"l":1}"#,
    );
    let of_context = r#"{"Type": "Map", "ItemsPath": "$$.Execution", "End": true,
        "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}}"#;
    check(
        setup(of_context, "1"),
        Answer::None,
        r#"FAILED States.Runtime: Reference path "$.Execution" must point to array.
           input 1
           afterInputPath 1"#,
    );
}
