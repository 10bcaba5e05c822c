//! A store whose file was changed behind the program's back: `aslx store check` sees it, and nothing breaks.

use crate::support::Kept;
use aslx_engine::SystemClock;
use aslx_engine::store::{JournalKind, Listing, Scope, SqliteStore, Store, Summary};
use aslx_server::{Server, check_records};
use futures_util::FutureExt;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const FILE: &str = "aslx.sqlite3";

/// A store with everything in it: what waits for a worker, for a callback, for a time; what has ended, with a sealed
/// history, failed, or with children; a state machine with a version and an alias. Gives the file.
fn whole() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let kept = Kept::open(folder.path(), |server| server).await;
        let activity = kept.call("CreateActivity", json!({"name": "work"})).await["activityArn"].clone();
        let work = kept.machine("work", json!({"W": {"Type": "Task", "Resource": activity, "End": true}})).await;
        let waits = kept.machine("waits", json!({"W": {"Type": "Wait", "Seconds": 90_000_000, "End": true}})).await;
        let fails = kept.machine("fails", json!({"F": {"Type": "Fail", "Error": "E", "Cause": "as meant"}})).await;
        let many = kept
            .machine(
                "many",
                json!({"M": {"Type": "Map", "End": true, "Label": "Each", "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}),
            )
            .await;
        let version = kept.call("PublishStateMachineVersion", json!({"stateMachineArn": waits})).await;
        let route = json!([{"stateMachineVersionArn": version["stateMachineVersionArn"], "weight": 100}]);
        let alias = kept.call("CreateStateMachineAlias", json!({"name": "live", "routingConfiguration": route})).await;
        let closed = kept.run(&fails, "closed").await;
        let items = json!({"stateMachineArn": many, "name": "items", "input": "[1,2]"});
        let parent = json!({"executionArn": kept.call("StartExecution", items).await["executionArn"]});
        kept.until(async || kept.describe(&parent).await["status"] == "SUCCEEDED").await;
        kept.clock.by(61_000);
        kept.until(async || kept.is_sealed(&closed).await && kept.is_sealed(&parent).await).await;
        for (machine, name) in [(&work, "works"), (&alias["stateMachineAliasArn"], "waits")] {
            let started = kept.call("StartExecution", json!({"stateMachineArn": machine, "name": name})).await;
            assert!(started["executionArn"].is_string(), "{started}");
        }
        // So that what waits for its time is put away.
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
        kept.server.stop().await;
    });
    drop(runtime);
    drop(SqliteStore::open(folder.path(), &SystemClock).unwrap());
    fs::read(folder.path().join(FILE)).unwrap()
}

/// What a check tells; an error where the store cannot be opened.
fn findings(folder: &Path) -> Result<Vec<String>, String> {
    let store = SqliteStore::open(folder, &SystemClock).map_err(|error| error.to_string())?;
    let checked = store.check(true).map_err(|error| error.to_string())?;
    let mut found: Vec<String> = checked.findings.iter().map(ToString::to_string).collect();
    found.extend(check_records(&store).now_or_never().unwrap().map_err(|error| error.to_string())?);
    Ok(found)
}

fn with(file: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), file).unwrap();
    folder
}

/// Starts a server on it, as far as it goes, and stops it.
fn serve(folder: &Path) {
    let Ok(store) = SqliteStore::open(folder, &SystemClock) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if let Ok(server) = Server::builder().store(Arc::new(store)).start().await {
            let answer = server.respond("AWSStepFunctions.ListStateMachines", b"{}").await;
            assert!(answer.body.starts_with('{'), "{}", answer.body);
            server.stop().await;
        }
    });
}

