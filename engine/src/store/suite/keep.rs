//! What has ended: sealed histories, and what goes.

use super::journals::within;
use super::{append, at, keep, now};
use crate::interpreter::Status;
use crate::store::{
    Append, Closed, Commit, Definition, Expired, JournalKind, RecordChange, Retention, Store, StoreError, Summary,
};
use std::sync::Arc;

pub(super) fn check<S: Store>(make: &impl Fn() -> S) {
    keeps_a_sealed_history_until_the_journal_grows(&make());
    seals_only_what_is_closed_and_as_it_is(&make());
    knows_what_is_not_sealed(&make());
    keeps_definitions_as_long_as_they_are_needed(&make());
    expires_what_ended_long_ago(&make());
    keeps_so_many(&make());
    lets_go_in_small_bites(&make());
    removes_records_with_their_executions(&make());
    does_not_remove_what_goes_on(&make());
}

fn ended(name: &str, stopped: i64) -> Append {
    let one = append(name, 0, 1, Status::Succeeded);
    Append { summary: Summary { stopped: Some(at(stopped)), ..one.summary }, ..one }
}

fn older(than: i64) -> Retention {
    Retention { ended_before: Some(at(than)), ..Retention::default() }
}

/// Removes all that is to go, in bites; gives how many executions went.
fn expire(store: &impl Store, retention: &Retention, limit: usize) -> u64 {
    let (mut gone, mut goes_on) = (0, true);
    // Each bite removes something, or is the last one.
    for _ in 0..1_000 {
        if goes_on {
            let Expired { executions, more } = now(store.expire(retention.clone(), limit)).unwrap();
            gone += executions;
            goes_on = more;
        }
    }
    assert!(!goes_on, "it never comes to an end");
    gone
}

fn there<const N: usize>(store: &impl Store, names: [&str; N]) -> [bool; N] {
    names.map(|name| now(store.summary(name)).is_ok())
}

fn keeps_a_sealed_history_until_the_journal_grows(store: &impl Store) {
    keep(store, append("a", 0, 1, Status::Failed));
    assert_eq!(now(store.sealed("a")), Ok(None));
    let history = br#"[{"id":1}]"#.repeat(100);
    assert_eq!(now(store.seal("a", 1, history.as_slice().into())), Ok(true));
    assert_eq!(now(store.sealed("a")).unwrap().as_deref(), Some(history.as_slice()));
    // Redriven.
    keep(store, append("a", 1, 1, Status::Running));
    assert_eq!(now(store.sealed("a")), Ok(None));
    keep(store, append("a", 2, 1, Status::Failed));
    assert_eq!(now(store.sealed("a")), Ok(None));
    assert_eq!(now(store.seal("a", 3, Arc::from(*b"[]"))), Ok(true));
    assert_eq!(now(store.sealed("a")).unwrap().as_deref(), Some(&b"[]"[..]));
}

fn seals_only_what_is_closed_and_as_it_is(store: &impl Store) {
    keep(store, append("a", 0, 1, Status::Running));
    assert_eq!(now(store.seal("a", 1, Arc::from(*b"early"))), Ok(false));
    keep(store, append("a", 1, 1, Status::Failed));
    // Made from what it was before it was redriven: somebody was quicker.
    assert_eq!(now(store.seal("a", 1, Arc::from(*b"late"))), Ok(false));
    assert_eq!(now(store.sealed("a")), Ok(None));
    assert_eq!(now(store.seal("a", 2, Arc::from(*b"right"))), Ok(true));
    assert_eq!(now(store.seal("b", 2, Arc::from(*b"right"))), Err(StoreError::NotFound("b".into())));
}

fn knows_what_is_not_sealed(store: &impl Store) {
    keep(store, ended("late", 7));
    keep(store, ended("a", 3));
    keep(
        store,
        within(
            "a",
            Append { summary: Summary { kind: JournalKind::MapRun, ..ended("run", 2).summary }, ..ended("run", 2) },
        ),
    );
    keep(store, within("run", ended("child", 2)));
    keep(store, ended("b", 3));
    keep(store, append("open", 0, 1, Status::Running));
    let unsealed = |before, after, limit| -> Vec<Closed> { now(store.unsealed(at(before), after, limit)).unwrap() };
    let names = |found: &[Closed]| found.iter().map(|closed| closed.journal.to_string()).collect::<Vec<_>>().join(" ");
    assert_eq!(names(&unsealed(7, None, 10)), "child a b");
    assert_eq!(names(&unsealed(8, None, 10)), "child a b late");
    let first = unsealed(8, None, 2);
    assert_eq!(names(&first), "child a");
    assert_eq!(names(&unsealed(8, first.last().cloned(), 10)), "b late");
    assert_eq!(now(store.seal("a", 1, Arc::from(*b"[]"))), Ok(true));
    assert_eq!(names(&unsealed(8, None, 10)), "child b late");
    keep(store, append("a", 1, 1, Status::Running));
    keep(store, append("a", 2, 1, Status::Failed));
    assert_eq!(names(&unsealed(10, None, 10)), "child b late a");
}

