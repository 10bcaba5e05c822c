//! Versions and revisions.

use crate::support::{ECHO, FAIL, Place, WAIT, text};
use serde_json::json;

#[tokio::test]
async fn numbers_are_never_used_again() {
    let place = Place::new().await;
    let arn = place.machine("m", ECHO).await;
    let publish = json!({"stateMachineArn": arn, "description": "first"});
    let first = place.call("PublishStateMachineVersion", publish).await;
    assert_eq!(first["stateMachineVersionArn"], format!("{arn}:1"));
    // The same revision again is the same version, with its first description.
    let again = json!({"stateMachineArn": arn, "description": "second"});
    assert_eq!(place.call("PublishStateMachineVersion", again).await, first);
    let described = place.call("DescribeStateMachine", json!({"stateMachineArn": format!("{arn}:1")})).await;
    assert_eq!((&described["description"], &described["creationDate"]), (&json!("first"), &first["creationDate"]));
    assert_eq!(described["stateMachineArn"], format!("{arn}:1"));
    let update = |definition: &str| json!({"stateMachineArn": arn, "definition": definition, "publish": true});
    place.call("UpdateStateMachine", update(FAIL)).await;
    place.call("DeleteStateMachineVersion", json!({"stateMachineVersionArn": format!("{arn}:2")})).await;
    let third = place.call("UpdateStateMachine", update(WAIT)).await;
    assert_eq!(third["stateMachineVersionArn"], format!("{arn}:3"));
    let listed = place.call("ListStateMachineVersions", json!({"stateMachineArn": arn})).await;
    let listed: Vec<_> = listed["stateMachineVersions"].as_array().unwrap().iter().collect();
    let numbers: Vec<String> = listed.iter().map(|version| text(&version["stateMachineVersionArn"])).collect();
    assert_eq!(numbers, [format!("{arn}:3"), format!("{arn}:1")]);
}

#[tokio::test]
async fn a_revision_must_be_the_current_one() {
    let place = Place::new().await;
    let arn = place.machine("m", ECHO).await;
    let publish = |revision: &str| json!({"stateMachineArn": arn, "revisionId": revision});
    let refused = |given: &str, current: &str| {
        format!(
            "ConflictException: Failed to publish the State Machine version for revision {given}. The current State \
             Machine revision is {current}."
        )
    };
    assert_eq!(place.refused("PublishStateMachineVersion", publish("x")).await, refused("x", "INITIAL"));
    place.call("PublishStateMachineVersion", publish("INITIAL")).await;
    let update = place.call("UpdateStateMachine", json!({"stateMachineArn": arn, "definition": FAIL})).await;
    let current = text(&update["revisionId"]);
    assert_eq!(place.refused("PublishStateMachineVersion", publish("INITIAL")).await, refused("INITIAL", &current));
    let second = place.call("PublishStateMachineVersion", publish(&current)).await;
    assert_eq!(second["stateMachineVersionArn"], format!("{arn}:2"));
}

#[tokio::test]
async fn a_version_in_use_is_not_deleted() {
    let place = Place::new().await;
    let arn = place.machine_with("m", WAIT, json!({"publish": true})).await;
    let version = format!("{arn}:1");
    let execution = place.start(&version).await;
    let alias = json!({"name": "live", "routingConfiguration": [{"stateMachineVersionArn": version, "weight": 100}]});
    let alias = place.call("CreateStateMachineAlias", alias).await;
    let delete = json!({"stateMachineVersionArn": version});
    assert_eq!(
        place.refused("DeleteStateMachineVersion", delete.clone()).await,
        "ConflictException: Version to be deleted must not be referenced by an alias. Current list of aliases \
         referencing this version: [live]"
    );
    place.call("DeleteStateMachineAlias", json!({"stateMachineAliasArn": alias["stateMachineAliasArn"]})).await;
    assert_eq!(place.call("DeleteStateMachineVersion", delete.clone()).await, json!({}));
    assert_eq!(place.call("DeleteStateMachineVersion", delete).await, json!({}));
    // What runs goes on; nothing starts any more.
    let seen = place.call("DescribeExecution", json!({"executionArn": execution})).await;
    assert_eq!((&seen["status"], &seen["stateMachineVersionArn"]), (&json!("RUNNING"), &json!(version)));
    let gone = format!("StateMachineDoesNotExist: State Machine Version Does Not Exist: '{version}'");
    assert_eq!(place.refused("StartExecution", json!({"stateMachineArn": version})).await, gone);
    assert_eq!(place.refused("DescribeStateMachine", json!({"stateMachineArn": version})).await, gone);
    let seen = place.call("DescribeStateMachineForExecution", json!({"executionArn": execution})).await;
    assert_eq!((&seen["stateMachineArn"], &seen["definition"]), (&json!(arn), &json!(WAIT)));
}

#[tokio::test]
async fn a_thousand_versions_and_no_more() {
    let place = Place::new().await;
    let arn = place.machine("m", ECHO).await;
    for n in 0..1_000 {
        let definition = format!(r#"{{"Comment": "{n}", "StartAt": "S", "States": {{"S": {{"Type": "Succeed"}}}}}}"#);
        let update = json!({"stateMachineArn": arn, "definition": definition, "publish": true});
        place.call("UpdateStateMachine", update).await;
    }
    let one_more = json!({"stateMachineArn": arn, "definition": FAIL, "publish": true});
    assert!(place.refused("UpdateStateMachine", one_more).await.starts_with("ServiceQuotaExceededException: "));
    // It was refused as a whole.
    let seen = place.call("DescribeStateMachine", json!({"stateMachineArn": arn})).await;
    assert_ne!(seen["definition"], FAIL);
    place.call("DeleteStateMachineVersion", json!({"stateMachineVersionArn": format!("{arn}:1")})).await;
    let update = json!({"stateMachineArn": arn, "definition": FAIL, "publish": true});
    assert_eq!(place.call("UpdateStateMachine", update).await["stateMachineVersionArn"], format!("{arn}:1001"));
}
