//! Messages to whoever listens: what SNS is to the pipeline.

use super::PortFuture;
use serde_json::{Map, Value};

/// A message to publish.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Message {
    /// ARN of the topic.
    pub topic: String,
    /// The subject line, for listeners that have one.
    pub subject: Option<String>,
    /// The text.
    pub message: String,
    /// `MessageAttributes` as SNS takes them: name → `{DataType, StringValue}`.
    pub attributes: Map<String, Value>,
}

/// Somewhere to publish to.
pub trait Topic: Send + Sync {
    /// Publishes a message and gives its id. Fails with `TopicNotFound`, or with `StorageUnavailable` or `Throttled`
    /// when another try may help.
    fn publish<'a>(&'a self, message: &'a Message) -> PortFuture<'a, String>;
}
