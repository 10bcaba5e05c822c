use super::*;
use crate::SystemClock;
use crate::interpreter::Status;
use crate::journal::{Entry, EntryKind, ExecutionNames};
use crate::store::{Append, Definition, RecordChange, Retention, Wake, suite};
use std::sync::atomic::{AtomicU64, Ordering};

fn open(directory: &Path) -> SqliteStore {
    SqliteStore::open(directory, &SystemClock).unwrap()
}

fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn commit(name: &str, position: u64, status: Status) -> Commit {
    let entry = Entry { at: Timestamp::from_millis(1), kind: EntryKind::Resumed };
    let names = ExecutionNames::local("machine", name);
    let stopped = (status != Status::Running).then(|| Timestamp::from_millis(6));
    let append = Append {
        journal: names.execution_arn.clone(),
        position,
        lines: Lines::of(&[entry]),
        digest: u64::MAX,
        summary: Summary { status, stopped, ..Summary::of(&names, "hash", Timestamp::from_millis(5)) },
        outcome: None,
        wake: Wake::At(Timestamp::from_millis(77)),
        tokens: vec![format!("token of {name}").into()],
    };
    let definitions = vec![Definition { hash: "hash".into(), text: "{}".into() }];
    Commit { definitions, ..Commit::append(append) }
}

#[test]
fn it_passes_the_suite() {
    let folder = tempfile::tempdir().unwrap();
    let number = AtomicU64::new(0);
    suite::check(|| open(&folder.path().join(number.fetch_add(1, Ordering::Relaxed).to_string())));
}

#[test]
fn what_was_kept_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let arn = ExecutionNames::local("machine", "a").execution_arn;
    let before = {
        let store = open(folder.path());
        now(store.commit(commit("a", 0, Status::Running))).unwrap();
        now(store.commit(commit("a", 1, Status::Running))).unwrap();
        now(store.commit(commit("b", 0, Status::Failed))).unwrap();
        now(store.commit(Commit::records([RecordChange::put("machine", "m", b"1")]))).unwrap();
        (now(store.journal(&arn)).unwrap(), now(store.summary(&arn)).unwrap())
    };
    let store = open(folder.path());
    assert_eq!((now(store.journal(&arn)).unwrap(), now(store.summary(&arn)).unwrap()), before);
    assert_eq!(before.0.digest, u64::MAX);
    assert_eq!(now(store.count_open()), Ok(1));
    assert_eq!(now(store.token("token of a")), Ok(Some(arn)));
    assert_eq!(now(store.record("machine", "m")).unwrap().as_deref(), Some(&b"1"[..]));
    // New journals do not take the place of old ones.
    now(store.commit(commit("c", 0, Status::Running))).unwrap();
    assert_eq!(now(store.count_open()), Ok(2));
}

#[test]
fn one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    let error = SqliteStore::open(folder.path(), &SystemClock).err().unwrap().to_string();
    let start =
        format!("the data directory `{}` is in use by process {} since 2", folder.path().display(), std::process::id());
    assert!(error.starts_with(&start), "{error}");
    drop(first);
    open(folder.path());
}

#[test]
fn many_commits_at_a_time_are_all_kept_and_the_wrong_ones_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    now(store.commit(commit("0", 0, Status::Running))).unwrap();
    let all = (0..500).map(|number| store.commit(commit(&(number / 2).to_string(), 0, Status::Running)));
    let answers = now(futures_util::future::join_all(all));
    // Of the two with each name one is refused; of the name that was there already both.
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 249);
    assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err(StoreError::Conflict { found: 1, .. }))));
    assert_eq!(now(store.count_open()), Ok(250));
    assert_eq!(store.check(false).unwrap().findings.iter().filter(|finding| finding.journal.is_none()).count(), 0);
}

