//! Map runs: children with journals of their own, none of them repeated.

use crate::common::recording::Recording;
use crate::support::{EXECUTION, Tasks, block, builder, callback, machine, start, story_from, virtually, work};
use aslx_engine::interpreter::Status;
use aslx_engine::map_run::RunLimits;
use aslx_engine::runtime::{Engine, MapRunDetails};
use aslx_engine::store::{JournalKind, Listing, Scope, Store, Summary};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// A distributed Map over numbers.
pub(crate) fn over(count: usize, child: &str, state: Json, more: Json) -> Json {
    let mut processor = machine(json!({ "Item": state }));
    processor["ProcessorConfig"] = json!({ "Mode": "DISTRIBUTED", "ExecutionType": child });
    let mut map = json!({ "Type": "Map", "End": true, "Label": "each", "ItemProcessor": processor });
    map.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let list: Vec<usize> = (0..count).collect();
    machine(json!({ "List": { "Type": "Pass", "Result": list, "Next": "Each" }, "Each": map }))
}

async fn listed(store: &Recording, kind: JournalKind, parent: &str) -> Vec<(Arc<str>, Summary)> {
    let mut listing = Listing::of(Scope::Parent(parent.into()), 1_000);
    listing.kind = kind;
    store.list(listing).await.unwrap().found
}

async fn run_of(store: &Recording) -> (Arc<str>, Summary) {
    listed(store, JournalKind::MapRun, EXECUTION).await.remove(0)
}

async fn statuses(store: &Recording) -> Vec<(Arc<str>, &'static str, u64)> {
    let (run, _) = run_of(store).await;
    let mut found: Vec<_> = listed(store, JournalKind::Execution, &run)
        .await
        .into_iter()
        .map(|(arn, summary)| (arn, summary.status.name(), summary.redrives))
        .collect();
    found.sort();
    found
}

