//! What is kept of an execution.

use super::StoreError;
use crate::data::Data;
use crate::interpreter::{Interpreter, Outcome, Status};
use crate::journal::{Entry, ExecutionNames, Lines, Opening};
use aslx_asl::Timestamp;
use std::sync::Arc;

/// What lists and descriptions show of an execution or map run. Derived from its journal; its input is the journal's
/// first entry, its output is kept beside the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// What it is.
    pub kind: JournalKind,
    /// Its name.
    pub name: Arc<str>,
    /// ARN of the state machine, without version or alias; of a map run and its children that with the label.
    pub machine: Arc<str>,
    /// ARN of the version that it was started through.
    pub version: Option<Arc<str>>,
    /// ARN of the alias that it was started through.
    pub alias: Option<Arc<str>>,
    /// Hash of the program: its definition is kept as long as this journal.
    pub program: Arc<str>,
    /// What it belongs to: a child to its map run, a map run to its execution.
    pub parent: Option<Arc<str>>,
    /// Its status.
    pub status: Status,
    /// When it was started.
    pub started: Timestamp,
    /// When it ended.
    pub stopped: Option<Timestamp>,
    /// How often it was redriven.
    pub redrives: u64,
    /// When it was redriven last.
    pub redriven: Option<Timestamp>,
    /// Items of the map run that a child has been given.
    pub items: Option<u64>,
    /// What else descriptions show without reading the journal, as JSON: the counts of a map run, for example. Stores
    /// do not look into it.
    pub details: Option<Arc<str>>,
}

impl Summary {
    /// Of an execution that has just been started.
    pub fn of(names: &ExecutionNames, program: &str, started: Timestamp) -> Summary {
        Summary {
            kind: JournalKind::Execution,
            name: names.execution_name.clone(),
            machine: names.machine_arn.clone(),
            version: names.version_arn.clone(),
            alias: names.alias_arn.clone(),
            program: program.into(),
            parent: None,
            status: Status::Running,
            started,
            stopped: None,
            redrives: 0,
            redriven: None,
            items: None,
            details: None,
        }
    }

    /// What follows from the journal of an execution; `None` if it has not been started. What it belongs to, and how
    /// many items it has, are not in its own journal.
    pub(crate) fn derived(interpreter: &Interpreter) -> Option<Summary> {
        let started = interpreter.started()?;
        let outcome = interpreter.outcome();
        Some(Summary {
            status: outcome.map_or(Status::Running, |outcome| outcome.status),
            stopped: outcome.map(|_| interpreter.now()),
            redrives: interpreter.redrives().count,
            redriven: interpreter.redrives().last,
            ..Summary::of(&started.names, &started.program, interpreter.start_time())
        })
    }
}

/// An execution as DescribeExecution shows it. Payloads are texts: they are shown as they are, not looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// What lists show.
    pub summary: Summary,
    /// What it was started with; none of a map run.
    pub opening: Option<Opening>,
    /// How it ended; `None` while it is open.
    pub ended: Option<Ended>,
}

impl Described {
    /// From what a store has: `opening` is the beginning of the journal.
    ///
    /// Errors: the journal does not begin with an entry.
    pub(super) fn of(
        journal: &str,
        summary: Summary,
        outcome: Option<&Outcome>,
        opening: &Lines,
    ) -> Result<Described, StoreError> {
        let damaged = |error: crate::journal::JournalError| StoreError::Damaged {
            journal: journal.into(),
            reason: error.to_string(),
        };
        let opening = match summary.kind {
            JournalKind::Execution => Opening::read(opening.text()).map_err(damaged)?,
            JournalKind::MapRun => None,
        };
        let ended = outcome.map(|outcome| Ended {
            output: outcome.output.as_ref().map(Data::text),
            error: outcome.error.clone(),
            cause: outcome.cause.clone(),
        });
        Ok(Described { summary, opening, ended })
    }
}

/// How an execution ended, beside its status.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ended {
    /// The output.
    pub output: Option<Arc<str>>,
    /// The error's name.
    pub error: Option<Arc<str>>,
    /// Its cause.
    pub cause: Option<Arc<str>>,
}

/// What a journal is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalKind {
    /// An execution, also one that is a child of a map run.
    Execution,
    /// A map run.
    MapRun,
}

/// A journal as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredJournal {
    /// All entries, in order.
    pub lines: Lines,
    /// The hash that came with the last commit.
    pub digest: u64,
}

impl StoredJournal {
    /// The entries of an execution; `journal` is its ARN, for the error.
    pub fn entries(&self, journal: &str) -> Result<Vec<Entry>, StoreError> {
        self.lines.decode().map_err(|error| StoreError::Damaged { journal: journal.into(), reason: error.to_string() })
    }
}
