//! One report in every form.

use super::{Form, ReportFormat};
use crate::{CaseReport, Failure, FileReport, Outcome, Place, Report, Tested};
use aslx_asl::{CompileOptions, Program};
use std::sync::Arc;
use std::time::Duration;

fn report() -> Report {
    let definition = r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#;
    let program = Arc::new(Program::compile(definition, &CompileOptions::default()).unwrap());
    let tested = Arc::new(Tested { path: "order.asl.json".into(), name: "order".to_owned(), program });
    let place = |line| Some(Place { file: "tests/a:b,c.test.yaml".into(), line });
    let case = |name: &str, line, failures: Vec<Failure>| CaseReport {
        name: name.to_owned(),
        place: place(line),
        tested: tested.clone(),
        outcome: Outcome::from(failures),
        wall: Duration::from_micros(1_250),
        modelled: Duration::from_secs(11_520),
        run: None,
        waypoints: Default::default(),
    };
    let throttled = Failure {
        title: "expected AnalyzeImage to be attempted 3 times, it was attempted 2 times".to_owned(),
        details: vec![
            "attempt 1  Throttled        retried by Retry[1] after 2 s".to_owned(),
            "attempt 2  AccessDenied     taken by Catch[0] → MarkFailed".to_owned(),
        ],
        place: place(36),
        help: Some("add an answer, or lower `attempts`".to_owned()),
    };
    let odd = Failure {
        title: "100 % of <output> & \"more\": `a_b`\u{1b}".to_owned(),
        details: vec!["```\nnot the end".to_owned()],
        place: None,
        help: None,
    };
    Report {
        files: vec![
            FileReport {
                path: "tests/a:b,c.test.yaml".into(),
                cases: vec![
                    case("throttled twice, then ok", 31, vec![throttled]),
                    case("odd # \\ names | <x>", 50, vec![odd]),
                ],
            },
            FileReport { path: "order.test.yaml".into(), cases: vec![case("happy path", 3, Vec::new())] },
        ],
        wall: Duration::from_micros(41_000),
    }
}

fn written(form: Form) -> String {
    let mut text = Vec::new();
    form.write(&report(), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn junit() {
    let text = written(Form::Junit);
    assert_eq!(
        crate::xml::tests::outline(&text),
        "testsuites(testsuite(testcase(failure,system-out),testcase(failure,system-out)),testsuite(testcase(system-out)))"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn github() {
    insta::assert_snapshot!(written(Form::Github));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(written(Form::Markdown));
}

#[test]
fn tap() {
    insta::assert_snapshot!(written(Form::Tap));
}

#[test]
fn json() {
    let text = written(Form::Json);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&value["passed"], &value["failed"]), (&1.into(), &2.into()));
    insta::assert_snapshot!(text);
}

#[test]
fn a_report_of_nothing_is_well_formed_too() {
    let mut text = Vec::new();
    Form::Junit.write(&Report::default(), &mut text).unwrap();
    assert_eq!(crate::xml::tests::outline(std::str::from_utf8(&text).unwrap()), "testsuites");
    let mut text = Vec::new();
    Form::Tap.write(&Report::default(), &mut text).unwrap();
    assert_eq!(std::str::from_utf8(&text).unwrap(), "TAP version 14\n1..0\n");
}
