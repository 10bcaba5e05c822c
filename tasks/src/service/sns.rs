//! `sns:publish`: a message to the topic.

use super::aws::{Refusal, Service, members, only, with_metadata};
use crate::error::{ErrorName, TaskError};
use crate::handlers::Ports;
use crate::ports::Message;
use aslx_engine::task::TaskFailure;
use serde_json::{Map, Value};

const SNS: Service = Service { prefix: "SNS", text: "AmazonSNS" };

pub(super) async fn publish(ports: &Ports, input: Value) -> Result<Value, TaskFailure> {
    let mut input = members(input)?;
    only(&input, &["TopicArn", "Message", "Subject", "MessageAttributes"])?;
    let refuse = |message: &str| {
        let (code, exception) = ("InvalidParameter", "InvalidParameterException");
        SNS.failure(&Refusal { exception, code, status: 400, message }, &ports.surroundings.new_id())
    };
    let topic = match input.remove("TopicArn") {
        Some(Value::String(arn)) if arn.starts_with("arn:") && arn.split(':').count() == 6 => arn,
        _ => return Err(refuse("Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter")),
    };
    // JSON that is not a text is sent as text.
    let message = match input.remove("Message") {
        Some(Value::String(text)) => text,
        Some(Value::Null) | None => String::new(),
        Some(json) => json.to_string(),
    };
    if message.is_empty() {
        return Err(refuse("Invalid parameter: Empty message"));
    }
    let subject = match input.remove("Subject") {
        Some(Value::String(text)) => Some(text),
        Some(Value::Null) | None => None,
        Some(_) => return Err(refuse("Invalid parameter: Subject")),
    };
    let attributes = match input.remove("MessageAttributes") {
        Some(Value::Object(attributes)) => attributes,
        Some(Value::Null) | None => Map::new(),
        Some(_) => return Err(refuse("Invalid parameter: MessageAttributes")),
    };
    let message = Message { topic, subject, message, attributes };
    let id = match ports.topic.publish(&message).await {
        Ok(id) => id,
        Err(e) => return Err(failure(&e, &ports.surroundings.new_id())),
    };
    let result = Map::from_iter([("MessageId".to_owned(), Value::from(id))]);
    Ok(Value::Object(with_metadata(result, &ports.surroundings.new_id())))
}

fn failure(error: &TaskError, request_id: &str) -> TaskFailure {
    let (exception, code, status) = match error.name() {
        ErrorName::TopicNotFound => ("NotFoundException", "NotFound", 404),
        ErrorName::Throttled => ("ThrottledException", "Throttled", 429),
        ErrorName::StorageUnavailable => ("InternalErrorException", "InternalError", 500),
        _ => ("InvalidParameterException", "InvalidParameter", 400),
    };
    SNS.failure(&Refusal { exception, code, status, message: error.message() }, request_id)
}
