//! `aslx store`: what a server has kept, checked, taken out and made smaller.

mod check;
mod compact;
mod export;
mod one;
mod progress;

use crate::error::CommandError;
use aslx_engine::SystemClock;
use aslx_engine::store::{OpenError, SqliteStore, StoreError};
use clap::{Args, Subcommand, ValueEnum};
use progress::Progress;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  aslx store check .aslx
  aslx store check .aslx --all
  aslx store export .aslx ARN > order.journal.jsonl
  aslx store export .aslx ARN --what history | aslx history -
  aslx store export .aslx --to everything
  aslx store compact .aslx

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
    /// Write out an execution or a map run, or all there is
    Export(ExportArguments),
    /// Write the file anew, without the room of what was removed
    Compact(CompactArguments),
}

#[derive(Args)]
struct CheckArguments {
    /// The data directory of a server
    directory: PathBuf,
    /// Replay executions that have ended too
    #[arg(long)]
    all: bool,
    /// How to tell what was found
    #[arg(long, value_enum, default_value_t = Form::Human)]
    format: Form,
}

#[derive(Args)]
struct ExportArguments {
    /// The data directory of a server
    directory: PathBuf,
    /// ARN of the execution or map run
    #[arg(required_unless_present = "to")]
    arn: Option<String>,
    /// What to write of it
    #[arg(long, value_enum, default_value_t = What::Journal)]
    what: What,
    /// Write everything into this folder, which must not be there or be empty
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["arn", "what"])]
    to: Option<PathBuf>,
    /// How to tell what was written
    #[arg(long, value_enum, default_value_t = Form::Human, requires = "to")]
    format: Form,
}

#[derive(Args)]
struct CompactArguments {
    /// The data directory of a server
    directory: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Everything that reached it, as JSON lines
    Journal,
    /// What happened, as GetExecutionHistory returns it
    History,
}

/// For whom it is told.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Human,
    /// One JSON object.
    Json,
}

/// Runs the command.
pub(crate) fn run(arguments: &StoreArguments) -> Result<ExitCode, CommandError> {
    match &arguments.action {
        Action::Check(arguments) => check::run(arguments),
        Action::Export(ExportArguments { directory, to: Some(to), format, .. }) => export::run(directory, to, *format),
        Action::Export(arguments) => one::run(arguments),
        Action::Compact(arguments) => compact::run(arguments),
    }
}

/// Refuses a directory without a store: looking at one must not make one.
fn there_is_one(directory: &Path) -> Result<(), CommandError> {
    if SqliteStore::is_in(directory) {
        return Ok(());
    }
    Err(CommandError::usage(format!("there is no store in `{}`", directory.display()))
        .help("name the folder that `aslx serve --data` was given"))
}

fn open(directory: &Path) -> Result<SqliteStore, CommandError> {
    there_is_one(directory)?;
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
        OpenError::Foreign | OpenError::OtherLock { .. } => told.help("use another directory"),
        OpenError::Directory { .. } => told.help("use a directory that can be written; `serve --memory` needs none"),
        OpenError::Inbox(_) | OpenError::Sqlite(_) => {
            told.help("nothing was changed; put back a copy of the file, or use another directory")
        }
    }
}

/// The stores of the command answer at once.
fn now<T>(answer: Option<Result<T, CommandError>>) -> Result<T, CommandError> {
    answer.unwrap_or_else(|| Err(CommandError::usage("the store does not answer")))
}

fn failed(error: &StoreError) -> CommandError {
    CommandError::usage(error.to_string())
}
