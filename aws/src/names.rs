//! Names and values on the wire, and as a state machine sees them.

use crate::service::Service;
use aslx_asl::Value;
use std::sync::Arc;

/// The parameters of a call, as the service wants them. A `null` is a parameter that was not given.
pub(crate) fn wire(service: &Service, parameters: &Value) -> Value {
    match parameters {
        Value::Object(_) => {
            let members = parameters.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
            Value::from_pairs(members.map(|(name, value)| {
                let value = match value {
                    Value::String(_) => value.clone(),
                    json if service.texts.contains(&&**name) => Value::from(json.to_json()),
                    map if service.maps.contains(&&**name) => map.clone(),
                    // The rows of DynamoDB have names of their author all the way down.
                    other if service.key == "dynamodb" => other.clone(),
                    other => wire(service, other),
                };
                (if service.small { small(name) } else { name.clone() }, value)
            }))
        }
        Value::Array(_) => {
            Value::array(parameters.as_array().unwrap_or_default().iter().map(|item| wire(service, item)).collect())
        }
        other => other.clone(),
    }
}

/// What a service has answered, as a state machine sees it.
pub(crate) fn shown(service: &Service, answer: &Value) -> Value {
    match answer {
        Value::Object(_) => Value::from_pairs(answer.as_object().into_iter().flatten().map(|(name, value)| {
            let name = if service.small { capital(name) } else { name.clone() };
            let is_time = service.times.iter().any(|end| name.ends_with(end));
            let value = match value {
                Value::Number(_) if is_time => value.as_f64().map_or_else(|| value.clone(), millis),
                map if service.maps.contains(&&*name) => map.clone(),
                other if service.key == "dynamodb" => other.clone(),
                other => shown(service, other),
            };
            (name, value)
        })),
        Value::Array(_) => {
            Value::array(answer.as_array().unwrap_or_default().iter().map(|item| shown(service, item)).collect())
        }
        other => other.clone(),
    }
}

/// Seconds since the epoch as milliseconds: exact within a binary64 number for any date.
fn millis(seconds: f64) -> Value {
    Value::from((seconds * 1000.0).round() as i64)
}

/// `RunTask` for `runTask`.
pub(crate) fn capital(name: &str) -> Arc<str> {
    first(name, char::to_uppercase)
}

fn small(name: &str) -> Arc<str> {
    first(name, char::to_lowercase)
}

fn first<I: Iterator<Item = char>>(name: &str, change: impl Fn(char) -> I) -> Arc<str> {
    let mut chars = name.chars();
    let changed: String = chars.next().into_iter().flat_map(change).chain(chars).collect();
    changed.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(convert: fn(&Service, &Value) -> Value, key: &str, given: &str, expected: &str) {
        let value = convert(Service::find(key).unwrap(), &Value::parse(given).unwrap());
        assert_eq!(value.to_json(), expected);
    }

    #[test]
    fn parameters_go_onto_the_wire() {
        let run = r#"{"Cluster":"c","Overrides":{"ContainerOverrides":[{"Environment":[{"Name":"A","Value":"1"}]}]}}"#;
        let wired =
            r#"{"cluster":"c","overrides":{"containerOverrides":[{"environment":[{"name":"A","value":"1"}]}]}}"#;
        check(wire, "ecs", run, wired);
        let job = r#"{"JobName":"j","Parameters":{"Input":"I"},"Tags":{"Team":"T"},"Timeout":null}"#;
        check(wire, "batch", job, r#"{"jobName":"j","parameters":{"Input":"I"},"tags":{"Team":"T"}}"#);
        let message = r#"{"QueueUrl":"q","MessageBody":{"a":[1, 2.50]}}"#;
        check(wire, "sqs", message, r#"{"QueueUrl":"q","MessageBody":"{\"a\":[1,2.5]}"}"#);
        let event = r#"{"Entries":[{"Detail":{"A":null},"Source":"s"}]}"#;
        check(wire, "events", event, r#"{"Entries":[{"Detail":"{\"A\":null}","Source":"s"}]}"#);
        let start = r#"{"StateMachineArn":"m","Input":{"a":1},"Name":null}"#;
        check(wire, "states", start, r#"{"stateMachineArn":"m","input":"{\"a\":1}"}"#);
        let item = r#"{"TableName":"t","Item":{"Id":{"S":"x"},"Gone":{"NULL":true}}}"#;
        check(wire, "dynamodb", item, item);
    }

    #[test]
    fn answers_come_from_the_wire() {
        let task = r#"{"tasks":[{"taskArn":"t","createdAt":1700000000.123,"containers":[{"exitCode":0}]}]}"#;
        let seen = r#"{"Tasks":[{"TaskArn":"t","CreatedAt":1700000000123,"Containers":[{"ExitCode":0}]}]}"#;
        check(shown, "ecs", task, seen);
        let run = r#"{"JobRun":{"StartedOn":1.7E9,"ExecutionTime":12,"Arguments":{"--On":"x"}}}"#;
        check(
            shown,
            "glue",
            run,
            r#"{"JobRun":{"StartedOn":1700000000000,"ExecutionTime":12,"Arguments":{"--On":"x"}}}"#,
        );
        let row = r#"{"Item":{"at":{"N":"1"},"onTime":{"S":"x"}}}"#;
        check(shown, "dynamodb", row, row);
    }
}
