//! Whole histories: which events an execution leaves behind, and what each of them follows.

use crate::distributed::{distributed, reader};
use crate::support::{FUNCTION, INVOKE, Run, Setup, after, fails, machine, only, run, run_with};
use aslx_engine::layers::Answer;
use aslx_engine::task::FailedAt;
use serde_json::{Value as Json, json};
use std::time::Duration;

const ACTIVITY: &str = "arn:aws:states:us-east-1:000000000000:activity:desk";
const TOKEN: &str = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";
const SYNC: &str = "arn:aws:states:::states:startExecution.sync:2";

/// Compares a history with lines of `id<previous Type`.
#[track_caller]
fn sequence(ran: &Run, expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(ran.events, expected, "{:?} {:?}", ran.error, ran.cause);
}

fn with(mut state: Json, fields: &Json) -> Json {
    state.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    state
}

fn function(fields: &Json) -> Json {
    with(json!({ "Type": "Task", "Resource": FUNCTION }), fields)
}

fn invoke(fields: &Json) -> Json {
    with(json!({ "Type": "Task", "Resource": INVOKE, "Parameters": { "FunctionName": "work" } }), fields)
}

fn activity(fields: &Json) -> Json {
    with(json!({ "Type": "Task", "Resource": ACTIVITY }), fields)
}

fn token(fields: &Json) -> Json {
    let parameters = json!({ "QueueUrl": "q", "MessageBody": { "token.$": "$$.Task.Token" } });
    with(json!({ "Type": "Task", "Resource": TOKEN, "Parameters": parameters }), fields)
}

/// `Only`, with whatever fails going to `Caught`.
fn caught(state: Json) -> Json {
    let catch =
        json!({ "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.err", "Next": "Caught" }], "End": true });
    machine(json!({ "Only": with(state, &catch), "Caught": { "Type": "Pass", "End": true } }))
}

fn once() -> Json {
    json!({ "Retry": [{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1 }] })
}

fn done() -> Answer {
    Answer::returns("done")
}

fn one(name: &str, mut state: Json) -> Json {
    if state["Type"] != "Fail" {
        state["End"] = true.into();
    }
    machine(json!({ name: state }))
}

fn pass(name: &str) -> Json {
    one(name, json!({ "Type": "Pass" }))
}

fn stop(name: &str) -> Json {
    one(name, json!({ "Type": "Fail", "Error": "Mine", "Cause": "because" }))
}

#[test]
fn sequence_simple_states() {
    let definition = machine(json!({
        "A": { "Type": "Pass", "Next": "B" },
        "B": { "Type": "Wait", "Seconds": 5, "Next": "C" },
        "C": { "Type": "Choice", "Choices": [{ "Variable": "$.go", "BooleanEquals": true, "Next": "D" }] },
        "D": { "Type": "Succeed" },
    }));
    let ran = run(&definition, r#"{"go":true}"#);
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 PassStateEntered
        3<2 PassStateExited
        4<3 WaitStateEntered
        5<4 WaitStateExited
        6<5 ChoiceStateEntered
        7<6 ChoiceStateExited
        8<7 SucceedStateEntered
        9<8 SucceedStateExited
        10<9 ExecutionSucceeded",
    );
    assert_eq!((ran.at(4), ran.at(5)), (0.0, 5.0));
}

#[test]
fn sequence_fail() {
    let ran = run(&stop("Stop"), "{}");
    sequence(&ran, "1<0 ExecutionStarted\n 2<0 FailStateEntered\n 3<2 ExecutionFailed");
    assert_eq!(ran.details(3), &json!({ "error": "Mine", "cause": "because" }));
}

#[test]
fn sequence_task_request_response() {
    let ran = run_with(&only(invoke(&json!({}))), "{}", "Only", [Answer::returns(json!({ "Payload": 1 }))]);
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 TaskStateEntered
        3<2 TaskScheduled
        4<3 TaskStarted
        5<4 TaskSucceeded
        6<5 TaskStateExited
        7<6 ExecutionSucceeded",
    );
    assert_eq!(ran.details(4), &json!({ "resourceType": "lambda", "resource": "invoke" }));
    assert_eq!(ran.details(5)["output"], r#"{"Payload":1}"#);
}

