//! How the inbox lies in its table: rows of one size, a page each, that are written over again and again. A page that
//! is there already is changed alone, without those that say where pages are.
//!
//! Row 0 says the number of the last part that was filed. The others hold parts: a number, a length, a checksum, bytes,
//! and zeros. Parts are numbered on for ever; those that are not filed lie in the rows from 1 on.

use crate::store::sqlite::OpenError;
use rusqlite::{Connection, OptionalExtension};

/// Bytes of a row, so that one fits into a page of 4 kB and two do not.
const ROW: usize = 4_040;

/// Bytes before those of the part itself.
const HEAD: usize = 8 + 2 + 4;

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
    ///
    /// Errors: the rows are not what was written.
    pub(in crate::store::sqlite) fn open(connection: &Connection) -> Result<(Parts, Vec<u8>), OpenError> {
        let sql = "SELECT part FROM inbox WHERE slot = 0";
        let mark: Option<Vec<u8>> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
        let filed = match mark {
            Some(mark) => Part::read(&mark).ok_or_else(|| damaged("its mark is not what was written"))?.number,
            None => 0,
        };
        let mut statement = connection.prepare("SELECT part FROM inbox WHERE slot > 0 ORDER BY slot")?;
        let mut rows = statement.query([])?;
        let (mut parts, mut bytes, mut ended) = (Parts { filed, used: 0 }, Vec::new(), false);
        while let Some(row) = rows.next()? {
            let next = parts.next();
            let part = row.get_ref(0)?.as_blob().ok().and_then(Part::read);
            let part = part.ok_or_else(|| damaged(&format!("part {next} is not what was written")))?;
            // One of before is left where the inbox was fuller then.
            ended |= part.number <= filed;
            if ended && part.number > filed || !ended && part.number != next {
                return Err(damaged(&format!("part {next} is missing")));
            }
            if !ended {
                bytes.extend_from_slice(part.content);
                parts.used += 1;
            }
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
        let (mut slot, mut number) = (self.used, self.filed + self.used);
        let mut row = Vec::with_capacity(ROW);
        for content in bytes.chunks(ROW - HEAD) {
            (slot, number) = (slot + 1, number + 1);
            Part { number, content }.write(&mut row);
            put(connection, slot, &row)?;
        }
        Ok(slot - self.used)
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
        let mut row = Vec::with_capacity(ROW);
        Part { number: self.filed + self.used, content: &[] }.write(&mut row);
        put(connection, 0, &row)
    }

    /// The mark is committed: the rows can be used again.
    pub(in crate::store::sqlite) fn marked(&mut self) {
        self.filed += self.used;
        self.used = 0;
    }
}

fn put(connection: &Connection, slot: u64, row: &[u8]) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO inbox (slot, part) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute((slot.cast_signed(), row)).map(drop)
}

fn damaged(what: &str) -> OpenError {
    OpenError::Inbox(format!("its inbox is damaged: {what}"))
}

/// What is in a row.
struct Part<'r> {
    number: u64,
    content: &'r [u8],
}

impl<'r> Part<'r> {
    fn write(&self, row: &mut Vec<u8>) {
        row.clear();
        row.extend_from_slice(&self.number.to_le_bytes());
        row.extend_from_slice(&u16::try_from(self.content.len()).unwrap_or_default().to_le_bytes());
        row.extend_from_slice(&self.checksum().to_le_bytes());
        row.extend_from_slice(self.content);
        row.resize(ROW, 0);
    }

    /// `None`: it is not what was written.
    fn read(row: &'r [u8]) -> Option<Part<'r>> {
        let (number, rest) = row.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (checksum, rest) = rest.split_first_chunk()?;
        let content = rest.get(..usize::from(u16::from_le_bytes(*length)))?;
        let part = Part { number: u64::from_le_bytes(*number), content };
        (part.checksum() == u32::from_le_bytes(*checksum)).then_some(part)
    }

    /// CRC-32 of the number and the content.
    fn checksum(&self) -> u32 {
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&self.number.to_le_bytes());
        checksum.update(self.content);
        checksum.finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE inbox (slot INTEGER PRIMARY KEY, part BLOB NOT NULL) STRICT").unwrap();
        connection
    }

    fn filled(connection: &Connection) -> Parts {
        let mut parts = Parts::open(connection).unwrap().0;
        // Long ones are filed, and short ones written over their beginning.
        for length in [30_000, 9_000, 10] {
            if length < 9_000 {
                parts.mark(connection).unwrap();
                parts.marked();
            }
            for byte in [1, 2] {
                let written = parts.write(connection, &vec![byte; length]).unwrap();
                parts.written(written);
            }
        }
        parts
    }

    fn told(connection: &Connection) -> Result<Vec<u8>, String> {
        Parts::open(connection).map(|(_, bytes)| bytes).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_filed_is_read_back() {
        let connection = table();
        assert_eq!(told(&connection), Ok(Vec::new()));
        let parts = filled(&connection);
        let bytes = [[1; 10], [2; 10]].concat();
        assert_eq!(told(&connection), Ok(bytes));
        assert_eq!(Parts::open(&connection).unwrap().0.used(), 2);
        parts.mark(&connection).unwrap();
        assert_eq!(told(&connection), Ok(Vec::new()));
    }

    #[test]
    fn what_was_changed_is_told() {
        let check = |change: &str, expected: &str| {
            let connection = table();
            filled(&connection);
            connection.execute_batch(change).unwrap();
            let error = told(&connection).unwrap_err();
            assert_eq!(error, format!("the store cannot be opened: its inbox is damaged: {expected}"), "{change}");
        };
        check("UPDATE inbox SET part = zeroblob(4040) WHERE slot = 2", "part 24 is not what was written");
        check("UPDATE inbox SET part = X'00' WHERE slot = 9", "part 25 is not what was written");
        check("UPDATE inbox SET part = zeroblob(20) WHERE slot = 0", "its mark is not what was written");
        check("DELETE FROM inbox WHERE slot = 1", "part 23 is missing");
        check("DELETE FROM inbox WHERE slot = 0", "part 1 is missing");
        check("UPDATE inbox SET slot = 99 WHERE slot = 1", "part 23 is missing");
    }
}
