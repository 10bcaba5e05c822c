//! The same answers give the same history in virtual and in real time.

use crate::support::{block, definition, mocked, program, request, simulated, types, waiting};
use aslx_engine::SystemClock;
use aslx_engine::layers::{Answer, Answers};
use aslx_engine::runtime::{Engine, Finished, SimulationError};
use aslx_engine::store::MemoryStore;
use aslx_engine::task::{BoxTaskService, FailedAt, TaskReply, TaskRequest, TaskResponse};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tower::service_fn;

const LAMBDA: &str = "arn:aws:lambda:us-east-1:000000000000:function:work";
const JOB: &str = "arn:aws:states:::states:startExecution.sync:2";
const CALLBACK: &str = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";
const PLAIN: &str = "arn:aws:states:::sns:publish";

fn work(resource: &str) -> Json {
    let parameters = match resource {
        JOB => json!({ "StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:child", "Input": {} }),
        CALLBACK => json!({ "QueueUrl": "https://queue", "MessageBody": { "token.$": "$$.Task.Token" } }),
        PLAIN => json!({ "TopicArn": "arn:aws:sns:us-east-1:000000000000:topic", "Message": "hello" }),
        _ => json!({}),
    };
    definition(json!({ "Work": { "Type": "Task", "Resource": resource, "Parameters": parameters, "End": true } }))
}

fn in_real_time(machine: &Json, tasks: BoxTaskService) -> Finished {
    block(async {
        let engine = Engine::new(Arc::new(MemoryStore::new()), Arc::new(SystemClock), tasks);
        engine.start(program(machine), request(&json!({}))).await.unwrap().wait().await.unwrap()
    })
}

/// Runs with both drivers, requires the same, and gives the types between entering and leaving the state.
fn both(resource: &str, answers: Answers) -> Vec<&'static str> {
    let machine = work(resource);
    let modelled = simulated(&machine, request(&json!({})), mocked(answers.clone())).unwrap();
    let real = in_real_time(&machine, mocked(answers));
    assert_eq!(types(&real.history), types(&modelled.history), "{resource}");
    assert_eq!(real.outcome, modelled.outcome);
    types(&modelled.history).into_iter().filter(|kind| kind.starts_with("Task") || kind.starts_with("Lambda")).collect()
}

fn answer(answer: Answer) -> Answers {
    Answers::new().state("Work", [answer])
}

#[test]
fn a_job_is_submitted_and_then_done() {
    let done = answer(Answer::returns("done").submitted_as("job"));
    assert_eq!(
        both(JOB, done),
        ["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded", "TaskStateExited"]
    );
    let failed = answer(Answer::throws("States.TaskFailed", "the job failed").submitted_as("job"));
    assert_eq!(both(JOB, failed), ["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskFailed"]);
}

#[test]
fn where_a_task_fails_shows_in_its_history() {
    let fails = |resource, at| both(resource, answer(Answer::throws_at(at, "E", "because")))[2..].to_vec();
    assert_eq!(fails(LAMBDA, FailedAt::Run), ["LambdaFunctionStarted", "LambdaFunctionFailed"]);
    assert_eq!(fails(LAMBDA, FailedAt::Start), ["LambdaFunctionStartFailed"]);
    assert_eq!(fails(LAMBDA, FailedAt::Schedule), ["LambdaFunctionScheduleFailed"]);
    assert_eq!(fails(PLAIN, FailedAt::Run), ["TaskStarted", "TaskFailed"]);
    assert_eq!(fails(PLAIN, FailedAt::Start), ["TaskStartFailed"]);
    assert_eq!(fails(JOB, FailedAt::Submit), ["TaskStarted", "TaskSubmitFailed"]);
}

/// The handle of the job reaches the service again, with the same token.
#[test]
fn the_second_call_goes_on_with_the_first_answer() {
    let calls = crate::support::Log::default();
    let seen = calls.clone();
    let tasks = BoxTaskService::new(service_fn(move |request: TaskRequest| {
        let handle = request.submitted.as_ref().map(|handle| handle.to_json());
        seen.add(format!("{} {}", request.token.is_some(), handle.as_deref().unwrap_or("first")));
        let reply = match request.submitted {
            None => TaskReply::Submitted("message 1".into()),
            Some(_) => TaskReply::Done("answered".into()),
        };
        std::future::ready(Ok(TaskResponse { reply, modelled: None }))
    }));
    let modelled = simulated(&work(CALLBACK), request(&json!({})), tasks.clone()).unwrap();
    let real = in_real_time(&work(CALLBACK), tasks);
    assert_eq!(modelled.outcome.output.as_ref().unwrap().text().as_ref(), r#""answered""#);
    assert_eq!(real.outcome, modelled.outcome);
    assert_eq!(calls.lines(), ["true first", r#"true "message 1""#, "true first", r#"true "message 1""#]);
}

fn by_token() -> BoxTaskService {
    BoxTaskService::new(service_fn(|request: TaskRequest| {
        let reply = match request.submitted {
            None => TaskReply::Submitted("message 1".into()),
            Some(_) => TaskReply::ByToken,
        };
        std::future::ready(Ok(TaskResponse { reply, modelled: None }))
    }))
}

#[test]
fn a_callback_that_nobody_answers_is_told_by_name() {
    let stuck = simulated(&work(CALLBACK), request(&json!({})), by_token()).unwrap_err();
    assert_eq!(stuck, SimulationError::Stuck { states: vec!["`Work`".to_owned()] });
    assert_eq!(stuck.to_string(), "the execution waits for ever: nobody answers `Work`");
}

#[test]
fn a_callback_that_nobody_answers_times_out() {
    let mut machine = work(CALLBACK);
    machine["States"]["Work"]["TimeoutSeconds"] = 1.into();
    let modelled = simulated(&machine, request(&json!({})), by_token()).unwrap();
    let real = in_real_time(&machine, by_token());
    assert_eq!(modelled.outcome.error.as_deref(), Some("States.Timeout"));
    assert_eq!(types(&real.history), types(&modelled.history));
    assert_eq!(modelled.stopped.as_millis() - modelled.started.as_millis(), 1000);
}

/// A timeout drops the work; the late answer changes nothing.
#[test]
fn work_that_is_too_late_is_dropped() {
    let mut machine = work(LAMBDA);
    machine["States"]["Work"]["TimeoutSeconds"] = 1.into();
    let real = in_real_time(&machine, waiting());
    let expected = ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionTimedOut", "ExecutionFailed"];
    assert_eq!(types(&real.history)[2..], expected);
}