#[test]
fn a_full_disk_is_an_error_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions { max_bytes: Some(400_000), ..SqliteOptions::default() };
    let store = SqliteStore::open_with(folder.path(), &SystemClock, options).unwrap();
    let large = |name: &str| {
        let mut commit = commit(name, 0, Status::Running);
        commit.records.push(RecordChange::put("large", name, &[7; 10_000]));
        commit
    };
    let all = (0..100).map(|number| (number.to_string(), store.commit(large(&number.to_string()))));
    let (names, commits): (Vec<_>, Vec<_>) = all.unzip();
    let mut answers = now(futures_util::future::join_all(commits));
    // One after the other, so that some fit.
    for name in 100..200 {
        answers.push(now(store.commit(large(&name.to_string()))));
    }
    let names: Vec<String> = names.into_iter().chain((100..200).map(|name| name.to_string())).collect();
    let kept = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(kept > 10 && kept < 40, "{kept} were kept");
    assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err(StoreError::Failed(_)))), "{answers:?}");
    let there = |store: &SqliteStore| {
        names.iter().map(|name| now(store.record("large", name)).unwrap().is_some()).collect::<Vec<_>>()
    };
    let acknowledged: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(there(&store), acknowledged);
    assert_eq!(now(store.count_open()), Ok(kept as u64));
    drop(store);
    // With room it goes on.
    let store = open(folder.path());
    assert_eq!(there(&store), acknowledged);
    assert_eq!(now(store.count_open()), Ok(kept as u64));
    now(store.commit(large("more"))).unwrap();
    assert!(store.check(false).unwrap().findings.iter().all(|finding| finding.journal.is_some()));
}

#[test]
fn other_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = Connection::open(folder.path().join(FILE)).unwrap();
    foreign.execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
    drop(foreign);
    let error = |folder: &Path| SqliteStore::open(folder, &SystemClock).err().unwrap().to_string();
    assert_eq!(error(folder.path()), "`aslx.sqlite3` is an SQLite database, but not one of aslx");
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let newer = Connection::open(folder.path().join(FILE)).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let known = schema::VERSION;
    let told = format!("the store has the tables of version 99, this program knows up to version {known}");
    assert_eq!(error(folder.path()), told);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), "something else ".repeat(1000)).unwrap();
    assert_eq!(error(folder.path()), "the store cannot be opened: file is not a database");
    // A lock of another program stays what it is.
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("lock");
    std::fs::write(&lock, "4711\n").unwrap();
    assert_eq!(error(folder.path()), format!("`{}` belongs to another program", lock.display()));
    assert_eq!(std::fs::read_to_string(&lock).unwrap(), "4711\n");
    std::fs::write(&lock, "").unwrap();
    drop(open(folder.path()));
    drop(open(folder.path()));
}

/// Kept as the program of that time left it; `docs/store-format.md` says how to make one for a new version.
const FIRST: &[u8] = include_bytes!("testdata/version-1.sqlite3");

#[test]
fn an_old_file_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), FIRST).unwrap();
    let arn = ExecutionNames::local("machine", "old").execution_arn;
    for _ in 0..2 {
        let store = open(folder.path());
        assert_eq!(now(store.journal(&arn)).unwrap().lines.len(), 1);
        assert_eq!(now(store.token("token of old")), Ok(Some(arn.clone())));
        assert_eq!(now(store.definition("hash")).unwrap().as_deref(), Some("{}"));
        assert_eq!(now(store.sealed(&arn)), Ok(None));
        assert_eq!(pragma(&store, "user_version"), schema::VERSION);
    }
}

fn pragma(store: &SqliteStore, name: &str) -> i64 {
    store.read(|connection| Ok(connection.pragma_query_value(None, name, |row| row.get(0)).unwrap())).unwrap()
}

/// Left by a server of that time, with a sealed history, a map run, a callback, and something that sleeps.
const SECOND: &[u8] = include_bytes!("testdata/version-2.sqlite3");

