//! Journals: kept in order, whole, by one owner.

use super::{append, at, entries, keep, now};
use crate::Data;
use crate::interpreter::{Outcome, Status};
use crate::journal::{Entry, EntryKind, ExecutionNames, Lines, Opening, SEMANTICS, Seed, Started, Tracing};
use crate::store::{Append, Commit, Definition, Described, Ended, RecordChange, Store, StoreError, Summary};
use aslx_asl::MachineType;
use std::sync::Arc;

pub(super) fn check<S: Store>(make: &impl Fn() -> S) {
    keeps_what_was_committed(&make());
    refuses_a_commit_at_another_position(&make());
    keeps_all_of_a_commit_or_nothing(&make());
    keeps_how_an_execution_ended(&make());
    shows_payloads_to_the_letter(&make());
    removes_what_belongs_together(&make());
    lets_a_name_be_taken_again(&make());
    knows_who_gave_out_a_token(&make());
    knows_what_it_does_not_have(&make());
}

fn keeps_what_was_committed(store: &impl Store) {
    keep(store, append("a", 0, 2, Status::Running));
    keep(store, append("a", 2, 3, Status::Succeeded));
    let journal = now(store.journal("a")).unwrap();
    assert_eq!(journal.lines, entries(0..5));
    let times: Vec<i64> = journal.entries("a").unwrap().iter().map(|entry| entry.at.as_millis()).collect();
    assert_eq!(times, [0, 1, 2, 3, 4]);
    assert_eq!(journal.digest, 5);
    assert_eq!(now(store.summary("a")), Ok(append("a", 2, 3, Status::Succeeded).summary));
    let opening = now(store.opening("a")).unwrap();
    assert!(!opening.is_empty() && journal.lines.text().starts_with(opening.text()));
}

fn refuses_a_commit_at_another_position(store: &impl Store) {
    keep(store, append("a", 0, 2, Status::Running));
    for position in [0, 1, 3] {
        let refused = StoreError::Conflict { execution: "a".into(), expected: position, found: 2 };
        assert_eq!(now(store.commit(Commit::append(append("a", position, 1, Status::Failed)))), Err(refused));
    }
    assert_eq!(now(store.summary("a")).map(|s| s.status), Ok(Status::Running));
    let refused = StoreError::Conflict { execution: "new".into(), expected: 1, found: 0 };
    assert_eq!(now(store.commit(Commit::append(append("new", 1, 1, Status::Running)))), Err(refused));
}

fn keeps_all_of_a_commit_or_nothing(store: &impl Store) {
    keep(store, append("a", 0, 1, Status::Running));
    let commit = |position| Commit {
        definitions: vec![Definition { hash: "hash".into(), text: "{}".into() }],
        appends: vec![
            append("b", 0, 1, Status::Running),
            append("b", 1, 1, Status::Running),
            append("a", position, 1, Status::Succeeded),
        ],
        records: vec![RecordChange::put("kind", "key", b"value")],
        ..Commit::default()
    };
    let refused = StoreError::Conflict { execution: "a".into(), expected: 7, found: 1 };
    assert_eq!(now(store.commit(commit(7))), Err(refused));
    assert_eq!(now(store.summary("b")), Err(StoreError::NotFound("b".into())));
    assert_eq!(now(store.record("kind", "key")), Ok(None));
    assert_eq!(now(store.definition("hash")), Ok(None));
    assert_eq!(now(store.commit(commit(1))), Ok(()));
    assert_eq!(now(store.journal("b")).map(|journal| journal.lines), Ok(entries(0..2)));
    assert_eq!(now(store.summary("a")).map(|s| s.status), Ok(Status::Succeeded));
    assert_eq!(now(store.record("kind", "key")).unwrap().as_deref(), Some(&b"value"[..]));
    assert_eq!(now(store.definition("hash")).unwrap().as_deref(), Some("{}"));
    // A commit of nothing is no error.
    assert_eq!(now(store.commit(Commit::default())), Ok(()));
}

