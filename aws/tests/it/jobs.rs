use super::stub::{Stub, caller, failure, ok, reply, request, run};
use aslx_asl::Value;
use aslx_engine::task::{TaskFailure, TaskReply};
use std::time::Duration;

/// Submits a job and waits for its end, as the engine does; after the submission with another caller, as after a
/// restart.
async fn waited(stub: &Stub, service: &str, resource: &str, input: &str) -> Result<TaskReply, TaskFailure> {
    let mut request = request(resource, input);
    let TaskReply::Submitted(submitted) = run(&caller(service, &stub.url), request.clone()).await? else {
        panic!("not submitted")
    };
    request.submitted = Some(submitted);
    run(&caller(service, &stub.url), request).await
}

fn done(json: &str) -> TaskReply {
    TaskReply::Done(Value::parse(json).unwrap())
}

#[tokio::test]
async fn a_batch_job() {
    let stub = Stub::answering(vec![
        ok(r#"{"jobId":"j-1","jobName":"n"}"#),
        ok(r#"{"jobs":[]}"#),
        ok(r#"{"jobs":[{"jobId":"j-1","status":"RUNNING"}]}"#),
        // A look that fails is one look less.
        reply(500, &[], "{}"),
        ok(r#"{"jobs":[{"jobId":"j-1","status":"SUCCEEDED","startedAt":1700000000123,"parameters":{"in":"x"}}]}"#),
    ])
    .await;
    let input = r#"{"JobName":"n","JobQueue":"q","JobDefinition":"d","Parameters":{"in":"x"}}"#;
    let ended = waited(&stub, "batch", "arn:aws:states:::batch:submitJob.sync", input).await.unwrap();
    let expected = r#"{"JobId":"j-1","Status":"SUCCEEDED","StartedAt":1700000000123,"Parameters":{"in":"x"}}"#;
    assert_eq!(ended, done(expected));
    let asked = stub.asked();
    assert_eq!(asked[0].path, "/v1/submitjob");
    assert_eq!(asked[0].body, r#"{"jobName":"n","jobQueue":"q","jobDefinition":"d","parameters":{"in":"x"}}"#);
    assert_eq!((&*asked[1].path, &*asked[1].body), ("/v1/describejobs", r#"{"jobs":["j-1"]}"#));
    assert_eq!(asked.len(), 5);
}

#[tokio::test]
async fn a_task_of_ecs() {
    let stub = Stub::answering(vec![
        ok(r#"{"tasks":[{"taskArn":"t-1","lastStatus":"PENDING"}],"failures":[]}"#),
        ok(r#"{"tasks":[{"taskArn":"t-1","lastStatus":"RUNNING"}]}"#),
        ok(r#"{"tasks":[{"taskArn":"t-1","lastStatus":"STOPPED","stoppedAt":1.5,"containers":[{"exitCode":0}]}]}"#),
    ])
    .await;
    let run = "arn:aws:states:::ecs:runTask.sync";
    let ended = waited(&stub, "ecs", run, r#"{"Cluster":"c","TaskDefinition":"d"}"#).await.unwrap();
    let task = r#"{"TaskArn":"t-1","LastStatus":"STOPPED","StoppedAt":1500,"Containers":[{"ExitCode":0}]}"#;
    assert_eq!(ended, done(task));
    let asked = stub.asked();
    assert_eq!(asked[0].body, r#"{"cluster":"c","taskDefinition":"d","startedBy":"AWS Step Functions"}"#);
    assert_eq!(asked[2].header("x-amz-target"), "AmazonEC2ContainerServiceV20141113.DescribeTasks");
    assert_eq!(asked[2].body, r#"{"cluster":"c","tasks":["t-1"]}"#);

    let stub = Stub::answering(vec![
        ok(r#"{"tasks":[{"taskArn":"t-1"}],"failures":[]}"#),
        ok(r#"{"tasks":[{"lastStatus":"STOPPED","containers":[{"exitCode":0},{"exitCode":137}]}]}"#),
    ])
    .await;
    let (error, cause) = failure(waited(&stub, "ecs", run, r#"{"TaskDefinition":"d"}"#).await);
    assert_eq!(error, "States.TaskFailed");
    assert_eq!(cause, r#"{"LastStatus":"STOPPED","Containers":[{"ExitCode":0},{"ExitCode":137}]}"#);
    assert_eq!(stub.asked()[1].body, r#"{"tasks":["t-1"]}"#);

    let (error, _) = failure(waited(&stub, "ecs", run, r#"{"TaskDefinition":"d","Count":2}"#).await);
    assert_eq!(error, "States.Runtime");

    let stub = Stub::answering(vec![ok(r#"{"tasks":[],"failures":[{"reason":"RESOURCE:MEMORY"}]}"#)]).await;
    let (error, cause) = failure(waited(&stub, "ecs", run, r#"{"TaskDefinition":"d"}"#).await);
    assert_eq!(error, "AmazonECS.Unknown");
    assert!(cause.starts_with(r#"{"Failures":[{"Reason":"RESOURCE:MEMORY"}],"#), "{cause}");
}

#[tokio::test]
async fn a_run_of_glue() {
    let stub = Stub::answering(vec![
        ok(r#"{"JobRunId":"jr-1"}"#),
        ok(r#"{"JobRun":{"Id":"jr-1","JobRunState":"STARTING"}}"#),
        ok(r#"{"JobRun":{"Id":"jr-1","JobRunState":"FAILED","ErrorMessage":"no","StartedOn":1.7E9,"ExecutionTime":3}}"#),
    ])
    .await;
    let (error, cause) =
        failure(waited(&stub, "glue", "arn:aws:states:::glue:startJobRun.sync", r#"{"JobName":"j"}"#).await);
    assert_eq!(error, "States.TaskFailed");
    let run = r#"{"Id":"jr-1","JobRunState":"FAILED","ErrorMessage":"no","StartedOn":1700000000000,"ExecutionTime":3}"#;
    assert_eq!(cause, run);
    assert_eq!(stub.asked()[1].body, r#"{"JobName":"j","RunId":"jr-1"}"#);
}

#[tokio::test]
async fn a_training_of_sagemaker() {
    let stub = Stub::answering(vec![
        ok(r#"{"TrainingJobArn":"a"}"#),
        ok(r#"{"TrainingJobName":"t","TrainingJobStatus":"InProgress"}"#),
        ok(r#"{"TrainingJobName":"t","TrainingJobStatus":"Completed","HyperParameters":{"endTime":1}}"#),
    ])
    .await;
    let create = "arn:aws:states:::sagemaker:createTrainingJob.sync";
    let ended = waited(&stub, "sagemaker", create, r#"{"TrainingJobName":"t"}"#).await.unwrap();
    let job = r#"{"TrainingJobName":"t","TrainingJobStatus":"Completed","HyperParameters":{"endTime":1}}"#;
    assert_eq!(ended, done(job));
    assert_eq!(stub.asked()[1].header("x-amz-target"), "SageMaker.DescribeTrainingJob");
}

#[tokio::test]
async fn an_execution_elsewhere() {
    let described = r#"{"executionArn":"e","status":"SUCCEEDED","input":"{}","output":"{\"a\": 1}","startDate":1.5}"#;
    let replies = || vec![ok(r#"{"executionArn":"e","startDate":1.5}"#), ok(r#"{"status":"RUNNING"}"#), ok(described)];
    let input = r#"{"StateMachineArn":"m","Input":{"b":2}}"#;
    let stub = Stub::answering(replies()).await;
    let ended = waited(&stub, "states", "arn:aws:states:::states:startExecution.sync", input).await.unwrap();
    let shown = r#"{"ExecutionArn":"e","Status":"SUCCEEDED","Input":"{}","Output":"{\"a\": 1}","StartDate":1500}"#;
    assert_eq!(ended, done(shown));
    assert_eq!(stub.asked()[0].body, r#"{"stateMachineArn":"m","input":"{\"b\":2}"}"#);
    let stub = Stub::answering(replies()).await;
    let ended = waited(&stub, "states", "arn:aws:states:::states:startExecution.sync:2", input).await.unwrap();
    let shown = r#"{"ExecutionArn":"e","Status":"SUCCEEDED","Input":{},"Output":{"a":1},"StartDate":1500}"#;
    assert_eq!(ended, done(shown));
}

/// A job whose state has ended is stopped; one whose server has ended is not.
#[tokio::test]
async fn a_job_that_nobody_waits_for() {
    for withdrawn in [true, false] {
        let stub = Stub::answering(vec![ok(r#"{"jobs":[{"status":"RUNNING"}]}"#)]).await;
        let aws = caller("batch", &stub.url);
        let mut request = request("arn:aws:states:::batch:submitJob.sync", "{}");
        request.submitted = Some(Value::parse(r#"{"JobId":"j-1"}"#).unwrap());
        let withdrawal = request.withdrawal.clone();
        let waiting = tokio::spawn(async move { run(&aws, request).await });
        while stub.asked().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if withdrawn {
            withdrawal.tell();
        }
        waiting.abort();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let stopped =
            stub.asked().iter().find(|asked| asked.path == "/v1/terminatejob").map(|asked| asked.body.clone());
        assert_eq!(stopped.is_some_and(|body| body.starts_with(r#"{"jobId":"j-1","reason":"#)), withdrawn);
    }
}

/// A service that is gone for good fails the task in the end, with its last word.
#[tokio::test]
async fn a_job_that_cannot_be_looked_at() {
    let refused = reply(400, &[], r#"{"__type":"AccessDeniedException","message":"No."}"#);
    let stub = Stub::answering(vec![ok(r#"{"JobRunId":"jr-1"}"#), refused]).await;
    let (error, _) =
        failure(waited(&stub, "glue", "arn:aws:states:::glue:startJobRun.sync", r#"{"JobName":"j"}"#).await);
    assert_eq!(error, "Glue.AWSGlueException");
    assert_eq!(stub.asked().len(), 1 + 6);
}

#[test]
fn only_what_can_be_done_is_taken() {
    let aws = caller("ecs", "http://127.0.0.1:1");
    assert!(aws.takes("arn:aws:states:::ecs:runTask.sync") && aws.can_run("arn:aws:states:::ecs:runTask.sync").is_ok());
    assert!(!aws.takes("arn:aws:states:::aws-sdk:ecs:runTask"));
    for resource in ["arn:aws:states:::sqs:sendMessage", "arn:aws:states:::aws-sdk:ecs:listTasks", "nonsense"] {
        assert!(!aws.takes(resource) && aws.can_run(resource).is_err(), "{resource}");
    }
}
