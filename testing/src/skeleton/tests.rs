//! Skeletons of definitions pass when they are run, and reach what they say.

use super::*;
use crate::coverage::Kind;
use crate::file::TestFile;
use aslx_asl::{CompileOptions, Program};
use std::path::{Path, PathBuf};

fn tested(text: &str) -> Arc<Tested> {
    let options = CompileOptions { allow_unresolved: true, ..CompileOptions::default() };
    let program = Arc::new(Program::compile(text, &options).unwrap());
    Arc::new(Tested { path: PathBuf::from("m.asl.json"), name: "m".to_owned(), program })
}

/// The test file, after all its cases have passed; and what they reach together.
fn check(definition: &str) -> (String, Coverage) {
    let tested = tested(definition);
    let skeleton = Skeleton::of(&tested);
    let yaml = skeleton.to_yaml("m.asl.json", &Default::default());
    let nothing = |path: &Path| panic!("{} is read", path.display());
    let file =
        TestFile::read(Path::new("m.test.yaml"), &yaml, &nothing).unwrap_or_else(|error| panic!("{error:?}\n{yaml}"));
    let mut coverage = Coverage::default();
    for case in &file.cases {
        let report = futures_util::FutureExt::now_or_never(case.test(tested.clone()).report()).unwrap();
        assert!(report.outcome.passed(), "{}: {:#?}\n{yaml}", case.name, report.outcome);
        coverage.add(&tested, &report.waypoints);
    }
    (yaml, coverage)
}

const LAMBDA: &str = r#""Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:f""#;

#[test]
fn every_branch_gets_a_case() {
    let definition = r#"{"StartAt": "Kind", "States": {
        "Kind": {"Type": "Choice", "Default": "Refuse", "Choices": [
            {"And": [{"Variable": "$.order.total", "NumericGreaterThan": 100}, {"Not": {"Variable": "$.order.kind", "StringMatches": "gift-*"}}], "Next": "Look"},
            {"Variable": "$.order.total", "NumericGreaterThan": 10, "Next": "Charge"}]},
        "Look": {LAMBDA, "ResultSelector": {"score.$": "$.analysis.score"}, "ResultPath": "$.look", "Next": "Safe"},
        "Safe": {"Type": "Choice", "Choices": [{"Variable": "$.look.score", "NumericLessThan": 0.5, "Next": "Charge"}], "Default": "Refuse"},
        "Charge": {LAMBDA, "TimeoutSeconds": 30, "Parameters": {"id.$": "$.order.id"}, "ResultPath": "$.charged",
            "Retry": [{"ErrorEquals": ["Declined"], "MaxAttempts": 0}, {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
            "Catch": [{"ErrorEquals": ["Declined"], "Next": "Refuse"}, {"ErrorEquals": ["States.ALL"], "Next": "Broken"}], "Next": "Each"},
        "Each": {"Type": "Map", "ItemsPath": "$.order.lines", "ItemProcessor": {"StartAt": "Pick", "States": {
            "Pick": {LAMBDA, "Parameters": {"sku.$": "$.sku"}, "End": true}}},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Broken"}], "ResultPath": null, "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Refuse": {"Type": "Fail", "Error": "Refused"},
        "Broken": {"Type": "Fail", "Error": "Broken"}}}"#
        .replace("LAMBDA", LAMBDA);
    let (yaml, coverage) = check(&definition);
    insta::assert_snapshot!(yaml);
    assert_eq!(coverage.totals(None).reached, coverage.totals(None).total, "{yaml}");
}

#[test]
fn what_cannot_be_reached_is_left_to_the_author() {
    let definition = r#"{"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Default": "D", "Choices": [
            {"And": [{"Variable": "$.a", "NumericLessThan": 1}, {"Variable": "$.a", "NumericGreaterThan": 1}], "Next": "E"}]},
        "D": {"Type": "Succeed"}, "E": {"Type": "Succeed"}}}"#;
    let (yaml, coverage) = check(definition);
    assert!(yaml.ends_with("#  - never taken: C Choices[0] (a < 1 and a > 1)\n#  - never entered: E\n"), "{yaml}");
    assert_eq!(coverage.totals(Some(Kind::State)).reached, 2);
}

#[test]
fn loops_that_wait_for_a_job_come_to_an_end() {
    let definition = r#"{"StartAt": "Ask", "States": {
        "Ask": {LAMBDA, "Next": "Ready"},
        "Ready": {"Type": "Choice", "Default": "Later", "Choices": [{"Variable": "$.status", "StringEquals": "DONE", "Next": "Done"}]},
        "Later": {"Type": "Wait", "SecondsPath": "$.pause", "Next": "Ask"},
        "Done": {"Type": "Succeed"}}}"#
        .replace("LAMBDA", LAMBDA);
    let (yaml, coverage) = check(&definition);
    assert!(yaml.contains("path: [Ask, Ready, Later, Ask, Ready, Done]"), "{yaml}");
    assert_eq!(coverage.totals(None).reached, coverage.totals(None).total, "{yaml}");
}

#[test]
fn simple_expressions_are_understood() {
    let definition = r#"{"QueryLanguage": "JSONata", "StartAt": "Kind", "States": {
        "Kind": {"Type": "Choice", "Default": "Done", "Choices": [
            {"Condition": "{% $states.input.order.total > 100 and $states.input.order.kind = 'gift' %}", "Next": "Wrap"}]},
        "Wrap": {LAMBDA, "Arguments": {"id": "{% $states.input.order.id %}"}, "Output": "{% $states.result.paper.colour %}",
            "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1}], "Next": "Done"},
        "Done": {"Type": "Succeed"}}}"#
        .replace("LAMBDA", LAMBDA);
    let (yaml, coverage) = check(&definition);
    assert_eq!(coverage.totals(None).reached, coverage.totals(None).total, "{yaml}");
}

#[test]
fn the_image_pipeline_gets_a_skeleton() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../definitions/image-pipeline/image-pipeline.asl.json");
    let (yaml, coverage) = check(&std::fs::read_to_string(path).unwrap());
    let totals = coverage.totals(None);
    assert_eq!(totals.reached, totals.total, "{}\n{yaml}", crate::coverage::summary(&coverage));
}
