//! Events and what each of them follows (47 to 57).

use crate::support::{FUNCTION, INVOKE, Run, fails, machine, only, run, run_with};
use aslx_asl::{CompileOptions, Program};
use aslx_engine::journal::Seed;
use aslx_engine::layers::Answer;
use aslx_engine::runtime::{Engine, StartRequest};
use aslx_engine::store::MemoryStore;
use aslx_engine::task::BoxTaskService;
use aslx_engine::{Data, SystemClock};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use tower::service_fn;

fn pass(name: &str) -> Json {
    machine(json!({ name: { "Type": "Pass", "End": true } }))
}

fn task(fields: Json) -> Json {
    let mut task = json!({ "Type": "Task", "Resource": FUNCTION });
    task.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    task
}

#[test]
fn trap_47_the_first_state_follows_nothing() {
    let ran = run(&only(json!({ "Type": "Pass" })), "{}");
    let expected = ["1<0 ExecutionStarted", "2<0 PassStateEntered", "3<2 PassStateExited", "4<3 ExecutionSucceeded"];
    assert_eq!(ran.events, expected);
}

#[test]
fn trap_47_the_first_input_is_the_callers_text() {
    let ran = run(&only(json!({ "Type": "Wait", "Seconds": 1 })), "{ \"a\" : 1.0 }");
    assert_eq!(ran.details(1)["input"], "{ \"a\" : 1.0 }");
    assert_eq!(ran.details(2)["input"], "{ \"a\" : 1.0 }");
    assert_eq!(ran.details(3)["output"], "{ \"a\" : 1.0 }");
}

#[test]
fn trap_48_events_follow_their_cause() {
    // Two branches that take turns: what a branch's event follows is the branch's own.
    let branch = |name: &str, seconds: u64| {
        let next = format!("After{name}");
        machine(json!({
            name: { "Type": "Wait", "Seconds": seconds, "Next": next },
            next.clone(): { "Type": "Wait", "Seconds": 2, "End": true },
        }))
    };
    let ran = run(&only(json!({ "Type": "Parallel", "Branches": [branch("A", 1), branch("B", 2)] })), "{}");
    assert_eq!(
        ran.events[3..],
        [
            "4<3 WaitStateEntered",
            "5<3 WaitStateEntered",
            "6<4 WaitStateExited",
            "7<6 WaitStateEntered",
            "8<5 WaitStateExited",
            "9<8 WaitStateEntered",
            "10<7 WaitStateExited",
            "11<9 WaitStateExited",
            "12<11 ParallelStateSucceeded",
            "13<11 ParallelStateExited",
            "14<13 ExecutionSucceeded",
        ]
    );
    assert_eq!((ran.at(6), ran.at(8), ran.at(10), ran.at(11)), (1.0, 2.0, 3.0, 4.0));
}

#[test]
fn trap_49_a_parallels_exit_follows_its_last_branch() {
    let ran = run(&only(json!({ "Type": "Parallel", "Branches": [pass("A")] })), "{}");
    assert_eq!(ran.events[4..7], ["5<4 PassStateExited", "6<5 ParallelStateSucceeded", "7<5 ParallelStateExited"]);
}

#[test]
fn trap_50_a_queued_iteration_follows_the_last_event_of_the_one_before() {
    let ran = run(&only(json!({ "Type": "Map", "MaxConcurrency": 1, "ItemProcessor": pass("Each") })), "[1,2,3]");
    let turns = [&ran.events[6..8], &ran.events[10..12]].concat();
    let expected = [
        "7<6 MapIterationSucceeded",
        "8<6 MapIterationStarted",
        "11<10 MapIterationSucceeded",
        "12<10 MapIterationStarted",
    ];
    assert_eq!(turns, expected);
}

#[test]
fn trap_51_a_retry_does_not_enter_its_state_again() {
    let retry = json!([{ "ErrorEquals": ["Broken"], "IntervalSeconds": 3, "MaxAttempts": 2, "BackoffRate": 2 }]);
    let state = json!({ "Type": "Task", "Resource": INVOKE, "Parameters": { "FunctionName": "work" }, "Retry": retry });
    let ran = run_with(&only(state), "{}", "Only", [fails().times(2), Answer::returns(json!({ "Payload": 1 }))]);
    assert_eq!(
        ran.events[1..],
        [
            "2<0 TaskStateEntered",
            "3<2 TaskScheduled",
            "4<3 TaskStarted",
            "5<4 TaskFailed",
            "6<5 TaskScheduled",
            "7<6 TaskStarted",
            "8<7 TaskFailed",
            "9<8 TaskScheduled",
            "10<9 TaskStarted",
            "11<10 TaskSucceeded",
            "12<11 TaskStateExited",
            "13<12 ExecutionSucceeded",
        ]
    );
    assert_eq!((ran.at(6), ran.at(9)), (3.0, 9.0));
}

