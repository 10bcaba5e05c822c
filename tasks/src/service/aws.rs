//! Results and failures in the shape of AWS's service integrations.

use aslx_engine::task::TaskFailure;
use serde_json::{Map, Value, json};

/// The members that every result of an optimised integration has. There was no HTTP: the headers are empty.
pub(super) fn with_metadata(mut result: Map<String, Value>, request_id: &str) -> Map<String, Value> {
    let http = json!({ "AllHttpHeaders": {}, "HttpHeaders": {}, "HttpStatusCode": 200 });
    result.insert("SdkHttpMetadata".into(), http);
    result.insert("SdkResponseMetadata".into(), json!({ "RequestId": request_id }));
    result
}

/// A service as its failures name it.
pub(super) struct Service {
    /// What the error names begin with.
    pub prefix: &'static str,
    /// What the causes say.
    pub text: &'static str,
}

/// What a service answered when it refused.
pub(super) struct Refusal<'a> {
    /// The class of the exception, as the error is named after the prefix.
    pub exception: &'a str,
    /// The error code of the service.
    pub code: &'a str,
    pub status: u16,
    pub message: &'a str,
}

impl Service {
    pub(super) fn failure(&self, refusal: &Refusal<'_>, request_id: &str) -> TaskFailure {
        let Refusal { exception, code, status, message } = refusal;
        let cause = format!(
            "{message} (Service: {}; Status Code: {status}; Error Code: {code}; Request ID: {request_id}; Proxy: null)",
            self.text
        );
        TaskFailure::new(format!("{}.{exception}", self.prefix), cause)
    }
}

/// Parameters that a service takes here; another one is refused rather than ignored.
pub(super) fn only(input: &Map<String, Value>, known: &[&str]) -> Result<(), TaskFailure> {
    match input.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(cannot_run(format!("the parameter `{name}` has no offline implementation"))),
    }
}

/// A request that this implementation cannot carry out. No Retry or Catch takes it for a failure of the service.
pub(super) fn cannot_run(reason: impl Into<String>) -> TaskFailure {
    TaskFailure::new("States.Runtime", reason)
}

/// The members of the input.
pub(super) fn members(input: Value) -> Result<Map<String, Value>, TaskFailure> {
    match input {
        Value::Object(members) => Ok(members),
        _ => Err(cannot_run("the parameters of a service integration are an object")),
    }
}
