//! Map runs of a distributed Map.

use crate::Place;
use aws_sdk_sfn::types::{ExecutionStatus, MapRunStatus};

const MAP: &str = r#"{"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "Label": "Each", "ItemProcessor": {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    "StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "SecondsPath": "$", "End": true}}}}}}"#;

#[tokio::test]
async fn a_map_run_is_listed_described_and_changed() {
    let place = Place::new().await;
    let sfn = &place.client;
    let machine = place.machine("each", MAP).await;
    let execution = place.start(&machine, "[0, 0, 600]").await;
    let run = loop {
        let runs = sfn.list_map_runs().execution_arn(&execution).send().await.unwrap();
        match runs.map_runs.into_iter().next() {
            Some(run) => break run.map_run_arn,
            None => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
        }
    };
    sfn.update_map_run().map_run_arn(&run).max_concurrency(2).tolerated_failure_count(3).send().await.unwrap();
    let seen = loop {
        let seen = sfn.describe_map_run().map_run_arn(&run).send().await.unwrap();
        if seen.item_counts().is_some_and(|counts| counts.succeeded() == 2) {
            break seen;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    assert_eq!((seen.max_concurrency(), seen.tolerated_failure_count()), (2, 3));
    assert_eq!(seen.status(), &MapRunStatus::Running);
    let children = sfn.list_executions().map_run_arn(&run).send().await.unwrap();
    assert_eq!(children.executions.len(), 3);
    sfn.stop_execution().execution_arn(&execution).send().await.unwrap();
    place.until(&execution, ExecutionStatus::Aborted).await;
}
