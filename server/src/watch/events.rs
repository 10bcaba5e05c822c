//! Status events as EventBridge delivers them.

use aslx_asl::Timestamp;
use aslx_engine::interpreter::Status;
use aslx_engine::runtime::Description;
use serde_json::{Value, json};
use std::fmt;

/// Bytes that payloads may have within an event, escaped (developer guide, "Automating Step Functions event delivery
/// with EventBridge"): if both together have more, the input is left out; if the output alone has, that too.
const LONGEST: usize = 248 << 10;

/// `Step Functions Execution Status Change`
#[derive(Debug, Clone, PartialEq)]
pub struct StatusEvent(Value);

/// As it is delivered.
impl fmt::Display for StatusEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StatusEvent {
    /// `payloads`: with input, output and cause, as AWS has it; without it they are left out, as if they were too long.
    pub(super) fn of(execution: &Description, payloads: bool) -> StatusEvent {
        let names = &execution.started.names;
        let part = |n: usize| names.execution_arn.split(':').nth(n).unwrap_or_default().to_owned();
        let (region, account) = (part(3), part(4));
        let time = execution.stop.unwrap_or(execution.redrives.last.unwrap_or(execution.start));
        let outcome = execution.outcome.as_ref();
        let input = execution.started.input.text();
        let output = outcome.and_then(|outcome| outcome.output.as_ref()).map(aslx_engine::Data::text);
        let output_length = output.as_deref().map_or(0, escaped_length);
        let (has_output, has_input) =
            (payloads && output_length <= LONGEST, payloads && escaped_length(&input) + output_length <= LONGEST);
        // An execution that timed out has neither here (noted at AWS).
        let told = outcome.filter(|outcome| outcome.status != Status::TimedOut);
        let running = execution.status == Status::Running || execution.status == Status::Succeeded;
        let reason = running.then(|| format!("Execution is {} and cannot be redriven", execution.status.name()));
        StatusEvent(json!({
            "version": "0",
            "id": crate::random::uuid().unwrap_or_default(),
            "detail-type": "Step Functions Execution Status Change",
            "source": "aws.states",
            "account": account,
            "time": whole_seconds(time),
            "region": region,
            "resources": [&*names.execution_arn],
            "detail": {
                "executionArn": &*names.execution_arn,
                "stateMachineArn": &*names.machine_arn,
                "name": &*names.execution_name,
                "status": execution.status.name(),
                "startDate": execution.start.as_millis(),
                "stopDate": execution.stop.map(Timestamp::as_millis),
                "input": has_input.then_some(&*input),
                "output": output.as_deref().filter(|_| has_output),
                "stateMachineVersionArn": names.version_arn.as_deref(),
                "stateMachineAliasArn": names.alias_arn.as_deref(),
                "redriveCount": execution.redrives.count,
                "redriveDate": execution.redrives.last.map(Timestamp::as_millis),
                "redriveStatus": if running { "NOT_REDRIVABLE" } else { "REDRIVABLE" },
                "redriveStatusReason": reason,
                "inputDetails": {"included": has_input},
                "outputDetails": output.as_ref().map(|_| json!({"included": has_output})),
                "error": told.and_then(|outcome| outcome.error.as_deref()),
                "cause": told.and_then(|outcome| outcome.cause.as_deref()).filter(|_| payloads),
            },
        }))
    }
}

/// Bytes of a text within a JSON string.
pub(super) fn escaped_length(text: &str) -> usize {
    let longer = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | 0x08 | b'\t' | b'\n' | 0x0c | b'\r' => 1,
        0..0x20 => 5,
        _ => 0,
    });
    text.len() + longer.sum::<usize>()
}

/// `2024-01-01T00:00:00Z`
fn whole_seconds(at: Timestamp) -> String {
    let text = at.to_string();
    match text.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => text,
    }
}
