//! A child as the results show it with its metadata (developer guide, "ResultWriter": `NONE`).

use super::ChildEnd;
use crate::Data;
use crate::interpreter::Status;
use crate::journal::ExecutionNames;
use aslx_asl::{Timestamp, Value};

/// The record of a child that has ended. Its members are in alphabetical order, as AWS writes them.
pub(super) fn ended(names: &ExecutionNames, end: &ChildEnd, stopped: Timestamp, redrives: u64) -> Value {
    let mut record: Vec<(&str, Value)> = Vec::new();
    if let Some(cause) = &end.cause {
        record.push(("Cause", cause.clone().into()));
    }
    if let Some(error) = &end.error {
        record.push(("Error", error.clone().into()));
    }
    record.push(("ExecutionArn", names.execution_arn.clone().into()));
    if let Some(input) = &end.input {
        record.extend([("Input", input.text().into()), ("InputDetails", included())]);
    }
    record.push(("Name", names.execution_name.clone().into()));
    if let Some(output) = &end.output {
        record.extend([("Output", output.text().into()), ("OutputDetails", included())]);
    }
    record.push(("RedriveCount", redrives.into()));
    if end.status == Status::Succeeded {
        record.push(("RedriveStatus", "NOT_REDRIVABLE".into()));
        record.push(("RedriveStatusReason", "Execution is SUCCEEDED and cannot be redriven".into()));
    } else {
        record.push(("RedriveStatus", "REDRIVABLE_BY_MAP_RUN".into()));
    }
    record.extend([
        ("StartDate", end.started.to_string().into()),
        ("StateMachineArn", names.machine_arn.clone().into()),
        ("Status", end.status.name().into()),
        ("StopDate", stopped.to_string().into()),
    ]);
    Value::from_pairs(record)
}

/// The record of a child that was never started.
pub(super) fn pending(input: &Data) -> Value {
    Value::from_pairs([
        ("Input", Value::from(input.text())),
        ("InputDetails", included()),
        ("Status", Value::from("PENDING")),
    ])
}

fn included() -> Value {
    Value::from_pairs([("Included", true)])
}
