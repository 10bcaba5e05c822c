//! Task tokens, and the tasks of activities.

use super::activities::no_activity;
use super::start::failed;
use super::{Answer, Api};
use crate::error::ApiError;
use crate::request::Request;
use crate::shapes::Shape;
use aslx_engine::runtime::{ActivityError, TokenError};
use serde_json::json;
use std::time::Duration;

/// How long a worker waits for a task (API reference, GetActivityTask).
const LONG_POLL: Duration = Duration::from_secs(60);

impl Api {
    pub(super) async fn get_activity_task(&self, request: Request<'_>) -> Answer {
        let arn = request.required("activityArn");
        self.activity(arn).await?;
        let worker = request.text("workerName").cloned();
        match self.engine.activity_task(arn, worker, LONG_POLL).await {
            Ok(Some(task)) => {
                Ok(Shape::new().text("taskToken", &task.token).text("input", &task.input.to_json()).into())
            }
            Ok(None) => Ok(json!({})),
            Err(ActivityError::NotFound { activity }) => Err(no_activity(&activity)),
            Err(ActivityError::Engine(error)) => Err(failed(error)),
        }
    }

    pub(super) async fn send_task_success(&self, request: Request<'_>) -> Answer {
        let (token, output) = (request.required("taskToken"), request.required("output"));
        answered(self.engine.task_succeeded(token, output).await)
    }

    pub(super) async fn send_task_failure(&self, request: Request<'_>) -> Answer {
        let (error, cause) = (request.text("error").cloned(), request.text("cause").cloned());
        answered(self.engine.task_failed(request.required("taskToken"), error, cause).await)
    }

    pub(super) async fn send_task_heartbeat(&self, request: Request<'_>) -> Answer {
        answered(self.engine.task_heartbeat(request.required("taskToken")).await)
    }
}

fn answered(result: Result<(), TokenError>) -> Answer {
    match result {
        Ok(()) => Ok(json!({})),
        Err(TokenError::Malformed) => Err(ApiError::invalid_token()),
        Err(TokenError::Output(why)) => Err(ApiError::new("InvalidOutput", format!("Invalid Output: '{why}'"))),
        Err(TokenError::Unknown) => {
            Err(ApiError::new("TaskDoesNotExist", "Task Does Not Exist: 'Provided task does not exist anymore'"))
        }
        Err(TokenError::TimedOut { resource }) => {
            Err(ApiError::new("TaskTimedOut", format!("Task Timed Out: '{resource}'")))
        }
        Err(TokenError::Engine(error)) => Err(failed(error)),
    }
}
