//! What came of the tests, told.

use super::{Format, TestArguments, local, outputs};
use crate::error::CommandError;
use aslx_testing::Report;
use aslx_testing::coverage::{Coverage, summary};
use std::io::{Write, stdout};
use std::process::ExitCode;

/// Writes a text to standard output. A reader that has gone away is no reason to crash.
pub(super) fn print(text: &str) {
    let _ = writeln!(stdout(), "{text}");
}

/// Writes the report, and coverage where it is wanted, and gives the exit code.
pub(super) fn tell(report: &Report, arguments: &TestArguments) -> Result<ExitCode, CommandError> {
    let mut text = Vec::new();
    if arguments.format == Format::Human && arguments.sfn_local_mocks.is_some() {
        text.extend(local::endings(report).into_bytes());
    }
    arguments
        .format
        .write(report, &mut text)
        .map_err(|error| CommandError::usage(format!("the report cannot be written: {error}")))?;
    let coverage = Coverage::of(report);
    // Of some of the cases it would say little.
    if arguments.format == Format::Human && arguments.filter.is_none() && !coverage.definitions.is_empty() {
        text.extend(summary(&coverage).into_bytes());
    }
    let _ = stdout().write_all(&text);
    outputs::write(report, &coverage, arguments)?;
    let shortfalls = arguments.fail_under.as_ref().map(|wanted| wanted.shortfalls(&coverage)).unwrap_or_default();
    shortfalls.iter().for_each(|shortfall| eprintln!("{shortfall}"));
    Ok(ExitCode::from(u8::from(!report.passed() || !shortfalls.is_empty())))
}
