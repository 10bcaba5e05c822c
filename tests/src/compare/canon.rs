//! Answers in the form in which the recorded ones are stored.

use serde_json::{Map, Value};

/// Members of an event's details that are JSON texts of any kind, not only of objects.
const JSON_TEXTS: [&str; 3] = ["input", "output", "parameters"];

/// The value with each text in an object that is the text of a JSON object replaced by that object. What was read so is
/// left as it is: a text inside it stays a text.
pub fn normalise(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(key, member)| (key, normalised_member(member))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(normalise).collect()),
        other => other,
    }
}

fn normalised_member(member: Value) -> Value {
    match member {
        Value::String(text) if text.starts_with('{') => match serde_json::from_str(&text) {
            Ok(object) => object,
            Err(_) => Value::String(text),
        },
        other => normalise(other),
    }
}

/// A text that is JSON, as that JSON.
pub fn json_or_text(value: Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        other => other,
    }
}

/// An event of a history with its JSON texts as values.
pub fn canonical_event(event: Value) -> Value {
    let mut event = normalise(event);
    let Some(members) = event.as_object_mut() else { return event };
    if let Some(details) = members.iter_mut().find_map(|(key, value)| details_of(key, value)) {
        for key in JSON_TEXTS {
            if let Some(text) = details.get_mut(key) {
                *text = json_or_text(text.take());
            }
        }
        if let Some(Value::Object(variables)) = details.get_mut("assignedVariables") {
            for (_, text) in variables.iter_mut() {
                *text = json_or_text(text.take());
            }
        }
    }
    event
}

fn details_of<'a>(key: &str, value: &'a mut Value) -> Option<&'a mut Map<String, Value>> {
    if key.ends_with("EventDetails") { value.as_object_mut() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn object_texts_are_read_one_level_deep() {
        let inner = json!({"text": "{\"b\":1}"}).to_string();
        let got = normalise(json!({"a": inner, "n": {"list": ["{\"x\":1}", {"y": "{}"}]}, "no": "{oops", "t": "[1]"}));
        let want =
            json!({"a": {"text": "{\"b\":1}"}, "n": {"list": ["{\"x\":1}", {"y": {}}]}, "no": "{oops", "t": "[1]"});
        assert_eq!(got, want);
    }

    #[test]
    fn an_event_has_its_texts_read() {
        let got = canonical_event(json!({
            "id": 3, "type": "PassStateExited",
            "stateExitedEventDetails": {"name": "{}A", "output": "[1, \"x\"]", "assignedVariables": {"n": "5", "s": "\"t\""}},
        }));
        let want = json!({
            "id": 3, "type": "PassStateExited",
            "stateExitedEventDetails": {"name": "{}A", "output": [1, "x"], "assignedVariables": {"n": 5, "s": "t"}},
        });
        assert_eq!(got, want);
        let failed = json!({"type": "TaskFailed", "taskFailedEventDetails": {"cause": "[1]", "error": "5"}});
        assert_eq!(canonical_event(failed.clone()), failed);
    }
}
