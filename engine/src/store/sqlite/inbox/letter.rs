//! A commit as it is written down in the inbox: a line of JSON, `{"v":1,…}`, and after it the longer texts as they are,
//! since to write them as JSON again would be most of the work. It is read only after a crash, and then perhaps by a
//! later program: what is here is a promise, docs/store-format.md.

use crate::data::Data;
use crate::interpreter::Outcome;
use crate::journal::Lines;
use crate::store::sqlite::codes;
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
    /// Bytes of the entries, which follow.
    lines: usize,
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
    outcome: Option<Ends>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wake: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<Arc<str>>,
}

/// How it has ended, without the status.
#[derive(Serialize, Deserialize)]
struct Ends {
    /// Bytes of the output, which follows after the entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<Arc<str>>,
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
    let outputs: Vec<_> = commit.appends.iter().map(|append| append.outcome.as_ref()?.output.as_ref()).collect();
    let outputs: Vec<Option<Arc<str>>> = outputs.into_iter().map(|output| output.map(Data::text)).collect();
    let appends = commit.appends.iter().zip(&outputs);
    let letter = Letter {
        v: VERSION,
        removals: commit.removals.clone(),
        definitions: commit.definitions.iter().map(|known| (known.hash.clone(), known.text.clone())).collect(),
        appends: appends.clone().map(|(append, output)| Grows::of(append, output.as_deref())).collect(),
    };
    // A vector takes every byte, and texts and numbers always serialise.
    let _ = serde_json::to_writer(&mut *to, &letter);
    to.push(b'\n');
    for (append, output) in appends {
        to.extend_from_slice(append.lines.text().as_bytes());
        to.extend_from_slice(output.as_deref().unwrap_or_default().as_bytes());
    }
}

/// Reads commits.
///
/// Errors: the bytes are not what [`write`] wrote, or a later program has written them.
pub(in crate::store::sqlite) fn read(bytes: &[u8]) -> Result<Vec<Commit>, String> {
    let mut commits = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (commit, after) = read_one(rest).map_err(|reason| format!("a commit in its inbox: {reason}"))?;
        commits.push(commit);
        rest = after;
    }
    Ok(commits)
}

fn read_one(bytes: &[u8]) -> Result<(Commit, &[u8]), String> {
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or("its first line has no end")?;
    let (line, rest) = bytes.split_at(end);
    let letter: Letter = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if letter.v != VERSION {
        return Err(format!("it is of version {}, this program knows version {VERSION}", letter.v));
    }
    let mut texts = Texts(rest.get(1..).unwrap_or_default());
    let definitions = letter.definitions.into_iter().map(|(hash, text)| Definition { hash, text });
    let appends = letter.appends.into_iter().map(|grows| grows.append(&mut texts)).collect::<Result<_, _>>()?;
    let commit = Commit { removals: letter.removals, definitions: definitions.collect(), appends, records: Vec::new() };
    Ok((commit, texts.0))
}

/// The texts behind a line.
struct Texts<'b>(&'b [u8]);

impl<'b> Texts<'b> {
    fn next(&mut self, length: usize) -> Result<&'b str, String> {
        let (text, rest) = self.0.split_at_checked(length).ok_or("it ends too soon")?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|error| error.to_string())
    }
}

impl Grows {
    fn of(append: &Append, output: Option<&str>) -> Grows {
        let ends = |outcome: &Outcome| Ends {
            output: output.map(str::len),
            error: outcome.error.clone(),
            cause: outcome.cause.clone(),
        };
        let summary = append.summary.clone();
        Grows {
            arn: append.journal.clone(),
            position: append.position,
            lines: append.lines.text().len(),
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
            outcome: append.outcome.as_ref().map(ends),
            wake: codes::wake_code(append.wake),
            tokens: append.tokens.clone(),
        }
    }

    fn append(self, texts: &mut Texts<'_>) -> Result<Append, String> {
        let status = codes::status(self.status).ok_or_else(|| format!("its status is {}", self.status))?;
        let kind = codes::kind(self.kind).ok_or_else(|| format!("its kind is {}", self.kind))?;
        let lines = Lines::from_text(texts.next(self.lines)?);
        let outcome = |ends: Ends| {
            let output = ends.output.map(|length| texts.next(length)).transpose()?;
            let output = output.map(Data::parse).transpose().map_err(|error| error.to_string())?;
            Ok::<_, String>(Outcome { status, output, error: ends.error, cause: ends.cause })
        };
        let outcome = self.outcome.map(outcome).transpose()?;
        Ok(Append {
            journal: self.arn,
            position: self.position,
            lines,
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
            outcome,
            wake: codes::wake_of(self.wake),
            tokens: self.tokens,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::Status;
    use crate::journal::ExecutionNames;
    use crate::store::Wake;

    fn commit() -> Commit {
        let names = ExecutionNames::local("machine", "größe");
        let append = Append {
            journal: names.execution_arn.clone(),
            position: 3,
            lines: Lines::from_text("{\"at\":1}\n{\"at\":2}\n"),
            digest: u64::MAX,
            summary: Summary {
                status: Status::Failed,
                parent: Some("parent".into()),
                details: Some("{}".into()),
                items: Some(0),
                redrives: 2,
                redriven: Some(Timestamp::from_millis(7)),
                stopped: Some(Timestamp::from_millis(9)),
                version: Some("v".into()),
                alias: Some("a".into()),
                kind: JournalKind::MapRun,
                ..Summary::of(&names, "hash", Timestamp::from_millis(5))
            },
            outcome: Some(Outcome {
                status: Status::Failed,
                output: Some(Data::parse("{\"a\" : \"line\\nbreak\"}\n").unwrap()),
                error: Some("E".into()),
                cause: None,
            }),
            wake: Wake::At(Timestamp::from_millis(11)),
            tokens: vec!["t".into()],
        };
        let bare = Append { outcome: None, lines: Lines::default(), wake: Wake::Never, ..append.clone() };
        let definitions = vec![Definition { hash: "hash".into(), text: "{\n}".into() }];
        Commit { removals: vec!["gone".into()], definitions, appends: vec![append, bare], records: Vec::new() }
    }

    #[test]
    fn they_are_read_as_they_were_written() {
        let commits = vec![commit(), Commit::default(), commit()];
        let mut bytes = Vec::new();
        commits.iter().for_each(|commit| write(commit, &mut bytes));
        let found = read(&bytes).unwrap();
        assert_eq!(format!("{found:#?}"), format!("{commits:#?}"));
        // Not one of them is read from a part of it.
        for end in 1..bytes.len() {
            let whole = read(&bytes[..end]).map(|found| found.len()).unwrap_or(0);
            assert!(whole < 3, "{end} of {}", bytes.len());
        }
    }

    #[test]
    fn what_is_none_is_told() {
        let told = |bytes: &[u8]| read(bytes).unwrap_err();
        assert_eq!(told(b"x"), "a commit in its inbox: its first line has no end");
        let version = "a commit in its inbox: it is of version 2, this program knows version 1";
        assert_eq!(told(b"{\"v\":2,\"more\":0}\n"), version);
        assert!(told(b"{}\n").starts_with("a commit in its inbox: missing field `v`"));
    }
}
