//! Definitions are checked, and single states are tried.

use crate::{ECHO, Place, ROLE};
use aws_sdk_sfn::types::{InspectionLevel, MockInput, TestExecutionStatus, ValidateStateMachineDefinitionResultCode};

#[tokio::test]
async fn a_definition_is_checked() {
    let place = Place::new().await;
    let sfn = &place.client;
    let good = sfn.validate_state_machine_definition().definition(ECHO).send().await.unwrap();
    assert_eq!(good.result(), &ValidateStateMachineDefinitionResultCode::Ok);
    let bad = sfn.validate_state_machine_definition().definition("{}").send().await.unwrap();
    assert_eq!(bad.result(), &ValidateStateMachineDefinitionResultCode::Fail);
    assert_eq!(bad.diagnostics()[0].message(), "These fields are required: [States, StartAt]");
}

#[tokio::test]
async fn a_state_is_tried() {
    let place = Place::new().await;
    let sfn = &place.client;
    let state = r#"{"Type": "Pass", "Parameters": {"twice.$": "States.MathAdd($.n, $.n)"}, "Next": "More"}"#;
    let tried = sfn.test_state().definition(state).input(r#"{"n": 4}"#).inspection_level(InspectionLevel::Debug);
    let tried = tried.role_arn(ROLE).send().await.unwrap();
    assert_eq!(tried.status(), Some(&TestExecutionStatus::Succeeded));
    assert_eq!((tried.output(), tried.next_state()), (Some(r#"{"twice":8}"#), Some("More")));
    let stages = tried.inspection_data().unwrap();
    assert_eq!(stages.after_parameters(), Some(r#"{"twice":8}"#));

    let task = r#"{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": true}"#;
    let mock = MockInput::builder().result(r#"{"Payload": "5", "StatusCode": 200}"#).build();
    let tried = sfn.test_state().definition(task).input("{}").role_arn(ROLE).mock(mock).send().await.unwrap();
    assert_eq!(tried.status(), Some(&TestExecutionStatus::Succeeded), "{:?}", tried.cause());
}