#[test]
fn what_was_changed_is_told() {
    let file = whole();
    assert_eq!(findings(with(&file).path()), Ok(Vec::new()));
    let changes = [
        // Journals.
        ("DELETE FROM entries WHERE id >> 24 = 1", "entries are there"),
        ("UPDATE entries SET lines = replace(lines, '\"at\":1', '\"at\":2')", "replays to something else"),
        ("UPDATE entries SET lines = 'no entry' || char(10)", "is not a journal entry"),
        ("UPDATE journals SET length = length + 1 WHERE id = 1", "entries are there"),
        ("UPDATE journals SET digest = digest + 1 WHERE kind = 0", "replays to something else"),
        ("UPDATE journals SET digest = digest + 1 WHERE kind = 1", "is not what was committed"),
        ("DELETE FROM journals WHERE kind = 0 AND parent IS NULL", "without what they belong to"),
        ("DELETE FROM journals WHERE kind = 1", "entries of journals that are not there"),
        // What lists show.
        ("UPDATE journals SET status = 0, stopped = NULL WHERE status = 2", "status, end"),
        ("UPDATE journals SET status = 1 WHERE status = 0", "ended without a time"),
        ("UPDATE journals SET status = 7 WHERE status = 1", "status that means nothing"),
        ("UPDATE journals SET kind = 9 WHERE id = 1", "a number that means nothing"),
        ("UPDATE journals SET name = 'other' WHERE kind = 0", "from its journal: name"),
        ("UPDATE journals SET started = started + 1 WHERE kind = 0", "from its journal: start"),
        ("UPDATE journals SET stopped = stopped + 1 WHERE kind = 0", "from its journal: end"),
        ("UPDATE journals SET redrives = 3 WHERE kind = 0", "from its journal: redrives"),
        ("UPDATE journals SET version = NULL WHERE version IS NOT NULL", "from its journal: version"),
        ("UPDATE journals SET alias = NULL WHERE alias IS NOT NULL", "from its journal: alias"),
        ("UPDATE names SET name = name || 'x'", "from its journal: state machine"),
        ("DELETE FROM names", "state machine has no name"),
        ("UPDATE journals SET outcome = '{\"error\":\"F\"}' WHERE status = 2", "how it ended"),
        ("UPDATE journals SET outcome = 'x' WHERE status = 2", "how it ended cannot be read"),
        // What wakes an execution, or leads to it.
        ("UPDATE journals SET wake = NULL WHERE wake > 0", "nothing would wake it"),
        ("UPDATE journals SET wake = wake + 1 WHERE wake > 0", "nothing would wake it"),
        ("DELETE FROM tokens", "token of a task that it waits for"),
        ("UPDATE tokens SET journal = 1", "token of a task that it waits for"),
        ("INSERT INTO tokens VALUES ('stray', 99)", "task tokens of executions that are not there"),
        // Definitions.
        ("DELETE FROM definitions", "whose definition is not there"),
        ("UPDATE definitions SET text = replace(text, 'as meant', 'other')", "is not what was committed"),
        ("UPDATE definitions SET text = '{}'", "does not compile"),
        ("UPDATE definitions SET uses = 7", "users are miscounted"),
        // Sealed histories.
        ("UPDATE histories SET history = X'00'", "its history"),
        ("UPDATE histories SET history = (SELECT max(history) FROM histories)", "its sealed history is not that"),
        ("DELETE FROM histories", "whose history is kept although"),
        ("UPDATE histories SET journal = journal + 99", "histories of executions that are not there"),
        // Indexes.
        (
            "PRAGMA writable_schema = 1; \
             UPDATE sqlite_schema SET sql = replace(sql, '(stopped)', '(length)') WHERE name = 'by_end'",
            "by_end",
        ),
        // Records of the server.
        ("UPDATE records SET value = CAST('{}' AS BLOB) WHERE kind = 'server.machine'", "is no record"),
        ("UPDATE records SET value = CAST('x' AS BLOB) WHERE kind = 'server.activity'", "is no record"),
        (
            "UPDATE records SET value = CAST(replace(CAST(value AS TEXT), 'as meant', 'other') AS BLOB)",
            "is not what was written",
        ),
        ("DELETE FROM records WHERE kind = 'server.revision'", "has no definition"),
        ("DELETE FROM records WHERE kind = 'server.machine'", "belongs to no state machine"),
    ];
    for (change, told) in changes {
        let folder = with(&file);
        rusqlite::Connection::open(folder.path().join(FILE)).unwrap().execute_batch(change).unwrap();
        let found = findings(folder.path()).unwrap_or_else(|error| vec![error]);
        assert!(told.is_empty() || found.iter().any(|finding| finding.contains(told)), "{change}: {found:#?}");
        serve(folder.path());
    }
}

/// What must not change unseen: journals, and what follows from them.
fn essence(folder: &Path) -> Option<String> {
    let store = SqliteStore::open(folder, &SystemClock).ok()?;
    let mut said = Vec::new();
    let mut scopes = vec![(Scope::All, JournalKind::Execution)];
    while let Some((scope, kind)) = scopes.pop() {
        let page = store.list(Listing { kind, ..Listing::of(scope, 100) }).now_or_never()?.ok()?;
        for (arn, summary) in page.found {
            let below = if kind == JournalKind::MapRun { JournalKind::Execution } else { JournalKind::MapRun };
            scopes.push((Scope::Parent(arn.clone()), below));
            // These follow from the journals of others, and are shown only.
            let summary = Summary { details: None, items: None, ..summary };
            let journal = store.journal(&arn).now_or_never()?.ok()?;
            let outcome = store.outcome(&arn).now_or_never()?.ok()?;
            let definition = store.definition(&summary.program).now_or_never()?.ok()?;
            let sealed = store.sealed(&arn).now_or_never()?.ok()?;
            said.push(format!("{arn} {summary:?} {journal:?} {outcome:?} {definition:?} {sealed:?}"));
        }
    }
    said.sort();
    Some(said.join("\n"))
}

#[test]
fn flipped_bytes_and_missing_ends_are_seen() {
    let file = whole();
    let before = essence(with(&file).path()).unwrap();
    let (mut seen, mut harmless) = (0, 0);
    // Every place in turn would take minutes: a step that meets all kinds of pages, at all places of a page.
    for place in (0..file.len()).step_by(797) {
        let mut changed = file.clone();
        changed[place] ^= 0x15;
        let folder = with(&changed);
        if findings(folder.path()).map_or(true, |found| !found.is_empty()) {
            seen += 1;
        } else {
            assert_eq!(essence(folder.path()).as_deref(), Some(&*before), "byte {place} was changed and nobody saw it");
            harmless += 1;
        }
    }
    assert!(seen > 10 && harmless > 20, "{seen} were seen, {harmless} did no harm");
    for length in [0, 50, 4_096, file.len() / 2, file.len() - 4_096] {
        let folder = with(&file[..length]);
        let found = findings(folder.path());
        // An empty file is a new one.
        assert_eq!(found == Ok(Vec::new()), length == 0, "{length}: {found:?}");
        serve(folder.path());
    }
}