fn keeps_how_an_execution_ended(store: &impl Store) {
    keep(store, append("a", 0, 1, Status::Running));
    assert_eq!(now(store.outcome("a")), Ok(None));
    keep(store, append("a", 1, 1, Status::Failed));
    assert_eq!(now(store.outcome("a")), Ok(append("a", 1, 1, Status::Failed).outcome));
    // Redriven, and this time it gets through.
    let redriven = append("a", 2, 1, Status::Running);
    let summary = Summary { redrives: 1, redriven: Some(at(20)), items: Some(3), ..redriven.summary };
    keep(store, Append { summary: summary.clone(), ..redriven });
    assert_eq!(now(store.summary("a")), Ok(summary));
    assert_eq!(now(store.outcome("a")), Ok(None));
    // To the letter, as AWS echoes it.
    let output = Data::parse(r#"{ "done":  1.0 }"#).unwrap();
    let outcome = Outcome { status: Status::Succeeded, output: Some(output), error: None, cause: None };
    keep(store, Append { outcome: Some(outcome.clone()), ..append("a", 3, 1, Status::Succeeded) });
    assert_eq!(now(store.outcome("a")), Ok(Some(outcome)));
}

fn shows_payloads_to_the_letter(store: &impl Store) {
    let start = append("a", 0, 1, Status::Running);
    let text = r#"{ "a" :  1.0 }"#;
    let started = Started {
        names: ExecutionNames::local("machine", "a"),
        machine_type: MachineType::Standard,
        synchronous: false,
        processor: None,
        input: Data::parse(text).unwrap(),
        program: "hash".into(),
        missing_activities: Vec::new(),
        semantics: SEMANTICS,
        seed: Seed([0; 16]),
        tracing: Tracing { header: Some("Root=1".into()), caller: None },
    };
    let opening = Opening { input: text.into(), tracing: started.tracing.clone() };
    let first = Entry { at: at(0), kind: EntryKind::Started(Box::new(started)) };
    keep(store, Append { lines: Lines::of(&[first]), ..start.clone() });
    let open = Described { summary: start.summary, opening: Some(opening), ended: None };
    assert_eq!(now(store.described("a")), Ok(open.clone()));
    let output = Some(Data::parse(text).unwrap());
    let outcome = Outcome { status: Status::Succeeded, output, error: None, cause: None };
    let end = Append { outcome: Some(outcome), ..append("a", 1, 1, Status::Succeeded) };
    keep(store, end.clone());
    let ended = Some(Ended { output: Some(text.into()), ..Ended::default() });
    assert_eq!(now(store.described("a")), Ok(Described { summary: end.summary, ended, ..open }));
    let failed = append("b", 0, 1, Status::Failed);
    keep(store, Append { lines: Lines::default(), ..failed });
    let ended = now(store.described("b")).unwrap().ended;
    assert_eq!(ended, Some(Ended { output: None, error: Some("E".into()), cause: Some("why".into()) }));
    assert_eq!(now(store.described("nothing")), Err(StoreError::NotFound("nothing".into())));
}

pub(super) fn within(parent: &str, child: Append) -> Append {
    Append { summary: Summary { parent: Some(parent.into()), ..child.summary }, ..child }
}

fn removes_what_belongs_together(store: &impl Store) {
    for (journal, parent) in [("a", None), ("run", Some("a")), ("child", Some("run")), ("other", None)] {
        let one = append(journal, 0, 1, Status::Running);
        keep(store, parent.map_or(one.clone(), |parent| within(parent, one)));
    }
    let removal = Commit { removals: vec!["a".into(), "nothing".into()], ..Commit::default() };
    assert_eq!(now(store.commit(removal)), Ok(()));
    for gone in ["a", "run", "child"] {
        assert_eq!(now(store.journal(gone)), Err(StoreError::NotFound(gone.into())));
    }
    assert_eq!(now(store.summary("other")).map(|s| s.status), Ok(Status::Running));
    assert_eq!(now(store.count_open()), Ok(1));
}

fn lets_a_name_be_taken_again(store: &impl Store) {
    keep(store, append("a", 0, 3, Status::Succeeded));
    let again = Commit { removals: vec!["a".into()], ..Commit::append(append("a", 0, 1, Status::Running)) };
    assert_eq!(now(store.commit(again)), Ok(()));
    assert_eq!(now(store.journal("a")).map(|journal| journal.lines), Ok(entries(0..1)));
    assert_eq!(now(store.outcome("a")), Ok(None));
}

fn knows_who_gave_out_a_token(store: &impl Store) {
    keep(store, Append { tokens: vec!["t1".into(), "t2".into()], ..append("a", 0, 1, Status::Running) });
    keep(store, Append { tokens: vec!["t3".into()], ..append("a", 1, 1, Status::Failed) });
    for token in ["t1", "t2", "t3"] {
        // Also after the end: its execution knows what to answer.
        assert_eq!(now(store.token(token)), Ok(Some(Arc::from("a"))));
    }
    assert_eq!(now(store.token("t4")), Ok(None));
    assert_eq!(now(store.commit(Commit { removals: vec!["a".into()], ..Commit::default() })), Ok(()));
    assert_eq!(now(store.token("t1")), Ok(None));
}

fn knows_what_it_does_not_have(store: &impl Store) {
    let none = StoreError::NotFound("x".into());
    assert_eq!(now(store.journal("x")), Err(none.clone()));
    assert_eq!(now(store.opening("x")), Err(none.clone()));
    assert_eq!(now(store.summary("x")), Err(none.clone()));
    assert_eq!(now(store.outcome("x")), Err(none.clone()));
    assert_eq!(now(store.seal("x", 0, Arc::from([]))), Err(none.clone()));
    assert_eq!(now(store.sealed("x")), Err(none));
    assert_eq!(now(store.token("x")), Ok(None));
    assert_eq!(now(store.definition("x")), Ok(None));
    assert_eq!(now(store.record("x", "x")), Ok(None));
}
