//! `aslx history`: an exported history, readable.

use crate::error::CommandError;
use crate::terminal::Style;
use aslx_engine::history::view::{RunTree, Seen, read_history};
use clap::{Args, ValueEnum};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  aws stepfunctions get-execution-history --execution-arn ARN > history.json
  aslx history history.json
  aslx history history.json --table
  aslx run order.asl.json --history - | aslx history -

Exit codes: 0 the history was read, however its execution ended, 2 usage, or it cannot be read";

/// What `aslx history` takes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct HistoryArguments {
    /// A history as GetExecutionHistory returns it, or - for standard input
    file: PathBuf,
    /// For people, or one JSON object with every visit of a state
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Show states with what ran inside them (the default)
    #[arg(long, conflicts_with = "table")]
    tree: bool,
    /// Show a line for each visit of a state, in the order in which they began
    #[arg(long)]
    table: bool,
    /// Cut lines to this many columns
    #[arg(long, value_name = "COLUMNS", default_value_t = 160)]
    width: usize,
}

/// How to tell what happened.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// Runs the command.
pub(crate) fn run(arguments: &HistoryArguments) -> Result<ExitCode, CommandError> {
    let events = read(&arguments.file)?;
    let tree = RunTree::of(&events);
    // An execution that still ran when its history was exported is shown as of its last event.
    let now = events.last().map(|event| event.at).unwrap_or_default();
    let colour = Style::of_stdout().colour();
    let text = match (arguments.format, arguments.table) {
        (Format::Json, _) => format!("{}\n", tree.to_json(now)),
        (Format::Human, true) => tree.table(arguments.width, colour, now),
        (Format::Human, false) => {
            let summary = tree.summary(arguments.width, colour, now);
            format!("{}\n{summary}\n", tree.render(arguments.width, colour, now))
        }
    };
    // A reader that has gone away is no reason to crash.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(ExitCode::SUCCESS)
}

/// Reads the events of a file or of standard input.
pub(super) fn read(file: &Path) -> Result<Vec<Seen>, CommandError> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.map_err(|error| CommandError::usage(format!("`{}` cannot be read: {error}", file.display())))?;
    read_history(&text)
        .map_err(|error| CommandError::usage(format!("`{}`: {error}", file.display())).help(error.help()))
}
