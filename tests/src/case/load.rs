//! Finding the case files of a folder.

use super::model::Case;
use super::read::{CaseError, read_file};
use serde_json::Value;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Everything that a folder holds.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// The cases, by group and name.
    pub cases: Vec<Case>,
    /// Files of a JSONata test suite (`expr`, `data`, `result`).
    pub jsonata_files: usize,
    /// Other JSON files.
    pub other_files: usize,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A folder or file cannot be read.
    #[error("cannot read {}: {why}", path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// A case file is not as it should be.
    #[error("{}: {why}", path.display())]
    Case {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: CaseError,
    },
    /// Two cases share a name.
    #[error("{}: there is another case named `{name}`", path.display())]
    Twice {
        /// The second file.
        path: PathBuf,
        /// The name.
        name: String,
    },
}

/// Reads every `.json` file below the folder, in the order of their names.
pub fn load(folder: &Path) -> Result<Folder, LoadError> {
    let mut found = Folder::default();
    let mut names = HashSet::new();
    for path in json_files(folder)? {
        let text = fs::read_to_string(&path).map_err(|why| LoadError::Read { path: path.clone(), why })?;
        let Ok(file) = serde_json::from_str::<Value>(&text) else {
            found.other_files += 1;
            continue;
        };
        let Some(cases) = read_file(&file) else {
            if is_jsonata_suite(&file) {
                found.jsonata_files += 1
            } else {
                found.other_files += 1
            }
            continue;
        };
        for case in cases.map_err(|why| LoadError::Case { path: path.clone(), why })? {
            if !names.insert(case.name.clone()) {
                return Err(LoadError::Twice { path, name: case.name });
            }
            found.cases.push(case);
        }
    }
    found.cases.sort_by(|a, b| (&a.group, &a.name).cmp(&(&b.group, &b.name)));
    Ok(found)
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let failed = |why| LoadError::Read { path: folder.to_owned(), why };
    let mut entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            found.extend(json_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    Ok(found)
}

fn is_jsonata_suite(file: &Value) -> bool {
    let case = file.as_array().and_then(|cases| cases.first()).unwrap_or(file);
    case.get("expr").is_some() || case.get("expr-file").is_some()
}
