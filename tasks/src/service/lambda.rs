//! Functions: the handlers, called as Lambda calls them.

use super::aws::{Refusal, Service, cannot_run, members, only, with_metadata};
use super::route::{Functions, function};
use crate::handlers::{Handler, Ports};
use aslx_engine::task::TaskFailure;
use serde_json::{Map, Value, json};

const LAMBDA: Service = Service { prefix: "Lambda", text: "AWSLambda" };

/// A function called by its ARN: the result is what it answers.
pub(super) async fn call(ports: &Ports, handler: Handler, event: Value) -> Result<Value, TaskFailure> {
    handler.handle(ports, event).await.map_err(crate::error::TaskError::into_function_failure)
}

/// `lambda:invoke`: the result is Lambda's response, with what the function answers as `Payload`.
pub(super) async fn invoke(ports: &Ports, functions: &Functions, input: Value) -> Result<Value, TaskFailure> {
    let mut input = members(input)?;
    only(&input, &["FunctionName", "Payload", "Qualifier", "InvocationType"])?;
    let Some(Value::String(name)) = input.get("FunctionName") else {
        return Err(cannot_run("`FunctionName` is missing or not a text"));
    };
    if let Some(kind) = input.get("InvocationType")
        && kind != "RequestResponse"
    {
        return Err(cannot_run(format!("the invocation type {kind} has no offline implementation")));
    }
    let handler = match function(name, functions) {
        Ok(handler) => handler,
        Err(_) => return Err(not_found(name, &ports.surroundings.new_id())),
    };
    let version = input.get("Qualifier").cloned().unwrap_or_else(|| Value::from("$LATEST"));
    let payload = input.remove("Payload").unwrap_or_else(|| json!({}));
    let answer = call(ports, handler, payload).await?;
    let result = Map::from_iter([("ExecutedVersion".to_owned(), version), ("Payload".to_owned(), answer)]);
    let mut result = with_metadata(result, &ports.surroundings.new_id());
    result.insert("StatusCode".into(), 200.into());
    Ok(Value::Object(result))
}

/// What Lambda answers about a function that is not there.
pub(super) fn not_found(name: &str, request_id: &str) -> TaskFailure {
    let refusal = Refusal {
        exception: "ResourceNotFoundException",
        code: "ResourceNotFoundException",
        status: 404,
        message: &format!("Function not found: {name}"),
    };
    LAMBDA.failure(&refusal, request_id)
}
