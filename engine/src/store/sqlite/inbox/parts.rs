//! How the inbox lies in its table: rows of one size, a page each, that are written over again and again. A page that
//! is there already is changed alone, without those that say where pages are.
//!
//! Row 0 says the number of the last part that was filed. The others hold parts: a number, a length, bytes, and zeros.
//! Parts are numbered on for ever; those that are not filed lie in the rows from 1 on. A row with another number than
//! is its turn is left from before.

use rusqlite::{Connection, OptionalExtension};

/// Bytes of a row, so that one fits into a page of 4 kB and two do not.
const ROW: usize = 4_040;

/// Bytes before those of the part itself: its number, and how many there are.
const HEAD: usize = 8 + 2;

const _: () = assert!(ROW - HEAD <= u16::MAX as usize);

/// The rows, and how far they are used.
#[derive(Debug)]
pub(in crate::store::sqlite) struct Parts {
    /// Number of the last part that was filed.
    filed: u64,
    /// Parts after that.
    used: u64,
}

impl Parts {
    /// What was not filed: its parts, and its bytes.
    pub(in crate::store::sqlite) fn open(connection: &Connection) -> rusqlite::Result<(Parts, Vec<u8>)> {
        let sql = "SELECT part FROM inbox WHERE slot = 0";
        let mark: Option<Vec<u8>> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
        let filed = mark.and_then(|mark| Some(u64::from_le_bytes(*mark.first_chunk()?))).unwrap_or(0);
        let mut statement = connection.prepare("SELECT part FROM inbox WHERE slot > 0 ORDER BY slot")?;
        let mut rows = statement.query([])?;
        let (mut parts, mut bytes) = (Parts { filed, used: 0 }, Vec::new());
        while let Some(row) = rows.next()? {
            let part = row.get_ref(0)?.as_blob()?;
            let Some(content) = content(part, parts.next()) else { break };
            bytes.extend_from_slice(content);
            parts.used += 1;
        }
        Ok((parts, bytes))
    }

    fn next(&self) -> u64 {
        self.filed + self.used + 1
    }

    /// How many are used.
    pub(in crate::store::sqlite) fn used(&self) -> u64 {
        self.used
    }

    /// Writes bytes into the next rows; gives how many these are, for [`Parts::written`].
    pub(in crate::store::sqlite) fn write(&self, connection: &Connection, bytes: &[u8]) -> rusqlite::Result<u64> {
        let mut statement = connection.prepare_cached("INSERT OR REPLACE INTO inbox (slot, part) VALUES (?1, ?2)")?;
        let mut number = self.next();
        let mut row = Vec::with_capacity(ROW);
        for content in bytes.chunks(ROW - HEAD) {
            row.clear();
            row.extend_from_slice(&number.to_le_bytes());
            row.extend_from_slice(&u16::try_from(content.len()).unwrap_or_default().to_le_bytes());
            row.extend_from_slice(content);
            row.resize(ROW, 0);
            statement.execute(((number - self.filed).cast_signed(), &row))?;
            number += 1;
        }
        Ok(number - self.next())
    }

    /// What was written is committed.
    pub(in crate::store::sqlite) fn written(&mut self, parts: u64) {
        self.used += parts;
    }

    /// Says that all of it is filed.
    pub(in crate::store::sqlite) fn mark(&self, connection: &Connection) -> rusqlite::Result<()> {
        if self.used == 0 {
            return Ok(());
        }
        let mark = (self.filed + self.used).to_le_bytes();
        let sql = "INSERT OR REPLACE INTO inbox (slot, part) VALUES (0, ?1)";
        connection.prepare_cached(sql)?.execute([&mark[..]]).map(drop)
    }

    /// The mark is committed: the rows can be used again.
    pub(in crate::store::sqlite) fn marked(&mut self) {
        self.filed += self.used;
        self.used = 0;
    }
}

/// What a row holds, if it is the part of this number.
fn content(part: &[u8], number: u64) -> Option<&[u8]> {
    let (found, rest) = part.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    if u64::from_le_bytes(*found) != number {
        return None;
    }
    rest.get(..usize::from(u16::from_le_bytes(*length)))
}
