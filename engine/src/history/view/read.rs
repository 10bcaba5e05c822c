//! Histories as they come out of `aws stepfunctions get-execution-history`, an SDK or this program.

use super::event::{IterationEnd, Payload, Seen, Sight};
use crate::history::{ErrorDetails, StateType};
use aslx_asl::Timestamp;
use aslx_asl::time::parse_rfc3339;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Why a text could not be read as a history.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct HistoryReadError {
    message: String,
    help: &'static str,
}

impl HistoryReadError {
    fn new(message: impl Into<String>, help: &'static str) -> HistoryReadError {
        HistoryReadError { message: message.into(), help }
    }

    /// What to do about it.
    pub fn help(&self) -> &str {
        self.help
    }
}

const EXPORT: &str =
    "`aws stepfunctions get-execution-history --execution-arn ARN` writes what is read here: {\"events\": […]}";

/// Reads an exported history: `{"events": […]}` or the list alone; times as seconds or as ISO 8601 texts; in either
/// order. Events come back in the order of their ids.
pub fn read_history(text: &str) -> Result<Vec<Seen>, HistoryReadError> {
    let json: Json = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| HistoryReadError::new(format!("this is not JSON: {error}"), EXPORT))?;
    let events = match json {
        Json::Array(events) => events,
        Json::Object(mut members) => match members.remove("events").or_else(|| members.remove("Events")) {
            Some(Json::Array(events)) => events,
            Some(_) => return Err(HistoryReadError::new("`events` is not a list", EXPORT)),
            None if members.contains_key("StartAt") => {
                return Err(HistoryReadError::new("this is a definition, not a history", EXPORT));
            }
            None => return Err(HistoryReadError::new("there is no `events` in it", EXPORT)),
        },
        _ => return Err(HistoryReadError::new("a history is an object with `events`", EXPORT)),
    };
    if events.is_empty() {
        return Err(HistoryReadError::new("the list of events is empty", EXPORT));
    }
    let mut seen = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        seen.push(event_of(event).map_err(|what| {
            HistoryReadError::new(format!("event {} of the list: {what}", index + 1), "is the file complete?")
        })?);
    }
    seen.sort_by_key(|event: &Seen| event.id);
    Ok(seen)
}

fn event_of(event: &Json) -> Result<Seen, String> {
    let Json::Object(members) = event else { return Err("an object is expected".to_owned()) };
    let kind = match members.get("type") {
        Some(Json::String(kind)) => kind.as_str(),
        _ => return Err("`type` is missing".to_owned()),
    };
    let id = number(members, "id").filter(|id| *id > 0).ok_or("`id` is missing or is not a number from 1")?;
    let at = match members.get("timestamp") {
        Some(time) => timestamp(time).ok_or_else(|| format!("`timestamp` is not a time: `{time}`"))?,
        None => return Err("`timestamp` is missing".to_owned()),
    };
    let details = members.iter().find(|(name, _)| name.ends_with("EventDetails")).and_then(|(_, v)| v.as_object());
    let sight = sight(kind, details)?;
    Ok(Seen { id, previous: number(members, "previousEventId").unwrap_or(0), at, sight })
}

fn number(members: &Map<String, Json>, name: &str) -> Option<u64> {
    match members.get(name)? {
        Json::String(digits) => digits.parse().ok(),
        value => value.as_u64(),
    }
}

fn timestamp(value: &Json) -> Option<Timestamp> {
    match value {
        // Milliseconds as in the log form, or seconds as in the API: no execution ran before 1971 or after 5138.
        Json::Number(number) => {
            let number = number.as_f64()?;
            let millis = if number.abs() >= 1e11 { number } else { number * 1000.0 };
            Some(Timestamp::from_millis(millis.round() as i64))
        }
        Json::String(text) => {
            let text = text.trim().replacen(' ', "T", 1);
            parse_rfc3339(&text).or_else(|| parse_rfc3339(&format!("{text}Z"))).map(|instant| instant.ceil_millis())
        }
        _ => None,
    }
}

