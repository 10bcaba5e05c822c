//! What is read from the tables.

use super::codes::{self, Ending, entry_ids, kind_code, status_code, wake_code};
use super::error::failed;
use super::expire::ASIDE;
use crate::interpreter::Outcome;
use crate::journal::{Lines, Opening};
use crate::store::{
    Closed, Cursor, Described, JournalKind, Listing, Page, Record, Scope, Sleeper, StoreError, StoredJournal, Summary,
};
use aslx_asl::Timestamp;
use rusqlite::types::{ToSql, Type};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row};
use std::sync::Arc;

/// What an error of SQLite is to the caller.
trait OrFailed<T> {
    fn or_failed(self) -> Result<T, StoreError>;
}

impl<T> OrFailed<T> for rusqlite::Result<T> {
    fn or_failed(self) -> Result<T, StoreError> {
        self.map_err(|error| failed(&error))
    }
}

fn prepare<'c>(connection: &'c Connection, sql: &str) -> Result<CachedStatement<'c>, StoreError> {
    connection.prepare_cached(sql).or_failed()
}

/// The columns of a summary, as [`summary_of`] reads them.
const SUMMARY: &str = "kind, name, (SELECT name FROM names WHERE id = machine), \
    (SELECT name FROM names WHERE id = version), (SELECT name FROM names WHERE id = alias), \
    (SELECT hash FROM definitions WHERE id = definition), parent, status, started, stopped, redrives, redriven, \
    items, details";

/// Columns of [`SUMMARY`].
const COLUMNS: usize = 14;

fn summary_of(row: &Row<'_>) -> rusqlite::Result<Summary> {
    let time = |millis: Option<i64>| millis.map(Timestamp::from_millis);
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Summary {
        kind: known(0, codes::kind(row.get(0)?))?,
        name: row.get(1)?,
        machine: row.get(2)?,
        version: row.get(3)?,
        alias: row.get(4)?,
        program: row.get(5)?,
        parent: row.get(6)?,
        status: known(7, codes::status(row.get(7)?))?,
        started: Timestamp::from_millis(row.get(8)?),
        stopped: time(row.get(9)?),
        redrives: number(row.get(10)?),
        redriven: time(row.get(11)?),
        items: row.get::<_, Option<i64>>(12)?.map(number),
        details: row.get(13)?,
    })
}

fn known<T>(column: usize, value: Option<T>) -> rusqlite::Result<T> {
    let unknown = || rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, "not a known number".into());
    value.ok_or_else(unknown)
}

/// One row about a journal.
fn find<T>(
    connection: &Connection,
    columns: &str,
    journal: &str,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    let mut statement =
        prepare(connection, &format!("SELECT {columns} FROM journals WHERE arn = ?1 AND parent IS NOT '{ASIDE}'"))?;
    statement.query_row([journal], read).optional().or_failed()?.ok_or_else(|| StoreError::NotFound(journal.into()))
}

