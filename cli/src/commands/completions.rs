//! `aslx completions`: what a shell needs to complete `aslx`.

use crate::Cli;
use crate::error::CommandError;
use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};
use std::io::Write;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  aslx completions bash > ~/.local/share/bash-completion/completions/aslx
  aslx completions zsh > \"${fpath[1]}/_aslx\"
  aslx completions fish > ~/.config/fish/completions/aslx.fish

Exit codes: 0 printed, 2 usage";

/// What `aslx completions` takes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
pub(crate) fn run(arguments: &CompletionsArguments) -> Result<ExitCode, CommandError> {
    let mut script = Vec::new();
    generate(arguments.shell, &mut Cli::command(), "aslx", &mut script);
    // A reader that has gone away is no reason to crash.
    drop(std::io::stdout().write_all(&script));
    Ok(ExitCode::SUCCESS)
}
