//! What came of tests: plain data, which every report is made from.

use crate::coverage::Waypoints;
use aslx_asl::Program;
use aslx_engine::runtime::Finished;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What came of all test files.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// In the order of their paths.
    pub files: Vec<FileReport>,
    /// How long everything took.
    pub wall: Duration,
}

/// What came of one test file.
#[derive(Debug, Clone)]
pub struct FileReport {
    /// The test file, as it was named.
    pub path: PathBuf,
    /// Its cases, in the order of the file.
    pub cases: Vec<CaseReport>,
}

/// What came of one case.
#[derive(Debug, Clone)]
pub struct CaseReport {
    /// Its name; a row of a table has its row's.
    pub name: String,
    /// Where it stands.
    pub place: Option<Place>,
    /// What was tested.
    pub tested: Arc<Tested>,
    /// Whether it passed.
    pub outcome: Outcome,
    /// How long it took.
    pub wall: Duration,
    /// How long its execution took by the model's clock.
    pub modelled: Duration,
    /// Its execution: outcome, journal and history. `None` if it came to no end.
    pub run: Option<Arc<Finished>>,
    /// Where it came by; a [`crate::coverage::Trail`] that observes the execution counts it.
    pub waypoints: Waypoints,
}

/// A definition under test.
#[derive(Debug)]
pub struct Tested {
    /// Its file, as it was named; empty if there is none.
    pub path: PathBuf,
    /// Name of the state machine.
    pub name: String,
    /// The program.
    pub program: Arc<Program>,
}

/// Whether a case passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was as expected.
    Passed,
    /// What was not.
    Failed(Vec<Failure>),
}

/// Something that was not as expected, for its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, in one line: lower case, no final period.
    pub title: String,
    /// Lines that explain it.
    pub details: Vec<String>,
    /// Where the expectation or the mock stands.
    pub place: Option<Place>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// Line, counted from 1.
    pub line: usize,
}

impl Report {
    /// All cases, file by file.
    pub fn cases(&self) -> impl Iterator<Item = &CaseReport> {
        self.files.iter().flat_map(|file| &file.cases)
    }

    /// Whether no case failed.
    pub fn passed(&self) -> bool {
        self.cases().all(|case| case.outcome.passed())
    }

    /// The time of all executions by the model's clock.
    pub fn modelled(&self) -> Duration {
        self.cases().map(|case| case.modelled).sum()
    }
}

impl Outcome {
    /// Whether it is [`Outcome::Passed`].
    pub fn passed(&self) -> bool {
        *self == Outcome::Passed
    }

    /// What was not as expected.
    pub fn failures(&self) -> &[Failure] {
        match self {
            Outcome::Passed => &[],
            Outcome::Failed(failures) => failures,
        }
    }
}

impl Failure {
    /// Something that is wrong, in one line.
    pub fn new(title: impl Into<String>) -> Failure {
        Failure { title: title.into(), details: Vec::new(), place: None, help: None }
    }

    /// With one more line that explains it.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Failure {
        self.details.push(line.into());
        self
    }

    /// With more lines that explain it.
    #[must_use]
    pub fn lines(mut self, lines: impl IntoIterator<Item = String>) -> Failure {
        self.details.extend(lines);
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Failure {
        Failure { help: Some(help.into()), ..self }
    }

    /// At this place, unless it has one.
    #[must_use]
    pub fn or_at(self, place: Option<&Place>) -> Failure {
        Failure { place: self.place.or_else(|| place.cloned()), ..self }
    }
}

impl From<Vec<Failure>> for Outcome {
    fn from(failures: Vec<Failure>) -> Outcome {
        if failures.is_empty() { Outcome::Passed } else { Outcome::Failed(failures) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
