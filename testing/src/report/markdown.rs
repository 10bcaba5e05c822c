//! Markdown: a table of the files, then each failure.

use super::{body, cases, failed};
use crate::Report;
use aslx_engine::history::view::duration;
use std::io;
use std::time::Duration;

pub(super) fn write(report: &Report, to: &mut dyn io::Write) -> io::Result<()> {
    let failures: usize = report.files.iter().map(|file| failed(&file.cases)).sum();
    let verdict = if failures == 0 { "all passed".to_owned() } else { format!("{failures} failed") };
    writeln!(to, "## State machines: {}, {verdict}\n", cases(report.cases().count()))?;
    writeln!(to, "| file | passed | failed | modelled time |\n|---|---:|---:|---:|")?;
    for file in &report.files {
        let modelled = file.cases.iter().map(|case| case.modelled).sum();
        let failed = failed(&file.cases);
        let path = cell(&file.path.display().to_string());
        writeln!(to, "| {path} | {} | {failed} | {} |", file.cases.len() - failed, time(modelled))?;
    }
    for file in &report.files {
        for case in file.cases.iter().filter(|case| !case.outcome.passed()) {
            writeln!(to, "\n### ❌ {} › {}\n", inline(&file.path.display().to_string()), inline(&case.name))?;
            for failure in case.outcome.failures() {
                writeln!(to, "{}\n", inline(&failure.title))?;
                let lines = body(failure);
                if !lines.is_empty() {
                    let text = lines.join("\n");
                    let fence = fence(&text);
                    writeln!(to, "{fence}text\n{text}\n{fence}\n")?;
                }
            }
        }
    }
    Ok(())
}

fn time(modelled: Duration) -> String {
    duration(i64::try_from(modelled.as_millis()).unwrap_or(i64::MAX))
}

/// Text in which nothing is markup but the code between backticks.
fn inline(text: &str) -> String {
    text.replace('\n', " ").replace('&', "&amp;").replace('<', "&lt;").replace('*', "\\*").replace('_', "\\_")
}

fn cell(text: &str) -> String {
    inline(text).replace('|', "\\|")
}

/// A fence that is longer than any in the text.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}
