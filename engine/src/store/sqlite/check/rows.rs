//! The file as SQLite sees it, and rows that do not fit together.

use crate::store::JournalKind;
use crate::store::sqlite::codes;
use rusqlite::{Connection, Row};
use std::sync::Arc;

/// Journals that are looked at together.
const PAGE: usize = 1_000;

/// What must not be there: a sentence with the number of rows, and the question for them.
const STRAYS: [(&str, &str); 10] = [
    (
        "task tokens of executions that are not there",
        "SELECT count(*) FROM tokens WHERE journal NOT IN (SELECT id FROM journals)",
    ),
    (
        "histories of executions that are not there",
        "SELECT count(*) FROM histories WHERE journal NOT IN (SELECT id FROM journals)",
    ),
    (
        "executions whose history is kept although they say it is not, or the other way round",
        "SELECT count(*) FROM journals WHERE sealed <> EXISTS (SELECT 1 FROM histories WHERE journal = journals.id)",
    ),
    (
        "entries of journals that are not there",
        "SELECT count(*) FROM entries WHERE id >> 24 NOT IN (SELECT id FROM journals)",
    ),
    (
        "definitions whose users are miscounted",
        "SELECT count(*) FROM definitions WHERE uses <> (SELECT count(*) FROM journals WHERE definition = definitions.id)",
    ),
    (
        "journals whose definition is not there",
        "SELECT count(*) FROM journals WHERE definition NOT IN (SELECT id FROM definitions WHERE text IS NOT NULL)",
    ),
    (
        "journals whose state machine has no name",
        "SELECT count(*) FROM journals WHERE machine NOT IN (SELECT id FROM names) \
         OR version NOT IN (SELECT id FROM names) OR alias NOT IN (SELECT id FROM names)",
    ),
    (
        "map runs and children without what they belong to",
        "SELECT count(*) FROM journals AS below WHERE parent IS NOT NULL AND parent <> 'removed' \
         AND NOT EXISTS (SELECT 1 FROM journals WHERE arn = below.parent)",
    ),
    ("journals with a status that means nothing", "SELECT count(*) FROM journals WHERE status NOT BETWEEN 0 AND 4"),
    (
        "journals that have ended without a time, or have a time and have not ended",
        "SELECT count(*) FROM journals WHERE (stopped IS NULL) <> (status = 0)",
    ),
];

/// Tells what is wrong with the file as a whole. What cannot be asked for is something that is wrong.
pub(super) fn check(connection: &Connection, finds: &mut dyn FnMut(String)) {
    if let Err(error) = integrity(connection, finds) {
        finds(format!("the file cannot be checked: {error}"));
    }
    for (name, question) in STRAYS {
        match connection.query_row(question, [], |row| row.get::<_, i64>(0)) {
            Ok(0) => {}
            Ok(count) => finds(format!("{name}: {count}")),
            Err(error) => finds(format!("{name}: {error}")),
        }
    }
}

fn integrity(connection: &Connection, finds: &mut dyn FnMut(String)) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let what: String = row.get(0)?;
        if what != "ok" {
            finds(what);
        }
    }
    Ok(())
}

/// A journal to be checked.
pub(super) struct One {
    pub(super) id: i64,
    pub(super) arn: Arc<str>,
    /// `None`: a number that means nothing.
    pub(super) kind: Option<JournalKind>,
    pub(super) open: bool,
    pub(super) definition: Option<Arc<str>>,
    pub(super) wake: Option<i64>,
    pub(super) is_own: bool,
}

pub(super) fn count(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT count(*) FROM journals", [], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
}

/// The next journals, in the order of their numbers; without those that are being removed.
pub(super) fn journals(connection: &Connection, after: i64) -> rusqlite::Result<Vec<One>> {
    let sql = "SELECT id, arn, kind, status = 0, (SELECT hash FROM definitions WHERE id = definition), wake, \
               parent IS NULL FROM journals WHERE id > ?1 AND parent IS NOT 'removed' ORDER BY id LIMIT ?2";
    let read = |row: &Row<'_>| {
        let kind = codes::kind(row.get(2)?);
        let (id, arn, open, definition) = (row.get(0)?, row.get(1)?, row.get(3)?, row.get(4)?);
        Ok(One { id, arn, kind, open, definition, wake: row.get(5)?, is_own: row.get(6)? })
    };
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map((after, PAGE as i64), read)?.collect()
}
