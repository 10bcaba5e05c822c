//! Coverage of a small machine that has one of everything, in every format.

use super::*;
use crate::Tested;
use aslx_asl::{CompileOptions, Program, Timestamp};
use aslx_engine::Data;
use aslx_engine::journal::Seed;
use aslx_engine::layers::{Answer, Answers, AnswersLayer, NoTasks};
use aslx_engine::runtime::{StartRequest, simulate};
use aslx_engine::task::BoxTaskService;
use futures_util::FutureExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tower::Layer;

const ORDER: &str = r#"{
  "StartAt": "Kind",
  "TimeoutSeconds": 3600,
  "States": {
    "Kind": {
      "Type": "Choice",
      "Choices": [
        { "Variable": "$.gift", "IsPresent": true, "Next": "Wrap" },
        {
          "Variable": "$.total",
          "NumericGreaterThan": 100,
          "Next": "Charge"
        }
      ],
      "Default": "Done"
    },
    "Wrap": { "Type": "Pass", "Next": "Charge" },
    "Charge": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Parameters": { "FunctionName": "charge" },
      "TimeoutSeconds": 60,
      "Retry": [
        { "ErrorEquals": ["Declined"], "MaxAttempts": 0 },
        { "ErrorEquals": ["Throttled"], "MaxAttempts": 2 }
      ],
      "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Done" }],
      "Next": "Lines"
    },
    "Lines": {
      "Type": "Map",
      "ItemsPath": "$.lines",
      "ItemProcessor": {
        "StartAt": "Pick",
        "States": { "Pick": { "Type": "Pass", "End": true } }
      },
      "Next": "Done"
    },
    "Done": { "Type": "Succeed" }
  }
}
"#;

fn tested() -> Tested {
    let program = Arc::new(Program::compile(ORDER, &CompileOptions::default()).unwrap());
    Tested { path: "order.asl.json".into(), name: "order".to_owned(), program }
}

/// Coverage after executions with these inputs and answers of `Charge`.
fn coverage(executions: &[(&str, &[Answer])]) -> Coverage {
    let tested = tested();
    let mut coverage = Coverage::default();
    coverage.add(&tested, &Waypoints::new());
    for (input, answers) in executions {
        let trail = Arc::new(Trail::default());
        let answers = Answers::new().state("Charge", answers.iter().cloned());
        let tasks = BoxTaskService::new(AnswersLayer::new(answers).layer(NoTasks));
        let request = StartRequest::new("order", "e", Data::parse(input).unwrap(), Seed([1; 16]));
        let start = Timestamp::from_millis(1_790_000_000_000);
        let finished = simulate(tested.program.clone(), request, start, tasks, Some(trail.clone()));
        finished.now_or_never().unwrap().unwrap();
        coverage.add(&tested, &trail.take());
    }
    coverage
}

