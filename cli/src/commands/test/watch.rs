//! `--watch`: what a change touches is run again.
//!
//! Files are looked at a few times a second: they are few, and this works the same everywhere, in containers and on
//! network drives too.

use super::load::Loaded;
use super::{TestArguments, execute, find, load, outcome};
use crate::error::CommandError;
use aslx_testing::{FileReport, Report};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// How often the files are looked at.
const PAUSE: Duration = Duration::from_millis(250);

/// When a file was changed, and how long it is; `None` if it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// What is known from one run to the next.
#[derive(Default)]
struct Watch {
    /// What came of each test file.
    reports: BTreeMap<PathBuf, FileReport>,
    /// The files that each test file depends on.
    touches: BTreeMap<PathBuf, Vec<PathBuf>>,
    stamps: BTreeMap<PathBuf, Stamp>,
}

/// Runs for ever.
pub(super) fn run(arguments: &TestArguments) -> Result<ExitCode, CommandError> {
    let mut watch = Watch::default();
    loop {
        let touched = watch.touched(&find::test_files(&arguments.paths).unwrap_or_default());
        if !touched.is_empty() {
            if let Err(error) = watch.round(&touched, arguments) {
                error.print();
            }
            eprintln!("\nwatching {} files; Ctrl-C ends it", watch.stamps.len());
        }
        std::thread::sleep(PAUSE);
    }
}

impl Watch {
    /// The test files that something was changed for since the last time; those that are gone are forgotten.
    fn touched(&mut self, files: &[PathBuf]) -> BTreeSet<PathBuf> {
        self.reports.retain(|file, _| files.contains(file));
        let mut stamps = BTreeMap::new();
        let mut touched = BTreeSet::new();
        for file in files {
            let own = std::slice::from_ref(file);
            for path in self.touches.get(file).map_or(own, |touches| touches) {
                let stamp = *stamps.entry(path.clone()).or_insert_with(|| stamp(path));
                if self.stamps.get(path) != Some(&stamp) {
                    touched.insert(file.clone());
                }
            }
        }
        self.stamps = stamps;
        touched
    }

    /// Runs these test files, and tells what came of all of them.
    fn round(&mut self, files: &BTreeSet<PathBuf>, arguments: &TestArguments) -> Result<(), CommandError> {
        let mut loaded = Vec::new();
        for file in files {
            match load::load(std::slice::from_ref(file), &arguments.settings, arguments.filter.as_deref()) {
                Ok(found) => loaded.extend(found),
                // It may be right again when something else is saved.
                Err(error) => {
                    self.reports.remove(file);
                    error.print();
                    // It may be about any file beside it.
                    self.touches.entry(file.clone()).or_insert_with(|| beside(file));
                }
            }
        }
        for Loaded { path, touches, .. } in &loaded {
            self.touches.insert(path.clone(), touches.clone());
            // What is changed from now on is a change.
            for touched in touches {
                self.stamps.entry(touched.clone()).or_insert_with(|| stamp(touched));
            }
        }
        let report = execute::execute(loaded, arguments)?;
        for file in report.files {
            self.reports.insert(file.path.clone(), file);
        }
        let all = Report { files: self.reports.values().cloned().collect(), wall: report.wall };
        outcome::tell(&all, arguments).map(drop)
    }
}

/// A file and its neighbours.
fn beside(file: &Path) -> Vec<PathBuf> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let neighbours = entries.map(|entry| entry.path()).filter(|path| path.is_file());
    std::iter::once(file.to_owned()).chain(neighbours).collect()
}

fn stamp(path: &Path) -> Stamp {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
