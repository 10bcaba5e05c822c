//! Thumbnail: three small JPEGs of a photo.

use super::image_input::ImageInput;
use super::ports::Ports;
use crate::error::Result;
use crate::picture::{Size, thumbnails_of};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

/// The keys of the thumbnails of a photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThumbnailKeys {
    /// Longer side 150 pixels.
    pub small: String,
    /// Longer side 300 pixels.
    pub medium: String,
    /// Longer side 600 pixels.
    pub large: String,
}

impl ThumbnailKeys {
    /// `thumbnails/<imageId>/<size>.jpg`
    pub fn of(image_id: &str) -> ThumbnailKeys {
        let key = |size: Size| format!("thumbnails/{image_id}/{}.jpg", size.name());
        ThumbnailKeys { small: key(Size::Small), medium: key(Size::Medium), large: key(Size::Large) }
    }

    /// The key of one of them.
    pub fn get(&self, size: Size) -> &str {
        match size {
            Size::Small => &self.small,
            Size::Medium => &self.medium,
            Size::Large => &self.large,
        }
    }
}

/// The output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Thumbnails {
    /// The id of the photo.
    pub image_id: String,
    /// Where the thumbnails are, in the bucket of the photo.
    pub thumbnails: ThumbnailKeys,
}

/// Makes and stores the thumbnails. Run twice it stores the same bytes.
pub async fn thumbnail(ports: &Ports, input: ImageInput) -> Result<Thumbnails> {
    input.check()?;
    let keys = ThumbnailKeys::of(&input.image_id);
    let picture = ports.pictures.shrunk(&input.bucket, &input.key).await?;
    let set = ports.pictures.compute(move || thumbnails_of(&picture)).await?;
    let stored = set.into_iter().map(|t| {
        let key = keys.get(t.size);
        ports.bucket.put(&input.bucket, key, t.jpeg, "image/jpeg")
    });
    try_join_all(stored).await?;
    Ok(Thumbnails { image_id: input.image_id, thumbnails: keys })
}
