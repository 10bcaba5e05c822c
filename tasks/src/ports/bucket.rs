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

/// One version of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectVersion {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// [`ObjectInfo::version`].
    pub version: String,
}

/// An object as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The key.
    pub key: String,
    /// Bytes of the content.
    pub size: u64,
    /// As [`ObjectInfo::version`].
    pub version: String,
    /// When it was written.
    pub last_modified: Timestamp,
}

/// A page of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// In the order of their keys, by bytes.
    pub objects: Vec<Listed>,
    /// There are more after the last one.
    pub more: bool,
}

/// A part of an object that is written piece by piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectPart {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The media type of the whole.
    pub content_type: String,
    /// From 0; part 0 begins anew.
    pub number: u64,
    /// The object appears with this part.
    pub last: bool,
    /// What the parts before it were answered with.
    pub receipts: Vec<String>,
    /// The content; of all parts but the last at least 5 MiB, for S3's sake.
    pub body: Vec<u8>,
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

    /// Objects whose keys begin with `prefix`, those after the key `after`: as many as the bucket gives at a time.
    fn list_page<'a>(&'a self, bucket: &'a str, prefix: &'a str, after: Option<&'a str>) -> PortFuture<'a, ListPage>;

    /// The bytes from `start` to before `end` of this version. Fails with `ObjectChanged` when there is another one.
    fn read<'a>(&'a self, object: &'a ObjectVersion, start: u64, end: u64) -> PortFuture<'a, Vec<u8>>;

    /// Writes a part of an object and gives a receipt for the parts after it. The object appears, whole, with the
    /// last part. A part that is written again replaces the same one.
    fn put_part(&self, part: ObjectPart) -> PortFuture<'_, String>;

    /// An address to which one object of this content type can be uploaded for a while.
    fn upload_url<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        content_type: &'a str,
        expires_in: Duration,
    ) -> PortFuture<'a, UploadUrl>;
}
