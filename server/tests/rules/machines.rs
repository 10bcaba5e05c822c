//! State machines: made, described, changed, deleted.

use crate::support::{ECHO, FAIL, Place, ROLE, WAIT, machine, members, text};
use aslx_server::Server;
use serde_json::json;

#[tokio::test]
async fn creating_again_is_the_same_only_if_everything_is() {
    let place = Place::new().await;
    let made = place.call("CreateStateMachine", machine("m", ECHO, json!({}))).await;
    assert_eq!(members(&made), ["creationDate", "stateMachineArn"]);
    let again = machine("m", ECHO, json!({"roleArn": "arn:aws:iam::0:role/b", "tags": [{"key": "k", "value": "v"}]}));
    assert_eq!(place.call("CreateStateMachine", again).await, made);
    let arn = text(&made["stateMachineArn"]);
    let described = place.call("DescribeStateMachine", json!({"stateMachineArn": arn})).await;
    assert_eq!(described["roleArn"], ROLE);
    assert_eq!(place.call("ListTagsForResource", json!({"resourceArn": arn})).await, json!({"tags": []}));
    let taken = format!("StateMachineAlreadyExists: State Machine Already Exists: '{arn}'");
    let log = json!({"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:0:log-group:g:*"}});
    for (definition, more) in [
        (ECHO.replace(": ", ":"), json!({})),
        (ECHO.to_owned(), json!({"type": "EXPRESS"})),
        (ECHO.to_owned(), json!({"tracingConfiguration": {"enabled": true}})),
        (ECHO.to_owned(), json!({"loggingConfiguration": {"level": "ALL", "destinations": [log]}})),
        (ECHO.to_owned(), json!({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}})),
        (ECHO.to_owned(), json!({"publish": true})),
    ] {
        assert_eq!(place.refused("CreateStateMachine", machine("m", &definition, more)).await, taken, "{definition}");
    }
}

#[tokio::test]
async fn creating_again_with_a_version() {
    let place = Place::new().await;
    let request = machine("m", ECHO, json!({"publish": true, "versionDescription": "one"}));
    let made = place.call("CreateStateMachine", request.clone()).await;
    assert_eq!(made["stateMachineVersionArn"], format!("{}:1", text(&made["stateMachineArn"])));
    assert_eq!(place.call("CreateStateMachine", request).await, made);
    let other = machine("m", ECHO, json!({"publish": true, "versionDescription": "two"}));
    let message = "StateMachineAlreadyExists: State Machine Already Exists: This state machine was already created \
                   with a published version using a different description.";
    assert_eq!(place.refused("CreateStateMachine", other).await, message);
    // A version that was published later is as if it had been published then.
    let arn = place.machine("n", ECHO).await;
    let publish = json!({"stateMachineArn": arn, "description": "later"});
    place.call("PublishStateMachineVersion", publish).await;
    assert!(
        place.refused("CreateStateMachine", machine("n", ECHO, json!({}))).await.starts_with("StateMachineAlready")
    );
    let again = machine("n", ECHO, json!({"publish": true, "versionDescription": "later"}));
    assert_eq!(place.call("CreateStateMachine", again).await["stateMachineVersionArn"], format!("{arn}:1"));
}

