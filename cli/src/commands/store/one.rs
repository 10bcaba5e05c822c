//! `aslx store export DIR ARN`: one execution or map run. What makes its texts is used for all of them too.

use super::{ExportArguments, What, failed, now, open};
use crate::error::CommandError;
use aslx_asl::{CompileOptions, MachineType, Program};
use aslx_engine::history::HistoryEvent;
use aslx_engine::interpreter::{Interpreter, Step};
use aslx_engine::journal::{Entry, EntryKind, write_lines};
use aslx_engine::store::{JournalKind, SqliteStore, Store, StoredJournal, Summary};
use futures_util::FutureExt;
use serde_json::json;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

pub(super) fn run(arguments: &ExportArguments) -> Result<ExitCode, CommandError> {
    let store = open(&arguments.directory)?;
    let arn = arguments.arn.as_deref().unwrap_or_default();
    let text = async {
        let summary = store.summary(arn).await.map_err(|error| failed(&error))?;
        let stored = store.journal(arn).await.map_err(|error| failed(&error))?;
        match arguments.what {
            What::Journal => journal(arn, &summary, &stored),
            What::History if summary.kind == JournalKind::MapRun => {
                Err(CommandError::usage(format!("`{arn}` is a map run: it has a journal, but no history")))
            }
            What::History => history(&store, arn, &summary, &stored).await,
        }
    };
    let text = now(text.now_or_never())?;
    // A reader that has gone away is no reason to crash.
    let _ = std::io::stdout().write_all(&text);
    Ok(ExitCode::SUCCESS)
}

/// A journal as docs/journal-format.md says.
pub(super) fn journal(arn: &str, summary: &Summary, stored: &StoredJournal) -> Result<Vec<u8>, CommandError> {
    let mut text = Vec::new();
    write_lines(&mut text, summary.kind == JournalKind::MapRun, &stored.lines)
        .map_err(|error| CommandError::usage(format!("`{arn}`: {error}")))?;
    Ok(text)
}

/// A history as GetExecutionHistory returns it: the sealed one if there is one.
pub(super) async fn history(
    store: &SqliteStore,
    arn: &str,
    summary: &Summary,
    stored: &StoredJournal,
) -> Result<Vec<u8>, CommandError> {
    // One that cannot be read is made again.
    let sealed = store.sealed(arn).await.ok().flatten();
    let sealed: Option<Vec<serde_json::Value>> = sealed.and_then(|sealed| serde_json::from_slice(&sealed).ok());
    let events = match sealed {
        Some(events) => events,
        None => replayed(store, arn, summary, stored).await?.iter().map(HistoryEvent::to_json).collect(),
    };
    // A value of strings, numbers and lists always serialises.
    let mut text = serde_json::to_vec_pretty(&json!({ "events": events })).unwrap_or_default();
    text.push(b'\n');
    Ok(text)
}

async fn replayed(
    store: &SqliteStore,
    arn: &str,
    summary: &Summary,
    stored: &StoredJournal,
) -> Result<Vec<HistoryEvent>, CommandError> {
    let entries: Vec<Entry> = stored.entries(arn).map_err(|error| failed(&error))?;
    let text = store.definition(&summary.program).await.map_err(|error| failed(&error))?;
    let text = text.ok_or_else(|| CommandError::usage(format!("the definition of `{arn}` is not in the store")))?;
    // A child of a map run has its own type, and its parent's definition.
    let machine_type = match entries.first().map(|entry| &entry.kind) {
        Some(EntryKind::Started(started)) if started.processor.is_none() => started.machine_type,
        _ => MachineType::Standard,
    };
    let program = Program::compile(&text, &CompileOptions { machine_type, ..CompileOptions::default() })
        .map_err(|_| CommandError::usage(format!("the definition of `{arn}` does not compile")))?;
    let mut step = Step::with_history();
    Interpreter::replay(Arc::new(program), &entries, &mut step)
        .map_err(|error| CommandError::usage(format!("`{arn}`: {error}")))?;
    Ok(step.events)
}
