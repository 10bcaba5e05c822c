//! Cases whose tasks are activities: a worker asks the server for them and answers as recorded.

use crate::case::{Call, ExecutionCase, MachineType, Outcome};
use crate::compare::{Bindings, difference};
use crate::session::ServerSession;
use crate::subject::{Observed, Reply, Session, Setting, Unsupported};
use serde_json::{Map, Value, json};

const ROLE: &str = "arn:aws:iam::111111111111:role/conformance";

/// The name by which the worker of a case asked for its tasks, if one did that gave its name.
pub(crate) fn worker(case: &ExecutionCase) -> Option<&str> {
    let events = case.expect.history.as_deref().unwrap_or_default();
    events.iter().find_map(|event| event.get("activityStartedEventDetails")?.get("workerName")?.as_str())
}

/// Plays a case on a server. Its activities are worked for one after the other.
pub(crate) fn play(case: &ExecutionCase, worker: &str) -> Result<Observed, Unsupported> {
    let mut session = ServerSession::start(&Setting::default())?;
    let mut seen = Seen { session: &mut session, surprises: Vec::new() };
    let calls: Vec<&Call> = case.tasks.iter().flat_map(|(_, calls)| calls).collect();
    for call in &calls {
        let Some((_, name)) = call.resource.rsplit_once(":activity:") else {
            return Err(Unsupported("activities beside other tasks".to_owned()));
        };
        seen.call("CreateActivity", json!({"name": name}))?;
    }
    let kind = match case.machine_type {
        MachineType::Standard => "STANDARD",
        MachineType::Express => "EXPRESS",
    };
    let machine = json!({"name": "conformance", "definition": case.definition, "roleArn": ROLE, "type": kind});
    let machine = seen.call("CreateStateMachine", machine)?;
    let start = json!({"stateMachineArn": machine.get("stateMachineArn"), "input": case.input});
    let execution = seen.call("StartExecution", start)?.get("executionArn").cloned().unwrap_or_default();
    for call in calls {
        seen.work(call, worker)?;
    }
    seen.session.wait(execution.as_str().unwrap_or_default());
    let described = seen.call("DescribeExecution", json!({"executionArn": execution}))?;
    let history = seen.call("GetExecutionHistory", json!({"executionArn": execution, "maxResults": 1000}))?;
    let text = |name: &str| described.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(Observed {
        status: text("status").unwrap_or_default(),
        output: text("output"),
        error: text("error"),
        cause: text("cause"),
        history: history.get("events").and_then(Value::as_array).cloned().unwrap_or_default(),
        surprises: seen.surprises,
    })
}

struct Seen<'a> {
    session: &'a mut ServerSession,
    surprises: Vec<String>,
}

impl Seen<'_> {
    fn call(&mut self, operation: &str, request: Value) -> Result<Value, Unsupported> {
        let request: Map<String, Value> = request.as_object().cloned().unwrap_or_default();
        match self.session.call(operation, &request) {
            Reply::Response(response) => Ok(response),
            Reply::Error { code, message } => Err(Unsupported(format!("{operation}: {code}: {message}"))),
        }
    }

    /// Takes the next task and does with it what was recorded.
    fn work(&mut self, call: &Call, worker: &str) -> Result<(), Unsupported> {
        let task = self.call("GetActivityTask", json!({"activityArn": call.resource, "workerName": worker}))?;
        let Some(token) = task.get("taskToken").cloned() else {
            self.surprises.push(format!("no task of `{}` came", call.resource));
            return Ok(());
        };
        let input = task.get("input").and_then(Value::as_str).and_then(|text| serde_json::from_str::<Value>(text).ok());
        if let (Some(want), Some(got)) = (&call.input, &input)
            && let Some(found) = difference(want, got, &mut Bindings::new())
        {
            self.surprises.push(format!("input of `{}`: {found}", call.resource));
        }
        match &call.outcome {
            Outcome::Return(result) => {
                self.call("SendTaskSuccess", json!({"taskToken": token, "output": result.to_string()}))?;
            }
            Outcome::Throw(thrown) | Outcome::NeverStarted(thrown, _) => {
                let mut failure = Map::from_iter([("taskToken".to_owned(), token)]);
                for (name, text) in [("error", &thrown.error), ("cause", &thrown.cause)] {
                    if let Some(text) = text {
                        failure.insert(name.to_owned(), json!(text));
                    }
                }
                self.call("SendTaskFailure", Value::Object(failure))?;
            }
            // The worker says nothing: the state's clocks run out.
            Outcome::TimedOut | Outcome::Silence => {}
        }
        Ok(())
    }
}
