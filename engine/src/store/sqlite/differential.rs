//! Both stores are given the same, drawn from a seed, and must answer the same.

use super::{Finding, SqliteOptions, SqliteStore};
use crate::SystemClock;
use crate::interpreter::{Outcome, Status};
use crate::journal::{Entry, EntryKind, ExecutionNames, Lines};
use crate::store::{
    Append, Commit, Definition, JournalKind, Listing, MemoryStore, RecordChange, Retention, Scope, Store, Summary, Wake,
};
use aslx_asl::Timestamp;
use proptest::prelude::*;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const STATUSES: [Status; 5] = [Status::Running, Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted];

/// What is drawn for a commit: journals by number (with what happens to them), a removal, a record.
#[derive(Debug, Clone)]
struct Drawn {
    appends: Vec<(u8, u8, u8, u8)>,
    removal: Option<u8>,
    record: Option<(u8, Option<u8>)>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let append = (0u8..6, any::<u8>(), any::<u8>(), any::<u8>());
    let record = (0u8..5, proptest::option::of(any::<u8>()));
    let parts = (
        proptest::collection::vec(append, 0..3),
        proptest::option::weighted(0.1, 0u8..6),
        proptest::option::weighted(0.3, record),
    );
    parts.prop_map(|(appends, removal, record)| Drawn { appends, removal, record })
}

fn arn(number: u8) -> Arc<str> {
    format!("arn-{number}").into()
}

/// Positions are mostly right: then the commit is kept.
fn append(memory: &MemoryStore, (number, a, b, c): (u8, u8, u8, u8)) -> Append {
    let there = now(memory.journal(&arn(number))).map_or(0, |journal| journal.lines.len());
    let position = if a % 16 == 0 { there + 1 } else { there };
    let entry = Entry { at: Timestamp::from_millis(i64::from(b)), kind: EntryKind::Resumed };
    let status = STATUSES[usize::from(b) % STATUSES.len()];
    let names = ExecutionNames::local(if number % 2 == 0 { "even" } else { "odd" }, "name");
    let before = now(memory.summary(&arn(number))).ok();
    let closed = status != Status::Running;
    // What is fixed at the start stays; the journals above three belong to those below.
    let fixed = before.unwrap_or_else(|| Summary {
        kind: if number == 4 { JournalKind::MapRun } else { JournalKind::Execution },
        parent: (number > 3).then(|| arn(number - 4)),
        version: (c % 3 == 0).then(|| "version".into()),
        alias: (c % 5 == 0).then(|| "alias".into()),
        ..Summary::of(&names, if c % 2 == 0 { "p" } else { "q" }, Timestamp::from_millis(i64::from(c % 4)))
    });
    let summary = Summary {
        status,
        stopped: closed.then(|| Timestamp::from_millis(i64::from(c))),
        redrives: u64::from(a % 3),
        details: (a % 4 == 0).then(|| format!("{{\"a\":{a}}}").into()),
        ..fixed
    };
    Append {
        journal: arn(number),
        position,
        // A journal begins with an entry; later on, only what follows from it may change.
        lines: Lines::of(&vec![entry; usize::from(if there == 0 { 1 } else { a % 3 })]),
        digest: u64::from(a) << 56 | u64::from(c),
        summary,
        outcome: closed.then(|| Outcome { status, output: None, error: Some("E".into()), cause: None }),
        wake: match b % 3 {
            0 => Wake::Now,
            1 => Wake::At(Timestamp::from_millis(i64::from(c))),
            _ => Wake::Never,
        },
        tokens: (a % 5 == 0).then(|| format!("token {number} {a}").into()).into_iter().collect(),
    }
}

