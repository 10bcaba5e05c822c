//! An S3 inventory: a manifest that names packed CSV files; the items are their rows, under the names of the
//! manifest's schema.

use super::blocks::Blocks;
use super::csv::CsvItems;
use super::items::{Broken, Items, MAX_ITEM, Next};
use super::source::{Format, Source};
use super::stream::unpack;
use aslx_asl::program::InputType;
use md5::{Digest, Md5};
use serde::Deserialize;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

/// What is needed of `manifest.json` (S3 user guide, "Locating your inventory").
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    destination_bucket: String,
    file_format: String,
    file_schema: String,
    files: VecDeque<File>,
}

#[derive(Deserialize)]
struct File {
    key: String,
    size: Option<u64>,
    #[serde(rename = "MD5checksum")]
    md5: Option<String>,
}

pub(super) struct Inventory {
    source: Source,
    bucket: String,
    format: Format,
    files: VecDeque<File>,
    open: Option<CsvItems>,
}

impl Inventory {
    pub(super) fn new(source: Source, object: Blocks) -> Result<Inventory, Broken> {
        let name = object.name();
        let mut text = Vec::new();
        let read = object.take(MAX_ITEM).read_to_end(&mut text);
        read.map_err(|error| Broken::new(format!("{error}.")))?;
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|error| Broken::new(format!("{name} is no manifest of an S3 inventory: {error}.")))?;
        if manifest.file_format != "CSV" {
            return Err(Broken::new(format!(
                "The S3 inventory {name} has the format {}; inventories in CSV are read.",
                manifest.file_format
            )));
        }
        let headers: Vec<Arc<str>> = manifest.file_schema.split(',').map(|column| column.trim().into()).collect();
        let bucket = manifest.destination_bucket;
        Ok(Inventory {
            source,
            bucket: bucket.rsplit(':').next().unwrap_or_default().to_owned(),
            format: Format {
                input_type: InputType::Csv,
                csv_headers: Some(headers),
                csv_delimiter: b',',
                items_pointer: None,
            },
            files: manifest.files,
            open: None,
        })
    }

    fn open(&self, file: File) -> Result<CsvItems, Broken> {
        let object = self.source.object(&self.bucket, &file.key, None)?;
        let name = object.name();
        if let Some(size) = file.size
            && size != object.size()
        {
            return Err(Broken::new(format!(
                "{name} has {} bytes, but {size} by the manifest of the S3 inventory.",
                object.size()
            )));
        }
        let raw: Box<dyn Read + Send> = match file.md5 {
            Some(md5) => {
                Box::new(Verified { rest: object.size(), object, md5: Md5::new(), expected: md5.to_lowercase() })
            }
            None => Box::new(object),
        };
        CsvItems::new(unpack(raw, name)?, &self.format)
    }
}

impl Items for Inventory {
    fn next(&mut self) -> Next {
        loop {
            if let Some(items) = &mut self.open
                && let Some(item) = items.next()?
            {
                return Ok(Some(item));
            }
            match self.files.pop_front() {
                Some(file) => self.open = Some(self.open(file)?),
                None => return Ok(None),
            }
        }
    }
}

/// The bytes of an object; the last of them are only given if all have the right hash.
struct Verified {
    object: Blocks,
    rest: u64,
    md5: Md5,
    expected: String,
}

impl Read for Verified {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.object.read(buffer)?;
        self.md5.update(buffer.get(..count).unwrap_or_default());
        self.rest = self.rest.saturating_sub(count as u64);
        if self.rest == 0 && count > 0 {
            let found: String = self.md5.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            if found != self.expected {
                return Err(io::Error::other(format!(
                    "{} has the MD5 checksum {found}, but {} by the manifest of the S3 inventory",
                    self.object.name(),
                    self.expected
                )));
            }
        }
        Ok(count)
    }
}
