//! The forms by name.

use super::{ReportFormat, github, json, junit, markdown, tap};
use crate::Report;
use std::io;

/// A form that other tools read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JUnit's XML.
    Junit,
    /// Workflow commands that become annotations of a pull request on GitHub.
    Github,
    /// Markdown, for GitHub's job summary.
    Markdown,
    /// The Test Anything Protocol, version 14.
    Tap,
    /// JSON, for scripts.
    Json,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 5] = [Form::Junit, Form::Github, Form::Markdown, Form::Tap, Form::Json];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Form::Junit => "junit",
            Form::Github => "github",
            Form::Markdown => "markdown",
            Form::Tap => "tap",
            Form::Json => "json",
        }
    }

    /// Whether it is added to the end of a file that exists: a job's summary gathers what all its steps write.
    pub fn appends(self) -> bool {
        self == Form::Markdown
    }
}

impl ReportFormat for Form {
    fn write(&self, report: &Report, to: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Form::Junit => junit::write(report, to),
            Form::Github => github::write(report, to),
            Form::Markdown => markdown::write(report, to),
            Form::Tap => tap::write(report, to),
            Form::Json => json::write(report, to),
        }
    }
}
