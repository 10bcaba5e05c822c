//! Journals as files: JSON lines. The first line names the format and its version, every further line is an entry.

use super::{Entry, Lines};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};

/// The version that this program writes. Earlier ones stay readable.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
}

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Reading or writing failed.
    #[error("the journal cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// A line is not what it should be.
    #[error("line {line} of the journal is not {expected}: {reason}")]
    Line {
        /// Line, counted from 1.
        line: usize,
        /// What was expected there.
        expected: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// Writes a journal.
pub fn write_journal(to: &mut impl Write, entries: &[Entry]) -> Result<(), JournalError> {
    write_lines(to, false, &Lines::of(entries))
}

/// Writes a journal out of its lines: that of an execution as [`write_journal`] does, or that of a map run, whose header
/// names another format.
pub fn write_lines(to: &mut impl Write, map_run: bool, lines: &Lines) -> Result<(), JournalError> {
    let format = if map_run { "aslx map run" } else { "aslx journal" };
    let line = |error: serde_json::Error| JournalError::Io(error.into());
    serde_json::to_writer(&mut *to, &Header { format: format.into(), version: VERSION }).map_err(line)?;
    to.write_all(b"\n")?;
    Ok(to.write_all(lines.text().as_bytes())?)
}

/// Reads a journal. Errors name the line.
pub fn read_journal(from: impl BufRead) -> Result<Vec<Entry>, JournalError> {
    let mut entries = Vec::new();
    for (index, line) in from.lines().enumerate() {
        let line = line?;
        let number = index + 1;
        if index == 0 {
            let expected = "the header of an aslx journal of version 1";
            let header: Header = serde_json::from_str(&line).map_err(|error| JournalError::Line {
                line: number,
                expected,
                reason: error.to_string(),
            })?;
            if header.format != "aslx journal" || header.version != VERSION {
                let reason = format!("it says `{}` version {}", header.format, header.version);
                return Err(JournalError::Line { line: number, expected, reason });
            }
        } else if !line.is_empty() {
            entries.push(serde_json::from_str(&line).map_err(|error| JournalError::Line {
                line: number,
                expected: "a journal entry",
                reason: error.to_string(),
            })?);
        }
    }
    Ok(entries)
}

/// A running hash over what entries say (FNV-1a over their JSON): `before` is the hash of the entries before these.
/// Stores keep it with a journal, so that a journal that was changed is found out.
pub fn digest(before: u64, entries: &[Entry]) -> u64 {
    let mut hasher = Fnv(before);
    for entry in entries {
        hasher.next_line();
        // A hasher takes every byte, and entries always serialise.
        let _ = serde_json::to_writer(&mut hasher, entry);
    }
    hasher.0
}

/// The same over an entry that is written already, without the end of its line.
pub(super) fn digest_line(before: u64, line: &[u8]) -> u64 {
    let mut hasher = Fnv(before);
    hasher.next_line();
    hasher.add(line);
    hasher.0
}

struct Fnv(u64);

impl Fnv {
    /// Once per entry, so that it does not matter how many are hashed at a time.
    fn next_line(&mut self) {
        self.0 ^= 0xcbf2_9ce4_8422_2325;
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl Write for Fnv {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
