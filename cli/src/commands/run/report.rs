//! What happened, for people and for scripts.

use super::execute::{Done, Runner, history_json, write_whole};
use super::photos::Photo;
use super::why::why;
use super::{ClockChoice, Format, RunArguments};
use crate::error::CommandError;
use crate::terminal::{Style, bytes};
use aslx_engine::history::view::{RunTree, duration, message_of, shorten};
use aslx_engine::interpreter::Status;
use serde_json::Value as Json;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Writes a line to standard output. A reader that has gone away is no reason to crash.
pub(super) fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Reports one execution, keeps its history, and says how it ended.
pub(super) fn one(
    runner: &Runner,
    photo: Option<&Photo>,
    done: Done,
    arguments: &RunArguments,
) -> Result<ExitCode, CommandError> {
    let kept = runner.keep(&done)?;
    match arguments.history.as_deref() {
        Some("-") => print(history_json(&done.finished).trim_end()),
        Some(file) => write_whole(Path::new(file), history_json(&done.finished).as_bytes())?,
        None => {}
    }
    match arguments.format {
        Format::Json => print(&json(&done, None).to_string()),
        // The history has standard output to itself.
        Format::Human if arguments.history.as_deref() == Some("-") => {
            eprintln!("{}", human(runner, photo, &done, &kept, arguments, Style::of_stderr()));
        }
        Format::Human => print(&human(runner, photo, &done, &kept, arguments, Style::of_stdout())),
    }
    Ok(ExitCode::from(u8::from(done.finished.outcome.status != Status::Succeeded)))
}

/// Status, output, error and cause as DescribeExecution has them, the output as a JSON value.
pub(super) fn json(done: &Done, photo: Option<&Photo>) -> Json {
    let outcome = &done.finished.outcome;
    let mut object = serde_json::Map::new();
    if let Some(photo) = photo {
        object.insert("image".into(), photo.path.display().to_string().into());
    }
    object.insert("status".into(), outcome.status.name().into());
    if let Some(output) = &outcome.output {
        object.insert("output".into(), output.value().into());
    }
    for (name, value) in [("error", &outcome.error), ("cause", &outcome.cause)] {
        if let Some(value) = value {
            object.insert(name.into(), value.to_string().into());
        }
    }
    Json::Object(object)
}

/// The whole story of one execution.
fn human(
    runner: &Runner,
    photo: Option<&Photo>,
    done: &Done,
    kept: &Path,
    arguments: &RunArguments,
    style: Style,
) -> String {
    let mut lines: Vec<String> = Vec::new();
    let finished = &done.finished;
    let outcome = &finished.outcome;
    let mut title = style.bold(&runner.machine);
    if let Some(photo) = photo {
        let size = std::fs::metadata(&photo.path).map(|meta| bytes(meta.len())).unwrap_or_default();
        title.push_str(&format!("  {} · {size}", photo.path.display()));
    }
    lines.push(title);
    lines.push(String::new());
    let mut tree = match arguments.clock {
        ClockChoice::Real => RunTree::new(),
        ClockChoice::Virtual => RunTree::in_virtual_time(),
    };
    finished.history.iter().for_each(|event| tree.apply(event));
    lines.push(tree.render(100, style.colour(), finished.stopped).trim_end().to_owned());
    lines.push(String::new());
    let took = duration(finished.stopped.as_millis() - finished.started.as_millis());
    let modelled = if arguments.clock == ClockChoice::Virtual { " (modelled time)" } else { "" };
    match outcome.status {
        Status::Succeeded => lines.push(format!("{} in {took}{modelled}", style.green("SUCCEEDED"))),
        status => lines.push(format!("{} after {took}{modelled}", style.red(status.name()))),
    }
    if outcome.status == Status::Succeeded {
        match (photo, &outcome.output) {
            (Some(_), _) => lines.extend(files(runner, done)),
            (None, Some(output)) => lines.push(format!("  output   {}", shorten(&output.text(), 400))),
            _ => {}
        }
    } else {
        let text = |value: &Option<std::sync::Arc<str>>| value.as_deref().unwrap_or("(none)").to_owned();
        if let Some(failed) = tree.failed() {
            lines.push(format!("  state    {}", failed.state));
            if let Some(input) = &failed.input {
                lines.push(format!("  input    {}", shorten(input, 200)));
            }
        }
        lines.push(format!("  error    {}", text(&outcome.error)));
        lines.push(format!("  cause    {}", shorten(&text(&outcome.cause), 400)));
        if let (Some(failed), Some(error)) = (tree.failed(), &outcome.error) {
            for (index, line) in why(runner.program(), &failed.state, error).iter().enumerate() {
                lines.push(format!("  {:<8} {line}", if index == 0 { "why" } else { "" }));
            }
        }
    }
    lines.push(format!("  {}  {}", style.dim("history"), style.dim(&format!("aslx history {}", kept.display()))));
    lines.join("\n")
}

/// Where the thumbnails are, and what was announced.
fn files(runner: &Runner, done: &Done) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(output) = &done.finished.outcome.output else { return lines };
    let output = Json::from(output.value());
    let mut found = Vec::new();
    collect(&output, "thumbnails", &mut found);
    let bucket = &runner.ports().settings.upload_bucket;
    for thumbnails in found {
        let Some(sizes) = thumbnails.as_object() else { continue };
        for (size, key) in sizes {
            if let Some(key) = key.as_str() {
                let path = runner.data.join("buckets").join(bucket).join(key);
                lines.push(format!("  {size:<8} {}", path.display()));
            }
        }
    }
    let message = done.finished.history.iter().rev().find_map(|event| {
        let details = event.to_json();
        let parameters = details.pointer("/taskScheduledEventDetails/parameters")?.as_str()?.to_owned();
        let parameters: Json = serde_json::from_str(&parameters).ok()?;
        Some(parameters.get("Message")?.as_str()?.to_owned())
    });
    if let Some(message) = message {
        lines.push(format!("  message  {message}"));
    }
    lines
}

/// All members of this name, anywhere in a value.
fn collect<'v>(value: &'v Json, name: &str, found: &mut Vec<&'v Json>) {
    match value {
        Json::Object(members) => {
            for (member, inner) in members {
                if member == name {
                    found.push(inner);
                } else {
                    collect(inner, name, found);
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| collect(item, name, found)),
        _ => {}
    }
}

/// One photo of many.
pub(super) fn line(photo: &Photo, done: &Done, history: &Path) -> String {
    let style = Style::of_stdout();
    let finished = &done.finished;
    let took = duration(finished.stopped.as_millis() - finished.started.as_millis());
    let shown = photo.path.display();
    match finished.outcome.status {
        Status::Succeeded => format!("{} {shown}  {took}", style.green("✓")),
        status => {
            let error = finished.outcome.error.as_deref().unwrap_or(status.name());
            let cause = shorten(&message_of(finished.outcome.cause.as_deref().unwrap_or("")), 80);
            let more = style.dim(&format!("aslx history {}", history.display()));
            format!("{} {shown}  {took}  {error}  {cause}\n    {more}", style.red("✗"))
        }
    }
}

/// The last line of many photos.
pub(super) fn summary(count: usize, failed: usize, took: Duration) {
    let rate = count as f64 / took.as_secs_f64().max(0.001) * 60.0;
    let took = duration(i64::try_from(took.as_millis()).unwrap_or(i64::MAX));
    let succeeded = count - failed;
    print(&format!("\n{succeeded} of {count} photos succeeded in {took}, {rate:.0} a minute"));
}
