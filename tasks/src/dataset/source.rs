//! From a request to a stream of items.

use super::athena;
use super::blocks::Blocks;
use super::csv::CsvItems;
use super::inventory::Inventory;
use super::items::{Broken, Items};
use super::json::JsonItems;
use super::lines::JsonLines;
use super::listing::{Listing, Objects};
use super::members::Members;
use super::stream::{Stream, checked, unpacked};
use crate::ports::{Bucket, ObjectVersion};
use aslx_asl::Value;
use aslx_asl::program::{InputType, ManifestType};
use aslx_engine::map_run::ReadRequest;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;

/// Where a stream gets its objects from, and what it has seen of them.
#[derive(Clone)]
pub(super) struct Source {
    bucket: Arc<dyn Bucket>,
    runtime: Handle,
    seen: Arc<Mutex<Sha256>>,
}

/// How the bytes of an object become items.
#[derive(Debug, Clone)]
pub(super) struct Format {
    pub(super) input_type: InputType,
    pub(super) csv_headers: Option<Vec<Arc<str>>>,
    pub(super) csv_delimiter: u8,
    pub(super) items_pointer: Option<Arc<str>>,
}

impl Source {
    /// Must be used on a thread that may block, of this runtime.
    pub(super) fn new(bucket: Arc<dyn Bucket>, runtime: Handle) -> Source {
        Source { bucket, runtime, seen: Arc::default() }
    }

    /// The hash of everything that has been seen so far.
    pub(super) fn digest(&self) -> String {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        seen.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// An object that the stream depends on.
    pub(super) fn saw(&self, bucket: &str, key: &str, version: &str, size: u64) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for part in [bucket, key, version] {
            seen.update((part.len() as u64).to_le_bytes());
            seen.update(part);
        }
        seen.update(size.to_le_bytes());
    }

    /// An object as it is now. `version`: only this one will do.
    pub(super) fn object(&self, bucket: &str, key: &str, version: Option<&str>) -> Result<Blocks, Broken> {
        let info = self.runtime.block_on(self.bucket.head(bucket, key)).map_err(|error| Broken::object(&error))?;
        if let Some(version) = version
            && version != info.version
        {
            return Err(Broken::new(format!("There is no version '{version}' of s3://{bucket}/{key}.")));
        }
        self.saw(bucket, key, &info.version, info.size);
        let at = ObjectVersion { bucket: bucket.to_owned(), key: key.to_owned(), version: info.version };
        Ok(Blocks::new(self.bucket.clone(), self.runtime.clone(), at, info.size))
    }

    /// A page of a bucket's objects.
    pub(super) fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<crate::ports::ListPage, Broken> {
        self.runtime.block_on(self.bucket.list_page(bucket, prefix, after)).map_err(|error| Broken::object(&error))
    }

    /// The stream that a request asks for.
    pub(super) fn open(&self, request: &ReadRequest) -> Result<Box<dyn Items>, Broken> {
        let text = |name: &str| request.parameters.get(name).and_then(Value::as_str);
        let bucket = text("Bucket").ok_or_else(|| Broken::new("The ItemReader names no Bucket."))?;
        let prefix = text("Prefix").unwrap_or_default();
        let format = |input_type| Format {
            input_type,
            csv_headers: request.csv_headers.clone(),
            csv_delimiter: request.csv_delimiter,
            items_pointer: request.items_pointer.clone(),
        };
        if request.resource.ends_with(":listObjectsV2") {
            let listing = Listing::new(self.clone(), bucket, prefix);
            return Ok(match request.input_type.filter(|_| request.load_and_flatten) {
                None => Box::new(Objects::new(listing)),
                Some(input_type) => Box::new(Members::new(self.clone(), format(input_type), listing)),
            });
        }
        let key = text("Key").ok_or_else(|| Broken::new("The ItemReader names no Key."))?;
        let object = self.object(bucket, key, text("VersionId"))?;
        match (request.manifest, request.input_type) {
            (Some(ManifestType::AthenaData), Some(input_type)) => {
                let files = athena::Manifest::new(unpacked(object)?);
                Ok(Box::new(Members::new(self.clone(), format(input_type), files)))
            }
            (Some(ManifestType::AthenaData), None) => Err(Broken::new("The ItemReader has no InputType.")),
            (Some(ManifestType::S3Inventory), _) | (None, Some(InputType::Manifest)) => {
                Ok(Box::new(Inventory::new(self.clone(), object)?))
            }
            (None, Some(input_type)) => self.items(object, &format(input_type)),
            (None, None) => Err(Broken::new("The ItemReader has no InputType.")),
        }
    }

    /// The items of one object.
    pub(super) fn items(&self, object: Blocks, format: &Format) -> Result<Box<dyn Items>, Broken> {
        let name = object.name();
        let text = |object| unpacked(object).and_then(|stream: Stream| checked(stream, &name));
        Ok(match format.input_type {
            InputType::Csv => Box::new(CsvItems::new(text(object)?, format)?),
            InputType::Json => Box::new(JsonItems::new(text(object)?, format.items_pointer.as_deref())?),
            InputType::JsonLines => Box::new(JsonLines::new(text(object)?)),
            #[cfg(feature = "parquet")]
            InputType::Parquet => Box::new(super::parquet::Rows::new(object)?),
            #[cfg(not(feature = "parquet"))]
            InputType::Parquet => return Err(Broken::new("This build reads no Parquet files.")),
            InputType::Manifest => return Err(Broken::new("A manifest cannot be a member of another data set.")),
        })
    }
}
