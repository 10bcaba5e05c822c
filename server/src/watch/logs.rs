//! Execution logs as CloudWatch has them: one JSON line per event, by level.

use super::events::escaped_length;
use crate::registry::LogLevel;
use crate::shapes::without_data;
use aslx_engine::history::HistoryEvent;
use aslx_engine::journal::Started;
use serde_json::{Map, Value, json};
use std::fmt;

/// Bytes of a payload, escaped, above which it is left out (developer guide, "Logging using CloudWatch Logs").
const LONGEST: usize = 248 << 10;

/// A line of an execution's log.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine(Value);

/// As it stands in a log stream.
impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a level logs an event.
pub(super) fn is_logged(level: LogLevel, event: &HistoryEvent) -> bool {
    let name = event.kind.type_name();
    match level {
        LogLevel::Off => false,
        LogLevel::All => true,
        LogLevel::Fatal => ["ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"].contains(&name),
        LogLevel::Error => {
            name == "FailStateEntered" || ["Failed", "TimedOut", "Aborted"].iter().any(|end| name.ends_with(end))
        }
    }
}

impl LogLine {
    pub(super) fn of(execution: &Started, redrives: u64, event: &HistoryEvent, with_data: bool) -> LogLine {
        let mut event = event.to_json();
        if !with_data {
            without_data(&mut event);
        }
        let Value::Object(mut members) = event else { return LogLine(Value::Null) };
        let number = |members: &Map<String, Value>, name: &str| {
            members.get(name).and_then(Value::as_u64).unwrap_or_default().to_string()
        };
        let (id, previous) = (number(&members, "id"), number(&members, "previousEventId"));
        let at = members.get("timestamp").and_then(Value::as_f64).unwrap_or_default();
        let details = members.keys().find(|name| name.ends_with("EventDetails")).cloned();
        let mut details = details.and_then(|name| members.shift_remove(&name)).unwrap_or_else(|| json!({}));
        shorten(&mut details);
        LogLine(json!({
            "id": id,
            "type": members.get("type"),
            "details": details,
            "previous_event_id": previous,
            // Milliseconds since the epoch are exact within a binary64 number.
            "event_timestamp": ((at * 1000.0).round() as i64).to_string(),
            "execution_arn": &*execution.names.execution_arn,
            "redrive_count": redrives.to_string(),
        }))
    }
}

/// Leaves out payloads that are too long.
fn shorten(details: &mut Value) {
    let Some(members) = details.as_object_mut() else { return };
    for name in ["input", "output"] {
        if members.get(name).and_then(Value::as_str).is_some_and(|text| escaped_length(text) > LONGEST) {
            members.shift_remove(name);
            members.insert(format!("{name}Details"), json!({"truncated": true}));
        }
    }
}
