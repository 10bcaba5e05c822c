//! Retry arithmetic.

use super::ErrorPattern;

/// An entry of `Retry`. Every retrier counts for itself, for one visit of its state.
#[derive(Debug)]
pub struct Retrier {
    /// `ErrorEquals`.
    pub errors: Vec<ErrorPattern>,
    /// `IntervalSeconds`; 1 when absent.
    pub interval_seconds: u64,
    /// `MaxAttempts`: retries after the first attempt; 3 when absent, 0 means never.
    pub max_attempts: u64,
    /// `BackoffRate`; 2.0 when absent.
    pub backoff_rate: f64,
    /// `MaxDelaySeconds`.
    pub max_delay_seconds: Option<u64>,
    /// `JitterStrategy` is `FULL`.
    pub full_jitter: bool,
}

impl Retrier {
    /// Milliseconds before the retry that follows `done` retries by this retrier: interval × rate^done, at most
    /// MaxDelaySeconds (AWS developer guide, "Retrying after an error"). `draw` is used for full jitter only: a
    /// uniform delay from zero up to that.
    pub fn delay_millis(&self, done: u64, draw: impl FnOnce() -> u64) -> i64 {
        let exponent = i32::try_from(done).unwrap_or(i32::MAX);
        let mut seconds = self.interval_seconds as f64 * self.backoff_rate.powi(exponent);
        if let Some(max) = self.max_delay_seconds {
            seconds = seconds.min(max as f64);
        }
        // A century is as good as for ever, and keeps the sum with a date finite.
        let millis = (seconds * 1000.0).round().min(100.0 * 366.0 * 86_400_000.0) as i64;
        if self.full_jitter {
            return (draw() % (millis.unsigned_abs() + 1)) as i64;
        }
        millis
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retrier(interval: u64, rate: f64, max: Option<u64>, jitter: bool) -> Retrier {
        Retrier {
            errors: Vec::new(),
            interval_seconds: interval,
            max_attempts: 3,
            backoff_rate: rate,
            max_delay_seconds: max,
            full_jitter: jitter,
        }
    }

    #[test]
    fn delays_grow_by_the_rate_up_to_the_maximum() {
        let r = retrier(3, 1.5, Some(6), false);
        let delays: Vec<_> = (0..4).map(|n| r.delay_millis(n, || 0)).collect();
        assert_eq!(delays, [3_000, 4_500, 6_000, 6_000]);
        assert!(retrier(99_999_999, 10.0, None, false).delay_millis(u64::MAX, || 0) > 0);
    }

    #[test]
    fn full_jitter_stays_between_zero_and_the_delay() {
        let r = retrier(2, 2.0, None, true);
        for draw in [0, 1, 1_999, 2_000, 2_001, u64::MAX] {
            assert!((0..=2_000).contains(&r.delay_millis(0, || draw)));
        }
    }
}
