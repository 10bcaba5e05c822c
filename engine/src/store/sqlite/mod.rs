//! The store that outlives its process: an SQLite database in a directory of its own.
//!
//! One writes at a time, with the commits of many callers in one transaction; what is small goes through an inbox. Reads
//! have connections of their own, and see every commit that was answered before. The tables and their promises are in
//! docs/store-format.md.

mod check;
mod codes;
#[cfg(test)]
mod differential;
mod error;
mod expire;
mod inbox;
mod lock;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod write;
mod writer;

pub use check::{Checked, Finding};
pub use error::OpenError;

use super::{
    Answer, Closed, Commit, Described, Expired, Listing, Page, Record, Retention, Sleeper, Store, StoreError,
    StoredJournal, Summary,
};
use crate::clock::Clock;
use crate::interpreter::Outcome;
use crate::journal::Lines;
use aslx_asl::Timestamp;
use futures_util::FutureExt;
use futures_util::future::ready;
use inbox::{Grown, Parts};
use lock::Lock;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use write::Tables;
use writer::{Habits, Job, Writer};

/// The database within its directory.
const FILE: &str = "aslx.sqlite3";

/// Reading connections that are kept for the next time.
const READERS: usize = 8;

/// How hard histories are compressed: quickly.
const COMPRESSION: u8 = 3;

/// A store in a directory. Closing it (dropping it) writes what has been asked for.
pub struct SqliteStore {
    options: SqliteOptions,
    path: PathBuf,
    /// What was wrong with the inbox when it was opened.
    damage: Option<String>,
    readers: Mutex<Vec<Connection>>,
    writer: Writer,
    /// Given back last.
    _lock: Lock,
}

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// The store refuses to grow beyond this; in bytes, rounded down to pages. Without it the disk is the limit.
    pub max_bytes: Option<u64>,
    /// The file layer, by SQLite's name for it; the usual one if there is none. For tests of what a power failure
    /// leaves.
    pub file_layer: Option<String>,
    /// Rows that may change before the log is carried over into the file. Of few, often: small log, more work.
    pub rows_in_log: u64,
    /// How long a small commit may lie in the inbox before it is put into the tables. It is on the disk in both.
    pub filed_after: Duration,
}

impl Default for SqliteOptions {
    fn default() -> SqliteOptions {
        let (rows_in_log, filed_after) = (writer::LOG_ROWS, writer::FILED_AFTER);
        SqliteOptions { max_bytes: None, file_layer: None, rows_in_log, filed_after }
    }
}

impl SqliteStore {
    /// Whether there is a store in a directory.
    pub fn is_in(directory: &Path) -> bool {
        directory.join(FILE).is_file()
    }

    /// Opens the store of a directory, and makes both if need be. Only one process at a time can have it.
    pub fn open(directory: &Path, clock: &dyn Clock) -> Result<SqliteStore, OpenError> {
        SqliteStore::open_with(directory, clock, SqliteOptions::default())
    }

    /// The same with options.
    pub fn open_with(directory: &Path, clock: &dyn Clock, options: SqliteOptions) -> Result<SqliteStore, OpenError> {
        let failed = |source| OpenError::Directory { directory: directory.to_owned(), source };
        std::fs::create_dir_all(directory).map_err(failed)?;
        let lock = Lock::take(directory, clock.now())?;
        let path = directory.join(FILE);
        let mut connection =
            options.connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        // First of all, and before anything is written: it may be somebody else's.
        let version = schema::version(&connection)?;
        if version == 0 {
            connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        }
        options.configure(&connection)?;
        schema::prepare(&mut connection, version)?;
        let found = Parts::open(&connection)?;
        let damage = found.damage.clone();
        if let Some(damage) = &damage {
            tracing::error!("the store: {damage}");
        }
        let mut tables = Tables::new(connection)?;
        let parts = tables.catch_up(found)?;
        tables.make_room(writer::PARTS)?;
        let sql = "SELECT count(*) FROM journals WHERE status = 0 AND status <> 1 AND kind = 0 AND parent IS NULL";
        let open: i64 = tables.connection.query_row(sql, [], |row| row.get(0))?;
        let habits = Habits { rows_in_log: options.rows_in_log, filed_after: options.filed_after };
        let writer = Writer::start(tables, parts, open.cast_unsigned(), habits).map_err(failed)?;
        Ok(SqliteStore { options, path, damage, readers: Mutex::default(), writer, _lock: lock })
    }

