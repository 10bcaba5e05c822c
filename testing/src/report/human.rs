//! A report for people: a line per file, what failed and what to do about it, and a summary.

use crate::{CaseReport, Failure, FileReport, Report, ReportFormat};
use aslx_engine::history::view::duration;
use std::fmt::Write as _;
use std::io;
use std::time::Duration;

/// A report for people.
#[derive(Debug, Clone, Copy, Default)]
pub struct Human {
    /// With ANSI colours.
    pub colour: bool,
    /// Columns of the terminal; places of failed cases stand at the right of 100 unless it is less.
    pub width: Option<usize>,
}

impl ReportFormat for Human {
    fn write(&self, report: &Report, to: &mut dyn io::Write) -> io::Result<()> {
        for line in self.files(report) {
            writeln!(to, "{line}")?;
        }
        for (file, case) in report.files.iter().flat_map(|file| file.cases.iter().map(move |case| (file, case))) {
            if !case.outcome.passed() {
                write!(to, "\n{}", self.case(file, case))?;
            }
        }
        writeln!(to, "\n{}", self.summary(report))
    }
}

impl Human {
    fn paint(self, style: &str, words: &str) -> String {
        if self.colour { format!("\x1b[{style}m{words}\x1b[0m") } else { words.to_owned() }
    }

    fn files(self, report: &Report) -> Vec<String> {
        let names: Vec<String> = report.files.iter().map(|file| file.path.display().to_string()).collect();
        let wide = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        let counts: Vec<(usize, usize)> = report.files.iter().map(|file| count(&file.cases)).collect();
        let digits = counts.iter().map(|(passed, _)| passed.to_string().len()).max().unwrap_or_default();
        let line = |(name, (passed, failed)): (&String, &(usize, usize))| {
            let failed = match failed {
                0 => String::new(),
                count => format!(", {}", self.paint("1;31", &format!("{count} failed"))),
            };
            format!(" {name:wide$}  {passed:>digits$} passed{failed}")
        };
        names.iter().zip(&counts).map(line).collect()
    }

    /// A failed case: its name, its place, and what was not as expected.
    pub fn case(self, file: &FileReport, case: &CaseReport) -> String {
        let title = format!("{} › {}", stem(file), case.name);
        let place = case.place.as_ref().map(ToString::to_string).unwrap_or_default();
        let columns = self.width.unwrap_or(100).clamp(40, 100);
        let used = "FAILED ".len() + title.chars().count() + place.chars().count();
        let gap = " ".repeat(columns.saturating_sub(used).max(2));
        let mut text = format!("{} {title}{gap}{place}\n", self.paint("1;31", "FAILED"));
        for failure in case.outcome.failures() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", failure_text(failure));
        }
        text
    }

    fn summary(self, report: &Report) -> String {
        let (passed, failed) = report.cases().fold((0, 0), |(passed, failed), case| match case.outcome.passed() {
            true => (passed + 1, failed),
            false => (passed, failed + 1),
        });
        let total = passed + failed;
        let cases = if total == 1 { "1 case".to_owned() } else { format!("{total} cases") };
        let verdict = match failed {
            0 => self.paint("1;32", "all passed"),
            count => self.paint("1;31", &format!("{count} failed")),
        };
        let say = |duration_of: Duration| duration(i64::try_from(duration_of.as_millis()).unwrap_or(i64::MAX));
        format!("{cases}, {verdict}, in {} (modelled time {})", say(report.wall), say(report.modelled()))
    }
}

/// What is wrong, why, where and what to do, with two blanks before each line.
pub fn failure_text(failure: &Failure) -> String {
    let mut lines = vec![format!("  {}", failure.title)];
    lines.extend(failure.details.iter().map(|detail| format!("    {detail}")));
    lines.extend(failure.place.iter().map(|place| format!("    at {place}")));
    lines.extend(failure.help.iter().map(|help| format!("    = help: {help}")));
    lines.join("\n")
}

/// `pipeline.test.yaml` is `pipeline`.
fn stem(file: &FileReport) -> String {
    let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.split(".test.").next().unwrap_or_default().to_owned()
}

fn count(cases: &[CaseReport]) -> (usize, usize) {
    let passed = cases.iter().filter(|case| case.outcome.passed()).count();
    (passed, cases.len() - passed)
}
