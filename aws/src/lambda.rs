//! Functions: by their ARN, and by `lambda:invoke`.

use crate::answer::{impossible, refused, unanswered, with_metadata};
use crate::aws::Aws;
use crate::http::{Answer, Call};
use crate::service::{Protocol, Service};
use aslx_asl::Value;
use aslx_engine::task::TaskFailure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::time::Duration;

/// A function may run for 15 minutes.
const PATIENCE: Duration = Duration::from_secs(16 * 60);

/// What a path may hold as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A function by its ARN: the result is what it answers.
pub(crate) async fn by_arn(aws: &Aws, service: &Service, arn: &str, event: &Value) -> Result<Value, TaskFailure> {
    let answer = send(aws, service, arn, None, Vec::new(), event.to_json()).await?;
    let text = answer.text();
    if answer.header("x-amz-function-error").is_some() {
        return Err(failed(&text, false));
    }
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    Value::parse(&text).map_err(|error| impossible(format!("the answer of function `{arn}` is no JSON: {error}")))
}

/// `lambda:invoke`: the result is Lambda's answer, with what the function answers as `Payload`.
pub(crate) async fn invoke(aws: &Aws, service: &Service, input: &Value) -> Result<Value, TaskFailure> {
    let text = |name: &str| match input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.to_string())),
        Some(_) => Err(impossible(format!("the parameter `{name}` is not a text"))),
    };
    let function = text("FunctionName")?.ok_or_else(|| impossible("the parameter `FunctionName` is missing"))?;
    let mut headers = Vec::new();
    for (name, header) in [
        ("InvocationType", "x-amz-invocation-type"),
        ("LogType", "x-amz-log-type"),
        ("DurableExecutionName", "x-amz-durable-execution-name"),
        ("TenantId", "x-amz-tenant-id"),
    ] {
        headers.extend(text(name)?.map(|value| (header, value)));
    }
    match input.get("ClientContext") {
        None | Some(Value::Null) => {}
        Some(Value::String(encoded)) => headers.push(("x-amz-client-context", encoded.to_string())),
        Some(json) => headers.push(("x-amz-client-context", STANDARD.encode(json.to_json()))),
    }
    let event = match input.get("Payload") {
        None | Some(Value::Null) => "{}".to_owned(),
        Some(payload) => payload.to_json(),
    };
    let answer = send(aws, service, &function, text("Qualifier")?, headers, event).await?;
    let body = answer.text();
    if answer.header("x-amz-function-error").is_some() {
        return Err(failed(&body, true));
    }
    let payload = Value::parse(&body).unwrap_or_else(|_| Value::from(&*body));
    let header = |member: &str, name: &str| Some((member.into(), Value::from(answer.header(name)?)));
    let members = [
        header("ExecutedVersion", "x-amz-executed-version"),
        header("LogResult", "x-amz-log-result"),
        header("DurableExecutionArn", "x-amz-durable-execution-arn"),
        Some(("Payload".into(), payload)),
        Some(("StatusCode".into(), Value::from(u32::from(answer.status)))),
    ];
    Ok(with_metadata(members.into_iter().flatten(), &answer))
}

async fn send(
    aws: &Aws,
    service: &Service,
    function: &str,
    qualifier: Option<String>,
    headers: Vec<(&'static str, String)>,
    event: String,
) -> Result<Answer, TaskFailure> {
    let Protocol::Rest { prefix } = service.protocol else {
        return Err(impossible("Lambda speaks another protocol"));
    };
    // AWS takes any reference. Emulators know the names of functions, and Step Functions Local sends no more.
    let (function, own) = if aws.is_aws(service) { (function, None) } else { name(function) };
    let mut path = format!("{prefix}{}/invocations", utf8_percent_encode(function, KEPT));
    if let Some(qualifier) = qualifier.as_deref().or(own) {
        path.push_str(&format!("?Qualifier={}", utf8_percent_encode(qualifier, KEPT)));
    }
    let mut all = vec![("content-type", "application/json".to_owned())];
    all.extend(headers);
    let answer = aws.send(service, Call { path, headers: all, body: event.into_bytes(), patience: PATIENCE }).await;
    let answer = answer.map_err(|reason| unanswered(service, &reason))?;
    if (200..300).contains(&answer.status) { Ok(answer) } else { Err(refused(service, &answer)) }
}

/// Name and qualifier of a function that is given by ARN, partial ARN or name, each with or without a qualifier.
fn name(reference: &str) -> (&str, Option<&str>) {
    let name = reference.rsplit_once("function:").map_or(reference, |(_, name)| name);
    name.split_once(':').map_or((name, None), |(name, qualifier)| (name, Some(qualifier)))
}

/// What a function says when it fails. `lambda:invoke` writes it anew; by ARN it stays as it came.
fn failed(payload: &str, anew: bool) -> TaskFailure {
    let parsed = Value::parse(payload).ok();
    let error = parsed.as_ref().and_then(|error| error.get("errorType")?.as_str());
    match (error, &parsed) {
        (Some(error), Some(parsed)) if anew => TaskFailure::new(error, parsed.to_json()),
        (Some(error), _) => TaskFailure::new(error, payload),
        (None, _) => {
            let reason = "The cause could not be determined because Lambda did not return an error type.";
            TaskFailure::new("Lambda.Unknown", format!("{reason} Returned payload: {payload}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_names() {
        for reference in ["f:PROD", "1:function:f:PROD", "arn:aws:lambda:us-east-1:1:function:f:PROD"] {
            assert_eq!(name(reference), ("f", Some("PROD")), "{reference}");
        }
        for reference in ["f", "1:function:f", "arn:aws:lambda:::function:f"] {
            assert_eq!(name(reference), ("f", None), "{reference}");
        }
    }

    #[test]
    fn failures_of_functions_keep_their_text() {
        let payload = r#"{"errorMessage": "no", "errorType": "Bad"}"#;
        assert_eq!(failed(payload, false), TaskFailure::new("Bad", payload));
        assert_eq!(failed(payload, true), TaskFailure::new("Bad", r#"{"errorMessage":"no","errorType":"Bad"}"#));
        let unknown = failed(r#"{"errorMessage":"Task timed out after 3.00 seconds"}"#, true);
        assert_eq!(unknown.error, "Lambda.Unknown");
        assert!(
            unknown
                .cause
                .unwrap()
                .ends_with(r#"Returned payload: {"errorMessage":"Task timed out after 3.00 seconds"}"#)
        );
    }
}
