//! Photos of a bucket, decoded once for everybody who looks at them at about the same time.
//!
//! Thumbnails and the offline analysis of one photo run side by side, and decoding is nearly all of their work. So
//! whoever comes first decodes, the other waits for it; the result stays for a short while.

use crate::error::{ErrorName, Result, TaskError};
use crate::picture::{LARGEST, PictureLimits, Shrunk, shrink};
use crate::ports::Bucket;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OnceCell, Semaphore};

/// Decoded photos that are kept, at most a megabyte each.
const KEPT: usize = 32;

type Slot = Arc<OnceCell<Arc<Shrunk>>>;

/// Reads and decodes photos, as many at a time as there are processors.
pub struct Pictures {
    bucket: Arc<dyn Bucket>,
    limits: PictureLimits,
    processors: Semaphore,
    recent: Mutex<VecDeque<(PhotoId, Slot)>>,
}

/// A version of an object.
#[derive(Clone, PartialEq, Eq)]
struct PhotoId {
    bucket: String,
    key: String,
    version: String,
}

impl Pictures {
    /// Photos of this bucket, within these limits.
    pub fn new(bucket: Arc<dyn Bucket>, limits: PictureLimits) -> Pictures {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Pictures { bucket, limits, processors: Semaphore::new(processors), recent: Mutex::default() }
    }

    /// A photo with its longer side shrunk to 600 pixels. Errors: those of [`Bucket::get`] and of [`shrink`].
    pub async fn shrunk(&self, bucket: &str, key: &str) -> Result<Arc<Shrunk>> {
        let info = self.bucket.head(bucket, key).await?;
        let id = PhotoId { bucket: bucket.to_owned(), key: key.to_owned(), version: info.version };
        let slot = self.slot(&id);
        let decoded = slot.get_or_try_init(|| async {
            // The permit first: no more files are in memory than are being decoded.
            let _processor = self.permit().await?;
            let object = self.bucket.get(bucket, key, self.limits.max_bytes).await?;
            let limits = self.limits;
            computed(move || shrink(&object.body, LARGEST, &limits).map(Arc::new)).await
        });
        decoded.await.cloned()
    }

    /// Runs work that keeps a processor busy, aside from the asynchronous threads and not too much at a time.
    pub async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let _processor = self.permit().await?;
        computed(work).await
    }

    async fn permit(&self) -> Result<tokio::sync::SemaphorePermit<'_>> {
        self.processors.acquire().await.map_err(|e| TaskError::storage("no processor", e))
    }

    fn slot(&self, id: &PhotoId) -> Slot {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, slot)) = recent.iter().find(|(known, _)| known == id) {
            return Arc::clone(slot);
        }
        if recent.len() >= KEPT {
            recent.pop_front();
        }
        let slot = Slot::default();
        recent.push_back((id.clone(), Arc::clone(&slot)));
        slot
    }
}

/// A decoder that breaks down on a file fails this task, permanently, and nothing else.
async fn computed<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(e) if e.is_panic() => {
            Err(TaskError::new(ErrorName::CorruptImage, "the decoder broke down on this picture"))
        }
        Err(e) => Err(TaskError::storage("the work was cut short", e)),
    }
}
