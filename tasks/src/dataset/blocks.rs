//! The bytes of one version of an object, in ranges.

use crate::ports::{Bucket, ObjectVersion};
use std::io::{self, Read};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Bytes that are asked for at a time.
const BLOCK: u64 = 1024 * 1024;

/// An object, read from the beginning to the end, or in places.
#[derive(Clone)]
pub(super) struct Blocks {
    bucket: Arc<dyn Bucket>,
    runtime: Handle,
    at: Arc<ObjectVersion>,
    size: u64,
    position: u64,
    block: Vec<u8>,
    used: usize,
}

impl Blocks {
    pub(super) fn new(bucket: Arc<dyn Bucket>, runtime: Handle, at: ObjectVersion, size: u64) -> Blocks {
        Blocks { bucket, runtime, at: Arc::new(at), size, position: 0, block: Vec::new(), used: 0 }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// How people call it.
    pub(super) fn name(&self) -> String {
        format!("s3://{}/{}", self.at.bucket, self.at.key)
    }

    /// The same object, to be read from here.
    #[cfg(feature = "parquet")]
    pub(super) fn from(&self, position: u64) -> Blocks {
        Blocks { position, block: Vec::new(), used: 0, ..self.clone() }
    }

    /// Bytes from here, as many as there are and at most so many.
    pub(super) fn range(&self, start: u64, length: u64) -> io::Result<Vec<u8>> {
        let end = start.saturating_add(length).min(self.size);
        if start >= end {
            return Ok(Vec::new());
        }
        let read = self.runtime.block_on(self.bucket.read(&self.at, start, end));
        let bytes = read.map_err(|error| io::Error::other(error.message().to_owned()))?;
        if bytes.len() as u64 != end - start {
            let what = format!("{} ends after {} of {} bytes", self.name(), start + bytes.len() as u64, self.size);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, what));
        }
        Ok(bytes)
    }
}

impl Read for Blocks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used >= self.block.len() {
            self.block = self.range(self.position, BLOCK)?;
            self.position += self.block.len() as u64;
            self.used = 0;
        }
        let rest = self.block.get(self.used..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.used += count;
        Ok(count)
    }
}
