//! The image analysis without Rekognition: a recording of its answers if there is one, else a look at the pixels.

use super::pixels::{self, BUILT_IN_ANALYSER};
use super::recording::{RECORDING_SUFFIX, Recording, asked_for};
use crate::error::{ErrorName, Result, TaskError};
use crate::picture::PictureFormat;
use crate::pictures::Pictures;
use crate::ports::{Bucket, ImageAnalysis, Label, PortFuture};
use std::sync::Arc;

/// Bytes of a photo in a bucket that Rekognition looks at.
const REKOGNITION_BYTES: u64 = 15 * 1024 * 1024;
/// Bytes that a recording may have.
const MAX_RECORDING: u64 = 4 << 20;

/// Looks at photos offline.
pub struct OfflineAnalysis {
    bucket: Arc<dyn Bucket>,
    pictures: Arc<Pictures>,
    strict: bool,
}

impl OfflineAnalysis {
    /// Photos and recordings come from `bucket`. `strict`: what Rekognition would refuse is refused.
    pub fn new(bucket: Arc<dyn Bucket>, pictures: Arc<Pictures>, strict: bool) -> OfflineAnalysis {
        OfflineAnalysis { bucket, pictures, strict }
    }

    /// The recording about a photo, if there is one. The photo must be there, and in strict mode one that Rekognition
    /// takes.
    async fn recording(&self, bucket: &str, key: &str) -> Result<Option<Recording>> {
        if self.strict {
            self.check_as_rekognition(bucket, key).await?;
        } else {
            self.bucket.head(bucket, key).await?;
        }
        let beside = format!("{key}{RECORDING_SUFFIX}");
        match self.bucket.get(bucket, &beside, MAX_RECORDING).await {
            Ok(object) => Recording::parse(&beside, &object.body).map(Some),
            Err(e) if e.name() == ErrorName::ObjectNotFound => Ok(None),
            // A key that leaves no room for the suffix has no recording.
            Err(e) if e.name() == ErrorName::InvalidInput => Ok(None),
            Err(e) if e.name() == ErrorName::ImageTooLarge => {
                Err(TaskError::new(ErrorName::InvalidRecording, format!("`{beside}` is too large to be a recording")))
            }
            Err(e) => Err(e),
        }
    }

    async fn check_as_rekognition(&self, bucket: &str, key: &str) -> Result<()> {
        let size = self.bucket.head(bucket, key).await?.size;
        if size > REKOGNITION_BYTES {
            let message = format!("strict: Rekognition looks at no more than 15 MB, `{key}` has {size} bytes");
            return Err(TaskError::new(ErrorName::ImageTooLarge, message));
        }
        let object = self.bucket.get(bucket, key, REKOGNITION_BYTES).await?;
        match PictureFormat::of(&object.body) {
            Some(PictureFormat::Jpeg | PictureFormat::Png) => Ok(()),
            other => {
                let what = other.map_or("no picture that is known here".to_owned(), |f| format!("a {f}"));
                let message = format!("strict: Rekognition looks at JPEG and PNG only, `{key}` is {what}");
                Err(TaskError::new(ErrorName::UnsupportedImageFormat, message))
            }
        }
    }
}

impl ImageAnalysis for OfflineAnalysis {
    fn labels<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        max: usize,
        min_confidence: f64,
    ) -> PortFuture<'a, Vec<Label>> {
        Box::pin(async move {
            let all = match self.recording(bucket, key).await? {
                Some(recording) => recording.labels(),
                None => {
                    let picture = self.pictures.shrunk(bucket, key).await?;
                    self.pictures.compute(move || Ok(pixels::labels(&picture))).await?
                }
            };
            Ok(asked_for(all, max, min_confidence))
        })
    }

    fn faces<'a>(&'a self, bucket: &'a str, key: &'a str) -> PortFuture<'a, usize> {
        Box::pin(async move { Ok(self.recording(bucket, key).await?.map_or(0, |r| r.faces())) })
    }

    fn moderation<'a>(&'a self, bucket: &'a str, key: &'a str, min_confidence: f64) -> PortFuture<'a, Vec<Label>> {
        Box::pin(async move {
            let all = self.recording(bucket, key).await?.map(|r| r.moderation()).unwrap_or_default();
            Ok(asked_for(all, usize::MAX, min_confidence))
        })
    }

    fn disclaimer<'a>(&'a self, bucket: &'a str, key: &'a str) -> PortFuture<'a, Option<String>> {
        Box::pin(async move {
            let recorded = self.recording(bucket, key).await?.is_some();
            Ok((!recorded).then(|| BUILT_IN_ANALYSER.to_owned()))
        })
    }
}
