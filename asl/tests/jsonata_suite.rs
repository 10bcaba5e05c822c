//! The suite of the reference implementation (jsonata-js, MIT), where `ASLX_JSONATA_SUITE` gives its folder.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use aslx_asl::Timestamp;
use aslx_asl::jsonata::suite::{CaseResult, run_file};
use std::path::{Path, PathBuf};

/// Cases that do not pass, with the reason, and cases that the dialect of Step Functions refuses.
const KNOWN: &str = include_str!("jsonata_known.txt");

fn run(dir: &Path) -> Vec<CaseResult> {
    let mut files: Vec<PathBuf> = Vec::new();
    for group in std::fs::read_dir(dir.join("groups")).unwrap() {
        let group = group.unwrap().path();
        if group.is_dir() {
            files.extend(std::fs::read_dir(group).unwrap().map(|file| file.unwrap().path()));
        }
    }
    files.retain(|file| file.extension().is_some_and(|e| e == "json"));
    files.sort();
    let read = |path: &str| std::fs::read_to_string(dir.join(path)).ok();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = Timestamp::from_millis(now.as_millis() as i64);
    let mut results = Vec::new();
    for file in files {
        let name = file.strip_prefix(dir.join("groups")).unwrap().to_str().unwrap().to_owned();
        results.extend(run_file(&name, &std::fs::read_to_string(&file).unwrap(), &read, now));
    }
    results
}

#[test]
fn every_case_passes_but_those_that_are_listed() {
    let Some(dir) = std::env::var_os("ASLX_JSONATA_SUITE") else { return };
    let results = run(Path::new(&dir));
    let failed = results.iter().filter(|r| r.problem.is_some());
    let actual: Vec<String> = failed.map(|r| format!("fails {}", r.name)).collect();
    let refused = results.iter().filter_map(|r| Some(format!("refused {} {}", r.name, r.refused?)));
    let mut actual: Vec<String> = actual.into_iter().chain(refused).collect();
    if let Some(file) = std::env::var_os("ASLX_JSONATA_WRITE") {
        std::fs::write(file, actual.join("\n")).unwrap();
        return;
    }
    let lines = KNOWN.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut expected: Vec<String> = lines.map(|line| line.split(": ").next().unwrap().to_owned()).collect();
    actual.sort();
    expected.sort();
    let problems: Vec<_> = results.iter().filter_map(|r| Some((&r.name, r.problem.as_ref()?))).collect();
    assert_eq!(actual, expected, "{problems:?}");
    assert_eq!(results.len(), 1_686);
    assert!(problems.len() <= 11);
}
