//! What is refused before anything runs (46, 76, 77, 93).

use crate::support::{checked, judged, machine, only};
use aslx_asl::MachineType;
use serde_json::json;

#[test]
fn trap_46_a_jsonata_machine_has_no_jsonpath_states() {
    let mut definition = machine(json!({
        "Only": { "Type": "Pass", "QueryLanguage": "JSONPath", "End": true },
    }));
    assert_eq!(checked(&definition), [""; 0]);
    definition["QueryLanguage"] = "JSONata".into();
    let told = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/Only";
    assert_eq!(checked(&definition), [format!("Error SCHEMA_VALIDATION_FAILED: {told}")]);
}

#[test]
fn trap_76_express_machines_wait_for_nobody() {
    let task = |resource: &str| {
        let parameters = json!({ "QueueUrl": "q", "MessageBody": "m", "StateMachineArn": "a" });
        only(json!({ "Type": "Task", "Resource": resource, "Parameters": parameters })).to_string()
    };
    let told = |resource: &str| judged(&task(resource), MachineType::Express);
    let start = "Error SCHEMA_VALIDATION_FAILED: Express state machine does not support";
    let token = told("arn:aws:states:::sqs:sendMessage.waitForTaskToken");
    assert_eq!(token, [format!("{start} '.waitForTaskToken' service integration  at /States/Only/Resource")]);
    let sync = told("arn:aws:states:::states:startExecution.sync");
    assert_eq!(sync, [format!("{start} '.sync' service integration at /States/Only/Resource")]);
}

#[test]
fn trap_77_an_empty_definition_is_not_an_object() {
    for empty in ["", "[]", "7"] {
        let told = judged(empty, MachineType::Standard);
        assert_eq!(told, ["Error SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at "], "{empty:?}");
    }
}

#[test]
fn trap_93_an_unknown_action_is_refused_when_it_is_created() {
    let told =
        checked(&only(json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendPigeon", "Parameters": {} })));
    let what = "The resource provided arn:aws:states:::sqs:sendPigeon is not recognized.";
    let why = "The value is not a valid resource ARN, or the resource is not available in this region.";
    assert_eq!(told, [format!("Error SCHEMA_VALIDATION_FAILED: {what} {why} at /States/Only/Resource")]);
}
