//! Whether all that is kept is what was written.

use super::SqliteStore;
use super::check_run;
use super::codes::{self, entry_ids};
use super::error::failed;
use crate::interpreter::{Interpreter, Step};
use crate::journal::{Entry, EntryKind};
use crate::store::{JournalKind, Store, StoreError, StoredJournal};
use aslx_asl::{CompileOptions, MachineType, Program};
use futures_util::FutureExt;
use rusqlite::Connection;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// What a check has seen.
#[derive(Debug, Default)]
pub struct Checked {
    /// Journals that there are.
    pub journals: u64,
    /// Of these, how many were replayed.
    pub replayed: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The journal that it is about; none for the file as a whole.
    pub journal: Option<Arc<str>>,
    /// What it is.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.journal {
            Some(journal) => write!(f, "`{journal}`: {}", self.what),
            None => write!(f, "{}", self.what),
        }
    }
}

/// What must not be there: a sentence with the number of rows, and the question for them.
const STRAYS: [(&str, &str); 4] = [
    (
        "task tokens of executions that are not there",
        "SELECT count(*) FROM tokens WHERE journal NOT IN (SELECT id FROM journals)",
    ),
    (
        "histories of executions that are not there",
        "SELECT count(*) FROM histories WHERE journal NOT IN (SELECT id FROM journals)",
    ),
    (
        "entries of journals that are not there",
        "SELECT count(*) FROM entries WHERE id >> 24 NOT IN (SELECT id FROM journals)",
    ),
    (
        "definitions whose users are miscounted",
        "SELECT count(*) FROM definitions WHERE uses <> (SELECT count(*) FROM journals WHERE definition = definitions.id)",
    ),
];

impl SqliteStore {
    /// Checks the file, the entries of every journal, and replays every open journal (all of them, if `closed`)
    /// against the hash that was committed with it.
    pub fn check(&self, closed: bool) -> Result<Checked, StoreError> {
        let mut checked = Checked::default();
        self.read(|connection| file(connection, &mut checked.findings).map_err(|error| failed(&error)))?;
        let mut programs = HashMap::new();
        let mut after = 0;
        loop {
            let journals = self.read(|connection| journals(connection, after).map_err(|error| failed(&error)))?;
            let Some(last) = journals.last() else { return Ok(checked) };
            after = last.id;
            for one in &journals {
                checked.journals += 1;
                let replays = one.kind.is_some() && (one.open || closed);
                checked.replayed += u64::from(replays);
                if let Err(what) = self.verify(one, replays, &mut programs) {
                    checked.findings.push(Finding { journal: Some(one.arn.clone()), what });
                }
            }
        }
    }

    fn verify(&self, one: &One, replays: bool, programs: &mut Programs) -> Result<(), String> {
        let stored = self.journal(&one.arn).now_or_never().ok_or("it cannot be read")?.map_err(reason)?;
        if !replays {
            return stored.lines.decode::<serde_json::Value>().map(drop).map_err(|error| error.to_string());
        }
        if one.kind == Some(JournalKind::MapRun) {
            return self.verify_run(one, &stored, programs);
        }
        let entries = stored.entries(&one.arn).map_err(reason)?;
        let program = self.program_of(&one.definition, &entries, programs)?;
        let replayed = Interpreter::replay(program, &entries, &mut Step::new()).map_err(|error| error.to_string())?;
        if replayed.digest() ^ stored.lines.digest(0) != stored.digest {
            return Err("its journal replays to something else than was committed".into());
        }
        if replayed.outcome().is_none() != one.open {
            return Err("its status is not that of its journal".into());
        }
        Ok(())
    }

    fn verify_run(&self, one: &One, stored: &StoredJournal, programs: &mut Programs) -> Result<(), String> {
        let summary = self.summary(&one.arn).now_or_never().ok_or("it cannot be read")?.map_err(reason)?;
        let missing = "the execution that it belongs to is not there";
        let parent = summary.parent.clone().ok_or(missing)?;
        let journal = self.journal(&parent).now_or_never().ok_or(missing)?.map_err(|_| missing)?;
        let entries = journal.entries(&parent).map_err(reason)?;
        let program = self.program_of(&one.definition, &entries, programs)?;
        let is_there = |arn: &str| self.summary(arn).now_or_never().is_some_and(|found| found.is_ok());
        check_run::verify(&one.arn, (stored, &summary), (program, &entries), is_there)
    }

    /// The program of a journal.
    fn program_of(
        &self,
        definition: &Arc<str>,
        entries: &[Entry],
        programs: &mut Programs,
    ) -> Result<Arc<Program>, String> {
        // A child of an Express map run is Express, but its definition is that of its parent.
        let own = entries.iter().find_map(|entry| match &entry.kind {
            EntryKind::Started(started) if started.processor.is_none() => Some(started.machine_type),
            _ => None,
        });
        let machine_type = own.unwrap_or(MachineType::Standard);
        let key = (definition.clone(), machine_type == MachineType::Express);
        match programs.get(&key) {
            Some(program) => program.clone(),
            None => {
                let program = self.program(definition, machine_type);
                programs.insert(key, program.clone());
                program
            }
        }
    }

    fn program(&self, hash: &str, machine_type: MachineType) -> Result<Arc<Program>, String> {
        let text = self.definition(hash).now_or_never().ok_or("the store is gone")?.map_err(|e| e.to_string())?;
        let text = text.ok_or_else(|| format!("its definition `{hash}` is not there"))?;
        let program = Program::compile(&text, &CompileOptions { machine_type, ..CompileOptions::default() });
        program.map(Arc::new).map_err(|_| format!("its definition `{hash}` does not compile"))
    }
}

/// What is wrong with a journal, for a finding that names it already.
fn reason(error: StoreError) -> String {
    match error {
        StoreError::Damaged { reason, .. } => reason,
        other => other.to_string(),
    }
}

/// Programs by their hash and whether they are Express, or why there is none.
type Programs = HashMap<(Arc<str>, bool), Result<Arc<Program>, String>>;

/// A journal to be checked.
struct One {
    id: i64,
    arn: Arc<str>,
    kind: Option<JournalKind>,
    open: bool,
    definition: Arc<str>,
}

fn journals(connection: &Connection, after: i64) -> rusqlite::Result<Vec<One>> {
    let sql = "SELECT id, arn, kind, status = 0, (SELECT hash FROM definitions WHERE id = definition) \
               FROM journals WHERE id > ?1 ORDER BY id LIMIT 1000";
    let mut statement = connection.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| {
        let kind = codes::kind(row.get(2)?);
        Ok(One { id: row.get(0)?, arn: row.get(1)?, kind, open: row.get(3)?, definition: row.get(4)? })
    };
    statement.query_map([after], read)?.collect()
}

/// The file as SQLite sees it, and what refers to nothing.
fn file(connection: &Connection, findings: &mut Vec<Finding>) -> rusqlite::Result<()> {
    debug_assert_eq!(entry_ids(1).0 >> 24, 1);
    let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let what: String = row.get(0)?;
        if what != "ok" {
            findings.push(Finding { journal: None, what });
        }
    }
    for (name, question) in STRAYS {
        let count: i64 = connection.query_row(question, [], |row| row.get(0))?;
        if count > 0 {
            findings.push(Finding { journal: None, what: format!("{name}: {count}") });
        }
    }
    Ok(())
}
