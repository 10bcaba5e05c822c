//! What a commit does to the tables.

use super::codes::{Ending, entry_id, kind_code, status_code, wake_code};
use super::error::{OpenError, failed, full, passes};
use super::inbox::{self, Found, Fresh, Parts};
use crate::interpreter::Status;
use crate::store::{Append, Commit, Definition, JournalKind, RecordChange, StoreError, Summary};
use aslx_asl::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use std::sync::Arc;

/// So many names are remembered; then the memory is emptied.
const REMEMBERED: usize = 10_000;

/// The writing connection and what it remembers. Everything happens within a transaction that its caller has begun.
pub(super) struct Tables {
    pub(super) connection: Connection,
    names: HashMap<Arc<str>, i64>,
    definitions: HashMap<Arc<str>, Known>,
    /// By how many the journals that use a definition, and the open executions, have changed in this transaction.
    pub(super) uses: HashMap<i64, i64>,
    pub(super) opened: i64,
    next_journal: i64,
}

#[derive(Clone, Copy)]
struct Known {
    id: i64,
    has_text: bool,
}

/// What a journal was before.
pub(super) struct Before {
    id: i64,
    pub(super) length: i64,
    pub(super) open: bool,
    /// Its history is kept.
    sealed: bool,
}

impl Tables {
    pub(super) fn new(connection: Connection) -> Result<Tables, rusqlite::Error> {
        connection.set_prepared_statement_cache_capacity(64);
        let last: i64 = connection.query_row("SELECT coalesce(max(id), 0) FROM journals", [], |row| row.get(0))?;
        Ok(Tables {
            connection,
            names: HashMap::new(),
            definitions: HashMap::new(),
            uses: HashMap::new(),
            opened: 0,
            next_journal: last + 1,
        })
    }

    /// Applies a commit, all of it or nothing.
    pub(super) fn apply(&mut self, commit: Commit) -> Result<(), StoreError> {
        let sql = |error: rusqlite::Error| failed(&error);
        if self.connection.is_autocommit() {
            // A commit before this one has ended the transaction: without one, this would be kept alone.
            return Err(full());
        }
        self.run("SAVEPOINT one").map_err(sql)?;
        let (uses, opened) = (self.uses.clone(), self.opened);
        match self.change(commit) {
            Ok(()) => self.run("RELEASE one").map_err(sql),
            Err(error) => {
                self.forget();
                (self.uses, self.opened) = (uses, opened);
                self.run("ROLLBACK TO one").and_then(|()| self.run("RELEASE one")).map_err(sql)?;
                Err(error)
            }
        }
    }

    /// Puts into the tables what a crash has left in the inbox.
    pub(super) fn catch_up(&mut self, found: Found) -> Result<Parts, OpenError> {
        let mut parts = found.parts;
        if parts.used() == 0 {
            return Ok(parts);
        }
        let mut fresh = Fresh::default();
        inbox::read(&found.bytes).map_err(OpenError::Inbox)?.into_iter().for_each(|commit| fresh.take(commit));
        self.run("BEGIN IMMEDIATE")?;
        self.file(fresh.to_file()).map_err(|error| OpenError::Inbox(error.to_string()))?;
        self.settle()?;
        parts.mark(&self.connection)?;
        self.run("COMMIT")?;
        parts.marked();
        Ok(parts)
    }

    /// Makes room in the inbox, and in the log, which is written over from then on. On a full disk it is made when it is
    /// needed.
    pub(super) fn make_room(&self, parts: u64) -> rusqlite::Result<()> {
        let make = || {
            self.run("BEGIN IMMEDIATE")?;
            let made = Parts::prepare(&self.connection, parts)?;
            self.run("COMMIT")?;
            if made {
                self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
            }
            // What was read for that is not needed again.
            self.connection.execute_batch("PRAGMA shrink_memory")
        };
        match make() {
            Err(error) if passes(&error) => {
                if self.connection.is_autocommit() {
                    Ok(())
                } else {
                    self.run("ROLLBACK")
                }
            }
            made => made,
        }
    }

