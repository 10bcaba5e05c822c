//! `aslx store`: what a server has kept, checked and taken out.

use crate::error::CommandError;
use aslx_asl::{CompileOptions, MachineType, Program};
use aslx_engine::SystemClock;
use aslx_engine::interpreter::{Interpreter, Step};
use aslx_engine::journal::{Entry, EntryKind, JournalError, write_lines};
use aslx_engine::store::{JournalKind, OpenError, SqliteStore, Store, StoreError};
use clap::{Args, Subcommand, ValueEnum};
use futures_util::FutureExt;
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  aslx store check .aslx
  aslx store check .aslx --all
  aslx store export .aslx ARN > order.journal.jsonl
  aslx store export .aslx ARN --what history | aslx history -

A directory that a server is using is refused: stop the server first.

Exit codes: 0 all is as it was written, 1 something is not, 2 usage, or the directory cannot be read";

/// What `aslx store` takes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StoreArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Check the file, and replay open executions against what was committed with them
    Check(CheckArguments),
    /// Write out an execution or a map run
    Export(ExportArguments),
}

#[derive(Args)]
struct CheckArguments {
    /// The data directory of a server
    directory: PathBuf,
    /// Replay executions that have ended too
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
struct ExportArguments {
    /// The data directory of a server
    directory: PathBuf,
    /// ARN of the execution or map run
    arn: String,
    /// What to write
    #[arg(long, value_enum, default_value_t = What::Journal)]
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Everything that reached it, as JSON lines
    Journal,
    /// What happened, as GetExecutionHistory returns it
    History,
}

/// Runs the command.
pub(crate) fn run(arguments: &StoreArguments) -> Result<ExitCode, CommandError> {
    match &arguments.action {
        Action::Check(arguments) => check(arguments),
        Action::Export(arguments) => export(arguments),
    }
}

/// A store that is there: looking at one must not make one.
fn open(directory: &std::path::Path) -> Result<SqliteStore, CommandError> {
    if !SqliteStore::is_in(directory) {
        return Err(CommandError::usage(format!("there is no store in `{}`", directory.display()))
            .help("name the folder that `aslx serve --data` was given"));
    }
    SqliteStore::open(directory, &SystemClock).map_err(|error| refused(&error, directory))
}

/// Why the store of a directory was not opened, and what to do about it.
pub(crate) fn refused(error: &OpenError, directory: &Path) -> CommandError {
    let file = directory.join("aslx.sqlite3");
    let told = match error {
        OpenError::Sqlite(reason) => format!("`{}` cannot be opened: {reason}", file.display()),
        error => error.to_string(),
    };
    let told = CommandError::usage(told);
    match error {
        OpenError::InUse { .. } => told.help("stop that process first"),
        OpenError::Newer { .. } => told.help("a later aslx has written it: use that one, or another directory"),
        OpenError::Foreign => told.help("use another directory"),
        OpenError::Directory { .. } => told.help("use a directory that can be written; `serve --memory` needs none"),
        OpenError::Sqlite(_) => told.help("nothing was changed; put back a copy of the file, or use another directory"),
    }
}

fn check(arguments: &CheckArguments) -> Result<ExitCode, CommandError> {
    let checked = open(&arguments.directory)?.check(arguments.all).map_err(|error| failed(&error))?;
    for finding in &checked.findings {
        println!("{finding}");
    }
    let wrong = checked.findings.len();
    let verdict = match wrong {
        0 => "all is as it was written".to_owned(),
        1 => "1 thing is not as it was written".to_owned(),
        _ => format!("{wrong} things are not as they were written"),
    };
    let noun = if checked.journals == 1 { "journal" } else { "journals" };
    println!("{} {noun}, {} replayed: {verdict}", checked.journals, checked.replayed);
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn export(arguments: &ExportArguments) -> Result<ExitCode, CommandError> {
    let store = open(&arguments.directory)?;
    let text = match arguments.what {
        What::Journal => journal(&store, &arguments.arn).now_or_never(),
        What::History => history(&store, &arguments.arn).now_or_never(),
    };
    // This store reads at once.
    let text = text.unwrap_or_else(|| Err(CommandError::usage("the store does not answer")))?;
    // A reader that has gone away is no reason to crash.
    let _ = std::io::stdout().write_all(&text);
    Ok(ExitCode::SUCCESS)
}

async fn journal(store: &SqliteStore, arn: &str) -> Result<Vec<u8>, CommandError> {
    let stored = store.journal(arn).await.map_err(|error| failed(&error))?;
    let kind = store.summary(arn).await.map_err(|error| failed(&error))?.kind;
    let mut text = Vec::new();
    write_lines(&mut text, kind == JournalKind::MapRun, &stored.lines).map_err(|error| unreadable(arn, &error))?;
    Ok(text)
}

async fn history(store: &SqliteStore, arn: &str) -> Result<Vec<u8>, CommandError> {
    let summary = store.summary(arn).await.map_err(|error| failed(&error))?;
    if summary.kind == JournalKind::MapRun {
        return Err(CommandError::usage(format!("`{arn}` is a map run: it has a journal, but no history")));
    }
    let stored = store.journal(arn).await.map_err(|error| failed(&error))?;
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
    let events: Vec<_> = step.events.iter().map(|event| event.to_json()).collect();
    // A value of strings, numbers and lists always serialises.
    let mut text = serde_json::to_vec_pretty(&json!({ "events": events })).unwrap_or_default();
    text.push(b'\n');
    Ok(text)
}

fn failed(error: &StoreError) -> CommandError {
    CommandError::usage(error.to_string())
}

fn unreadable(arn: &str, error: &JournalError) -> CommandError {
    CommandError::usage(format!("`{arn}`: {error}"))
}
