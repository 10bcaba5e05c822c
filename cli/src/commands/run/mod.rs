//! `aslx run`: a definition, offline, on real files.

mod execute;
pub(crate) mod input;
mod live;
mod mocks;
mod photos;
mod report;
mod why;

use crate::definition::Definition;
use crate::error::CommandError;
use crate::offline;
use aslx_engine::layers::Answers;
use aslx_tasks::OfflineTasks;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  aslx run definitions/image-pipeline --image beach.jpg
  aslx run order.asl.json --input '{\"id\": 7}' --clock virtual
  aslx run order.asl.json --input event.json --format json --history history.json

Offline data stays below --data: bucket files at buckets/<bucket>/<key>, rows in tables/,
messages in outbox.jsonl, and the history and journal of each execution in executions/.

Exit codes: 0 succeeded, 1 the execution failed, 2 usage, 3 the definition is not valid";

/// What `aslx run` takes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RunArguments {
    /// The definition, or a folder that has one
    #[arg(value_name = "FILE|DIR")]
    definition: PathBuf,
    /// The input: a file, a JSON text, or - for standard input [default: {}]
    #[arg(long, value_name = "FILE|JSON|-", conflicts_with = "image")]
    input: Option<String>,
    /// A photo, a folder of photos or a pattern: each is uploaded, and an execution started with its event
    #[arg(long, value_name = "PHOTO|DIR|GLOB", num_args = 1..)]
    image: Vec<String>,
    /// Value of a ${KEY} placeholder in the definition; goes before aslx.toml
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// Where offline buckets, tables and messages are kept
    #[arg(long, value_name = "DIR", default_value = ".aslx")]
    data: PathBuf,
    /// Answers of a test case in a mock configuration file of Step Functions Local; other states do their work
    #[arg(long, value_name = "FILE#CASE")]
    mocks: Option<String>,
    /// Real time, or time that jumps over waits and delays
    #[arg(long, value_enum, default_value_t = ClockChoice::Real)]
    clock: ClockChoice,
    /// Write the history there, as GetExecutionHistory returns it (- for standard output)
    #[arg(long, value_name = "FILE")]
    history: Option<String>,
    /// For people, or one JSON object with status, output, error and cause
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Refuse photos that Amazon Rekognition would refuse
    #[arg(long)]
    strict: bool,
    /// Executions at the same time, with several photos [default: two per core]
    #[arg(long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
}

/// Where time comes from.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClockChoice {
    /// The machine's.
    Real,
    /// Modelled: nothing sleeps.
    Virtual,
}

/// How to tell what happened.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// `KEY=VALUE`
pub(crate) fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

/// Runs the command.
pub(crate) fn run(arguments: RunArguments) -> Result<ExitCode, CommandError> {
    if arguments.history.as_deref() == Some("-") && arguments.format == Format::Json {
        return Err(CommandError::usage("--format json and --history - both want standard output")
            .help("write the history to a file"));
    }
    if let Some(file) = arguments.history.as_deref().filter(|file| *file != "-") {
        execute::check_writable(Path::new(file))?;
    }
    let definition = Definition::load(&arguments.definition, &arguments.settings)?;
    if definition.warnings > 0 && arguments.format == Format::Human {
        let plural = if definition.warnings == 1 { "" } else { "s" };
        let shown = arguments.definition.display();
        eprintln!("{} warning{plural}, see: aslx check {shown}", definition.warnings);
    }
    let tasks = OfflineTasks::new(&arguments.data).strict(arguments.strict).build();
    let answers = match &arguments.mocks {
        Some(mocks) => mocks::read(mocks, &definition)?,
        None => Answers::new(),
    };
    offline::check(&definition.program, &tasks, &answers)?;
    let photos = photos::find(&arguments.image)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::usage(format!("no runtime can be started: {error}")))?;
    let runner = Arc::new(execute::Runner::new(&definition, tasks, answers, &arguments));
    runtime.block_on(async {
        match photos.as_slice() {
            [] => {
                let input = input::read(arguments.input.as_deref())?;
                report::one(&runner, None, live::run(&runner, input, &arguments).await?, &arguments)
            }
            [photo] => {
                let event = photo.upload(runner.ports()).await?;
                report::one(&runner, Some(photo), live::run(&runner, event, &arguments).await?, &arguments)
            }
            photos => photos::run_all(runner, photos, &arguments).await,
        }
    })
}