#[test]
fn sequence_task_sync_and_callback() {
    let sync = json!({ "Type": "Task", "Resource": SYNC, "Parameters": { "StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:other" } });
    for state in [sync, token(&json!({}))] {
        let handle = json!({ "id": 7 });
        let answer = done().submitted_as(handle).taking(Duration::from_secs(60));
        let ran = run_with(&only(state), "{}", "Only", [answer]);
        sequence(
            &ran,
            "1<0 ExecutionStarted
            2<0 TaskStateEntered
            3<2 TaskScheduled
            4<3 TaskStarted
            5<4 TaskSubmitted
            6<5 TaskSucceeded
            7<6 TaskStateExited
            8<7 ExecutionSucceeded",
        );
        assert_eq!(ran.details(5)["output"], r#"{"id":7}"#);
        assert_eq!((ran.at(5), ran.at(6)), (0.0, 60.0));
    }
}

#[test]
fn sequence_lambda_by_function_arn() {
    let ran = run_with(&only(function(&json!({}))), "{}", "Only", [done()]);
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 TaskStateEntered
        3<2 LambdaFunctionScheduled
        4<3 LambdaFunctionStarted
        5<4 LambdaFunctionSucceeded
        6<5 TaskStateExited
        7<6 ExecutionSucceeded",
    );
    assert_eq!(ran.details(4), &Json::Null);
}

#[test]
fn sequence_activity() {
    let ran = run_with(&only(activity(&json!({}))), "{}", "Only", [done()]);
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 TaskStateEntered
        3<2 ActivityScheduled
        4<3 ActivityStarted
        5<4 ActivitySucceeded
        6<5 TaskStateExited
        7<6 ExecutionSucceeded",
    );
}

#[test]
fn sequence_failure_uncaught() {
    let ran = run_with(&only(invoke(&json!({}))), "{}", "Only", [fails()]);
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 TaskStateEntered
        3<2 TaskScheduled
        4<3 TaskStarted
        5<4 TaskFailed
        6<5 ExecutionFailed",
    );
    assert_eq!(ran.details(6), &json!({ "error": "Broken", "cause": "it broke" }));
}

/// The worked example: a task that is retried once, then caught.
#[test]
fn sequence_retry_then_catch() {
    let ran = run_with(&caught(function(&once())), r#"{"a":1}"#, "Only", [fails().times(2)]);
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 TaskStateEntered
        3<2 LambdaFunctionScheduled
        4<3 LambdaFunctionStarted
        5<4 LambdaFunctionFailed
        6<5 LambdaFunctionScheduled
        7<6 LambdaFunctionStarted
        8<7 LambdaFunctionFailed
        9<8 TaskStateExited
        10<9 PassStateEntered
        11<10 PassStateExited
        12<11 ExecutionSucceeded",
    );
    let output = r#"{"a":1,"err":{"Error":"Broken","Cause":"it broke"}}"#;
    assert_eq!(ran.details(9)["output"], output);
    assert_eq!((ran.output(), ran.at(5), ran.at(6)), (output, 0.0, 1.0));
    // The same through the optimised integration.
    let ran = run_with(&caught(invoke(&once())), r#"{"a":1}"#, "Only", [fails().times(2)]);
    let tasks = ["5<4 TaskFailed", "6<5 TaskScheduled", "7<6 TaskStarted", "8<7 TaskFailed", "9<8 TaskStateExited"];
    assert_eq!(ran.events[4..9], tasks);
}

#[test]
fn sequence_timeout_and_heartbeat() {
    let ran = run_with(&only(function(&json!({ "TimeoutSeconds": 5 }))), "{}", "Only", [after(9)]);
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 TaskStateEntered
        3<2 LambdaFunctionScheduled
        4<3 LambdaFunctionStarted
        5<4 LambdaFunctionTimedOut
        6<5 ExecutionFailed",
    );
    assert_eq!(ran.details(5), &json!({ "error": "States.Timeout" }));
    assert_eq!(ran.details(6), &json!({ "error": "States.Timeout" }));
    let heartbeat = json!({ "TimeoutSeconds": 60, "HeartbeatSeconds": 5 });
    let retried = with(heartbeat, &once());
    let late = after(90).submitted_as(json!({}));
    let ran = run_with(&only(token(&retried)), "{}", "Only", [late.times(2)]);
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 TaskStateEntered
        3<2 TaskScheduled
        4<3 TaskStarted
        5<4 TaskSubmitted
        6<5 TaskTimedOut
        7<6 TaskScheduled
        8<7 TaskStarted
        9<8 TaskSubmitted
        10<9 TaskTimedOut
        11<10 ExecutionFailed",
    );
    assert_eq!((ran.at(6), ran.at(7), ran.at(10)), (5.0, 6.0, 11.0));
}

