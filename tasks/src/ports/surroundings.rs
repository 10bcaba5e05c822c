//! The time of day and fresh ids, so that a test can fix both.

use aslx_asl::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a handler may not make up itself.
pub trait Surroundings: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// A UUID that nobody has seen before.
    fn new_id(&self) -> String;
}

/// The machine's clock, and random ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealSurroundings;

impl Surroundings for RealSurroundings {
    #[expect(clippy::disallowed_methods, reason = "this is the clock of the tasks")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn new_id(&self) -> String {
        uuid::Uuid::new_v4().to_string()
    }
}

/// A clock that stands still, and ids in sequence: what tests compare against.
#[derive(Debug)]
pub struct FixedSurroundings {
    now: Timestamp,
    next: AtomicU64,
}

impl FixedSurroundings {
    /// Always this time; the first id ends in 1.
    pub fn new(now: Timestamp) -> FixedSurroundings {
        FixedSurroundings { now, next: AtomicU64::new(1) }
    }
}

impl Surroundings for FixedSurroundings {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn new_id(&self) -> String {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        uuid::Builder::from_random_bytes(u128::from(n).to_be_bytes()).into_uuid().to_string()
    }
}