    /// Writes the file of a directory anew, without the room that nothing is in; from then on it gives back by itself
    /// what becomes free. Takes as much room again while it works. Gives the bytes that the file had and has.
    ///
    /// Errors: as when it is opened; the disk has no room for it (then everything is as before).
    pub fn compact(directory: &Path, clock: &dyn Clock) -> Result<(u64, u64), OpenError> {
        let failed = |source| OpenError::Directory { directory: directory.to_owned(), source };
        let path = directory.join(FILE);
        let length = || std::fs::metadata(&path).map(|data| data.len()).map_err(failed);
        let before = length()?;
        // Brings the tables up to date, and takes over what a crash has left in the log.
        drop(SqliteStore::open(directory, clock)?);
        let _lock = Lock::take(directory, clock.now())?;
        let options = SqliteOptions::default();
        let connection = options.connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        options.configure(&connection)?;
        // Taken by a new file, and by one that is written anew.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.execute_batch("VACUUM")?;
        drop(connection);
        Ok((before, length()?))
    }

    /// The kinds of records that there are.
    ///
    /// Errors: the file cannot be read.
    pub fn kinds(&self) -> Result<Vec<Arc<str>>, StoreError> {
        self.read(read::kinds)
    }

    /// Reads with a connection that nobody else uses meanwhile.
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let kept = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
                self.options.connect(&self.path, flags).map_err(|error| error::failed(&error))?
            }
        };
        let result = read(&connection);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(connection);
        }
        result
    }

    fn answer<T: Send + 'static>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Answer<'_, T> {
        ready(self.read(read)).boxed()
    }

    /// The same for what must find everything: what is in the inbox is put into the tables first.
    fn answer_filed<'a, T: Send + 'static>(
        &'a self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'a,
    ) -> Answer<'a, T> {
        if self.writer.fresh().is_empty() {
            return self.answer(read);
        }
        async move {
            self.writer.ask(Job::File).await?;
            self.read(read)
        }
        .boxed()
    }

    /// What a journal has gained that is not in the tables.
    fn grown(&self, journal: &str) -> Option<Grown> {
        self.writer.fresh().grown(journal).cloned()
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // So that the writer's connection is the last one: it then puts the log away.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl SqliteOptions {
    fn connect(&self, path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match &self.file_layer {
            Some(layer) => Connection::open_with_flags_and_vfs(path, flags, layer.as_str())?,
            None => Connection::open_with_flags(path, flags)?,
        };
        connection.set_prepared_statement_cache_capacity(64);
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        Ok(connection)
    }

    /// The writing connection: what is answered is on the disk.
    fn configure(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", writer::LOG_PAGES)?;
        if let Some(bytes) = self.max_bytes {
            let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
            let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
            connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        }
        Ok(())
    }
}

impl Store for SqliteStore {
    fn is_durable(&self) -> bool {
        true
    }

