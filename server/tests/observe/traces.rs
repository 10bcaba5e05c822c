//! The spans of one execution.

use super::support::{Bed, attribute, builder, call, ended, machine, machine_with, run, same, shown, start};
use aslx_engine::task::{TaskFailure, TaskReply, TaskRequest, TaskResponse};
use aslx_server::Server;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

fn flaky(request: &TaskRequest) -> Result<TaskResponse, TaskFailure> {
    let modelled = Some(Duration::from_millis(100));
    let done = TaskResponse { modelled, ..TaskResponse::done(request.input.clone()) };
    match &*request.state {
        "Flaky" if request.retry_count < 2 => Err(TaskFailure::new("Busy", "come again")),
        "Broken" => Err(TaskFailure::new("Broken", "for good")),
        _ => Ok(done),
    }
}

fn task() -> Value {
    json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": true})
}

fn with(mut state: Value, more: Value) -> Value {
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    state
}

async fn bed() -> Bed {
    Bed::with(builder().tasks(super::support::tasks(flaky))).await
}

async fn told(definition: Value) -> String {
    let bed = bed().await;
    run(&bed.server, definition).await;
    bed.told().await
}

#[tokio::test]
async fn a_chain() {
    let mut definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "Sleep"},
        "Sleep": {"Type": "Wait", "Seconds": 3, "Next": "Work"},
        "Work": with(task(), json!({"Next": "Done"})),
        "Done": {"Type": "Succeed"},
    }});
    definition["States"]["Work"].as_object_mut().unwrap().remove("End");
    same(
        &told(definition).await,
        "
        m @0+3100 status=SUCCEEDED
          A @0+0 status=SUCCEEDED
          Sleep @0+3000 status=SUCCEEDED
          Work @3000+100 status=SUCCEEDED
            lambda:invoke @3000+100 attempt=1
          Done @3100+0 status=SUCCEEDED
        ",
    );
}

