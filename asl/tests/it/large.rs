//! Definitions as large as AWS takes them, of every kind that a careless algorithm would choke on. There is no clock
//! in these tests: what takes the square of the size shows as a run that does not end.

use crate::harness::diagnostics;
use aslx_asl::syntax::Document;

fn joined(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

fn states(states: &str) -> String {
    format!("{{\"StartAt\":\"s0\",\"States\":{{{states}}}}}")
}

fn pass(fields: &str) -> String {
    states(&format!("\"s0\":{{\"Type\":\"Pass\",{fields},\"End\":true}}"))
}

#[track_caller]
fn counts(definition: &str, expected: usize) {
    assert!(definition.len() < 1_048_576, "{}", definition.len());
    assert_eq!(diagnostics(definition).len(), expected);
}

#[test]
fn a_long_chain_of_variables() {
    let last = 7_999;
    let chain = joined(last + 1, |n| {
        let next = if n == last { "\"End\":true".to_owned() } else { format!("\"Next\":\"s{}\"", n + 1) };
        let read = if n == 0 { 0 } else { n - 1 };
        let (first, read) = if n == 0 { ("", "$.a".to_owned()) } else { ("", format!("$v{read}")) };
        format!(
            "\"s{n}\":{{\"Type\":\"Pass\",\"Assign\":{{{first}\"v{n}\":1}},\"Parameters\":{{\"a.$\":\"{read}\"}},{next}}}"
        )
    });
    counts(&states(&chain), 0);
}

#[test]
fn many_transitions_that_lead_nowhere() {
    let dangling = joined(12_000, |n| format!("\"s{n}\":{{\"Type\":\"Pass\",\"Next\":\"nowhere {n}\"}}"));
    counts(&states(&dangling), 12_000 + 11_999);
}

#[test]
fn many_members() {
    counts(&pass(&joined(50_000, |n| format!("\"k{n}\":1"))), 50_000);
    let template = joined(40_000, |n| format!("\"k{n}.$\":\"$.a\""));
    counts(&pass(&format!("\"Parameters\":{{{template}}}")), 0);
    counts(
        &pass(&format!("\"Parameters\":{{\"a.$\":\"States.Array({})\"}}", joined(100_000, |_| "$.a".to_owned()))),
        0,
    );
}

#[test]
fn many_rules() {
    let rules = joined(10_000, |n| format!("{{\"Variable\":\"$.a\",\"StringEquals\":\"{n}\",\"Next\":\"s0\"}}"));
    counts(
        &states(&format!(
            "\"s0\":{{\"Type\":\"Choice\",\"Choices\":[{rules}],\"Default\":\"z\"}},\"z\":{{\"Type\":\"Succeed\"}}"
        )),
        1,
    );
}

#[test]
fn a_web_of_states_that_build_ever_larger_values() {
    let last = 4_999;
    let web = joined(last + 1, |n| {
        let next = (n * 7 + 1) % last;
        format!(
            "\"s{n}\":{{\"Type\":\"Choice\",\"Choices\":[{{\"Variable\":\"$.a\",\"IsPresent\":true,\"Next\":\"s{next}\"}}],\"Default\":\"p{n}\"}},\
             \"p{n}\":{{\"Type\":\"Pass\",\"Parameters\":{{\"m{}\":1,\"r.$\":\"$\"}},\"Next\":\"s{}\"}}",
            n % 90,
            (n + 1) % (last + 1)
        )
    });
    assert!(!diagnostics(&states(&web)).is_empty());
}

#[test]
fn yaml_in_one_line_or_of_one_character() {
    let line = format!("[{}]", joined(60_000, |n| format!("é{n}")));
    assert!(Document::parse_yaml(&line).is_ok());
    let anchors: String = (0..150).map(|n| format!("&a{n} [")).collect();
    for text in [
        anchors + &"x, ".repeat(20_000),
        "[".repeat(100_000),
        "{".repeat(100_000),
        "? ".repeat(50_000),
        "- ".repeat(50_000),
    ] {
        assert!(Document::parse_yaml(&text).is_err());
    }
}
