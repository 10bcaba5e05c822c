//! Names of members: Step Functions writes those of SDK calls with a capital, the API without.

use aslx_asl::Value;

const OPTIMISED: &str = "arn:aws:states:::states:startExecution";
const SDK: &str = "arn:aws:states:::aws-sdk:sfn:";

/// Whether a resource is a call of Step Functions.
pub(super) fn is_itself(resource: &str) -> bool {
    resource.starts_with(OPTIMISED) || resource.starts_with(SDK)
}

/// The operation that an `aws-sdk:sfn` resource calls, and its pattern (`.waitForTaskToken`).
pub(super) fn sdk_operation(resource: &str) -> Option<(String, &str)> {
    let rest = resource.strip_prefix(SDK)?;
    let (action, pattern) = match rest.split_once('.') {
        Some((action, pattern)) => (action, pattern),
        None => (rest, ""),
    };
    Some((capital(action), pattern))
}

pub(super) fn capital(name: &str) -> String {
    change_first(name, char::to_uppercase)
}

fn small(name: &str) -> String {
    change_first(name, char::to_lowercase)
}

fn change_first<I: Iterator<Item = char>>(name: &str, change: impl Fn(char) -> I) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => change(first).chain(chars).collect(),
        None => String::new(),
    }
}

/// The parameters of an SDK call as a request of the API. Texts of JSON may be given as JSON values.
pub(super) fn request(parameters: &Value) -> Value {
    let Some(members) = parameters.as_object() else { return parameters.clone() };
    let member = |(name, value): (&std::sync::Arc<str>, &Value)| {
        let name = small(name);
        let is_text = ["input", "output", "definition"].contains(&name.as_str());
        let value = match value {
            Value::String(_) | Value::Null => value.clone(),
            other if is_text => Value::from(other.to_json()),
            Value::Object(_) => request(value),
            Value::Array(items) => Value::array(items.items().iter().map(request).collect()),
            other => other.clone(),
        };
        (name, value)
    };
    Value::from_pairs(members.iter().map(member))
}

/// How a result has its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// As texts: results of `aws-sdk:sfn`.
    Texts,
    /// As milliseconds since the epoch: results of `states:startExecution`.
    Millis,
}

/// A response of the API as the result of a task: names with a capital, and other times.
pub(super) fn response(body: &serde_json::Value, times: Times) -> Value {
    use serde_json::Value as Json;
    match body {
        Json::Object(members) => Value::from_pairs(members.iter().map(|(name, value)| {
            // Milliseconds since the epoch are exact within a binary64 number.
            let time = name.ends_with("Date").then(|| value.as_f64()).flatten();
            let value = match (time.map(|seconds| (seconds * 1000.0).round() as i64), times) {
                (Some(millis), Times::Texts) => Value::from(aslx_asl::Timestamp::from_millis(millis).to_string()),
                (Some(millis), Times::Millis) => Value::from(millis),
                (None, _) => response(value, times),
            };
            (capital(name), value)
        })),
        Json::Array(items) => Value::array(items.iter().map(|item| response(item, times)).collect()),
        other => Value::from(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_their_first_letter() {
        let given = Value::parse(r#"{"TaskToken": "t", "Output": {"A": 1}, "Tags": [{"Key": "k"}], "N": 1}"#).unwrap();
        let expected = r#"{"taskToken":"t","output":"{\"A\":1}","tags":[{"key":"k"}],"n":1}"#;
        assert_eq!(request(&given).to_json(), expected);
        let body = serde_json::json!({"executionArn": "a", "startDate": 1.5, "list": [{"name": "x"}]});
        let expected = r#"{"ExecutionArn":"a","StartDate":"1970-01-01T00:00:01.500Z","List":[{"Name":"x"}]}"#;
        assert_eq!(response(&body, Times::Texts).to_json(), expected);
        assert_eq!(response(&body, Times::Millis).get("StartDate"), Some(&Value::from(1_500i64)));
        let resource = "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess";
        assert_eq!(sdk_operation(resource), Some(("SendTaskSuccess".to_owned(), "")));
    }
}
