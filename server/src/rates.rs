//! Rates: token buckets, as AWS has them, one for each operation and one for all.

use crate::error::ApiError;
use crate::http::Limits;
use aslx_asl::MachineType;
use aslx_engine::Stopwatch;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Size and refill per second of the buckets of AWS's larger regions (Step Functions quotas, API throttling).
fn quota(operation: &str) -> (u32, u32) {
    match operation {
        "StartExecution" | "RedriveExecution" => (1_300, 300),
        EXPRESS | "StartSyncExecution" => (6_000, 6_000),
        "StopExecution" => (1_000, 200),
        "GetActivityTask" | "SendTaskSuccess" | "SendTaskFailure" | "SendTaskHeartbeat" => (3_000, 500),
        "DescribeExecution" => (300, 15),
        "GetExecutionHistory" => (400, 20),
        "ListExecutions" => (200, 5),
        "ListStateMachines" => (100, 5),
        "ListActivities" => (100, 10),
        "DescribeStateMachine" => (200, 20),
        "DescribeStateMachineForExecution"
        | "DescribeActivity"
        | "DescribeMapRun"
        | "TagResource"
        | "UntagResource" => (200, 1),
        "TestState" => (50, 10),
        _ => (100, 1),
    }
}

/// StartExecution of an Express state machine has a bucket of its own.
const EXPRESS: &str = "StartExecution of EXPRESS";

/// The rates of a server.
#[derive(Debug)]
pub(crate) struct Rates {
    since: Stopwatch,
    per_second: Option<u32>,
    aws: bool,
    buckets: Mutex<HashMap<&'static str, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Duration,
}

impl Rates {
    pub(crate) fn of(limits: &Limits) -> Rates {
        let (per_second, aws) = (limits.requests_per_second, limits.aws_rates);
        Rates { since: Stopwatch::start(), per_second, aws, buckets: Mutex::default() }
    }

    /// A request of this operation, whose name is one of the table. That of StartExecution is judged by
    /// [`Rates::start`], when the type of the machine is known.
    ///
    /// Errors: there were too many.
    pub(crate) fn request(&self, operation: &'static str) -> Result<(), ApiError> {
        if let Some(rate) = self.per_second {
            self.take("", rate, rate)?;
        }
        if self.aws && operation != "StartExecution" {
            let (size, refill) = quota(operation);
            self.take(operation, size, refill)?;
        }
        Ok(())
    }

    /// A StartExecution of a machine of this type.
    ///
    /// Errors: there were too many.
    pub(crate) fn start(&self, machine: MachineType) -> Result<(), ApiError> {
        if !self.aws {
            return Ok(());
        }
        let bucket = if machine == MachineType::Express { EXPRESS } else { "StartExecution" };
        let (size, refill) = quota(bucket);
        self.take(bucket, size, refill)
    }

    fn take(&self, bucket: &'static str, size: u32, refill: u32) -> Result<(), ApiError> {
        let now = self.since.elapsed();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(bucket).or_insert(Bucket { tokens: f64::from(size), at: now });
        if bucket.take(f64::from(size), f64::from(refill), now) { Ok(()) } else { Err(ApiError::throttled()) }
    }
}

impl Bucket {
    fn take(&mut self, size: f64, refill: f64, now: Duration) -> bool {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * refill).min(size);
        self.at = now;
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_emptied_and_filled() {
        let at = Duration::from_millis;
        let mut bucket = Bucket { tokens: 3.0, at: at(0) };
        let mut take = |millis| bucket.take(3.0, 2.0, at(millis));
        assert_eq!([take(0), take(0), take(0), take(0)], [true, true, true, false]);
        assert_eq!([take(499), take(500), take(501)], [false, true, false]);
        // It holds no more than its size, however long nobody came.
        assert_eq!([take(60_000), take(60_000), take(60_000), take(60_000)], [true, true, true, false]);
    }

    #[test]
    fn each_operation_has_its_own() {
        let rates = Rates::of(&Limits { aws_rates: true, ..Limits::default() });
        let taken = (0..1_000).take_while(|_| rates.request("TestState").is_ok()).count();
        assert!((50..100).contains(&taken), "{taken}");
        assert!(rates.request("ListActivities").is_ok());
        assert!(rates.request("StartExecution").is_ok());
        let starts = (0..5_000).take_while(|_| rates.start(MachineType::Standard).is_ok()).count();
        assert!((1_300..2_000).contains(&starts), "{starts}");
        assert!(rates.start(MachineType::Express).is_ok());
        let error = rates.request("TestState").map(|()| rates.request("TestState")).err();
        assert!(error.is_none_or(|error| error.code() == "ThrottlingException" && error.status() == 400));
        let free = Rates::of(&Limits::default());
        assert!((0..10_000).all(|_| free.request("TestState").is_ok() && free.start(MachineType::Standard).is_ok()));
    }
}
