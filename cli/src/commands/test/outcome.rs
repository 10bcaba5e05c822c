//! What came of the tests, told.

use super::Format;
use crate::error::CommandError;
use aslx_testing::Report;
use std::io::{Write, stdout};
use std::process::ExitCode;

/// Writes a text to standard output. A reader that has gone away is no reason to crash.
pub(super) fn print(text: &str) {
    let _ = writeln!(stdout(), "{text}");
}

/// Writes the report and gives the exit code.
pub(super) fn tell(report: &Report, format: Format) -> Result<ExitCode, CommandError> {
    let mut text = Vec::new();
    format
        .write(report, &mut text)
        .map_err(|error| CommandError::usage(format!("the report cannot be written: {error}")))?;
    let _ = stdout().write_all(&text);
    Ok(ExitCode::from(u8::from(!report.passed())))
}