pub(super) fn journal(connection: &Connection, journal: &str) -> Result<StoredJournal, StoreError> {
    // Both reads see the same state: a commit may come between them.
    let transaction = connection.unchecked_transaction().or_failed()?;
    let (id, length, digest): (i64, i64, i64) =
        find(connection, "id, length, digest", journal, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let lines = lines(connection, id)?;
    transaction.finish().or_failed()?;
    if i64::try_from(lines.len()) != Ok(length) {
        let reason = format!("{} of its {length} entries are there", lines.len());
        return Err(StoreError::Damaged { journal: journal.into(), reason });
    }
    Ok(StoredJournal { lines, digest: digest.cast_unsigned() })
}

fn lines(connection: &Connection, id: i64) -> Result<Lines, StoreError> {
    let mut statement = prepare(connection, "SELECT lines FROM entries WHERE id BETWEEN ?1 AND ?2 ORDER BY id")?;
    let mut rows = statement.query(entry_ids(id)).or_failed()?;
    let mut text = String::new();
    while let Some(row) = rows.next().or_failed()? {
        let part = row.get_ref(0).and_then(|value| Ok(value.as_str()?)).or_failed()?;
        text.push_str(part);
    }
    Ok(Lines::from_text(text))
}

pub(super) fn opening(connection: &Connection, journal: &str) -> Result<Lines, StoreError> {
    let id: i64 = find(connection, "id", journal, |row| row.get(0))?;
    let mut statement = prepare(connection, "SELECT lines FROM entries WHERE id = ?1")?;
    let found = statement.query_row([entry_ids(id).0], |row| row.get::<_, Arc<str>>(0)).optional().or_failed()?;
    Ok(found.map(Lines::from_text).unwrap_or_default())
}

pub(super) fn summary(connection: &Connection, journal: &str) -> Result<Summary, StoreError> {
    find(connection, SUMMARY, journal, summary_of)
}

pub(super) fn described(connection: &Connection, journal: &str) -> Result<Described, StoreError> {
    let columns = format!("{SUMMARY}, outcome, (SELECT lines FROM entries WHERE entries.id = {})", codes::FIRST_ENTRY);
    let damaged = |reason: String| StoreError::Damaged { journal: journal.into(), reason };
    find(connection, &columns, journal, |row| {
        let summary = summary_of(row)?;
        let text = |column| row.get_ref(column).and_then(|value| Ok(value.as_str_or_null()?));
        let (ending, opening) = (text(COLUMNS)?, text(COLUMNS + 1)?);
        let ended = ending.map(Ending::shown).transpose().map_err(|error| damaged(error.to_string()));
        let opening = opening.filter(|_| summary.kind == JournalKind::Execution);
        let opening = opening.map(Opening::read).transpose().map_err(|error| damaged(error.to_string()));
        Ok(ended.and_then(|ended| Ok(Described { summary, opening: opening?.flatten(), ended })))
    })?
}

pub(super) fn outcome(connection: &Connection, journal: &str) -> Result<Option<Outcome>, StoreError> {
    let (status, ending): (i64, Option<String>) =
        find(connection, "status, outcome", journal, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let damaged = |reason: String| StoreError::Damaged { journal: journal.into(), reason };
    let status = codes::status(status).ok_or_else(|| damaged(format!("its status is {status}")))?;
    ending.map(|text| Ending::read(status, &text).map_err(|error| damaged(error.to_string()))).transpose()
}

pub(super) fn list(connection: &Connection, listing: &Listing) -> Result<Page, StoreError> {
    let mut conditions = vec!["kind = :kind"];
    let kind = kind_code(listing.kind);
    let mut values: Vec<(&str, &dyn ToSql)> = vec![(":kind", &kind)];
    let machine_is = "machine = (SELECT id FROM names WHERE name = :machine)";
    match &listing.scope {
        Scope::All => conditions.push("parent IS NULL"),
        Scope::Parent(parent) => {
            conditions.push("parent = :parent");
            values.push((":parent", parent));
        }
        Scope::Machine(machine) => {
            conditions.push(machine_is);
            values.push((":machine", machine));
        }
        Scope::Version { machine, version } => {
            conditions.extend([machine_is, "version = (SELECT id FROM names WHERE name = :version)"]);
            values.extend([(":machine", machine as &dyn ToSql), (":version", version)]);
        }
        Scope::Alias { machine, alias } => {
            conditions.extend([machine_is, "alias = (SELECT id FROM names WHERE name = :alias)"]);
            values.extend([(":machine", machine as &dyn ToSql), (":alias", alias)]);
        }
    }
    let status = listing.status.map(status_code);
    if let Some(code) = &status {
        // Said twice where it holds, so that SQLite sees that the index over these few is enough.
        conditions.push(if *code == 1 { "status = :status" } else { "status = :status AND status <> 1" });
        values.push((":status", code));
    }
    match listing.redriven {
        Some(true) => conditions.push("redrives > 0"),
        Some(false) => conditions.push("redrives = 0"),
        None => {}
    }
    let after = listing.after.map(|cursor| (cursor.started.as_millis(), i64::try_from(cursor.number)));
    if let Some((started, Ok(number))) = &after {
        conditions.push("(started, id) < (:started, :number)");
        values.extend([(":started", started as &dyn ToSql), (":number", number)]);
    }
    // One more shows whether there is another page.
    let limit = i64::try_from(listing.limit).unwrap_or(i64::MAX).saturating_add(1);
    values.push((":limit", &limit));
    let sql = format!(
        "SELECT {SUMMARY}, arn, id FROM journals WHERE {} ORDER BY started DESC, id DESC LIMIT :limit",
        conditions.join(" AND ")
    );
    page(prepare(connection, &sql)?, values.as_slice(), listing.limit).or_failed()
}

fn page(mut statement: CachedStatement<'_>, values: &[(&str, &dyn ToSql)], limit: usize) -> rusqlite::Result<Page> {
    let mut page = Page::default();
    let mut last = None;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        if page.found.len() == limit {
            page.next = last;
            break;
        }
        let (summary, number) = (summary_of(row)?, row.get::<_, i64>(COLUMNS + 1)?);
        last = Some(Cursor { started: summary.started, number: number.cast_unsigned() });
        page.found.push((row.get(COLUMNS)?, summary));
    }
    Ok(page)
}

pub(super) fn sleepers(
    connection: &Connection,
    after: Option<&Sleeper>,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<Sleeper>, StoreError> {
    let sql = "SELECT wake, id, arn FROM journals WHERE wake IS NOT NULL AND (wake, id) > (?1, ?2) AND wake <= ?3 \
               ORDER BY wake, id LIMIT ?4";
    let (wake, number) = after
        .map(|last| (wake_code(last.wake).unwrap_or(i64::MAX), i64::try_from(last.number).unwrap_or(i64::MAX)))
        .unwrap_or((i64::MIN, 0));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = prepare(connection, sql)?;
    let read = |row: &Row<'_>| {
        let number = row.get::<_, i64>(1)?.cast_unsigned();
        Ok(Sleeper { wake: codes::wake(row.get(0)?), number, journal: row.get(2)? })
    };
    let found = statement.query_map([wake, number, until.as_millis(), limit], read).or_failed()?;
    found.collect::<rusqlite::Result<_>>().or_failed()
}

pub(super) fn unsealed(
    connection: &Connection,
    ended_before: Timestamp,
    after: Option<&Closed>,
    limit: usize,
) -> Result<Vec<Closed>, StoreError> {
    let sql = "SELECT stopped, id, arn FROM journals INDEXED BY unsealed \
               WHERE kind = 0 AND sealed = 0 AND stopped IS NOT NULL AND stopped < ?1 AND (stopped, id) > (?2, ?3) \
               AND parent IS NOT ?4 ORDER BY stopped, id LIMIT ?5";
    let (stopped, number) = after.map_or((i64::MIN, 0), |last| (last.stopped.as_millis(), last.number.cast_signed()));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = prepare(connection, sql)?;
    let read = |row: &Row<'_>| {
        let number = row.get::<_, i64>(1)?.cast_unsigned();
        Ok(Closed { stopped: Timestamp::from_millis(row.get(0)?), number, journal: row.get(2)? })
    };
    let values = (ended_before.as_millis(), stopped, number, ASIDE, limit);
    statement.query_map(values, read).or_failed()?.collect::<rusqlite::Result<_>>().or_failed()
}

