//! JSON for scripts. `version` is 1; members may be added.

use super::failed;
use crate::{CaseReport, Failure, FileReport, Place, Report};
use serde_json::{Value, json};
use std::io;
use std::time::Duration;

pub(super) fn write(report: &Report, to: &mut dyn io::Write) -> io::Result<()> {
    let failed: usize = report.files.iter().map(|file| failed(&file.cases)).sum();
    let value = json!({
        "version": 1,
        "passed": report.cases().count() - failed,
        "failed": failed,
        "wallMillis": millis(report.wall),
        "modelledMillis": millis(report.modelled()),
        "files": report.files.iter().map(file).collect::<Vec<_>>(),
    });
    writeln!(to, "{value:#}")
}

fn file(file: &FileReport) -> Value {
    json!({ "path": file.path.display().to_string(), "cases": file.cases.iter().map(case).collect::<Vec<_>>() })
}

fn case(case: &CaseReport) -> Value {
    json!({
        "name": case.name,
        "place": case.place.as_ref().map(place),
        "definition": case.tested.path.display().to_string(),
        "passed": case.outcome.passed(),
        "status": case.run.as_ref().map(|run| run.outcome.status.name()),
        "wallMillis": millis(case.wall),
        "modelledMillis": millis(case.modelled),
        "failures": case.outcome.failures().iter().map(failure).collect::<Vec<_>>(),
    })
}

fn failure(failure: &Failure) -> Value {
    json!({
        "title": failure.title,
        "details": failure.details,
        "place": failure.place.as_ref().map(place),
        "help": failure.help,
    })
}

fn place(place: &Place) -> Value {
    json!({ "file": &*place.file, "line": place.line })
}

/// Milliseconds, to a thousandth of one.
fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}
