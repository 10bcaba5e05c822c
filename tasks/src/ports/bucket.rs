//! Objects in buckets: what S3 is to the pipeline.

use super::PortFuture;
use aslx_asl::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Tags of an object, by name.
pub type Tags = BTreeMap<String, String>;

/// What is known of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Bytes of the content.
    pub size: u64,
    /// Changes whenever the object is written: the version id or the ETag.
    pub version: String,
    /// When it was written.
    pub last_modified: Timestamp,
    /// The media type.
    pub content_type: String,
    /// The tags. A bucket that needs a second call to know them may leave them empty.
    pub tags: Tags,
}

/// An object and its content.
#[derive(Debug, Clone)]
pub struct Object {
    /// What is known of it.
    pub info: ObjectInfo,
    /// The content.
    pub body: Arc<Vec<u8>>,
}

/// Where, how and how long an object may be uploaded without further credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadUrl {
    /// The address for one PUT.
    pub url: String,
    /// The content type which that PUT must carry: it is part of the signature.
    pub content_type: String,
    /// How long the address is good for.
    pub expires_in: Duration,
}

/// A store of objects. Every function fails with `ObjectNotFound` when the bucket or the object is missing (except
/// [`Bucket::put`] offline, which makes the bucket), with `InvalidInput` when a name cannot be one, and with
/// `StorageUnavailable` or `Throttled` when another try may help.
pub trait Bucket: Send + Sync {
    /// Writes an object whole or not at all. Its tags are gone afterwards.
    fn put<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        body: Vec<u8>,
        content_type: &'a str,
    ) -> PortFuture<'a, ObjectInfo>;

    /// Reads an object; one larger than `max_bytes` is refused with `ImageTooLarge` before it is read.
    fn get<'a>(&'a self, bucket: &'a str, key: &'a str, max_bytes: u64) -> PortFuture<'a, Object>;

    /// What is known of an object.
    fn head<'a>(&'a self, bucket: &'a str, key: &'a str) -> PortFuture<'a, ObjectInfo>;

    /// Adds tags to those that the object has; of two with one name the new one counts.
    fn tag<'a>(&'a self, bucket: &'a str, key: &'a str, tags: &'a Tags) -> PortFuture<'a, ()>;

    /// The keys that begin with `prefix`, sorted.
    fn list<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> PortFuture<'a, Vec<String>>;

    /// An address to which one object of this content type can be uploaded for a while.
    fn upload_url<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        content_type: &'a str,
        expires_in: Duration,
    ) -> PortFuture<'a, UploadUrl>;
}
