//! What every store must do, as tests: call [`check`] from a test of the store.

mod journals;
mod keep;
mod lists;
mod records;

use super::{Append, Commit, Store, Summary, Wake};
use crate::interpreter::{Outcome, Status};
use crate::journal::{Entry, EntryKind, ExecutionNames, Lines};
use aslx_asl::Timestamp;
use futures_util::FutureExt;

/// Runs the whole suite; `make` gives an empty store each time.
///
/// # Panics
/// When the store does something else than it must; that is its purpose.
pub fn check<S: Store>(make: impl Fn() -> S) {
    journals::check(&make);
    keep::check(&make);
    lists::check(&make);
    records::check(&make);
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn entries(range: std::ops::Range<u64>) -> Lines {
    let entry = |n| Entry { at: at(n as i64), kind: EntryKind::Resumed };
    Lines::of(&range.map(entry).collect::<Vec<_>>())
}

fn append(execution: &str, position: u64, count: u64, status: Status) -> Append {
    let closed = status != Status::Running;
    Append {
        journal: execution.into(),
        position,
        lines: entries(position..position + count),
        digest: position + count,
        summary: Summary {
            status,
            stopped: closed.then_some(at(9)),
            ..Summary::of(&ExecutionNames::local("machine", execution), "hash", at(0))
        },
        outcome: closed.then(|| Outcome { status, output: None, error: Some("E".into()), cause: Some("why".into()) }),
        wake: Wake::Never,
        tokens: Vec::new(),
    }
}

fn keep(store: &impl Store, append: Append) {
    assert_eq!(now(store.commit(Commit::append(append))), Ok(()));
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
