//! What is written beside the report on standard output: reports for other tools, and coverage.

use super::TestArguments;
use crate::error::CommandError;
use aslx_engine::{Clock, SystemClock};
use aslx_testing::coverage::{Coverage, CoverageFormat};
use aslx_testing::report::Form;
use aslx_testing::{Report, ReportFormat};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// `FORMAT=FILE` of `--report`.
pub(super) fn report_target(text: &str) -> Result<(Form, PathBuf), String> {
    let names = || Form::ALL.map(Form::name).join(", ");
    let (name, file) = text.split_once('=').ok_or_else(|| format!("expected FORMAT=FILE, with one of {}", names()))?;
    let form = Form::ALL.into_iter().find(|form| form.name() == name);
    match form {
        Some(form) if !file.is_empty() => Ok((form, file.into())),
        Some(_) => Err("expected a file after `=`".to_owned()),
        None => Err(format!("no report is called `{name}`, there are {}", names())),
    }
}

/// `FORMAT` or `FORMAT=FILE` of `--coverage`.
pub(super) fn coverage_target(text: &str) -> Result<(CoverageFormat, PathBuf), String> {
    let (name, file) = text.split_once('=').unwrap_or((text, ""));
    let format = CoverageFormat::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
        let names = CoverageFormat::ALL.map(CoverageFormat::name).join(", ");
        format!("no format of coverage is called `{name}`, there are {names}")
    })?;
    Ok((format, if file.is_empty() { format.default_file().into() } else { file.into() }))
}

/// Writes the files that were asked for.
pub(super) fn write(report: &Report, coverage: &Coverage, arguments: &TestArguments) -> Result<(), CommandError> {
    for (form, file) in &arguments.report {
        let mut text = Vec::new();
        let written = form.write(report, &mut text).and_then(|()| put(file, &text, form.appends()));
        written.map_err(|error| cannot_write(file, &error))?;
    }
    for (format, file) in &arguments.coverage {
        for (file, text) in format.files(coverage, file, SystemClock.now()) {
            put(&file, text.as_bytes(), false).map_err(|error| cannot_write(&file, &error))?;
        }
    }
    Ok(())
}

fn put(file: &Path, text: &[u8], append: bool) -> std::io::Result<()> {
    if file == Path::new("-") {
        return std::io::stdout().write_all(text);
    }
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).write(true);
    if append {
        options.append(true)
    } else {
        options.truncate(true)
    };
    options.open(file)?.write_all(text)
}

fn cannot_write(file: &Path, error: &std::io::Error) -> CommandError {
    CommandError::usage(format!("`{}` cannot be written: {error}", file.display()))
}
