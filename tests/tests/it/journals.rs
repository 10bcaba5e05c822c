//! Journals that are kept as files: whatever else changes, they replay to the histories beside them.
//!
//! `tests/journals/README.md` tells when and how to add one.

use crate::journals_driven::{self, DRIVEN};
use crate::support::{START, block, program};
use aslx_asl::Program;
use aslx_engine::Data;
use aslx_engine::history::HistoryEvent;
use aslx_engine::interpreter::{Interpreter, Step};
use aslx_engine::journal::{Entry, SEMANTICS, Seed, read_journal, write_journal};
use aslx_engine::layers::{Answer, Answers, AnswersLayer, NoTasks};
use aslx_engine::runtime::{StartRequest, simulate};
use aslx_engine::task::{BoxTaskService, FailedAt};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tower::Layer;

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("journals")
}

/// How the journals of the present semantics were made: definition, input, answers.
fn recipes() -> Vec<(&'static str, Json, Answers)> {
    let millis = Duration::from_millis;
    let done = |value: Json| Answer::returns(value).taking(millis(250)).always();
    let thrown = |error: &str| Answer::throws(error, "made up").taking(millis(40));
    vec![
        ("every-state", json!({ "n": 3, "list": [1, 2] }), Answers::new().state("Work", [done(json!({ "ok": true }))])),
        (
            "retry-and-catch",
            json!({}),
            Answers::new().state("Flaky", [thrown("E1").times(2), thrown("E2"), done(json!("unused"))]).state(
                "Repair",
                [Answer::throws_at(FailedAt::Start, "E3", "not even started"), done(json!("repaired"))],
            ),
        ),
        ("timeouts", json!({}), Answers::new().state("Slow", [Answer::returns("late").taking(millis(9_000)).always()])),
        (
            "parallel-failure",
            json!({ "items": [0, 1, 2, 3] }),
            Answers::new().state("Breaks", [thrown("Broken")]).state("Slow", [done(json!(1))]),
        ),
        (
            "map-failure",
            json!({ "items": ["a", "b", "c", "d"] }),
            Answers::new().state("Item", [thrown("Broken").in_iteration(2).times(2), done(json!("item"))]),
        ),
        ("variables", json!({ "start": 5 }), Answers::new().state("Add", [done(json!(7))])),
        ("draws", json!({}), Answers::new().state("Jitter", [thrown("E").times(3), done(json!("at last"))])),
        (
            "job",
            json!({}),
            Answers::new().state("Job", [done(json!({ "Status": "SUCCEEDED" })).submitted_as(json!({ "id": 1 }))]),
        ),
        ("long-loop", json!({ "count": 0 }), Answers::new()),
        ("execution-timeout", json!({}), Answers::new()),
    ]
}

/// Makes the files of a journal that has none yet.
fn bless(name: &str, input: &Json, answers: Answers) {
    let path = |ending: &str| folder().join(format!("v{SEMANTICS}/{name}.{ending}"));
    let (journal, history) = (path("journal.jsonl"), path("history.json"));
    if journal.exists() || history.exists() {
        return;
    }
    let definition: Json = serde_json::from_str(&fs::read_to_string(path("asl.json")).unwrap()).unwrap();
    let tasks = BoxTaskService::new(AnswersLayer::new(answers).layer(NoTasks));
    let input = Data::parse(&input.to_string()).unwrap();
    let request = StartRequest::new(name, "golden", input, Seed([42; 16]));
    let finished = block(simulate(program(&definition), request, START, tasks, None)).unwrap();
    keep(name, &finished.journal, &finished.history);
}

/// Writes a journal and its history.
pub(crate) fn keep(name: &str, journal: &[Entry], history: &[HistoryEvent]) {
    let path = |ending: &str| folder().join(format!("v{SEMANTICS}/{name}.{ending}"));
    let mut text = Vec::new();
    write_journal(&mut text, journal).unwrap();
    fs::write(path("journal.jsonl"), text).unwrap();
    fs::write(path("history.json"), lines(history)).unwrap();
}