#[test]
fn sequence_never_started() {
    let fails = |state: Json, at: FailedAt| run_with(&only(state), "{}", "Only", [Answer::throws_at(at, "E", "C")]);
    let start = "1<0 ExecutionStarted\n 2<0 TaskStateEntered\n";
    let never = |kind: &str, first: &str| format!("{start} 3<2 {first}\n 4<3 {kind}\n 5<4 ExecutionFailed");
    let ran = fails(function(&json!({})), FailedAt::Schedule);
    sequence(&ran, &never("LambdaFunctionScheduleFailed", "LambdaFunctionScheduled"));
    let ran = fails(function(&json!({})), FailedAt::Start);
    sequence(&ran, &never("LambdaFunctionStartFailed", "LambdaFunctionScheduled"));
    let ran = fails(activity(&json!({})), FailedAt::Schedule);
    sequence(&ran, &never("ActivityScheduleFailed", "ActivityScheduled"));
    let ran = fails(invoke(&json!({})), FailedAt::Start);
    sequence(&ran, &never("TaskStartFailed", "TaskScheduled"));
    let ran = fails(token(&json!({})), FailedAt::Submit);
    let submit = "3<2 TaskScheduled\n 4<3 TaskStarted\n 5<4 TaskSubmitFailed\n 6<5 ExecutionFailed";
    sequence(&ran, &format!("{start} {submit}"));
    assert_eq!(ran.details(5)["error"], "E");
}

#[test]
fn sequence_runtime_error() {
    let before = only(json!({ "Type": "Pass", "InputPath": "$.nowhere" }));
    sequence(&run(&before, "{}"), "1<0 ExecutionStarted\n 2<0 PassStateEntered\n 3<2 ExecutionFailed");
    // In what becomes of a result, it follows the result.
    let afterwards = caught(function(&json!({ "ResultSelector": { "x.$": "$.nowhere" } })));
    let ran = run_with(&afterwards, "{}", "Only", [Answer::returns(json!({}))]);
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 TaskStateEntered
        3<2 LambdaFunctionScheduled
        4<3 LambdaFunctionStarted
        5<4 LambdaFunctionSucceeded
        6<5 ExecutionFailed",
    );
}

#[test]
fn sequence_runtime_error_inside() {
    let bad = one("Bad", json!({ "Type": "Pass", "InputPath": "$.nowhere" }));
    let parallel = json!({ "Type": "Parallel", "Branches": [pass("Good"), bad.clone()] });
    let ran = run(&caught(with(parallel, &once())), "{}");
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 ParallelStateEntered
        3<2 ParallelStateStarted
        4<3 PassStateEntered
        5<4 PassStateExited
        6<3 PassStateEntered
        7<6 ExecutionFailed",
    );
    let map = with(json!({ "Type": "Map", "ItemProcessor": bad }), &once());
    sequence(
        &run(&caught(map), "[{}]"),
        "1<0 ExecutionStarted
        2<0 MapStateEntered
        3<2 MapStateStarted
        4<3 MapIterationStarted
        5<4 PassStateEntered
        6<5 ExecutionFailed",
    );
}

#[test]
fn sequence_execution_timeout() {
    let mut definition = caught(function(&with(json!({ "TimeoutSeconds": 50 }), &once())));
    definition["TimeoutSeconds"] = 5.into();
    let ran = run_with(&definition, "{}", "Only", [after(9)]);
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 TaskStateEntered
        3<2 LambdaFunctionScheduled
        4<3 LambdaFunctionStarted
        5<0 ExecutionTimedOut",
    );
    assert_eq!(ran.status, "TIMED_OUT");
}

