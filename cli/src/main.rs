//! The `aslx` command: run, check and look at Amazon States Language workflows.

mod commands;
mod definition;
mod error;
mod offline;
mod project;
mod terminal;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

// Large outputs are made of many small allocations; this allocator makes them twice as fast.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EXIT_CODES: &str = "\
Exit codes:
  0  done: the execution succeeded, nothing is wrong
  1  the execution failed, timed out or was stopped; a test failed
  2  the command line is wrong, or a file cannot be read or written
  3  the definition or a test file is not valid, or cannot be run here";

/// Run and check AWS Step Functions workflows on your own machine.
#[derive(Parser)]
#[command(name = "aslx", version, after_help = EXIT_CODES, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a definition offline, exactly as AWS would
    Run(commands::run::RunArguments),
    /// Run the cases of test files, in virtual time
    Test(commands::test::TestArguments),
    /// Say all that is wrong with definitions, without running them
    Check(commands::check::CheckArguments),
    /// Draw a definition: Mermaid, DOT or SVG
    Graph(commands::graph::GraphArguments),
    /// Show an exported history as a tree or a table
    History(commands::history::HistoryArguments),
    /// Format JSON definitions
    Fmt(commands::fmt::FmtArguments),
    /// Serve the Step Functions API, for SDKs, the AWS CLI and Terraform
    Serve(Box<commands::serve::ServeArguments>),
    /// Make a folder to begin with, or tests for a definition that has none
    Init(commands::init::InitArguments),
    /// Print what a shell needs to complete this command
    Completions(commands::completions::CompletionsArguments),
    /// Check what a server has kept, or take an execution out
    Store(commands::store::StoreArguments),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Run(arguments) => commands::run::run(arguments),
        Command::Test(arguments) => commands::test::run(&arguments),
        Command::Check(arguments) => commands::check::run(arguments),
        Command::Graph(arguments) => commands::graph::run(&arguments),
        Command::History(arguments) => commands::history::run(&arguments),
        Command::Fmt(arguments) => commands::fmt::run(&arguments),
        Command::Serve(arguments) => commands::serve::run(*arguments),
        Command::Init(arguments) => commands::init::run(&arguments),
        Command::Completions(arguments) => commands::completions::run(&arguments),
        Command::Store(arguments) => commands::store::run(&arguments),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            error.print();
            error.exit_code()
        }
    }
}
