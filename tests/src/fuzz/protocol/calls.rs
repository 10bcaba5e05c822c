//! Sequences of operations: one line each, operation and body.

use super::samples::{CALLS, HOSTILE, REMEMBERED};
use crate::fuzz::corpus::Corpus;
use crate::fuzz::mutate;
use crate::fuzz::rng::Rng;
use crate::fuzz::targets::hold;
use aslx_server::{Response, Server};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::time::timeout;

/// How long one that may wait for somebody is given.
const WAITING: Duration = Duration::from_millis(20);

/// How long every other one is given; far more than it needs.
const ANSWERED: Duration = Duration::from_secs(10);

/// A few requests, most of which are about what earlier ones made.
pub(super) fn input(corpus: &Corpus, rng: &mut Rng) -> String {
    let mut lines = Vec::new();
    if !rng.one_in(6) {
        let sample = CALLS.get(2 + rng.below(5)).copied().unwrap_or_default();
        lines.push(line(corpus, rng, sample, 6));
    }
    if rng.one_in(3) {
        lines.push(line(corpus, rng, CALLS.first().copied().unwrap_or_default(), 6));
    }
    if rng.one_in(3) {
        lines.push(line(corpus, rng, r#"StartExecution {"stateMachineArn":"@stateMachineArn"}"#, 6));
    }
    for _ in 0..=rng.below(5) {
        let sample = rng.word(&CALLS).to_owned();
        lines.push(line(corpus, rng, &sample, 2));
    }
    lines.join("\n")
}

/// A request; one in `changes` is changed.
fn line(corpus: &Corpus, rng: &mut Rng, sample: &str, changes: usize) -> String {
    let (operation, body) = sample.split_once(' ').unwrap_or((sample, "{}"));
    let definition = if rng.one_in(3) {
        mutate::definition(rng, corpus)
    } else {
        rng.pick(&corpus.sound).map(Json::to_string).unwrap_or_default()
    };
    let Ok(mut body) = serde_json::from_str::<Json>(body) else { return sample.to_owned() };
    texts(&mut body, &mut |text| {
        if text == "%" {
            text.clone_from(&definition);
        }
    });
    if !rng.one_in(changes) {
        return format!("{operation} {body}");
    }
    match rng.below(5) {
        0 => mutate::tree(rng, corpus, &mut body),
        1 | 2 => {
            let (mut left, word) = (rng.below(4), rng.word(&HOSTILE).to_owned());
            let word = if rng.one_in(12) { word.repeat(5_000) } else { word };
            texts(&mut body, &mut |text| {
                if left == 0 {
                    text.clone_from(&word);
                }
                left = left.wrapping_sub(1);
            });
        }
        3 => {
            // The members of another operation: what is unknown is passed over, what is known is checked.
            let other = rng.word(&CALLS).split_once(' ').map_or("{}", |(_, other)| other);
            if let (Some(body), Ok(Json::Object(other))) = (body.as_object_mut(), serde_json::from_str(other)) {
                body.extend(other);
            }
        }
        _ => {
            let changed = mutate::text(rng, &body.to_string(), sample);
            return format!("{operation} {}", changed.replace('\n', " "));
        }
    }
    format!("{operation} {body}")
}

/// All texts within a value.
fn texts(value: &mut Json, change: &mut impl FnMut(&mut String)) {
    match value {
        Json::String(text) => change(text),
        Json::Array(items) => items.iter_mut().for_each(|item| texts(item, change)),
        Json::Object(members) => members.values_mut().for_each(|member| texts(member, change)),
        _ => {}
    }
}

/// Sends them one after the other. Whether most were accepted.
pub(super) async fn played(server: &Server, text: &str) -> Result<bool, String> {
    let mut known: HashMap<&str, String> = HashMap::new();
    let (mut sent, mut accepted) = (0, 0);
    for line in text.lines() {
        let (operation, body) = line.split_once(' ').unwrap_or((line, ""));
        let mut body = body.to_owned();
        for (name, value) in &known {
            body = body.replace(&format!("@{name}"), value);
        }
        let target = format!("AWSStepFunctions.{operation}");
        let waits = matches!(operation, "GetActivityTask" | "StartSyncExecution");
        let given = if waits { WAITING } else { ANSWERED };
        let Ok(response) = timeout(given, server.respond(&target, body.as_bytes())).await else {
            hold!(waits, "{operation} does not answer");
            continue;
        };
        sent += 1;
        accepted += usize::from(response.status == 200);
        let answer = judged(operation, &body, &response)?;
        for name in REMEMBERED.into_iter().chain(["nextToken"]) {
            if let Some(value) = answer.get(name).and_then(Json::as_str) {
                known.insert(name, value.to_owned());
            }
        }
    }
    Ok(accepted * 2 > sent)
}

/// An answer is JSON, and an error is one that the operation can have.
fn judged(operation: &str, body: &str, response: &Response) -> Result<Json, String> {
    let answer: Json =
        serde_json::from_str(&response.body).map_err(|error| format!("the answer is no JSON: {error}"))?;
    hold!(answer.is_object(), "the answer is no object");
    // Descriptions and histories repeat what was sent earlier, which is bounded too.
    hold!(response.body.len() < 8 << 20, "an answer of {} bytes to {}", response.body.len(), body.len());
    if response.status == 200 {
        hold!(answer.get("__type").is_none(), "an error with status 200");
        return Ok(answer);
    }
    hold!(response.status == 400, "{operation} answers with status {}: {}", response.status, response.body);
    let name = answer.get("__type").and_then(Json::as_str).and_then(|name| name.split_once('#')).map(|(_, name)| name);
    let Some(name) = name else { return Err(format!("{operation}: an error without a type: {}", response.body)) };
    let message = answer.get("message").or_else(|| answer.get("Message"));
    let told = message.and_then(Json::as_str).is_some_and(|message| !message.is_empty());
    hold!(told || name == "UnknownOperationException", "{operation}: {name} says nothing");
    hold!(may(operation, name), "{operation} cannot fail with {name}: {}", response.body);
    Ok(answer)
}

/// Whether the service's model has this error for this operation, or every service has it.
fn may(operation: &str, error: &str) -> bool {
    static ERRORS: OnceLock<HashMap<&str, Vec<&str>>> = OnceLock::new();
    let errors = ERRORS.get_or_init(|| {
        let lines = include_str!("../../../data/api_errors.txt").lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| line.split_once(' ')).map(|(name, rest)| (name, rest.split(' ').collect())).collect()
    });
    let common = ["ValidationException", "SerializationException", "AccessDeniedException"];
    match errors.get(operation) {
        Some(own) => own.contains(&error) || common.contains(&error),
        None => error == "UnknownOperationException" || common.contains(&error),
    }
}

#[cfg(test)]
mod tests {
    use crate::fuzz::protocol::played;

    /// What later requests are about is what earlier ones made: else only refusals would be played.
    #[test]
    fn requests_follow_from_answers() {
        let echo = r#"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true}}}"#;
        let task =
            r#"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"@activityArn\",\"End\":true}}}"#;
        let role = "arn:aws:iam::000000000000:role/r";
        let create = |name: &str, definition: &str| {
            format!(
                r#"CreateStateMachine {{"name":"{name}","publish":true,"roleArn":"{role}","definition":"{definition}"}}"#
            )
        };
        let rest = r#"StartExecution {"stateMachineArn":"@stateMachineArn"}
GetActivityTask {"activityArn":"@activityArn"}
SendTaskHeartbeat {"taskToken":"@taskToken"}
SendTaskSuccess {"taskToken":"@taskToken","output":"1"}
GetExecutionHistory {"executionArn":"@executionArn","maxResults":1}
GetExecutionHistory {"executionArn":"@executionArn","maxResults":1,"nextToken":"@nextToken"}
PublishStateMachineVersion {"stateMachineArn":"@stateMachineArn"}
CreateStateMachineAlias {"name":"x","routingConfiguration":[{"stateMachineVersionArn":"@stateMachineVersionArn","weight":100}]}
StartExecution {"stateMachineArn":"@stateMachineAliasArn"}
DescribeExecution {"executionArn":"@executionArn"}"#;
        let all = ["CreateActivity {\"name\":\"a\"}", &create("m", echo), &create("t", task), rest].join("\n");
        let lines: Vec<&str> = all.lines().collect();
        for end in 1..=lines.len() {
            // Each is accepted: without it more than half of a few would not be.
            let only: Vec<&str> = lines.iter().take(end).copied().collect();
            let last = lines.get(end - 1).copied().unwrap_or_default();
            let padded =
                format!("{}\n{}", only.join("\n"), ["Nothing {}"; 20].get(..end - 1).unwrap_or_default().join("\n"));
            assert_eq!(played(&padded), Ok(true), "{last}");
        }
        assert_eq!(played("DescribeExecution {\"executionArn\":\"@executionArn\"}"), Ok(false));
        assert_eq!(played("Nothing {}"), Ok(false));
    }
}
