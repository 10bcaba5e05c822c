//! What the comparison of histories accepts and what it refuses.

use super::model::{Dice, Step, run, workflow};
use super::{Bindings, history_difference};
use serde_json::{Value, json};

fn compare(want: &[Value], got: &[Value]) -> Option<String> {
    history_difference(want, got, false, &mut Bindings::new())
}

#[track_caller]
fn accepted(want: &[Value], got: &[Value]) {
    if let Some(why) = compare(want, got) {
        panic!("{why}\n{}\n{}", lines(want), lines(got));
    }
}

#[track_caller]
fn refused(want: &[Value], got: &[Value], what: &str) {
    assert!(compare(want, got).is_some(), "{what}\n{}\n{}", lines(want), lines(got));
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

fn renumbered(mut events: Vec<Value>, order: impl Fn(u64) -> u64) -> Vec<Value> {
    for event in &mut events {
        for key in ["id", "previousEventId"] {
            event[key] = json!(order(event[key].as_u64().unwrap()));
        }
    }
    events.sort_by_key(|event| event["id"].as_u64());
    events
}

/// A history in the short form `previous type name`, numbered from 1.
fn history(short: &[(u64, &str, &str)]) -> Vec<Value> {
    let numbered = (1_u64..).zip(short);
    let event = |(id, (previous, kind, name)): (u64, &(u64, &str, &str))| {
        let mut event = json!({"id": id, "previousEventId": previous, "type": kind});
        match name.split_once('#') {
            Some((name, index)) => {
                event["mapIterationEventDetails"] = json!({"name": name, "index": index.parse::<u64>().unwrap()});
            }
            None if !name.is_empty() => event["stateEventDetails"] = json!({"name": name}),
            None => {}
        }
        event
    };
    numbered.map(event).collect()
}

#[test]
fn any_order_of_siblings_is_accepted() {
    for seed in 0..200 {
        let mut dice = Dice::new(seed);
        let workflow = workflow(&mut dice, 3);
        let (one, other) = (run(&workflow, &mut dice), run(&workflow, &mut dice));
        accepted(&one, &one);
        accepted(&one, &other);
    }
}

#[test]
fn without_siblings_there_is_one_order() {
    let mut lengths = 0;
    for seed in 0..100 {
        let mut dice = Dice::new(seed);
        let workflow = workflow(&mut dice, 1);
        let want = run(&workflow, &mut dice);
        assert_eq!(want, run(&workflow, &mut dice));
        lengths += want.len();
        for at in (0..want.len() - 1).filter(|_| want.len() < 100) {
            let (a, b) = (at as u64 + 1, at as u64 + 2);
            let swapped = |id| {
                if id == a {
                    b
                } else if id == b {
                    a
                } else {
                    id
                }
            };
            refused(&want, &renumbered(want.clone(), swapped), "two events have changed places");
            let mut kinds = want.clone();
            kinds.swap(at, at + 1);
            for (event, id) in kinds.iter_mut().zip(1..) {
                event["id"] = json!(id);
            }
            refused(&want, &kinds, "two events have changed places but not their predecessors");
        }
    }
    assert!(lengths > 1_000);
}

#[test]
fn every_wrong_predecessor_is_refused() {
    for seed in 0..30 {
        let mut dice = Dice::new(seed);
        let workflow = workflow(&mut dice, 3);
        let want = run(&workflow, &mut dice);
        let other = run(&workflow, &mut dice);
        for (at, event) in other.iter().enumerate().filter(|_| other.len() < 40) {
            let right = event["previousEventId"].as_u64().unwrap();
            for wrong in (0..=other.len() as u64).filter(|wrong| *wrong != right) {
                let mut changed = other.clone();
                changed[at]["previousEventId"] = json!(wrong);
                refused(&want, &changed, "a wrong previousEventId");
            }
        }
    }
}

#[test]
fn a_lost_a_doubled_and_a_changed_event_are_refused() {
    for seed in 0..30 {
        let mut dice = Dice::new(seed);
        let workflow = workflow(&mut dice, 3);
        let want = run(&workflow, &mut dice);
        let other = run(&workflow, &mut dice);
        for at in (0..other.len()).filter(|_| other.len() < 60) {
            let gone = at as u64 + 1;
            let previous = other[at]["previousEventId"].as_u64().unwrap();
            let mut lost = other.clone();
            lost.remove(at);
            // What followed the lost event follows its predecessor.
            let lost = renumbered(lost, |id| {
                if id == gone {
                    previous
                } else if id > gone {
                    id - 1
                } else {
                    id
                }
            });
            refused(&want, &lost, "an event is lost");

            let mut doubled = renumbered(other.clone(), |id| if id > gone { id + 1 } else { id });
            doubled.insert(at + 1, other[at].clone());
            doubled[at + 1]["id"] = json!(gone + 1);
            refused(&want, &doubled, "an event comes twice");

            for key in ["name", "output", "input", "index"] {
                let mut changed = other.clone();
                let details = changed[at].as_object_mut().unwrap().values_mut().find(|value| value.is_object());
                if let Some(member) = details.and_then(|details| details.get_mut(key)) {
                    *member = json!("another");
                    refused(&want, &changed, "an event has changed");
                }
            }
            let mut renamed = other.clone();
            renamed[at]["type"] = json!("AnotherType");
            refused(&want, &renamed, "an event is of another type");
        }
    }
}

#[test]
fn a_branch_that_goes_on_after_the_end_of_its_state_is_refused() {
    let branches = |name: &str| vec![Step::Pass(name.to_owned())];
    let workflow = vec![Step::Parallel("P".into(), vec![branches("A"), branches("B")])];
    let want = run(&workflow, &mut Dice::new(1));
    let kinds = |kind: &str| want.iter().position(|event| event["type"] == kind).unwrap() as u64 + 1;
    let end = kinds("ParallelStateSucceeded");
    let late = renumbered(want.clone(), |id| {
        if id == end {
            end - 1
        } else if id == end - 1 {
            end
        } else {
            id
        }
    });
    refused(&want, &late, "the state ended before its branch");
}

#[test]
fn how_many_iterations_run_at_once_is_not_free() {
    let map = |at_once| vec![Step::Map { name: "M".into(), items: 3, at_once, body: vec![Step::Pass("Inner".into())] }];
    for seed in 0..50 {
        let mut dice = Dice::new(seed);
        let runs = [1, 2, 3].map(|at_once| run(&map(at_once), &mut dice));
        for (a, want) in runs.iter().enumerate() {
            for (b, got) in runs.iter().enumerate() {
                assert_eq!(compare(want, got).is_none(), a == b, "{a} {b}");
            }
        }
    }
}

#[test]
fn what_a_failure_stops_may_be_stopped_in_any_order() {
    let head = [
        (0, "ExecutionStarted", ""),
        (0, "MapStateEntered", "M"),
        (2, "MapStateStarted", ""),
        (3, "MapIterationStarted", "M#0"),
        (3, "MapIterationStarted", "M#1"),
        (3, "MapIterationStarted", "M#2"),
        (4, "TaskStateEntered", "Inner"),
        (5, "TaskStateEntered", "Inner"),
        (6, "TaskStateEntered", "Inner"),
        (7, "TaskFailed", ""),
        (10, "MapIterationFailed", "M#0"),
    ];
    let tail = |end: &[(u64, &'static str, &'static str)]| history(&[&head[..], end].concat());
    let stopped = [
        (10, "TaskStateAborted", ""),
        (10, "MapIterationAborted", "M#1"),
        (10, "TaskStateAborted", ""),
        (10, "MapIterationAborted", "M#2"),
    ];
    let failed = [(10, "MapStateFailed", ""), (16, "ExecutionFailed", "")];
    let want = tail(&[&stopped[..], &failed].concat());
    let mut backwards = stopped;
    backwards.reverse();
    accepted(&want, &tail(&[&backwards[..], &failed].concat()));
    let fewer = [(10, "MapStateFailed", ""), (15, "ExecutionFailed", "")];
    refused(&want, &tail(&[&stopped[1..], &fewer].concat()), "one task was not stopped");
    let late = [(10, "MapStateFailed", ""), (10, "MapIterationAborted", "M#2"), (15, "ExecutionFailed", "")];
    refused(&want, &tail(&[&stopped[..3], &late].concat()), "one iteration was stopped too late");
    let other = [(10, "MapStateFailed", ""), (10, "ExecutionFailed", "")];
    refused(&want, &tail(&[&stopped[..], &other].concat()), "the end follows something else");
}

#[test]
fn a_retried_container_is_followed() {
    let want = history(&[
        (0, "ExecutionStarted", ""),
        (0, "ParallelStateEntered", "P"),
        (2, "ParallelStateStarted", ""),
        (3, "FailStateEntered", "F"),
        (4, "ParallelStateStarted", ""),
        (5, "FailStateEntered", "F"),
        (6, "ParallelStateFailed", ""),
        (7, "ParallelStateExited", "P"),
        (8, "PassStateEntered", "Next"),
        (9, "PassStateExited", "Next"),
        (10, "ExecutionSucceeded", ""),
    ]);
    accepted(&want, &want);
    for (at, wrong) in [(4, 2), (4, 3), (6, 5), (7, 6), (7, 2), (8, 7)] {
        let mut changed = want.clone();
        changed[at]["previousEventId"] = json!(wrong);
        refused(&want, &changed, "a wrong previousEventId");
    }
}

#[test]
fn wildcards_bind_across_a_forest() {
    let workflow = vec![Step::Map { name: "M".into(), items: 4, at_once: 4, body: vec![Step::Pass("Inner".into())] }];
    let with = |seed, outputs: [&str; 4]| {
        let mut events = run(&workflow, &mut Dice::new(seed));
        for event in events.iter_mut().filter(|event| event["type"] == "PassStateExited") {
            let path = event["stateExitedEventDetails"]["output"]["left"].as_str().unwrap();
            let index: usize = path.rsplit_once('-').unwrap().1.parse().unwrap();
            event["stateExitedEventDetails"]["output"] = json!(outputs[index]);
        }
        events
    };
    let want = with(1, ["<uuid:1>", "x-<uuid:1>", "<uuid:2>", "<date>"]);
    for seed in 2..30 {
        accepted(&want, &with(seed, ["a", "x-a", "b", "c"]));
        refused(&want, &with(seed, ["a", "x-b", "b", "c"]), "one wildcard, two texts");
    }
}

#[test]
fn the_reason_names_the_first_event_that_differs() {
    let want = history(&[
        (0, "ExecutionStarted", ""),
        (0, "PassStateEntered", "A"),
        (2, "PassStateExited", "A"),
        (3, "ExecutionSucceeded", ""),
    ]);
    let check = |change: &dyn Fn(&mut Vec<Value>), why: &str| {
        let mut got = want.clone();
        change(&mut got);
        assert_eq!(compare(&want, &got).as_deref(), Some(why));
    };
    check(
        &|got| got[2]["previousEventId"] = json!(1),
        "event 3 PassStateExited of `A` after 2: expected, got 3 PassStateExited of `A` after 1",
    );
    check(&|got| drop(got.pop()), "event 4 ExecutionSucceeded after 3: missing");
    check(&|got| got[2]["id"] = json!(7), "event 7 PassStateExited of `A` after 2: its id should be 3");
    check(
        &|got| got[2]["previousEventId"] = json!(3),
        "event 3 PassStateExited of `A` after 3: that is not an earlier event",
    );
    check(
        &|got| got[3]["executionSucceededEventDetails"] = json!({"output": 1}),
        "event 4 ExecutionSucceeded: not expected `executionSucceededEventDetails`",
    );
    check(
        &|got| {
            got[3]["type"] = json!("ExecutionFailed");
            got[1]["stateEventDetails"]["name"] = json!("B");
        },
        "event 2 PassStateEntered of `A` after 0: expected, got 2 PassStateEntered of `B` after 0",
    );
    let mut more = want.clone();
    more.push(json!({"id": 5, "previousEventId": 4, "type": "Odd"}));
    assert_eq!(compare(&want, &more).as_deref(), Some("event 5 Odd after 4: not expected"));
}

#[test]
fn a_sorted_recording_is_a_set() {
    let state = |id: u64, previous: u64, kind: &str, name: &str| {
        let details = if name.is_empty() { json!({}) } else { json!({"name": name}) };
        json!({"id": id, "previousEventId": previous, "type": kind, "stateEventDetails": details})
    };
    let got = [
        state(1, 0, "ExecutionStarted", ""),
        state(2, 0, "ParallelStateEntered", "P"),
        state(3, 2, "ParallelStateStarted", ""),
        state(4, 3, "PassStateEntered", "A"),
        state(5, 3, "PassStateEntered", "B"),
        state(6, 5, "PassStateExited", "B"),
        state(7, 4, "PassStateExited", "A"),
        state(8, 7, "ParallelStateSucceeded", ""),
        state(9, 7, "ParallelStateExited", "P"),
        state(10, 9, "ExecutionSucceeded", ""),
    ];
    let mut want = got.to_vec();
    want.remove(7);
    for event in &mut want[3..7] {
        event["id"] = json!([0]);
        event["previousEventId"] = json!(0);
    }
    want[3..7].sort_by_key(|event| event["type"].to_string());
    let check = |got: &[Value]| history_difference(&want, got, true, &mut Bindings::new());
    assert_eq!(check(&got), None);
    let without_end: Vec<Value> = renumbered([&got[..7], &got[8..]].concat(), |id| if id > 8 { id - 1 } else { id });
    assert!(check(&without_end).is_some());
    let mut other = got.to_vec();
    other[5]["stateEventDetails"]["name"] = json!("A");
    assert!(check(&other).is_some());
    let mut other = got.to_vec();
    other[7]["type"] = json!("PassStateEntered");
    assert_eq!(check(&other).as_deref(), Some("event 8 PassStateEntered after 7: not expected"));
}

#[test]
fn a_failed_evaluation_follows_its_entry() {
    let history = |previous: u64| {
        vec![
            json!({"id": 1, "previousEventId": 0, "type": "ExecutionStarted", "executionStartedEventDetails": {}}),
            json!({"id": 2, "previousEventId": 0, "type": "PassStateEntered", "stateEnteredEventDetails": {"name": "A"}}),
            json!({"id": 3, "previousEventId": previous, "type": "EvaluationFailed",
                "evaluationFailedEventDetails": {"state": "A"}}),
            json!({"id": 4, "previousEventId": 3, "type": "ExecutionFailed", "executionFailedEventDetails": {}}),
        ]
    };
    let check = |want: u64, got: u64| history_difference(&history(want), &history(got), false, &mut Bindings::new());
    assert_eq!(check(0, 2), None);
    assert_eq!(check(2, 2), None);
    // Only recordings are old.
    assert!(check(2, 0).is_some());
    assert!(check(2, 1).is_some());
}
