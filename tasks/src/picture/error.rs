//! What decoders say, in our words.

use crate::error::{ErrorName, TaskError};
use image::ImageError;

pub(super) fn corrupt(format: &str, cause: impl std::fmt::Display) -> TaskError {
    TaskError::new(ErrorName::CorruptImage, format!("damaged {format}: {cause}"))
}

pub(super) fn too_large(message: impl Into<String>) -> TaskError {
    TaskError::new(ErrorName::ImageTooLarge, message)
}

pub(super) fn unsupported(message: impl Into<String>) -> TaskError {
    TaskError::new(ErrorName::UnsupportedImageFormat, message)
}

/// The error of a decoder of the `image` crate.
pub(super) fn from_image(format: &str, error: ImageError) -> TaskError {
    match error {
        ImageError::Limits(e) => too_large(format!("{format} needs more memory than a picture may have: {e}")),
        ImageError::Unsupported(e) => unsupported(format!("{format}: {e}")),
        other => corrupt(format, other),
    }
}
