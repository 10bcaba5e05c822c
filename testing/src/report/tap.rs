//! The Test Anything Protocol, version 14: a test file is a subtest.

use super::{failed, place};
use crate::{CaseReport, FileReport, Report};
use serde_json::Value;
use std::io;

pub(super) fn write(report: &Report, to: &mut dyn io::Write) -> io::Result<()> {
    writeln!(to, "TAP version 14\n1..{}", report.files.len())?;
    for (index, file) in report.files.iter().enumerate() {
        write_file(index + 1, file, to)?;
    }
    Ok(())
}

fn write_file(number: usize, file: &FileReport, to: &mut dyn io::Write) -> io::Result<()> {
    let name = description(&file.path.display().to_string());
    writeln!(to, "# Subtest: {name}\n    1..{}", file.cases.len())?;
    for (index, case) in file.cases.iter().enumerate() {
        let word = if case.outcome.passed() { "ok" } else { "not ok" };
        writeln!(to, "    {word} {} - {}", index + 1, description(&case.name))?;
        diagnostic(case, to)?;
    }
    let word = if failed(&file.cases) == 0 { "ok" } else { "not ok" };
    writeln!(to, "{word} {number} - {name}")
}

/// A block of YAML, whose texts are written as JSON: that is YAML too.
fn diagnostic(case: &CaseReport, to: &mut dyn io::Write) -> io::Result<()> {
    let quoted = |text: &str| Value::from(text).to_string();
    writeln!(to, "      ---\n      duration_ms: {:.3}", case.wall.as_secs_f64() * 1000.0)?;
    writeln!(to, "      modelled_ms: {}", case.modelled.as_millis())?;
    let failures = case.outcome.failures();
    if !failures.is_empty() {
        writeln!(to, "      failures:")?;
    }
    for failure in failures {
        writeln!(to, "        - message: {}", quoted(&failure.title))?;
        if let Some(place) = place(failure, case) {
            writeln!(to, "          at: {{ file: {}, line: {} }}", quoted(&place.file), place.line)?;
        }
        if !failure.details.is_empty() {
            writeln!(to, "          details:")?;
        }
        for detail in &failure.details {
            writeln!(to, "            - {}", quoted(detail))?;
        }
        if let Some(help) = &failure.help {
            writeln!(to, "          help: {}", quoted(help))?;
        }
    }
    writeln!(to, "      ...")
}

/// A name on one line, in which nothing is a directive.
fn description(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#").replace(['\n', '\r'], " ")
}