/// The worked example: two branches.
#[test]
fn sequence_parallel_success() {
    let branch = |name: &str, result: &str| one(name, json!({ "Type": "Pass", "Result": result }));
    let branches = [branch("First", "first"), branch("Second", "second")];
    let ran = run(&only(json!({ "Type": "Parallel", "Branches": branches })), "{}");
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 ParallelStateEntered
        3<2 ParallelStateStarted
        4<3 PassStateEntered
        5<4 PassStateExited
        6<3 PassStateEntered
        7<6 PassStateExited
        8<7 ParallelStateSucceeded
        9<7 ParallelStateExited
        10<9 ExecutionSucceeded",
    );
    assert_eq!((ran.details(3), ran.details(8)), (&Json::Null, &Json::Null));
    assert_eq!(ran.details(9)["output"], r#"["first","second"]"#);
}

#[test]
fn sequence_parallel_failure_and_catch() {
    let state = json!({ "Type": "Parallel", "Branches": [stop("Stop")] });
    let start = "1<0 ExecutionStarted\n 2<0 ParallelStateEntered\n 3<2 ParallelStateStarted\n 4<3 FailStateEntered\n";
    let ran = run(&only(state.clone()), "{}");
    sequence(&ran, &format!("{start} 5<4 ParallelStateFailed\n 6<5 ExecutionFailed"));
    assert_eq!(ran.details(6), &json!({ "error": "Mine", "cause": "because" }));
    let ran = run(&caught(state), "{}");
    let rest = "7<6 PassStateEntered\n 8<7 PassStateExited\n 9<8 ExecutionSucceeded";
    sequence(&ran, &format!("{start} 5<4 ParallelStateFailed\n 6<5 ParallelStateExited\n {rest}"));
    assert_eq!(ran.details(6)["output"], r#"{"err":{"Error":"Mine","Cause":"because"}}"#);
}

#[test]
fn sequence_parallel_failure_aborts_siblings() {
    let sleep = one("Sleep", json!({ "Type": "Wait", "Seconds": 60 }));
    let branches = [one("Breaks", function(&json!({}))), one("Works", function(&json!({}))), sleep];
    let ran = Setup::new()
        .answers("Breaks", [fails().taking(Duration::from_secs(2))])
        .answers("Works", [after(9)])
        .run(&only(json!({ "Type": "Parallel", "Branches": branches })), "{}");
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 ParallelStateEntered
        3<2 ParallelStateStarted
        4<3 TaskStateEntered
        5<4 LambdaFunctionScheduled
        6<3 TaskStateEntered
        7<6 LambdaFunctionScheduled
        8<3 WaitStateEntered
        9<5 LambdaFunctionStarted
        10<7 LambdaFunctionStarted
        11<9 LambdaFunctionFailed
        12<11 TaskStateAborted
        13<11 TaskStateAborted
        14<11 WaitStateAborted
        15<11 ParallelStateFailed
        16<15 ExecutionFailed",
    );
    assert_eq!(ran.seconds, 2.0);
}

#[test]
fn sequence_parallel_retry() {
    let state = with(json!({ "Type": "Parallel", "Branches": [stop("Stop")] }), &once());
    sequence(
        &run(&only(state), "{}"),
        "1<0 ExecutionStarted
        2<0 ParallelStateEntered
        3<2 ParallelStateStarted
        4<3 FailStateEntered
        5<4 ParallelStateStarted
        6<5 FailStateEntered
        7<6 ParallelStateFailed
        8<7 ExecutionFailed",
    );
}

/// The worked example: two items, one at a time.
#[test]
fn sequence_map_success() {
    let ran = run(&only(json!({ "Type": "Map", "MaxConcurrency": 1, "ItemProcessor": pass("Each") })), "[1,2]");
    sequence(
        &ran,
        "1<0 ExecutionStarted
        2<0 MapStateEntered
        3<2 MapStateStarted
        4<3 MapIterationStarted
        5<4 PassStateEntered
        6<5 PassStateExited
        7<6 MapIterationSucceeded
        8<6 MapIterationStarted
        9<8 PassStateEntered
        10<9 PassStateExited
        11<10 MapIterationSucceeded
        12<11 MapStateSucceeded
        13<11 MapStateExited
        14<13 ExecutionSucceeded",
    );
    assert_eq!(ran.details(3), &json!({ "length": 2 }));
    for (id, index) in [(4, 0), (7, 0), (8, 1), (11, 1)] {
        assert_eq!(ran.details(id), &json!({ "name": "Only", "index": index }));
    }
}

