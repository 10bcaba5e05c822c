//! Entries as text: how journals are kept and exported.

use super::{JournalError, Tracing};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Entries of a journal, one JSON value per line, every line ended by LF. What the entries are is the business of who
/// reads them: those of an execution and those of a map run are kept alike.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Lines {
    text: Arc<str>,
    count: u64,
}

impl Lines {
    /// Writes entries.
    pub fn of<E: Serialize>(entries: &[E]) -> Lines {
        let mut text = Vec::new();
        for entry in entries {
            // A vector takes every byte, and entries always serialise.
            let _ = serde_json::to_writer(&mut text, entry);
            text.push(b'\n');
        }
        // JSON text is UTF-8: nothing is lost.
        Lines { text: String::from_utf8_lossy(&text).into(), count: entries.len() as u64 }
    }

    /// Takes text that was kept. A last line without its end counts too.
    pub fn from_text(text: impl Into<Arc<str>>) -> Lines {
        let text = text.into();
        let count = text.lines().count() as u64;
        Lines { text, count }
    }

    /// How many entries there are.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads the entries. Errors name the line, counted from 1.
    pub fn decode<E: DeserializeOwned>(&self) -> Result<Vec<E>, JournalError> {
        self.text.lines().enumerate().map(|(index, line)| read(index, line)).collect()
    }

    /// Reads the first entry; `None` if there is none.
    pub fn first<E: DeserializeOwned>(&self) -> Result<Option<E>, JournalError> {
        self.text.lines().next().map(|line| read(0, line)).transpose()
    }

    /// The running hash of these entries, as [`super::digest`] gives it: `before` is that of the entries before them.
    pub fn digest(&self, before: u64) -> u64 {
        self.text.lines().fold(before, |hash, line| super::file::digest_line(hash, line.as_bytes()))
    }

    /// All of these, one after the other.
    pub fn joined(all: &[Lines]) -> Lines {
        match all {
            [one] => one.clone(),
            all => Lines {
                text: all.iter().map(Lines::text).collect::<String>().into(),
                count: all.iter().map(Lines::len).sum(),
            },
        }
    }
}

/// What is shown of how an execution was started. Payloads are texts: nobody looks into them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Opening {
    /// The input, to the letter.
    pub input: Arc<str>,
    /// Where it belongs in a trace.
    #[serde(default)]
    pub tracing: Tracing,
}

impl Opening {
    /// Reads the beginning of an execution's journal; `None` if it is that of another one.
    pub fn read(lines: &str) -> Result<Option<Opening>, JournalError> {
        let first = lines.lines().next().map(|line| read::<FirstEntry>(0, line)).transpose()?;
        Ok(first.and_then(|first| first.entry.started))
    }
}

/// As much of an [`Entry`](super::Entry) as an [`Opening`] needs.
#[derive(Deserialize)]
struct FirstEntry {
    entry: FirstKind,
}

#[derive(Deserialize)]
struct FirstKind {
    #[serde(rename = "Started")]
    started: Option<Opening>,
}

fn read<E: DeserializeOwned>(index: usize, line: &str) -> Result<E, JournalError> {
    serde_json::from_str(line).map_err(|error| JournalError::Line {
        line: index + 1,
        expected: "a journal entry",
        reason: error.to_string(),
    })
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.text.lines()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Entry, EntryKind, TimerId, digest};
    use aslx_asl::Timestamp;

    #[test]
    fn they_are_what_was_written_and_hash_alike() {
        let entries = [
            Entry { at: Timestamp::from_millis(1), kind: EntryKind::Resumed },
            Entry { at: Timestamp::from_millis(2), kind: EntryKind::TimerFired { timer: TimerId(7) } },
            Entry {
                at: Timestamp::from_millis(3),
                kind: EntryKind::StopRequested { error: Some("line\nbreak".into()), cause: None },
            },
        ];
        let lines = Lines::of(&entries);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines.text().lines().count(), 3);
        assert_eq!(lines.decode::<Entry>().unwrap(), entries);
        assert_eq!(lines.first::<Entry>().unwrap().as_ref(), entries.first());
        assert_eq!(lines.digest(5), digest(5, &entries));
        let (head, tail) = (Lines::of(&entries[..1]), Lines::of(&entries[1..]));
        assert_eq!(tail.digest(head.digest(0)), lines.digest(0));
        assert_eq!(Lines::joined(&[head, tail]), lines);
        assert_eq!(Lines::from_text(lines.text()), lines);
    }

    #[test]
    fn a_line_that_is_no_entry_is_named() {
        let lines = Lines::from_text("{\"at\":1,\"entry\":\"Resumed\"}\n{\"at\":1}\n");
        let error = lines.decode::<Entry>().unwrap_err();
        assert!(error.to_string().starts_with("line 2 of the journal is not a journal entry: "), "{error}");
    }
}
