//! Asking for many.

use super::{JournalKind, Summary, Wake};
use crate::interpreter::Status;
use aslx_asl::Timestamp;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Which summaries are wanted. They come newest first: by the time of their start, then in the order in which they
/// were committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Of what.
    pub scope: Scope,
    /// Executions or map runs.
    pub kind: JournalKind,
    /// Only those with this status.
    pub status: Option<Status>,
    /// Only those that have been redriven, or only those that have not.
    pub redriven: Option<bool>,
    /// Only those after this place.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: usize,
}

impl Listing {
    /// The first executions of a scope.
    pub fn of(scope: Scope, limit: usize) -> Listing {
        Listing { scope, kind: JournalKind::Execution, status: None, redriven: None, after: None, limit }
    }
}

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything that belongs to nothing else: all executions, without the children of map runs.
    All,
    /// Executions of a state machine, by its ARN without version or alias.
    Machine(Arc<str>),
    /// Executions that were started through a version of a state machine.
    Version {
        /// ARN of the machine.
        machine: Arc<str>,
        /// ARN of the version.
        version: Arc<str>,
    },
    /// Executions that were started through an alias of a state machine.
    Alias {
        /// ARN of the machine.
        machine: Arc<str>,
        /// ARN of the alias.
        alias: Arc<str>,
    },
    /// What belongs to this: the children of a map run, the map runs of an execution.
    Parent(Arc<str>),
}

/// Some summaries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// ARNs and summaries.
    pub found: Vec<(Arc<str>, Summary)>,
    /// Where to go on; `None` when there is nothing more.
    pub next: Option<Cursor>,
}

/// A place in a list. It stays what it is when executions are added, end, or go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// Start of the last one that was listed.
    pub started: Timestamp,
    /// Its number in the store.
    pub number: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.started.as_millis(), self.number)
    }
}

impl FromStr for Cursor {
    type Err = String;
    fn from_str(text: &str) -> Result<Cursor, String> {
        text.split_once('.')
            .and_then(|(started, number)| {
                let started = Timestamp::from_millis(started.parse().ok()?);
                Some(Cursor { started, number: number.parse().ok()? })
            })
            .ok_or_else(|| format!("`{text}` is no place in a list"))
    }
}

/// Something that is to be woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sleeper {
    /// When; not [`Wake::Never`].
    pub wake: Wake,
    /// Its number in the store.
    pub number: u64,
    /// ARN of the execution.
    pub journal: Arc<str>,
}