#[test]
fn what_an_earlier_server_left_is_all_there() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), SECOND).unwrap();
    let arn = |name: &str| format!("arn:aws:states:us-east-1:000000000000:execution:{name}");
    for round in 0..2 {
        let store = open(folder.path());
        assert_eq!(pragma(&store, "user_version"), schema::VERSION);
        let checked = store.check(true).unwrap();
        // What this test seals below is not what happened.
        let found: Vec<&str> = checked.findings.iter().map(|finding| finding.what.as_str()).collect();
        let made_up = &["its sealed history is not that of its journal"][..round];
        assert_eq!((checked.journals, &found[..]), (8, made_up));
        assert_eq!(now(store.count_open()), Ok(2));
        assert_eq!(now(store.summary(&arn("work:old"))).unwrap().status, Status::Running);
        assert_eq!(now(store.records("server.machine", "", None, 10)).unwrap().len(), 4);
        // Histories had no checksum then: they are made again, once.
        let unsealed = now(store.unsealed(Timestamp::from_millis(i64::MAX), None, 10)).unwrap();
        assert_eq!(unsealed.len(), if round == 0 { 5 } else { 4 });
        if round == 0 {
            assert_eq!(now(store.seal(&arn("short:old"), 1, Arc::from(*b"[]"))), Ok(true));
        }
        assert_eq!(now(store.sealed(&arn("short:old"))).unwrap().as_deref(), Some(&b"[]"[..]));
    }
}

/// Left by a server of that time: a sealed history, a map run, a failure, an activity's task, something that sleeps.
const THIRD: &[u8] = include_bytes!("testdata/version-3.sqlite3");

/// Left by a server of that time that was killed: the same and another map run, all but that in the inbox.
const FOURTH: &[u8] = include_bytes!("testdata/version-4.sqlite3");

#[test]
fn what_the_third_and_the_fourth_version_left_is_all_there() {
    all_is_there(THIRD, 9);
    all_is_there(FOURTH, 14);
}

fn all_is_there(file: &[u8], journals: u64) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), file).unwrap();
    let arn = |name: &str| format!("arn:aws:states:us-east-1:000000000000:execution:{name}:old");
    for _ in 0..2 {
        let store = open(folder.path());
        assert_eq!(pragma(&store, "user_version"), schema::VERSION);
        let checked = store.check(true).unwrap();
        assert_eq!((checked.journals, checked.findings), (journals, Vec::new()));
        assert_eq!(now(store.count_open()), Ok(2));
        let statuses =
            ["short", "many", "fail", "work", "sleep"].map(|name| now(store.summary(&arn(name))).unwrap().status);
        let expected = [Status::Succeeded, Status::Succeeded, Status::Failed, Status::Running, Status::Running];
        assert_eq!(statuses, expected);
        let sleepers = now(store.sleepers(None, Timestamp::from_millis(i64::MAX), 10)).unwrap();
        assert_eq!(sleepers.len(), 2);
        let listed = now(store.list(Listing::of(crate::store::Scope::All, 10))).unwrap().found;
        let old = listed.iter().filter_map(|(arn, _)| arn.strip_suffix(":old"));
        let names: Vec<&str> = old.map(|arn| arn.rsplit(':').next().unwrap()).collect();
        assert_eq!(names, ["fail", "many", "sleep", "work", "short"]);
    }
}

