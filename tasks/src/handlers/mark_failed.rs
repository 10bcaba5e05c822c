//! Mark failed: what remains to be done when a photo cannot be processed.

use super::image_input::ImageInput;
use super::ports::Ports;
use crate::error::{ErrorName, Result};
use crate::ports::{Attribute, Expression, Item, Update};
use serde::{Deserialize, Serialize};

/// The input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkFailedInput {
    /// The bucket.
    pub bucket: String,
    /// The key of the photo.
    pub key: String,
    /// The id of the photo.
    pub image_id: String,
    /// ARN of the execution that failed.
    pub execution: String,
    /// The claim of this execution, if it has one.
    pub claim_id: Option<String>,
    /// What was caught.
    pub error: CaughtError,
}

/// An error as a Catch gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CaughtError {
    /// Its name.
    pub error: String,
    /// What happened.
    pub cause: Option<String>,
}

/// The output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkedFailed {
    /// The id of the photo.
    pub image_id: String,
    /// `failed`
    pub status: String,
}

/// Sets the status of the photo's row to `failed`, with the error. Unless the error would come again, the claim is
/// given back, so that a later event may try.
pub async fn mark_failed(ports: &Ports, input: MarkFailedInput) -> Result<MarkedFailed> {
    let MarkFailedInput { bucket, key, image_id, execution, claim_id, error } = input;
    let image = ImageInput { bucket, key, image_id };
    image.check()?;
    let change = Expression::new("SET #status = :failed, s3Key = :key, #error = :error, cause = :cause")
        .name("#status", "status")
        .name("#error", "error")
        .value(":failed", Attribute::text("failed"))
        .value(":key", Attribute::text(&image.key))
        .value(":error", Attribute::text(&error.error))
        .value(":cause", Attribute::text(error.cause.as_deref().unwrap_or_default()));
    let row = Item::from([("imageId".to_owned(), Attribute::text(&image.image_id))]);
    let table = ports.settings.images_table.clone();
    ports.table.update(Update { table, key: row, change: Some(change), condition: None }).await?;
    let permanent = ErrorName::ALL.iter().any(|n| n.as_str() == error.error && n.is_permanent());
    if let (Some(claim_id), false) = (claim_id, permanent) {
        release(ports, claim_id, execution).await?;
    }
    Ok(MarkedFailed { image_id: image.image_id, status: "failed".to_owned() })
}

/// Gives a claim back, if it is this execution's.
async fn release(ports: &Ports, claim_id: String, execution: String) -> Result<()> {
    let change = Expression::new("SET #state = :released")
        .name("#state", "state")
        .value(":released", Attribute::text("released"));
    let condition =
        Expression::new("#execution = :me").name("#execution", "execution").value(":me", Attribute::text(execution));
    let key = Item::from([("claimId".to_owned(), Attribute::text(claim_id))]);
    let table = ports.settings.claims_table.clone();
    match ports.table.update(Update { table, key, change: Some(change), condition: Some(condition) }).await {
        Err(e) if e.name() != ErrorName::ConditionalCheckFailed => Err(e),
        _ => Ok(()),
    }
}
