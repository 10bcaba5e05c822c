//! One execution, in real or virtual time.

use super::{ClockChoice, RunArguments};
use crate::definition::Definition;
use crate::error::CommandError;
use aslx_asl::Program;
use aslx_engine::journal::{Seed, write_journal};
use aslx_engine::layers::{Answers, AnswersLayer};
use aslx_engine::runtime::{Engine, Finished, Observer, StartRequest, simulate};
use aslx_engine::store::MemoryStore;
use aslx_engine::task::BoxTaskService;
use aslx_engine::{Clock, Data, SystemClock};
use aslx_tasks::{Ports, TaskService};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tower::Layer;

/// Runs executions of one definition.
pub(super) struct Runner {
    program: Arc<Program>,
    pub(super) machine: String,
    tasks: TaskService,
    answers: Answers,
    clock: ClockChoice,
    pub(super) data: PathBuf,
}

/// An execution that has ended, and its name.
pub(super) struct Done {
    pub(super) name: String,
    pub(super) finished: Finished,
}

impl Runner {
    /// States that have answers are not done by the tasks.
    pub(super) fn new(
        definition: &Definition,
        tasks: TaskService,
        answers: Answers,
        arguments: &RunArguments,
    ) -> Runner {
        Runner {
            program: definition.program.clone(),
            machine: definition.name.clone(),
            tasks,
            answers,
            clock: arguments.clock,
            data: arguments.data.clone(),
        }
    }

    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    pub(super) fn ports(&self) -> &Ports {
        self.tasks.ports()
    }

    /// Runs one execution to its end.
    pub(super) async fn execute(&self, input: Data, observer: Option<Observer>) -> Result<Done, CommandError> {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits)
            .map_err(|error| CommandError::usage(format!("the machine gives no random numbers: {error}")))?;
        let name = aslx_engine::uuid_text(u128::from_be_bytes(bits));
        let request = StartRequest::new(&self.machine, &name, input, Seed(bits));
        let tasks = BoxTaskService::new(AnswersLayer::new(self.answers.clone()).layer(self.tasks.clone()));
        let finished = match self.clock {
            ClockChoice::Virtual => {
                simulate(self.program.clone(), request, SystemClock.now(), tasks, observer).await.map_err(|error| {
                    CommandError::usage(error.to_string()).help("callbacks and activities need somebody who answers")
                })?
            }
            ClockChoice::Real => {
                let mut engine = Engine::builder(Arc::new(MemoryStore::new()), Arc::new(SystemClock), tasks);
                if let Some(observer) = observer {
                    engine = engine.observed_by(observer);
                }
                let failed = |error: aslx_engine::runtime::EngineError| CommandError::usage(error.to_string());
                engine
                    .build()
                    .start(self.program.clone(), request)
                    .await
                    .map_err(failed)?
                    .wait()
                    .await
                    .map_err(failed)?
            }
        };
        Ok(Done { name, finished })
    }

    /// Keeps history and journal below the data folder; gives the path of the history.
    pub(super) fn keep(&self, done: &Done) -> Result<PathBuf, CommandError> {
        let folder = self.data.join("executions");
        std::fs::create_dir_all(&folder).map_err(|error| cannot_write(&folder, &error))?;
        let mut journal = Vec::new();
        write_journal(&mut journal, &done.finished.journal)
            .map_err(|error| CommandError::usage(format!("the journal cannot be written: {error}")))?;
        write_whole(&folder.join(format!("{}.journal.jsonl", done.name)), &journal)?;
        let path = folder.join(format!("{}.history.json", done.name));
        write_whole(&path, history_json(&done.finished).as_bytes())?;
        Ok(path)
    }
}

/// The history as GetExecutionHistory returns it.
pub(super) fn history_json(finished: &Finished) -> String {
    let events: Vec<_> = finished.history.iter().map(|event| event.to_json()).collect();
    let mut text = serde_json::to_string_pretty(&json!({ "events": events })).unwrap_or_default();
    text.push('\n');
    text
}

/// Refuses a file that could not be written, before anything is run for it.
pub(super) fn check_writable(path: &Path) -> Result<(), CommandError> {
    if path.is_dir() {
        return Err(CommandError::usage(format!("`{}` is a folder, --history wants a file", path.display())));
    }
    let part = part_of(path);
    std::fs::write(&part, []).and_then(|()| std::fs::remove_file(&part)).map_err(|error| cannot_write(path, &error))
}

/// The file beside another one that becomes it.
fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Writes a file so that it is whole or not there.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> Result<(), CommandError> {
    let part = part_of(path);
    let written = std::fs::write(&part, content).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|error| {
        // What could not become the file must not stay behind.
        let _ = std::fs::remove_file(&part);
        cannot_write(path, &error)
    })
}

fn cannot_write(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::usage(format!("`{}` cannot be written: {error}", path.display()))
}
