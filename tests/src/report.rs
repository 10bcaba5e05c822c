//! Telling what became of the cases.

use crate::known::{Deviation, Known};
use crate::runner::Verdict;
use serde::Serialize;
use std::fmt::Write as _;

/// Characters of a reason on one line.
const LONGEST: usize = 400;

/// Per group how many passed and failed, with the reason of each failure.
pub fn groups(verdicts: &[Verdict], known: Option<&Known>) -> String {
    let mut text = String::new();
    for group in verdicts.chunk_by(|a, b| a.group == b.group) {
        let name = group.first().map_or("", |first| first.group.as_str());
        let (passed, failed) = count(group);
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{name:<28} {passed:>5} passed {failed:>5} failed");
        for verdict in group {
            let Some(reason) = &verdict.reason else { continue };
            let mark = if known.is_some_and(|known| known.contains(&verdict.name)) { " (known)" } else { "" };
            let _ = writeln!(text, "  {}{mark}: {}", verdict.name, one_line(reason));
        }
    }
    text
}

/// The last line.
pub fn total(verdicts: &[Verdict]) -> String {
    let (passed, failed) = count(verdicts);
    format!("{passed} passed, {failed} failed")
}

/// How the run differs from the list of known failures.
pub fn deviation(found: &Deviation, list: &str) -> String {
    let mut text = String::new();
    for (name, reason) in &found.failed {
        let _ = writeln!(text, "FAILS, but is not on {list}: {name}: {}", one_line(reason));
    }
    for name in &found.passed {
        let _ = writeln!(text, "PASSES, take it off {list}: {name}");
    }
    for name in &found.gone {
        let _ = writeln!(text, "IS GONE, take it off {list}: {name}");
    }
    text
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    group: &'a str,
    kind: String,
    language: String,
    passed: bool,
    reason: Option<&'a str>,
}

/// The verdicts as a JSON list.
pub fn json(verdicts: &[Verdict]) -> serde_json::Result<String> {
    let row = |verdict: &Verdict| {
        serde_json::to_value(Row {
            name: &verdict.name,
            group: &verdict.group,
            kind: verdict.kind.to_string(),
            language: verdict.language.to_string(),
            passed: verdict.reason.is_none(),
            reason: verdict.reason.as_deref(),
        })
    };
    let rows: Vec<serde_json::Value> = verdicts.iter().map(row).collect::<serde_json::Result<_>>()?;
    serde_json::to_string_pretty(&rows)
}

fn count(verdicts: &[Verdict]) -> (usize, usize) {
    let passed = verdicts.iter().filter(|verdict| verdict.reason.is_none()).count();
    (passed, verdicts.len() - passed)
}

fn one_line(reason: &str) -> String {
    let line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", line.split_at(at).0),
        None => line,
    }
}