#[tokio::test]
async fn what_cannot_be_created() {
    let place = Place::of(Server::builder().log_groups(["known".to_owned()])).await;
    let refused = async |name: &str, definition: &str, more| {
        place.refused("CreateStateMachine", machine(name, definition, more)).await
    };
    assert_eq!(refused("a b", ECHO, json!({})).await, "InvalidName: Invalid Name: 'a b'");
    assert_eq!(
        refused(&"n".repeat(81), ECHO, json!({})).await,
        format!(
            "ValidationException: 1 validation error detected: Value '{}' at 'name' failed to satisfy constraint: \
             Member must have length less than or equal to 80",
            "n".repeat(81)
        )
    );
    assert_eq!(
        refused("m", ECHO, json!({"roleArn": "role"})).await,
        "InvalidArn: Invalid Arn: 'Invalid ARN prefix: role'"
    );
    assert_eq!(
        refused("m", ECHO, json!({"versionDescription": "d"})).await,
        "ValidationException: Version description can only be set when publish is true"
    );
    let logging = |groups: &[&str]| {
        let group = |name: &&str| json!({"cloudWatchLogsLogGroup": {"logGroupArn": format!("arn:aws:logs:r:0:log-group:{name}")}});
        json!({"loggingConfiguration": {"level": "ALL", "destinations": groups.iter().map(group).collect::<Vec<_>>()}})
    };
    let not_one =
        "InvalidLoggingConfiguration: Invalid Logging Configuration: Must specify exactly one Log Destination.";
    assert_eq!(refused("m", ECHO, logging(&[])).await, not_one);
    assert_eq!(refused("m", ECHO, logging(&["known:*", "known:*"])).await, not_one);
    let not_found = "InvalidLoggingConfiguration: Invalid Logging Configuration: Log Destination not found.";
    assert_eq!(refused("m", ECHO, logging(&["unknown:*"])).await, not_found);
    assert_eq!(refused("m", ECHO, logging(&["known"])).await, not_found);
    for encryption in [
        json!({"type": "CUSTOMER_MANAGED_KMS_KEY"}),
        json!({"type": "AWS_OWNED_KEY", "kmsKeyId": "k"}),
        json!({"type": "AWS_OWNED_KEY", "kmsDataKeyReusePeriodSeconds": 60}),
    ] {
        let message = refused("m", ECHO, json!({"encryptionConfiguration": encryption})).await;
        assert!(message.starts_with("InvalidEncryptionConfiguration: "), "{message}");
    }
    let arn = place.machine_with("m", ECHO, logging(&["known:*"])).await;
    let other = json!({"stateMachineArn": arn, "loggingConfiguration": logging(&["gone:*"])["loggingConfiguration"]});
    assert_eq!(place.refused("UpdateStateMachine", other).await, not_found);
}

#[tokio::test]
async fn express_machines_take_no_patterns() {
    let place = Place::new().await;
    let task = |resource: &str, parameters: &str| {
        format!(
            r#"{{"StartAt": "T", "States": {{"T": {{"Type": "Task", "Resource": "{resource}", "Parameters": {parameters}, "End": true}}}}}}"#
        )
    };
    let express = json!({"type": "EXPRESS"});
    let start = r#"{"StateMachineArn": "arn:aws:states:us-east-1:0:stateMachine:x"}"#;
    let publish = r#"{"TopicArn": "arn:aws:sns:us-east-1:0:t", "Message.$": "$$.Task.Token"}"#;
    let prefix = "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state machine \
                  does not support";
    for (definition, rest) in [
        (
            task("arn:aws:states:::states:startExecution.sync", start),
            "'.sync' service integration at /States/T/Resource'",
        ),
        (
            task("arn:aws:states:::sns:publish.waitForTaskToken", publish),
            "'.waitForTaskToken' service integration  at /States/T/Resource'",
        ),
        (task("arn:aws:states:us-east-1:0:activity:a", "{}"), "Activity ARN at /States/T/Resource'"),
    ] {
        let message = place.refused("CreateStateMachine", machine("x", &definition, express.clone())).await;
        assert_eq!(message, format!("{prefix} {rest}"));
    }
}

#[tokio::test]
async fn a_description_tells_what_was_given() {
    let place = Place::new().await;
    let arn =
        place.machine_with("m", ECHO, json!({"loggingConfiguration": {"level": "OFF", "destinations": []}})).await;
    let described = place.call("DescribeStateMachine", json!({"stateMachineArn": arn})).await;
    let expected = json!({"stateMachineArn": arn, "name": "m", "status": "ACTIVE", "definition": ECHO, "roleArn": ROLE,
        "type": "STANDARD", "creationDate": described["creationDate"],
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": false, "destinations": []},
        "tracingConfiguration": {"enabled": false}, "encryptionConfiguration": {"type": "AWS_OWNED_KEY"}});
    assert_eq!(described, expected);
    let missing = format!("{arn}x");
    assert_eq!(
        place.refused("DescribeStateMachine", json!({"stateMachineArn": missing})).await,
        format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{missing}'")
    );
    let other = json!({"stateMachineArn": "arn:aws:states:us-east-1:0:express:m:n:u"});
    assert_eq!(
        place.refused("DescribeStateMachine", other).await,
        "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'"
    );
    // Only what a key of the customer's protects is left out.
    let metadata = |arn: &str| json!({"stateMachineArn": arn, "includedData": "METADATA_ONLY"});
    assert_eq!(place.call("DescribeStateMachine", metadata(&arn)).await["definition"], ECHO);
    let key = json!({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}});
    let arn = place.machine_with("k", ECHO, key.clone()).await;
    let described = place.call("DescribeStateMachine", metadata(&arn)).await;
    assert_eq!(
        (&described["definition"], &described["encryptionConfiguration"]),
        (&json!("{}"), &key["encryptionConfiguration"])
    );
}

