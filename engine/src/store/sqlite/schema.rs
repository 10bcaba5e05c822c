//! The tables. What they promise: docs/store-format.md.

use super::OpenError;
use rusqlite::Connection;

/// Marks a file as ours (`PRAGMA application_id`): "aslx".
const APPLICATION: i64 = 0x6173_6c78;

/// Each step leads from one version of the schema to the next; a new file takes all of them. Steps are never changed.
const STEPS: [&str; 4] = [FIRST, SECOND, THIRD, FOURTH];

/// Journals, and what follows from them.
const FIRST: &str = "
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE definitions (
  id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, text TEXT, uses INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE journals (
  id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL, parent TEXT, machine INTEGER NOT NULL,
  version INTEGER, alias INTEGER, definition INTEGER NOT NULL, status INTEGER NOT NULL, started INTEGER NOT NULL,
  stopped INTEGER, redrives INTEGER NOT NULL, redriven INTEGER, items INTEGER, wake INTEGER, length INTEGER NOT NULL,
  digest INTEGER NOT NULL, name TEXT NOT NULL, details TEXT, outcome TEXT
) STRICT;
CREATE INDEX by_machine ON journals (machine, started);
CREATE INDEX not_succeeded ON journals (status, machine, started) WHERE status <> 1;
CREATE INDEX by_parent ON journals (parent, started) WHERE parent IS NOT NULL;
CREATE INDEX by_wake ON journals (wake) WHERE wake IS NOT NULL;
CREATE TABLE entries (id INTEGER PRIMARY KEY, lines TEXT NOT NULL) STRICT;
CREATE TABLE tokens (token TEXT PRIMARY KEY, journal INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_journal ON tokens (journal);
CREATE TABLE records (kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key))
  STRICT, WITHOUT ROWID;
";

/// Sealed histories; all executions in the order of their start.
const SECOND: &str = "
CREATE TABLE histories (journal INTEGER PRIMARY KEY, history BLOB NOT NULL) STRICT;
CREATE INDEX by_start ON journals (started) WHERE parent IS NULL;
";

/// Whether the history is sealed; closed executions by the time of their end, and those whose history is not. Histories
/// of before had no checksum: they are made again.
const THIRD: &str = "
ALTER TABLE journals ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX by_end ON journals (stopped) WHERE parent IS NULL AND stopped IS NOT NULL;
CREATE INDEX unsealed ON journals (stopped) WHERE kind = 0 AND sealed = 0 AND stopped IS NOT NULL;
DELETE FROM histories;
";

/// Commits that are not in the tables yet.
const FOURTH: &str = "
CREATE TABLE inbox (slot INTEGER PRIMARY KEY, part BLOB NOT NULL) STRICT;
";

/// The version that this program writes.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// The version of the tables; 0 if the file has none. Writes nothing.
///
/// Errors: the file is another program's, or a later version of this one has written it.
pub(super) fn version(connection: &Connection) -> Result<i64, OpenError> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get(0));
    let (application, version): (i64, i64) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION && (application != 0 || version != 0 || tables != 0) {
        return Err(OpenError::Foreign);
    }
    if version > VERSION {
        return Err(OpenError::Newer { found: version, known: VERSION });
    }
    Ok(version)
}

/// Makes the tables, or brings those of an earlier version to this one.
pub(super) fn prepare(connection: &mut Connection, version: i64) -> Result<(), OpenError> {
    if version == VERSION {
        return Ok(());
    }
    migrate(connection, version, VERSION)
}

/// All steps are one transaction: a crash leaves the file as it was.
fn migrate(connection: &mut Connection, from: i64, to: i64) -> Result<(), OpenError> {
    let transaction = connection.transaction()?;
    let steps = usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(0);
    for step in STEPS.get(steps).unwrap_or_default() {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", to)?;
    Ok(transaction.commit()?)
}

/// A file with the tables of an earlier version, as the program of that time made them.
#[cfg(test)]
pub(super) fn of_version(connection: &mut Connection, version: i64) -> Result<(), OpenError> {
    migrate(connection, 0, version)
}
