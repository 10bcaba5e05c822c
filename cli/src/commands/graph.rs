//! `aslx graph`: a definition as a picture.

use super::history;
use super::run::setting;
use crate::definition::Definition;
use crate::error::CommandError;
use aslx_asl::graph::{Graph, Overlay};
use aslx_engine::history::view::RunTree;
use clap::{Args, ValueEnum};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  aslx graph order.asl.json --output order.svg
  aslx graph order.asl.json --output order.md     (Mermaid in Markdown, which GitHub draws)
  aslx graph order.asl.json --history history.json --output run.svg

Exit codes: 0 drawn, 2 usage, or a file cannot be read or written, 3 the definition is not valid";

/// What `aslx graph` takes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GraphArguments {
    /// The definition, or a folder that has one
    #[arg(value_name = "FILE|DIR")]
    definition: PathBuf,
    /// What to draw [default: what the ending of --output says, else mermaid]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write there instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Value of a ${KEY} placeholder in the definition; placeholders may stay without a value
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// Colour what this history visited, as GetExecutionHistory returns it
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
}

/// The languages of pictures.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A Mermaid flowchart; in a code block if --output ends in .md
    Mermaid,
    /// Graphviz
    Dot,
    /// A picture for light and dark surroundings
    Svg,
}

/// Runs the command.
pub(crate) fn run(arguments: &GraphArguments) -> Result<ExitCode, CommandError> {
    let definition = Definition::look_at(&arguments.definition, &arguments.settings)?;
    let overlay = match &arguments.history {
        Some(file) => RunTree::of(&history::read(file)?).overlay(),
        None => Overlay::default(),
    };
    let graph = Graph::of(&definition.program);
    let ending = arguments.output.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
    let format = arguments.format.unwrap_or(match ending {
        Some("svg") => Format::Svg,
        Some("dot" | "gv") => Format::Dot,
        _ => Format::Mermaid,
    });
    let text = match format {
        Format::Svg => graph.to_svg(&overlay),
        Format::Dot => graph.to_dot(&overlay),
        Format::Mermaid if ending == Some("md") => format!("```mermaid\n{}```\n", graph.to_mermaid(&overlay)),
        Format::Mermaid => graph.to_mermaid(&overlay),
    };
    match &arguments.output {
        Some(file) => std::fs::write(file, text)
            .map_err(|error| CommandError::usage(format!("`{}` cannot be written: {error}", file.display())))?,
        // A reader that has gone away is no reason to crash.
        None => drop(std::io::stdout().write_all(text.as_bytes())),
    }
    Ok(ExitCode::SUCCESS)
}
