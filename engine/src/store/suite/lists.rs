//! Lists: newest first, paged, filtered; and what is to be woken.

use super::{append, at, keep, now};
use crate::interpreter::Status;
use crate::store::{Append, Commit, Cursor, JournalKind, Listing, Scope, Sleeper, Store, Summary, Wake};

pub(super) fn check<S: Store>(make: &impl Fn() -> S) {
    lists_newest_first_in_pages(&make());
    lists_what_is_asked_for(&make());
    lists_what_belongs_to_something(&make());
    counts_open_executions(&make());
    knows_what_is_to_be_woken(&make());
}

fn started(name: &str, millis: i64, status: Status) -> Append {
    let one = append(name, 0, 1, status);
    Append { summary: Summary { started: at(millis), ..one.summary }, ..one }
}

fn names(store: &impl Store, listing: Listing) -> String {
    let page = now(store.list(listing)).unwrap();
    page.found.iter().map(|(arn, _)| &**arn).collect::<Vec<_>>().join(" ")
}

fn machine() -> Scope {
    Scope::Machine("arn:aws:states:us-east-1:000000000000:stateMachine:machine".into())
}

fn lists_newest_first_in_pages(store: &impl Store) {
    for (name, millis) in [("a", 10), ("b", 30), ("c", 20), ("d", 20)] {
        keep(store, started(name, millis, Status::Running));
    }
    assert_eq!(names(store, Listing::of(machine(), 10)), "b d c a");
    let first = now(store.list(Listing::of(machine(), 2))).unwrap();
    assert_eq!(first.found.iter().map(|(arn, _)| &**arn).collect::<Vec<_>>(), ["b", "d"]);
    assert_eq!(first.found.first().map(|(_, summary)| summary), Some(&started("b", 30, Status::Running).summary));
    let next = first.next.unwrap();
    assert_eq!(next.to_string().parse(), Ok(next));
    // What happens between two pages moves nothing: one more, one that ends, one that goes.
    keep(store, started("e", 40, Status::Running));
    keep(store, Append { position: 1, ..started("c", 20, Status::Failed) });
    assert_eq!(now(store.commit(Commit { removals: vec!["d".into()], ..Commit::default() })), Ok(()));
    let second = now(store.list(Listing { after: Some(next), ..Listing::of(machine(), 2) })).unwrap();
    assert_eq!(second.found.iter().map(|(arn, _)| &**arn).collect::<Vec<_>>(), ["c", "a"]);
    assert_eq!(second.next, None);
    assert_eq!("5".parse::<Cursor>(), Err("`5` is no place in a list".to_owned()));
}

fn lists_what_is_asked_for(store: &impl Store) {
    let with = |name: &str, change: fn(&mut Summary)| {
        let mut one = append(name, 0, 1, Status::Running);
        change(&mut one.summary);
        keep(store, one);
    };
    with("plain", |_| {});
    with("version", |summary| summary.version = Some("machine:1".into()));
    with("alias", |summary| {
        summary.version = Some("machine:1".into());
        summary.alias = Some("machine:live".into());
    });
    with("other", |summary| summary.machine = "other".into());
    with("failed", |summary| summary.status = Status::Failed);
    with("redriven", |summary| summary.redrives = 2);
    with("done", |summary| summary.status = Status::Succeeded);
    let all = |scope| Listing::of(scope, 10);
    let arn = || match machine() {
        Scope::Machine(arn) => arn,
        _ => "".into(),
    };
    assert_eq!(names(store, all(Scope::All)), "done redriven failed other alias version plain");
    assert_eq!(names(store, all(machine())), "done redriven failed alias version plain");
    assert_eq!(names(store, all(Scope::Machine("other".into()))), "other");
    assert_eq!(names(store, all(Scope::Machine("none".into()))), "");
    let version = || Scope::Version { machine: arn(), version: "machine:1".into() };
    assert_eq!(names(store, all(version())), "alias version");
    assert_eq!(names(store, all(Scope::Alias { machine: arn(), alias: "machine:live".into() })), "alias");
    let status = |status| Listing { status: Some(status), ..all(machine()) };
    assert_eq!(names(store, status(Status::Failed)), "failed");
    assert_eq!(names(store, status(Status::Succeeded)), "done");
    assert_eq!(names(store, status(Status::Running)), "redriven alias version plain");
    assert_eq!(names(store, Listing { status: Some(Status::Failed), ..all(Scope::All) }), "failed");
    assert_eq!(names(store, Listing { redriven: Some(true), ..all(machine()) }), "redriven");
    assert_eq!(names(store, Listing { redriven: Some(false), ..all(machine()) }), "done failed alias version plain");
}

