//! `aslx test`: coverage, reports for other tools, Step Functions Local's mock files, `--watch`.

use crate::support::Shell;
use std::io::Read;
use std::sync::mpsc;
use std::time::Duration;

const ORDER: &str = r#"{
  "StartAt": "Kind",
  "States": {
    "Kind": {
      "Type": "Choice",
      "Choices": [{ "Variable": "$.total", "NumericGreaterThan": 100, "Next": "Charge" }],
      "Default": "Done"
    },
    "Charge": {
      "Type": "Task",
      "Resource": "arn:aws:lambda:us-east-1:111122223333:function:charge",
      "TimeoutSeconds": 60,
      "Retry": [{ "ErrorEquals": ["Throttled"], "MaxAttempts": 2 }],
      "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Broken" }],
      "Next": "Done"
    },
    "Broken": { "Type": "Fail", "Error": "Broken" },
    "Done": { "Type": "Succeed" }
  }
}
"#;

const TESTS: &str = "\
version: 1
cases:
  - name: charged
    input: { total: 200 }
    mocks: { Charge: { return: 1 } }
    expect: { status: SUCCEEDED }
  - name: cheap
    input: { total: 5 }
    expect: { output: { total: 5 } }
";

fn shop() -> Shell {
    Shell::new().file("order.asl.json", ORDER).file("order.test.yaml", TESTS)
}

#[test]
fn what_no_case_reached_is_told_with_its_place() {
    insta::assert_snapshot!(shop().told_untimed(&["test"]));
}

#[test]
fn coverage_below_the_threshold_fails() {
    insta::assert_snapshot!(shop().told_untimed(&["test", "--fail-under", "100"]));
    insta::assert_snapshot!(shop().told_untimed(&["test", "--fail-under", "rules=100,retriers=50"]));
    let output = shop().output(&["test", "--fail-under", "50,rules=100"], "");
    assert!(output.status.success());
}

#[test]
fn what_cannot_be_asked_for_is_refused() {
    let shell = shop();
    insta::assert_snapshot!(shell.told(&["test", "--coverage", "pdf"]));
    insta::assert_snapshot!(shell.told(&["test", "--report", "junit"]));
    insta::assert_snapshot!(shell.told(&["test", "--fail-under", "half"]));
}

#[test]
fn coverage_and_reports_become_files() {
    let shell = shop().file("summary.md", "# Before\n");
    let output = shell.output(
        &[
            "test",
            "--coverage",
            "lcov",
            "--coverage",
            "cobertura=out/c.xml",
            "--coverage",
            "html",
            "--coverage",
            "svg=out/c.svg",
            "--coverage",
            "json=out/c.json",
            "--report",
            "junit=out/j.xml",
            "--report",
            "markdown=summary.md",
            "--report",
            "tap=out/t.tap",
            "--report",
            "github=-",
        ],
        "",
    );
    assert!(output.status.success(), "{}", String::from_utf8(output.stderr).unwrap());
    for (file, beginning) in [
        ("lcov.info", "TN:\nSF:order.asl.json\n"),
        ("out/c.xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<coverage "),
        ("coverage.html", "<!DOCTYPE html>"),
        ("out/c.svg", "<svg "),
        ("out/c.json", "{\n  \"version\": 1"),
        ("out/j.xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "),
        ("summary.md", "# Before\n## State machines: 2 cases, all passed"),
        ("out/t.tap", "TAP version 14\n"),
    ] {
        let text = shell.read(file);
        assert!(text.starts_with(beginning), "{file}: {}", text.chars().take(80).collect::<String>());
    }
}

const MOCKS: &str = r#"{
  "StateMachines": {
    "order": {
      "TestCases": {
        "Paid": {"Charge": "Ok"},
        "Throttled": {"Charge": "Retry"},
        "TooFew": {"Charge": "OnlyOne"}
      }
    }
  },
  "MockedResponses": {
    "Ok": {"0": {"Return": {"id": 1}}},
    "OnlyOne": {"0": {"Throw": {"Error": "Throttled", "Cause": ""}}},
    "Retry": {
      "0-2": {"Throw": {"Error": "Throttled", "Cause": "slow down"}}
    }
  }
}
"#;

#[test]
fn test_cases_of_step_functions_local_are_run() {
    let shell = shop().file("mocks.json", MOCKS);
    let arguments = ["test", "order.asl.json", "--sfn-local-mocks", "mocks.json", "--input", r#"{"total": 200}"#];
    insta::assert_snapshot!(shell.told_untimed(&arguments));
}

#[test]
fn what_is_wrong_in_such_a_file_is_told_with_its_place() {
    let shell = shop().file("mocks.json", MOCKS.replace(r#"{"Charge": "Ok"}"#, r#"{"Chagre": "Ok"}"#));
    insta::assert_snapshot!(shell.told(&["test", "order.asl.json", "--sfn-local-mocks", "mocks.json"]));
    let shell = shop().file("mocks.json", MOCKS.replace(r#""0-2""#, r#""1-2""#));
    insta::assert_snapshot!(shell.told(&["test", "order.asl.json", "--sfn-local-mocks", "mocks.json"]));
}

#[test]
fn a_run_takes_the_answers_of_a_test_case() {
    let shell = shop().file("mocks.json", MOCKS);
    let run = |mocks: &str| {
        shell.told_untimed(&[
            "run",
            "order.asl.json",
            "--input",
            r#"{"total": 200}"#,
            "--clock",
            "virtual",
            "--mocks",
            mocks,
        ])
    };
    insta::assert_snapshot!(
        ["mocks.json#Paid", "mocks.json#Throttled", "mocks.json#Payed", "mocks.json"].map(run).join("\n\n")
    );
}

#[test]
fn a_change_runs_again_what_it_touches() {
    let shell = shop().file("other/b.asl.json", ORDER).file("other/b.test.yaml", TESTS);
    let mut child = shell.start(&["test", "--watch"]);
    let (sender, lines) = mpsc::channel();
    let mut from = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let _ = sender.send(String::from_utf8_lossy(&buffer[..count]).into_owned());
        }
    });
    let mut pending = String::new();
    let mut wait_for = |word: &str| {
        while !pending.contains(word) {
            let more = lines.recv_timeout(Duration::from_secs(60));
            pending += &more.unwrap_or_else(|_| panic!("waited for `{word}`, saw\n{pending}"));
        }
        let end = pending.find(word).unwrap() + word.len();
        pending.drain(..end).collect::<String>()
    };
    wait_for("4 cases, all passed");
    wait_for("coverage");
    // A definition: its tests, and no others.
    std::fs::write(shell.path("order.asl.json"), ORDER.replace("Than\": 100", "Than\": 500")).unwrap();
    let seen = wait_for("1 failed, in");
    assert!(seen.contains(" other/b.test.yaml  2 passed"), "{seen}");
    wait_for("coverage");
    // A mistake is told, and does not end it.
    std::fs::write(shell.path("order.asl.json"), "{").unwrap();
    wait_for("coverage");
    std::fs::write(shell.path("order.asl.json"), ORDER).unwrap();
    wait_for("4 cases, all passed");
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
}
