//! The ports without AWS: real work on real files below one folder.
//!
//! ```text
//! <data>/buckets/<bucket>/<key>    objects, as they are; a file that is put there by hand is an object too
//! <data>/objects/<bucket>/…        content types and tags that a file name does not tell
//! <data>/parts/<bucket>/…          parts of objects that are being written
//! <data>/tables/<table>/…          one JSON file per row, in DynamoDB's notation
//! <data>/outbox.jsonl              published messages, one JSON object per line
//! <data>/upload-secret             the key that signs upload addresses
//! <data>/tmp/                      files that are being written
//! ```
//!
//! Every file is written under another name first and then renamed, so a reader sees the old content or the new one,
//! and a process that is killed leaves nothing half-written in sight.

mod analyser;
mod bucket;
mod decimal;
mod expression;
mod files;
mod keys;
mod memory;
mod outbox;
mod pixels;
mod recording;
mod signer;
mod table;
mod walk;

pub use analyser::OfflineAnalysis;
pub use bucket::DirectoryBucket;
pub use memory::MemoryBucket;
pub use outbox::Outbox;
pub use pixels::BUILT_IN_ANALYSER;
pub use recording::RECORDING_SUFFIX;
pub use signer::{UploadClaim, UploadSigner};
pub use table::{FileTable, KeySchema};