/// A history with one event per line.
fn lines(history: &[HistoryEvent]) -> String {
    let events: Vec<String> = history.iter().map(|event| event.to_json().to_string()).collect();
    format!("{{\"events\": [\n{}\n]}}\n", events.join(",\n"))
}

fn compile(path: &Path) -> Arc<Program> {
    program(&serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
}

#[test]
fn kept_journals_replay_to_their_histories() {
    if std::env::var_os("ASLX_BLESS").is_some() {
        recipes().into_iter().for_each(|(name, input, answers)| bless(name, &input, answers));
        DRIVEN.into_iter().for_each(journals_driven::bless);
    }
    let mut replayed = 0;
    for semantics in 1..=SEMANTICS {
        let versions = folder().join(format!("v{semantics}"));
        for entry in fs::read_dir(&versions).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            let Some(name) = file.strip_suffix(".journal.jsonl") else { continue };
            let text = fs::read_to_string(&path).unwrap();
            let journal = read_journal(text.as_bytes()).unwrap();
            let mut again = Vec::new();
            write_journal(&mut again, &journal).unwrap();
            assert_eq!(String::from_utf8(again).unwrap(), text, "{file} is written otherwise than it was read");

            // The child of a map run has the definition of its parent.
            let definition = name.split('.').next().unwrap();
            let program = compile(&versions.join(format!("{definition}.asl.json")));
            let mut step = Step::with_history();
            let interpreter = Interpreter::replay(program, &journal, &mut step).unwrap();
            assert!(interpreter.outcome().is_some(), "{name} has not ended");
            assert_eq!(interpreter.started().unwrap().semantics, semantics, "{name}");
            let kept = fs::read_to_string(versions.join(format!("{name}.history.json"))).unwrap();
            let found = lines(&step.events);
            for (line, (kept, found)) in kept.lines().zip(found.lines()).enumerate() {
                assert_eq!(found, kept, "{name}.history.json, line {}", line + 1);
            }
            assert_eq!(found.len(), kept.len(), "{name}: the history has another length");
            replayed += 1;
        }
    }
    assert!(replayed >= recipes().len(), "only {replayed} journals are kept: run this test with ASLX_BLESS=1");
}

/// The kept machines have every type of state, and histories with what is easily forgotten.
#[test]
fn kept_journals_cover_what_there_is() {
    let mut text = String::new();
    for name in recipes().into_iter().map(|(name, ..)| name).chain(DRIVEN) {
        for ending in ["asl.json", "history.json"] {
            text += &fs::read_to_string(folder().join(format!("v{SEMANTICS}/{name}.{ending}"))).unwrap();
        }
    }
    for word in [
        "PassStateExited",
        "WaitStateExited",
        "ChoiceStateExited",
        "SucceedStateExited",
        "FailStateEntered",
        "ParallelStateFailed",
        "ParallelStateSucceeded",
        "MapStateSucceeded",
        "MapStateFailed",
        "MapIterationAborted",
        "MapIterationFailed",
        "TaskStateAborted",
        "WaitStateAborted",
        "LambdaFunctionTimedOut",
        "LambdaFunctionStartFailed",
        "LambdaFunctionSucceeded",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskFailed",
        "TaskTimedOut",
        "ActivityScheduled",
        "ActivityStarted",
        "ActivitySucceeded",
        "ActivityFailed",
        "ActivityTimedOut",
        "ExecutionRedriven",
        "MapRunStarted",
        "MapRunFailed",
        "MapRunRedriven",
        "MapRunSucceeded",
        "ExecutionFailed",
        "ExecutionTimedOut",
        "ExecutionSucceeded",
        "assignedVariables",
        "States.UUID",
        "States.MathRandom",
        "JitterStrategy",
    ] {
        assert!(text.contains(word), "no kept journal has {word}");
    }
}
