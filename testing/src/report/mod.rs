//! Reports of test runs: for people and for the tools around them.

use crate::Report;
use std::io;

/// A form in which a report is written, once all cases are done.
pub trait ReportFormat {
    /// Writes it.
    fn write(&self, report: &Report, to: &mut dyn io::Write) -> io::Result<()>;
}