    fn commit(&self, commit: Commit) -> Answer<'_, ()> {
        if commit.is_empty() {
            return ready(Ok(())).boxed();
        }
        self.writer.commit(commit).boxed()
    }

    fn journal<'a>(&'a self, journal: &'a str) -> Answer<'a, StoredJournal> {
        match self.grown(journal) {
            Some(grown) if grown.is_whole() => ready(Ok(grown.stored())).boxed(),
            Some(grown) => self.answer(|connection| Ok(grown.after(read::journal(connection, journal)?))),
            None => self.answer(|connection| read::journal(connection, journal)),
        }
    }

    fn opening<'a>(&'a self, journal: &'a str) -> Answer<'a, Lines> {
        match self.grown(journal).and_then(|grown| grown.opening().cloned()) {
            Some(opening) => ready(Ok(opening)).boxed(),
            None => self.answer(|connection| read::opening(connection, journal)),
        }
    }

    fn summary<'a>(&'a self, journal: &'a str) -> Answer<'a, Summary> {
        match self.grown(journal) {
            Some(grown) => ready(Ok(grown.summary)).boxed(),
            None => self.answer(|connection| read::summary(connection, journal)),
        }
    }

    fn described<'a>(&'a self, journal: &'a str) -> Answer<'a, Described> {
        let Some(grown) = self.grown(journal) else {
            return self.answer(|connection| read::described(connection, journal));
        };
        let opening = match grown.opening() {
            Some(opening) => Ok(opening.clone()),
            None => self.read(|connection| read::opening(connection, journal)),
        };
        let described = |opening: Lines| Described::of(journal, grown.summary, grown.outcome.as_ref(), &opening);
        ready(opening.and_then(described)).boxed()
    }

    fn outcome<'a>(&'a self, journal: &'a str) -> Answer<'a, Option<Outcome>> {
        match self.grown(journal) {
            Some(grown) => ready(Ok(grown.outcome)).boxed(),
            None => self.answer(|connection| read::outcome(connection, journal)),
        }
    }

    fn list(&self, listing: Listing) -> Answer<'_, Page> {
        self.answer_filed(move |connection| read::list(connection, &listing))
    }

    fn count_open(&self) -> Answer<'_, u64> {
        ready(Ok(self.writer.count_open())).boxed()
    }

    fn sleepers(&self, after: Option<Sleeper>, until: Timestamp, limit: usize) -> Answer<'_, Vec<Sleeper>> {
        self.answer_filed(move |connection| read::sleepers(connection, after.as_ref(), until, limit))
    }

    fn token<'a>(&'a self, token: &'a str) -> Answer<'a, Option<Arc<str>>> {
        match self.writer.fresh().token(token) {
            Some(execution) => ready(Ok(Some(execution))).boxed(),
            None => self.answer(|connection| read::token(connection, token)),
        }
    }

    fn definition<'a>(&'a self, hash: &'a str) -> Answer<'a, Option<Arc<str>>> {
        match self.writer.fresh().definition(hash) {
            Some(text) => ready(Ok(Some(text))).boxed(),
            None => self.answer(|connection| read::definition(connection, hash)),
        }
    }

    fn seal<'a>(&'a self, journal: &'a str, length: u64, history: Arc<[u8]>) -> Answer<'a, bool> {
        let history = miniz_oxide::deflate::compress_to_vec_zlib(&history, COMPRESSION);
        let journal = journal.into();
        self.writer.ask(move |answer| Job::Seal { journal, length, history, answer }).boxed()
    }

    fn sealed<'a>(&'a self, journal: &'a str) -> Answer<'a, Option<Arc<[u8]>>> {
        // It goes when the journal grows.
        match self.grown(journal) {
            Some(_) => ready(Ok(None)).boxed(),
            None => self.answer(|connection| read::sealed(connection, journal)),
        }
    }

    fn unsealed(&self, ended_before: Timestamp, after: Option<Closed>, limit: usize) -> Answer<'_, Vec<Closed>> {
        self.answer_filed(move |connection| read::unsealed(connection, ended_before, after.as_ref(), limit))
    }

    fn record<'a>(&'a self, kind: &'a str, key: &'a str) -> Answer<'a, Option<Arc<[u8]>>> {
        self.answer(|connection| read::record(connection, kind, key))
    }

    fn records<'a>(
        &'a self,
        kind: &'a str,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> Answer<'a, Vec<Record>> {
        self.answer(|connection| read::records(connection, kind, prefix, after, limit))
    }

    fn expire(&self, retention: Retention, limit: usize) -> Answer<'_, Expired> {
        async move {
            let surplus = match retention.keep {
                Some(keep) => {
                    let surplus = |connection: &Connection| {
                        expire::surplus(connection, keep).map_err(|error| error::failed(&error))
                    };
                    self.answer_filed(surplus).await?
                }
                None => None,
            };
            self.writer.ask(move |answer| Job::Expire { retention, surplus, limit, answer }).await
        }
        .boxed()
    }
}
