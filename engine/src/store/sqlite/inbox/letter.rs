//! A commit as it is written down in the inbox: a line of JSON, `{"v":1,…}`. It is read only after a crash, and then
//! perhaps by a later program: what is here is a promise, docs/store-format.md.

use crate::data::Data;
use crate::journal::Lines;
use crate::store::sqlite::codes::{self, Ending};
use crate::store::{Append, Commit, Definition, JournalKind, Summary};
use aslx_asl::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The version that is written, and the only one there is.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Letter {
    v: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    removals: Vec<Arc<str>>,
    /// Hashes and texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    definitions: Vec<(Arc<str>, Arc<str>)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    appends: Vec<Grows>,
}

/// The columns of the table `journals`, and the entries.
#[derive(Serialize, Deserialize)]
struct Grows {
    arn: Arc<str>,
    position: u64,
    /// Entries, a line each.
    lines: Arc<str>,
    digest: u64,
    #[serde(default, skip_serializing_if = "is_execution")]
    kind: i64,
    name: Arc<str>,
    machine: Arc<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alias: Option<Arc<str>>,
    program: Arc<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<Arc<str>>,
    status: i64,
    started: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped: Option<i64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    redrives: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    redriven: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    items: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    details: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Ending<Data>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wake: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<Arc<str>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_execution(kind: &i64) -> bool {
    *kind == codes::kind_code(JournalKind::Execution)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Writes a commit without records, which are none of the inbox's business, at the end of others.
pub(in crate::store::sqlite) fn write(commit: &Commit, to: &mut Vec<u8>) {
    let letter = Letter {
        v: VERSION,
        removals: commit.removals.clone(),
        definitions: commit.definitions.iter().map(|known| (known.hash.clone(), known.text.clone())).collect(),
        appends: commit.appends.iter().map(Grows::of).collect(),
    };
    // A vector takes every byte, and texts and numbers always serialise.
    let _ = serde_json::to_writer(&mut *to, &letter);
    to.push(b'\n');
}

/// Reads commits.
///
/// Errors: the bytes are not what [`write`] wrote, or a later program has written them.
pub(in crate::store::sqlite) fn read(bytes: &[u8]) -> Result<Vec<Commit>, String> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| read_one(line).map_err(|reason| format!("a commit in its inbox: {reason}"))).collect()
}

fn read_one(line: &[u8]) -> Result<Commit, String> {
    let letter: Letter = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if letter.v != VERSION {
        return Err(format!("it is of version {}, this program knows version {VERSION}", letter.v));
    }
    let definitions = letter.definitions.into_iter().map(|(hash, text)| Definition { hash, text });
    Ok(Commit {
        removals: letter.removals,
        definitions: definitions.collect(),
        appends: letter.appends.into_iter().map(Grows::append).collect::<Result<_, _>>()?,
        records: Vec::new(),
    })
}

impl Grows {
    fn of(append: &Append) -> Grows {
        let summary = append.summary.clone();
        Grows {
            arn: append.journal.clone(),
            position: append.position,
            lines: append.lines.shared_text(),
            digest: append.digest,
            kind: codes::kind_code(summary.kind),
            name: summary.name,
            machine: summary.machine,
            version: summary.version,
            alias: summary.alias,
            program: summary.program,
            parent: summary.parent,
            status: codes::status_code(summary.status),
            started: summary.started.as_millis(),
            stopped: summary.stopped.map(Timestamp::as_millis),
            redrives: summary.redrives,
            redriven: summary.redriven.map(Timestamp::as_millis),
            items: summary.items,
            details: summary.details,
            outcome: append.outcome.clone().map(Ending::of),
            wake: codes::wake_code(append.wake),
            tokens: append.tokens.clone(),
        }
    }

    fn append(self) -> Result<Append, String> {
        let status = codes::status(self.status).ok_or_else(|| format!("its status is {}", self.status))?;
        let kind = codes::kind(self.kind).ok_or_else(|| format!("its kind is {}", self.kind))?;
        Ok(Append {
            journal: self.arn,
            position: self.position,
            lines: Lines::from_text(self.lines),
            digest: self.digest,
            summary: Summary {
                kind,
                name: self.name,
                machine: self.machine,
                version: self.version,
                alias: self.alias,
                program: self.program,
                parent: self.parent,
                status,
                started: Timestamp::from_millis(self.started),
                stopped: self.stopped.map(Timestamp::from_millis),
                redrives: self.redrives,
                redriven: self.redriven.map(Timestamp::from_millis),
                items: self.items,
                details: self.details,
            },
            outcome: self.outcome.map(|ending| ending.outcome(status)),
            wake: codes::wake_of(self.wake),
            tokens: self.tokens,
        })
    }
}
