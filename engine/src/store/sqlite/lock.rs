//! One process per directory.

use super::OpenError;
use aslx_asl::Timestamp;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// How the file begins.
const MARK: &str = "process ";

/// Held as long as the store is open. The system gives it back when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says who has it. `since` is written down for whoever comes second.
    pub(super) fn take(directory: &Path, since: Timestamp) -> Result<Lock, OpenError> {
        let failed = |source| OpenError::Directory { directory: directory.to_owned(), source };
        let path = directory.join("lock");
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who has it is only a help: it may be just about to write it down.
                let _ = file.read_to_string(&mut holder);
                let holder = if holder.trim().is_empty() { "another process" } else { holder.trim() };
                return Err(OpenError::InUse { directory: directory.to_owned(), holder: holder.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut before = Vec::new();
        file.read_to_end(&mut before).map_err(failed)?;
        // One of ours, or one that had just been made when its process ended. What is another's stays as it is.
        if !before.is_empty() && !before.starts_with(MARK.as_bytes()) {
            return Err(OpenError::OtherLock { file: path });
        }
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{MARK}{} since {since}", std::process::id())
        };
        write(&mut file).map_err(failed)?;
        Ok(Lock { _file: file })
    }
}
