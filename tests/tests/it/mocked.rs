//! Answers for every kind of task: functions, integrations, jobs, callbacks, activities; in both languages, inside Map
//! and Parallel, with timeouts and heartbeats, real services among them.

use crate::support::{machine_program, types};
use aslx_engine::task::{BoxTaskService, TaskResponse};
use aslx_testing::{Answer, Expect, Ran, Status, Test};
use serde_json::{Value as Json, json};
use std::time::Duration;
use tower::service_fn;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:work";
const CALLBACK: &str = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";
const JOB: &str = "arn:aws:states:::glue:startJobRun.sync";
const ACTIVITY: &str = "arn:aws:states:us-east-1:000000000000:activity:work";

/// A machine whose only state is a task with these fields.
fn task(resource: &str, fields: Json) -> Test {
    let parameters = match resource {
        CALLBACK => json!({ "QueueUrl": "q", "MessageBody": { "token.$": "$$.Task.Token" } }),
        JOB => json!({ "JobName": "j" }),
        _ => Json::Null,
    };
    let mut state = json!({ "Type": "Task", "Resource": resource, "End": true });
    if !parameters.is_null() {
        state["Parameters"] = parameters;
    }
    for (name, value) in fields.as_object().unwrap() {
        state[name] = value.clone();
    }
    machine(json!({ "StartAt": "Work", "States": { "Work": state } }))
}

fn machine(definition: Json) -> Test {
    Test::of(machine_program(&definition.to_string()))
}

#[track_caller]
fn ran(test: Test) -> Ran {
    test.run().unwrap_or_else(|failed| panic!("{failed}"))
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn jobs_and_callbacks_have_a_handle_first() {
    for resource in [CALLBACK, JOB] {
        let answer = Answer::returns(json!({ "done": true })).submitted_as(json!({ "id": 7 })).taking(seconds(90));
        let ran = ran(task(resource, json!({})).mock("Work", [answer]).expect(Expect::success().duration(seconds(90))));
        let kinds = ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"];
        assert_eq!(types(ran.history())[2..6], kinds, "{resource}");
        // The call that waits for the job's end is no other attempt.
        assert_eq!((ran.attempts("Work"), ran.calls("Work").len()), (1, 1));
        let lost = Answer::throws("Lost", "the job is gone").submitted_as(json!({}));
        let failing = task(resource, json!({ "Retry": [{ "ErrorEquals": ["Lost"], "MaxAttempts": 1 }] }));
        let expect = Expect::failure("Lost").cause_includes("gone").attempts("Work", 2);
        failing.mock("Work", [lost.times(2)]).expect(expect).run().unwrap();
    }
}

#[test]
fn activities_answer_like_workers() {
    let test = task(ACTIVITY, json!({ "HeartbeatSeconds": 10, "TimeoutSeconds": 60 }));
    let history = ran(test.clone().mock("Work", [Answer::returns("worked").taking(seconds(5))]));
    assert!(types(history.history()).contains(&"ActivitySucceeded"));
    let missed = Expect::failure("States.Timeout").duration(seconds(10));
    ran(test.clone().mock("Work", [Answer::misses_heartbeat()]).expect(missed));
    // It lives, and never comes to an end.
    let late = Expect::failure("States.Timeout").duration(seconds(60));
    ran(test.mock("Work", [Answer::times_out()]).expect(late));
}

#[test]
fn timeouts_and_heartbeats_are_told_apart() {
    let retry = json!([
        { "ErrorEquals": ["States.HeartbeatTimeout"], "IntervalSeconds": 100, "MaxAttempts": 1 },
        { "ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 1 },
    ]);
    let test = task(CALLBACK, json!({ "HeartbeatSeconds": 10, "TimeoutSeconds": 60, "Retry": retry }));
    let done = || Answer::returns(1u64).submitted_as(json!({}));
    let silent = Answer::misses_heartbeat().submitted_as(json!({}));
    let story = ran(test.clone().mock("Work", [silent, done()])).story("Work");
    assert_eq!(story, ["attempt 1  States.Timeout  retried by Retry[0] after 1 min 40 s", "attempt 2  succeeded"]);
    let story = ran(test.mock("Work", [Answer::times_out().submitted_as(json!({})), done()])).story("Work");
    assert_eq!(story, ["attempt 1  States.Timeout  retried by Retry[1] after 1 s", "attempt 2  succeeded"]);
}

#[test]
fn a_job_may_take_longer_than_it_is_given() {
    let test = task(FUNCTION, json!({ "TimeoutSeconds": 3 }));
    let slow = [Answer::returns(1u64).taking(seconds(4))];
    ran(test.mock("Work", slow).expect(Expect::failure("States.Timeout").duration(seconds(3))));
}

#[test]
fn jsonata_machines() {
    let test = machine(json!({
        "QueryLanguage": "JSONata",
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "Items": "{% $states.input.items %}",
                "ItemProcessor": { "StartAt": "Work", "States": { "Work": {
                    "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
                    "Arguments": { "FunctionName": "work", "Payload": "{% $states.input * 2 %}" },
                    "Output": "{% $states.result.Payload + 1 %}",
                    "Retry": [{ "ErrorEquals": ["Busy"], "IntervalSeconds": 5 }],
                } } },
                "Output": "{% $sum($states.result) %}",
                "End": true,
            },
        },
    }));
    let answers = [
        Answer::throws("Busy", "").for_calls(1..=1).in_iteration(1),
        Answer::returns(json!({ "Payload": 10 })).when(json!({ "Payload": 4 })),
        Answer::returns(json!({ "Payload": 20 })).times(2),
    ];
    let expect = Expect::success().output(json!(53)).attempts("Work", 4).duration(seconds(5));
    ran(test.input(json!({ "items": [1, 2, 3] })).mock("Work", answers).expect(expect));
}

