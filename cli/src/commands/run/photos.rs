//! Photos: found, uploaded, and run many at a time.

use super::execute::Runner;
use super::{Format, RunArguments, report};
use crate::error::CommandError;
use crate::terminal::stderr_is_terminal;
use aslx_asl::Value;
use aslx_engine::Data;
use aslx_engine::interpreter::Status;
use aslx_tasks::{Ports, handlers};
use futures_util::stream::{self, StreamExt};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// Endings of the files that a folder of photos is searched for.
const ENDINGS: [&str; 8] = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"];

/// A photo on this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Photo {
    pub(super) path: PathBuf,
}

/// The photos that are meant by files, folders and patterns. Errors: one that means none.
pub(super) fn find(wanted: &[String]) -> Result<Vec<Photo>, CommandError> {
    let mut photos = Vec::new();
    for one in wanted {
        let path = Path::new(one);
        let before = photos.len();
        if path.is_dir() {
            let entries = std::fs::read_dir(path)
                .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>())
                .map_err(|error| CommandError::usage(format!("the folder `{one}` cannot be read: {error}")))?;
            photos.extend(entries.into_iter().filter(|file| is_photo(file)).map(|path| Photo { path }));
        } else if path.is_file() {
            photos.push(Photo { path: path.to_owned() });
        } else {
            let paths =
                glob::glob(one).map_err(|error| CommandError::usage(format!("`{one}` is no pattern: {error}")))?;
            photos.extend(paths.flatten().filter(|file| is_photo(file)).map(|path| Photo { path }));
        }
        if photos.len() == before {
            return Err(CommandError::usage(format!("there is no photo `{one}`"))
                .help(format!("a folder or pattern is searched for {}", ENDINGS.join(", "))));
        }
    }
    photos.sort();
    photos.dedup();
    Ok(photos)
}

fn is_photo(file: &Path) -> bool {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    file.is_file() && ending.is_some_and(|ending| ENDINGS.contains(&&*ending))
}

impl Photo {
    /// Uploads the photo as a client would: asks for an address, puts the file there. Gives the event that follows:
    /// an object was created. An analysis recorded beside the photo goes along.
    pub(super) async fn upload(&self, ports: &Ports) -> Result<Data, CommandError> {
        let shown = self.path.display();
        let body = tokio::fs::read(&self.path)
            .await
            .map_err(|error| CommandError::usage(format!("the photo `{shown}` cannot be read: {error}")))?;
        let file_name = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let content_type = content_type(&self.path);
        let asked = json!({ "body": { "fileName": file_name, "contentType": content_type } });
        let failed =
            |error: &dyn std::fmt::Display| CommandError::usage(format!("`{shown}` cannot be uploaded: {error}"));
        let reply = handlers::upload(ports, &asked).await.map_err(|error| failed(&error))?;
        let granted: serde_json::Value = serde_json::from_str(&reply.body).map_err(|error| failed(&error))?;
        let Some(key) = granted.get("key").and_then(|key| key.as_str()) else {
            let reason = granted.get("error").and_then(|e| e.as_str()).unwrap_or("no key was granted");
            return Err(failed(&reason));
        };
        let bucket = &ports.settings.upload_bucket;
        let recorded = sidecar(&self.path);
        if let Ok(recording) = tokio::fs::read(&recorded).await {
            let beside = format!("{key}{}", aslx_tasks::offline::RECORDING_SUFFIX);
            let put = ports.bucket.put(bucket, &beside, recording, "application/json").await;
            put.map_err(|error| failed(&error))?;
        }
        ports.bucket.put(bucket, key, body, content_type).await.map_err(|error| failed(&error))?;
        Ok(Value::from_pairs([("bucket", bucket.as_str()), ("key", key)]).into())
    }
}

fn sidecar(photo: &Path) -> PathBuf {
    let mut name = photo.file_name().unwrap_or_default().to_owned();
    name.push(aslx_tasks::offline::RECORDING_SUFFIX);
    photo.with_file_name(name)
}

fn content_type(photo: &Path) -> &'static str {
    let ending = photo.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    match &*ending {
        "png" => "image/png",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        "tif" | "tiff" => "image/tiff",
        _ => "image/jpeg",
    }
}

/// Runs all photos, some at a time, with a line per photo.
pub(super) async fn run_all(
    runner: Arc<Runner>,
    photos: &[Photo],
    arguments: &RunArguments,
) -> Result<ExitCode, CommandError> {
    if arguments.history.is_some() {
        return Err(CommandError::usage("--history is for one execution, there are several photos")
            .help(format!("their histories are kept in {}", runner.data.join("executions").display())));
    }
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let jobs = arguments.jobs.map_or(2 * cores, usize::from);
    let target = if stderr_is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(photos.len() as u64), target);
    let template = "{bar:30} {pos} of {len} photos, {per_sec}, {eta} left";
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    #[expect(clippy::disallowed_methods, reason = "tells how long the whole run took")]
    let begun = Instant::now();
    let mut failed = 0usize;
    let mut running = stream::iter(photos.iter().cloned())
        .map(|photo| {
            let runner = runner.clone();
            // On runtime tasks of their own, so that all cores work.
            tokio::spawn(async move {
                let event = photo.upload(runner.ports()).await?;
                let done = runner.execute(event, None).await?;
                let history = runner.keep(&done)?;
                Ok::<_, CommandError>((photo, done, history))
            })
        })
        .buffer_unordered(jobs);
    let mut broken = None;
    while let Some(result) = running.next().await {
        bar.inc(1);
        let result = result.map_err(|error| CommandError::usage(format!("a worker ended early: {error}")));
        match result.and_then(|result| result) {
            Ok((photo, done, history)) => {
                failed += usize::from(done.finished.outcome.status != Status::Succeeded);
                let line = match arguments.format {
                    Format::Json => report::json(&done, Some(&photo)).to_string(),
                    Format::Human => report::line(&photo, &done, &history),
                };
                bar.suspend(|| report::print(&line));
            }
            Err(error) => {
                failed += 1;
                bar.suspend(|| error.print());
                broken = Some(error);
            }
        }
    }
    bar.finish_and_clear();
    if arguments.format == Format::Human {
        report::summary(photos.len(), failed, begun.elapsed());
    }
    match broken {
        Some(error) => Ok(error.exit_code()),
        None => Ok(ExitCode::from(u8::from(failed > 0))),
    }
}
