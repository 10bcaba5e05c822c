//! Activities and the tokens of tasks.

use crate::Place;
use aws_sdk_sfn::types::ExecutionStatus;

fn work(activity: &str) -> String {
    format!(
        r#"{{"StartAt": "Work", "States": {{"Work": {{"Type": "Task", "Resource": "{activity}", "HeartbeatSeconds": 60,
            "Catch": [{{"ErrorEquals": ["Mine"], "Next": "Caught"}}], "End": true}},
            "Caught": {{"Type": "Pass", "End": true}}}}}}"#
    )
}

#[tokio::test]
async fn activities_are_made_described_listed_and_deleted() {
    let place = Place::new().await;
    let sfn = &place.client;
    let made = sfn.create_activity().name("paint").send().await.unwrap();
    assert_eq!(made.activity_arn, "arn:aws:states:us-east-1:000000000000:activity:paint");
    let seen = sfn.describe_activity().activity_arn(&made.activity_arn).send().await.unwrap();
    assert_eq!((seen.name(), seen.creation_date()), ("paint", made.creation_date()));
    let listed = sfn.list_activities().send().await.unwrap();
    assert_eq!(listed.activities.len(), 1);
    sfn.delete_activity().activity_arn(&made.activity_arn).send().await.unwrap();
    let gone = sfn.describe_activity().activity_arn(&made.activity_arn).send().await.unwrap_err();
    assert!(gone.into_service_error().is_activity_does_not_exist());
}

#[tokio::test]
async fn a_worker_takes_a_task_keeps_it_alive_and_ends_it() {
    let place = Place::new().await;
    let sfn = &place.client;
    let activity = sfn.create_activity().name("paint").send().await.unwrap().activity_arn;
    let machine = place.machine("painting", &work(&activity)).await;

    let execution = place.start(&machine, r#"{"colour":"blue"}"#).await;
    let task = sfn.get_activity_task().activity_arn(&activity).worker_name("me").send().await.unwrap();
    assert_eq!(task.input(), Some(r#"{"colour":"blue"}"#));
    let token = task.task_token().unwrap();
    sfn.send_task_heartbeat().task_token(token).send().await.unwrap();
    sfn.send_task_success().task_token(token).output(r#""done""#).send().await.unwrap();
    place.until(&execution, ExecutionStatus::Succeeded).await;
    let late = sfn.send_task_success().task_token(token).output("1").send().await.unwrap_err();
    assert!(late.into_service_error().is_task_timed_out());

    let execution = place.start(&machine, "{}").await;
    let task = sfn.get_activity_task().activity_arn(&activity).send().await.unwrap();
    let failure = sfn.send_task_failure().task_token(task.task_token().unwrap()).error("Mine").cause("no paint");
    failure.send().await.unwrap();
    place.until(&execution, ExecutionStatus::Succeeded).await;
    let seen = sfn.describe_execution().execution_arn(&execution).send().await.unwrap();
    assert_eq!(seen.output(), Some(r#"{"Error":"Mine","Cause":"no paint"}"#));
    let nonsense = sfn.send_task_success().task_token("nonsense").output("1").send().await.unwrap_err();
    assert!(nonsense.into_service_error().is_invalid_token());
}
