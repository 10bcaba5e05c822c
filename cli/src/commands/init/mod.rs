//! `aslx init`: a folder to begin with, or tests for a definition that has none.

mod beside;
mod folder;

use crate::error::CommandError;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  aslx init shop                       a definition, tests, mocks, project file and CI workflow in shop/
  aslx init --for order.asl.json       order.test.yaml: a case for each of its branches

Files that are there already are never changed.

Exit codes: 0 written, 2 usage, or a file is in the way, 3 the definition is not valid";

/// What `aslx init` takes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InitArguments {
    /// The folder; made if it is not there
    #[arg(value_name = "DIR", default_value = ".", conflicts_with = "definition")]
    folder: PathBuf,
    /// Write tests for this definition: made-up inputs and answers that lead to each of its branches
    #[arg(long = "for", value_name = "FILE")]
    definition: Option<PathBuf>,
    /// Value of a ${KEY} placeholder in that definition; goes before aslx.toml
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = super::run::setting, requires = "definition")]
    settings: Vec<(String, String)>,
}

/// Runs the command.
pub(crate) fn run(arguments: &InitArguments) -> Result<ExitCode, CommandError> {
    match &arguments.definition {
        Some(definition) => beside::run(definition, &arguments.settings)?,
        None => folder::run(&arguments.folder)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes files that are not there yet: all of them, or none.
fn write_new(files: &[(PathBuf, String)]) -> Result<(), CommandError> {
    let in_the_way: Vec<String> =
        files.iter().filter(|(path, _)| path.exists()).map(|(path, _)| format!("`{}`", path.display())).collect();
    if !in_the_way.is_empty() {
        let verb = if in_the_way.len() == 1 { "is" } else { "are" };
        return Err(CommandError::usage(format!("{} {verb} there already", in_the_way.join(", ")))
            .help("nothing was written: name another folder, or move what is there"));
    }
    for (path, text) in files {
        let cannot = |error| CommandError::usage(format!("`{}` cannot be written: {error}", path.display()));
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(cannot)?;
        }
        let mut file = std::fs::File::create_new(path).map_err(cannot)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(cannot)?;
        println!("created {}", path.display());
    }
    Ok(())
}

/// A path as it can be typed: quoted where a shell would take it apart.
fn typed(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || "/._-+=@%:,".contains(c));
    if is_plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