#[test]
fn sequence_map_all_at_once() {
    let map = json!({ "Type": "Map", "ItemProcessor": one("Each", function(&json!({}))) });
    let ran = run_with(&only(map), "[1,2,3]", "Each", [done().times(3)]);
    let started = ["4<3 MapIterationStarted", "5<3 MapIterationStarted", "6<3 MapIterationStarted"];
    assert_eq!(ran.events[3..6], started);
    assert_eq!(ran.output(), r#"["done","done","done"]"#);
}

#[test]
fn sequence_map_of_nothing() {
    sequence(
        &run(&only(json!({ "Type": "Map", "ItemProcessor": pass("Each") })), "[]"),
        "1<0 ExecutionStarted
        2<0 MapStateEntered
        3<2 MapStateStarted
        4<3 MapStateSucceeded
        5<3 MapStateExited
        6<5 ExecutionSucceeded",
    );
}

#[test]
fn sequence_map_failure_and_catch() {
    let map = json!({ "Type": "Map", "ItemProcessor": stop("Stop"), "ResultPath": "$.out", "ItemsPath": "$.items" });
    let start = "1<0 ExecutionStarted
        2<0 MapStateEntered
        3<2 MapStateStarted
        4<3 MapIterationStarted
        5<4 FailStateEntered
        6<5 MapIterationFailed
        7<5 MapStateFailed";
    let ran = run(&only(map.clone()), r#"{"items":[1]}"#);
    sequence(&ran, &format!("{start}\n 8<7 ExecutionFailed"));
    assert_eq!(ran.details(6), &json!({ "name": "Only", "index": 0 }));
    let ran = run(&caught(map), r#"{"items":[1]}"#);
    let rest = "9<8 PassStateEntered\n 10<9 PassStateExited\n 11<10 ExecutionSucceeded";
    sequence(&ran, &format!("{start}\n 8<7 MapStateExited\n {rest}"));
    assert_eq!(ran.output(), r#"{"items":[1],"err":{"Error":"Mine","Cause":"because"}}"#);
}

/// Tasks that time out at the same moment, as recorded: the first one fails the Map.
#[test]
fn sequence_map_failure_aborts_siblings() {
    let each = one("Each", function(&json!({ "TimeoutSeconds": 2 })));
    let ran = run_with(&only(json!({ "Type": "Map", "ItemProcessor": each })), "[1,2]", "Each", [after(9).times(2)]);
    let failed = ran.events.iter().position(|event| event.ends_with("LambdaFunctionTimedOut")).unwrap() + 1;
    let kinds: Vec<&str> = ran.events[failed..].iter().map(|event| event.split_once('<').unwrap().1).collect();
    let end = ran.events.len() - 1;
    let mut expected = vec![
        format!("{failed} MapIterationFailed"),
        format!("{failed} TaskStateAborted"),
        format!("{failed} MapIterationAborted"),
        format!("{failed} TaskStateAborted"),
        format!("{failed} MapStateFailed"),
        format!("{end} ExecutionFailed"),
    ];
    // Each task may have timed out before the Map hears of the first.
    let others = kinds.iter().filter(|kind| kind.ends_with("LambdaFunctionTimedOut")).count();
    expected.splice(0..0, kinds[..others].iter().map(|kind| (*kind).to_owned()));
    assert_eq!(kinds, expected);
    assert_eq!(ran.error.as_deref(), Some("States.Timeout"));
}

#[test]
fn sequence_map_retry() {
    let map = with(json!({ "Type": "Map", "ItemProcessor": stop("Stop") }), &once());
    sequence(
        &run(&only(map), "[1]"),
        "1<0 ExecutionStarted
        2<0 MapStateEntered
        3<2 MapStateStarted
        4<3 MapIterationStarted
        5<4 FailStateEntered
        6<5 MapIterationFailed
        7<5 MapStateStarted
        8<7 MapIterationStarted
        9<8 FailStateEntered
        10<9 MapIterationFailed
        11<9 MapStateFailed
        12<11 ExecutionFailed",
    );
}

#[test]
fn sequence_map_items_that_are_no_list() {
    let map = only(json!({ "Type": "Map", "ItemsPath": "$.items", "ItemProcessor": pass("Each") }));
    let expected = "1<0 ExecutionStarted\n 2<0 MapStateEntered\n 3<2 ExecutionFailed";
    sequence(&run(&map, r#"{"items":{}}"#), expected);
    sequence(&run(&map, "{}"), expected);
}

#[test]
fn sequence_map_path_values() {
    let concurrency =
        json!({ "Type": "Map", "ItemsPath": "$.items", "MaxConcurrencyPath": "$.n", "ItemProcessor": pass("Each") });
    let ran = run(&only(concurrency), r#"{"items":[1],"n":"x"}"#);
    sequence(&ran, "1<0 ExecutionStarted\n 2<0 MapStateEntered\n 3<2 ExecutionFailed");
    let tolerated = distributed(json!({ "ItemsPath": "$.items", "ToleratedFailurePercentagePath": "$.n" }));
    let ran = run(&tolerated, r#"{"items":[1],"n":"x"}"#);
    sequence(&ran, "1<0 ExecutionStarted\n 2<0 MapStateEntered\n 3<2 MapStateStarted\n 4<3 ExecutionFailed");
}

#[test]
fn sequence_map_item_selector() {
    let map = json!({ "Type": "Map", "ItemSelector": { "x.$": "$.nowhere" }, "ItemsPath": "$.items", "ItemProcessor": pass("Each") });
    let ran = run(&caught(map), r#"{"items":[1]}"#);
    sequence(&ran, "1<0 ExecutionStarted\n 2<0 MapStateEntered\n 3<2 MapStateStarted\n 4<3 ExecutionFailed");
}

const RUN: &str = "1<0 ExecutionStarted\n 2<0 MapStateEntered\n 3<2 MapStateStarted\n 4<3 MapRunStarted\n";

/// The worked example, in its newer form: the exit follows the start of the map run.
#[test]
fn sequence_distributed_map() {
    let rest = "5<4 MapRunSucceeded\n 6<5 MapStateSucceeded\n 7<4 MapStateExited\n 8<7 ExecutionSucceeded";
    let ran = run(&distributed(json!({})), "[1,2,3]");
    sequence(&ran, &format!("{RUN} {rest}"));
    assert_eq!(ran.details(3), &json!({ "length": 3 }));
    assert_eq!((ran.details(5), ran.details(6)), (&Json::Null, &Json::Null));
    let arn = ran.details(4)["mapRunArn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:states:us-east-1:") && arn.contains(":mapRun:machine/"), "{arn}");
    let read = distributed(json!({ "ItemReader": reader("rows", json!({ "InputType": "JSON" })) }));
    let ran = Setup::new().object("rows", "[1,2]").run(&read, "{}");
    sequence(&ran, &format!("{RUN} {rest}"));
    assert_eq!(ran.details(3), &json!({ "length": 0 }));
    assert_eq!(ran.output(), "[1,2]");
}

#[test]
fn sequence_distributed_map_failure() {
    let rest = "5<4 MapRunFailed\n 6<5 MapStateFailed\n 7<6 ExecutionFailed";
    let config = json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" });
    let read = distributed(json!({ "ItemReader": reader("rows", config) }));
    let ran = Setup::new().object("rows", "x,x\n1,2\n").run(&read, "{}");
    sequence(&ran, &format!("{RUN} {rest}"));
    let told = json!({ "error": "States.ItemReaderFailed", "cause": "CSV headers cannot contain duplicates." });
    assert_eq!((ran.details(5), ran.details(7)), (&told, &told));
    let mut failing = distributed(json!({}));
    failing["States"]["Only"]["ItemProcessor"]["States"]["Each"] = json!({ "Type": "Fail", "Error": "Mine" });
    let ran = run(&failing, "[1]");
    sequence(&ran, &format!("{RUN} {rest}"));
    let told = json!({ "error": "States.ExceedToleratedFailureThreshold",
        "cause": "The specified tolerated failure threshold was exceeded" });
    assert_eq!((ran.details(5), ran.details(7)), (&told, &told));
}
