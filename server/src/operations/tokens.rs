//! Task tokens, and the tasks of activities.

use super::activities::no_activity;
use super::start::failed;
use super::{Answer, Api};
use crate::error::ApiError;
use crate::request::Request;
use crate::shapes::Shape;
use aslx_engine::runtime::{ActivityError, TokenError};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a worker waits for a task (API reference, GetActivityTask).
const LONG_POLL: Duration = Duration::from_secs(60);

impl Api {
    pub(super) async fn get_activity_task(&self, request: Request<'_>) -> Answer {
        let arn = request.required("activityArn");
        self.activity(arn).await?;
        let worker = request.text("workerName").cloned();
        let _place = self.pollers.place(arn, self.limits.activity_pollers)?;
        let mut stopping = self.stopping.subscribe();
        let found = tokio::select! {
            found = self.engine.activity_task(arn, worker, LONG_POLL) => found,
            _ = stopping.wait_for(|stopping| *stopping) => Ok(None),
        };
        match found {
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

/// How many workers wait for tasks, by activity.
#[derive(Debug, Default)]
pub(crate) struct Pollers(Mutex<HashMap<String, usize>>);

/// The place of a worker that waits; it is free again when this is dropped.
struct Place<'a> {
    pollers: &'a Pollers,
    activity: &'a str,
}

impl Pollers {
    fn place<'a>(&'a self, activity: &'a str, most: usize) -> Result<Place<'a>, ApiError> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(activity.to_owned()).or_default();
        if *count >= most {
            let message = format!("Activity Worker Limit Exceeded: '{activity}'");
            return Err(ApiError::new("ActivityWorkerLimitExceeded", message));
        }
        *count += 1;
        Ok(Place { pollers: self, activity })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut counts = self.pollers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(self.activity) {
            *count -= 1;
            if *count == 0 {
                counts.remove(self.activity);
            }
        }
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
