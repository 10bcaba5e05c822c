//! Service integrations, as a definition sees them.

use crate::bed::Bed;
use aslx_tasks::Handler;
use aslx_tasks::offline::KeySchema;
use serde_json::{Value, json};

fn orders() -> Bed {
    Bed::with(|t| {
        t.with_table("orders", KeySchema { partition: "id".into(), sort: Some("line".into()) })
            .with_function("Sizer", Handler::Notify)
    })
}

fn without_metadata(mut result: Value) -> Value {
    let members = result.as_object_mut().unwrap();
    let http = members.remove("SdkHttpMetadata").unwrap();
    assert_eq!(http["HttpStatusCode"], 200);
    assert!(members.remove("SdkResponseMetadata").unwrap()["RequestId"].is_string());
    result
}

#[tokio::test]
async fn lambda_invoke_wraps_what_the_function_answers() {
    let bed = orders();
    let invoke = "arn:aws:states:::lambda:invoke";
    let result = bed.task(invoke, json!({ "FunctionName": "Sizer", "Payload": { "imageId": "1" } })).await.unwrap();
    let names: Vec<_> = result.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["ExecutedVersion", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"]);
    assert_eq!(
        (&result["ExecutedVersion"], &result["StatusCode"], &result["Payload"]["imageId"]),
        (&json!("$LATEST"), &json!(200), &json!("1"))
    );

    let failure = bed.task(invoke, json!({ "FunctionName": "x-thumbnail" })).await.unwrap_err();
    assert_eq!(failure.error, "InvalidInput");
    let failure = bed.task(invoke, json!({ "FunctionName": "nothing" })).await.unwrap_err();
    assert_eq!(failure.error, "Lambda.ResourceNotFoundException");
    assert!(failure.cause.unwrap().starts_with("Function not found: nothing (Service: AWSLambda; Status Code: 404;"));
    let failure = bed.task(invoke, json!({ "FunctionName": "Sizer", "InvocationType": "Event" })).await.unwrap_err();
    assert_eq!(failure.error, "States.Runtime");
    let input = json!({ "FunctionName": "Sizer", "Payload": { "imageId": "1" } });
    let submitted = bed.task("arn:aws:states:::lambda:invoke.waitForTaskToken", input).await.unwrap();
    assert_eq!(submitted["submitted"]["StatusCode"], 200);
}

#[tokio::test]
async fn sns_publish_reaches_the_outbox() {
    let bed = orders();
    let publish = "arn:aws:states:::sns:publish";
    let topic = "arn:aws:sns:us-east-1:123456789012:t";
    let result =
        bed.task(publish, json!({ "TopicArn": topic, "Message": { "a": [1] }, "Subject": "s" })).await.unwrap();
    let id = without_metadata(result)["MessageId"].clone();
    let sent = &bed.outbox()[0];
    assert_eq!(
        (&sent["messageId"], &sent["message"], &sent["subject"], &sent["topic"]),
        (&id, &json!("{\"a\":[1]}"), &json!("s"), &json!(topic))
    );
    for input in [
        json!({ "TopicArn": topic, "Message": "" }),
        json!({ "Message": "m" }),
        json!({ "TopicArn": "t", "Message": "m" }),
    ] {
        assert_eq!(bed.task(publish, input).await.unwrap_err().error, "SNS.InvalidParameterException");
    }
    assert_eq!(
        bed.task(publish, json!({ "TopicArn": topic, "Message": "m", "MessageStructure": "json" }))
            .await
            .unwrap_err()
            .error,
        "States.Runtime"
    );
    assert_eq!(bed.outbox().len(), 1);
}

#[tokio::test]
async fn rows_are_written_read_changed_and_removed() {
    let bed = orders();
    let dynamodb = |action: &str| format!("arn:aws:states:::dynamodb:{action}");
    let key = json!({ "id": { "S": "../A" }, "line": { "N": "1" } });
    let item = json!({ "id": { "S": "../A" }, "line": { "N": "1" }, "total": { "N": "10.5" } });
    let put = |condition: &str| json!({ "TableName": "orders", "Item": item, "ConditionExpression": condition, "ReturnValues": "ALL_OLD" });

    let result = bed.task(&dynamodb("putItem"), put("attribute_not_exists(id)")).await.unwrap();
    assert_eq!(without_metadata(result), json!({}));
    let failure = bed.task(&dynamodb("putItem"), put("attribute_not_exists(id)")).await.unwrap_err();
    assert_eq!(failure.error, "DynamoDB.ConditionalCheckFailedException");
    let start = "The conditional request failed (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException; Request ID: ";
    assert!(failure.cause.unwrap().starts_with(start));
    let result = bed.task(&dynamodb("putItem"), put("attribute_exists(id)")).await.unwrap();
    assert_eq!(without_metadata(result)["Attributes"], item);

    let update = json!({ "TableName": "orders", "Key": key, "UpdateExpression": "SET total = total + :n, #s = :s",
        "ExpressionAttributeNames": { "#s": "status" }, "ExpressionAttributeValues": { ":n": { "N": "2" }, ":s": { "S": "paid" } },
        "ReturnValues": "ALL_NEW" });
    let after = without_metadata(bed.task(&dynamodb("updateItem"), update).await.unwrap());
    assert_eq!(
        (&after["Attributes"]["total"], &after["Attributes"]["status"]),
        (&json!({ "N": "12.5" }), &json!({ "S": "paid" }))
    );

    // `1.0` is the number `1`.
    let same = json!({ "id": { "S": "../A" }, "line": { "N": "1.0" } });
    let get = |key: &Value| json!({ "TableName": "orders", "Key": key });
    let found = without_metadata(bed.task(&dynamodb("getItem"), get(&same)).await.unwrap());
    assert_eq!(found["Item"], after["Attributes"]);
    let deleted = bed.task(&dynamodb("deleteItem"), get(&key)).await.unwrap();
    assert_eq!(without_metadata(deleted), json!({}));
    assert_eq!(without_metadata(bed.task(&dynamodb("getItem"), get(&key)).await.unwrap()), json!({}));

    for (input, error) in [
        (json!({ "TableName": "other", "Key": key }), "DynamoDB.ResourceNotFoundException"),
        (json!({ "TableName": "orders", "Key": { "id": { "S": "a" } } }), "DynamoDB.AmazonDynamoDBException"),
        (json!({ "TableName": "orders", "Key": key, "ProjectionExpression": "id" }), "States.Runtime"),
        (json!({ "TableName": "orders", "Key": { "id": "a" } }), "States.Runtime"),
    ] {
        assert_eq!(bed.task(&dynamodb("getItem"), input.clone()).await.unwrap_err().error, error, "{input}");
    }
}

#[tokio::test]
async fn what_cannot_run_is_known_before() {
    let bed = orders();
    for resource in ["arn:aws:states:::sqs:sendMessage", "arn:aws:lambda:us-east-1:1:function:other", "${X}", "x"] {
        assert!(bed.tasks.can_run(resource).is_err(), "{resource}");
        assert!(bed.task(resource, json!({})).await.is_err());
    }
    assert!(bed.tasks.can_run("arn:aws:lambda:us-east-1:1:function:Sizer:PROD").is_ok());
    assert!(!bed.path("outbox.jsonl").exists());
}
