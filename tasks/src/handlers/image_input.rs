//! The photo that a task is about.

use crate::error::{Result, TaskError};
use serde::{Deserialize, Serialize};

/// The input of most tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageInput {
    /// The bucket.
    pub bucket: String,
    /// The key of the photo.
    pub key: String,
    /// The id of the photo: the name of a folder.
    pub image_id: String,
}

impl ImageInput {
    /// Fails with `InvalidInput` when the id is not the name of a folder.
    pub(super) fn check(&self) -> Result<()> {
        check_name("imageId", &self.image_id)
    }
}

/// Refuses what is not one name of a file or a folder.
pub(super) fn check_name(field: &str, name: &str) -> Result<()> {
    let shown: String = name.chars().take(60).flat_map(char::escape_debug).collect();
    if name.is_empty() {
        return Err(TaskError::input(format!("{field} is empty")));
    }
    if name == "." || name == ".." || name.contains(['/', '\\']) {
        return Err(TaskError::input(format!("{field} `{shown}` would leave its folder")));
    }
    if name.chars().any(char::is_control) {
        return Err(TaskError::input(format!("{field} `{shown}` contains a control character")));
    }
    if name.len() > 255 {
        return Err(TaskError::input(format!("{field} `{shown}…` is longer than 255 bytes")));
    }
    Ok(())
}
