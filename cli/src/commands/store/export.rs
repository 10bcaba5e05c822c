//! `aslx store export DIR --to FOLDER`: everything, in files. The folder is there when all of it is.

use super::{Form, Progress, failed, now, one, open};
use crate::error::CommandError;
use aslx_engine::store::{JournalKind, Listing, Scope, SqliteStore, Store, Summary};
use futures_util::FutureExt;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Journals or records that are asked for at a time.
const PAGE: usize = 500;

pub(super) fn run(directory: &Path, to: &Path, form: Form) -> Result<ExitCode, CommandError> {
    let store = open(directory)?;
    let refused = |why: &str| CommandError::usage(format!("`{}` {why}", to.display())).help("name a new folder");
    match fs::read_dir(to).map(|mut entries| entries.next().is_some()) {
        Ok(true) => return Err(refused("is not empty")),
        Ok(false) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(refused(&format!("cannot be used: {error}"))),
    }
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(format!(".unfinished-{}", std::process::id()));
    let unfinished = to.with_file_name(name);
    let written = Export::new(&store, &unfinished).and_then(|export| now(export.everything().now_or_never()));
    let written = written.and_then(|counts| {
        fs::rename(&unfinished, to).map_err(|error| cannot(to, &error))?;
        Ok(counts)
    });
    let counts = match written {
        Ok(counts) => counts,
        Err(error) => {
            // What was half done is of no use; if it cannot be removed, its name says what it is.
            let _ = fs::remove_dir_all(&unfinished);
            return Err(error);
        }
    };
    match form {
        Form::Json => println!("{}", counts.to_json()),
        Form::Human => {
            let Counts { executions, map_runs, definitions, records } = counts;
            println!(
                "{executions} executions, {map_runs} map runs, {definitions} definitions and {records} records are in {}",
                to.display()
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What was written.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    executions: u64,
    map_runs: u64,
    definitions: u64,
    records: u64,
}

impl Counts {
    fn to_json(self) -> Json {
        let Counts { executions, map_runs, definitions, records } = self;
        json!({ "format": "aslx export", "version": 1, "executions": executions, "mapRuns": map_runs,
            "definitions": definitions, "records": records })
    }
}

struct Export<'s> {
    store: &'s SqliteStore,
    folder: PathBuf,
    list: BufWriter<fs::File>,
    definitions: BTreeSet<Arc<str>>,
    counts: Counts,
    progress: Progress,
}

impl<'s> Export<'s> {
    fn new(store: &'s SqliteStore, folder: &Path) -> Result<Export<'s>, CommandError> {
        for part in ["", "journals", "histories", "definitions"] {
            let part = folder.join(part);
            fs::create_dir_all(&part).map_err(|error| cannot(&part, &error))?;
        }
        let file = folder.join("journals.jsonl");
        let list = fs::File::create(&file).map_err(|error| cannot(&file, &error))?;
        Ok(Export {
            store,
            folder: folder.to_owned(),
            list: BufWriter::new(list),
            definitions: BTreeSet::new(),
            counts: Counts::default(),
            progress: Progress::new("written"),
        })
    }

    async fn everything(mut self) -> Result<Counts, CommandError> {
        // Parents come before what belongs to them.
        let mut scopes = vec![(Scope::All, JournalKind::Execution)];
        while let Some((scope, kind)) = scopes.pop() {
            let mut listing = Listing { kind, ..Listing::of(scope, PAGE) };
            loop {
                let page = self.store.list(listing.clone()).await.map_err(|error| failed(&error))?;
                for (arn, summary) in page.found {
                    self.journal(&arn, &summary).await?;
                    let below = match kind {
                        JournalKind::Execution => JournalKind::MapRun,
                        JournalKind::MapRun => JournalKind::Execution,
                    };
                    if self.has(&arn, below).await? {
                        scopes.push((Scope::Parent(arn), below));
                    }
                }
                listing.after = page.next;
                if listing.after.is_none() {
                    break;
                }
            }
        }
        self.list.flush().map_err(|error| cannot(&self.folder, &error))?;
        self.records().await?;
        self.write("export.json", format!("{}\n", self.counts.to_json()).as_bytes())?;
        Ok(self.counts)
    }

    /// Whether something belongs to this journal.
    async fn has(&self, arn: &Arc<str>, kind: JournalKind) -> Result<bool, CommandError> {
        let listing = Listing { kind, ..Listing::of(Scope::Parent(arn.clone()), 1) };
        Ok(!self.store.list(listing).await.map_err(|error| failed(&error))?.found.is_empty())
    }

    async fn journal(&mut self, arn: &Arc<str>, summary: &Summary) -> Result<(), CommandError> {
        let number = self.counts.executions + self.counts.map_runs + 1;
        let stored = self.store.journal(arn).await.map_err(|error| failed(&error))?;
        let file = format!("journals/{number:06}.journal.jsonl");
        self.write(&file, &one::journal(arn, summary, &stored)?)?;
        let history = match summary.kind {
            JournalKind::Execution => {
                let file = format!("histories/{number:06}.history.json");
                self.write(&file, &one::history(self.store, arn, summary, &stored).await?)?;
                self.counts.executions += 1;
                Some(file)
            }
            JournalKind::MapRun => {
                self.counts.map_runs += 1;
                None
            }
        };
        self.definition(&summary.program).await?;
        let outcome = self.store.outcome(arn).await.map_err(|error| failed(&error))?;
        let line = line(arn, summary, outcome.as_ref(), &file, history.as_deref());
        writeln!(self.list, "{line}").map_err(|error| cannot(&self.folder, &error))?;
        self.progress.at(number, None);
        Ok(())
    }

    async fn definition(&mut self, hash: &Arc<str>) -> Result<(), CommandError> {
        if !self.definitions.insert(hash.clone()) {
            return Ok(());
        }
        let text = self.store.definition(hash).await.map_err(|error| failed(&error))?;
        let text = text.ok_or_else(|| CommandError::usage(format!("the definition `{hash}` is not in the store")))?;
        self.counts.definitions += 1;
        self.write(&format!("definitions/{hash}.asl.json"), text.as_bytes())
    }

    async fn records(&mut self) -> Result<(), CommandError> {
        let mut text = Vec::new();
        for kind in self.store.kinds().map_err(|error| failed(&error))? {
            let mut after: Option<Arc<str>> = None;
            loop {
                let batch = self.store.records(&kind, "", after.as_deref(), PAGE).await;
                let batch = batch.map_err(|error| failed(&error))?;
                let Some((last, _)) = batch.last() else { break };
                after = Some(last.clone());
                for (key, value) in batch {
                    // What servers keep is JSON or text.
                    let value = serde_json::from_slice(&value)
                        .unwrap_or_else(|_| Json::String(String::from_utf8_lossy(&value).into_owned()));
                    // A vector takes every byte.
                    let _ = writeln!(text, "{}", json!({ "kind": kind, "key": key, "value": value }));
                    self.counts.records += 1;
                }
            }
        }
        self.write("records.jsonl", &text)
    }

    fn write(&self, name: &str, text: &[u8]) -> Result<(), CommandError> {
        let file = self.folder.join(name);
        fs::write(&file, text).map_err(|error| cannot(&file, &error))
    }
}

/// What the store shows of a journal, named as the API names it where the API has it.
fn line(
    arn: &str,
    summary: &Summary,
    outcome: Option<&aslx_engine::interpreter::Outcome>,
    journal: &str,
    history: Option<&str>,
) -> Json {
    let Summary { kind, name, machine, version, alias, program, parent, status, .. } = summary;
    let millis = |time: aslx_asl::Timestamp| time.as_millis();
    let mut line = json!({
        "arn": arn,
        "kind": if *kind == JournalKind::MapRun { "mapRun" } else { "execution" },
        "name": name,
        "stateMachineArn": machine,
        "stateMachineVersionArn": version,
        "stateMachineAliasArn": alias,
        "parentArn": parent,
        "status": status.name(),
        "startDate": millis(summary.started),
        "stopDate": summary.stopped.map(millis),
        "redriveCount": summary.redrives,
        "redriveDate": summary.redriven.map(millis),
        "itemCount": summary.items,
        "details": summary.details.as_deref().and_then(|details| serde_json::from_str::<Json>(details).ok()),
        "output": outcome.and_then(|outcome| outcome.output.as_ref()).map(|output| output.text()),
        "error": outcome.and_then(|outcome| outcome.error.clone()),
        "cause": outcome.and_then(|outcome| outcome.cause.clone()),
        "definition": format!("definitions/{program}.asl.json"),
        "journal": journal,
        "history": history,
    });
    if let Some(members) = line.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    line
}

fn cannot(file: &Path, error: &std::io::Error) -> CommandError {
    CommandError::usage(format!("`{}` cannot be written: {error}", file.display()))
}
