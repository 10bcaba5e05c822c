//! The context object: made up, or given and checked.

use super::subject::Subject;
use crate::arn::Account;
use crate::error::ApiError;
use crate::random;
use crate::request::Request;
use aslx_asl::{Timestamp, Value};
use aslx_engine::Data;
use serde_json::json;

/// Members that a context object may have, with those that are texts.
const KNOWN: [(&str, &[&str], &[&str]); 5] = [
    (
        "Execution",
        &["Id", "Input", "Name", "RoleArn", "StartTime", "RedriveCount", "RedriveTime"],
        &["Id", "Name", "RoleArn", "StartTime", "RedriveTime"],
    ),
    ("State", &["EnteredTime", "Name", "RetryCount"], &["EnteredTime", "Name"]),
    ("StateMachine", &["Id", "Name"], &["Id", "Name"]),
    ("Task", &["Token"], &["Token"]),
    ("Map", &[], &[]),
];

/// What an execution would have made: names are drawn (recorded).
pub(super) fn generated(
    account: &Account,
    request: Request<'_>,
    input: &Data,
    subject: &Subject,
    now: Timestamp,
) -> Result<Value, ApiError> {
    let (machine, execution) = (random::uuid()?, random::uuid()?);
    let mut state = json!({"Name": "StateName", "EnteredTime": now.to_string()});
    if ["Task", "Map", "Parallel"].contains(&subject.kind())
        && let Some(members) = state.as_object_mut()
    {
        members.insert("RetryCount".to_owned(), json!(0));
    }
    let context = json!({
        "Execution": {
            "Id": &*account.arn("express", format_args!("{machine}:{execution}")),
            "Input": null,
            "Name": execution,
            "RoleArn": request.text("roleArn").map(|role| &**role),
            "StartTime": now.to_string(),
        },
        "StateMachine": {"Id": &*account.arn("stateMachine", &machine), "Name": machine},
        "State": state,
    });
    let context = Value::from(context);
    let execution = context.get("Execution").and_then(|e| e.with_member("Input", input.value().clone()));
    let context = execution.and_then(|execution| context.with_member("Execution", execution)).unwrap_or(context);
    let waits = subject.resource().ends_with(".waitForTaskToken");
    let token = waits.then(random::uuid).transpose()?;
    let with_token =
        token.and_then(|token| context.with_member("Task", Value::from_pairs([("Token", Value::from(token))])));
    Ok(with_token.unwrap_or(context))
}

/// A context object that the caller gives; nothing is added to it (recorded).
pub(super) fn given(text: &str, subject: &Subject) -> Result<Value, ApiError> {
    let wrong = |why: String| ApiError::validation(format!("Invalid Context object provided: {why}"));
    let context = Value::parse(text).map_err(|_| wrong("not a valid JSON object".to_owned()))?;
    let members = context.as_object().ok_or_else(|| wrong("not a valid JSON object".to_owned()))?;
    for (name, value) in members {
        let Some((_, fields, texts)) = KNOWN.iter().find(|(known, ..)| **known == **name) else {
            return Err(wrong(format!("Field '{name}' is not allowed")));
        };
        if &**name == "Map" {
            return Err(wrong("'Map' field is not supported when mocking a Context object".to_owned()));
        }
        let inner = value.as_object().ok_or_else(|| wrong(format!("{name} must be an object")))?;
        for (field, value) in inner {
            if !fields.contains(&&**field) {
                return Err(wrong(format!("Field '{field}' is not allowed")));
            }
            if texts.contains(&&**field) && value.as_str().is_none() {
                return Err(wrong(format!("{name}.{field} must be a string")));
            }
        }
    }
    let job = subject.resource().contains(".sync") || subject.resource().ends_with(".waitForTaskToken");
    if members.contains_key("Task") && !job {
        return Err(wrong(
            "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern"
                .to_owned(),
        ));
    }
    Ok(context)
}
