//! What every store must do, as tests: call [`check`] from a test of the store.

use super::{Commit, Store, StoreError, Summary};
use crate::interpreter::Status;
use crate::journal::{Entry, EntryKind};
use aslx_asl::Timestamp;
use futures_util::FutureExt;
use std::sync::Arc;

/// Runs the whole suite; `make` gives an empty store each time.
///
/// # Panics
/// When the store does something else than it must; that is its purpose.
pub fn check<S: Store>(make: impl Fn() -> S) {
    keeps_what_was_committed(&make());
    refuses_a_commit_at_another_position(&make());
    lists_open_executions_in_order(&make());
    knows_what_it_does_not_have(&make());
}

fn commit(execution: &str, position: u64, count: u64, status: Status) -> Commit {
    let entry = |n| Entry { at: Timestamp::from_millis(n as i64), kind: EntryKind::Resumed };
    Commit {
        execution: execution.into(),
        position,
        entries: (position..position + count).map(entry).collect(),
        digest: position + count,
        summary: Summary {
            machine: "machine".into(),
            status,
            started: Timestamp::from_millis(0),
            stopped: (status != Status::Running).then_some(Timestamp::from_millis(9)),
        },
    }
}

/// Stores in tests answer at once or block: no runtime is needed.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = Box::pin(future);
    loop {
        if let Some(value) = (&mut future).now_or_never() {
            return value;
        }
        std::thread::yield_now();
    }
}

fn keeps_what_was_committed(store: &impl Store) {
    assert_eq!(now(store.commit(commit("a", 0, 2, Status::Running))), Ok(()));
    assert_eq!(now(store.commit(commit("a", 2, 3, Status::Succeeded))), Ok(()));
    let journal = now(store.journal("a"));
    let times = journal.as_ref().map(|j| j.entries.iter().map(|e| e.at.as_millis()).collect::<Vec<_>>());
    assert_eq!(times, Ok(vec![0, 1, 2, 3, 4]));
    assert_eq!(journal.map(|j| j.digest), Ok(5));
    assert_eq!(now(store.summary("a")), Ok(commit("a", 2, 3, Status::Succeeded).summary));
}

fn refuses_a_commit_at_another_position(store: &impl Store) {
    assert_eq!(now(store.commit(commit("a", 0, 2, Status::Running))), Ok(()));
    for position in [0, 1, 3] {
        let refused = StoreError::Conflict { execution: "a".into(), expected: position, found: 2 };
        assert_eq!(now(store.commit(commit("a", position, 1, Status::Failed))), Err(refused));
    }
    assert_eq!(now(store.summary("a")).map(|s| s.status), Ok(Status::Running));
    let refused = StoreError::Conflict { execution: "new".into(), expected: 1, found: 0 };
    assert_eq!(now(store.commit(commit("new", 1, 1, Status::Running))), Err(refused));
}

fn lists_open_executions_in_order(store: &impl Store) {
    for execution in ["c", "a", "b"] {
        assert_eq!(now(store.commit(commit(execution, 0, 1, Status::Running))), Ok(()));
    }
    assert_eq!(now(store.commit(commit("a", 1, 1, Status::Aborted))), Ok(()));
    assert_eq!(now(store.open_executions()), Ok(vec![Arc::from("c"), Arc::from("b")]));
}

fn knows_what_it_does_not_have(store: &impl Store) {
    assert_eq!(now(store.journal("x")), Err(StoreError::NotFound("x".into())));
    assert_eq!(now(store.summary("x")), Err(StoreError::NotFound("x".into())));
    assert_eq!(now(store.open_executions()), Ok(Vec::new()));
}