fn count(found: &[(Arc<str>, &'static str, u64)], status: &str) -> usize {
    found.iter().filter(|(_, found, _)| *found == status).count()
}

#[test]
fn a_run_and_its_children_are_in_the_store() {
    block(async {
        for child in ["STANDARD", "EXPRESS"] {
            let (store, tasks) = (Recording::new(), Tasks::default());
            let engine = virtually(&store, &tasks);
            let definition = over(5, child, work("a"), json!({ "MaxConcurrency": 2 }));
            let finished = start(&engine, &definition, &json!({})).await.wait().await.unwrap();
            assert_eq!(finished.outcome.output.unwrap().text().as_ref(), "[0,1,2,3,4]");
            let (run, summary) = run_of(&store).await;
            assert!(run.starts_with("arn:aws:states:us-east-1:000000000000:mapRun:machine/each:"), "{run}");
            assert_eq!((summary.status, summary.parent.as_deref()), (Status::Succeeded, Some(EXECUTION)));
            let details = MapRunDetails::parse(summary.details.as_deref().unwrap()).unwrap();
            assert_eq!((details.max_concurrency, details.item_counts.succeeded), (2, 5));
            assert_eq!(details.execution_counts.total, 5);
            let children = statuses(&store).await;
            assert_eq!((children.len(), count(&children, "SUCCEEDED")), (5, 5), "{child}");
            let kind = if child == "EXPRESS" { ":express:machine/each:" } else { ":execution:machine/each:" };
            assert!(children[0].0.contains(kind), "{}", children[0].0);
            let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:machine/each";
            assert_eq!(&*store.summary(&children[0].0).await.unwrap().machine, machine);
        }
    });
}

/// Killed while some children wait and others have ended.
#[test]
fn after_a_restart_no_finished_child_is_repeated() {
    for child in ["STANDARD", "EXPRESS"] {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let state = if child == "STANDARD" { callback() } else { work("a") };
        let definition = over(6, child, state, json!({ "MaxConcurrency": 3 }));
        let answered = block(async {
            let engine = builder(&store, &tasks).build();
            start(&engine, &definition, &json!({})).await;
            if child == "EXPRESS" {
                engine.wait(EXECUTION).await.unwrap();
                return 6;
            }
            for _ in 0..4 {
                let token = tasks.token().await;
                engine.task_succeeded(&token, "\"done\"").await.unwrap();
            }
            while tasks.tokens.lock().unwrap().len() < 2 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            4
        });
        if answered == 6 {
            continue;
        }
        block(async {
            let engine = builder(&store, &tasks).patience(Some(Duration::from_millis(5))).build();
            engine.recover_all().await.unwrap();
            tokio::time::sleep(Duration::from_millis(60)).await;
            // The run was put away with its children; their tokens find it.
            assert_eq!((engine.running().len(), engine.sleeping()), (0, 1));
            for _ in 0..2 {
                let token = tasks.token().await;
                engine.task_succeeded(&token, "\"done\"").await.unwrap();
            }
            let outcome = engine.wait(EXECUTION).await.unwrap();
            assert_eq!(outcome.output.unwrap().text().as_ref(), r#"["done","done","done","done","done","done"]"#);
            assert!(tasks.tokens.lock().unwrap().is_empty());
            assert_eq!(count(&statuses(&store).await, "SUCCEEDED"), 6);
        });
    }
}

async fn fails(engine: &Engine, definition: &Json) {
    let finished = start(engine, definition, &json!({})).await.wait().await.unwrap();
    assert_eq!(finished.outcome.error.as_deref(), Some("States.ExceedToleratedFailureThreshold"));
}

#[test]
fn a_redrive_runs_what_was_not_successful() {
    block(async {
        for child in ["STANDARD", "EXPRESS"] {
            let (store, tasks) = (Recording::new(), Tasks::default());
            let engine = virtually(&store, &tasks);
            let definition = over(6, child, work("a"), json!({ "MaxConcurrency": 1 }));
            tasks.fail(&["Item:3"]);
            fails(&engine, &definition).await;
            let before = statuses(&store).await;
            assert_eq!((count(&before, "SUCCEEDED"), count(&before, "FAILED")), (3, 1));
            tasks.calls();
            tasks.fail(&[]);
            engine.redrive(EXECUTION, None).await.unwrap();
            let outcome = engine.wait(EXECUTION).await.unwrap();
            assert_eq!(outcome.output.unwrap().text().as_ref(), "[0,1,2,3,4,5]", "{child}");
            assert_eq!(tasks.calls(), ["Item:3", "Item:4", "Item:5"]);
            let (_, summary) = run_of(&store).await;
            assert_eq!((summary.status, summary.redrives), (Status::Succeeded, 1));
            let after = statuses(&store).await;
            let failed = before.iter().find(|(_, status, _)| *status == "FAILED").unwrap();
            let again = after.iter().find(|(arn, ..)| *arn == failed.0).unwrap();
            assert_eq!((again.1, again.2), ("SUCCEEDED", u64::from(child == "STANDARD")));
            let story = story_from(&engine, 5).await;
            assert_eq!(story[1..4], ["6<5 MapRunStarted", "7<6 MapRunFailed", "8<7 MapStateFailed"]);
            let types: Vec<&str> = story[4..].iter().map(|event| event.split(' ').nth(1).unwrap()).collect();
            assert_eq!(
                types,
                [
                    "ExecutionFailed",
                    "ExecutionRedriven",
                    "MapRunRedriven",
                    "MapRunSucceeded",
                    "MapStateSucceeded",
                    "MapStateExited",
                    "ExecutionSucceeded"
                ]
            );
        }
    });
}

/// Stopped in the middle: the children are stopped with it, and go on with it.
#[test]
fn a_stop_takes_the_children_along() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).build();
        let handle = start(&engine, &over(3, "STANDARD", callback(), json!({})), &json!({})).await;
        let mut first = Vec::new();
        for _ in 0..3 {
            first.push(tasks.token().await);
        }
        engine.task_succeeded(&first[0], "1").await.unwrap();
        engine.stop(EXECUTION, None, None).await.unwrap();
        handle.wait().await.unwrap();
        let children = statuses(&store).await;
        assert_eq!((count(&children, "ABORTED"), count(&children, "SUCCEEDED")), (2, 1));
        assert_eq!(run_of(&store).await.1.status, Status::Aborted);
        assert!(engine.task_succeeded(&first[1], "1").await.is_err());
        engine.redrive(EXECUTION, None).await.unwrap();
        for _ in 0..2 {
            let token = tasks.token().await;
            engine.task_succeeded(&token, "1").await.unwrap();
        }
        assert_eq!(engine.wait(EXECUTION).await.unwrap().output.unwrap().text().as_ref(), "[1,1,1]");
    });
}

#[test]
fn limits_change_while_it_runs() {
    block(async {
        let (store, tasks) = (Recording::new(), Tasks::default());
        let engine = builder(&store, &tasks).build();
        let handle = start(&engine, &over(4, "STANDARD", callback(), json!({ "MaxConcurrency": 1 })), &json!({})).await;
        let mut tokens = vec![tasks.token().await];
        let (run, _) = run_of(&store).await;
        let limits = RunLimits { max_concurrency: Some(4), ..RunLimits::default() };
        assert_eq!(engine.update_map_run(&run, limits).await, Ok(true));
        for _ in 0..3 {
            tokens.push(tasks.token().await);
        }
        for token in tokens {
            engine.task_succeeded(&token, "1").await.unwrap();
        }
        handle.wait().await.unwrap();
        assert_eq!(engine.update_map_run(&run, limits).await, Ok(false));
        let details = MapRunDetails::parse(run_of(&store).await.1.details.as_deref().unwrap()).unwrap();
        assert_eq!(details.max_concurrency, 4);
        assert!(engine.update_map_run("arn:none", limits).await.is_err());
    });
}
