//! Whole drawings of small histories, written down as `id<previous Type [details] @milliseconds`.

use super::{IterationEnd, RunStatus, RunTree, Seen, Sight, duration, read_history, shorten};
use crate::history::{ErrorDetails, StateType};
use aslx_asl::Timestamp;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// Reads lines such as `4<3 TaskStateEntered Work @20` and `5<4 TaskFailed Throttled: slow down @30`.
fn events(lines: &str) -> Vec<Seen> {
    let mut at = 0;
    let events: Vec<Json> = lines
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (line, time) = line.trim().split_once(" @").unwrap_or((line.trim(), ""));
            at = time.parse().unwrap_or(at);
            let mut words = line.splitn(3, ' ');
            let (id, previous) = words.next().unwrap().split_once('<').unwrap();
            let (kind, rest) = (words.next().unwrap(), words.next().unwrap_or(""));
            let details = match (kind, rest.split_once(": ")) {
                ("MapStateStarted", _) => json!({"length": rest.parse::<u64>().unwrap()}),
                (kind, _) if kind.starts_with("MapIteration") => {
                    let (name, index) = rest.split_once('#').unwrap();
                    json!({"name": name, "index": index.parse::<u64>().unwrap()})
                }
                (kind, _) if kind.contains("State") => json!({"name": rest, "input": "{}"}),
                (_, Some((error, cause))) => json!({"error": error, "cause": cause}),
                (_, None) if !rest.is_empty() => json!({"error": rest}),
                _ => json!({}),
            };
            json!({
                "id": id.parse::<u64>().unwrap(),
                "previousEventId": previous.parse::<u64>().unwrap(),
                "type": kind,
                "timestamp": 1_700_000_000.0 + f64::from(at) / 1000.0,
                "theEventDetails": details,
            })
        })
        .collect();
    read_history(&json!({ "events": events }).to_string()).unwrap()
}

const NOW: Timestamp = Timestamp::from_millis(1_700_000_010_000);

#[track_caller]
fn check(lines: &str, expected: &str) -> RunTree {
    let tree = RunTree::of(&events(lines));
    let drawn = tree.render(120, false, NOW) + &tree.summary(120, false, NOW) + "\n";
    let expected = expected.strip_prefix('\n').unwrap_or(expected);
    assert_eq!(drawn, expected, "\n{drawn}");
    tree
}

