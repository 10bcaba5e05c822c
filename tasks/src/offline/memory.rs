//! A bucket in memory: what tests and simulations give a distributed Map to read.

use super::keys::short;
use crate::error::{ErrorName, Result, TaskError};
use crate::ports::{
    Bucket, ListPage, Listed, Object, ObjectInfo, ObjectPart, ObjectVersion, PortFuture, Tags, UploadUrl,
};
use aslx_asl::Timestamp;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Objects in a page of a listing, as S3 gives them.
const PAGE: usize = 1_000;

/// Buckets that last as long as this value. Any name is a bucket's; cloning shares the content.
#[derive(Clone, Default)]
pub struct MemoryBucket {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<(String, String), Object>,
    parts: BTreeMap<(String, String), Vec<u8>>,
    writes: u64,
}

impl MemoryBucket {
    /// No bucket has an object.
    pub fn new() -> MemoryBucket {
        MemoryBucket::default()
    }

    /// Puts an object there.
    pub fn insert(&self, bucket: &str, key: &str, body: impl Into<Vec<u8>>) -> ObjectInfo {
        self.lock().put(bucket, key, body.into(), "application/octet-stream")
    }

    /// The content of an object.
    pub fn content(&self, bucket: &str, key: &str) -> Option<Arc<Vec<u8>>> {
        self.lock().objects.get(&(bucket.to_owned(), key.to_owned())).map(|object| object.body.clone())
    }

    /// All keys of a bucket.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.lock().objects.keys().filter(|(name, _)| name == bucket).map(|(_, key)| key.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn put(&mut self, bucket: &str, key: &str, body: Vec<u8>, content_type: &str) -> ObjectInfo {
        self.writes += 1;
        let info = ObjectInfo {
            size: body.len() as u64,
            version: format!("{:032x}", self.writes),
            last_modified: Timestamp::from_millis(0),
            content_type: content_type.to_owned(),
            tags: Tags::new(),
        };
        self.objects.insert((bucket.to_owned(), key.to_owned()), Object { info: info.clone(), body: Arc::new(body) });
        info
    }

    fn get(&self, bucket: &str, key: &str) -> Result<&Object> {
        self.objects.get(&(bucket.to_owned(), key.to_owned())).ok_or_else(|| {
            let message = format!("there is no object `{}` in bucket `{bucket}`", short(key));
            TaskError::new(ErrorName::ObjectNotFound, message)
        })
    }
}

fn ready<'a, T: Send + 'a>(result: Result<T>) -> PortFuture<'a, T> {
    Box::pin(std::future::ready(result))
}

impl Bucket for MemoryBucket {
    fn put<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        body: Vec<u8>,
        content_type: &'a str,
    ) -> PortFuture<'a, ObjectInfo> {
        ready(Ok(self.lock().put(bucket, key, body, content_type)))
    }

    fn get<'a>(&'a self, bucket: &'a str, key: &'a str, max_bytes: u64) -> PortFuture<'a, Object> {
        ready(self.lock().get(bucket, key).cloned().and_then(|object| {
            if object.info.size > max_bytes {
                let message = format!("`{}` has {} bytes, at most {max_bytes} are read", short(key), object.info.size);
                return Err(TaskError::new(ErrorName::ImageTooLarge, message));
            }
            Ok(object)
        }))
    }

    fn head<'a>(&'a self, bucket: &'a str, key: &'a str) -> PortFuture<'a, ObjectInfo> {
        ready(self.lock().get(bucket, key).map(|object| object.info.clone()))
    }

    fn tag<'a>(&'a self, bucket: &'a str, key: &'a str, tags: &'a Tags) -> PortFuture<'a, ()> {
        let mut state = self.lock();
        let found = state.get(bucket, key).map(drop);
        if let Some(object) = state.objects.get_mut(&(bucket.to_owned(), key.to_owned())) {
            object.info.tags.extend(tags.clone());
        }
        ready(found)
    }

    fn list<'a>(&'a self, bucket: &'a str, prefix: &'a str) -> PortFuture<'a, Vec<String>> {
        ready(Ok(self.keys(bucket).into_iter().filter(|key| key.starts_with(prefix)).collect()))
    }

    fn list_page<'a>(&'a self, bucket: &'a str, prefix: &'a str, after: Option<&'a str>) -> PortFuture<'a, ListPage> {
        let state = self.lock();
        let first = match after {
            Some(after) => Bound::Excluded((bucket.to_owned(), after.to_owned())),
            None => Bound::Included((bucket.to_owned(), prefix.to_owned())),
        };
        let found = state.objects.range((first, Bound::Unbounded));
        let mut found = found.take_while(|((name, key), _)| name == bucket && key.starts_with(prefix));
        let listed = |((_, key), object): (&(String, String), &Object)| Listed {
            key: key.clone(),
            size: object.info.size,
            version: object.info.version.clone(),
            last_modified: object.info.last_modified,
        };
        let objects = found.by_ref().take(PAGE).map(listed).collect();
        ready(Ok(ListPage { objects, more: found.next().is_some() }))
    }

    fn read<'a>(&'a self, object: &'a ObjectVersion, start: u64, end: u64) -> PortFuture<'a, Vec<u8>> {
        ready(self.lock().get(&object.bucket, &object.key).and_then(|found| {
            if found.info.version != object.version {
                let message = format!(
                    "`{}` in bucket `{}` has changed while it was being read",
                    short(&object.key),
                    object.bucket
                );
                return Err(TaskError::new(ErrorName::ObjectChanged, message));
            }
            let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(found.body.len());
            Ok(found.body.get(place(start)..place(end)).unwrap_or_default().to_vec())
        }))
    }

    fn put_part(&self, part: ObjectPart) -> PortFuture<'_, String> {
        let mut state = self.lock();
        let name = (part.bucket.clone(), part.key.clone());
        let mut body = if part.number == 0 { Vec::new() } else { state.parts.remove(&name).unwrap_or_default() };
        body.extend_from_slice(&part.body);
        if part.last {
            state.put(&part.bucket, &part.key, body, &part.content_type);
        } else {
            state.parts.insert(name, body);
        }
        ready(Ok(part.number.to_string()))
    }

    fn upload_url<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        _content_type: &'a str,
        _expires_in: Duration,
    ) -> PortFuture<'a, UploadUrl> {
        let message = format!("nothing can be uploaded to `{}` in bucket `{bucket}`: it is in memory", short(key));
        ready(Err(TaskError::input(message)))
    }
}
