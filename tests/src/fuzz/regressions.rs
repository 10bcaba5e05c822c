//! Inputs that were once trouble, and a short run over every target.

use super::rng::Rng;
use super::targets::{Stage, play};
use super::{Session, Target};

/// Input by target: each broke a promise once.
const CASES: &[(Target, &str)] = &[
    (Target::Path, "$[?(@..a)]"),
    (Target::Reader, "{\"a\": \"\\ud83d\"}"),
    (Target::Check, r#"{"StartAt":"A","States":{"A":{"Type":1,"Type":"Pass","End":true}}}"#),
    (Target::Check, r#"{"StartAt":"A","States":{"A":{"Type":"${Name}","End":true}}}"#),
    (Target::Check, r#"{"StartAt":"A","States":"${Name}"}"#),
    (Target::Run, r#"{"StartAt":"A","States":"${Name}"}"#),
    (
        Target::Run,
        r#"{"StartAt":"A","States":{"A":{"Type":"Parallel","Branches":[{"StartAt":"B","States":"${Name}"}],"End":true}}}"#,
    ),
    (
        Target::Run,
        r#"{"StartAt":"A","States":{"A":{"Type":"Parallel","Branches":[{"StartAt":"${Name}","States":{"B":{"Type":"Pass","End":true}}}],"End":true}}}"#,
    ),
    (
        Target::Protocol,
        "CreateStateMachineAlias {\"name\":\"x\",\"routingConfiguration\":[{\"stateMachineVersionArn\":\"arn:aws:states:us-east-1:000000000000:stateMachine:n:1\",\"weight\":100}]}",
    ),
    (Target::Protocol, "bytes POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9"),
    (Target::Protocol, "GetActivityTask {\"activityArn\":\"arn:aws:states:us-east-1:000000000000:activity:../a\"}"),
];

#[test]
fn what_was_trouble_is_none_any_more() {
    let stage = Stage::new();
    for (target, input) in CASES {
        for case in 0..16 {
            let result = play(*target, input, &mut Rng::of(1, 0, case), &stage);
            assert!(result.is_ok(), "{} {input}: {result:?}", target.name());
        }
    }
}

#[test]
fn twenty_thousand_cases() {
    for target in Target::ALL {
        let summary = Session { seed: 1, iterations: 20 * target.share(), ..Session::new(target) }.play();
        assert!(summary.faults.is_empty(), "{summary}\n{:?}", summary.faults);
        assert!(summary.accepted > 0, "{summary}");
    }
}