fn some() -> Coverage {
    coverage(&[
        (
            r#"{"total": 200}"#,
            &[Answer::throws("Throttled", ""), Answer::returns(1i64).taking(Duration::from_secs(90))],
        ),
        (r#"{"total": 5}"#, &[]),
    ])
}

fn all() -> Coverage {
    let charged = || Answer::returns(aslx_asl::Value::parse(r#"{"lines": [1, 2]}"#).unwrap());
    coverage(&[
        (r#"{"gift": 1}"#, &[Answer::throws("Throttled", "").times(2), charged()]),
        (r#"{"total": 200}"#, &[Answer::throws("Declined", "")]),
        (r#"{"total": 200}"#, &[Answer::returns(1i64).taking(Duration::from_secs(90))]),
        (r#"{"total": 5}"#, &[]),
    ])
}

fn text(format: CoverageFormat, coverage: &Coverage) -> String {
    let files = format.files(coverage, Path::new(format.default_file()), Timestamp::from_millis(1_790_000_000_000));
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].0, Path::new(format.default_file()));
    files[0].1.clone()
}

#[test]
fn people_are_told_what_is_missing() {
    insta::assert_snapshot!("nothing", summary(&coverage(&[])));
    insta::assert_snapshot!("some", summary(&some()));
    insta::assert_snapshot!("all", summary(&all()));
}

#[test]
fn lcov() {
    insta::assert_snapshot!(text(CoverageFormat::Lcov, &some()));
}

#[test]
fn cobertura() {
    let text = text(CoverageFormat::Cobertura, &some());
    let outline = crate::xml::tests::outline(&text);
    assert!(outline.starts_with(
        "coverage(sources(source),packages(package(classes(class(methods(method(lines(line)),method(lines(line)),"
    ));
    assert!(outline.contains("method(lines(line))),lines(line(conditions(condition)),line,line,line,"), "{outline}");
    assert_eq!(outline.matches("line(conditions(condition))").count(), 8, "{outline}");
    insta::assert_snapshot!(text);
}

#[test]
fn json() {
    let value: serde_json::Value = serde_json::from_str(&text(CoverageFormat::Json, &some())).unwrap();
    assert_eq!(value["totals"]["rules"], serde_json::json!({ "reached": 2, "total": 3 }));
    let retriers: Vec<String> = value["definitions"][0]["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["kind"] == "retrier")
        .map(|item| format!("{} {} {} {}", item["label"], item["pointer"], item["line"], item["hits"]))
        .collect();
    assert_eq!(
        retriers,
        [
            r#""Charge Retry[0] (Declined)" "/States/Charge/Retry/0" 24 0"#,
            r#""Charge Retry[1] (Throttled)" "/States/Charge/Retry/1" 25 1"#,
        ]
    );
}

#[test]
fn pictures_have_one_file_for_each_definition() {
    let svg = text(CoverageFormat::Svg, &some());
    for word in ["good", "doubtful", "missed", "2 missing"] {
        assert!(svg.contains(word), "{word}");
    }
    let full = text(CoverageFormat::Svg, &all());
    assert!(!full.contains("class=\"state missed") && !full.contains(" missing"), "{full}");
    let mut two = some();
    let again = DefinitionCoverage { path: "other/order.asl.json".into(), ..two.definitions[0].clone() };
    two.definitions.push(again);
    let files = CoverageFormat::Svg.files(&two, Path::new("out/c.svg"), Timestamp::default());
    let names: Vec<String> = files.iter().map(|(path, _)| path.display().to_string()).collect();
    assert_eq!(names, ["out/c-order.svg", "out/c-order-2.svg"]);
}

#[test]
fn the_page_needs_nothing_else_and_escapes_what_it_shows() {
    let page = text(CoverageFormat::Html, &some());
    for outside in ["<script", "<link", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("<svg ") && page.contains("never entered: Wrap"));
    assert!(page.contains("&quot;StartAt&quot;: &quot;Kind&quot;"));
}

#[test]
fn coverages_merge_by_definition() {
    let mut sum = some();
    let before = sum.totals(None);
    sum.merge(&coverage(&[(r#"{"gift": 1}"#, &[Answer::throws("Declined", "")])]));
    assert_eq!(sum.definitions.len(), 1);
    assert!(sum.totals(None).reached > before.reached);
    let twice = {
        let mut twice = some();
        twice.merge(&some());
        twice
    };
    assert_eq!(twice.totals(None), before);
    let entered = |coverage: &Coverage| coverage.definitions[0].hits(&coverage.definitions[0].items[1]);
    assert_eq!((entered(&some()), entered(&twice)), (2, 4));
}

#[test]
fn thresholds_are_for_everything_or_for_a_kind() {
    let short = |text: &str| text.parse::<Thresholds>().unwrap().shortfalls(&some());
    assert_eq!(short("50"), Vec::<String>::new());
    assert_eq!(
        short("100, states=50, retriers=51%, exhausted=1"),
        [
            "coverage of everything is 50.0 % (11 of 22), less than the 100 % asked for",
            "coverage of retriers is 50.0 % (1 of 2), less than the 51 % asked for",
            "coverage of exhausted is 0.0 % (0 of 1), less than the 1 % asked for",
        ]
    );
    assert_eq!("100".parse::<Thresholds>().unwrap().shortfalls(&Coverage::default()), Vec::<String>::new());
    let wrong = |text: &str| text.parse::<Thresholds>().unwrap_err();
    assert_eq!(
        [wrong("101"), wrong("many"), wrong("state=3")],
        [
            "expected a percentage from 0 to 100, or `states=90,retriers=50`, found `101`",
            "expected a percentage from 0 to 100, or `states=90,retriers=50`, found `many`",
            "no coverage is called `state`; there are states, transitions, rules, retriers, catchers, timeouts, exhausted",
        ]
    );
}