/// One value of a query, if there is a row.
fn value<T: rusqlite::types::FromSql>(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Option<T>, StoreError> {
    prepare(connection, sql)?.query_row(values, |row| row.get(0)).optional().or_failed()
}

pub(super) fn token(connection: &Connection, token: &str) -> Result<Option<Arc<str>>, StoreError> {
    let sql = "SELECT arn FROM tokens JOIN journals ON journals.id = tokens.journal WHERE token = ?1";
    value(connection, sql, [token])
}

pub(super) fn definition(connection: &Connection, hash: &str) -> Result<Option<Arc<str>>, StoreError> {
    value(connection, "SELECT text FROM definitions WHERE hash = ?1 AND text IS NOT NULL", [hash])
}

pub(super) fn sealed(connection: &Connection, journal: &str) -> Result<Option<Arc<[u8]>>, StoreError> {
    let id: i64 = find(connection, "id", journal, |row| row.get(0))?;
    let Some(packed) = value::<Vec<u8>>(connection, "SELECT history FROM histories WHERE journal = ?1", [id])? else {
        return Ok(None);
    };
    match miniz_oxide::inflate::decompress_to_vec_zlib(&packed) {
        Ok(history) => Ok(Some(history.into())),
        Err(error) => Err(StoreError::Damaged { journal: journal.into(), reason: format!("its history: {error}") }),
    }
}

pub(super) fn record(connection: &Connection, kind: &str, key: &str) -> Result<Option<Arc<[u8]>>, StoreError> {
    value(connection, "SELECT value FROM records WHERE kind = ?1 AND key = ?2", [kind, key])
}

pub(super) fn kinds(connection: &Connection) -> Result<Vec<Arc<str>>, StoreError> {
    let mut statement = prepare(connection, "SELECT DISTINCT kind FROM records ORDER BY kind")?;
    let found = statement.query_map([], |row| row.get(0)).or_failed()?;
    found.collect::<rusqlite::Result<_>>().or_failed()
}

pub(super) fn records(
    connection: &Connection,
    kind: &str,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Record>, StoreError> {
    // Texts are compared by their bytes, and keys with a prefix are neighbours.
    let sql = "SELECT key, value FROM records WHERE kind = ?1 AND key >= ?2 AND key > ?3 ORDER BY key LIMIT ?4";
    // No key comes before an empty one but itself.
    let first = "SELECT key, value FROM records WHERE kind = ?1 AND key >= ?2 ORDER BY key LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = prepare(connection, if after.is_some() { sql } else { first })?;
    let mut rows = match after {
        Some(after) => statement.query((kind, prefix, after, limit)),
        None => statement.query((kind, prefix, limit)),
    }
    .or_failed()?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().or_failed()? {
        let key: Arc<str> = row.get(0).or_failed()?;
        if !key.starts_with(prefix) {
            break;
        }
        found.push((key, row.get(1).or_failed()?));
    }
    Ok(found)
}
