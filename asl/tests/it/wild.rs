//! Definitions that their authors deployed: all of them must pass. They are not part of this repository: the test runs
//! where `ASLX_CONFORMANCE` names a folder that has them in `wild/`.

use aslx_asl::diagnostic::render;
use aslx_asl::syntax::Document;
use aslx_asl::{CompileOptions, LintSettings, Severity, check};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Files that may fail, with the code of the only error that they may have.
const KNOWN: &str = include_str!("../wild-known.txt");

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment what to do")]
fn deployed_definitions_pass() {
    let Some(folder) = std::env::var_os("ASLX_CONFORMANCE") else { return };
    let known: BTreeMap<&str, &str> = KNOWN
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .map(|(file, code)| (file, code.trim()))
        .collect();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(PathBuf::from(folder).join("wild")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    assert!(!files.is_empty());
    let options = CompileOptions { allow_unresolved: true, ..CompileOptions::default() };
    let mut wrong = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let document = match Document::read(&name, &text) {
            Ok(document) => document,
            Err(why) => {
                wrong += &render(&why, &name, &text, false);
                continue;
            }
        };
        let compiled = check(document, &options, &LintSettings::default());
        let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.severity() == Severity::Error).collect();
        let allowed = known.get(name.as_str()).copied();
        if allowed.is_some() && errors.is_empty() {
            wrong += &format!("{name} passes: take it off the list\n");
        }
        for error in errors.iter().filter(|error| Some(error.code()) != allowed) {
            wrong += &render(error, &name, &text, false);
        }
        if errors.is_empty() && compiled.program.is_none() {
            wrong += &format!("{name} has no error and no program\n");
        }
        if std::env::var_os("ASLX_WARNINGS").is_some() {
            let warnings = compiled.diagnostics.iter().filter(|d| d.severity() == Severity::Warning);
            for warning in warnings.filter(|d| d.code() != "UNRESOLVED_SUBSTITUTION") {
                eprint!("{}", render(warning, &name, &text, false));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
