//! Marks that the calls of a case have lost.
//!
//! Where AWS gives JSON as text inside a value, the recorded histories mark it (`{"$json_text": v}`), the recorded
//! calls do not: they hold `v`. The event that reports a call still tells, so its marks count for the call too.

use super::model::{Call, Outcome};
use serde_json::{Map, Value};

const MARK: &str = "$json_text";

/// Gives the calls the marks of the events that report them.
pub(super) fn restore(calls: &mut [Call], history: &[Value]) {
    let reported: Vec<&Value> = history.iter().flat_map(payloads).filter(|value| has_mark(value)).collect();
    if reported.is_empty() {
        return;
    }
    let marked = |value: &Value| reported.iter().find(|report| unmarked(report) == *value);
    for call in calls {
        if let Some(report) = call.input.as_ref().and_then(marked) {
            call.input = Some((*report).clone());
        }
        if let Some(report) = call.submitted.as_ref().and_then(marked) {
            call.submitted = Some(with_texts(report));
        }
        if let Outcome::Return(result) = &mut call.outcome
            && let Some(report) = marked(result)
        {
            *result = with_texts(report);
        }
    }
}

/// What an event tells of the input or the answer of a task.
fn payloads(event: &Value) -> Vec<&Value> {
    let details = event.as_object().into_iter().flatten().filter(|(key, _)| key.ends_with("EventDetails"));
    details.flat_map(|(_, details)| ["input", "parameters", "output"].map(|key| details.get(key))).flatten().collect()
}

fn mark(value: &Map<String, Value>) -> Option<&Value> {
    if value.len() == 1 { value.get(MARK) } else { None }
}

fn has_mark(value: &Value) -> bool {
    match value {
        Value::Object(members) => mark(members).is_some() || members.values().any(has_mark),
        Value::Array(items) => items.iter().any(has_mark),
        _ => false,
    }
}

fn unmarked(value: &Value) -> Value {
    rewritten(value, &unmarked)
}

/// The value as the task gave it: what is marked is a text.
fn with_texts(value: &Value) -> Value {
    rewritten(value, &|inner| Value::String(with_texts(inner).to_string()))
}

fn rewritten(value: &Value, marked: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Object(members) => match mark(members) {
            Some(inner) => marked(inner),
            None => {
                let members = members.iter().map(|(key, value)| (key.clone(), rewritten(value, marked)));
                Value::Object(members.collect())
            }
        },
        Value::Array(items) => Value::Array(items.iter().map(|item| rewritten(item, marked)).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_event_that_reports_a_call_gives_it_its_marks() {
        let call = |input: Value, result: Value| Call {
            resource: "r".into(),
            input: Some(input),
            iteration: None,
            submitted: Some(json!({"a": 1})),
            outcome: Outcome::Return(result),
        };
        let mut calls = [call(json!({"x": {"y": 1}}), json!([{"z": {}}])), call(json!({"x": 2}), json!({}))];
        let history = [
            json!({"taskScheduledEventDetails": {"parameters": {"x": {"$json_text": {"y": 1}}}}}),
            json!({"taskSucceededEventDetails": {"output": [{"z": {"$json_text": {}}}]}}),
        ];
        restore(&mut calls, &history);
        assert_eq!(calls[0].input, Some(json!({"x": {"$json_text": {"y": 1}}})));
        assert_eq!(calls[0].outcome, Outcome::Return(json!([{"z": "{}"}])));
        assert_eq!(calls[0].submitted, Some(json!({"a": 1})));
        assert_eq!((&calls[1].input, &calls[1].outcome), (&Some(json!({"x": 2})), &Outcome::Return(json!({}))));
        assert_eq!(with_texts(&json!({"$json_text": {"$json_text": [1]}})), json!("\"[1]\""));
    }
}