#[tokio::test]
async fn retries_and_the_time_between_them() {
    let retry = json!({"Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 2}]});
    let definition = json!({"StartAt": "Flaky", "States": {"Flaky": with(task(), retry)}});
    same(
        &told(definition).await,
        "
        m @0+6100 status=SUCCEEDED
          Flaky @0+6100 status=SUCCEEDED
            lambda:invoke @0+0 attempt=1 type=Busy !
            lambda:invoke @2000+0 attempt=2 delay_ms=2000 type=Busy !
            lambda:invoke @6000+100 attempt=3 delay_ms=4000
        ",
    );
}

#[tokio::test]
async fn what_is_caught_is_an_error_of_the_attempt() {
    let catch = json!({"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "After"}]});
    let after = json!({"Type": "Fail", "Error": "Late", "Cause": "after all"});
    let definition = json!({"StartAt": "Broken", "States": {"Broken": with(task(), catch), "After": after}});
    same(
        &told(definition).await,
        "
        m @0+0 status=FAILED type=Late !
          Broken @0+0 status=CAUGHT type=Broken
            lambda:invoke @0+0 attempt=1 type=Broken !
          After @0+0 status=FAILED type=Late !
        ",
    );
}

#[tokio::test]
async fn branches_side_by_side_and_again() {
    let branch = |name: &str, state: Value| json!({"StartAt": name, "States": {name: state}});
    let wait = json!({"Type": "Wait", "Seconds": 1, "End": true});
    let definition = json!({"StartAt": "Both", "States": {"Both": {
        "Type": "Parallel", "End": true, "Branches": [branch("Wait", wait), branch("Work", task())],
    }}});
    same(
        &told(definition).await,
        "
        m @0+1000 status=SUCCEEDED
          Both @0+1000 status=SUCCEEDED
            branch 0 @0+1000
              Wait @0+1000 status=SUCCEEDED
            branch 1 @0+100
              Work @0+100 status=SUCCEEDED
                lambda:invoke @0+100 attempt=1
        ",
    );
    let long = json!({"Type": "Wait", "Seconds": 100, "End": true});
    let definition = json!({"StartAt": "Both", "States": {"Both": {
        "Type": "Parallel", "End": true, "Branches": [branch("Wait", long), branch("Broken", task())],
        "Retry": [{"ErrorEquals": ["Broken"], "IntervalSeconds": 5, "MaxAttempts": 1}],
    }}});
    same(
        &told(definition).await,
        "
        m @0+5000 status=FAILED type=Broken !
          Both @0+5000 status=FAILED type=Broken !
            branch 0 @0+0
              Wait @0+0 status=ABORTED !
            branch 1 @0+0 type=Broken !
              Broken @0+0 status=FAILED type=Broken !
                lambda:invoke @0+0 attempt=1 type=Broken !
            branch 0 @5000+0
              Wait @5000+0 status=ABORTED !
            branch 1 @5000+0 type=Broken !
              Broken @5000+0 status=FAILED type=Broken !
                lambda:invoke @5000+0 attempt=1 type=Broken !
        ",
    );
}

#[tokio::test]
async fn iterations() {
    let definition = json!({"StartAt": "Each", "States": {"Each": {
        "Type": "Map", "End": true, "ItemsPath": "$.items", "MaxConcurrency": 1,
        "ItemProcessor": {"StartAt": "Work", "States": {"Work": task()}},
    }}});
    let bed = bed().await;
    let machine = machine(&bed.server, "m", definition).await;
    let execution = start(&bed.server, json!({"stateMachineArn": machine, "input": r#"{"items": [1, 2]}"#})).await;
    ended(&bed.server, &execution).await;
    let told = bed.told().await;
    same(
        &told,
        "
        m @0+200 status=SUCCEEDED
          Each @0+200 status=SUCCEEDED
            iteration 0 @0+100
              Work @0+100 status=SUCCEEDED
                lambda:invoke @0+100 attempt=1
            iteration 1 @100+100
              Work @100+100 status=SUCCEEDED
                lambda:invoke @100+100 attempt=1
        ",
    );
}

fn callback() -> Value {
    json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "End": true,
        "Parameters": {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}}})
}

/// Nobody answers here but who has the token.
fn silent(_: &TaskRequest) -> Result<TaskResponse, TaskFailure> {
    Ok(TaskResponse { reply: TaskReply::ByToken, modelled: None })
}

async fn token(server: &Server, execution: &str) -> String {
    for _ in 0..2_000 {
        let history = call(server, "GetExecutionHistory", json!({"executionArn": execution})).await;
        let events = history["events"].as_array().unwrap();
        if let Some(event) = events.iter().find(|event| event["type"] == "TaskScheduled") {
            let parameters = event["taskScheduledEventDetails"]["parameters"].as_str().unwrap();
            let parameters: Value = serde_json::from_str(parameters).unwrap();
            return parameters["Payload"]["token"].as_str().unwrap().to_owned();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("no token");
}

#[tokio::test]
async fn callbacks_timeouts_and_stops() {
    let bed = Bed::with(builder().tasks(super::support::tasks(silent))).await;
    let ask = machine(&bed.server, "ask", json!({"StartAt": "Ask", "States": {"Ask": callback()}})).await;
    let answered = start(&bed.server, json!({"stateMachineArn": ask, "name": "a"})).await;
    let token = token(&bed.server, &answered).await;
    let success = json!({"taskToken": token, "output": "1"});
    assert_eq!(call(&bed.server, "SendTaskSuccess", success).await, json!({}));
    ended(&bed.server, &answered).await;
    let stopped = start(&bed.server, json!({"stateMachineArn": ask, "name": "b"})).await;
    call(&bed.server, "StopExecution", json!({"executionArn": stopped, "error": "Enough", "cause": "of it"})).await;
    let limited = json!({"StartAt": "Wait", "TimeoutSeconds": 9, "States": {
        "Wait": {"Type": "Wait", "Seconds": 20, "End": true}}});
    let late = machine(&bed.server, "late", limited).await;
    let late = start(&bed.server, json!({"stateMachineArn": late, "name": "c"})).await;
    ended(&bed.server, &late).await;
    same(
        &bed.told().await,
        "
        ask @0+0 status=SUCCEEDED
          Ask @0+0 status=SUCCEEDED
            lambda:invoke.waitForTaskToken @0+0 attempt=1
        ask @0+0 status=ABORTED type=Enough !
          Ask @0+0 status=ABORTED !
            lambda:invoke.waitForTaskToken @0+0 attempt=1
        late @0+9000 status=TIMED_OUT type=States.Timeout !
          Wait @0+9000 status=ABORTED !
        ",
    );
}

#[tokio::test]
async fn after_a_redrive_only_what_is_new_is_told() {
    fn healed(request: &TaskRequest) -> Result<TaskResponse, TaskFailure> {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        match &*request.state {
            "Heals" if CALLS.fetch_add(1, Relaxed) == 0 => Err(TaskFailure::new("Ill", "yet")),
            _ => super::support::echo(request),
        }
    }
    let bed = Bed::with(builder().tasks(super::support::tasks(healed))).await;
    let branch = |name: &str, state: Value| json!({"StartAt": name, "States": {name: state}});
    let definition = json!({"StartAt": "First", "States": {
        "First": {"Type": "Pass", "Next": "Both"},
        "Both": {"Type": "Parallel", "End": true, "Branches": [
            branch("Quick", json!({"Type": "Pass", "End": true})), branch("Heals", task()),
        ]},
    }});
    let described = run(&bed.server, definition).await;
    assert_eq!(described["status"], "FAILED");
    let execution = described["executionArn"].clone();
    call(&bed.server, "RedriveExecution", json!({"executionArn": execution})).await;
    assert_eq!(ended(&bed.server, execution.as_str().unwrap()).await["status"], "SUCCEEDED");
    bed.server.stop().await;
    let spans = bed.collector.spans();
    same(
        &shown(&spans),
        "
        m @0+0 status=FAILED type=Ill !
          First @0+0 status=SUCCEEDED
          Both @0+0 status=FAILED type=Ill !
            branch 0 @0+0
              Quick @0+0 status=SUCCEEDED
            branch 1 @0+0 type=Ill !
              Heals @0+0 status=FAILED type=Ill !
                lambda:invoke @0+0 attempt=1 type=Ill !
        m @0+0 status=SUCCEEDED redrive_count=1
          Both @0+0 status=SUCCEEDED
            branch 1 @0+0
              Heals @0+0 status=SUCCEEDED
                lambda:invoke @0+0 attempt=1
        ",
    );
    let again = spans.iter().find(|span| attribute(span, "aslx.redrive_count").is_some()).unwrap();
    assert_eq!((&again.links[0].span_id, &again.links[0].trace_id), (&spans[0].span_id, &again.trace_id));
}

#[tokio::test]
async fn express_executions_are_noted_while_they_run() {
    let bed = bed().await;
    let definition = json!({"StartAt": "Work", "States": {"Work": task()}});
    let machine = machine_with(&bed.server, "x", definition, json!({"type": "EXPRESS"})).await;
    let answer = call(&bed.server, "StartSyncExecution", json!({"stateMachineArn": machine, "name": "e"})).await;
    assert_eq!(answer["status"], "SUCCEEDED", "{answer}");
    let tree = "
        x @0+100 status=SUCCEEDED
          Work @0+100 status=SUCCEEDED
            lambda:invoke @0+100 attempt=1
        ";
    bed.collector.until(|collector| collector.spans().len() == 3).await;
    same(&shown(&bed.collector.spans()), tree);
    start(&bed.server, json!({"stateMachineArn": machine, "name": "e"})).await;
    bed.collector.until(|collector| collector.spans().len() == 6).await;
    same(&shown(&bed.collector.spans()[3..]), tree);
    let span = &bed.collector.spans()[0];
    assert_eq!(attribute(span, "aslx.state_machine.type").as_deref(), Some("EXPRESS"));
    bed.server.stop().await;
}
