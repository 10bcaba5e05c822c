//! `.sync`: a job has been submitted, and its end is waited for.

use crate::answer::impossible;
use crate::aws::Aws;
use crate::call::call;
use crate::service::Service;
use aslx_asl::Value;
use aslx_engine::task::{TaskFailure, Withdrawal};
use std::time::Duration;

/// Time between two looks at a job: the first, and the longest. AWS is told of the end by events, which emulators
/// seldom send.
const FIRST_LOOK: Duration = Duration::from_millis(200);
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// Looks in a row that may fail (a throttle, a service that starts again) before the task does.
const PATIENCE: usize = 5;

/// A call about a job that was submitted.
struct Look {
    action: String,
    parameters: Value,
}

/// How far a job is.
enum Progress {
    Open,
    Succeeded(Value),
    Failed(Value),
}

/// Whether jobs of this action can be waited for.
pub(crate) fn is_job(service: &Service, action: &str) -> bool {
    match service.key {
        "sagemaker" => job_of(action).is_some(),
        key => {
            matches!((key, action), ("batch", "submitJob") | ("ecs", "runTask") | ("glue", "startJobRun"))
                || key == "states"
        }
    }
}

/// What is added to the parameters of a job, or refused, before it is submitted.
pub(crate) fn prepared(service: &Service, sync: bool, parameters: &Value) -> Result<Value, TaskFailure> {
    if service.key != "ecs" {
        return Ok(parameters.clone());
    }
    if sync && parameters.get("Count").and_then(Value::as_i64).is_some_and(|count| count > 1) {
        return Err(impossible("the end of one ECS task can be waited for, and `Count` asks for several"));
    }
    let started_by = parameters.get("StartedBy").filter(|given| !given.is_null()).cloned();
    let started_by = started_by.unwrap_or_else(|| Value::from("AWS Step Functions"));
    Ok(parameters.with_member("StartedBy", started_by).unwrap_or_else(|| parameters.clone()))
}

/// A job or a message that was taken in name only. ECS answers so when it has no room.
pub(crate) fn submitted(service: &Service, result: &Value) -> Result<(), TaskFailure> {
    let failures = result.get("Failures").and_then(Value::as_array).unwrap_or_default();
    if service.key != "ecs" || failures.is_empty() {
        return Ok(());
    }
    Err(TaskFailure::new("AmazonECS.Unknown", result.to_json()))
}

/// Waits until a job has ended. One whose end nobody waits for any more is asked to stop, as AWS does: once, and
/// whatever comes of it.
pub(crate) async fn ended(
    aws: &Aws,
    service: &'static Service,
    action: &str,
    version_2: bool,
    parameters: &Value,
    submitted: &Value,
    withdrawal: &Withdrawal,
) -> Result<Value, TaskFailure> {
    let look = look(service, action, parameters, submitted)
        .ok_or_else(|| impossible("the answer of the service does not tell which job it is"))?;
    let mut open = Open { aws, service, stop: stop(service, action, parameters, submitted), withdrawal };
    let (mut wait, mut failed) = (FIRST_LOOK, 0);
    loop {
        match call(aws, service, &look.action, &look.parameters).await {
            Ok((answer, _)) => {
                failed = 0;
                let progress = progress(service, action, &answer);
                if !matches!(progress, Progress::Open) {
                    open.stop = None;
                }
                match progress {
                    Progress::Open => {}
                    Progress::Succeeded(job) => return Ok(if version_2 { parsed(job) } else { job }),
                    Progress::Failed(job) => {
                        let job = if version_2 { parsed(job) } else { job };
                        return Err(TaskFailure::new("States.TaskFailed", job.to_json()));
                    }
                }
            }
            Err(failure) if failed == PATIENCE => return Err(failure),
            Err(_) => failed += 1,
        }
        tokio::time::sleep(wait).await;
        wait = wait.mul_f64(1.5).min(LONGEST_LOOK);
    }
}

/// A job that runs as far as is known.
struct Open<'a> {
    aws: &'a Aws,
    service: &'static Service,
    /// How it is stopped.
    stop: Option<Look>,
    withdrawal: &'a Withdrawal,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let (Some(stop), true) = (self.stop.take(), self.withdrawal.is_told()) else { return };
        let (aws, service) = (self.aws.clone(), self.service);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // There is nobody left who could be told that it went on.
                let _ = call(&aws, service, &stop.action, &stop.parameters).await;
            });
        }
    }
}