const RETRY_AND_CATCH: &str = "
    1<0 ExecutionStarted @0
    2<0 TaskStateEntered Work @20
    3<2 LambdaFunctionScheduled
    4<3 LambdaFunctionStarted @50
    5<4 LambdaFunctionFailed Throttled: Rate exceeded @400
    6<5 LambdaFunctionScheduled @1400
    7<6 LambdaFunctionStarted @1430
    8<7 LambdaFunctionFailed AccessDenied: {\"errorMessage\":\"not yours\",\"errorType\":\"AccessDenied\"} @1600
    9<8 TaskStateExited Work
    10<9 ChoiceStateEntered WhoAsked
    11<10 ChoiceStateExited WhoAsked
    12<11 PassStateEntered Fallback
    13<12 PassStateExited Fallback
    14<13 ExecutionSucceeded";

#[test]
fn a_retry_and_a_catch() {
    let tree = check(
        RETRY_AND_CATCH,
        "
 ! Work       2 attempts   1.5 s   retried once: Throttled, waited 1 s · caught: AccessDenied → WhoAsked
 ✓ WhoAsked   → Fallback
 ✓ Fallback
SUCCEEDED in 1.6 s
",
    );
    assert_eq!(
        tree.table(120, false, NOW),
        "  STARTED  STATE     TYPE     TOOK  TRIES
!  +20 ms  Work      Task    1.5 s      2  retried once: Throttled, waited 1 s · caught: AccessDenied → WhoAsked
✓  +1.6 s  WhoAsked  Choice
✓  +1.6 s  Fallback  Pass
"
    );
    assert_eq!(tree.failed(), None);
    let json = tree.to_json(NOW);
    assert_eq!((&json["status"], &json["millis"]), (&json!("SUCCEEDED"), &json!(1600)));
    assert_eq!(
        json["visits"][0],
        json!({
            "state": "Work", "type": "Task", "entered": 2, "exited": 9, "status": "CAUGHT", "offset": 20, "millis": 1580,
            "attempts": [
                {"offset": 20, "millis": 380, "error": "Throttled", "cause": "Rate exceeded"},
                {"offset": 1400, "millis": 200, "error": "AccessDenied", "cause": "{\"errorMessage\":\"not yours\",\"errorType\":\"AccessDenied\"}"},
            ],
            "error": "AccessDenied", "cause": "{\"errorMessage\":\"not yours\",\"errorType\":\"AccessDenied\"}",
            "next": "WhoAsked",
        })
    );
}

#[test]
fn every_line_fits_the_width_and_colour_changes_no_character() {
    let tree = RunTree::of(&events(RETRY_AND_CATCH));
    for width in [0, 1, 10, 40, 80] {
        for text in [tree.render(width, false, NOW), tree.table(width, false, NOW)] {
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}\n{text}");
        }
    }
    let coloured = tree.render(80, true, NOW);
    assert!(coloured.contains("\u{1b}[33m!\u{1b}[0m Work"), "{coloured}");
    let mut plain = String::new();
    for (index, part) in coloured.split('\u{1b}').enumerate() {
        plain.push_str(if index == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(plain, tree.render(80, false, NOW));
}

#[test]
fn branches_and_iterations_are_nested() {
    check(
        "
        1<0 ExecutionStarted @0
        2<0 ParallelStateEntered Both
        3<2 ParallelStateStarted
        4<3 TaskStateEntered Thumbnails
        5<4 TaskScheduled
        6<3 MapStateEntered Each
        7<6 MapStateStarted 2
        8<7 MapIterationStarted Each#0
        9<8 TaskStateEntered Analyse
        10<9 TaskScheduled
        11<10 TaskSucceeded @100
        12<11 TaskStateExited Analyse
        13<12 PassStateEntered Keep
        14<13 PassStateExited Keep
        15<14 MapIterationSucceeded Each#0
        16<14 MapIterationStarted Each#1
        17<16 TaskStateEntered Analyse
        18<17 TaskScheduled
        19<18 TaskSucceeded @180
        20<19 TaskStateExited Analyse
        21<20 PassStateEntered Keep
        22<21 PassStateExited Keep
        23<22 MapIterationSucceeded Each#1
        24<23 MapStateSucceeded
        25<23 MapStateExited Each
        26<5 TaskSucceeded @212
        27<26 TaskStateExited Thumbnails
        28<27 ParallelStateSucceeded
        29<27 ParallelStateExited Both
        30<29 SucceedStateEntered Done
        31<30 SucceedStateExited Done
        32<31 ExecutionSucceeded",
        "
 ✓ Both                           212 ms
   ├ ✓ Thumbnails                 212 ms
   └ ✓ Each             2 items   180 ms
       ├ #0 ✓ Analyse             100 ms
       │    ✓ Keep
       └ #1 ✓ Analyse              80 ms
            ✓ Keep
 ✓ Done
SUCCEEDED in 212 ms
",
    );
}

#[test]
fn a_failing_branch_ends_what_runs_beside_it() {
    let tree = check(
        "
        1<0 ExecutionStarted @0
        2<0 ParallelStateEntered Both
        3<2 ParallelStateStarted
        4<3 TaskStateEntered Slow
        5<4 TaskScheduled
        6<3 TaskStateEntered Bad
        7<6 TaskScheduled
        8<7 TaskFailed Broken: it broke @50
        9<8 TaskStateAborted
        10<8 ParallelStateFailed
        11<10 ExecutionFailed Broken: it broke",
        "
 ✗ Both       50 ms
   ├ ⊘ Slow   50 ms   given up
   └ ✗ Bad    50 ms   Broken: it broke
FAILED in 50 ms   Broken: it broke
",
    );
    let failed = tree.failed().unwrap();
    assert_eq!((&*failed.state, failed.input.as_deref()), ("Bad", Some("{}")));
}

#[test]
fn a_fail_state_inside_a_retried_parallel() {
    check(
        "
        1<0 ExecutionStarted @0
        2<0 ParallelStateEntered P
        3<2 ParallelStateStarted
        4<3 FailStateEntered No
        5<4 ParallelStateStarted @1000
        6<5 FailStateEntered No
        7<6 ParallelStateFailed
        8<7 ExecutionFailed Nope: not this way",
        "
 ✗ P        2 attempts   1 s   retried once, waited 1 s
   └ ✗ No                      Nope: not this way
FAILED in 1 s   Nope: not this way
",
    );
}

#[test]
fn many_iterations_and_long_loops_are_summed_up() {
    let mut lines = String::from("1<0 ExecutionStarted @0\n2<0 MapStateEntered M\n3<2 MapStateStarted 20\n");
    let mut id = 4;
    for index in 0..20 {
        lines += &format!("{id}<3 MapIterationStarted M#{index}\n");
        lines += &format!("{}<{id} TaskStateEntered T\n{}<{} TaskScheduled\n", id + 1, id + 2, id + 1);
        id += 3;
    }
    for index in 0..17 {
        let scheduled = 6 + 3 * index;
        lines += &format!("{id}<{scheduled} TaskSucceeded @10\n{}<{id} TaskStateExited T\n", id + 1);
        lines += &format!("{}<{} MapIterationSucceeded M#{index}\n", id + 2, id + 1);
        id += 3;
    }
    check(
        &lines,
        "
 ▸ M           20 items   10 s
   ├ #17 ▸ T              10 s
   ├ #18 ▸ T              10 s
   ├ #19 ▸ T              10 s
   └ 17 succeeded, 3 running
RUNNING for 10 s
",
    );

    let mut lines = String::from("1<0 ExecutionStarted @0\n");
    for id in (2..202).step_by(2) {
        let previous = if id == 2 { 0 } else { id - 1 };
        lines += &format!("{id}<{previous} PassStateEntered Turn\n{}<{id} PassStateExited Turn\n", id + 1);
    }
    let drawn = RunTree::of(&events(&lines)).render(80, false, NOW);
    assert_eq!(drawn.lines().count(), 25, "{drawn}");
    assert!(drawn.contains("\n … 76 more: Turn ×76\n"), "{drawn}");
}

#[test]
fn a_redrive_goes_on_where_it_failed() {
    let tree = check(
        "
        1<0 ExecutionStarted @0
        2<0 TaskStateEntered Work
        3<2 TaskScheduled
        4<3 TaskFailed Broken @5
        5<4 ExecutionFailed Broken
        6<5 ExecutionRedriven @60000
        7<2 TaskScheduled
        8<7 TaskSucceeded @60010
        9<8 TaskStateExited Work
        10<9 ExecutionSucceeded",
        "
 ✓ Work   2 attempts   1 min   retried once: Broken, waited 59.9 s
SUCCEEDED in 1 min, redriven once
",
    );
    assert_eq!(tree.status(), RunStatus::Succeeded);
}

#[test]
fn what_is_no_history_is_told_so() {
    for (text, expected) in [
        ("nonsense", "this is not JSON: expected ident at line 1 column 2"),
        (r#"{"StartAt": "A"}"#, "this is a definition, not a history"),
        (r#"{"executions": []}"#, "there is no `events` in it"),
        ("[]", "the list of events is empty"),
        (r#"[{"id": 1}]"#, "event 1 of the list: `type` is missing"),
        (
            r#"[{"id": 1, "type": "ExecutionStarted", "timestamp": "soon"}]"#,
            "event 1 of the list: `timestamp` is not a time: `\"soon\"`",
        ),
    ] {
        let error = read_history(text).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(!error.help().is_empty());
    }
}

#[test]
fn times_of_the_cli_and_the_sdks_are_read() {
    for time in [
        json!(1_700_000_000.02),
        json!("2023-11-14T22:13:20.020000+00:00"),
        json!("2023-11-14T23:13:20.02+01:00"),
        json!("2023-11-14 22:13:20.020000+00:00"),
        json!("2023-11-14T22:13:20.020"),
        json!(1_700_000_000_020_i64),
    ] {
        let events = json!([{"id": 1, "type": "ExecutionStarted", "timestamp": time}]).to_string();
        assert_eq!(read_history(&events).unwrap()[0].at.as_millis(), 1_700_000_000_020, "{time}");
    }
}

#[test]
fn durations_and_short_texts() {
    let millis = [0, 212, 999, 1_000, 2_345, 59_999, 60_000, 192_000, 11_520_000, 86_400_000, 187_200_000];
    let texts = millis.map(duration);
    assert_eq!(
        texts,
        ["0 ms", "212 ms", "999 ms", "1 s", "2.3 s", "59.9 s", "1 min", "3 min 12 s", "3 h 12 min", "1 d", "2 d 4 h"]
    );
    assert_eq!(shorten("a\n  b\tc", 10), "a b c");
    assert_eq!(shorten("abcdef", 6), "abcdef");
    assert_eq!(shorten("abcdefg", 6), "abcde…");
    assert_eq!(shorten("", 0), "");
}

#[test]
fn deep_nesting_is_left_out() {
    let mut lines = String::from("1<0 ExecutionStarted @0\n");
    for depth in 0..10_000 {
        let id = 2 * depth + 2;
        let previous = if depth == 0 { 0 } else { id - 1 };
        lines += &format!("{id}<{previous} ParallelStateEntered P{depth}\n{}<{id} ParallelStateStarted\n", id + 1);
    }
    let drawn = RunTree::of(&events(&lines)).render(80, false, NOW);
    assert!(drawn.lines().count() < 100 && drawn.contains('…'), "{}", drawn.lines().count());
}

fn sight() -> impl Strategy<Value = Sight> {
    let states = [StateType::Task, StateType::Parallel, StateType::Map, StateType::Fail, StateType::Wait];
    let error = || ErrorDetails { error: Some("Broken".into()), cause: None };
    let ends = [IterationEnd::Succeeded, IterationEnd::Failed, IterationEnd::Aborted];
    (0..22_u8, 0..4_u64, proptest::sample::select(states.to_vec())).prop_map(move |(kind, index, state)| {
        let name = format!("S{index}").into();
        match kind {
            0 => Sight::Started,
            1 => Sight::Succeeded,
            2 => Sight::Failed(error()),
            3 => Sight::Redriven,
            4..=7 => Sight::Entered { state, name, input: None },
            8 | 9 => Sight::Exited { name },
            10 => Sight::Attempt { resource: "r".into() },
            11 => Sight::AttemptSucceeded,
            12 => Sight::AttemptFailed(error()),
            13 | 14 => Sight::InnerStarted { length: Some(index) },
            15 => Sight::InnerSucceeded,
            16 => Sight::InnerFailed,
            17 => Sight::IterationStarted { name, index },
            18 => Sight::IterationEnded { name, index, end: ends[index as usize % 3] },
            19 => Sight::StateAborted(state),
            20 => Sight::EvaluationFailed(error()),
            _ => Sight::Other,
        }
    })
}

proptest! {
    #[test]
    fn any_events_can_be_drawn(sights in proptest::collection::vec((sight(), 0..40_u64, 0..2_000_i64), 0..60)) {
        let mut trees = [RunTree::new(), RunTree::in_virtual_time()];
        for (number, (sight, back, at)) in sights.into_iter().enumerate() {
            let id = number as u64 + 1;
            let seen = Seen { id, previous: id.saturating_sub(back), at: Timestamp::from_millis(at), sight };
            for tree in &mut trees {
                tree.see(&seen);
            }
        }
        for tree in &trees {
            for text in [tree.render(40, false, NOW), tree.table(40, false, NOW), tree.summary(40, false, NOW)] {
                prop_assert!(text.lines().all(|line| line.chars().count() <= 40), "{}", text);
            }
            tree.to_json(NOW);
            tree.failed();
        }
    }
}
