//! Which test files are meant.

use crate::error::CommandError;
use aslx_testing::file::is_test_file;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Folders in which nobody keeps tests of their own.
const SKIPPED: [&str; 2] = ["node_modules", "target"];

/// The test files that are named, below the folders that are named, and beside the definitions that are named; sorted.
pub(super) fn test_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CommandError> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut found = BTreeSet::new();
    for path in paths {
        let before = found.len();
        if path.is_dir() {
            walk(path, &mut found)?;
        } else if is_test_file(path) {
            found.insert(path.clone());
        } else if path.is_file() {
            beside(path, &mut found)?;
        } else {
            return Err(CommandError::usage(format!("there is no file or folder `{}`", path.display())));
        }
        if found.len() == before {
            return Err(nothing(path));
        }
    }
    Ok(found.into_iter().collect())
}

fn nothing(path: &Path) -> CommandError {
    let what = if path.is_dir() { "below the folder" } else { "for the definition" };
    CommandError::usage(format!("there is no test file {what} `{}`", path.display()))
        .help("a test file is named *.test.yaml, *.test.yml or *.test.json, and lies beside its definition")
}

fn walk(folder: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), CommandError> {
    for path in entries(folder)? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() && !path.is_symlink() {
            if !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
                walk(&path, found)?;
            }
        } else if is_test_file(&path) {
            // As a person would write it.
            found.insert(path.strip_prefix("./").map(Path::to_owned).unwrap_or(path));
        }
    }
    Ok(())
}

/// `order.asl.json` is tested by `order.test.yaml` and `order-refunds.test.yaml`.
fn beside(definition: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), CommandError> {
    let folder = match definition.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = definition.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    for path in entries(folder)? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if is_test_file(&path) && name.strip_prefix(stem).is_some_and(|rest| rest.starts_with(['.', '-'])) {
            found.insert(path.strip_prefix("./").map(Path::to_owned).unwrap_or(path));
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(|error| CommandError::usage(format!("the folder `{}` cannot be read: {error}", folder.display())))
}
