//! The image pipeline with data of its own, a clock that stands still and ids in sequence.

use super::command::definitions;
use super::machine::{START, block, story};
use aslx_asl::{CompileOptions, Program};
use aslx_engine::Data;
use aslx_engine::journal::Seed;
use aslx_engine::layers::{Answer, Answers, AnswersLayer};
use aslx_engine::runtime::{Finished, StartRequest, simulate};
use aslx_engine::task::BoxTaskService;
use aslx_tasks::ports::FixedSurroundings;
use aslx_tasks::{OfflineTasks, TaskService};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tower::Layer;

/// How long the real tasks take in virtual time: what they really took differs from run to run.
const MODELLED: [(&str, u64); 7] = [
    ("ClaimWork", 5),
    ("GenerateThumbnails", 120),
    ("AnalyzeImage", 212),
    ("FlagContent", 8),
    ("SendNotification", 20),
    ("MarkFailed", 6),
    ("PublishFailure", 20),
];

/// A sample photo.
pub(crate) fn photo(name: &str) -> PathBuf {
    definitions().join("image-pipeline/photos").join(name)
}

pub(crate) struct Bed {
    folder: tempfile::TempDir,
    tasks: TaskService,
}

impl Bed {
    pub(crate) fn new() -> Bed {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = Arc::new(FixedSurroundings::new(START));
        let tasks = OfflineTasks::new(folder.path()).surroundings(surroundings).build();
        Bed { folder, tasks }
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Puts a sample photo there, with the analysis recorded beside it if there is one.
    pub(crate) fn upload(&self, name: &str, key: &str) {
        let put = |key: String, body: Vec<u8>| {
            block(self.tasks.ports().bucket.put("images", &key, body, "image/jpeg")).unwrap();
        };
        if let Ok(recorded) = fs::read(photo(&format!("{name}.rekognition.json"))) {
            put(format!("{key}.rekognition.json"), recorded);
        }
        put(key.to_owned(), fs::read(photo(name)).unwrap());
    }

    /// Runs a definition below `definitions/image-pipeline`. These answers go before the real tasks.
    pub(crate) fn run(&self, file: &str, execution: &str, input: &Json, first: &[(&str, Vec<Answer>)]) -> Finished {
        let mut answers = Answers::new();
        for (state, millis) in MODELLED {
            let before = first.iter().filter(|(name, _)| *name == state).flat_map(|(_, answers)| answers.clone());
            answers = answers.state(state, before);
            let real = Answer::calls_real().taking(Duration::from_millis(millis)).always();
            answers = answers.state(state, [real]);
        }
        let mocked = AnswersLayer::new(answers);
        let tasks = BoxTaskService::new(mocked.layer(self.tasks.clone()));
        let input = Data::parse(&input.to_string()).unwrap();
        let request = StartRequest::new("image-pipeline", execution, input, Seed([7; 16]));
        let finished = block(simulate(pipeline(file), request, START, tasks, None)).unwrap();
        assert_eq!(mocked.missing(), []);
        assert_eq!(mocked.unused(), []);
        finished
    }

    /// Files below the data folder that are somebody's business, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        walk(self.folder.path(), self.folder.path(), &mut files);
        files.retain(|file| !file.starts_with("tmp/") && !file.contains("/.lock-") && file != "upload-secret");
        files.sort();
        files
    }

    /// The thumbnails, sorted.
    pub(crate) fn thumbnails(&self) -> Vec<String> {
        let below = "buckets/images/thumbnails/";
        self.files().iter().filter_map(|file| file.strip_prefix(below)).map(str::to_owned).collect()
    }

    /// The rows of a table, in DynamoDB's notation.
    pub(crate) fn rows(&self, table: &str) -> Vec<Json> {
        let below = format!("tables/{table}/");
        let read = |file: &String| serde_json::from_slice(&fs::read(self.path(file)).unwrap()).unwrap();
        self.files().iter().filter(|file| file.starts_with(&below)).map(read).collect()
    }

    /// The published texts.
    pub(crate) fn messages(&self) -> Vec<String> {
        let outbox = fs::read_to_string(self.path("outbox.jsonl")).unwrap_or_default();
        let message = |line: &str| serde_json::from_str::<Json>(line).unwrap()["message"].as_str().unwrap().to_owned();
        outbox.lines().map(message).collect()
    }

    /// History and effects, for a snapshot.
    pub(crate) fn story(&self, finished: &Finished) -> String {
        let rows = |table: &str| {
            let rows: Vec<String> = self.rows(table).iter().map(|row| serde_json::to_string(row).unwrap()).collect();
            format!("{table}:\n{}", rows.join("\n"))
        };
        let parts = [
            story(finished),
            format!("files:\n{}", self.files().join("\n")),
            rows("images"),
            rows("claims"),
            format!("messages:\n{}", self.messages().join("\n")),
        ];
        super::Normal::new().path(self.folder.path(), "<data>").apply(&parts.join("\n\n"))
    }
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, files);
        } else {
            files.push(path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"));
        }
    }
}

/// Compiles with the values of the project file.
fn pipeline(file: &str) -> Arc<Program> {
    let folder = definitions().join("image-pipeline");
    let project = fs::read_to_string(folder.join("aslx.toml")).unwrap();
    let pairs = project.lines().filter_map(|line| line.split_once(" = "));
    let substitutions: BTreeMap<String, String> =
        pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect();
    let text = fs::read_to_string(folder.join(file)).unwrap();
    let options = CompileOptions { substitutions, ..CompileOptions::default() };
    Arc::new(Program::compile(&text, &options).unwrap())
}
