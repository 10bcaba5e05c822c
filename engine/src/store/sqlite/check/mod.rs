//! Whether all that is kept is what was written.

mod replayed;
mod rows;
mod run;

use super::SqliteStore;
use super::error::failed;
use crate::journal::EntryKind;
use crate::store::{JournalKind, Store, StoreError, StoredJournal};
use futures_util::FutureExt;
use replayed::Programs;
use rows::One;
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

impl SqliteStore {
    /// Checks the file, the entries of every journal, and replays every open execution (all of them, if `closed`)
    /// against what was committed with it: the hash, what lists show, tokens, when it is woken, its sealed history.
    ///
    /// Errors: the file cannot be read at all.
    pub fn check(&self, closed: bool) -> Result<Checked, StoreError> {
        self.check_telling(closed, &mut |_, _| {})
    }

    /// The same; tells now and then how many journals have been looked at, and how many there are.
    ///
    /// Errors: the file cannot be read at all.
    pub fn check_telling(&self, closed: bool, tell: &mut dyn FnMut(u64, u64)) -> Result<Checked, StoreError> {
        self.writer.file()?;
        let mut checked = Checked::default();
        checked.findings.extend(self.damage.clone().map(|what| Finding { journal: None, what }));
        let mut about_the_file = |what: String| checked.findings.push(Finding { journal: None, what });
        self.read(|connection| {
            rows::check(connection, &mut about_the_file);
            Ok(())
        })?;
        let total = self.read(|connection| rows::count(connection).map_err(|error| failed(&error)))?;
        let mut programs = Programs::default();
        let mut after = 0;
        loop {
            tell(checked.journals, total);
            let journals = match self.read(|connection| Ok(rows::journals(connection, after)))? {
                Ok(journals) => journals,
                Err(error) => {
                    let what = format!("the journals cannot be read to their end: {error}");
                    checked.findings.push(Finding { journal: None, what });
                    return Ok(checked);
                }
            };
            let Some(last) = journals.last() else { return Ok(checked) };
            after = last.id;
            for one in &journals {
                checked.journals += 1;
                let replays = one.kind.is_some() && (one.open || closed);
                checked.replayed += u64::from(replays);
                let mut finds = |what: String| {
                    checked.findings.push(Finding { journal: Some(one.arn.clone()), what });
                };
                if let Err(what) = self.verify(one, replays, &mut programs, &mut finds) {
                    finds(what);
                }
            }
        }
    }

    /// One journal. Gives the reason if it cannot be looked at further.
    fn verify(
        &self,
        one: &One,
        replays: bool,
        programs: &mut Programs,
        finds: &mut dyn FnMut(String),
    ) -> Result<(), String> {
        if one.kind.is_none() {
            return Err("what it is of is a number that means nothing".into());
        }
        let stored = self.journal(&one.arn).now_or_never().ok_or("it cannot be read")?.map_err(reason)?;
        if one.kind == Some(JournalKind::MapRun) {
            return self.verify_run(one, &stored, replays, programs);
        }
        let entries = stored.entries(&one.arn).map_err(reason)?;
        if !matches!(entries.first().map(|entry| &entry.kind), Some(EntryKind::Started(_))) {
            return Err("its journal does not begin with its start".into());
        }
        if replays { self.verify_replayed(one, &stored, &entries, programs, finds) } else { Ok(()) }
    }

    /// A map run: replayed with what the execution asked for that it belongs to.
    fn verify_run(
        &self,
        one: &One,
        stored: &StoredJournal,
        replays: bool,
        programs: &mut Programs,
    ) -> Result<(), String> {
        let entries = run::entries(stored)?;
        if !replays {
            return Ok(());
        }
        let summary = self.summary(&one.arn).now_or_never().ok_or("it cannot be read")?.map_err(reason)?;
        let missing = "the execution that it belongs to is not there";
        let parent = summary.parent.clone().ok_or(missing)?;
        let journal = self.journal(&parent).now_or_never().ok_or(missing)?.map_err(|_| missing)?;
        let asked = journal.entries(&parent).map_err(reason)?;
        let program = self.program_of(one, &asked, programs)?;
        let is_there = |arn: &str| self.summary(arn).now_or_never().is_some_and(|found| found.is_ok());
        run::verify(&one.arn, (&entries, &summary), (program, &asked), is_there)
    }
}

/// What is wrong with a journal, for a finding that names it already.
fn reason(error: StoreError) -> String {
    match error {
        StoreError::Damaged { reason, .. } => reason,
        other => other.to_string(),
    }
}
