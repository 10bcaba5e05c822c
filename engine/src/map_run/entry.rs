//! What a map run's journal says: one closed enum.

use crate::Data;
use crate::interpreter::{Interpreter, Outcome, Status};
use aslx_asl::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Something that reached the run, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapRunEntry {
    /// Never before the entry that precedes it.
    pub at: Timestamp,
    /// What it was.
    #[serde(rename = "entry")]
    pub kind: MapRunEntryKind,
}

/// What reached the run. An entry about a child or a part that the run does not wait for changes nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum MapRunEntryKind {
    /// The run was started. Always the first entry.
    Started,
    /// The data set was looked through.
    Opened {
        /// How many items it has, after MaxItems.
        total: u64,
        /// What they are read from. Only the reading task understands it.
        pin: Data,
    },
    /// A child was started.
    ChildStarted {
        /// Its number, from 0.
        child: u64,
        /// How many items it has.
        items: u64,
    },
    /// A child ended.
    ChildEnded {
        /// Its number.
        child: u64,
        /// How.
        end: Box<ChildEnd>,
    },
    /// A part of a file of results was written.
    Written {
        /// The file.
        file: ResultFile,
        /// Number of the part in it, from 0.
        part: u64,
        /// What the writing task answered; it is given again with the next part.
        receipt: Data,
    },
    /// The run cannot go on.
    Failed {
        /// Error name.
        error: Arc<str>,
        /// What happened.
        cause: Arc<str>,
    },
    /// Other limits; what is absent stays (UpdateMapRun).
    Changed(RunLimits),
    /// Nobody waits for the run any more.
    Stopped,
    /// The run begins again with what was not successful (RedriveExecution).
    Redriven,
}

/// Limits that can be changed while a run runs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct RunLimits {
    /// Children at one time; 0 is as many as there may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<u64>,
    /// Failed items that are tolerated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerated_count: Option<u64>,
    /// Percentage of failed items that is tolerated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerated_percentage: Option<f64>,
}

/// How a child ended, and what its record says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChildEnd {
    /// Not `Running`.
    pub status: Status,
    /// When it was started.
    pub started: Timestamp,
    /// Its input, where a record shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Data>,
    /// The output, if it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Data>,
    /// The error name, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Arc<str>>,
    /// The cause, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Arc<str>>,
}

impl ChildEnd {
    /// The end of this child. `with_input`: the run's results show it ([`super::MapRun::shows_inputs`]).
    pub fn of(child: &Interpreter, outcome: &Outcome, with_input: bool) -> ChildEnd {
        ChildEnd {
            status: outcome.status,
            started: child.start_time(),
            input: child.started().filter(|_| with_input).map(|started| started.input.clone()),
            output: outcome.output.clone(),
            error: outcome.error.clone(),
            cause: outcome.cause.clone(),
        }
    }
}

/// A file of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResultFile {
    /// Of children that succeeded, by number.
    Succeeded(u64),
    /// Of children that did not, by number.
    Failed(u64),
    /// Of children that were not started, by number.
    Pending(u64),
    /// Which files there are.
    Manifest,
}
