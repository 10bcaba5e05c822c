//! A bucket that is a folder: the key is the path.
//!
//! Content types follow from the file name unless they were given otherwise; those, and tags, lie in a file of
//! their own beside the buckets. The version of an object is its time of change, its size and its number on
//! the disk, so a file that is copied there by hand has one too. Objects are renamed into place; they are not forced to the disk one by one, as
//! each of them can be made again.

use super::files::{Writer, blocking, is_missing, read, remove};
use super::keys::{check_bucket, hashed, key_path, short};
use super::signer::UploadSigner;
use super::walk;
use crate::error::{ErrorName, Result, TaskError};
use crate::ports::{
    Bucket, ListPage, Listed, Object, ObjectInfo, ObjectPart, ObjectVersion, PortFuture, Surroundings, Tags, UploadUrl,
};
use aslx_asl::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// Objects in a page of a listing. Each page walks through the folder again, so it has more than S3's 1,000.
const PAGE: usize = 10_000;

/// Buckets below a folder. Cloning is cheap.
#[derive(Clone)]
pub struct DirectoryBucket {
    paths: Paths,
    signer: Arc<UploadSigner>,
    surroundings: Arc<dyn Surroundings>,
}

#[derive(Clone)]
struct Paths {
    buckets: PathBuf,
    notes: PathBuf,
    /// Parts of objects that have not appeared yet.
    parts: PathBuf,
    writer: Writer,
}

/// What a file name does not tell about an object.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Notes {
    key: String,
    content_type: Option<String>,
    tags: Tags,
}

impl DirectoryBucket {
    /// Buckets below this folder of data; nothing is made before it is needed. Upload addresses are signed by
    /// `signer`.
    pub fn new(data: &Path, signer: Arc<UploadSigner>, surroundings: Arc<dyn Surroundings>) -> DirectoryBucket {
        let writer = Writer::new(data);
        writer.clean();
        let paths =
            Paths { buckets: data.join("buckets"), notes: data.join("objects"), parts: data.join("parts"), writer };
        DirectoryBucket { paths, signer, surroundings }
    }

    /// Where the file of an object lies. Fails with `InvalidInput` when it cannot have one.
    pub fn path(&self, bucket: &str, key: &str) -> Result<PathBuf> {
        self.paths.object(bucket, key)
    }
}

impl Paths {
    fn object(&self, bucket: &str, key: &str) -> Result<PathBuf> {
        Ok(self.buckets.join(check_bucket(bucket)?).join(key_path(key)?))
    }

    fn notes(&self, bucket: &str, key: &str) -> PathBuf {
        self.notes.join(bucket).join(format!("{}.json", hashed(key)))
    }

    fn read_notes(&self, bucket: &str, key: &str) -> Result<Notes> {
        let path = self.notes(bucket, key);
        let Some(text) = read(&path)? else { return Ok(Notes::default()) };
        serde_json::from_slice(&text)
            .map_err(|e| TaskError::storage(format_args!("cannot read `{}`", path.display()), e))
    }

    fn write_notes(&self, bucket: &str, key: &str, mut notes: Notes) -> Result<()> {
        key.clone_into(&mut notes.key);
        let text = serde_json::to_vec_pretty(&notes).unwrap_or_default();
        self.writer.write(&self.notes(bucket, key), &text, false)
    }

    fn info(&self, bucket: &str, key: &str, file: &fs::Metadata) -> Result<ObjectInfo> {
        let notes = self.read_notes(bucket, key)?;
        let (version, last_modified) = version(file);
        Ok(ObjectInfo {
            last_modified,
            size: file.len(),
            version,
            content_type: notes.content_type.unwrap_or_else(|| content_type_of(key).to_owned()),
            tags: notes.tags,
        })
    }

    fn head(&self, bucket: &str, key: &str) -> Result<(PathBuf, ObjectInfo)> {
        let path = self.object(bucket, key)?;
        let metadata = fs::metadata(&path).map_err(|e| not_found(bucket, key, &e))?;
        if !metadata.is_file() {
            return Err(missing(bucket, key));
        }
        let info = self.info(bucket, key, &metadata)?;
        Ok((path, info))
    }

    /// Bytes of a version of an object.
    fn read(&self, object: &ObjectVersion, start: u64, end: u64) -> Result<Vec<u8>> {
        let ObjectVersion { bucket, key, version: expected } = object;
        let path = self.object(bucket, key)?;
        let failed = |e: &std::io::Error| not_found(bucket, key, e);
        let mut file = fs::File::open(path).map_err(|e| failed(&e))?;
        if version(&file.metadata().map_err(|e| failed(&e))?).0 != *expected {
            let message = format!("`{}` in bucket `{bucket}` has changed while it was being read", short(key));
            return Err(TaskError::new(ErrorName::ObjectChanged, message));
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(start)).map_err(|e| failed(&e))?;
        file.take(end.saturating_sub(start)).read_to_end(&mut bytes).map_err(|e| failed(&e))?;
        Ok(bytes)
    }

