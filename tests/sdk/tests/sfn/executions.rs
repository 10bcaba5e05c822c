//! Executions, standard and express.

use crate::{ECHO, Place};
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEventType, StateMachineType, SyncExecutionStatus};

const WAIT: &str = r#"{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": true}}}"#;
const FAIL: &str = r#"{"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "Mine", "Cause": "it is so"}}}"#;

#[tokio::test]
async fn an_execution_runs_to_its_end() {
    let place = Place::new().await;
    let sfn = &place.client;
    let machine = place.machine("echo", ECHO).await;
    let execution = place.start(&machine, r#"{"n": 1}"#).await;
    place.until(&execution, ExecutionStatus::Succeeded).await;
    let seen = sfn.describe_execution().execution_arn(&execution).send().await.unwrap();
    assert_eq!((seen.input(), seen.output()), (Some(r#"{"n": 1}"#), Some(r#"{"n": 1}"#)));
    assert!(seen.stop_date().is_some());

    let history = sfn.get_execution_history().execution_arn(&execution).send().await.unwrap();
    let types: Vec<_> = history.events.iter().map(|event| event.r#type.clone()).collect();
    use HistoryEventType::{ExecutionStarted, ExecutionSucceeded, PassStateEntered, PassStateExited};
    assert_eq!(types, [ExecutionStarted, PassStateEntered, PassStateExited, ExecutionSucceeded]);
    let last = sfn.get_execution_history().execution_arn(&execution).reverse_order(true).max_results(1);
    let last = last.send().await.unwrap();
    assert_eq!((last.events.len(), last.events[0].id, last.next_token.is_some()), (1, 4, true));

    let used = sfn.describe_state_machine_for_execution().execution_arn(&execution).send().await.unwrap();
    assert_eq!(used.definition(), ECHO);
}

#[tokio::test]
async fn an_execution_is_stopped_and_lists_tell_them_apart() {
    let place = Place::new().await;
    let sfn = &place.client;
    let machine = place.machine("wait", WAIT).await;
    let stopped = place.start(&machine, "{}").await;
    let runs = place.start(&machine, "{}").await;
    sfn.stop_execution().execution_arn(&stopped).error("Enough").cause("of waiting").send().await.unwrap();
    place.until(&stopped, ExecutionStatus::Aborted).await;
    let seen = sfn.describe_execution().execution_arn(&stopped).send().await.unwrap();
    assert_eq!((seen.error(), seen.cause()), (Some("Enough"), Some("of waiting")));
    let running = sfn.list_executions().state_machine_arn(&machine).status_filter(ExecutionStatus::Running);
    let running = running.send().await.unwrap();
    assert_eq!(running.executions.iter().map(|item| item.execution_arn()).collect::<Vec<_>>(), [runs.as_str()]);
    let pages = sfn.list_executions().state_machine_arn(&machine).max_results(1).into_paginator().send();
    assert_eq!(
        pages.collect::<Result<Vec<_>, _>>().await.unwrap().iter().map(|page| page.executions.len()).sum::<usize>(),
        2
    );
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let place = Place::new().await;
    let machine = place.machine("wait", WAIT).await;
    let start =
        |input: &str| place.client.start_execution().state_machine_arn(&machine).name("monday").input(input).send();
    let first = start("{}").await.unwrap();
    assert_eq!(
        start("{}").await.unwrap().execution_arn,
        first.execution_arn,
        "the same request again is the same start"
    );
    assert!(start("[]").await.unwrap_err().into_service_error().is_execution_already_exists());
}

#[tokio::test]
async fn a_failed_execution_is_redriven() {
    let place = Place::new().await;
    let sfn = &place.client;
    let machine = place.machine("fail", FAIL).await;
    let execution = place.start(&machine, "{}").await;
    place.until(&execution, ExecutionStatus::Failed).await;
    sfn.redrive_execution().execution_arn(&execution).send().await.unwrap();
    place.until(&execution, ExecutionStatus::Failed).await;
    let seen = sfn.describe_execution().execution_arn(&execution).send().await.unwrap();
    assert_eq!((seen.redrive_count(), seen.error()), (Some(1), Some("Mine")));
    assert!(seen.redrive_date().is_some());
}

#[tokio::test]
async fn an_express_execution_answers_at_once() {
    let place = Place::new().await;
    let sfn = &place.client;
    let good = place.machine_of("echo", ECHO, StateMachineType::Express).await;
    let answer = sfn.start_sync_execution().state_machine_arn(&good).input("[1]").send().await.unwrap();
    assert_eq!((answer.status(), answer.output()), (&SyncExecutionStatus::Succeeded, Some("[1]")));
    assert!(answer.billing_details().is_some());
    let bad = place.machine_of("fail", FAIL, StateMachineType::Express).await;
    let answer = sfn.start_sync_execution().state_machine_arn(&bad).send().await.unwrap();
    assert_eq!(
        (answer.status(), answer.error(), answer.cause()),
        (&SyncExecutionStatus::Failed, Some("Mine"), Some("it is so"))
    );
}
