use super::stub::{Stub, caller, ok, reply, request, result, run};
use aslx_asl::Value;
use aslx_engine::task::TaskReply;

#[tokio::test]
async fn a_message_to_a_queue() {
    let stub = Stub::answering(vec![ok(r#"{"MessageId":"m","MD5OfMessageBody":"5d"}"#)]).await;
    let input = r#"{"QueueUrl":"http://q","MessageBody":{"a":1},"DelaySeconds":null}"#;
    let seen = result(stub.run("sqs", "arn:aws:states:::sqs:sendMessage", input).await);
    assert!(seen.starts_with(r#"{"MD5OfMessageBody":"5d","MessageId":"m","SdkHttpMetadata":{"#), "{seen}");
    assert!(seen.ends_with(r#""HttpStatusCode":200},"SdkResponseMetadata":{"RequestId":"id-1"}}"#), "{seen}");
    let asked = &stub.asked()[0];
    assert_eq!((asked.header("x-amz-target"), &*asked.path), ("AmazonSQS.SendMessage", "/"));
    assert_eq!(asked.header("content-type"), "application/x-amz-json-1.0");
    assert_eq!(asked.body, r#"{"QueueUrl":"http://q","MessageBody":"{\"a\":1}"}"#);
}

/// The message is sent once; after a restart its receiver is still waited for.
#[tokio::test]
async fn a_token_goes_out_once() {
    let stub = Stub::answering(vec![ok(r#"{"MessageId":"m"}"#)]).await;
    let aws = caller("sqs", &stub.url);
    let mut request =
        request("arn:aws:states:::sqs:sendMessage.waitForTaskToken", r#"{"QueueUrl":"q","MessageBody":"token"}"#);
    let TaskReply::Submitted(submitted) = run(&aws, request.clone()).await.unwrap() else { panic!("not submitted") };
    assert_eq!(submitted.get("MessageId"), Some(&Value::from("m")));
    request.submitted = Some(submitted);
    assert_eq!(run(&aws, request).await.unwrap(), TaskReply::ByToken);
    assert_eq!(stub.asked().len(), 1);
}

#[tokio::test]
async fn a_message_to_a_topic() {
    let xml = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>m-1\
        </MessageId></PublishResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishResponse>";
    let stub = Stub::answering(vec![reply(200, &[("content-type", "text/xml")], xml)]).await;
    let input = r#"{"TopicArn":"arn:aws:sns:us-east-1:1:t","Message":{"a":"b&c"},"Subject":null}"#;
    let seen = result(stub.run("sns", "arn:aws:states:::sns:publish", input).await);
    assert!(seen.starts_with(r#"{"MessageId":"m-1","SdkHttpMetadata":{"#), "{seen}");
    assert!(seen.ends_with(r#""SdkResponseMetadata":{"RequestId":"r-1"}}"#), "{seen}");
    let expected = "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A1%3At\
        &Message=%7B%22a%22%3A%22b%26c%22%7D";
    assert_eq!(stub.asked()[0].body, expected);
}

#[tokio::test]
async fn a_row_of_a_table() {
    let stub = Stub::answering(vec![ok(r#"{"Item":{"id":{"S":"x"},"n":{"N":"1.50"}}}"#), ok("{}")]).await;
    let input = r#"{"TableName":"t","Key":{"id":{"S":"x"}}}"#;
    let seen = result(stub.run("dynamodb", "arn:aws:states:::dynamodb:getItem", input).await);
    assert!(seen.starts_with(r#"{"Item":{"id":{"S":"x"},"n":{"N":"1.50"}},"SdkHttpMetadata""#), "{seen}");
    let seen = result(stub.run("dynamodb", "arn:aws:states:::dynamodb:deleteItem", input).await);
    assert!(seen.starts_with(r#"{"SdkHttpMetadata""#), "{seen}");
    assert_eq!(stub.asked()[1].header("x-amz-target"), "DynamoDB_20120810.DeleteItem");
}

/// EventBridge's result is its answer alone, and an event that it did not take fails the task.
#[tokio::test]
async fn events_on_a_bus() {
    let put = "arn:aws:states:::events:putEvents";
    let input = r#"{"Entries":[{"Detail":{"a":1},"DetailType":"t","Source":"s"}]}"#;
    let taken = r#"{"Entries":[{"EventId":"e"}],"FailedEntryCount":0}"#;
    let refused =
        r#"{"Entries":[{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}],"FailedEntryCount":1}"#;
    let stub = Stub::answering(vec![ok(taken), ok(refused)]).await;
    assert_eq!(result(stub.run("events", put, input).await), taken);
    let failure = super::stub::failure(stub.run("events", put, input).await);
    assert_eq!(failure, ("EventBridge.FailedEntry".to_owned(), refused.to_owned()));
}
