//! The resources of a distributed Map's `ItemReader` and `ResultWriter`, which look like integrations but are not.

use super::integration::is_partition;
use super::{ResourceError, ResourceFault};

/// What an `ItemReader` or a `ResultWriter` calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MapResource {
    /// Reads the items from an object: `arn:aws:states:::s3:getObject`.
    GetObject,
    /// Takes the objects of a bucket as items: `arn:aws:states:::s3:listObjectsV2`.
    ListObjects,
    /// Writes the results: `arn:aws:states:::s3:putObject`.
    PutObject,
}

impl MapResource {
    /// Whether an `ItemReader` may have it.
    pub fn reads(self) -> bool {
        !self.writes()
    }

    /// Whether a `ResultWriter` may have it.
    pub fn writes(self) -> bool {
        self == MapResource::PutObject
    }
}

/// Reads the `Resource` of an `ItemReader` or a `ResultWriter`, without `${…}` substitutions.
///
/// # Errors
///
/// If it is none of the three.
pub fn parse_map_resource(text: &str) -> Result<MapResource, ResourceError> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        ["arn", partition, "states", _, _, "s3", action] if is_partition(partition) => match *action {
            "getObject" => Ok(MapResource::GetObject),
            "listObjectsV2" => Ok(MapResource::ListObjects),
            "putObject" => Ok(MapResource::PutObject),
            other => {
                let fault = ResourceFault::Action { service: "s3", action: other.to_owned() };
                Err(ResourceError::new(text, fault, None))
            }
        },
        _ => Err(ResourceError::new(text, ResourceFault::NotCallable, None)),
    }
}
