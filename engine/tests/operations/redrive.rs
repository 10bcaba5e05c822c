//! RedriveExecution: what runs again, and what history says of it.

use crate::common::recording::Recording;
use crate::support::{
    ACTIVITY, EXECUTION, Tasks, activity, block, builder, machine, start, story_from, virtually, work,
};
use aslx_engine::interpreter::Status;
use aslx_engine::runtime::{Engine, RedriveError};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

async fn fails(engine: &Engine, definition: &Json) {
    let finished = start(engine, definition, &json!({ "n": 1 })).await.wait().await.unwrap();
    assert_eq!(finished.outcome.status, Status::Failed);
}

async fn redriven(engine: &Engine) -> Status {
    engine.redrive(EXECUTION, None).await.unwrap();
    engine.wait(EXECUTION).await.unwrap().status
}

#[test]
fn a_task_is_scheduled_again_after_its_entry() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = virtually(&store, &tasks);
        let mut second = work("b");
        second["Retry"] = json!([{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1 }]);
        let mut first = json!({ "Type": "Pass", "Next": "Work", "Assign": { "x": 1 } });
        first["Result"] = json!({ "from": "First" });
        let definition = machine(json!({ "First": first, "Work": second }));
        tasks.fail(&["Work"]);
        fails(&engine, &definition).await;
        let described = engine.describe(EXECUTION).await.unwrap();
        assert_eq!((described.redrives.count, described.redrives.last), (0, None));
        tasks.fail(&[]);
        assert_eq!(redriven(&engine).await, Status::Succeeded);
        assert_eq!(
            story_from(&engine, 10).await,
            [
                "10<9 LambdaFunctionFailed",
                "11<10 ExecutionFailed",
                "12<11 ExecutionRedriven",
                "13<4 LambdaFunctionScheduled",
                "14<13 LambdaFunctionStarted",
                "15<14 LambdaFunctionSucceeded",
                "16<15 TaskStateExited",
                "17<16 ExecutionSucceeded",
            ]
        );
        assert_eq!(tasks.calls(), ["Work", "Work", "Work"]);
        let described = engine.describe(EXECUTION).await.unwrap();
        assert_eq!((described.redrives.count, described.status), (1, Status::Succeeded));
        assert_eq!(
            engine.history(EXECUTION).await.unwrap()[11].to_json()["executionRedrivenEventDetails"],
            json!({"redriveCount": 1})
        );
    });
}

#[test]
fn the_context_tells_of_the_redrive() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = virtually(&store, &tasks);
        let mut task = work("a");
        task["Parameters"] = json!({
            "count.$": "$$.Execution.RedriveCount", "retries.$": "$$.State.RetryCount", "execution.$": "$$.Execution",
        });
        tasks.fail(&["Work"]);
        fails(&engine, &machine(json!({ "Work": task }))).await;
        tasks.fail(&[]);
        engine.redrive(EXECUTION, None).await.unwrap();
        let output = engine.wait(EXECUTION).await.unwrap().output.unwrap();
        let output: Json = serde_json::from_str(&output.text()).unwrap();
        assert_eq!((&output["count"], &output["retries"]), (&json!(1), &json!(0)));
        assert!(output["execution"]["RedriveTime"].is_string());
    });
}

#[test]
fn a_fail_state_fails_again_at_once() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = virtually(&store, &tasks);
        fails(&engine, &machine(json!({ "No": { "Type": "Fail", "Error": "E" } }))).await;
        assert_eq!(redriven(&engine).await, Status::Failed);
        assert_eq!(redriven(&engine).await, Status::Failed);
        assert_eq!(
            story_from(&engine, 2).await,
            [
                "2<0 FailStateEntered",
                "3<2 ExecutionFailed",
                "4<3 ExecutionRedriven",
                "5<4 ExecutionFailed",
                "6<5 ExecutionRedriven",
                "7<6 ExecutionFailed"
            ]
        );
    });
}