fn lists_what_belongs_to_something(store: &impl Store) {
    keep(store, append("a", 0, 1, Status::Running));
    for (name, kind, parent) in [
        ("run 1", JournalKind::MapRun, "a"),
        ("run 2", JournalKind::MapRun, "a"),
        ("child 1", JournalKind::Execution, "run 1"),
        ("child 2", JournalKind::Execution, "run 1"),
        ("child 3", JournalKind::Execution, "run 2"),
    ] {
        let mut one = append(name, 0, 1, Status::Running);
        one.summary.kind = kind;
        one.summary.parent = Some(parent.into());
        one.summary.details = Some(format!(r#"{{"of":"{name}"}}"#).into());
        keep(store, one);
    }
    let within = |parent: &str, kind| Listing { kind, ..Listing::of(Scope::Parent(parent.into()), 10) };
    assert_eq!(names(store, within("a", JournalKind::MapRun)), "run 2 run 1");
    assert_eq!(names(store, within("a", JournalKind::Execution)), "");
    assert_eq!(names(store, within("run 1", JournalKind::Execution)), "child 2 child 1");
    assert_eq!(names(store, Listing::of(Scope::All, 10)), "a");
    assert_eq!(now(store.summary("run 2")).unwrap().details.as_deref(), Some(r#"{"of":"run 2"}"#));
    let first = now(store.list(Listing { limit: 1, ..within("run 1", JournalKind::Execution) })).unwrap();
    let rest = Listing { after: first.next, ..within("run 1", JournalKind::Execution) };
    assert_eq!(names(store, rest), "child 1");
}

fn counts_open_executions(store: &impl Store) {
    assert_eq!(now(store.count_open()), Ok(0));
    keep(store, append("a", 0, 1, Status::Running));
    keep(store, append("b", 0, 1, Status::Running));
    keep(store, append("c", 0, 1, Status::Succeeded));
    let mut child = append("child", 0, 1, Status::Running);
    child.summary.parent = Some("a".into());
    keep(store, child);
    assert_eq!(now(store.count_open()), Ok(2));
    keep(store, append("b", 1, 1, Status::Failed));
    assert_eq!(now(store.count_open()), Ok(1));
    // Redriven.
    keep(store, append("b", 2, 1, Status::Running));
    assert_eq!(now(store.count_open()), Ok(2));
    assert_eq!(now(store.commit(Commit { removals: vec!["b".into()], ..Commit::default() })), Ok(()));
    assert_eq!(now(store.count_open()), Ok(1));
}

fn knows_what_is_to_be_woken(store: &impl Store) {
    let waking = |name: &str, position, wake| {
        keep(store, Append { wake, ..append(name, position, 1, Status::Running) });
    };
    waking("late", 0, Wake::At(at(300)));
    waking("never", 0, Wake::Never);
    waking("busy", 0, Wake::Now);
    waking("soon", 0, Wake::At(at(100)));
    waking("soon too", 0, Wake::At(at(100)));
    waking("moved", 0, Wake::At(at(50)));
    waking("moved", 1, Wake::At(at(200)));
    waking("ended", 0, Wake::Now);
    keep(store, append("ended", 1, 1, Status::Succeeded));
    let woken = |after, until, limit| now(store.sleepers(after, at(until), limit)).unwrap();
    let names =
        |found: &[Sleeper]| found.iter().map(|sleeper| sleeper.journal.to_string()).collect::<Vec<_>>().join(", ");
    assert_eq!(names(&woken(None, 0, 10)), "busy");
    assert_eq!(names(&woken(None, 100, 10)), "busy, soon, soon too");
    let first = woken(None, 1000, 2);
    assert_eq!(names(&first), "busy, soon");
    assert_eq!(first.last().map(|sleeper| sleeper.wake), Some(Wake::At(at(100))));
    assert_eq!(names(&woken(first.last().cloned(), 1000, 10)), "soon too, moved, late");
    assert_eq!(names(&woken(first.last().cloned(), 200, 10)), "soon too, moved");
}