fn commit(memory: &MemoryStore, drawn: &Drawn) -> Commit {
    // What is fixed at the start is looked up in the store: a journal grows once in a commit.
    let mut appends = drawn.appends.clone();
    appends.sort_by_key(|one| one.0);
    appends.dedup_by_key(|one| one.0);
    let record = drawn.record.map(|(key, value)| match value {
        Some(value) => RecordChange::put("kind", &key.to_string(), &[value]),
        None => RecordChange::delete("kind", &key.to_string()),
    });
    Commit {
        removals: drawn.removal.map(arn).into_iter().collect(),
        definitions: ["p", "q"].map(|hash| Definition { hash: hash.into(), text: hash.into() }).into(),
        appends: appends.iter().map(|one| append(memory, *one)).collect(),
        records: record.into_iter().collect(),
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// What a store answers about single things, as text.
fn single(store: &dyn Store) -> Vec<String> {
    let mut said = Vec::new();
    let mut say = |what: &dyn Debug| said.push(format!("{what:?}"));
    for number in 0..6 {
        let arn = arn(number);
        say(&now(store.journal(&arn)));
        say(&now(store.opening(&arn)).map(|opening| opening.first::<Entry>().unwrap()));
        say(&now(store.summary(&arn)));
        say(&now(store.described(&arn)));
        say(&now(store.outcome(&arn)));
        say(&now(store.sealed(&arn)));
        (0..=255).step_by(5).for_each(|a| say(&now(store.token(&format!("token {number} {a}")))));
    }
    ["p", "q", "r"].iter().for_each(|hash| say(&now(store.definition(hash))));
    say(&now(store.count_open()));
    said
}

/// Everything that a store answers, as text; a list in pages of two.
fn everything(store: &dyn Store) -> String {
    let mut said = single(store);
    let mut say = |what: &dyn Debug| said.push(format!("{what:?}"));
    say(&now(store.count_open()));
    say(&now(store.records("kind", "", None, 10)));
    let machine = || ExecutionNames::local("even", "name").machine_arn;
    let scopes = [
        Scope::All,
        Scope::Machine(machine()),
        Scope::Version { machine: machine(), version: "version".into() },
        Scope::Alias { machine: machine(), alias: "alias".into() },
        Scope::Parent(arn(0)),
        Scope::Parent(arn(1)),
    ];
    for scope in scopes {
        for status in [None, Some(Status::Running), Some(Status::Succeeded), Some(Status::Failed)] {
            for redriven in [None, Some(true), Some(false)] {
                let mut listing = Listing { status, redriven, ..Listing::of(scope.clone(), 2) };
                loop {
                    let page = now(store.list(listing.clone())).unwrap();
                    page.found.iter().for_each(|(arn, summary)| say(&(arn, summary.started)));
                    listing.after = page.next;
                    if listing.after.is_none() {
                        break;
                    }
                }
            }
        }
    }
    say(&now(store.unsealed(Timestamp::from_millis(200), None, 10))
        .unwrap()
        .iter()
        .map(|one| one.journal.clone())
        .collect::<Vec<_>>());
    let mut last = None;
    loop {
        let page = now(store.sleepers(last, Timestamp::from_millis(200), 2)).unwrap();
        page.iter().for_each(|sleeper| say(&(sleeper.wake, &sleeper.journal)));
        last = page.last().cloned();
        if last.is_none() {
            return said.join("\n");
        }
    }
}

/// Only the first answer that differs is told.
fn agree(memory: &MemoryStore, sqlite: &SqliteStore) {
    let (one, other) = (everything(memory), everything(sqlite));
    one.lines().zip(other.lines()).for_each(|(one, other)| assert_eq!(one, other));
    assert_eq!(one.lines().count(), other.lines().count());
}

/// What a process that is killed leaves.
fn killed(directory: &Path) -> tempfile::TempDir {
    let left = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(directory).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), left.path().join(file.file_name())).unwrap();
    }
    left
}

/// `filed_after`: how long commits lie in the inbox. `looks`: after which commits somebody reads.
fn compare(directory: &Path, all: &[Drawn], filed_after: Duration, looks: u32) {
    let memory = MemoryStore::new();
    let options = SqliteOptions { filed_after, ..SqliteOptions::default() };
    let sqlite = SqliteStore::open_with(directory, &SystemClock, options).unwrap();
    for (number, drawn) in all.iter().enumerate() {
        let commit = commit(&memory, drawn);
        assert_eq!(now(memory.commit(commit.clone())), now(sqlite.commit(commit)));
        if looks >> number & 1 == 1 {
            assert_eq!(single(&memory), single(&sqlite));
        }
    }
    let left = killed(directory);
    agree(&memory, &SqliteStore::open(left.path(), &SystemClock).unwrap());
    agree(&memory, &sqlite);
    let before = Timestamp::from_millis(100);
    for retention in [
        Retention { keep: Some(2), ..Retention::default() },
        Retention { ended_before: Some(before), ..Retention::default() },
    ] {
        assert_eq!(now(memory.expire(retention.clone(), 100)), now(sqlite.expire(retention, 100)));
        agree(&memory, &sqlite);
    }
    // What is drawn may belong to something that was never there; nothing else fits together badly.
    let fits = |finding: &Finding| finding.journal.is_some() || finding.what.starts_with("map runs and children");
    let findings = sqlite.check(false).unwrap().findings;
    assert!(findings.iter().all(fits), "{findings:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn both_stores_answer_the_same(
        all in proptest::collection::vec(drawn(), 0..30),
        millis in prop_oneof![Just(0), Just(1), Just(3_600_000)],
        looks: u32,
    ) {
        let folder = tempfile::tempdir().unwrap();
        compare(folder.path(), &all, Duration::from_millis(millis), looks);
    }
}
