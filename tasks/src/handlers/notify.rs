//! Notify: tells whoever listens that a photo is done.

use super::ports::Ports;
use crate::error::Result;
use crate::ports::Message;
use serde::{Deserialize, Serialize};

/// The input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotifyInput {
    /// The id of the photo.
    pub image_id: String,
    /// The text; `Image <imageId> processed` unless it is given.
    pub message: Option<String>,
    /// The subject line, for listeners that have one.
    pub subject: Option<String>,
    /// The topic; the configured one unless it is given.
    pub topic_arn: Option<String>,
}

/// The output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notified {
    /// The id of the photo.
    pub image_id: String,
    /// The id of the message.
    pub message_id: String,
}

/// Publishes the message.
pub async fn notify(ports: &Ports, input: NotifyInput) -> Result<Notified> {
    let message = Message {
        topic: input.topic_arn.unwrap_or_else(|| ports.settings.topic_arn.clone()),
        subject: input.subject,
        message: input.message.unwrap_or_else(|| format!("Image {} processed", input.image_id)),
        ..Message::default()
    };
    let message_id = ports.topic.publish(&message).await?;
    Ok(Notified { image_id: input.image_id, message_id })
}