    fn list_page(&self, bucket: &str, prefix: &str, after: Option<&str>) -> Result<ListPage> {
        let root = self.buckets.join(check_bucket(bucket)?);
        if !root.is_dir() {
            return Err(TaskError::new(ErrorName::ObjectNotFound, format!("there is no bucket `{bucket}`")));
        }
        let mut page = ListPage::default();
        walk::keys(&root, prefix, after, &mut |key, file| {
            if page.objects.len() >= PAGE {
                page.more = true;
                return false;
            }
            let (version, last_modified) = version(file);
            page.objects.push(Listed { key, size: file.len(), version, last_modified });
            true
        })
        .map_err(|e| TaskError::storage(format_args!("cannot list `{}`", root.display()), e))?;
        Ok(page)
    }

    /// The parts lie in a folder of their own until the last one comes.
    fn put_part(&self, part: &ObjectPart) -> Result<String> {
        let ObjectPart { bucket, key, number, last, .. } = part;
        let path = self.object(bucket, key)?;
        self.check_place(bucket, key, &path)?;
        let folder = self.parts.join(bucket).join(hashed(key));
        let place = |number: u64| folder.join(number.to_string());
        let at = |e| TaskError::storage(format_args!("cannot write `{}`", path.display()), e);
        if !last {
            self.writer.write(&place(*number), &part.body, false)?;
        } else if *number == 0 {
            self.put(bucket, key, &part.body, &part.content_type)?;
        } else {
            remove(&self.notes(bucket, key))?;
            let open = |number| fs::File::open(place(number));
            let sources = (0..*number).map(open).collect::<std::io::Result<Vec<_>>>().map_err(at)?;
            self.writer.join(&path, sources, &part.body)?;
            fs::remove_dir_all(&folder).map_err(at)?;
        }
        Ok(number.to_string())
    }

    fn put(&self, bucket: &str, key: &str, body: &[u8], content_type: &str) -> Result<ObjectInfo> {
        let path = self.object(bucket, key)?;
        self.check_place(bucket, key, &path)?;
        // The old tags go first: they never describe the new content.
        remove(&self.notes(bucket, key))?;
        self.writer.write(&path, body, false)?;
        if content_type != content_type_of(key) {
            let notes = Notes { content_type: Some(content_type.to_owned()), ..Notes::default() };
            self.write_notes(bucket, key, notes)?;
        }
        self.head(bucket, key).map(|(_, info)| info)
    }

    /// A folder cannot hold both an object `a` and an object `a/b`, S3 can.
    fn check_place(&self, bucket: &str, key: &str, path: &Path) -> Result<()> {
        let root = self.buckets.join(bucket);
        let above = path.ancestors().skip(1).take_while(|p| *p != root).find(|p| p.is_file());
        if path.is_dir() || above.is_some() {
            return Err(TaskError::input(format!(
                "`{}` cannot be stored in `{bucket}`: a folder cannot hold an object and others below its name",
                short(key)
            )));
        }
        Ok(())
    }

    fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<String>> {
        let root = self.buckets.join(check_bucket(bucket)?);
        if !root.is_dir() {
            return Err(TaskError::new(ErrorName::ObjectNotFound, format!("there is no bucket `{bucket}`")));
        }
        let mut keys = Vec::new();
        let found = walk::keys(&root, prefix, None, &mut |key, _| {
            keys.push(key);
            true
        });
        found.map_err(|e| TaskError::storage(format_args!("cannot list `{}`", root.display()), e))?;
        Ok(keys)
    }
}