#[test]
fn loops_count_on() {
    let test = machine(json!({
        "StartAt": "Ask",
        "States": {
            "Ask": { "Type": "Task", "Resource": FUNCTION, "Next": "Ready" },
            "Ready": { "Type": "Choice", "Choices": [{ "Variable": "$", "StringEquals": "ready", "Next": "Done" }],
                "Default": "Pause" },
            "Pause": { "Type": "Wait", "Seconds": 86_400, "Next": "Ask" },
            "Done": { "Type": "Succeed" },
        },
    }));
    let answers = [Answer::returns("no").for_calls(1..=30), Answer::returns("ready")];
    let ran = ran(test.mock("Ask", answers).expect(Expect::success().attempts("Ask", 31)));
    assert_eq!(ran.duration(), seconds(30 * 86_400));
}

#[test]
fn the_inner_way_of_parallel_and_map() {
    let branch = |name: &str| json!({ "StartAt": name, "States": { name: { "Type": "Task", "Resource": FUNCTION, "End": true } } });
    let test = machine(json!({
        "StartAt": "Both",
        "States": { "Both": { "Type": "Parallel", "Branches": [branch("Left"), branch("Right")], "End": true,
            "Retry": [{ "ErrorEquals": ["Odd"], "IntervalSeconds": 7 }] } },
    }));
    let expect = Expect::success().output(json!([1, 2])).attempts("Both", 2).attempts("Left", 2).attempts("Right", 2);
    let left = [Answer::throws("Odd", "").taking(seconds(2)), Answer::returns(1u64)];
    let right = [Answer::returns(2u64).taking(seconds(1)).times(2)];
    let ran = ran(test.mock("Left", left).mock("Right", right).expect(expect.duration(seconds(10))));
    assert_eq!(ran.story("Both"), ["attempt 1  Odd        retried by Retry[0] after 7 s", "attempt 2  succeeded"]);
    let inner: Vec<usize> = ran.way().iter().map(|stop| stop.lanes.len()).collect();
    assert_eq!(inner, [2]);
}

#[test]
fn express_executions_and_their_end() {
    let test = machine(json!({
        "StartAt": "Sleep", "TimeoutSeconds": 30,
        "States": { "Sleep": { "Type": "Wait", "Seconds": 60, "End": true } },
    }));
    for test in [test.clone(), test.express()] {
        let ran = ran(test.expect(Expect::default().also(aslx_testing::Check::Status(Status::TimedOut))));
        assert_eq!(ran.duration(), seconds(30));
    }
}

#[test]
fn real_services_are_called_only_where_it_is_asked() {
    let test = machine(json!({
        "StartAt": "First",
        "States": {
            "First": { "Type": "Task", "Resource": FUNCTION, "Next": "Second" },
            "Second": { "Type": "Task", "Resource": FUNCTION, "End": true },
        },
    }));
    let real = BoxTaskService::new(service_fn(|request: aslx_engine::task::TaskRequest| async move {
        assert_eq!(&*request.state, "First");
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(TaskResponse::done("real".into()))
    }));
    let test = test.tasks(real);
    let failed = test.clone().mock("First", [Answer::calls_real()]).run().unwrap_err();
    assert!(failed.to_string().contains("Second is called and has no mock"), "{failed}");
    let both = test.mock("First", [Answer::calls_real()]).mock("Second", [Answer::returns(2u64)]);
    let ran = ran(both);
    assert_eq!(ran.calls("Second"), ["real".into()]);
    assert!(ran.duration() >= Duration::from_millis(20));
}

/// The items of a distributed Map are what its reader is said to return.
#[test]
fn readers_of_distributed_maps() {
    let test = machine(json!({
        "StartAt": "Each",
        "States": { "Each": {
            "Type": "Map", "End": true,
            "ItemReader": { "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": { "InputType": "JSON" },
                "Parameters": { "Bucket": "b", "Key": "k" } },
            "ItemProcessor": {
                "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS" },
                "StartAt": "Work", "States": { "Work": { "Type": "Task", "Resource": FUNCTION, "End": true } },
            },
        } },
    }));
    let items = [Answer::returns(json!(["a", "b"]))];
    let work = [Answer::returns("x").when(json!("a")), Answer::returns("y").when(json!("b"))];
    let expect = Expect::success().output(json!(["x", "y"])).calls("Work", [json!("a"), json!("b")]);
    ran(test.mock("Each", items).mock("Work", work).expect(expect));
}
