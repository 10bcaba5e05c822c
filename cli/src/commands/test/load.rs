//! Test files read, and their definitions compiled: each once.

use crate::definition::Definition;
use crate::error::CommandError;
use aslx_testing::Tested;
use aslx_testing::file::{Case, TestFile};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A test file whose cases can be run.
pub(super) struct Loaded {
    pub(super) path: PathBuf,
    pub(super) cases: Vec<(Case, Arc<Tested>)>,
    /// The files that it depends on, itself among them.
    pub(super) touches: Vec<PathBuf>,
}

type Settings = BTreeMap<String, String>;

/// Reads the files. Files of which no case is left by the filter are left out.
///
/// Errors: a test file or a definition that is not valid; nothing is run then.
pub(super) fn load(
    files: &[PathBuf],
    settings: &[(String, String)],
    filter: Option<&str>,
) -> Result<Vec<Loaded>, CommandError> {
    let mut compiled: HashMap<(PathBuf, Settings), Arc<Tested>> = HashMap::new();
    let mut loaded = Vec::new();
    for path in files {
        let mut cases = Vec::new();
        let mut touches = BTreeSet::from([path.clone()]);
        for case in read(path, &mut touches)?.cases {
            let wanted = filter.is_none_or(|text| case.name.contains(text) || path.to_string_lossy().contains(text));
            if !wanted {
                continue;
            }
            let definition = match &case.definition {
                Some(definition) => definition.clone(),
                None => definition_of(path)?,
            };
            let mut substitutions = case.substitutions.clone();
            substitutions.extend(settings.iter().cloned());
            if let Ok((file, _)) = crate::definition::find(&definition) {
                touches.insert(file.with_file_name(crate::project::FILE_NAME));
                touches.insert(file);
            }
            touches.extend(case.objects.iter().map(|(_, file)| file.clone()));
            let key = (definition, substitutions);
            let tested = match compiled.get(&key) {
                Some(tested) => tested.clone(),
                None => {
                    let tested = compile(&key.0, &key.1)?;
                    compiled.insert(key, tested.clone());
                    tested
                }
            };
            cases.push((case, tested));
        }
        if !cases.is_empty() {
            loaded.push(Loaded { path: path.clone(), cases, touches: touches.into_iter().collect() });
        }
    }
    match filter {
        Some(text) if loaded.is_empty() => {
            Err(CommandError::usage(format!("no case has `{text}` in its name or in that of its file")))
        }
        _ => Ok(loaded),
    }
}

/// Reads a test file; `touches` gets the files that it names.
fn read(path: &Path, touches: &mut BTreeSet<PathBuf>) -> Result<TestFile, CommandError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| CommandError::usage(format!("`{}` cannot be read: {error}", path.display())))?;
    let read = RefCell::new(touches);
    let text_of = |path: &Path| {
        read.borrow_mut().insert(path.to_owned());
        std::fs::read_to_string(path)
    };
    TestFile::read(path, &text, &text_of).map_err(|error| CommandError::Definition {
        file: error.file.display().to_string(),
        text: error.text.to_string(),
        diagnostics: error.diagnostics,
    })
}

fn compile(path: &Path, substitutions: &Settings) -> Result<Arc<Tested>, CommandError> {
    let settings: Vec<(String, String)> = substitutions.clone().into_iter().collect();
    let (file, _) = crate::definition::find(path)?;
    let definition = Definition::load(path, &settings)?;
    Ok(Arc::new(Tested { path: file, name: definition.name, program: definition.program }))
}

/// `order.test.yaml` is about `order.asl.json`, or another definition of that name, or else the only one of its folder.
fn definition_of(test_file: &Path) -> Result<PathBuf, CommandError> {
    let name = test_file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.split(".test.").next().unwrap_or_default();
    let folder = test_file.parent().unwrap_or(Path::new(""));
    let candidates = crate::definition::ENDINGS.iter().map(|ending| folder.join(format!("{stem}{ending}")));
    if let Some(found) = candidates.into_iter().find(|path| path.is_file()) {
        return Ok(found);
    }
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let (path, _) = crate::definition::find(folder).map_err(|error| {
        error.help(format!("`definition` in {} names the definition that it tests", test_file.display()))
    })?;
    Ok(path.strip_prefix("./").map(Path::to_owned).unwrap_or(path))
}
