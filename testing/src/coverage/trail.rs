//! Where executions came by, counted.

use aslx_engine::history::HistoryEvent;
use aslx_engine::interpreter::Waypoint;
use aslx_engine::runtime::Observe;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How often each waypoint was passed.
pub type Waypoints = BTreeMap<Waypoint, u64>;

/// An observer that counts the waypoints of an execution and of the children of its map runs.
#[derive(Debug, Default)]
pub struct Trail(Mutex<Waypoints>);

impl Trail {
    /// What has been passed since the last time.
    pub fn take(&self) -> Waypoints {
        // Counts are raised one at a time: a panic elsewhere leaves them whole.
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Observe for Trail {
    fn event(&self, _: &HistoryEvent) {}

    fn wants_waypoints(&self) -> bool {
        true
    }

    fn waypoint(&self, waypoint: Waypoint) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(waypoint).or_default() += 1;
    }
}
