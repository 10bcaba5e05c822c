//! What became of a run's items and children, as DescribeMapRun counts them.

use crate::interpreter::Status;
use serde::{Deserialize, Serialize};

/// Items and the child executions that have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunCounts {
    /// `itemCounts`
    pub items: Tally,
    /// `executionCounts`: of a run that is not through its data set yet, the children that are known so far.
    pub executions: Tally,
}

/// One kind of thing, by what became of it; written with the names of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Not started yet.
    pub pending: u64,
    /// Running.
    pub running: u64,
    /// Succeeded.
    pub succeeded: u64,
    /// Failed.
    pub failed: u64,
    /// Timed out.
    pub timed_out: u64,
    /// Stopped.
    pub aborted: u64,
    /// All of them.
    pub total: u64,
    /// Their results are in the state's output or in the bucket.
    pub results_written: u64,
    /// Waiting to be run again by a redrive.
    pub pending_redrive: u64,
}

impl Tally {
    /// Those that did not succeed and count against what is tolerated.
    pub(super) fn unsuccessful(&self) -> u64 {
        self.failed + self.timed_out
    }

    pub(super) fn ended(&mut self, status: Status, count: u64) {
        self.running -= count.min(self.running);
        *self.slot(status) += count;
    }

    /// One that ended with this status is to run again.
    pub(super) fn again(&mut self, status: Status, count: u64) {
        let slot = self.slot(status);
        *slot -= count.min(*slot);
        self.pending_redrive += count;
    }

    fn slot(&mut self, status: Status) -> &mut u64 {
        match status {
            Status::Succeeded => &mut self.succeeded,
            Status::TimedOut => &mut self.timed_out,
            Status::Aborted => &mut self.aborted,
            Status::Failed | Status::Running => &mut self.failed,
        }
    }
}