impl Bucket for DirectoryBucket {
    fn put<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        body: Vec<u8>,
        content_type: &'a str,
    ) -> PortFuture<'a, ObjectInfo> {
        let (paths, bucket, key) = (self.paths.clone(), bucket.to_owned(), key.to_owned());
        let content_type = content_type.to_owned();
        Box::pin(blocking(move || paths.put(&bucket, &key, &body, &content_type)))
    }

    fn get<'a>(&'a self, bucket: &'a str, key: &'a str, max_bytes: u64) -> PortFuture<'a, Object> {
        let (paths, bucket, key) = (self.paths.clone(), bucket.to_owned(), key.to_owned());
        Box::pin(blocking(move || {
            let (path, info) = paths.head(&bucket, &key)?;
            if info.size > max_bytes {
                let message = format!("`{}` has {} bytes, at most {max_bytes} are read", short(&key), info.size);
                return Err(TaskError::new(ErrorName::ImageTooLarge, message));
            }
            let body = read(&path)?.ok_or_else(|| missing(&bucket, &key))?;
            Ok(Object { info, body: Arc::new(body) })
        }))
    }

    fn head<'a>(&'a self, bucket: &'a str, key: &'a str) -> PortFuture<'a, ObjectInfo> {
        let (paths, bucket, key) = (self.paths.clone(), bucket.to_owned(), key.to_owned());
        Box::pin(blocking(move || paths.head(&bucket, &key).map(|(_, info)| info)))
    }

    fn tag<'a>(&'a self, bucket: &'a str, key: &'a str, tags: &'a Tags) -> PortFuture<'a, ()> {
        let (paths, bucket, key) = (self.paths.clone(), bucket.to_owned(), key.to_owned());
        let tags = tags.clone();
        Box::pin(blocking(move || {
            paths.head(&bucket, &key)?;
            let mut notes = paths.read_notes(&bucket, &key)?;
            notes.tags.extend(tags);
            paths.write_notes(&bucket, &key, notes)
        }))
    }

    fn list<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> PortFuture<'a, Vec<String>> {
        let (paths, bucket, prefix) = (self.paths.clone(), bucket.to_owned(), prefix.to_owned());
        Box::pin(blocking(move || paths.list(&bucket, &prefix)))
    }

    fn list_page<'a>(&'a self, bucket: &'a str, prefix: &'a str, after: Option<&'a str>) -> PortFuture<'a, ListPage> {
        let (paths, bucket, prefix) = (self.paths.clone(), bucket.to_owned(), prefix.to_owned());
        let after = after.map(str::to_owned);
        Box::pin(blocking(move || paths.list_page(&bucket, &prefix, after.as_deref())))
    }

    fn read<'a>(&'a self, object: &'a ObjectVersion, start: u64, end: u64) -> PortFuture<'a, Vec<u8>> {
        let (paths, object) = (self.paths.clone(), object.clone());
        Box::pin(blocking(move || paths.read(&object, start, end)))
    }

    fn put_part(&self, part: ObjectPart) -> PortFuture<'_, String> {
        let paths = self.paths.clone();
        Box::pin(blocking(move || paths.put_part(&part)))
    }

    fn upload_url<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        content_type: &'a str,
        expires_in: Duration,
    ) -> PortFuture<'a, UploadUrl> {
        let (this, bucket, key) = (self.clone(), bucket.to_owned(), key.to_owned());
        let content_type = content_type.to_owned();
        Box::pin(blocking(move || {
            this.paths.object(&bucket, &key)?;
            let url = this.signer.sign(&bucket, &key, &content_type, expires_in, this.surroundings.now())?;
            Ok(UploadUrl { url, content_type, expires_in })
        }))
    }
}

/// What tells a version of a file from the others, and when it was written.
fn version(file: &fs::Metadata) -> (String, Timestamp) {
    let changed = file.modified().ok().and_then(|m| m.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let millis = i64::try_from(changed.as_millis()).unwrap_or(i64::MAX);
    let version = format!("{:x}-{:x}-{:x}", changed.as_nanos(), file.len(), file_number(file));
    (version, Timestamp::from_millis(millis))
}

fn missing(bucket: &str, key: &str) -> TaskError {
    TaskError::new(ErrorName::ObjectNotFound, format!("there is no object `{}` in bucket `{bucket}`", short(key)))
}

fn not_found(bucket: &str, key: &str, e: &std::io::Error) -> TaskError {
    if is_missing(e) {
        return missing(bucket, key);
    }
    TaskError::storage(format_args!("cannot look at `{}` in bucket `{bucket}`", short(key)), e)
}

/// What tells a file from the one that it replaced, even within a tick of the clock.
#[cfg(unix)]
fn file_number(file: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(file)
}

#[cfg(not(unix))]
fn file_number(_: &fs::Metadata) -> u64 {
    0
}

/// The media type that a name suggests.
fn content_type_of(key: &str) -> &'static str {
    let extension = key.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, e)| e.to_ascii_lowercase());
    match extension.as_deref() {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("gif") => "image/gif",
        Some("bmp") => "image/bmp",
        Some("tif" | "tiff") => "image/tiff",
        Some("json") => "application/json",
        Some("txt") => "text/plain",
        _ => "application/octet-stream",
    }
}