#[test]
fn trap_52_assigned_variables_are_told_on_the_way_out() {
    let assign = json!({ "n": 1.5, "t": "x", "o": { "a": [null] } });
    let definition = machine(json!({
        "Set": { "Type": "Pass", "Assign": assign, "Next": "Done" },
        "Done": { "Type": "Succeed" },
    }));
    let ran = run(&definition, "{}");
    let assigned = json!({ "n": "1.5", "t": "\"x\"", "o": "{\"a\":[null]}" });
    assert_eq!(ran.details(3)["assignedVariables"], assigned);
    assert_eq!(ran.details(3)["assignedVariablesDetails"], json!({ "truncated": false }));
    for id in [2, 4, 5] {
        assert_eq!(ran.details(id).get("assignedVariables"), None);
    }
}

#[test]
fn trap_53_a_timeout_is_told_if_there_is_one() {
    let without = run_with(&only(task(json!({}))), "{}", "Only", [Answer::returns("done")]);
    assert_eq!(
        without.details(3),
        &json!({ "resource": FUNCTION, "input": "{}", "inputDetails": { "truncated": false } })
    );
    let with = run_with(&only(task(json!({ "TimeoutSeconds": 9 }))), "{}", "Only", [Answer::returns("done")]);
    assert_eq!(with.details(3)["timeoutInSeconds"], 9);
    let invoke = json!({ "Type": "Task", "Resource": INVOKE, "Parameters": { "FunctionName": "work" } });
    let invoked = run_with(&only(invoke), "{}", "Only", [Answer::returns("done")]);
    let names: Vec<&String> = invoked.details(3).as_object().unwrap().keys().collect();
    assert_eq!(names, ["resourceType", "resource", "region", "parameters"]);
}

#[test]
fn trap_55_an_abort_follows_nothing() {
    let program = Program::compile(&only(task(json!({}))).to_string(), &CompileOptions::default()).unwrap();
    let never = BoxTaskService::new(service_fn(|_| std::future::pending()));
    let engine = Engine::new(Arc::new(MemoryStore::new()), Arc::new(SystemClock), never);
    let request = StartRequest::new("machine", "one", Data::parse("{}").unwrap(), Seed([7; 16]));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let finished = runtime.block_on(async {
        let handle = engine.start(Arc::new(program), request).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        handle.stop(Some("Enough".into()), None);
        handle.wait().await.unwrap()
    });
    let ran = Run::of(finished);
    assert_eq!(ran.status, "ABORTED");
    assert_eq!(ran.events[1..3], ["2<0 TaskStateEntered", "3<2 LambdaFunctionScheduled"]);
    let last = ran.events.len();
    assert_eq!(ran.events[last - 1], format!("{last}<0 ExecutionAborted"));
    assert_eq!(ran.details(last), &json!({ "error": "Enough" }));
    assert!(!ran.events.iter().any(|event| event.ends_with("TaskStateAborted")));
}

#[test]
fn trap_56_aborted_siblings_follow_the_failing_event() {
    let each = json!({ "Type": "Task", "Resource": FUNCTION, "TimeoutSeconds": 60, "End": true });
    let map = only(json!({ "Type": "Map", "ItemProcessor": machine(json!({ "Each": each })) }));
    let slow = Answer::returns("done").taking(Duration::from_secs(30));
    let breaks = fails().taking(Duration::from_secs(1));
    let ran = run_with(&map, "[1,2,3]", "Each", [breaks.in_iteration(1), slow.times(2)]);
    let failed = ran.events.iter().position(|event| event.ends_with("LambdaFunctionFailed")).unwrap() + 1;
    let after: Vec<&str> = ran.events[failed..].iter().map(|event| event.split_once('<').unwrap().1).collect();
    let expected: Vec<String> = [
        "MapIterationFailed",
        "TaskStateAborted",
        "MapIterationAborted",
        "TaskStateAborted",
        "MapIterationAborted",
        "TaskStateAborted",
        "MapStateFailed",
    ]
    .iter()
    .map(|kind| format!("{failed} {kind}"))
    .chain([format!("{} ExecutionFailed", ran.events.len() - 1)])
    .collect();
    assert_eq!(after, expected);
    let aborted: Vec<&Json> = (1..=ran.history.len())
        .filter(|id| ran.events[id - 1].ends_with("MapIterationAborted"))
        .map(|id| &ran.details(id)["index"])
        .collect();
    assert_eq!(aborted, [0, 2]);
    assert_eq!(ran.failure(), ("Broken", "it broke"));
}

#[test]
fn trap_57_event_25_000_is_the_end() {
    let definition = machine(json!({
        "Ping": { "Type": "Pass", "Next": "Pong" },
        "Pong": { "Type": "Pass", "Next": "Ping" },
    }));
    let ran = run(&definition, "{}");
    let told = ("States.Runtime", "The execution reached the maximum number of history events (25000).");
    assert_eq!(ran.failure(), told);
    assert_eq!(ran.events.last().unwrap(), "25000<24999 ExecutionFailed");
}
