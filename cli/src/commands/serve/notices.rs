//! What the server tells: a line per execution on the terminal, events and logs in files.

use super::ServeArguments;
use super::told::{Events, events};
use crate::error::CommandError;
use crate::terminal::Style;
use aslx_engine::interpreter::Status;
use aslx_server::{Interest, Notice};
use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::{LineWriter, Write};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Where notices go.
pub(super) struct Outlets {
    quiet: bool,
    events: Option<LineWriter<File>>,
    logs: Option<LineWriter<File>>,
}

impl Outlets {
    /// Errors: a file cannot be appended to.
    pub(super) fn open(arguments: &ServeArguments) -> Result<Outlets, CommandError> {
        let events = match events(arguments) {
            Some(Events::File(file)) => Some(append(file)?),
            Some(Events::Webhook(_)) | None => None,
        };
        let logs = arguments.logs.as_deref().map(append).transpose()?;
        Ok(Outlets { quiet: arguments.quiet, events, logs })
    }

    /// What is written: other notices need not be made.
    pub(super) fn interest(&self) -> Interest {
        Interest { status: self.events.is_some(), logs: self.logs.is_some(), ends: !self.quiet }
    }

    /// Writes notices until there are no more.
    pub(super) async fn tell(mut self, mut notices: mpsc::Receiver<Notice>) {
        let style = Style::of_stdout();
        while let Some(notice) = notices.recv().await {
            match notice {
                Notice::Status(event) => write(&mut self.events, &event),
                Notice::Log(line) => write(&mut self.logs, &line),
                Notice::Ended { execution, status, millis } if !self.quiet => {
                    println!("{}", line(&style, &execution, status, millis));
                }
                Notice::Ended { .. } => {}
                Notice::Trouble(what) => eprintln!("{what}"),
            }
        }
    }
}

/// `SUCCEEDED     0.012 s  order:7d1…`
fn line(style: &Style, execution: &Arc<str>, status: Status, millis: i64) -> String {
    let name = execution.splitn(7, ':').nth(6).unwrap_or(execution);
    let word = format!("{:<9}", status.name());
    let word = if status == Status::Succeeded { style.green(&word) } else { style.red(&word) };
    format!("{word} {:>9.3} s  {name}", millis as f64 / 1000.0)
}

fn append(file: &Path) -> Result<LineWriter<File>, CommandError> {
    let opened = OpenOptions::new().create(true).append(true).open(file);
    opened
        .map(LineWriter::new)
        .map_err(|error| CommandError::usage(format!("`{}` cannot be written: {error}", file.display())))
}

fn write(file: &mut Option<LineWriter<File>>, line: &impl Display) {
    if let Some(writer) = file
        && let Err(error) = writeln!(writer, "{line}")
    {
        eprintln!("notices are not written any more: {error}");
        *file = None;
    }
}
