//! Cut after any commit and taken up again, everything ends the same.

use crate::common::{self, recording::Recording};
use crate::distributed::over;
use crate::support::{EXECUTION, Tasks, callback, machine, program, request, virtually, work};
use aslx_asl::Program;
use aslx_engine::SystemClock;
use aslx_engine::interpreter::{Outcome, Status};
use aslx_engine::runtime::{Engine, Pace};
use aslx_engine::store::{JournalKind, Listing, Scope, Store};
use aslx_engine::task::BoxTaskService;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// One thread: tasks that are begun in the same order answer in the same order.
fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn engine(store: &Arc<Recording>, tasks: BoxTaskService) -> Engine {
    Engine::builder(store.clone(), Arc::new(SystemClock), tasks).pace(Pace::Virtual).build()
}

async fn run(store: &Arc<Recording>, program: Arc<Program>, tasks: BoxTaskService) -> Outcome {
    let handle = engine(store, tasks).start(program, request(&json!({ "n": 1 }))).await.unwrap();
    handle.wait().await.unwrap().outcome
}

/// What the store says of everything that has ended: no execution, run or child is left behind.
async fn all(store: &Arc<Recording>) -> Vec<(String, Status)> {
    let mut found = Vec::new();
    let mut scopes = vec![Scope::All];
    while let Some(scope) = scopes.pop() {
        for kind in [JournalKind::Execution, JournalKind::MapRun] {
            let mut listing = Listing::of(scope.clone(), 1_000);
            listing.kind = kind;
            for (arn, summary) in store.list(listing).await.unwrap().found {
                scopes.push(Scope::Parent(arn.clone()));
                found.push((arn.to_string(), summary.status));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// Runs to the end, then from each commit on.
fn cut_everywhere(program: &Arc<Program>, tasks: &dyn Fn() -> BoxTaskService) -> usize {
    block(async {
        let store = Recording::new();
        let outcome = run(&store, program.clone(), tasks()).await;
        let expected = all(&store).await;
        let commits = store.commits().len();
        for cut in 1..=commits {
            let cut_store = store.after(cut);
            let engine = engine(&cut_store, tasks());
            let recovered = engine.recover_all().await.unwrap();
            assert_eq!(recovered.failed, 0, "cut after {cut} of {commits}");
            let resumed = engine.wait(EXECUTION).await.unwrap();
            assert_eq!(resumed, outcome, "cut after {cut} of {commits}");
            let found = all(&cut_store).await;
            if outcome.status == Status::Succeeded {
                assert_eq!(found, expected, "cut after {cut} of {commits}");
            } else {
                // Which of the siblings of a failing child had ended by then is chance.
                assert!(found.iter().all(|(_, status)| *status != Status::Running), "cut after {cut} of {commits}");
            }
        }
        commits
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_machines_end_the_same(parts in common::machine()) {
        cut_everywhere(&common::program(&parts), &|| common::tasks(false));
    }

    #[test]
    fn random_children_end_the_same(
        parts in common::machine(),
        express in any::<bool>(),
        items in 0..7usize,
        limit in 0..3usize,
        tolerated in 0..4usize,
    ) {
        let mut processor: Json = serde_json::from_str(&common::definition(&parts)).unwrap();
        let child = if express { "EXPRESS" } else { "STANDARD" };
        processor["ProcessorConfig"] = json!({ "Mode": "DISTRIBUTED", "ExecutionType": child });
        let list: Vec<Json> = (0..items).map(|n| json!({ "p": n })).collect();
        let definition = machine(json!({
            "List": { "Type": "Pass", "Result": list, "Next": "Each" },
            "Each": {
                "Type": "Map", "End": true, "Label": "each", "ItemProcessor": processor, "MaxConcurrency": limit,
                "ToleratedFailureCount": tolerated,
            },
        }));
        cut_everywhere(&program(&definition), &|| common::tasks(false));
    }
}

#[test]
fn runs_within_runs_end_the_same() {
    let inner = over(3, "STANDARD", work("a"), json!({}));
    let mut processor = inner;
    processor["ProcessorConfig"] = json!({ "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" });
    let definition = machine(json!({
        "Numbers": { "Type": "Pass", "Result": [10, 20], "Next": "Outer" },
        "Outer": {
            "Type": "Map", "End": true, "Label": "outer", "ItemProcessor": processor, "MaxConcurrency": 1,
        },
    }));
    let commits = cut_everywhere(&program(&definition), &|| Tasks::default().service());
    assert!(commits > 2, "{commits}");
}

/// Redriven after a failure, and cut anywhere before or after that.
#[test]
fn a_redrive_survives_a_restart() {
    for child in ["STANDARD", "EXPRESS"] {
        let definition = over(5, child, work("a"), json!({ "MaxConcurrency": 2 }));
        block(async {
            let (store, tasks) = (Recording::new(), Tasks::default());
            tasks.fail(&["Item:2"]);
            assert_eq!(run(&store, program(&definition), tasks.service()).await.status, Status::Failed);
            let failed = store.commits().len();
            tasks.fail(&[]);
            let engine = virtually(&store, &tasks);
            engine.redrive(EXECUTION, None).await.unwrap();
            let outcome = engine.wait(EXECUTION).await.unwrap();
            assert_eq!(outcome.status, Status::Succeeded);
            let expected = all(&store).await;
            for cut in failed + 1..=store.commits().len() {
                let cut_store = store.after(cut);
                let engine = virtually(&cut_store, &tasks);
                engine.recover_all().await.unwrap();
                assert_eq!(engine.wait(EXECUTION).await.unwrap(), outcome, "{child}, cut after {cut}");
                assert_eq!(all(&cut_store).await, expected, "{child}, cut after {cut}");
            }
        });
    }
}

/// An acknowledged answer counts, an unacknowledged one can be given again: in any case once.
#[test]
fn an_answer_by_token_is_applied_once() {
    let branch = |name: &str| machine(json!({ name: callback() }));
    let both = json!({ "Type": "Parallel", "End": true, "Branches": [branch("A"), branch("B")] });
    let definition = machine(json!({ "Both": both }));
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = virtually(&store, &tasks);
        let handle = crate::support::start(&engine, &definition, &json!({})).await;
        let tokens = [tasks.token().await, tasks.token().await];
        for token in &tokens {
            engine.task_succeeded(token, "1").await.unwrap();
        }
        let outcome = handle.wait().await.unwrap().outcome;
        for cut in 1..=store.commits().len() {
            let (cut_store, tasks) = (store.after(cut), Tasks::default());
            let engine = virtually(&cut_store, &tasks);
            engine.recover_all().await.unwrap();
            for token in &tokens {
                // Closed or open: the same token, and never a second effect.
                let _ = engine.task_succeeded(token, "1").await;
            }
            assert_eq!(engine.wait(EXECUTION).await.unwrap(), outcome, "cut after {cut}");
        }
    });
}