/// What was removed leaves room in the file; much of it is given back, a little at a time.
#[test]
fn room_that_is_not_needed_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..300 {
        let mut commit = commit(&number.to_string(), 0, Status::Failed);
        commit.appends[0].summary.stopped = Some(Timestamp::from_millis(number));
        commit.appends[0].outcome = None;
        let entry = Entry {
            at: Timestamp::from_millis(1),
            kind: EntryKind::StopRequested { error: None, cause: Some("x".repeat(40_000).into()) },
        };
        commit.appends[0].lines = Lines::of(&[entry]);
        now(store.commit(commit)).unwrap();
    }
    let full = pragma(&store, "page_count");
    assert!(full > 2_200, "{full}");
    let retention = Retention { keep: Some(20), ..Retention::default() };
    let (mut gone, mut bites) = (0, 0);
    loop {
        let expired = now(store.expire(retention.clone(), 50)).unwrap();
        (gone, bites) = (gone + expired.executions, bites + 1);
        if !expired.more {
            break;
        }
    }
    assert_eq!(gone, 280);
    // Six that remove, and some that give back, each no more than its share.
    assert!(bites > 8, "{bites}");
    let (left, free) = (pragma(&store, "page_count"), pragma(&store, "freelist_count"));
    assert!(left < full - 900 && free <= 1_024, "{left} of {full} pages are left, {free} of them free");
    assert_eq!(now(store.list(Listing::of(crate::store::Scope::All, 100))).unwrap().found.len(), 20);
    drop(store);
    let length = std::fs::metadata(folder.path().join(FILE)).unwrap().len();
    assert_eq!(length, left.cast_unsigned() * 4096);
}

/// Makes the file above: `cargo test -p aslx-engine --features sqlite makes_the_old_file -- --ignored`.
#[test]
#[ignore = "only for a new version of the tables"]
fn makes_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let mut connection = Connection::open(&path).unwrap();
    schema::of_version(&mut connection, 1).unwrap();
    let mut tables = Tables::new(connection).unwrap();
    let old = commit("old", 0, Status::Running);
    tables.connection.execute_batch("BEGIN").unwrap();
    tables.apply(old).unwrap();
    tables.settle().unwrap();
    tables.connection.execute_batch("COMMIT").unwrap();
    drop(tables);
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sqlite/testdata/version-1.sqlite3");
    std::fs::copy(path, to).unwrap();
}

/// A file that was made before it could give room back is written anew once.
#[test]
fn an_old_file_is_made_smaller() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), SECOND).unwrap();
    {
        let store = open(folder.path());
        assert_eq!(pragma(&store, "auto_vacuum"), 0);
        now(store.commit(Commit::records([RecordChange::put("large", "a", &[7; 400_000])]))).unwrap();
        now(store.commit(Commit::records([RecordChange::delete("large", "a")]))).unwrap();
    }
    let (before, after) = SqliteStore::compact(folder.path(), &SystemClock).unwrap();
    assert!(before > 1_000_000 && after < 800_000, "{before}, {after}");
    let store = open(folder.path());
    assert_eq!((pragma(&store, "auto_vacuum"), pragma(&store, "freelist_count")), (2, 0));
    let checked = store.check(true).unwrap();
    assert_eq!((checked.journals, checked.findings), (8, Vec::new()));
    assert!(SqliteStore::compact(folder.path(), &SystemClock).unwrap_err().to_string().contains("in use"));
}

/// A list is found by an index, never by looking at everything.
#[test]
fn questions_have_their_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let plan = |sql: &str| {
        let explain = |connection: &Connection| {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let rows = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
            Ok(rows.map(|row| row.unwrap()).collect::<Vec<_>>().join("; "))
        };
        store.read(explain).unwrap()
    };
    let list =
        |conditions: &str| plan(&format!("SELECT arn FROM journals WHERE {conditions} ORDER BY started DESC, id DESC"));
    assert_eq!(list("machine = 1"), "SEARCH journals USING INDEX by_machine (machine=?)");
    assert_eq!(
        list("machine = 1 AND status = 0 AND status <> 1"),
        "SEARCH journals USING INDEX not_succeeded (status=? AND machine=?)"
    );
    assert_eq!(list("parent = 'a'"), "SEARCH journals USING INDEX by_parent (parent=?)");
    assert_eq!(list("parent IS NULL"), "SCAN journals USING INDEX by_start");
    let wake = "SELECT wake, id, arn FROM journals WHERE wake IS NOT NULL AND (wake, id) > (1, 1) AND wake <= 3 ORDER BY wake, id";
    assert_eq!(plan(wake), "SEARCH journals USING INDEX by_wake (wake>? AND wake<?)");
}
