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

/// What is found when a store is opened.
pub(in crate::store::sqlite) struct Found {
    pub(in crate::store::sqlite) parts: Parts,
    /// The bytes of what was not filed.
    pub(in crate::store::sqlite) bytes: Vec<u8>,
    /// What is wrong with rows that seem to hold nothing that was not filed; nobody can know.
    pub(in crate::store::sqlite) damage: Option<String>,
}

impl Parts {
    /// What was not filed.
    ///
    /// Errors: some of it is missing.
    pub(in crate::store::sqlite) fn open(connection: &Connection) -> Result<Found, OpenError> {
        let sql = "SELECT part FROM inbox WHERE slot = 0";
        let mark: Option<Vec<u8>> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
        let filed = match mark {
            Some(mark) => Part::read(&mark).ok_or_else(|| missing("its mark is not what was written"))?.number,
            None => 0,
        };
        let mut statement = connection.prepare("SELECT part FROM inbox WHERE slot > 0 ORDER BY slot")?;
        let mut rows = statement.query([])?;
        let mut found = Found { parts: Parts { filed, used: 0 }, bytes: Vec::new(), damage: None };
        let mut ended = false;
        while let Some(row) = rows.next()? {
            let next = found.parts.next();
            let Some(part) = row.get_ref(0)?.as_blob().ok().and_then(Part::read) else {
                ended = true;
                found
                    .damage
                    .get_or_insert_with(|| format!("a part of its inbox, {next} or a filed one, cannot be read"));
                continue;
            };
            // One of before is left where the inbox was fuller then.
            ended |= part.number <= filed;
            if part.number > filed && (ended || part.number != next) {
                return Err(missing(&format!("part {next} is missing")));
            }
            if !ended {
                found.bytes.extend_from_slice(part.content);
                found.parts.used += 1;
            }
        }
        Ok(found)
    }

    /// Makes the first so many rows: to make one takes three more pages than to write it over. Gives whether there were
    /// fewer.
    pub(in crate::store::sqlite) fn prepare(connection: &Connection, rows: u64) -> rusqlite::Result<bool> {
        let last: i64 = connection.query_row("SELECT coalesce(max(slot), 0) FROM inbox", [], |row| row.get(0))?;
        let mut row = Vec::with_capacity(ROW);
        Part { number: 0, content: &[] }.write(&mut row);
        for slot in last.cast_unsigned() + 1..=rows {
            put(connection, slot, &row)?;
        }
        Ok(last.cast_unsigned() < rows)
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

fn missing(what: &str) -> OpenError {
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
        assert!(Parts::prepare(connection, 5).unwrap());
        assert!(!Parts::prepare(connection, 5).unwrap());
        let mut parts = Parts::open(connection).unwrap().parts;
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

    /// Bytes and damage.
    fn told(connection: &Connection) -> Result<(Vec<u8>, Option<String>), String> {
        Parts::open(connection).map(|found| (found.bytes, found.damage)).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_filed_is_read_back() {
        let connection = table();
        assert_eq!(told(&connection), Ok((Vec::new(), None)));
        let parts = filled(&connection);
        let bytes = [[1; 10], [2; 10]].concat();
        assert_eq!(told(&connection), Ok((bytes, None)));
        assert_eq!(Parts::open(&connection).unwrap().parts.used(), 2);
        parts.mark(&connection).unwrap();
        assert_eq!(told(&connection), Ok((Vec::new(), None)));
    }

    fn changed(change: &str) -> Result<(Vec<u8>, Option<String>), String> {
        let connection = table();
        filled(&connection);
        connection.execute_batch(change).unwrap();
        told(&connection)
    }

    #[test]
    fn what_is_missing_is_told() {
        let check = |change: &str, expected: &str| {
            let expected = format!("the store cannot be opened: its inbox is damaged: {expected}");
            assert_eq!(changed(change), Err(expected), "{change}");
        };
        check("UPDATE inbox SET part = zeroblob(4040) WHERE slot = 1", "part 23 is missing");
        check("UPDATE inbox SET part = zeroblob(20) WHERE slot = 0", "its mark is not what was written");
        check("DELETE FROM inbox WHERE slot = 1", "part 23 is missing");
        check("DELETE FROM inbox WHERE slot = 0", "part 1 is missing");
        check("UPDATE inbox SET slot = 99 WHERE slot = 1", "part 23 is missing");
    }

    #[test]
    fn what_may_be_missing_is_told_too() {
        let check = |change: &str, bytes: &[u8], next: u64| {
            let damage = format!("a part of its inbox, {next} or a filed one, cannot be read");
            assert_eq!(changed(change), Ok((bytes.to_vec(), Some(damage))), "{change}");
        };
        check("UPDATE inbox SET part = X'00' WHERE slot = 2", &[1; 10], 24);
        check("UPDATE inbox SET part = zeroblob(4040) WHERE slot = 9", &[[1; 10], [2; 10]].concat(), 25);
    }
}
