//! Why a directory cannot be opened, and what SQLite's errors mean here.

use crate::store::StoreError;
use std::path::PathBuf;

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("the data directory `{}` is in use by {holder}", .directory.display())]
    InUse {
        /// The directory.
        directory: PathBuf,
        /// Who has it, and since when, as it says itself.
        holder: String,
    },
    /// There is a file `lock` that something else has written.
    #[error("`{}` belongs to another program", .file.display())]
    OtherLock {
        /// The file.
        file: PathBuf,
    },
    /// The file is something else.
    #[error("`{FILE}` is an SQLite database, but not one of aslx", FILE = super::FILE)]
    Foreign,
    /// A later version has written it.
    #[error("the store has the tables of version {found}, this program knows up to version {known}")]
    Newer {
        /// Version of the file.
        found: i64,
        /// Version of this program.
        known: i64,
    },
    /// The directory or the lock cannot be used.
    #[error("the data directory `{}` cannot be used: {source}", .directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Commits that a crash has left cannot be read.
    #[error("the store cannot be opened: {0}")]
    Inbox(String),
    /// SQLite says no.
    #[error("the store cannot be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// What a caller is told.
pub(super) fn failed(error: &rusqlite::Error) -> StoreError {
    StoreError::Failed(error.to_string())
}

/// Whether an error passes, and nothing has been kept: the disk was full, or a write (not a sync) failed.
pub(super) fn passes(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map_or(0, |error| error.extended_code);
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) || code == rusqlite::ffi::SQLITE_IOERR_WRITE
}

/// What the others of a group are told when one commit did not fit: SQLite has then taken back all of them.
pub(super) fn full() -> StoreError {
    StoreError::Failed("the disk is full, or something else has ended the transaction".into())
}
