//! Reports of test runs: for people and for the tools around them.

mod form;
mod github;
mod human;
mod json;
mod junit;
mod markdown;
mod tap;
#[cfg(test)]
mod tests;

pub use form::Form;
pub use human::{Human, failure_text};

use crate::{CaseReport, Failure, Place, Report};
use std::io;

/// A form in which a report is written, once all cases are done.
pub trait ReportFormat {
    /// Writes it.
    fn write(&self, report: &Report, to: &mut dyn io::Write) -> io::Result<()>;
}

/// A failure as lines of plain text: details, place and help.
fn body(failure: &Failure) -> Vec<String> {
    let mut lines = failure.details.clone();
    lines.extend(failure.place.iter().map(|place| format!("at {place}")));
    lines.extend(failure.help.iter().map(|help| format!("help: {help}")));
    lines
}

/// The place that a tool is to point to: the failure's own, or that of its case.
fn place<'r>(failure: &'r Failure, case: &'r CaseReport) -> Option<&'r Place> {
    failure.place.as_ref().or(case.place.as_ref())
}

fn failed(cases: &[CaseReport]) -> usize {
    cases.iter().filter(|case| !case.outcome.passed()).count()
}

/// `1 case`, `2 cases`.
fn cases(count: usize) -> String {
    format!("{count} case{}", if count == 1 { "" } else { "s" })
}
