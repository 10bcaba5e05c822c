//! Failures, retries, catches and timeouts (21 to 32).

use crate::support::{FUNCTION, INVOKE, Setup, after, fails, machine, only, run, run_with};
use aslx_engine::layers::Answer;
use serde_json::{Value as Json, json};

fn fail(error: &str) -> Json {
    machine(json!({ "Stop": { "Type": "Fail", "Error": error, "Cause": "because" } }))
}

fn retry(attempts: u32) -> Json {
    json!([{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": attempts }])
}

/// `Only`, whose failures go to `Caught`.
fn caught(mut state: Json, error: &str) -> Json {
    state["End"] = true.into();
    state["Catch"] = json!([{ "ErrorEquals": [error], "Next": "Caught" }]);
    machine(json!({ "Only": state, "Caught": { "Type": "Pass", "End": true } }))
}

fn task(fields: Json) -> Json {
    let mut task = json!({ "Type": "Task", "Resource": FUNCTION });
    task.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    task
}

#[test]
fn trap_21_a_parallel_fails_as_its_branch_does() {
    let state = json!({ "Type": "Parallel", "Branches": [fail("Mine")] });
    assert_eq!(run(&only(state.clone()), "{}").failure(), ("Mine", "because"));
    let ran = run(&caught(state.clone(), "Mine"), "{}");
    assert_eq!(ran.output(), r#"{"Error":"Mine","Cause":"because"}"#);
    assert_eq!(run(&caught(state, "States.BranchFailed"), "{}").failure(), ("Mine", "because"));
}

#[test]
fn trap_22_a_container_fails_once_after_its_last_attempt() {
    let state = json!({ "Type": "Parallel", "Branches": [fail("Mine")], "Retry": retry(2) });
    let ran = run(&only(state), "{}");
    assert_eq!(
        ran.events[1..],
        [
            "2<0 ParallelStateEntered",
            "3<2 ParallelStateStarted",
            "4<3 FailStateEntered",
            "5<4 ParallelStateStarted",
            "6<5 FailStateEntered",
            "7<6 ParallelStateStarted",
            "8<7 FailStateEntered",
            "9<8 ParallelStateFailed",
            "10<9 ExecutionFailed",
        ]
    );
    // One second, then two.
    assert_eq!(ran.seconds, 3.0);
}

#[test]
fn trap_23_nothing_catches_a_runtime_error() {
    let bad = task(json!({ "Parameters": { "x.$": "$.nowhere" }, "Retry": retry(3) }));
    for error in ["States.ALL", "States.Runtime"] {
        let ran = run(&caught(bad.clone(), error), "{}");
        assert_eq!(ran.failure().0, "States.Runtime");
        assert_eq!(ran.events, ["1<0 ExecutionStarted", "2<0 TaskStateEntered", "3<2 ExecutionFailed"]);
    }
}

#[test]
fn trap_24_a_runtime_error_ends_the_execution_at_once() {
    let bad = json!({ "Bad": { "Type": "Pass", "InputPath": "$.nowhere", "End": true } });
    let parallel = json!({ "Type": "Parallel", "Branches": [machine(bad.clone())], "Retry": retry(1) });
    let ran = run(&caught(parallel, "States.ALL"), "{}");
    assert_eq!(ran.runtime_error("Bad", 4), "Invalid path '$.nowhere' : No results for path: $['nowhere']");
    assert_eq!(ran.events[2..], ["3<2 ParallelStateStarted", "4<3 PassStateEntered", "5<4 ExecutionFailed"]);
    let map = json!({ "Type": "Map", "ItemProcessor": machine(bad), "Retry": retry(1) });
    let ran = run(&caught(map, "States.ALL"), "[{}]");
    assert_eq!(ran.failure().0, "States.Runtime");
    let last = ["4<3 MapIterationStarted", "5<4 PassStateEntered", "6<5 ExecutionFailed"];
    assert_eq!(ran.events[3..], last);
}

#[test]
fn trap_25_a_caught_error_does_not_go_through_output_path() {
    let state = task(json!({ "OutputPath": "$.result" }));
    let ran = run_with(&caught(state, "States.ALL"), "{}", "Only", [fails()]);
    assert_eq!(ran.output(), r#"{"Error":"Broken","Cause":"it broke"}"#);
}

#[test]
fn trap_26_an_unknown_error_name_never_matches() {
    let state = task(json!({ "Retry": [
        { "ErrorEquals": ["State.ALL"], "IntervalSeconds": 50, "MaxAttempts": 9 },
        { "ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 1 },
    ] }));
    let ran = run_with(&only(state), "{}", "Only", [fails(), Answer::returns("done")]);
    assert_eq!((ran.output(), ran.seconds), (r#""done""#, 2.0));
}

#[test]
fn trap_27_a_retry_evaluates_its_parameters_anew() {
    let state = json!({ "Type": "Task", "Resource": INVOKE, "Retry": retry(2),
        "Parameters": { "FunctionName": "work", "Payload": { "again.$": "$$.State.RetryCount" } } });
    let ran = run_with(&only(state), "{}", "Only", [fails().times(2), Answer::returns("done")]);
    for (id, count) in [(3, 0), (6, 1), (9, 2)] {
        let parameters = format!(r#"{{"FunctionName":"work","Payload":{{"again":{count}}}}}"#);
        assert_eq!(ran.details(id)["parameters"], parameters);
    }
}

#[test]
fn trap_28_a_missed_heartbeat_is_a_timeout_without_a_cause() {
    let resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";
    let parameters = json!({ "QueueUrl": "q", "MessageBody": { "token.$": "$$.Task.Token" } });
    let state = json!({ "Type": "Task", "Resource": resource, "Parameters": parameters, "HeartbeatSeconds": 5 });
    let ran = run_with(&only(state), "{}", "Only", [after(9).submitted_as(json!({}))]);
    assert_eq!(ran.seconds, 5.0);
    assert_eq!(ran.events[3..], ["4<3 TaskStarted", "5<4 TaskSubmitted", "6<5 TaskTimedOut", "7<6 ExecutionFailed"]);
    assert_eq!(ran.details(3)["heartbeatInSeconds"], 5);
    let timed_out =
        json!({ "resourceType": "sqs", "resource": "sendMessage.waitForTaskToken", "error": "States.Timeout" });
    assert_eq!(ran.details(6), &timed_out);
    assert_eq!(ran.details(7), &json!({ "error": "States.Timeout" }));
    assert_eq!((ran.error.as_deref(), ran.cause), (Some("States.Timeout"), None));
}

#[test]
fn trap_29_a_caught_timeout_has_an_empty_cause() {
    let state = task(json!({ "TimeoutSeconds": 3 }));
    let ran = run_with(&caught(state, "States.Timeout"), "{}", "Only", [after(9)]);
    assert_eq!((ran.output(), ran.seconds), (r#"{"Error":"States.Timeout","Cause":""}"#, 3.0));
    let activity = json!({ "Type": "Task", "TimeoutSeconds": 3,
        "Resource": "arn:aws:states:us-east-1:000000000000:activity:desk" });
    let ran = run_with(&caught(activity, "States.Timeout"), "{}", "Only", [after(9)]);
    assert_eq!((ran.output(), ran.seconds), (r#"{"Error":"States.Timeout","Cause":""}"#, 3.0));
}

#[test]
fn trap_31_the_timeout_of_the_execution_is_one_event() {
    let mut definition = caught(task(json!({ "Retry": retry(3) })), "States.ALL");
    definition["TimeoutSeconds"] = 4.into();
    let ran = run_with(&definition, "{}", "Only", [after(9)]);
    assert_eq!((ran.status, &ran.error, &ran.cause, ran.seconds), ("TIMED_OUT", &None, &None, 4.0));
    let expected = [
        "1<0 ExecutionStarted",
        "2<0 TaskStateEntered",
        "3<2 LambdaFunctionScheduled",
        "4<3 LambdaFunctionStarted",
        "5<0 ExecutionTimedOut",
    ];
    assert_eq!(ran.events, expected);
    assert_eq!(ran.details(5), &json!({ "error": "States.Timeout" }));
}

#[test]
fn trap_32_a_fail_says_only_what_it_is_told() {
    let stop = |fields: Json| {
        let mut state = json!({ "Type": "Fail" });
        state.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        run(&machine(json!({ "Stop": state })), "{}")
    };
    let ran = stop(json!({}));
    assert_eq!((ran.status, &ran.error, &ran.cause), ("FAILED", &None, &None));
    assert_eq!(ran.events, ["1<0 ExecutionStarted", "2<0 FailStateEntered", "3<2 ExecutionFailed"]);
    assert_eq!(ran.details(3), &json!({}));
    assert_eq!(stop(json!({ "Error": "E" })).details(3), &json!({ "error": "E" }));
    assert_eq!(stop(json!({ "Cause": "C" })).details(3), &json!({ "cause": "C" }));
}

#[test]
fn trap_32_what_a_task_does_not_say_is_left_out_too() {
    let ran = Setup::new().answers("Only", [Answer::throws("E", "C")]).run(&only(task(json!({}))), "{}");
    assert_eq!(ran.details(5), &json!({ "error": "E", "cause": "C" }));
    assert_eq!(ran.details(6), &json!({ "error": "E", "cause": "C" }));
}
