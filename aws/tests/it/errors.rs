use super::stub::{Reply, Stub, failure, ok, reply};

async fn check(service: &str, resource: &str, answer: Reply, error: &str, cause: &str) {
    let stub = Stub::answering(vec![answer]).await;
    let resource = format!("arn:aws:states:::{service}:{resource}");
    assert_eq!(failure(stub.run(service, &resource, "{}").await), (error.to_owned(), cause.to_owned()));
}

#[tokio::test]
async fn services_refuse_in_aws_s_words() {
    let id = [("x-amzn-requestid", "r")];
    check(
        "dynamodb",
        "putItem",
        reply(
            400,
            &id,
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"}"#,
        ),
        "DynamoDB.ConditionalCheckFailedException",
        "The conditional request failed (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: \
         ConditionalCheckFailedException; Request ID: r; Proxy: null)",
    )
    .await;
    check(
        "dynamodb",
        "putItem",
        reply(400, &id, r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"Wrong."}"#),
        "DynamoDB.AmazonDynamoDBException",
        "Wrong. (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; Request ID: r; \
         Proxy: null)",
    )
    .await;
    // The class is found by today's code, the cause shows that of the protocol before.
    let former = [("x-amzn-requestid", "r"), ("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender")];
    check(
        "sqs",
        "sendMessage",
        reply(400, &former, r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"No such queue."}"#),
        "SQS.QueueDoesNotExistException",
        "No such queue. (Service: AmazonSQS; Status Code: 400; Error Code: AWS.SimpleQueueService.NonExistentQueue; \
         Request ID: r; Proxy: null)",
    )
    .await;
    check(
        "sns",
        "publish",
        reply(
            404,
            &[],
            "<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not \
            exist</Message></Error><RequestId>r</RequestId></ErrorResponse>",
        ),
        "SNS.NotFoundException",
        "Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: r; Proxy: null)",
    )
    .await;
    check(
        "states",
        "startExecution",
        reply(400, &id, r#"{"__type":"StateMachineDoesNotExist","message":"No."}"#),
        "StepFunctions.StateMachineDoesNotExistException",
        "No. (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: r; \
         Proxy: null)",
    )
    .await;
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_none() {
    let stub = Stub::answering(vec![ok("<html>")]).await;
    let (error, cause) = failure(stub.run("glue", "arn:aws:states:::glue:startJobRun", r#"{"JobName":"j"}"#).await);
    assert_eq!(error, "Glue.SdkClientException");
    assert!(cause.starts_with("Unable to execute HTTP request: the answer is no JSON: "), "{cause}");
}