    /// Puts what was in the inbox into the tables. It was checked when it came.
    pub(super) fn file(&mut self, commit: Commit) -> Result<(), StoreError> {
        self.change(commit).map_err(|error| match error {
            StoreError::Conflict { .. } => StoreError::Failed(format!("the inbox does not fit to the tables: {error}")),
            error => error,
        })?;
        // They were counted then too.
        self.opened = 0;
        Ok(())
    }

    pub(super) fn run(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop)
    }

    /// What is remembered may not be in the tables any more.
    pub(super) fn forget(&mut self) {
        self.names.clear();
        self.definitions.clear();
    }

    /// After a transaction that came to nothing.
    pub(super) fn start_anew(&mut self) {
        self.forget();
        self.uses.clear();
        self.opened = 0;
    }

    /// Writes what was counted in this transaction, before it is committed.
    pub(super) fn settle(&mut self) -> rusqlite::Result<()> {
        for (definition, change) in self.uses.drain().filter(|(_, change)| *change != 0) {
            let sql = "UPDATE definitions SET uses = uses + ?2 WHERE id = ?1";
            self.connection.prepare_cached(sql)?.execute([definition, change])?;
        }
        Ok(())
    }

    fn change(&mut self, commit: Commit) -> Result<(), StoreError> {
        let sql = |error: rusqlite::Error| failed(&error);
        for journal in commit.removals {
            if let Some(id) = self.id(&journal).map_err(sql)? {
                self.remove(id, &journal).map_err(sql)?;
            }
        }
        for definition in commit.definitions {
            self.define(definition).map_err(sql)?;
        }
        for append in commit.appends {
            self.append(append)?;
        }
        for change in commit.records {
            self.record(change).map_err(sql)?;
        }
        Ok(())
    }

    fn id(&self, journal: &str) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT id FROM journals WHERE arn = ?1";
        self.connection.prepare_cached(sql)?.query_row([journal], |row| row.get(0)).optional()
    }

    fn define(&mut self, definition: Definition) -> rusqlite::Result<()> {
        let known = self.definition(&definition.hash)?;
        if !known.has_text {
            let sql = "UPDATE definitions SET text = ?2 WHERE id = ?1";
            self.connection.prepare_cached(sql)?.execute(params![known.id, definition.text])?;
            self.definitions.insert(definition.hash, Known { has_text: true, ..known });
        }
        Ok(())
    }

    /// Whether nothing in the tables belongs to a journal, as far as that can be read.
    pub(super) fn is_alone(&self, journal: &str) -> bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM journals WHERE parent = ?1)";
        let found =
            self.connection.prepare_cached(sql).and_then(|mut found| found.query_row([journal], |row| row.get(0)));
        found.is_ok_and(|found: bool| !found)
    }

    /// Whether the text of a definition is known to be there.
    pub(super) fn has_definition(&self, hash: &str) -> bool {
        self.definitions.get(hash).is_some_and(|known| known.has_text)
    }

    /// The number of a definition; its text may still come.
    fn definition(&mut self, hash: &Arc<str>) -> rusqlite::Result<Known> {
        if let Some(known) = self.definitions.get(hash) {
            return Ok(*known);
        }
        let sql = "SELECT id, text IS NOT NULL FROM definitions WHERE hash = ?1";
        let read = |row: &rusqlite::Row<'_>| Ok(Known { id: row.get(0)?, has_text: row.get(1)? });
        let known = match self.connection.prepare_cached(sql)?.query_row([hash], read).optional()? {
            Some(known) => known,
            None => {
                let sql = "INSERT INTO definitions (hash) VALUES (?1)";
                self.connection.prepare_cached(sql)?.execute([hash])?;
                Known { id: self.connection.last_insert_rowid(), has_text: false }
            }
        };
        remember(&mut self.definitions, hash, known);
        Ok(known)
    }

    /// The number of a name that many rows have.
    fn name(&mut self, name: &Arc<str>) -> rusqlite::Result<i64> {
        if let Some(id) = self.names.get(name) {
            return Ok(*id);
        }
        let sql = "SELECT id FROM names WHERE name = ?1";
        let id = match self.connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()? {
            Some(id) => id,
            None => {
                self.connection.prepare_cached("INSERT INTO names (name) VALUES (?1)")?.execute([name])?;
                self.connection.last_insert_rowid()
            }
        };
        remember(&mut self.names, name, id);
        Ok(id)
    }

    fn append(&mut self, append: Append) -> Result<(), StoreError> {
        let sql = |error: rusqlite::Error| failed(&error);
        let opens = is_open(&append.summary);
        let journal = if append.position == 0 { self.insert(&append) } else { self.update(&append) }.map_err(sql)?;
        let before = match journal {
            Ok(before) => before,
            Err(found) => {
                let found = u64::try_from(found).unwrap_or(0);
                return Err(StoreError::Conflict { execution: append.journal, expected: append.position, found });
            }
        };
        self.opened += i64::from(opens) - i64::from(before.open);
        let entry = Tables::entry(before.id, &append)?;
        self.entries(before.id, entry, &append).map_err(sql)
    }

    /// The id of the first entry that a journal gains.
    pub(super) fn entry(journal: i64, append: &Append) -> Result<i64, StoreError> {
        let too_long = || StoreError::Failed(format!("the journal of `{}` is too long", append.journal));
        entry_id(journal, append.position).ok_or_else(too_long)
    }

    fn entries(&self, journal: i64, entry: i64, append: &Append) -> rusqlite::Result<()> {
        if !append.lines.is_empty() {
            let sql = "INSERT INTO entries (id, lines) VALUES (?1, ?2)";
            self.connection.prepare_cached(sql)?.execute(params![entry, append.lines.text()])?;
        }
        for token in &append.tokens {
            let sql = "INSERT OR REPLACE INTO tokens (token, journal) VALUES (?1, ?2)";
            self.connection.prepare_cached(sql)?.execute(params![token, journal])?;
        }
        Ok(())
    }

    /// A new journal; `Err` with its length if there is one already.
    fn insert(&mut self, append: &Append) -> rusqlite::Result<Result<Before, i64>> {
        let summary = &append.summary;
        let machine = self.name(&summary.machine)?;
        let version = summary.version.as_ref().map(|version| self.name(version)).transpose()?;
        let alias = summary.alias.as_ref().map(|alias| self.name(alias)).transpose()?;
        let definition = self.definition(&summary.program)?.id;
        let id = self.next_journal;
        let sql = "INSERT INTO journals (id, arn, kind, parent, machine, version, alias, definition, status, started, \
                   stopped, redrives, redriven, items, wake, length, digest, name, details, outcome) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20) \
                   ON CONFLICT (arn) DO NOTHING";
        let inserted = self.connection.prepare_cached(sql)?.execute(params![
            id,
            append.journal,
            kind_code(summary.kind),
            summary.parent,
            machine,
            version,
            alias,
            definition,
            status_code(summary.status),
            summary.started.as_millis(),
            summary.stopped.map(Timestamp::as_millis),
            integer(summary.redrives),
            summary.redriven.map(Timestamp::as_millis),
            summary.items.map(integer),
            wake_code(append.wake),
            integer(append.lines.len()),
            append.digest.cast_signed(),
            summary.name,
            summary.details,
            append.outcome.clone().map(Ending::text),
        ])?;
        if inserted == 0 {
            return Ok(Err(self.before(&append.journal)?.map_or(0, |before| before.length)));
        }
        self.next_journal += 1;
        *self.uses.entry(definition).or_default() += 1;
        Ok(Ok(Before { id, length: 0, open: false, sealed: false }))
    }

    /// A journal that grows; `Err` with its length if it is not as long as was expected.
    fn update(&mut self, append: &Append) -> rusqlite::Result<Result<Before, i64>> {
        let Some(before) = self.before(&append.journal)? else { return Ok(Err(0)) };
        if before.length != integer(append.position) {
            return Ok(Err(before.length));
        }
        let (summary, length) = (&append.summary, integer(append.position + append.lines.len()));
        let (wake, digest) = (wake_code(append.wake), append.digest.cast_signed());
        if before.open && is_open(summary) {
            // Most often: the columns that most indexes are over stay as they are.
            let sql = "UPDATE journals SET wake = ?2, length = ?3, digest = ?4, details = ?5, redrives = ?6, \
                       redriven = ?7, items = ?8 WHERE id = ?1";
            let redriven = summary.redriven.map(Timestamp::as_millis);
            let (redrives, items) = (integer(summary.redrives), summary.items.map(integer));
            let values = params![before.id, wake, length, digest, summary.details, redrives, redriven, items];
            self.connection.prepare_cached(sql)?.execute(values)?;
            return Ok(Ok(before));
        }
        let sql = "UPDATE journals SET wake = ?2, length = ?3, digest = ?4, details = ?5, status = ?6, stopped = ?7, \
                   redrives = ?8, redriven = ?9, items = ?10, outcome = ?11, sealed = 0 WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute(params![
            before.id,
            wake,
            length,
            digest,
            summary.details,
            status_code(summary.status),
            summary.stopped.map(Timestamp::as_millis),
            integer(summary.redrives),
            summary.redriven.map(Timestamp::as_millis),
            summary.items.map(integer),
            append.outcome.clone().map(Ending::text),
        ])?;
        if before.sealed {
            self.connection.prepare_cached("DELETE FROM histories WHERE journal = ?1")?.execute([before.id])?;
        }
        Ok(Ok(before))
    }

    /// A journal as the tables have it.
    pub(super) fn before(&self, journal: &str) -> rusqlite::Result<Option<Before>> {
        let sql = "SELECT id, length, status = 0 AND kind = 0 AND parent IS NULL, sealed FROM journals WHERE arn = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Before { id: row.get(0)?, length: row.get(1)?, open: row.get(2)?, sealed: row.get(3)? })
        };
        self.connection.prepare_cached(sql)?.query_row([journal], read).optional()
    }

    fn record(&self, change: RecordChange) -> rusqlite::Result<()> {
        match change {
            RecordChange::Put { kind, key, value } => {
                let sql = "INSERT OR REPLACE INTO records (kind, key, value) VALUES (?1, ?2, ?3)";
                self.connection.prepare_cached(sql)?.execute(params![kind, key, value])?;
            }
            RecordChange::Delete { kind, key } => {
                let sql = "DELETE FROM records WHERE kind = ?1 AND key = ?2";
                self.connection.prepare_cached(sql)?.execute([kind, key])?;
            }
        }
        Ok(())
    }

    /// Removes a journal with all that belongs to it.
    fn remove(&mut self, id: i64, journal: &str) -> rusqlite::Result<()> {
        let mut removed = vec![(id, journal.to_owned())];
        while let Some((id, journal)) = removed.pop() {
            let sql = "SELECT id, arn FROM journals WHERE parent = ?1";
            let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            for belonging in self.connection.prepare_cached(sql)?.query_map([journal], read)? {
                removed.push(belonging?);
            }
            self.remove_one(id)?;
        }
        Ok(())
    }

    /// Forgets the definitions that nothing refers to any more.
    pub(super) fn forget_definitions(&mut self) -> rusqlite::Result<()> {
        self.definitions.clear();
        self.connection.execute("DELETE FROM definitions WHERE uses <= 0", []).map(drop)
    }

    /// Keeps the compressed history of a closed journal of this length: whether it is one. `None` if there is no such
    /// journal.
    pub(super) fn seal(&self, journal: &str, length: u64, history: &[u8]) -> rusqlite::Result<Option<bool>> {
        let sql = "UPDATE journals SET sealed = 1 WHERE arn = ?1 AND length = ?2 AND stopped IS NOT NULL RETURNING id";
        let values = params![journal, integer(length)];
        let sealed = self.connection.prepare_cached(sql)?.query_row(values, |row| row.get::<_, i64>(0)).optional()?;
        let Some(id) = sealed else { return Ok(self.id(journal)?.map(|_| false)) };
        let sql = "INSERT OR REPLACE INTO histories (journal, history) VALUES (?1, ?2)";
        self.connection.prepare_cached(sql)?.execute(params![id, history])?;
        Ok(Some(true))
    }
}

fn remember<T>(memory: &mut HashMap<Arc<str>, T>, key: &Arc<str>, value: T) {
    if memory.len() >= REMEMBERED {
        memory.clear();
    }
    memory.insert(key.clone(), value);
}

/// Whether it counts as an open execution.
pub(super) fn is_open(summary: &Summary) -> bool {
    summary.status == Status::Running && summary.kind == JournalKind::Execution && summary.parent.is_none()
}

fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