#[tokio::test]
async fn an_update_that_changes_nothing_is_no_revision() {
    let place = Place::new().await;
    let arn = place.machine("m", ECHO).await;
    let update = |more: serde_json::Value| {
        let mut request = json!({"stateMachineArn": arn});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    };
    let nothing = "MissingRequiredParameter: Either the definition, the role ARN, the LoggingConfiguration, or the \
                   TracingConfiguration must be specified";
    assert_eq!(place.refused("UpdateStateMachine", update(json!({}))).await, nothing);
    assert_eq!(place.refused("UpdateStateMachine", update(json!({"versionDescription": "d"}))).await, nothing);
    // Never updated: a version, and no revision.
    let published = place.call("UpdateStateMachine", update(json!({"publish": true}))).await;
    assert_eq!(members(&published), ["stateMachineVersionArn", "updateDate"]);
    assert_eq!(place.call("UpdateStateMachine", update(json!({"publish": true}))).await, published);
    let first = place.call("UpdateStateMachine", update(json!({"tracingConfiguration": {"enabled": true}}))).await;
    assert_eq!(members(&first), ["revisionId", "updateDate"]);
    place.clock.hours(1);
    for same in
        [json!({"tracingConfiguration": {"enabled": true}}), json!({"definition": ECHO}), json!({"roleArn": ROLE})]
    {
        assert_eq!(place.call("UpdateStateMachine", update(same)).await, first);
    }
    let other = place.call("UpdateStateMachine", update(json!({"definition": FAIL, "publish": true}))).await;
    assert_ne!(other["revisionId"], first["revisionId"]);
    assert_eq!(other["stateMachineVersionArn"], format!("{arn}:2"));
    let version = json!({"stateMachineArn": format!("{arn}:2"), "definition": ECHO});
    assert_eq!(
        place.refused("UpdateStateMachine", version).await,
        format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{arn}:2'")
    );
    let labelled =
        place.error("UpdateStateMachine", json!({"stateMachineArn": format!("{arn}/L"), "roleArn": ROLE})).await;
    assert_eq!(labelled["reason"], "API_DOES_NOT_SUPPORT_LABELED_ARNS");
}

#[tokio::test]
async fn executions_keep_what_they_were_started_with() {
    let place = Place::new().await;
    let arn = place.machine("m", WAIT).await;
    let execution = place.start(&arn).await;
    let created = place.call("DescribeStateMachine", json!({"stateMachineArn": arn})).await["creationDate"].clone();
    place.call("UpdateStateMachine", json!({"stateMachineArn": arn, "definition": FAIL})).await;
    let seen = place.call("DescribeStateMachineForExecution", json!({"executionArn": execution})).await;
    assert_eq!((&seen["definition"], &seen["updateDate"]), (&json!(WAIT), &created));
    let expected = [
        "definition",
        "encryptionConfiguration",
        "loggingConfiguration",
        "name",
        "roleArn",
        "stateMachineArn",
        "tracingConfiguration",
        "updateDate",
    ];
    assert_eq!(members(&seen), expected);
    assert_eq!(seen["stateMachineArn"], arn);
}

#[tokio::test]
async fn a_deleted_machine_lasts_as_long_as_its_executions() {
    let place = Place::new().await;
    let arn = place.machine("m", WAIT).await;
    let execution = place.start(&arn).await;
    assert_eq!(place.call("DeleteStateMachine", json!({"stateMachineArn": arn})).await, json!({}));
    assert_eq!(place.call("DescribeStateMachine", json!({"stateMachineArn": arn})).await["status"], "DELETING");
    let deleting = format!("StateMachineDeleting: State machine is being deleted: '{arn}'");
    assert_eq!(place.refused("StartExecution", json!({"stateMachineArn": arn})).await, deleting);
    assert_eq!(place.refused("CreateStateMachine", machine("m", WAIT, json!({}))).await, deleting);
    assert_eq!(place.refused("PublishStateMachineVersion", json!({"stateMachineArn": arn})).await, deleting);
    place.call("DescribeExecution", json!({"executionArn": execution})).await;
    place.call("StopExecution", json!({"executionArn": execution})).await;
    place.gone(&execution).await;
    // What is not there is deleted already; a labelled ARN is none that can be deleted.
    assert_eq!(place.call("DeleteStateMachine", json!({"stateMachineArn": arn})).await, json!({}));
    let labelled = json!({"stateMachineArn": format!("{arn}/L")});
    assert!(place.refused("DeleteStateMachine", labelled).await.starts_with("ValidationException: "));
}
