//! Flag: marks a photo that not everybody may see.

use super::image_input::ImageInput;
use super::ports::Ports;
use super::thumbnail::ThumbnailKeys;
use crate::error::Result;
use crate::ports::{Attribute, Expression, Item, Tags, Update};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

/// The input: a photo, and its thumbnails if they are not where [`ThumbnailKeys::of`] says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagInput {
    /// The bucket.
    pub bucket: String,
    /// The key of the photo.
    pub key: String,
    /// The id of the photo.
    pub image_id: String,
    /// The thumbnails.
    pub thumbnails: Option<ThumbnailKeys>,
}

/// The output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Flagged {
    /// The id of the photo.
    pub image_id: String,
    /// `flagged`
    pub status: String,
    /// The keys that were tagged `status=flagged`.
    pub tagged: Vec<String>,
}

/// Sets the status of the photo's row to `flagged` and tags the photo and its thumbnails.
pub async fn flag(ports: &Ports, input: FlagInput) -> Result<Flagged> {
    let FlagInput { bucket, key, image_id, thumbnails } = input;
    let image = ImageInput { bucket, key, image_id };
    image.check()?;
    let ImageInput { bucket, key, image_id } = image;
    let thumbnails = thumbnails.unwrap_or_else(|| ThumbnailKeys::of(&image_id));
    let tagged = vec![key, thumbnails.small, thumbnails.medium, thumbnails.large];
    let tags = Tags::from([("status".to_owned(), "flagged".to_owned())]);
    // The row last: when it says flagged, everything is.
    try_join_all(tagged.iter().map(|key| ports.bucket.tag(&bucket, key, &tags))).await?;
    let change = Expression::new("SET #status = :flagged")
        .name("#status", "status")
        .value(":flagged", Attribute::text("flagged"));
    let key = Item::from([("imageId".to_owned(), Attribute::text(&image_id))]);
    let table = ports.settings.images_table.clone();
    ports.table.update(Update { table, key, change: Some(change), condition: None }).await?;
    Ok(Flagged { image_id, status: "flagged".to_owned(), tagged })
}
