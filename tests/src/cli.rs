//! The command line of the `conformance` binary.

use crate::case::{Folder, Kind, Language, LoadError, load};
use crate::known::{Known, KnownError};
use crate::runner::{LIMIT, Selection, Verdict, play};
use crate::subject::Subject;
use crate::{jsonata, report};
use clap::Parser;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, process::ExitCode};

/// Play recorded cases and compare with what AWS answered.
#[derive(Debug, Parser)]
#[command(
    name = "conformance",
    after_help = "\
Exit codes:
  0  every case passed; with --known: the run is as the list says
  1  a case failed; with --known: a case off the list failed, or one on it passed or is gone
  2  the command line, DIR or a list cannot be used"
)]
pub struct Arguments {
    /// Folder of cases; every .json file below it is read.
    pub dir: PathBuf,
    /// Only these groups, with commas between.
    #[arg(long, value_name = "GROUP,…", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Only cases of this kind.
    #[arg(long)]
    pub kind: Option<Kind>,
    /// Only cases in this query language; a case is JSONata if any state of it is.
    #[arg(long)]
    pub language: Option<Language>,
    /// Write name, group, kind, language, passed and reason of every case to this file.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// List of cases that may fail: a name, two blanks and a reason per line. They have to fail.
    #[arg(long, value_name = "FILE")]
    pub known: Option<PathBuf>,
    /// Write the failures of this run as such a list. Reasons of --known stay.
    #[arg(long, value_name = "FILE")]
    pub write_known: Option<PathBuf>,
}

/// Why nothing could be played, or the outcome not be written.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The folder of cases.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A folder in another format.
    #[error("{} holds cases of a JSONata test suite without its folders `groups` and `datasets`", .0.display())]
    Jsonata(PathBuf),
    /// A folder without cases.
    #[error("{} holds no cases", .0.display())]
    Empty(PathBuf),
    /// A group that does not exist.
    #[error("there is no group `{name}`; there are: {groups}")]
    Group {
        /// What was asked for.
        name: String,
        /// What there is.
        groups: String,
    },
    /// The list of known failures.
    #[error("{}: {why}", path.display())]
    Known {
        /// The list.
        path: PathBuf,
        /// What is wrong with it.
        why: KnownError,
    },
    /// A file cannot be read or written.
    #[error("{}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// The report cannot be made.
    #[error("cannot write the report: {0}")]
    Report(#[from] serde_json::Error),
}

/// Runs the command with the arguments of the process.
pub fn main(subject: Arc<dyn Subject>) -> ExitCode {
    match run(&Arguments::parse(), &subject) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::from(2)
        }
    }
}

/// Runs the command; whether all is well.
pub fn run(arguments: &Arguments, subject: &Arc<dyn Subject>) -> Result<bool, CliError> {
    if jsonata::is_suite(&arguments.dir) {
        return run_suite(arguments);
    }
    let folder = load(&arguments.dir)?;
    check_folder(&folder, arguments)?;
    let known = arguments.known.as_deref().map(read_known).transpose()?;
    let selection = Selection { only: arguments.only.clone(), kind: arguments.kind, language: arguments.language };
    let names: Vec<String> = folder.cases.iter().map(|case| case.name.clone()).collect();
    let chosen: Vec<_> = folder.cases.into_iter().filter(|case| selection.includes(case)).collect();
    let verdicts = play(&chosen, subject, LIMIT);

    if let Some(path) = &arguments.json {
        write(path, &report::json(&verdicts)?)?;
    }
    if let Some(path) = &arguments.write_known {
        let old = known.clone().unwrap_or_default();
        write(path, &old.renewed(&verdicts, names.iter().map(String::as_str)))?;
    }
    let mut text = report::groups(&verdicts, known.as_ref());
    let mut well = verdicts.iter().all(|verdict| verdict.reason.is_none());
    if let (Some(known), Some(path)) = (&known, &arguments.known) {
        let found = known.deviation(&verdicts, names.iter().map(String::as_str));
        well = found.is_empty();
        text += &report::deviation(&found, &path.display().to_string());
    }
    text += &report::total(&verdicts);
    print(&text)?;
    Ok(well)
}

/// The same for a JSONata suite.
fn run_suite(arguments: &Arguments) -> Result<bool, CliError> {
    let known = arguments.known.as_deref().map(read_known).transpose()?;
    let played = jsonata::play(&arguments.dir)?;
    let chosen = |verdict: &&Verdict| {
        (arguments.only.is_empty() || arguments.only.contains(&verdict.group))
            && arguments.kind.is_none_or(|kind| kind == verdict.kind)
            && arguments.language.is_none_or(|language| language == verdict.language)
    };
    let listed: Vec<Verdict> = played.verdicts.iter().chain(&played.refused).cloned().collect();
    let names = || listed.iter().map(|verdict| verdict.name.as_str());
    let cases: Vec<Verdict> = played.verdicts.iter().filter(chosen).cloned().collect();
    let compared: Vec<Verdict> = listed.iter().filter(chosen).cloned().collect();
    if cases.is_empty() {
        return Err(CliError::Empty(arguments.dir.clone()));
    }
    if let Some(path) = &arguments.json {
        write(path, &report::json(&cases)?)?;
    }
    if let Some(path) = &arguments.write_known {
        write(path, &known.clone().unwrap_or_default().renewed(&compared, names()))?;
    }
    let mut text = report::groups(&cases, known.as_ref());
    let mut well = cases.iter().all(|verdict| verdict.reason.is_none());
    if let (Some(known), Some(path)) = (&known, &arguments.known) {
        let found = known.deviation(&compared, names());
        well = found.is_empty();
        text += &report::deviation(&found, &path.display().to_string());
    }
    text += &played.refusals();
    text += &report::total(&cases);
    print(&text)?;
    Ok(well)
}

