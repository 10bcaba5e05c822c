//! Analyse: what is on a photo, and whether everybody may see it.

use super::image_input::ImageInput;
use super::ports::Ports;
use crate::error::Result;
use crate::ports::{Attribute, Item, Label, MAX_LABELS, MIN_LABEL_CONFIDENCE, MIN_MODERATION_CONFIDENCE, Write};
use futures_util::future::try_join4;
use serde::{Deserialize, Serialize};

/// What is on a photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    /// At most 10 labels of at least 70 per cent, the surest first.
    pub labels: Vec<Label>,
    /// How many faces there are.
    pub face_count: usize,
    /// Reasons of at least 60 per cent not to show the photo.
    pub moderation_labels: Vec<Label>,
    /// Whether there are no such reasons.
    pub is_safe: bool,
    /// Who looked, when it was not Rekognition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analyzer: Option<String>,
}

/// The output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Analysed {
    /// The id of the photo.
    pub image_id: String,
    /// What is on it.
    pub analysis: Analysis,
}

/// Looks at a photo and writes a row `{imageId, s3Key, analysis, status: "completed"}`.
pub async fn analyse(ports: &Ports, input: ImageInput) -> Result<Analysed> {
    input.check()?;
    let (bucket, key) = (input.bucket.as_str(), input.key.as_str());
    let (labels, face_count, moderation_labels, analyzer) = try_join4(
        ports.analysis.labels(bucket, key, MAX_LABELS, MIN_LABEL_CONFIDENCE),
        ports.analysis.faces(bucket, key),
        ports.analysis.moderation(bucket, key, MIN_MODERATION_CONFIDENCE),
        ports.analysis.disclaimer(bucket, key),
    )
    .await?;
    let is_safe = moderation_labels.is_empty();
    let analysis = Analysis { labels, face_count, moderation_labels, is_safe, analyzer };
    let json = serde_json::to_value(&analysis).unwrap_or_default();
    let item = Item::from([
        ("imageId".to_owned(), Attribute::text(&input.image_id)),
        ("s3Key".to_owned(), Attribute::text(&input.key)),
        ("analysis".to_owned(), Attribute::from_json(&json)),
        ("status".to_owned(), Attribute::text("completed")),
    ]);
    ports.table.put(Write { table: ports.settings.images_table.clone(), item, condition: None }).await?;
    Ok(Analysed { image_id: input.image_id, analysis })
}
