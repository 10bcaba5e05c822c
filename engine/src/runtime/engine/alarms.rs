//! The timers of an owner.

use crate::runtime::family::{TaskKey, TimerKey};
use aslx_asl::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// Timers by the time at which they are due, then in the order of their creation.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    by_time: BTreeSet<(Timestamp, TimerKey)>,
    due: HashMap<TimerKey, Timestamp>,
    /// The heartbeat timers of tasks, and their windows in seconds.
    heartbeats: HashMap<TaskKey, (TimerKey, u64)>,
}

impl Alarms {
    pub(super) fn set(&mut self, key: TimerKey, due: Timestamp) {
        self.cancel(key);
        self.by_time.insert((due, key));
        self.due.insert(key, due);
    }

    /// A timer that heartbeats of this task move.
    pub(super) fn set_heartbeat(&mut self, task: TaskKey, key: TimerKey, due: Timestamp, seconds: u64) {
        self.set(key, due);
        self.heartbeats.insert(task, (key, seconds));
    }

    pub(super) fn cancel(&mut self, key: TimerKey) {
        if let Some(due) = self.due.remove(&key) {
            self.by_time.remove(&(due, key));
        }
    }

    /// The task is over: its heartbeats move nothing any more.
    pub(super) fn forget(&mut self, task: TaskKey) {
        self.heartbeats.remove(&task);
    }

    /// A heartbeat: the window begins anew.
    pub(super) fn beat(&mut self, task: TaskKey, now: Timestamp) {
        if let Some(&(key, seconds)) = self.heartbeats.get(&task)
            && self.due.contains_key(&key)
        {
            self.set(key, now.plus_seconds(seconds));
        }
    }

    /// When the first one is due.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(due, _)| *due)
    }

    /// Takes the first one that is due.
    pub(super) fn take(&mut self, now: Timestamp) -> Option<TimerKey> {
        let (due, key) = self.by_time.first().copied().filter(|(due, _)| *due <= now)?;
        self.by_time.remove(&(due, key));
        self.due.remove(&key);
        Some(key)
    }

    /// The heartbeat windows as they stand: what is not in any journal.
    pub(super) fn windows(&self) -> Vec<(TimerKey, Timestamp)> {
        let due = |(key, _): &(TimerKey, u64)| self.due.get(key).map(|due| (*key, *due));
        self.heartbeats.values().filter_map(due).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{TaskId, TimerId};
    use crate::runtime::family::MemberId;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn timer(number: u64) -> TimerKey {
        TimerKey { member: MemberId::PARENT, timer: TimerId(number) }
    }

    #[test]
    fn they_go_off_by_time_and_then_by_creation() {
        let mut alarms = Alarms::default();
        alarms.set(timer(2), at(10));
        alarms.set(timer(1), at(10));
        alarms.set(timer(3), at(5));
        alarms.cancel(timer(3));
        assert_eq!(alarms.next(), Some(at(10)));
        assert_eq!(alarms.take(at(9)), None);
        assert_eq!(alarms.take(at(10)), Some(timer(1)));
        assert_eq!(alarms.take(at(10)), Some(timer(2)));
        assert_eq!(alarms.take(at(10)), None);
    }

    #[test]
    fn a_heartbeat_moves_its_timer_only_while_it_is_set() {
        let task = TaskKey { member: MemberId::PARENT, task: TaskId(1) };
        let mut alarms = Alarms::default();
        alarms.set_heartbeat(task, timer(1), at(2_000), 2);
        alarms.beat(task, at(1_500));
        assert_eq!((alarms.next(), alarms.windows()), (Some(at(3_500)), vec![(timer(1), at(3_500))]));
        alarms.cancel(timer(1));
        alarms.beat(task, at(3_000));
        assert_eq!(alarms.next(), None);
    }
}
