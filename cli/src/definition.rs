//! Finding, reading and compiling a definition.

use crate::error::CommandError;
use crate::project::Project;
use aslx_asl::syntax::{Document, Substitutions};
use aslx_asl::{CompileOptions, Compiled, Program, compile_document};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Endings of definition files, in the order in which a folder is searched.
pub(crate) const ENDINGS: [&str; 5] = [".asl.json", ".asl.yaml", ".asl.yml", ".json", ".yaml"];

/// A definition that compiled.
#[derive(Debug)]
pub(crate) struct Definition {
    /// Name of the state machine: the file's, without its ending.
    pub(crate) name: String,
    /// The program.
    pub(crate) program: Arc<Program>,
    /// How many warnings there are: legal, but probably wrong.
    pub(crate) warnings: usize,
}

impl Definition {
    /// Reads a file, or the definition of a folder. `settings` are the `--set` values, which go before those of the
    /// project file.
    pub(crate) fn load(path: &Path, settings: &[(String, String)]) -> Result<Definition, CommandError> {
        Definition::read(path, settings, false)
    }

    /// As [`Definition::load`], to look at and not to run: placeholders may be without a value.
    pub(crate) fn look_at(path: &Path, settings: &[(String, String)]) -> Result<Definition, CommandError> {
        Definition::read(path, settings, true)
    }

    fn read(path: &Path, settings: &[(String, String)], allow_unresolved: bool) -> Result<Definition, CommandError> {
        let (path, project) = find(path)?;
        let text = std::fs::read_to_string(&path)
            .map_err(|error| CommandError::usage(format!("`{}` cannot be read: {error}", path.display())))?;
        let mut substitutions: Substitutions = project.substitutions;
        substitutions.extend(settings.iter().cloned());
        let options = CompileOptions { substitutions, allow_unresolved, ..CompileOptions::default() };
        let compiled = match Document::read(&path.to_string_lossy(), &text) {
            Ok(document) => compile_document(document, &options),
            Err(diagnostic) => Compiled { program: None, diagnostics: vec![diagnostic] },
        };
        let Compiled { program, diagnostics } = compiled;
        match program {
            Some(program) => {
                Ok(Definition { name: machine_name(&path), program: Arc::new(program), warnings: diagnostics.len() })
            }
            None => Err(CommandError::Definition { file: path.display().to_string(), text, diagnostics }),
        }
    }
}

/// The file that is meant, and the project it belongs to.
pub(crate) fn find(path: &Path) -> Result<(PathBuf, Project), CommandError> {
    if !path.is_dir() {
        let folder = path.parent().unwrap_or(Path::new("."));
        return Ok((path.to_owned(), Project::of_folder(folder)?));
    }
    let project = Project::of_folder(path)?;
    if let Some(name) = &project.definition {
        return Ok((path.join(name), project));
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(path)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect())
        .map_err(|error| CommandError::usage(format!("the folder `{}` cannot be read: {error}", path.display())))?;
    files.retain(|file| !aslx_testing::file::is_test_file(file));
    files.sort();
    for ending in ENDINGS {
        let mut found = files.iter().filter(|file| file.to_string_lossy().ends_with(ending));
        match (found.next(), found.next()) {
            (Some(file), None) => return Ok((file.clone(), project)),
            (Some(_), Some(_)) => {
                return Err(CommandError::usage(format!("the folder `{}` has several definitions", path.display()))
                    .help("name one of them, or set `definition` in its aslx.toml"));
            }
            _ => {}
        }
    }
    Err(CommandError::usage(format!("there is no definition in the folder `{}`", path.display()))
        .help("a definition is a file that ends in .asl.json"))
}

/// `order.asl.json` is the state machine `order`.
fn machine_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    // Execution and machine names have neither blanks nor these characters (API reference, CreateStateMachine).
    let clean: String = stem.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    if clean.is_empty() { "definition".to_owned() } else { clean.chars().take(80).collect() }
}