/// The call that stops a job.
fn stop(service: &Service, action: &str, parameters: &Value, submitted: &Value) -> Option<Look> {
    const REASON: &str = "The state of Step Functions that waited for it has ended.";
    let (action, pairs) = match service.key {
        "batch" => {
            ("terminateJob".to_owned(), vec![("JobId", submitted.get("JobId")?.clone()), ("Reason", REASON.into())])
        }
        "ecs" => {
            let cluster = parameters.get("Cluster").cloned().unwrap_or_default();
            let task = submitted.pointer("/Tasks/0/TaskArn")?.clone();
            ("stopTask".to_owned(), vec![("Cluster", cluster), ("Task", task), ("Reason", REASON.into())])
        }
        "glue" => {
            let runs = Value::array(vec![submitted.get("JobRunId")?.clone()]);
            ("batchStopJobRun".to_owned(), vec![("JobName", parameters.get("JobName")?.clone()), ("JobRunIds", runs)])
        }
        "states" => ("stopExecution".to_owned(), vec![("ExecutionArn", submitted.get("ExecutionArn")?.clone())]),
        _ => {
            let look = look(service, action, parameters, submitted)?;
            return Some(Look { action: format!("stop{}", job_of(action)?), ..look });
        }
    };
    Some(Look { action, parameters: Value::from_pairs(pairs) })
}

fn look(service: &Service, action: &str, parameters: &Value, submitted: &Value) -> Option<Look> {
    let list = |value: &Value| Value::array(vec![value.clone()]);
    let (action, pairs) = match service.key {
        "batch" => ("describeJobs".to_owned(), vec![("Jobs", list(submitted.get("JobId")?))]),
        "ecs" => {
            let cluster = parameters.get("Cluster").cloned().unwrap_or_default();
            let task = submitted.pointer("/Tasks/0/TaskArn")?;
            ("describeTasks".to_owned(), vec![("Cluster", cluster), ("Tasks", list(task))])
        }
        "glue" => {
            let run = submitted.get("JobRunId")?.clone();
            ("getJobRun".to_owned(), vec![("JobName", parameters.get("JobName")?.clone()), ("RunId", run)])
        }
        "states" => ("describeExecution".to_owned(), vec![("ExecutionArn", submitted.get("ExecutionArn")?.clone())]),
        _ => {
            let job = job_of(action)?;
            let name = format!("{job}Name");
            let value = parameters.get(&name)?.clone();
            return Some(Look { action: format!("describe{job}"), parameters: Value::from_pairs([(name, value)]) });
        }
    };
    Some(Look { action, parameters: Value::from_pairs(pairs) })
}

fn progress(service: &Service, action: &str, answer: &Value) -> Progress {
    let (job, status) = match service.key {
        "batch" => (answer.pointer("/Jobs/0"), "Status".to_owned()),
        "ecs" => (answer.pointer("/Tasks/0"), "LastStatus".to_owned()),
        "glue" => (answer.get("JobRun"), "JobRunState".to_owned()),
        "states" => (Some(answer), "Status".to_owned()),
        _ => (Some(answer), format!("{}Status", job_of(action).unwrap_or_default())),
    };
    // A job that was just submitted may not be seen yet.
    let Some(job) = job else { return Progress::Open };
    match job.get(&status).and_then(Value::as_str).unwrap_or_default() {
        "STOPPED" if service.key == "ecs" => {
            let containers = job.get("Containers").and_then(Value::as_array).unwrap_or_default();
            let exited_well = |container: &Value| container.get("ExitCode").and_then(Value::as_i64) == Some(0);
            match containers.iter().all(exited_well) && job.get("StopCode") != Some(&Value::from("TaskFailedToStart")) {
                true => Progress::Succeeded(job.clone()),
                false => Progress::Failed(job.clone()),
            }
        }
        "SUCCEEDED" | "Completed" => Progress::Succeeded(job.clone()),
        "FAILED" | "TIMED_OUT" | "ABORTED" | "TIMEOUT" | "ERROR" | "STOPPED" | "EXPIRED" | "Failed" | "Stopped" => {
            Progress::Failed(job.clone())
        }
        _ => Progress::Open,
    }
}

/// `TrainingJob` for SageMaker's `createTrainingJob`.
fn job_of(action: &str) -> Option<&str> {
    action.strip_prefix("create").filter(|job| job.ends_with("Job"))
}

/// `.sync:2`: input and output of the execution as JSON.
fn parsed(execution: Value) -> Value {
    ["Input", "Output"].into_iter().fold(execution, |execution, name| {
        let json = execution.get(name).and_then(Value::as_str).and_then(|text| Value::parse(text).ok());
        json.and_then(|json| execution.with_member(name, json)).unwrap_or(execution)
    })
}
