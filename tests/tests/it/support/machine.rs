//! Small machines: compiled, run in virtual time with a fixed seed, and their histories as text.

use aslx_asl::{CompileOptions, Program, Timestamp};
use aslx_engine::Data;
use aslx_engine::history::HistoryEvent;
use aslx_engine::journal::Seed;
use aslx_engine::layers::{Answers, AnswersLayer, NoTasks};
use aslx_engine::runtime::{Finished, SimulationError, StartRequest, simulate};
use aslx_engine::task::BoxTaskService;
use serde_json::{Value as Json, json};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use tower::{Layer, service_fn};

/// When executions in virtual time start.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A definition of these states; the first one is where it starts.
pub(crate) fn definition(states: Json) -> Json {
    let first = states.as_object().unwrap().keys().next().unwrap().clone();
    json!({ "StartAt": first, "States": states })
}

/// Compiles, or shows what is wrong.
pub(crate) fn program(definition: &Json) -> Arc<Program> {
    match Program::compile(&definition.to_string(), &CompileOptions::default()) {
        Ok(program) => Arc::new(program),
        Err(diagnostics) => panic!("{diagnostics:#?}"),
    }
}

/// Compiles a text, or shows what is wrong.
pub(crate) fn machine_program(text: &str) -> Arc<Program> {
    program(&serde_json::from_str(text).unwrap())
}

/// A start under the name `one`, with a fixed seed.
pub(crate) fn request(input: &Json) -> StartRequest {
    StartRequest::new("machine", "one", Data::parse(&input.to_string()).unwrap(), Seed([7; 16]))
}

/// Waits for a future on a runtime of its own.
pub(crate) fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

/// Runs in virtual time.
pub(crate) fn simulated(
    definition: &Json,
    request: StartRequest,
    tasks: BoxTaskService,
) -> Result<Finished, SimulationError> {
    block(simulate(program(definition), request, START, tasks, None))
}

/// Runs in virtual time with these answers, to an end.
pub(crate) fn run(definition: &Json, input: &Json, answers: Answers) -> Finished {
    simulated(definition, request(input), mocked(answers)).unwrap()
}

/// Tasks that give these answers and do nothing else.
pub(crate) fn mocked(answers: Answers) -> BoxTaskService {
    BoxTaskService::new(AnswersLayer::new(answers).layer(NoTasks))
}

/// Tasks that never answer.
pub(crate) fn waiting() -> BoxTaskService {
    BoxTaskService::new(service_fn(|_| std::future::pending()))
}

/// Short for a duration.
pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The types of a history's events.
pub(crate) fn types(history: &[HistoryEvent]) -> Vec<&'static str> {
    history.iter().map(|event| event.kind.type_name()).collect()
}

/// A whole history, one event per line: id, predecessor, milliseconds since the start, type, details.
pub(crate) fn story(finished: &Finished) -> String {
    let mut text = String::new();
    for event in &finished.history {
        let after = event.timestamp.as_millis() - finished.started.as_millis();
        let json = event.to_json();
        let details = json.as_object().unwrap().iter().find(|(name, _)| name.ends_with("Details"));
        let details = details.map(|(_, details)| details.to_string()).unwrap_or_default();
        let (id, previous, kind) = (event.id, event.previous_event_id, event.kind.type_name());
        writeln!(text, "{id:>3} after {previous:<3} {after:>6} ms  {kind} {details}").unwrap();
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