#[test]
fn a_wait_waits_its_full_time_again() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).build();
        let definition = machine(json!({ "Sleep": { "Type": "Wait", "Seconds": 1, "End": true } }));
        let handle = start(&engine, &definition, &json!({})).await;
        engine.stop(EXECUTION, None, None).await.unwrap();
        handle.wait().await.unwrap();
        let at = engine.redrive(EXECUTION, None).await.unwrap();
        assert_eq!(engine.wait(EXECUTION).await.unwrap().status, Status::Succeeded);
        let stop = engine.describe(EXECUTION).await.unwrap().stop.unwrap();
        assert!(stop.as_millis() - at.as_millis() >= 1_000);
        assert_eq!(
            story_from(&engine, 3).await,
            ["3<0 ExecutionAborted", "4<3 ExecutionRedriven", "5<2 WaitStateExited", "6<5 ExecutionSucceeded"]
        );
    });
}

fn in_parallel(end: Json) -> Json {
    // The good one has ended before the other one begins.
    let pause = json!({ "Type": "Wait", "Seconds": 1, "Next": "Bad" });
    let branches = [json!({ "Good": work("a") }), json!({ "Pause": pause, "Bad": work("b") })].map(machine);
    let mut both = json!({ "Type": "Parallel", "Branches": branches });
    both.as_object_mut().unwrap().extend(end.as_object().unwrap().clone());
    both
}

#[test]
fn only_unsuccessful_branches_run_again() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = virtually(&store, &tasks);
        tasks.fail(&["Bad"]);
        fails(&engine, &machine(json!({ "Both": in_parallel(json!({ "End": true })) }))).await;
        let mut calls = tasks.calls();
        calls.sort();
        assert_eq!(calls, ["Bad", "Good"]);
        tasks.fail(&[]);
        assert_eq!(redriven(&engine).await, Status::Succeeded);
        assert_eq!(tasks.calls(), ["Bad"]);
        let output = engine.wait(EXECUTION).await.unwrap().output.unwrap();
        assert_eq!(output.text().as_ref(), r#"[{"n":1},{"n":1}]"#);
        let story = story_from(&engine, 1).await;
        let again: Vec<&str> = story
            .iter()
            .skip_while(|event| !event.ends_with("ExecutionRedriven"))
            .map(|event| event.split(' ').nth(1).unwrap())
            .collect();
        assert_eq!(
            again,
            [
                "ExecutionRedriven",
                "LambdaFunctionScheduled",
                "LambdaFunctionStarted",
                "LambdaFunctionSucceeded",
                "TaskStateExited",
                "ParallelStateSucceeded",
                "ParallelStateExited",
                "ExecutionSucceeded"
            ]
        );
    });
}

/// A container that is tried again, caught or left behind keeps nothing for a redrive; what failed in the end does.
#[test]
fn what_was_caught_before_is_not_redriven() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = virtually(&store, &tasks);
        let caught = in_parallel(json!({
            "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Last" }],
            "Retry": [{ "ErrorEquals": ["Broken"], "IntervalSeconds": 1, "MaxAttempts": 1 }],
            "Next": "Last",
        }));
        tasks.fail(&["Bad", "Last"]);
        fails(&engine, &machine(json!({ "Both": caught, "Last": work("c") }))).await;
        tasks.calls();
        tasks.fail(&[]);
        assert_eq!(redriven(&engine).await, Status::Succeeded);
        assert_eq!(tasks.calls(), ["Last"]);
    });
}

/// Of a Map that is stopped in the middle, finished iterations stay, unstarted ones are started.
#[test]
fn only_unsuccessful_iterations_run_again() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = virtually(&store, &tasks);
        let list = json!({ "Type": "Pass", "Result": [0, 1, 2, 3], "Next": "Each" });
        let each = json!({
            "Type": "Map", "End": true, "MaxConcurrency": 1, "ItemProcessor": machine(json!({ "Item": work("a") })),
        });
        tasks.fail(&["Item:2"]);
        fails(&engine, &machine(json!({ "List": list, "Each": each }))).await;
        assert_eq!(tasks.calls(), ["Item:0", "Item:1", "Item:2"]);
        tasks.fail(&[]);
        assert_eq!(redriven(&engine).await, Status::Succeeded);
        assert_eq!(tasks.calls(), ["Item:2", "Item:3"]);
        let output = engine.wait(EXECUTION).await.unwrap().output.unwrap();
        assert_eq!(output.text().as_ref(), "[0,1,2,3]");
        let started = story_from(&engine, 1).await.into_iter().filter(|e| e.ends_with("MapIterationStarted")).count();
        assert_eq!(started, 4);
    });
}

