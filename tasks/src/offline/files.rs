//! Files that appear whole or not at all.

use crate::error::{Result, TaskError};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Files in the folder for unfinished ones that are older than this belong to nobody any more.
const ABANDONED: Duration = Duration::from_secs(3600);

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Runs blocking work where it does not hold up others.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(e) => Err(TaskError::storage("the work was cut short", e)),
    }
}

/// Writes files by way of a folder for unfinished ones.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    unfinished: PathBuf,
}

impl Writer {
    pub(super) fn new(data: &Path) -> Writer {
        Writer { unfinished: data.join("tmp") }
    }

    /// Puts a file in place of what is there. `durable`: the content has reached the disk before the name does.
    pub(super) fn write(&self, path: &Path, content: &[u8], durable: bool) -> Result<()> {
        let at = |e| TaskError::storage(format_args!("cannot write `{}`", path.display()), e);
        let (mut file, temporary) = self.create().map_err(at)?;
        let written = file.write_all(content).and_then(|()| if durable { file.sync_data() } else { Ok(()) });
        drop(file);
        let renamed = written.and_then(|()| rename(&temporary, path));
        if renamed.is_err() {
            // Whatever the reason: nothing half-written stays.
            let _ = fs::remove_file(&temporary);
        }
        renamed.map_err(at)
    }

    /// Puts a file in place that has the content of other files, and then this.
    pub(super) fn join(&self, path: &Path, sources: Vec<File>, content: &[u8]) -> Result<()> {
        let at = |e| TaskError::storage(format_args!("cannot write `{}`", path.display()), e);
        let (mut file, temporary) = self.create().map_err(at)?;
        let copied = sources.into_iter().try_for_each(|mut source| std::io::copy(&mut source, &mut file).map(drop));
        let written = copied.and_then(|()| file.write_all(content));
        drop(file);
        let renamed = written.and_then(|()| rename(&temporary, path));
        if renamed.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        renamed.map_err(at)
    }

    fn create(&self) -> std::io::Result<(File, PathBuf)> {
        loop {
            let name = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let path = self.unfinished.join(name);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok((file, path)),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => fs::create_dir_all(&self.unfinished)?,
                Err(e) => return Err(e),
            }
        }
    }

    /// Removes what killed processes left.
    #[expect(clippy::disallowed_methods, reason = "compared with the times that the file system writes")]
    pub(super) fn clean(&self) {
        let Ok(entries) = fs::read_dir(&self.unfinished) else { return };
        for entry in entries.flatten() {
            let modified = entry.metadata().and_then(|m| m.modified());
            let age = modified.ok().and_then(|m| SystemTime::now().duration_since(m).ok());
            if age.is_some_and(|a| a > ABANDONED) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Renames; makes the folder if it is missing.
fn rename(from: &Path, to: &Path) -> std::io::Result<()> {
    match fs::rename(from, to) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::rename(from, to)
        }
        other => other,
    }
}

/// The content of a file; `None` if there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(e) if is_missing(&e) => Ok(None),
        Err(e) => Err(TaskError::storage(format_args!("cannot read `{}`", path.display()), e)),
    }
}

/// Removes a file; one that is not there is removed already.
pub(super) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(e) if !is_missing(&e) => Err(TaskError::storage(format_args!("cannot remove `{}`", path.display()), e)),
        _ => Ok(()),
    }
}

/// Whether an error says that there is no such file.
pub(super) fn is_missing(e: &std::io::Error) -> bool {
    matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

/// Opens a file, makes it if needed, and waits until this is the only holder of its lock, in any process. The lock
/// is given back when the file is closed, also by a process that is killed.
pub(super) fn lock(path: &Path) -> Result<File> {
    let open = || OpenOptions::new().read(true).append(true).create(true).open(path);
    let opened = match open() {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| open())
        }
        other => other,
    };
    opened
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|e| TaskError::storage(format_args!("cannot lock `{}`", path.display()), e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_put_in_place_leaves_nothing() {
        let data = tempfile::tempdir().unwrap();
        let writer = Writer::new(data.path());
        let target = data.path().join("folder");
        fs::create_dir_all(target.join("full")).unwrap();
        assert!(writer.write(&target, b"content", true).is_err());
        assert_eq!(fs::read_dir(data.path().join("tmp")).unwrap().count(), 0);
        writer.write(&target.join("a/b/c"), b"content", false).unwrap();
        assert_eq!(fs::read(target.join("a/b/c")).unwrap(), b"content");
    }
}
