//! Calls of the API: what they are given, and whether they answered as recorded.

use crate::case::{Answer, ApiCall, ApiCase, Step, ValidationCase};
use crate::compare::{Bindings, canonical_event, difference, history_difference, json_or_text, normalise};
use crate::subject::{Reply, Session};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// A role: the cases leave theirs out.
const ROLE: &str = "arn:aws:iam::111111111111:role/conformance";

/// One call that judges a definition.
pub(super) fn validation(case: &ValidationCase, session: &mut dyn Session) -> Result<(), String> {
    let mut request = case.params.clone();
    request.insert("definition".to_owned(), json!(case.definition));
    if ["CreateStateMachine", "TestState"].contains(&case.operation.as_str()) && !case.without_role {
        request.entry("roleArn").or_insert_with(|| json!(ROLE));
    }
    answered(&case.operation, &case.expect, session.call(&case.operation, &request))
}

/// Calls in order. Each may refer to the answers of those before it.
pub(super) fn api(case: &ApiCase, session: &mut dyn Session) -> Result<(), String> {
    let mut answers: HashMap<usize, Value> = HashMap::new();
    for (n, step) in case.steps.iter().enumerate() {
        match step {
            // What is stopped later was only waited for until it ran.
            Step::Await(execution) if is_stopped(execution, case.steps.get(n..).unwrap_or_default()) => {}
            Step::Await(execution) => session.wait(&resolved_text(execution, &answers)?),
            Step::Call(call) => {
                let ApiCall { operation, request, definition, expect, fails } = &**call;
                let mut request = match resolved(&Value::Object(request.clone()), &answers)? {
                    Value::Object(request) => request,
                    _ => Map::new(),
                };
                if let Some(definition) = definition {
                    let text = resolved_text(definition, &answers)?;
                    let before = case.steps.get(..n).unwrap_or_default();
                    let text = if was_laid_out_anew(call, before) { laid_out(&text) } else { text };
                    request.insert("definition".to_owned(), json!(text));
                }
                if operation == "CreateActivity"
                    && let Some(name) = recorded_name(expect.as_ref())
                {
                    request.insert("name".to_owned(), json!(name));
                }
                if operation == "CreateStateMachine" || lacks_a_role(operation, &request, expect.as_ref()) {
                    request.entry("roleArn").or_insert_with(|| json!(format!("{ROLE}-{n}")));
                }
                let reply = session.call(operation, &request);
                if let Reply::Response(response) = &reply {
                    answers.insert(n, response.clone());
                }
                let judged = match (expect, reply) {
                    (Some(expect), reply) => answered(operation, expect, reply),
                    (None, Reply::Error { code, message }) if !fails => Err(format!("the error {code}: {message}")),
                    (None, _) => Ok(()),
                };
                judged.map_err(|why| format!("step {n}, {operation}: {why}"))?;
            }
        }
    }
    Ok(())
}

/// Whether one of these steps stops the execution.
fn is_stopped(execution: &str, steps: &[Step]) -> bool {
    let stops = |call: &ApiCall| {
        call.operation == "StopExecution" && call.request.get("executionArn").and_then(Value::as_str) == Some(execution)
    };
    steps.iter().any(|step| matches!(step, Step::Call(call) if stops(call)))
}

/// Names of activities were replaced, and not always by the same in the request and in the ARN: the ARN is what the
/// other steps go on with.
fn recorded_name(expect: Option<&Answer>) -> Option<&str> {
    let Answer::Response(response) = expect? else { return None };
    let name = response.get("activityArn")?.as_str()?.rsplit_once(":activity:")?.1;
    (!name.contains('<')).then_some(name)
}

/// Whether a definition that is recorded as it was before must have had another layout: AWS took it for another one,
/// though nothing else of the request differs. Layouts are not recorded.
fn was_laid_out_anew(call: &ApiCall, before: &[Step]) -> bool {
    let refused = matches!(&call.expect, Some(Answer::Error { code, .. }) if code == "StateMachineAlreadyExists");
    let same = |earlier: &ApiCall| {
        earlier.operation == call.operation
            && earlier.request == call.request
            && earlier.definition == call.definition
            && matches!(earlier.expect, Some(Answer::Response(_)))
    };
    refused && before.iter().any(|step| matches!(step, Step::Call(earlier) if same(earlier)))
}

fn laid_out(text: &str) -> String {
    let value: Option<Value> = serde_json::from_str(text).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}

/// Roles are left out of the cases: an update of nothing that succeeded was one of the role.
fn lacks_a_role(operation: &str, request: &Map<String, Value>, expect: Option<&Answer>) -> bool {
    operation == "UpdateStateMachine" && request.len() == 1 && matches!(expect, Some(Answer::Response(_)))
}

/// The response, or code and message of the error, must be as recorded.
pub(super) fn answered(operation: &str, expect: &Answer, reply: Reply) -> Result<(), String> {
    let (want, got) = match (expect, reply) {
        (Answer::Response(want), Reply::Response(got)) => return response(operation, want, got),
        (Answer::Error { code, message }, Reply::Error { code: got_code, message: got_message }) => {
            (json!({"Code": code, "Message": message}), json!({"Code": got_code, "Message": got_message}))
        }
        (Answer::Printed(text), Reply::Error { code, message }) => {
            let printed = format!("An error occurred ({code}) when calling the {operation} operation: {message}");
            (json!(text), json!(printed))
        }
        (Answer::Response(_), Reply::Error { code, message }) => {
            return Err(format!("expected a response, got the error {code}: {message}"));
        }
        (Answer::Error { code, message }, Reply::Response(_)) => {
            return Err(format!("expected the error {code}: {message}, got a response"));
        }
        (Answer::Printed(text), Reply::Response(_)) => return Err(format!("expected {text}, got a response")),
    };
    difference(&want, &got, &mut Bindings::new()).map_or(Ok(()), |found| Err(found.to_string()))
}

