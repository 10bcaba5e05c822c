//! Nothing panics, whatever is read, and JSON and YAML say the same.

use aslx_asl::diagnostic::render;
use aslx_asl::syntax::Document;
use aslx_asl::{CompileOptions, LintSettings, check};
use proptest::prelude::*;
use std::path::Path;

/// A definition with something of everything, to be spoiled.
const RICH: &str = include_str!("../rich.json");

/// Reads, checks, lints and renders; the answer is the number of diagnostics.
fn digest(file: &str, text: &str) -> usize {
    let options = CompileOptions { allow_unresolved: true, ..CompileOptions::default() };
    let diagnostics = match Document::read(file, text) {
        Ok(document) => check(document, &options, &LintSettings::default()).diagnostics,
        Err(diagnostic) => vec![diagnostic],
    };
    for diagnostic in &diagnostics {
        assert!(
            diagnostic.span().start <= diagnostic.span().end && diagnostic.span().end <= text.len(),
            "{diagnostic:?}"
        );
        assert!(!render(diagnostic, file, text, true).is_empty());
    }
    diagnostics.len()
}

/// Replaces, removes or doubles parts of a text.
fn spoil(text: &str, edits: &[(usize, usize, String)]) -> String {
    let mut text = text.to_owned();
    for (at, length, with) in edits {
        let mut start = at % (text.len() + 1);
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = (start + length).min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        text.replace_range(start..end, with);
    }
    text
}

fn edits() -> impl Strategy<Value = Vec<(usize, usize, String)>> {
    let piece = prop_oneof![
        "[ -~]{0,3}",
        "\\PC{0,2}",
        Just("\"Next\":".to_owned()),
        Just("null".to_owned()),
        Just("{}".to_owned()),
        Just("[]".to_owned()),
        Just("${X}".to_owned()),
        Just("\"$.a[?(@.b)]\"".to_owned()),
        Just("\"QueryLanguage\": \"JSONata\",".to_owned()),
        Just("\n\t- &a *a : !Sub".to_owned()),
        Just("1e999".to_owned()),
    ];
    prop::collection::vec((any::<usize>(), 0usize..12, piece), 0..6)
}

/// JSON values, with names from the language.
fn json() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("StartAt"),
        Just("States"),
        Just("Type"),
        Just("Next"),
        Just("Parameters"),
        Just("a.$"),
        Just("Choices"),
        Just("Retry"),
        Just("ErrorEquals"),
        Just("Branches"),
        Just("ItemProcessor"),
        Just("Assign"),
        Just("Résumé: #x")
    ];
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        Just("-0.5".to_owned()),
        Just("\"Pass\"".to_owned()),
        Just("\"$.a\"".to_owned()),
        Just("\"no\"".to_owned()),
        Just("\"1\"".to_owned()),
        Just("\"~\"".to_owned()),
        "[ -~é\\n]{0,8}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((name.clone(), inner), 0..4).prop_map(|members| {
                let members: Vec<String> = members.iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
                format!("{{{}}}", members.join(", "))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        digest("a.json", &text);
        digest("a.yaml", &text);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let text = String::from_utf8_lossy(&bytes);
        digest("a.json", &text);
        digest("a.yaml", &text);
    }

    #[test]
    fn spoiled_definitions_are_checked(edits in edits()) {
        let text = spoil(RICH, &edits);
        digest("a.json", &text);
        digest("a.yaml", &text);
    }

    #[test]
    fn any_json_is_the_same_in_yaml(text in json()) {
        let one = Document::parse(&text).unwrap();
        let other = Document::parse_yaml(&text).unwrap();
        prop_assert_eq!(one.root().to_value().to_json(), other.root().to_value().to_json());
        prop_assert_eq!(digest("a.json", &text), digest("a.yaml", &text));
    }
}

/// More with `PROPTEST_CASES`.
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment what to do")]
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300)
}

#[test]
fn the_rich_definition_is_right() {
    let document = Document::parse(RICH).unwrap();
    let compiled = check(document, &CompileOptions::default(), &LintSettings::default());
    assert!(compiled.diagnostics.is_empty(), "{:#?}", compiled.diagnostics);
    assert!(compiled.program.is_some());
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rich.json").exists());
}
