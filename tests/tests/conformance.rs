//! The project's own cases, and a folder of recorded ones if `ASLX_CONFORMANCE` names one, against the lists of cases
//! that may fail.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::indexing_slicing)]

use aslx_tests::case::{Body, Case, Kind, load};
use aslx_tests::jsonata;
use aslx_tests::judge;
use aslx_tests::known::Known;
use aslx_tests::library::Library;
use aslx_tests::report;
use aslx_tests::runner::{LIMIT, Verdict, play};
use aslx_tests::subject::{Observed, Subject};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn own_cases() -> Vec<Case> {
    load(&here("cases")).unwrap().cases
}

fn check(folder: &Path, list: &str) -> Vec<Verdict> {
    let loaded = load(folder).unwrap();
    let known = Known::parse(&fs::read_to_string(here(list)).unwrap()).unwrap();
    let subject: Arc<dyn Subject> = Arc::new(Library);
    let verdicts = play(&loaded.cases, &subject, LIMIT);
    let deviation = known.deviation(&verdicts, loaded.cases.iter().map(|case| case.name.as_str()));
    assert!(deviation.is_empty(), "\n{}", report::deviation(&deviation, list));
    println!("conformance: {}", report::total(&verdicts));
    verdicts
}

#[test]
fn own_cases_are_as_the_list_says() {
    let verdicts = check(&here("cases"), "known/own.txt");
    let passed = verdicts.iter().filter(|verdict| verdict.reason.is_none()).count();
    assert!(passed >= 200, "only {passed} of the project's own cases pass");
}

#[test]
fn recorded_cases_are_as_the_list_says() {
    match std::env::var_os("ASLX_CONFORMANCE") {
        Some(folder) => drop(check(&PathBuf::from(folder), "known/aws.txt")),
        None => println!("conformance: not run"),
    }
}

#[test]
fn the_jsonata_suite_is_as_the_list_says() {
    let Some(folder) = std::env::var_os("ASLX_CONFORMANCE") else {
        println!("JSONata suite: not run");
        return;
    };
    let played = jsonata::play(&PathBuf::from(folder).join("jsonata")).unwrap();
    let listed: Vec<Verdict> = played.verdicts.iter().chain(&played.refused).cloned().collect();
    let known = Known::parse(&fs::read_to_string(here("known/jsonata.txt")).unwrap()).unwrap();
    let deviation = known.deviation(&listed, listed.iter().map(|verdict| verdict.name.as_str()));
    assert!(deviation.is_empty(), "\n{}", report::deviation(&deviation, "known/jsonata.txt"));
    assert_eq!(played.verdicts.len(), 1_686);
    let passed = played.verdicts.iter().filter(|verdict| verdict.reason.is_none()).count();
    assert!(passed >= 1_675, "only {passed} pass");
}

/// The groups in which AWS's behaviour has been recorded: each has cases here too.
#[test]
fn every_group_has_cases() {
    let groups = [
        "activities",
        "arguments",
        "assign",
        "base",
        "callback",
        "choice_operators",
        "comments",
        "context_object",
        "credentials",
        "error_handling",
        "evaluate_jsonata",
        "express",
        "intrinsic_functions",
        "logs",
        "outputdecl",
        "query_language",
        "scenarios",
        "services",
        "sfn_api",
        "sfn_api_activities",
        "sfn_api_aliasing",
        "sfn_api_express",
        "sfn_api_logs",
        "sfn_api_map_run",
        "sfn_api_tagging",
        "sfn_api_validation",
        "sfn_api_variable_references",
        "sfn_api_versioning",
        "states_variables",
        "test_state",
        "timeouts",
    ];
    let cases = own_cases();
    let found: BTreeSet<&str> = cases.iter().map(|case| case.group.as_str()).collect();
    assert_eq!(found, BTreeSet::from(groups));
    for kind in [Kind::Execution, Kind::Validation, Kind::Api] {
        assert!(cases.iter().any(|case| case.body.kind() == kind), "no case of kind {kind}");
    }
}

/// Every case that passes must fail when anything in its history is another: else it would pass for any history.
#[test]
fn a_changed_history_never_passes() {
    let mut changes = 0;
    for case in own_cases() {
        let Body::Execution(execution) = &case.body else { continue };
        let Ok(observed) = Library.execute(execution) else { continue };
        if execution.expect.history.is_none() || judge::execution(execution, observed.clone()).is_err() {
            continue;
        }
        let events = observed.history.len();
        let mut refuse = |change: &str, at: usize, changed: Observed| {
            changes += 1;
            let verdict = judge::execution(execution, changed);
            assert!(verdict.is_err(), "{}: {change} of event {} goes unnoticed", case.name, at + 1);
        };
        for at in 0..events {
            let previous = observed.history[at]["previousEventId"].as_u64().unwrap();
            for wrong in (0..=events as u64).filter(|wrong| *wrong != previous) {
                let mut changed = observed.clone();
                changed.history[at]["previousEventId"] = json!(wrong);
                refuse("another predecessor", at, changed);
            }
            let mut changed = observed.clone();
            changed.history.remove(at);
            refuse("the loss", at, changed);
            let mut changed = observed.clone();
            changed.history[at]["type"] = json!("TaskStartFailed");
            refuse("another type", at, changed);
            let mut changed = observed.clone();
            changed.history[at]["more"] = json!(1);
            refuse("another member", at, changed);
            if at > 0 {
                let mut changed = observed.clone();
                changed.history.swap(at - 1, at);
                refuse("another place", at, changed);
            }
        }
        let mut changed = observed.clone();
        changed.output = Some("\"another\"".into());
        refuse("another output instead", 0, changed);
    }
    assert!(changes > 5_000, "only {changes} changes were tried");
}
