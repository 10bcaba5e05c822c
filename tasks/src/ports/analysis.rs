//! What is on a photo: what Rekognition is to the pipeline.

use super::PortFuture;
use serde::{Deserialize, Serialize};

/// At most so many labels are asked for.
pub const MAX_LABELS: usize = 10;
/// Labels below this confidence (per cent) are not asked for.
pub const MIN_LABEL_CONFIDENCE: f64 = 70.0;
/// Moderation labels below this confidence (per cent) are not asked for.
pub const MIN_MODERATION_CONFIDENCE: f64 = 60.0;

/// Something that is on a photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// What it is.
    pub name: String,
    /// How sure that is, in per cent.
    pub confidence: f64,
}

/// Looks at photos in a bucket. Every function fails with the errors of [`super::Bucket::get`], with
/// `UnsupportedImageFormat`, `CorruptImage` or `ImageTooLarge` when the photo is not one that can be looked at, and
/// with `InvalidRecording` when the answer came from a file that is not in order.
pub trait ImageAnalysis: Send + Sync {
    /// Labels of at least `min_confidence` per cent, the surest first, at most `max`.
    fn labels<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        max: usize,
        min_confidence: f64,
    ) -> PortFuture<'a, Vec<Label>>;

    /// How many faces there are.
    fn faces<'a>(&'a self, bucket: &'a str, key: &'a str) -> PortFuture<'a, usize>;

    /// Reasons of at least `min_confidence` per cent not to show the photo to everybody.
    fn moderation<'a>(&'a self, bucket: &'a str, key: &'a str, min_confidence: f64) -> PortFuture<'a, Vec<Label>>;

    /// A sentence for the output when the answers about this photo are not Rekognition's.
    fn disclaimer<'a>(&'a self, bucket: &'a str, key: &'a str) -> PortFuture<'a, Option<String>>;
}
