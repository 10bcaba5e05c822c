//! GitHub's workflow commands: each failure becomes an annotation at its line.

use super::{body, place};
use crate::Report;
use std::io;

pub(super) fn write(report: &Report, to: &mut dyn io::Write) -> io::Result<()> {
    for file in &report.files {
        for case in &file.cases {
            for failure in case.outcome.failures() {
                let title = property(&case.name);
                let at = match place(failure, case) {
                    Some(place) => format!("file={},line={}", property(&place.file), place.line),
                    None => format!("file={}", property(&file.path.display().to_string())),
                };
                let text: Vec<String> = std::iter::once(failure.title.clone()).chain(body(failure)).collect();
                writeln!(to, "::error {at},title={title}::{}", message(&text.join("\n")))?;
            }
        }
    }
    Ok(())
}

/// What a message cannot hold as it is (GitHub's runner undoes it).
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same for the value of a property.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
