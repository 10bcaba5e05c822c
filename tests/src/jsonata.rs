//! The JSONata suite of the reference implementation: a folder with `groups` (cases) and `datasets` (their data).
//!
//! A case passes on its value or on the code of its error. What Step Functions refuses (operators newer than its
//! JSONata, `$eval`) is evaluated all the same, so that the evaluator is tested; that it is refused is listed apart.

use crate::case::{Kind, Language, LoadError};
use crate::runner::Verdict;
use aslx_asl::Timestamp;
use aslx_asl::jsonata::suite::{CaseResult, run_file};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What became of a suite.
#[derive(Debug, Clone, Default)]
pub struct Played {
    /// One for each case.
    pub verdicts: Vec<Verdict>,
    /// One more for each case that Step Functions refuses, with the construct as the reason; its name begins with
    /// `refused `.
    pub refused: Vec<Verdict>,
}

impl Played {
    /// How often each construct is refused, on one line.
    pub fn refusals(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for construct in self.refused.iter().filter_map(|verdict| verdict.reason.as_deref()) {
            *counts.entry(construct).or_default() += 1;
        }
        let counts: Vec<String> = counts.iter().map(|(construct, count)| format!("`{construct}` {count}")).collect();
        format!("refused in state machines: {}\n", counts.join(", "))
    }
}

/// Whether a folder holds a suite.
pub fn is_suite(folder: &Path) -> bool {
    folder.join("groups").is_dir() && folder.join("datasets").is_dir()
}

/// Plays all cases, in the order of their names.
pub fn play(folder: &Path) -> Result<Played, LoadError> {
    let groups = folder.join("groups");
    let mut files = Vec::new();
    for group in children(&groups)? {
        if group.is_dir() {
            files.extend(children(&group)?);
        }
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let read = |path: &str| fs::read_to_string(folder.join(path)).ok();
    let now = today();
    let mut played = Played::default();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|why| LoadError::Read { path: file.clone(), why })?;
        let name = file.strip_prefix(&groups).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        for result in run_file(&name, &text, &read, now) {
            if let Some(construct) = result.refused {
                played.refused.push(verdict(&format!("refused {}", result.name), &result, Some(construct.to_owned())));
            }
            played.verdicts.push(verdict(&result.name, &result, result.problem.clone()));
        }
    }
    Ok(played)
}

fn verdict(name: &str, result: &CaseResult, reason: Option<String>) -> Verdict {
    Verdict {
        name: name.to_owned(),
        group: result.name.split('/').next().unwrap_or_default().to_owned(),
        kind: Kind::Expression,
        language: Language::Jsonata,
        reason,
    }
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let failed = |why| LoadError::Read { path: folder.to_owned(), why };
    fs::read_dir(folder).map_err(failed)?.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}

#[expect(clippy::disallowed_methods, reason = "one case of the suite expects the date of today")]
fn today() -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_codes_files_and_refusals() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        assert!(!is_suite(folder.path()));
        write("datasets/d.json", r#"{"a":[1,2]}"#);
        write("groups/g/case1.json", r#"{"expr":"$sum(a)","dataset":"d","result":3}"#);
        write("groups/g/case2.json", r#"[{"expr":"1+'a'","code":"T2002"},{"expr":"1","result":2}]"#);
        write("groups/g/case3.json", r#"{"expr-file":"long.jsonata","data":[1],"undefinedResult":true}"#);
        write("groups/g/long.jsonata", "$[5]");
        write("groups/h/case.json", r#"{"expr":"a ?? 2","data":{},"result":2}"#);
        write("groups/h/half.json", r#"{"expr":"'\ud800'","result":"x"}"#);
        assert!(is_suite(folder.path()));
        let played = play(folder.path()).unwrap();
        let failed: Vec<(&str, bool)> =
            played.verdicts.iter().map(|verdict| (verdict.name.as_str(), verdict.reason.is_some())).collect();
        assert_eq!(
            failed,
            [
                ("g/case1.json", false),
                ("g/case2.json#0", false),
                ("g/case2.json#1", true),
                ("g/case3.json", false),
                ("h/case.json", false),
                ("h/half.json", true),
            ]
        );
        assert_eq!(played.refused.len(), 1);
        assert_eq!(played.refused[0].name, "refused h/case.json");
        assert_eq!(played.refusals(), "refused in state machines: `??` 1\n");
    }
}