fn keeps_definitions_as_long_as_they_are_needed(store: &impl Store) {
    let one = |name: &str, program: &str| {
        let one = append(name, 0, 1, Status::Succeeded);
        let definition = Definition { hash: program.into(), text: format!("text of {program}").into() };
        let one = Append { summary: Summary { program: program.into(), ..one.summary }, ..one };
        let commit = Commit { definitions: vec![definition], ..Commit::append(one) };
        assert_eq!(now(store.commit(commit)), Ok(()));
    };
    one("a", "p");
    one("b", "p");
    one("c", "q");
    let remove = |name: &str| Commit { removals: vec![name.into()], ..Commit::default() };
    assert_eq!(now(store.commit(remove("a"))), Ok(()));
    assert_eq!(now(store.commit(remove("c"))), Ok(()));
    assert_eq!(expire(store, &older(0), 10), 0);
    assert_eq!(now(store.definition("p")).unwrap().as_deref(), Some("text of p"));
    // Every definition that is needed stays; those that are not may go.
    assert_eq!(expire(store, &older(10), 10), 1);
    assert_eq!(now(store.definition("p")), Ok(None));
    assert_eq!(now(store.definition("q")), Ok(None));
}

fn expires_what_ended_long_ago(store: &impl Store) {
    keep(store, ended("a", 1));
    keep(store, ended("b", 5));
    keep(store, ended("c", 2));
    keep(store, within("b", ended("run", 1)));
    keep(store, append("open", 0, 1, Status::Running));
    // What belongs to something goes with it, not before it.
    assert_eq!(now(store.expire(older(3), 1)), Ok(Expired { executions: 1, more: true }));
    assert_eq!(there(store, ["a", "c"]), [false, true]);
    assert_eq!(expire(store, &older(3), 10), 1);
    assert_eq!(expire(store, &older(3), 10), 0);
    assert_eq!(there(store, ["a", "b", "c", "run", "open"]), [false, true, false, true, true]);
    // The name is free.
    keep(store, append("a", 0, 1, Status::Running));
    assert_eq!(now(store.count_open()), Ok(2));
}

fn keeps_so_many(store: &impl Store) {
    for (name, stopped) in [("a", 4), ("b", 2), ("c", 9), ("d", 2), ("e", 6)] {
        keep(store, ended(name, stopped));
    }
    keep(store, within("a", ended("run", 1)));
    keep(store, append("open", 0, 1, Status::Running));
    let many = |keep| Retention { keep: Some(keep), ..Retention::default() };
    assert_eq!(expire(store, &many(5), 10), 0);
    assert_eq!(expire(store, &many(3), 1), 2);
    assert_eq!(there(store, ["a", "b", "c", "d", "e", "run"]), [true, false, true, false, true, true]);
    // By age or by number, whatever takes more.
    assert_eq!(expire(store, &Retention { ended_before: Some(at(5)), ..many(3) }, 10), 1);
    assert_eq!(expire(store, &Retention { ended_before: Some(at(5)), ..many(1) }, 10), 1);
    assert_eq!(there(store, ["a", "c", "e", "run", "open"]), [false, true, false, false, true]);
    assert_eq!(expire(store, &many(0), 10), 1);
    assert_eq!(there(store, ["c", "open"]), [false, true]);
}

fn lets_go_in_small_bites(store: &impl Store) {
    keep(store, ended("a", 1));
    keep(store, ended("b", 8));
    for run in ["one", "two"] {
        keep(store, within("a", ended(run, 1)));
        for child in 0..5 {
            let child = format!("{run} {child}");
            keep(store, within(run, Append { tokens: vec![format!("token of {child}").into()], ..ended(&child, 1) }));
            keep(store, within(&child, ended(&format!("run of {child}"), 1)));
            keep(store, within(&format!("run of {child}"), ended(&format!("grandchild of {child}"), 1)));
        }
    }
    // It is gone at once, also for those who look for what belongs to it; what is left goes bit by bit.
    let first = now(store.expire(older(5), 1)).unwrap();
    assert_eq!(first.executions, 1);
    assert_eq!(there(store, ["a", "one", "two", "b"]), [false, false, false, true]);
    keep(store, append("a", 0, 1, Status::Running));
    assert_eq!(expire(store, &older(5), 3), 0);
    let gone = ["one 0", "run of one 0", "grandchild of one 0", "two 4", "grandchild of two 4"];
    assert_eq!(there(store, gone), [false; 5]);
    assert_eq!(now(store.token("token of one 3")), Ok(None));
    assert_eq!(there(store, ["a", "b"]), [true, true]);
}

fn removes_records_with_their_executions(store: &impl Store) {
    keep(store, ended("a", 1));
    keep(store, ended("b", 8));
    let put = |kind: &str, key: &str| RecordChange::put(kind, key, b"1");
    assert_eq!(now(store.commit(Commit::records([put("of", "a"), put("of", "b"), put("other", "a")]))), Ok(()));
    assert_eq!(expire(store, &Retention { records: vec!["of".into()], ..older(5) }, 10), 1);
    let there = |kind: &'static str, key: &'static str| now(store.record(kind, key)).unwrap().is_some();
    assert_eq!([there("of", "a"), there("of", "b"), there("other", "a")], [false, true, true]);
}

fn does_not_remove_what_goes_on(store: &impl Store) {
    keep(store, ended("a", 1));
    let redriven = append("a", 1, 1, Status::Running);
    keep(store, redriven);
    assert_eq!(expire(store, &Retention { keep: Some(0), ..older(5) }, 10), 0);
    assert_eq!(there(store, ["a"]), [true]);
    // Gone before it was redriven: whoever redrives it is told.
    keep(store, ended("b", 1));
    assert_eq!(expire(store, &older(5), 10), 1);
    let refused = StoreError::Conflict { execution: "b".into(), expected: 1, found: 0 };
    assert_eq!(now(store.commit(Commit::append(append("b", 1, 1, Status::Running)))), Err(refused));
}
