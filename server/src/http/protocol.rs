//! AWS JSON 1.0: the operation is in a header, request and response are JSON objects.

use crate::error::ApiError;
use crate::operations::Api;
use aslx_asl::Value;
use serde_json::Value as Json;

/// What every target begins with.
const PREFIX: &str = "AWSStepFunctions.";

/// A response: status and JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl From<&ApiError> for Response {
    fn from(error: &ApiError) -> Response {
        Response { status: error.status(), body: written(&error.body()) }
    }
}

/// Answers a request: the header `X-Amz-Target` and the body. It always answers; what is no request is an error of
/// the protocol.
///
/// `trace` is the header `X-Amzn-Trace-Id`: for a start it goes before `traceHeader` (API reference, StartExecution).
pub(crate) async fn respond(api: &Api, target: Option<&str>, trace: Option<&str>, body: &[u8]) -> Response {
    let answered = answer(api, target, trace, body).await;
    // What is no operation could be any text, and makes no figure of its own.
    let operation = target.and_then(|target| target.strip_prefix(PREFIX));
    let operation = operation.filter(|operation| api.model.operation(operation).is_some());
    api.watch.figures.answered(operation, answered.as_ref().err().map(ApiError::code));
    match answered {
        Ok(body) => Response { status: 200, body },
        Err(error) => Response::from(&error),
    }
}

async fn answer(api: &Api, target: Option<&str>, trace: Option<&str>, body: &[u8]) -> Result<String, ApiError> {
    let operation = target.and_then(|target| target.strip_prefix(PREFIX)).ok_or_else(ApiError::unknown_operation)?;
    let text = std::str::from_utf8(body).map_err(|_| ApiError::serialization("the body is not UTF-8"))?;
    let request = Value::parse(text).map_err(|error| ApiError::serialization(error.to_string()))?;
    let starts = matches!(operation, "StartExecution" | "StartSyncExecution");
    let traced = trace.filter(|_| starts).and_then(|trace| request.with_member("traceHeader", trace.into()));
    Ok(written(&api.call(operation, traced.as_ref().unwrap_or(&request)).await?))
}

/// The same as `to_string()`, not by way of the formatter, which is slow.
fn written(body: &Json) -> String {
    // Values always serialise.
    serde_json::to_string(body).unwrap_or_default()
}
