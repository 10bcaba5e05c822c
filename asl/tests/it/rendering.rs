//! Diagnostics as people see them, whole. `ASLX_UPDATE=1` writes the file anew: read what it says.

use crate::harness::machine;
use aslx_asl::diagnostic::render;
use aslx_asl::syntax::Document;
use aslx_asl::{CompileOptions, LintSettings, check};
use std::fmt::Write;
use std::path::Path;

fn rendered(name: &str, text: &str) -> String {
    let diagnostics = match Document::read(name, text) {
        Ok(document) => check(document, &CompileOptions::default(), &LintSettings::default()).diagnostics,
        Err(diagnostic) => vec![diagnostic],
    };
    let shown: Vec<String> = diagnostics.iter().map(|d| render(d, name, text, false)).collect();
    shown.join("\n")
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment what to do")]
fn diagnostics_look_like_this() {
    let page = |code: &str| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/diagnostics/{code}.md"));
        let page = std::fs::read_to_string(file).unwrap();
        let block = page.split("```").nth(1).unwrap();
        block.split_once('\n').unwrap().1.to_owned()
    };
    let long = format!(
        "{{\"StartAt\": \"A\", \"States\": {{\"A\": {{\"Type\": \"Pass\", \"Comment\": \"{}\", \"Next\": \"B\"}}}}}}",
        "x".repeat(200)
    );
    let cases = [
        ("slip.asl.json", page("MISSING_TRANSITION_TARGET")),
        ("syntax.asl.json", page("INVALID_JSON_DESCRIPTION")),
        ("single-quotes.asl.json", "{'StartAt': 1}".to_owned()),
        ("empty.asl.json", String::new()),
        ("empty-object.asl.json", "{}".to_owned()),
        ("tag.asl.yaml", page("INVALID_YAML")),
        ("tab.asl.yaml", "StartAt: A\nStates:\n\tA: 1\n".to_owned()),
        ("lost.asl.json", page("LOST_INPUT")),
        (
            "shadow.asl.json",
            r#"{"StartAt": "A", "States": {"A": {"Type": "Parallel", "Next": "B",
  "Branches": [{"StartAt": "C", "States": {"C": {"Type": "Pass", "Assign": {"total": 1}, "End": true}}}]},
  "B": {"Type": "Pass", "Assign": {"total": 2}, "End": true}}}"#
                .to_owned(),
        ),
        ("misplaced.asl.json", machine(r#"{"Type": "Wait", "Seconds": "5", "ResultSelector": {}, "Next": "Z"}"#)),
        ("language.asl.json", machine(r#"{"Type": "Pass", "Output": "{% 1 %}", "Next": "Z"}"#)),
        (
            "sdk.asl.json",
            machine(r#"{"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listObject", "Next": "Z"}"#),
        ),
        (
            "intrinsic.asl.json",
            machine(
                r#"{"Type": "Pass", "Parameters": {"x.$": "States.Array('\u00e9', States.Formt($.a))"}, "Next": "Z"}"#,
            ),
        ),
        ("long-line.asl.json", long),
        ("unicode.asl.json", machine("{\"Type\": \"Pass\", \"Comment\": \"日本\", \"Nekst\": \"Z\", \"End\": true}")),
        ("variable.asl.json", page("POSSIBLY_UNDEFINED_VARIABLE")),
        (
            "expression.asl.json",
            machine(
                r#"{"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.a + $sum(1 2) %}", "Next": "Z"}"#,
            ),
        ),
        ("function.asl.json", page("UNKNOWN_NAME")),
    ];
    let mut all = String::new();
    for (name, text) in cases {
        let _ = writeln!(all, "{}", rendered(name, &text));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rendering.txt");
    if std::env::var_os("ASLX_UPDATE").is_some() {
        std::fs::write(&file, &all).unwrap();
    }
    assert_eq!(all, std::fs::read_to_string(&file).unwrap());
}
