use super::*;
use crate::Data;
use crate::journal::Seed;
use crate::layers::{AnswersLayer, NoTasks};
use crate::runtime::{Finished, StartRequest, simulate};
use crate::task::{BoxTaskService, TaskRequest, TaskResponse};
use aslx_asl::{CompileOptions, Timestamp, Value};
use futures_util::FutureExt;
use proptest::prelude::*;
use std::sync::Arc;
use tower::Layer;

const ORDER: &str = r#"{
 "StateMachines": {
  "Order": {
   "TestCases": {
    "Happy": {"Charge": "Ok", "Tell": "Told"},
    "Retry": {"Charge": "Retry", "Tell": "Told"},
    "Hybrid": {"Charge": "Ok"}
   }
  }
 },
 "MockedResponses": {
  "Ok": {"0": {"Return": {"Payload": {"id": 1}}}},
  "Retry": {
   "3":   {"Return": {"Payload": {"id": 2}}},
   "1-2": {"Throw": {"Error": "Lambda.TimeoutException", "Cause": "slow"}},
   "0":   {"Throw": {"Error": "Lambda.TooManyRequestsException", "Cause": "throttled"}}
  },
  "Told": {"0": {"Return": "told"}}
 }
}"#;

fn task(resource: &str, more: &str) -> String {
    format!(r#"{{"Type": "Task", "Resource": "{resource}", {more}}}"#)
}

fn order() -> Arc<Program> {
    let charge = task(
        "arn:aws:states:::lambda:invoke",
        r#""Parameters": {"FunctionName": "f"}, "ResultSelector": {"id.$": "$.Payload.id"},
           "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}], "Next": "Tell""#,
    );
    let tell = task(
        "arn:aws:states:::sqs:sendMessage",
        r#""Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "ResultPath": "$.told", "End": true"#,
    );
    compile(&format!(r#"{{"StartAt": "Charge", "States": {{"Charge": {charge}, "Tell": {tell}}}}}"#))
}

fn compile(text: &str) -> Arc<Program> {
    Arc::new(Program::compile(text, &CompileOptions::default()).unwrap())
}

fn run(program: &Arc<Program>, answers: &Answers, below: BoxTaskService) -> (Finished, usize) {
    let layer = AnswersLayer::new(answers.clone());
    let request = StartRequest::new("Order", "e", Data::parse("{}").unwrap(), Seed([3; 16]));
    let tasks = BoxTaskService::new(layer.layer(below));
    let finished = simulate(program.clone(), request, Timestamp::from_millis(0), tasks, None);
    (finished.now_or_never().unwrap().unwrap(), layer.missing().len())
}

/// The end of an execution: status and output or error, and the calls without an answer.
fn end(program: &Arc<Program>, config: &str, case: &str) -> (String, usize) {
    let config = MockConfig::read(config).unwrap();
    let answers = config.answers(&config.machines[0].name, case).unwrap();
    let (finished, missing) = run(program, answers, BoxTaskService::new(NoTasks));
    let outcome = finished.outcome;
    let said = match outcome.output {
        Some(output) => output.value().to_json(),
        None => outcome.error.unwrap_or_default().to_string(),
    };
    (format!("{} {said}", outcome.status.name()), missing)
}

/// The same with one state `Work`, and its response.
fn one(state: &str, response: &str) -> (String, usize) {
    let program = compile(&format!(r#"{{"StartAt": "Work", "States": {{"Work": {state}}}}}"#));
    let config = format!(
        r#"{{"StateMachines": {{"M": {{"TestCases": {{"T": {{"Work": "R"}}}}}}}}, "MockedResponses": {{"R": {response}}}}}"#
    );
    end(&program, &config, "T")
}

#[test]
fn a_test_case_gives_its_states_their_responses() {
    assert_eq!(end(&order(), ORDER, "Happy"), (r#"SUCCEEDED {"id":1,"told":"told"}"#.to_owned(), 0));
}

#[test]
fn numbers_are_calls_in_their_order_whatever_the_order_of_the_file() {
    assert_eq!(end(&order(), ORDER, "Retry"), (r#"SUCCEEDED {"id":2,"told":"told"}"#.to_owned(), 0));
    let config = MockConfig::read(ORDER).unwrap();
    let answers = config.answers("Order", "Retry").unwrap().of("Charge").unwrap();
    let expected = [
        Answer::throws("Lambda.TooManyRequestsException", "throttled"),
        Answer::throws("Lambda.TimeoutException", "slow").times(2),
        Answer::returns(Value::parse(r#"{"Payload": {"id": 2}}"#).unwrap()),
    ];
    assert_eq!(answers, expected);
}

#[test]
fn states_that_are_not_listed_call_the_real_service() {
    let config = MockConfig::read(ORDER).unwrap();
    let real = tower::service_fn(|request: TaskRequest| {
        std::future::ready(Ok(TaskResponse::done(Value::from(format!("real {}", request.state)))))
    });
    let answers = config.answers("Order", "Hybrid").unwrap();
    let (finished, _) = run(&order(), answers, BoxTaskService::new(real));
    assert_eq!(finished.outcome.output.unwrap().value().to_json(), r#"{"id":1,"told":"real Tell"}"#);
}

#[test]
fn return_is_the_raw_output_and_any_json() {
    let state = task("arn:aws:states:::lambda:invoke", r#""Parameters": {"FunctionName": "f"}, "End": true"#);
    for value in ["null", "[1,2.5]", r#""text""#, "true", r#"{"a":{}}"#] {
        let response = format!(r#"{{"0": {{"Return": {value}}}}}"#);
        assert_eq!(one(&state, &response), (format!("SUCCEEDED {value}"), 0));
    }
}

#[test]
fn throw_is_retried_and_caught_like_a_real_failure() {
    let state = task(
        "arn:aws:states:::lambda:invoke",
        r#""Parameters": {"FunctionName": "f"}, "Retry": [{"ErrorEquals": ["A"], "MaxAttempts": 1}], "End": true"#,
    );
    let response = r#"{"0": {"Throw": {"Error": "A"}}, "1": {"Throw": {"Error": "B", "Cause": "c"}}}"#;
    assert_eq!(one(&state, response), ("FAILED B".to_owned(), 0));
}

#[test]
fn callbacks_jobs_activities_and_jsonata_are_answered_at_once() {
    let parameters = r#""Parameters": {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}}, "End": true"#;
    let callback = task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", parameters);
    let job = task("arn:aws:states:::codebuild:startBuild.sync", r#""Parameters": {"ProjectName": "p"}, "End": true"#);
    let activity = task("arn:aws:states:us-east-1:000000000000:activity:a", r#""HeartbeatSeconds": 5, "End": true"#);
    let jsonata = activity.replace(r#""HeartbeatSeconds": 5"#, r#""QueryLanguage": "JSONata""#);
    for state in [callback, job, activity, jsonata] {
        assert_eq!(one(&state, r#"{"0": {"Return": 7}}"#), ("SUCCEEDED 7".to_owned(), 0));
        assert_eq!(one(&state, r#"{"0": {"Throw": {"Error": "No", "Cause": ""}}}"#), ("FAILED No".to_owned(), 0));
    }
}

#[test]
fn every_call_counts_in_loops_and_in_iterations() {
    let work = task("arn:aws:states:::lambda:invoke", r#""Parameters": {"FunctionName": "f"}, "End": true"#);
    let each = format!(
        r#"{{"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 1, "End": true,
            "ItemProcessor": {{"StartAt": "Work", "States": {{"Work": {work}}}}}}}"#
    );
    let items = r#"{"Type": "Pass", "Result": {"items": [1, 2, 3]}, "Next": "Each"}"#;
    let map = compile(&format!(r#"{{"StartAt": "Items", "States": {{"Items": {items}, "Each": {each}}}}}"#));
    let config = r#"{"StateMachines": {"M": {"TestCases": {"T": {"Work": "R"}}}},
        "MockedResponses": {"R": {"0": {"Return": "a"}, "1-2": {"Return": "b"}}}}"#;
    assert_eq!(end(&map, config, "T"), (r#"SUCCEEDED ["a","b","b"]"#.to_owned(), 0));
}

#[test]
fn more_calls_than_answers_are_an_error() {
    let state = task(
        "arn:aws:states:::lambda:invoke",
        r#""Parameters": {"FunctionName": "f"}, "Retry": [{"ErrorEquals": ["A"]}], "End": true"#,
    );
    assert_eq!(one(&state, r#"{"0": {"Throw": {"Error": "A"}}}"#), ("FAILED Mock.NoAnswer".to_owned(), 1));
}

#[test]
fn unknown_machines_and_cases_are_told_with_those_that_there_are() {
    let config = MockConfig::read(ORDER).unwrap();
    let wrong = |machine, case| config.answers(machine, case).unwrap_err();
    assert_eq!(wrong("Orders", "Happy"), "the mock configuration has no state machine `Orders`, did you mean `Order`?");
    assert_eq!(
        wrong("Order", "Sad"),
        "the mock configuration has no test case `Sad`, only `Happy`, `Retry`, `Hybrid` of the state machine `Order`"
    );
    let lines: Vec<_> = config.machines[0].cases.iter().map(|case| (case.name.as_str(), case.line)).collect();
    assert_eq!(lines, [("Happy", 5), ("Retry", 6), ("Hybrid", 7)]);
}

#[test]
fn unknown_states_are_told_with_their_places() {
    let text = ORDER.replace(r#"{"Charge": "Ok"}"#, r#"{"Chrage": "Ok", "Each": "Ok"}"#);
    let config = MockConfig::read(&text).unwrap();
    let program = compile(
        r#"{"StartAt": "Each", "States": {"Each": {"Type": "Pass", "Next": "Charge"},
        "Charge": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Next": "Tell"},
        "Tell": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true}}}"#,
    );
    let told = lines(&config.machines[0].check(&program), &text);
    assert_eq!(
        told,
        [
            "7:16 /StateMachines/Order/TestCases/Hybrid/Chrage: the state machine `Order` has no state named `Chrage` (did you mean `Charge`?)",
            "7:32 /StateMachines/Order/TestCases/Hybrid/Each: only Task states can be mocked, `Each` is a Pass ()",
        ]
    );
}

fn lines(diagnostics: &[Diagnostic], text: &str) -> Vec<String> {
    let line = |one: &Diagnostic| {
        let Place { line, column } = Place::of(text, one.span().start);
        format!("{line}:{column} {}: {} ({})", one.pointer(), one.message(), one.help_text().unwrap_or_default())
    };
    diagnostics.iter().map(line).collect()
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let check = |text: &str, expected: &[&str]| {
        let wrong = MockConfig::read(text).unwrap_err();
        assert_eq!(lines(&wrong, text), expected, "{text}");
    };
    let response = |response: &str| format!(r#"{{"StateMachines": {{}}, "MockedResponses": {{"R": {response}}}}}"#);
    check("[]", &["1:1 : expected an object with `StateMachines` and `MockedResponses`, found array ()"]);
    check(
        r#"{"StateMachine": {}}"#,
        &[
            "1:2 /StateMachine: no member is called `StateMachine` here (did you mean `StateMachines`?)",
            "1:1 : there is no member `StateMachines` ()",
        ],
    );
    check(
        r#"{"StateMachines": {"M": {"TestCases": {"T": {"A": "Nope", "B": 1}}}, "N": {}}}"#,
        &[
            "1:51 /StateMachines/M/TestCases/T/A: `MockedResponses` has no response `Nope` (add it to `MockedResponses`)",
            "1:64 /StateMachines/M/TestCases/T/B: expected the name of a mocked response, found number ()",
            "1:70 /StateMachines/N: the state machine `N` has no `TestCases` ()",
        ],
    );
    check(&response("{}"), &["1:43 /MockedResponses/R: the response `R` has no answer ()"]);
    for (wrong, message) in [
        (
            r#"{"first": {"Return": 1}}"#,
            "/first: expected a number such as \"0\", or a range such as \"1-2\", found `first`",
        ),
        (r#"{"2-1": {"Return": 1}}"#, "/2-1: expected a number such as \"0\", or a range such as \"1-2\", found `2-1`"),
        (r#"{"01": {"Return": 1}}"#, "/01: expected a number such as \"0\", or a range such as \"1-2\", found `01`"),
        (r#"{"1": {"Return": 1}}"#, "/1: the first answer is for call \"0\", found `1`"),
        (r#"{"0": {"Return": 1}, "2": {"Return": 1}}"#, "/2: there is no answer for call 1, the next one is for 2"),
        (r#"{"0-2": {"Return": 1}, "2": {"Return": 1}}"#, "/2: the answer for call 2 is already given"),
        (r#"{"0": {}}"#, "/0: an answer has `Return` or `Throw`, this one has neither"),
        (
            r#"{"0": {"Return": 1, "Throw": {"Error": "A"}}}"#,
            "/0: an answer has either `Return` or `Throw`, this one has both",
        ),
        (r#"{"0": {"Throw": {"Cause": "c"}}}"#, "/0/Throw: `Throw` has no `Error`"),
        (r#"{"0": {"Throw": {"Error": 1}}}"#, "/0/Throw/Error: expected a text, found number"),
        (r#"{"0": 1}"#, "/0: expected an object with `Return` or `Throw`, found number"),
        (r#"{"0": {"Returns": 1, "Return": 1}}"#, "/0/Returns: no member is called `Returns` here"),
    ] {
        let text = response(wrong);
        let told = MockConfig::read(&text).unwrap_err();
        assert_eq!(told.len(), 1, "{wrong}: {told:?}");
        assert_eq!(format!("{}: {}", told[0].pointer(), told[0].message()), format!("/MockedResponses/R{message}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// A file with one part replaced by another is read, or told what is wrong with it.
    #[test]
    fn no_file_makes_it_panic(at in 0..ORDER.len(), length in 0..40usize, part in r#"["{}:,0-9a-zA-Z\[\] -]{0,12}"#) {
        let end = (at + length).min(ORDER.len());
        let text = format!("{}{part}{}", &ORDER[..at], &ORDER[end..]);
        if let Ok(config) = MockConfig::read(&text) {
            for machine in &config.machines {
                machine.check(&order());
            }
        }
    }
}
