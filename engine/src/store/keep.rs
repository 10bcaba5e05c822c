//! What becomes of executions that have ended: their histories are sealed, and one day they go.

use aslx_asl::Timestamp;
use std::sync::Arc;

/// An execution that has ended, and its place among those that have: by the time of its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// When it ended.
    pub stopped: Timestamp,
    /// Its number in the store.
    pub number: u64,
    /// ARN of the execution.
    pub journal: Arc<str>,
}

/// Which closed executions are removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention {
    /// Those that ended before this time.
    pub ended_before: Option<Timestamp>,
    /// All but so many, which ended last. What belongs to an execution (its map runs, their children) does not count.
    pub keep: Option<u64>,
    /// Kinds of records whose keys are ARNs of executions: these records go with their executions.
    pub records: Vec<Arc<str>>,
}

/// What was removed by one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// Executions, without what belongs to them.
    pub executions: u64,
    /// There is more to be done.
    pub more: bool,
}
