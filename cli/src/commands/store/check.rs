//! `aslx store check`.

use super::{CheckArguments, Form, Progress, failed, now, refused, there_is_one};
use crate::error::CommandError;
use aslx_engine::SystemClock;
use aslx_engine::store::{Checked, Finding, OpenError, SqliteStore};
use futures_util::FutureExt;
use serde_json::json;
use std::process::ExitCode;

pub(super) fn run(arguments: &CheckArguments) -> Result<ExitCode, CommandError> {
    there_is_one(&arguments.directory)?;
    let checked = match SqliteStore::open(&arguments.directory, &SystemClock) {
        Ok(store) => look(&store, arguments.all)?,
        // That is what was asked.
        Err(error @ (OpenError::Sqlite(_) | OpenError::Inbox(_))) => {
            let what = error.to_string();
            Checked { findings: vec![Finding { journal: None, what }], ..Checked::default() }
        }
        Err(error) => return Err(refused(&error, &arguments.directory)),
    };
    match arguments.format {
        Form::Human => tell(&checked),
        Form::Json => {
            let finding = |finding: &Finding| json!({ "arn": finding.journal, "what": finding.what });
            let findings: Vec<_> = checked.findings.iter().map(finding).collect();
            println!(
                "{}",
                json!({
                    "journals": checked.journals, "replayed": checked.replayed, "findings": findings
                })
            );
        }
    }
    Ok(if checked.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn look(store: &SqliteStore, all: bool) -> Result<Checked, CommandError> {
    let mut progress = Progress::new("checked");
    let mut checked =
        store.check_telling(all, &mut |done, of| progress.at(done, Some(of))).map_err(|error| failed(&error))?;
    drop(progress);
    let records = async { aslx_server::check_records(store).await.map_err(|error| failed(&error)) };
    match now(records.now_or_never()) {
        Ok(wrong) => {
            let about = |what| Finding { journal: None, what };
            checked.findings.extend(wrong.into_iter().map(about));
        }
        // The findings so far say why.
        Err(_) if !checked.findings.is_empty() => {}
        Err(error) => return Err(error),
    }
    Ok(checked)
}

fn tell(checked: &Checked) {
    for finding in &checked.findings {
        println!("{finding}");
    }
    let verdict = match checked.findings.len() {
        0 => "all is as it was written".to_owned(),
        1 => "1 thing is not as it was written".to_owned(),
        wrong => format!("{wrong} things are not as they were written"),
    };
    let noun = if checked.journals == 1 { "journal" } else { "journals" };
    println!("{} {noun}, {} replayed: {verdict}", checked.journals, checked.replayed);
}
