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
    let told = checked(&definition);
    assert!(told.iter().any(|told| told.starts_with("Error SCHEMA_VALIDATION_FAILED: ")), "{told:?}");
    assert!(told.iter().any(|told| told.ends_with(" at /States/Only")), "{told:?}");
}

#[test]
fn trap_76_express_machines_wait_for_nobody() {
    let task = |resource: &str| {
        let parameters = json!({ "QueueUrl": "q", "MessageBody": "m", "StateMachineArn": "a" });
        only(json!({ "Type": "Task", "Resource": resource, "Parameters": parameters })).to_string()
    };
    let told = |resource: &str| judged(&task(resource), MachineType::Express).join("\n");
    let token = told("arn:aws:states:::sqs:sendMessage.waitForTaskToken");
    assert!(token.contains("  at /States/Only/Resource"), "{token}");
    let sync = told("arn:aws:states:::states:startExecution.sync");
    assert!(sync.contains(" at /States/Only/Resource") && !sync.contains("  at"), "{sync}");
}

#[test]
fn trap_77_an_empty_definition_is_not_an_object() {
    for empty in ["", "[]", "7"] {
        let told = judged(empty, MachineType::Standard);
        assert_eq!(told.len(), 1, "{empty:?}");
        println!("{empty:?}: {told:?}");
    }
    let told = judged("", MachineType::Standard);
    assert_eq!(told, ["Error SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at "]);
}

#[test]
fn trap_93_an_unknown_action_is_refused_when_it_is_created() {
    let told =
        checked(&only(json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendPigeon", "Parameters": {} })));
    assert_eq!(told.len(), 1, "{told:?}");
    let start =
        "Error SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::sqs:sendPigeon is not recognized";
    assert!(told[0].starts_with(start), "{told:?}");
    assert!(told[0].ends_with(" at /States/Only/Resource"), "{told:?}");
}
