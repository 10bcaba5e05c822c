//! Trying the state: the engine inspects it, the mock or the real service does its work.

use super::mock::{self, Mock};
use crate::error::ApiError;
use crate::operations::Api;
use crate::request::Request;
use aslx_asl::Value;
use aslx_engine::Data;
use aslx_engine::interpreter::inspect::{Inspected, Inspection, MapLimits, Report, Setup, Work};
use aslx_engine::task::{TaskReply, TaskRequest, TaskResponse};
use std::sync::Arc;
use tower::ServiceExt;

/// What `stateConfiguration` says.
pub(super) fn configured(request: Request<'_>, mut setup: Setup) -> Setup {
    let Some(given) = request.structure("stateConfiguration") else { return setup };
    let count = |name| given.integer(name).and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    setup.retries = count("retrierRetryCount");
    setup.failed_items = count("mapIterationFailureCount");
    setup.items = given.text("mapItemReaderData").and_then(|text| mock::items(text));
    setup
}

impl Api {
    /// Runs the state to its end.
    pub(super) async fn try_state(&self, setup: Setup, mock: Option<Mock>) -> Result<Report, ApiError> {
        let failed_items = setup.failed_items;
        let inspection = match Inspection::start(setup) {
            Inspected::Ended(report) => return Ok(*report),
            Inspected::Working(inspection) => inspection,
        };
        if let Work::Map(limits) = inspection.work() {
            check_count(limits, failed_items, mock.as_ref())?;
        }
        Ok(match (mock, inspection.work()) {
            (Some(Mock::Result(result)), _) => inspection.succeed(result),
            (Some(Mock::Error { error, cause }), _) => inspection.fail(Some(error), cause),
            (None, Work::Task(request)) => {
                let answer = self.really(TaskRequest::clone(request)).await;
                match answer {
                    Ok(result) => inspection.succeed(result),
                    Err((error, cause)) => inspection.fail(Some(error), cause),
                }
            }
            // Containers are refused without a mock before they come here.
            (None, Work::Parallel(_) | Work::Map(_)) => return Err(ApiError::internal("a container without a mock")),
        })
    }

    /// Calls what the state calls.
    async fn really(&self, request: TaskRequest) -> Result<Data, (Arc<str>, Option<Arc<str>>)> {
        match self.service.clone().oneshot(request).await {
            Ok(TaskResponse { reply: TaskReply::Done(output) | TaskReply::Submitted(output), .. }) => Ok(output.into()),
            Ok(_) => Err(("States.Timeout".into(), None)),
            Err(failure) => Err((failure.error.into(), failure.cause.map(Into::into))),
        }
    }
}

/// As many results as there are iterations, and no more failures.
fn check_count(limits: &MapLimits, failed_items: u64, mock: Option<&Mock>) -> Result<(), ApiError> {
    let Some(children) = limits.children else {
        let message = "ItemReader data must be specified when testing a Map state with ItemReader specified.";
        return Err(ApiError::validation(message));
    };
    if failed_items > children as u64 {
        let message = "Map iteration failure count must be less than or equal to the number of Map iterations";
        return Err(ApiError::validation(message));
    }
    let results = match mock {
        Some(Mock::Result(result)) => result.value().as_array().map(<[Value]>::len),
        _ => None,
    };
    if results.is_some_and(|results| results != children) {
        return Err(ApiError::validation("Input array does not equal the mocked result array's size"));
    }
    Ok(())
}
