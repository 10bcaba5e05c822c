//! Keeps commits on a file layer until it is killed, and says on standard output what was acknowledged:
//! `power-load DIRECTORY LAYER ROUND`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a program of a test: its failures are findings")]

use aslx_asl::Timestamp;
use aslx_engine::SystemClock;
use aslx_engine::interpreter::Status;
use aslx_engine::journal::{ExecutionNames, Lines};
use aslx_engine::store::{Append, Commit, Definition, SqliteOptions, SqliteStore, Store, Summary, Wake};
use aslx_tests_crash::power::entry;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// Executions at a time.
const SIDE_BY_SIDE: u64 = 16;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let [_, directory, layer, round] = std::env::args().collect::<Vec<_>>().try_into().unwrap();
    // The log is carried over often, so that power fails within that too.
    let options = SqliteOptions { file_layer: Some(layer), rows_in_log: 100, ..SqliteOptions::default() };
    let store = Arc::new(SqliteStore::open_with(Path::new(&directory), &SystemClock, options).unwrap());
    println!("open");
    let lanes = (0..SIDE_BY_SIDE).map(|lane| {
        let (store, round) = (store.clone(), round.clone());
        tokio::spawn(async move {
            for number in 0u64.. {
                execution(&store, &format!("{round}.{lane}.{number}")).await;
            }
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
}

async fn execution(store: &SqliteStore, name: &str) {
    let names = ExecutionNames::local("machine", name);
    for position in 0..3 {
        let status = if position == 2 { Status::Aborted } else { Status::Running };
        let stopped = (status != Status::Running).then(|| Timestamp::from_millis(1));
        let append = Append {
            journal: names.execution_arn.clone(),
            position,
            lines: Lines::of(&[entry(name, position)]),
            digest: position,
            summary: Summary { status, stopped, ..Summary::of(&names, "hash", Timestamp::from_millis(0)) },
            outcome: None,
            wake: Wake::Never,
            tokens: Vec::new(),
        };
        let definitions = vec![Definition { hash: "hash".into(), text: "{}".into() }];
        store.commit(Commit { definitions, ..Commit::append(append) }).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "{name} {}", position + 1).unwrap();
        out.flush().unwrap();
    }
}
