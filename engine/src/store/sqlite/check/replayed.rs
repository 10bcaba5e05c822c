//! An execution, replayed and compared with what was committed.

use super::super::SqliteStore;
use super::reason;
use super::rows::One;
use crate::history::HistoryEvent;
use crate::interpreter::{Action, Interpreter, Step, TimerKind};
use crate::journal::{Entry, EntryKind};
use crate::store::{Store, StoredJournal, Summary};
use aslx_asl::{CompileOptions, MachineType, Program, Timestamp};
use futures_util::FutureExt;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// Programs by their hash and whether they are Express, or why there is none.
pub(super) type Programs = HashMap<(Arc<str>, bool), Result<Arc<Program>, String>>;

impl SqliteStore {
    pub(super) fn verify_replayed(
        &self,
        one: &One,
        stored: &StoredJournal,
        entries: &[Entry],
        programs: &mut Programs,
        finds: &mut dyn FnMut(String),
    ) -> Result<(), String> {
        let program = self.program_of(one, entries, programs)?;
        let sealed = self.sealed(&one.arn).now_or_never().ok_or("it cannot be read")?;
        let mut step = if matches!(sealed, Ok(Some(_))) { Step::with_history() } else { Step::new() };
        let replayed = Interpreter::replay(program, entries, &mut step).map_err(|error| error.to_string())?;
        if replayed.digest() ^ stored.lines.digest(0) != stored.digest {
            return Err("its journal replays to something else than was committed".into());
        }
        match sealed {
            Ok(None) => {}
            Ok(Some(history)) if is_that(&history, &step.events) => {}
            Ok(Some(_)) => finds("its sealed history is not that of its journal".into()),
            Err(error) => finds(reason(error)),
        }
        let summary = self.summary(&one.arn).now_or_never().ok_or("it cannot be read")?.map_err(reason)?;
        let differs = Summary::derived(&replayed).map_or_else(Vec::new, |derived| differences(&summary, &derived));
        if !differs.is_empty() {
            finds(format!("what lists show of it is not what follows from its journal: {}", differs.join(", ")));
        }
        let outcome = self.outcome(&one.arn).now_or_never().ok_or("it cannot be read")?;
        let outcome = outcome.map_err(|error| format!("how it ended cannot be read: {}", reason(error)))?;
        if outcome.as_ref() != replayed.outcome() {
            finds("how it ended is not what follows from its journal".into());
        }
        self.verify_outstanding(one, &replayed, finds)
    }

    /// What an open execution waits for must find it again.
    fn verify_outstanding(
        &self,
        one: &One,
        replayed: &Interpreter,
        finds: &mut dyn FnMut(String),
    ) -> Result<(), String> {
        let mut earliest: Option<Timestamp> = None;
        for action in replayed.outstanding() {
            match action {
                Action::StartTask { request, .. } => {
                    let Some(token) = &request.token else {
                        earliest = Some(Timestamp::from_millis(-1));
                        continue;
                    };
                    let owner = self.token(token).now_or_never().ok_or("it cannot be read")?.map_err(reason)?;
                    if owner.as_ref() != Some(&one.arn) {
                        finds("the token of a task that it waits for is not known".into());
                    }
                }
                Action::Continue => earliest = Some(Timestamp::from_millis(-1)),
                // Heartbeats move theirs, and are in no journal.
                Action::SetTimer { due, kind, .. } if !matches!(kind, TimerKind::Heartbeat { .. }) => {
                    earliest = Some(earliest.map_or(due, |earliest| earliest.min(due)));
                }
                _ => {}
            }
        }
        // What belongs to something is looked after by that.
        let late = earliest.is_some_and(|earliest| one.wake.is_none_or(|wake| wake > earliest.as_millis()));
        if one.is_own && one.open && late {
            finds("nothing would wake it in time".into());
        }
        Ok(())
    }

    /// The program of a journal; `entries` are those of the execution, or of the one that the map run belongs to.
    pub(super) fn program_of(
        &self,
        one: &One,
        entries: &[Entry],
        programs: &mut Programs,
    ) -> Result<Arc<Program>, String> {
        // A child of an Express map run is Express, but its definition is that of its parent.
        let own = entries.iter().find_map(|entry| match &entry.kind {
            EntryKind::Started(started) if started.processor.is_none() => Some(started.machine_type),
            _ => None,
        });
        let machine_type = own.unwrap_or(MachineType::Standard);
        let hash = one.definition.clone().ok_or("its definition is not there")?;
        let program = programs.entry((hash.clone(), machine_type == MachineType::Express));
        program.or_insert_with(|| self.program(&hash, machine_type)).clone()
    }

    fn program(&self, hash: &str, machine_type: MachineType) -> Result<Arc<Program>, String> {
        let text = self.definition(hash).now_or_never().ok_or("the store is gone")?.map_err(|e| e.to_string())?;
        let text = text.ok_or_else(|| format!("its definition `{hash}` is not there"))?;
        let program = Program::compile(&text, &CompileOptions { machine_type, ..CompileOptions::default() });
        let program = program.map_err(|_| format!("its definition `{hash}` does not compile"))?;
        if program.hash() == hash {
            Ok(Arc::new(program))
        } else {
            Err(format!("its definition `{hash}` is not what was committed"))
        }
    }
}

fn is_that(history: &[u8], events: &[HistoryEvent]) -> bool {
    let kept: Option<Vec<Json>> = serde_json::from_slice(history).ok();
    kept.is_some_and(|kept| kept.iter().eq(events.iter().map(HistoryEvent::to_json).collect::<Vec<_>>().iter()))
}

/// What differs, by name. What an execution belongs to, and its items, follow from another journal.
fn differences(kept: &Summary, derived: &Summary) -> Vec<&'static str> {
    let fields = [
        ("kind", kept.kind == derived.kind),
        ("name", kept.name == derived.name),
        ("state machine", kept.machine == derived.machine),
        ("version", kept.version == derived.version),
        ("alias", kept.alias == derived.alias),
        ("definition", kept.program == derived.program),
        ("status", kept.status == derived.status),
        ("start", kept.started == derived.started),
        ("end", kept.stopped == derived.stopped),
        ("redrives", (kept.redrives, kept.redriven) == (derived.redrives, derived.redriven)),
    ];
    fields.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
}
