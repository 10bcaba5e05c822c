//! `aslx fmt`: definitions in one form.

use crate::error::CommandError;
use crate::terminal::Style;
use aslx_asl::diagnostic::render;
use clap::Args;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  aslx fmt order.asl.json
  aslx fmt --check definitions/*.asl.json
  aslx fmt - < order.asl.json

The order of fields, comments, and the spelling of numbers and texts stay as they are.

Exit codes: 0 done, 1 --check found a file that would change, 2 usage, or a file cannot be read or
written, 3 a file is not JSON or names a field twice";

/// What `aslx fmt` takes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct FmtArguments {
    /// JSON definitions, rewritten in place; - reads standard input and writes standard output
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Change nothing; name the files that would change
    #[arg(long)]
    check: bool,
}

/// What came of a file.
enum Outcome {
    AsItWas,
    Changed,
    Faulty,
}

/// Runs the command.
pub(crate) fn run(arguments: &FmtArguments) -> Result<ExitCode, CommandError> {
    let (mut changed, mut faulty) = (false, false);
    for file in &arguments.files {
        match one(file, arguments.check)? {
            Outcome::AsItWas => {}
            Outcome::Changed => changed = true,
            Outcome::Faulty => faulty = true,
        }
    }
    Ok(match (faulty, changed && arguments.check) {
        (true, _) => ExitCode::from(3),
        (false, true) => ExitCode::from(1),
        (false, false) => ExitCode::SUCCESS,
    })
}

fn one(file: &Path, check: bool) -> Result<Outcome, CommandError> {
    let shown = file.display().to_string();
    let is_stdin = file == Path::new("-");
    if matches!(file.extension().and_then(|ending| ending.to_str()), Some("yaml" | "yml")) {
        return Err(CommandError::usage(format!("`{shown}` is YAML, and only JSON can be formatted"))
            .help("formatters for YAML keep its comments, for example prettier"));
    }
    let text = if is_stdin {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.map_err(|error| CommandError::usage(format!("`{shown}` cannot be read: {error}")))?;
    let formatted = match aslx_asl::format(&text) {
        Ok(formatted) => formatted,
        Err(diagnostic) => {
            eprintln!("{}", render(&diagnostic, &shown, &text, Style::of_stderr().colour()));
            return Ok(Outcome::Faulty);
        }
    };
    let same = formatted == text;
    match (check, is_stdin) {
        (true, _) if !same => print(&format!("{shown}\n")),
        (false, true) => print(&formatted),
        (false, false) if !same => std::fs::write(file, &formatted)
            .map_err(|error| CommandError::usage(format!("`{shown}` cannot be written: {error}")))?,
        _ => {}
    }
    Ok(if same { Outcome::AsItWas } else { Outcome::Changed })
}

/// A reader that has gone away is no reason to crash.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
