//! The whole way once: text, program, virtual time, history.
#![allow(clippy::unwrap_used)]

use aslx_asl::{CompileOptions, MachineType, Program, Timestamp, Value};
use aslx_engine::Data;
use aslx_engine::interpreter::{Interpreter, Status, Step};
use aslx_engine::journal::Seed;
use aslx_engine::runtime::{StartRequest, simulate};
use aslx_engine::task::{TaskFailure, TaskRequest, TaskResponse};
use std::sync::Arc;
use tower::util::BoxCloneSyncService;

#[tokio::test]
async fn a_chain_runs_and_replays() {
    let text = r#"{"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Result": {"x": 1}, "ResultPath": "$.a", "Next": "W"},
        "W": {"Type": "Wait", "Seconds": 31536000, "Next": "M"},
        "M": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": {"StartAt": "T", "States": {
            "T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
                  "Retry": [{"ErrorEquals": ["Oops"]}]}}}, "ResultPath": "$.out", "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.a.x", "NumericEquals": 1, "Next": "S"}]},
        "S": {"Type": "Succeed"}}}"#;
    let program = Arc::new(Program::compile(text, &CompileOptions::default()).unwrap());
    let tasks = BoxCloneSyncService::new(tower::service_fn(|request: TaskRequest| async move {
        if request.retry_count < 2 {
            return Err(TaskFailure::new("Oops", "not yet"));
        }
        Ok(TaskResponse::done(Value::from(request.retry_count)))
    }));
    let input = Data::parse(r#"{"items": [1, 2]}"#).unwrap();
    let request = StartRequest::new("m", "e", input, Seed([7; 16]));
    let finished = simulate(program.clone(), request, Timestamp::from_millis(0), tasks, None).await.unwrap();
    for event in &finished.history {
        println!("{} < {} {} {}", event.id, event.previous_event_id, event.kind.type_name(), event.timestamp);
    }
    assert_eq!(finished.outcome.status, Status::Succeeded);
    assert_eq!(finished.outcome.output.unwrap().text().as_ref(), r#"{"items":[1,2],"a":{"x":1},"out":[2,2]}"#);
    assert_eq!(finished.stopped.as_millis(), 31_536_000_000 + 3_000);
    let mut step = Step::with_history();
    let again = Interpreter::replay(program, &finished.journal, &mut step).unwrap();
    assert_eq!(step.events, finished.history);
    assert!(again.outcome().is_some());
}

#[tokio::test]
async fn an_express_loop_times_out_in_virtual_time() {
    let text =
        r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}"#;
    let options = CompileOptions { machine_type: MachineType::Express, ..CompileOptions::default() };
    let program = Arc::new(Program::compile(text, &options).unwrap());
    let mut request = StartRequest::new("m", "e", Data::parse("{}").unwrap(), Seed([7; 16]));
    request.machine_type = MachineType::Express;
    let tasks = BoxCloneSyncService::new(tower::service_fn(|_: TaskRequest| async {
        Err(TaskFailure::new("None", "there are no tasks"))
    }));
    let finished = simulate(program, request, Timestamp::from_millis(0), tasks, None).await.unwrap();
    assert_eq!(finished.outcome.status, Status::TimedOut);
    assert_eq!(finished.stopped.as_millis(), 300_000);
}
