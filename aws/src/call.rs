//! Any call of any service but Lambda.

use crate::answer::{refused, unanswered, with_metadata};
use crate::aws::Aws;
use crate::http::{Answer, Call};
use crate::names::{capital, shown, wire};
use crate::query;
use crate::service::{Protocol, Service};
use aslx_asl::Value;
use aslx_engine::task::TaskFailure;
use std::sync::Arc;
use std::time::Duration;

/// How long a service may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Calls an action and gives its answer with the names that a state machine sees.
pub(crate) async fn call(
    aws: &Aws,
    service: &Service,
    action: &str,
    parameters: &Value,
) -> Result<(Value, Answer), TaskFailure> {
    let operation = capital(action);
    let parameters = wire(service, parameters);
    let json = |path: String, headers| (path, headers, parameters.to_json().into_bytes());
    let (path, headers, body) = match service.protocol {
        Protocol::Json { version, target } => json(
            "/".to_owned(),
            vec![
                ("content-type", format!("application/x-amz-json-{version}")),
                ("x-amz-target", format!("{target}.{operation}")),
            ],
        ),
        Protocol::Rest { prefix } => {
            let headers = vec![("content-type", "application/json".to_owned())];
            json(format!("{prefix}{}", operation.to_ascii_lowercase()), headers)
        }
        Protocol::Query { version } => {
            let form = query::form(&operation, version, &parameters).into_bytes();
            (
                "/".to_owned(),
                vec![("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned())],
                form,
            )
        }
    };
    let answer = aws.send(service, Call { path, headers, body, patience: PATIENCE }).await;
    let answer = answer.map_err(|reason| unanswered(service, &reason))?;
    if !(200..300).contains(&answer.status) {
        return Err(refused(service, &answer));
    }
    let text = answer.text();
    let body = match service.protocol {
        Protocol::Query { .. } => {
            let members = ["MessageId", "SequenceNumber"].into_iter();
            Value::from_pairs(members.filter_map(|name| Some((name, Value::from(query::member(&text, name)?)))))
        }
        _ if text.trim().is_empty() => Value::empty_object(),
        _ => {
            let parsed = Value::parse(&text);
            let body = parsed.map_err(|error| unanswered(service, &format!("the answer is no JSON: {error}")))?;
            shown(service, &body)
        }
    };
    drop(text);
    Ok((body, answer))
}

/// Calls an action as an optimised integration does: with what the exchange was in the result.
pub(crate) async fn request(
    aws: &Aws,
    service: &Service,
    action: &str,
    parameters: &Value,
) -> Result<Value, TaskFailure> {
    let (body, answer) = call(aws, service, action, parameters).await?;
    // EventBridge's result is its answer alone, and an event that it did not take fails the task.
    if service.key == "events" {
        return match body.get("FailedEntryCount").and_then(Value::as_i64) {
            Some(1..) => Err(TaskFailure::new("EventBridge.FailedEntry", body.to_json())),
            _ => Ok(body),
        };
    }
    let members = body.as_object().into_iter().flatten();
    Ok(with_metadata(members.map(|(name, value)| (Arc::clone(name), value.clone())), &answer))
}
