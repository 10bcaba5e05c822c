//! How values are written in columns.

use crate::Data;
use crate::interpreter::{Outcome, Status};
use crate::store::{Ended, JournalKind, Wake};
use aslx_asl::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The number of a status; part of the format.
pub(super) fn status_code(status: Status) -> i64 {
    match status {
        Status::Running => 0,
        Status::Succeeded => 1,
        Status::Failed => 2,
        Status::TimedOut => 3,
        Status::Aborted => 4,
    }
}

pub(super) fn status(code: i64) -> Option<Status> {
    const ALL: [Status; 5] = [Status::Running, Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted];
    ALL.into_iter().find(|status| status_code(*status) == code)
}

pub(super) fn kind_code(kind: JournalKind) -> i64 {
    match kind {
        JournalKind::Execution => 0,
        JournalKind::MapRun => 1,
    }
}

pub(super) fn kind(code: i64) -> Option<JournalKind> {
    [JournalKind::Execution, JournalKind::MapRun].into_iter().find(|kind| kind_code(*kind) == code)
}

/// -1 comes before every time.
const NOW: i64 = -1;

pub(super) fn wake_code(wake: Wake) -> Option<i64> {
    match wake {
        Wake::Now => Some(NOW),
        Wake::At(time) => Some(time.as_millis().max(0)),
        Wake::Never => None,
    }
}

pub(super) fn wake(code: i64) -> Wake {
    if code == NOW { Wake::Now } else { Wake::At(Timestamp::from_millis(code)) }
}

pub(super) fn wake_of(code: Option<i64>) -> Wake {
    code.map_or(Wake::Never, wake)
}

/// An outcome without its status, which has a column of its own. An output is written as its text, and read as that or
/// as the value that it says.
#[derive(Serialize, Deserialize)]
pub(super) struct Ending<D> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output: Option<D>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<Arc<str>>,
}

impl Ending<Data> {
    pub(super) fn text(outcome: Outcome) -> String {
        let Outcome { output, error, cause, status: _ } = outcome;
        // Texts and values always serialise.
        serde_json::to_string(&Ending { output, error, cause }).unwrap_or_default()
    }

    pub(super) fn read(status: Status, text: &str) -> Result<Outcome, serde_json::Error> {
        let Ending { output, error, cause } = serde_json::from_str(text)?;
        Ok(Outcome { status, output, error, cause })
    }
}

impl Ending<Arc<str>> {
    pub(super) fn shown(text: &str) -> Result<Ended, serde_json::Error> {
        let Ending { output, error, cause } = serde_json::from_str(text)?;
        Ok(Ended { output, error, cause })
    }
}

/// Entries of a journal are rows with neighbouring ids: 39 bits of the journal, 24 bits of the position of the first
/// entry in the row. So a journal needs no index, and a new one is written at the end of the table.
const POSITIONS: u32 = 24;

/// The id of a journal's first entries, in SQL.
pub(super) const FIRST_ENTRY: &str = "journals.id << 24";

pub(super) fn entry_id(journal: i64, position: u64) -> Option<i64> {
    let position = i64::try_from(position).ok().filter(|position| *position < 1 << POSITIONS)?;
    Some(journal << POSITIONS | position)
}

/// The ids that the entries of a journal may have.
pub(super) fn entry_ids(journal: i64) -> (i64, i64) {
    (journal << POSITIONS, (journal << POSITIONS) | ((1 << POSITIONS) - 1))
}
