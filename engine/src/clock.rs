//! Time, for drivers. The interpreter has none.

use aslx_asl::Timestamp;
use futures_util::future::BoxFuture;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where a driver gets its time from.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Ends when this time has come; at once if it has passed.
    fn sleep_until(&self, due: Timestamp) -> BoxFuture<'static, ()>;
}

/// The machine's clock. It needs a tokio runtime with time enabled.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, due: Timestamp) -> BoxFuture<'static, ()> {
        let millis = due.as_millis().saturating_sub(self.now().as_millis());
        let wait = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
        Box::pin(tokio::time::sleep(wait))
    }
}

/// Measures how long real work took.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "measures real work, which no model knows")]
    pub fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// Since it was started.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