fn response(operation: &str, want: &Value, got: Value) -> Result<(), String> {
    let mut bindings = Bindings::new();
    let found = match operation {
        "GetExecutionHistory" => {
            let events = |history: &Value| history.get("events").and_then(Value::as_array).cloned().unwrap_or_default();
            let got: Vec<Value> = events(&got).into_iter().map(canonical_event).collect();
            return match history_difference(&events(want), &got, false, &mut bindings) {
                Some(found) => Err(found.to_string()),
                None => Ok(()),
            };
        }
        "TestState" => difference(want, &canonical_test_state(got), &mut bindings),
        _ => difference(want, &normalise(got), &mut bindings),
    };
    found.map_or(Ok(()), |found| Err(found.to_string()))
}

/// The texts of a TestState that are JSON, as that JSON.
fn canonical_test_state(response: Value) -> Value {
    let mut response = normalise(response);
    if let Some(output) = response.get_mut("output") {
        *output = json_or_text(output.take());
    }
    if let Some(Value::Object(inspected)) = response.get_mut("inspectionData") {
        for (_, text) in inspected.iter_mut() {
            *text = json_or_text(text.take());
        }
    }
    response
}

/// A value with its references (`${3.stateMachineArn}`) replaced by what they stand for.
fn resolved(value: &Value, answers: &HashMap<usize, Value>) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(resolved_text(text, answers)?),
        Value::Array(items) => items.iter().map(|item| resolved(item, answers)).collect::<Result<_, _>>()?,
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| Ok((name.clone(), resolved(value, answers)?)))
                .collect::<Result<_, String>>()?,
        ),
        other => other.clone(),
    })
}

fn resolved_text(text: &str, answers: &HashMap<usize, Value>) -> Result<String, String> {
    let mut parts = text.split("${");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let reference = part.split_once('}').and_then(|(inside, rest)| {
            let (step, path) = inside.split_once('.')?;
            Some((step.parse::<usize>().ok()?, path, rest))
        });
        let Some((step, path, rest)) = reference else {
            result.push_str("${");
            result.push_str(part);
            continue;
        };
        let pointer = format!("/{}", path.replace('.', "/"));
        let value = answers.get(&step).and_then(|answer| answer.pointer(&pointer));
        match value {
            Some(Value::String(value)) => result.push_str(value),
            Some(value) => result.push_str(&value.to_string()),
            None => return Err(format!("step {step} has no `{path}` in its answer")),
        }
        result.push_str(rest);
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_recording_lost_is_put_back() {
        let file = json!({"group": "g", "cases": [{"name": "n", "kind": "api", "steps": [
            {"call": "CreateStateMachine", "params": {"name": "m"}, "definition": {"a": 1}, "expect": {"response": {}}},
            {"call": "CreateStateMachine", "params": {"name": "m"}, "definition": {"a": 1},
                "expect": {"error": {"Code": "StateMachineAlreadyExists", "Message": ""}}},
            {"call": "CreateStateMachine", "params": {"name": "m"}, "definition": {"a": 2},
                "expect": {"error": {"Code": "StateMachineAlreadyExists", "Message": ""}}},
            {"await": "${0.executionArn}"},
            {"call": "StopExecution", "params": {"executionArn": "${0.executionArn}"}},
            {"call": "CreateActivity", "params": {"name": "a"},
                "expect": {"response": {"activityArn": "arn:aws:states:r:0:activity:b"}}}]}]});
        let case = crate::case::read_file(&file).unwrap().unwrap().remove(0);
        let crate::case::Body::Api(api) = case.body else { panic!("another kind") };
        let call = |n: usize| match &api.steps[n] {
            Step::Call(call) => call,
            Step::Await(_) => panic!("no call"),
        };
        let anew: Vec<bool> = [0, 1, 2].map(|n| was_laid_out_anew(call(n), &api.steps[..n])).into();
        assert_eq!(anew, [false, true, false]);
        assert_ne!(laid_out("{\"a\":1}"), "{\"a\":1}");
        assert!(is_stopped("${0.executionArn}", &api.steps) && !is_stopped("${1.executionArn}", &api.steps));
        assert_eq!(recorded_name(call(5).expect.as_ref()), Some("b"));
        assert_eq!(recorded_name(call(0).expect.as_ref()), None);
    }

    #[test]
    fn references_are_replaced() {
        let answers = HashMap::from([(0, json!({"arn": "A", "list": [{"n": 5}]}))]);
        let value = json!({"a": "x${0.arn}y${0.list.0.n}", "b": ["${Name} ${0.arn}"], "c": 1});
        let expected = json!({"a": "xAy5", "b": ["${Name} A"], "c": 1});
        assert_eq!(resolved(&value, &answers), Ok(expected));
        assert_eq!(resolved(&json!("${1.arn}"), &answers), Err("step 1 has no `arn` in its answer".into()));
    }
}