fn check_folder(folder: &Folder, arguments: &Arguments) -> Result<(), CliError> {
    if folder.cases.is_empty() {
        let dir = arguments.dir.clone();
        return Err(if folder.jsonata_files > 0 { CliError::Jsonata(dir) } else { CliError::Empty(dir) });
    }
    for (files, what) in [
        (folder.jsonata_files, "of a JSONata test suite: name its folder to play them"),
        (folder.other_files, "hold no cases"),
    ] {
        if files > 0 {
            eprintln!("note: {files} files {what}");
        }
    }
    let mut groups: Vec<&str> = folder.cases.iter().map(|case| case.group.as_str()).collect();
    groups.dedup();
    match arguments.only.iter().find(|name| !groups.contains(&name.as_str())) {
        Some(name) => Err(CliError::Group { name: name.clone(), groups: groups.join(", ") }),
        None => Ok(()),
    }
}

fn read_known(path: &Path) -> Result<Known, CliError> {
    let text = fs::read_to_string(path).map_err(|why| CliError::File { path: path.to_owned(), why })?;
    Known::parse(&text).map_err(|why| CliError::Known { path: path.to_owned(), why })
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    fs::write(path, text).map_err(|why| CliError::File { path: path.to_owned(), why })
}

/// A reader that has gone away (`| head`) is no failure of the run.
fn print(text: &str) -> Result<(), CliError> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(CliError::File { path: "stdout".into(), why }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::ExecutionCase;
    use crate::subject::{Observed, Session, Setting, Unsupported};
    use serde_json::{Value, json};

    /// Succeeds with its input.
    struct Echo;

    impl Subject for Echo {
        fn execute(&self, case: &ExecutionCase) -> Result<Observed, Unsupported> {
            Ok(Observed { status: "SUCCEEDED".into(), output: Some(case.input.clone()), ..Observed::default() })
        }

        fn session(&self, _: &Setting) -> Result<Box<dyn Session>, Unsupported> {
            Err(Unsupported("judging".into()))
        }
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let case = |name: &str, output: Value| {
            json!({"name": name, "kind": "execution", "type": "STANDARD", "api": "StartExecution", "definition": {},
                "input": 1, "expect": {"status": "SUCCEEDED", "output": output}})
        };
        let file = json!({"group": "g", "cases": [case("good", json!(1)), case("bad", json!(2))]});
        fs::create_dir(folder.path().join("deep")).unwrap();
        fs::write(folder.path().join("deep/a.json"), file.to_string()).unwrap();
        fs::write(folder.path().join("b.json"), "{}").unwrap();
        folder
    }

    fn play(folder: &tempfile::TempDir, more: &[&str]) -> Result<bool, CliError> {
        let dir = folder.path().to_str().unwrap();
        let arguments = ["conformance", dir].into_iter().chain(more.iter().copied());
        let subject: Arc<dyn Subject> = Arc::new(Echo);
        run(&Arguments::try_parse_from(arguments).unwrap(), &subject)
    }

    #[test]
    fn a_failure_is_no_success_unless_it_is_known() {
        let folder = folder();
        assert!(!play(&folder, &[]).unwrap());
        assert!(play(&folder, &["--kind", "api"]).unwrap());
        let list = folder.path().join("known.txt");
        let list = list.to_str().unwrap();
        assert!(!play(&folder, &["--write-known", list]).unwrap());
        assert_eq!(fs::read_to_string(list).unwrap(), "bad  output: expected 2, got 1\n");
        assert!(play(&folder, &["--known", list]).unwrap());
        fs::write(list, "bad  why\ngood  why\n").unwrap();
        assert!(!play(&folder, &["--known", list]).unwrap());
        fs::write(list, "bad  why\ngone  why\n").unwrap();
        assert!(!play(&folder, &["--known", list]).unwrap());
        fs::write(list, "bad").unwrap();
        assert!(matches!(play(&folder, &["--known", list]), Err(CliError::Known { .. })));
    }

    #[test]
    fn the_report_names_every_case() {
        let folder = folder();
        let report = folder.path().join("report.txt");
        assert!(!play(&folder, &["--only", "g", "--json", report.to_str().unwrap()]).unwrap());
        let report: Value = serde_json::from_str(&fs::read_to_string(report).unwrap()).unwrap();
        let row = |name: &str, reason: Option<&str>| {
            json!({"name": name, "group": "g", "kind": "execution", "language": "jsonpath", "passed": reason.is_none(),
                "reason": reason})
        };
        assert_eq!(report, json!([row("bad", Some("output: expected 2, got 1")), row("good", None)]));
    }

    #[test]
    fn a_folder_that_cannot_be_played_is_an_error() {
        let given = folder();
        let error = play(&given, &["--only", "h"]).unwrap_err().to_string();
        assert_eq!(error, "there is no group `h`; there are: g");
        let empty = tempfile::tempdir().unwrap();
        assert!(matches!(play(&empty, &[]), Err(CliError::Empty(_))));
        fs::write(empty.path().join("case000.json"), r#"{"expr": "1", "result": 1}"#).unwrap();
        assert!(matches!(play(&empty, &[]), Err(CliError::Jsonata(_))));
        fs::copy(given.path().join("deep/a.json"), given.path().join("c.json")).unwrap();
        assert!(matches!(play(&given, &[]), Err(CliError::Load(LoadError::Twice { .. }))));
    }
}
