//! No acknowledged start, callback or stop is missing after a power failure.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use aslx_engine::SystemClock;
use aslx_engine::journal::{Entry, ExecutionNames};
use aslx_engine::store::{SqliteStore, Store};
use aslx_tests_crash::Numbers;
use aslx_tests_crash::kill::{Disturbance, Plan, Program, compare};
use aslx_tests_crash::power::{after_power_failure, begin_with, entry};
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// What was acknowledged: entries by the name of the execution.
type Acknowledged = HashMap<String, u64>;

/// What came of it.
#[derive(Debug, Default)]
struct Seen {
    acknowledged: usize,
    missing: Vec<String>,
    /// Executions of the last round that were there though nobody was told.
    kept_untold: usize,
}

/// Lets the load run on a directory, kills it, and gives what it had said by then.
fn load(directory: &Path, layer: &str, round: u64, lasts: Duration, told: &mut Acknowledged) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_power-load"))
        .args([directory.to_str().unwrap(), layer, &round.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "open");
    let reader = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>());
    std::thread::sleep(lasts);
    child.kill().unwrap();
    child.wait().unwrap();
    for line in reader.join().unwrap() {
        let (name, count) = line.split_once(' ').unwrap();
        told.insert(name.to_owned(), count.parse().unwrap());
    }
}

/// Opens what is left and looks for everything that was acknowledged.
fn look(directory: &Path, told: &Acknowledged, seen: &mut Seen) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = SqliteStore::open(directory, &SystemClock).unwrap();
    for (name, count) in told {
        let arn = ExecutionNames::local("machine", name).execution_arn;
        let kept: Vec<Entry> = match runtime.block_on(store.journal(&arn)) {
            Ok(stored) => stored.entries(&arn).unwrap(),
            Err(_) => Vec::new(),
        };
        seen.acknowledged += *count as usize;
        seen.kept_untold += kept.len().saturating_sub(*count as usize);
        let right = kept.iter().enumerate().all(|(number, kept)| *kept == entry(name, number as u64));
        if !right || (kept.len() as u64) < *count {
            seen.missing.push(format!("{name}: {} of {count}", kept.len()));
        }
    }
    let checked = store.check(false).unwrap();
    let of_the_file = checked.findings.iter().filter(|finding| finding.journal.is_none());
    seen.missing.extend(of_the_file.map(ToString::to_string));
}

/// Rounds of load and power failure, each on what the one before has left.
fn fail_often(layer: &str, rounds: u64, seed: u64) -> Seen {
    println!("seed {seed}");
    let folder = tempfile::tempdir().unwrap();
    let mut numbers = Numbers(seed);
    let (mut told, mut seen) = (Acknowledged::new(), Seen::default());
    let mut directory = folder.path().join("0");
    for round in 1..=rounds {
        let lasts = Duration::from_millis(20 + numbers.below(400));
        load(&directory, layer, round, lasts, &mut told);
        let left = folder.path().join(round.to_string());
        after_power_failure(&directory, &left, &mut numbers).unwrap();
        // Looking changes the files.
        let next = folder.path().join(format!("{round}.next"));
        std::fs::create_dir(&next).unwrap();
        for file in std::fs::read_dir(&left).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), next.join(file.file_name())).unwrap();
        }
        begin_with(&next).unwrap();
        seen = Seen::default();
        look(&left, &told, &mut seen);
        if !seen.missing.is_empty() {
            return seen;
        }
        std::fs::remove_dir_all(&directory).unwrap();
        std::fs::remove_dir_all(&left).unwrap();
        directory = next;
    }
    seen
}

fn seed() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64
}

#[test]
fn nothing_that_was_acknowledged_is_missing() {
    let seen = fail_often("lossy", 8, seed());
    println!("{} entries acknowledged, {} more kept", seen.acknowledged, seen.kept_untold);
    assert_eq!(seen.missing, Vec::<String>::new());
    assert!(seen.acknowledged > 100, "{}", seen.acknowledged);
}

/// The same of all that a server acknowledges. What was running goes on from what the disk has.
#[test]
fn a_server_whose_power_fails_ends_everything_as_if_undisturbed() {
    let seed = seed();
    println!("seed {seed}");
    let program = Program::Server(env!("CARGO_BIN_EXE_server-load").into());
    let (session, faults) = compare(&program, Plan::of(8, seed), Disturbance::Power);
    assert!(faults.is_empty(), "seed {seed}:\n{}", faults.join("\n"));
    assert!(session.acknowledged > 240, "{session:?}");
}

/// The tests above would notice: a disk that says that it has synced and has not loses what was acknowledged.
#[test]
fn a_disk_that_lies_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let (mut told, mut seen) = (Acknowledged::new(), Seen::default());
    let (from, left) = (folder.path().join("0"), folder.path().join("1"));
    load(&from, "lying", 1, Duration::from_millis(300), &mut told);
    assert!(!told.is_empty());
    // All that was ever written was pending: it is gone.
    for file in std::fs::read_dir(&from).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pending") {
            std::fs::write(path, []).unwrap();
        }
    }
    after_power_failure(&from, &left, &mut Numbers(1)).unwrap();
    look(&left, &told, &mut seen);
    assert_eq!(seen.missing.len(), told.len());
}