fn text(details: Option<&Map<String, Json>>, name: &str) -> Option<Arc<str>> {
    match details?.get(name)? {
        Json::String(text) => Some(text.as_str().into()),
        Json::Null => None,
        other => Some(other.to_string().into()),
    }
}

fn error(details: Option<&Map<String, Json>>) -> ErrorDetails {
    ErrorDetails { error: text(details, "error"), cause: text(details, "cause") }
}

fn sight(kind: &str, details: Option<&Map<String, Json>>) -> Result<Sight, String> {
    let name = || text(details, "name").ok_or_else(|| format!("`name` is missing in the details of {kind}"));
    if let Some(prefix) = kind.strip_suffix("StateEntered") {
        let state = state_type(prefix).ok_or_else(|| format!("there is no state type `{prefix}`"))?;
        return Ok(Sight::Entered { state, name: name()?, input: text(details, "input").map(Payload::Text) });
    }
    if kind.ends_with("StateExited") {
        return Ok(Sight::Exited { name: name()? });
    }
    if let Some(state) = kind.strip_suffix("StateAborted").and_then(state_type) {
        return Ok(Sight::StateAborted(state));
    }
    let index = || details.and_then(|d| number(d, "index")).unwrap_or(0);
    let iteration = |end| name().map(|name| Sight::IterationEnded { name, index: index(), end });
    Ok(match kind {
        "ExecutionStarted" => Sight::Started,
        "ExecutionSucceeded" => Sight::Succeeded,
        "ExecutionFailed" => Sight::Failed(error(details)),
        "ExecutionAborted" => Sight::Aborted(error(details)),
        "ExecutionTimedOut" => Sight::TimedOut(error(details)),
        "ExecutionRedriven" => Sight::Redriven,
        "TaskScheduled" => {
            let part = |name| text(details, name).unwrap_or_else(|| "?".into());
            Sight::Attempt { resource: format!("{}:{}", part("resourceType"), part("resource")).into() }
        }
        "LambdaFunctionScheduled" | "ActivityScheduled" => {
            Sight::Attempt { resource: text(details, "resource").unwrap_or_else(|| "?".into()) }
        }
        "TaskSucceeded" | "LambdaFunctionSucceeded" | "ActivitySucceeded" => Sight::AttemptSucceeded,
        "TaskFailed"
        | "TaskStartFailed"
        | "TaskSubmitFailed"
        | "TaskTimedOut"
        | "LambdaFunctionFailed"
        | "LambdaFunctionScheduleFailed"
        | "LambdaFunctionStartFailed"
        | "LambdaFunctionTimedOut"
        | "ActivityFailed"
        | "ActivityScheduleFailed"
        | "ActivityTimedOut" => Sight::AttemptFailed(error(details)),
        "ParallelStateStarted" => Sight::InnerStarted { length: None },
        "MapStateStarted" => Sight::InnerStarted { length: details.and_then(|d| number(d, "length")) },
        "ParallelStateSucceeded" | "MapStateSucceeded" => Sight::InnerSucceeded,
        "ParallelStateFailed" | "MapStateFailed" => Sight::InnerFailed,
        "MapIterationStarted" => Sight::IterationStarted { name: name()?, index: index() },
        "MapIterationSucceeded" => iteration(IterationEnd::Succeeded)?,
        "MapIterationFailed" => iteration(IterationEnd::Failed)?,
        "MapIterationAborted" => iteration(IterationEnd::Aborted)?,
        "EvaluationFailed" => Sight::EvaluationFailed(error(details)),
        "MapRunStarted" => Sight::MapRunStarted { arn: text(details, "mapRunArn").unwrap_or_else(|| "?".into()) },
        "MapRunFailed" => Sight::MapRunFailed(error(details)),
        _ => Sight::Other,
    })
}

fn state_type(name: &str) -> Option<StateType> {
    use StateType as S;
    [S::Pass, S::Task, S::Choice, S::Wait, S::Succeed, S::Fail, S::Parallel, S::Map]
        .into_iter()
        .find(|state| state.name() == name)
}