/// A Parallel in a Map in a Parallel: everything that had not succeeded goes on, on every level.
#[test]
fn nested_containers_go_on_where_they_failed() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = virtually(&store, &tasks);
        let inner = machine(json!({ "Both": in_parallel(json!({ "End": true })) }));
        let map = machine(json!({
            "List": { "Type": "Pass", "Result": [0, 1], "Next": "Each" },
            "Each": { "Type": "Map", "End": true, "MaxConcurrency": 1, "ItemProcessor": inner },
        }));
        let other = machine(json!({ "Other": work("c") }));
        let outer = json!({ "Type": "Parallel", "End": true, "Branches": [map, other] });
        tasks.fail(&["Bad:1"]);
        fails(&engine, &machine(json!({ "Outer": outer }))).await;
        tasks.calls();
        tasks.fail(&[]);
        assert_eq!(redriven(&engine).await, Status::Succeeded);
        assert_eq!(tasks.calls(), ["Bad:1"]);
        let output = engine.wait(EXECUTION).await.unwrap().output.unwrap();
        assert_eq!(output.text().as_ref(), r#"[[[0,0],[1,1]],{"n":1}]"#);
    });
}

/// The recorded chain of an activity: attempts count anew after a redrive.
#[test]
fn an_activity_has_new_attempts_and_tokens() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).build();
        engine.activities().create(ACTIVITY);
        let handle = start(&engine, &machine(json!({ "Work": activity() })), &json!({})).await;
        let poll = Duration::from_secs(5);
        let first = engine.activity_task(ACTIVITY, None, poll).await.unwrap().unwrap();
        engine.task_failed(&first.token, Some("E".into()), None).await.unwrap();
        handle.wait().await.unwrap();
        engine.redrive(EXECUTION, None).await.unwrap();
        let second = engine.activity_task(ACTIVITY, None, poll).await.unwrap().unwrap();
        assert_ne!(first.token, second.token);
        engine.task_succeeded(&second.token, "1").await.unwrap();
        assert_eq!(engine.wait(EXECUTION).await.unwrap().status, Status::Succeeded);
        assert_eq!(
            story_from(&engine, 5).await[..4],
            ["5<4 ActivityFailed", "6<5 ExecutionFailed", "7<6 ExecutionRedriven", "8<2 ActivityScheduled"]
        );
    });
}

#[test]
fn what_cannot_be_redriven_is_told() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).build();
        let definition =
            machine(json!({ "Sleep": { "Type": "Wait", "Seconds": 60, "Next": "No" }, "No": { "Type": "Fail" } }));
        let handle = start(&engine, &definition, &json!({})).await;
        let refused = |reason| Err(RedriveError::NotRedrivable { execution: EXECUTION.into(), reason });
        assert_eq!(engine.redrive(EXECUTION, None).await, refused("Execution is RUNNING and cannot be redriven"));
        engine.stop(EXECUTION, None, None).await.unwrap();
        handle.wait().await.unwrap();
        let token = |token: &str| Some(Arc::from(token));
        // The same request again is the same redrive, also while it runs and after it.
        let at = engine.redrive(EXECUTION, token("a")).await.unwrap();
        assert_eq!(engine.redrive(EXECUTION, token("a")).await, Ok(at));
        assert_eq!(engine.redrive(EXECUTION, token("b")).await, refused("Execution is RUNNING and cannot be redriven"));
        engine.stop(EXECUTION, None, None).await.unwrap();
        engine.wait(EXECUTION).await.unwrap();
        assert_eq!(engine.redrive(EXECUTION, token("a")).await, Ok(at));
        assert_eq!(engine.describe(EXECUTION).await.unwrap().redrives.count, 1);
        // A token of a request that was refused is not used up.
        assert!(engine.redrive(EXECUTION, token("b")).await.is_ok());
        assert!(engine.redrive("arn:aws:states:us-east-1:000000000000:execution:machine:none", None).await.is_err());
    });
}
