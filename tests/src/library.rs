//! The engine as a library, put to the test: compiled, run in virtual time, with the recorded answers of the tasks.

use crate::answers::Answers;
use crate::case::{Call, ExecutionCase, MachineType, Outcome, Start, Thrown};
use crate::datasets::Datasets;
use crate::session::ServerSession;
use crate::subject::{Observed, Session, Setting, Subject, Unsupported};
use crate::workers;
use aslx_asl::diagnostic::code;
use aslx_asl::{CompileOptions, Diagnostic, Program, Timestamp, Value};
use aslx_engine::Data;
use aslx_engine::journal::{ExecutionNames, Seed, Tracing};
use aslx_engine::runtime::{Finished, SimulationError, StartRequest, simulate};
use aslx_engine::task::{BoxTaskService, FailedAt, TaskFailure, TaskReply, TaskRequest, TaskResponse};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;

/// When every execution starts.
const START: Timestamp = Timestamp::from_millis(1_772_366_400_000);

/// The crates of this repository.
#[derive(Debug, Clone, Copy, Default)]
pub struct Library;

impl Subject for Library {
    fn execute(&self, case: &ExecutionCase) -> Result<Observed, Unsupported> {
        if let Some(worker) = workers::worker(case) {
            return workers::play(case, worker);
        }
        let machine_type = engine_type(case.machine_type);
        let options = CompileOptions { machine_type, ..CompileOptions::default() };
        let program = match Program::compile(&case.definition, &options) {
            Ok(program) => program,
            Err(found) => return refused(&found),
        };
        let input =
            Data::parse(&case.input).map_err(|why| Unsupported(format!("an input that is not JSON ({why})")))?;
        let answers = Arc::new(Answers::of(case));
        let synchronous = case.start == Start::Synchronous;
        let (names, seed, tracing) = (names(case.machine_type), Seed([7; 16]), Tracing::default());
        let request = StartRequest { names, machine_type, synchronous, input, seed, tracing };
        let datasets = Arc::new(Datasets::of(&case.resources));
        let run = simulate(Arc::new(program), request, START, service(answers.clone(), datasets), None);
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.map_err(|why| Unsupported(format!("running without a runtime: {why}")))?;
        let surprises = |mut observed: Observed| {
            observed.surprises = answers.surprises();
            observed
        };
        runtime.block_on(run).map(observed).or_else(stuck).map(surprises)
    }

    fn session(&self, setting: &Setting) -> Result<Box<dyn Session>, Unsupported> {
        Ok(Box::new(ServerSession::start(setting)?))
    }
}

fn engine_type(machine: MachineType) -> aslx_asl::MachineType {
    match machine {
        MachineType::Standard => aslx_asl::MachineType::Standard,
        MachineType::Express => aslx_asl::MachineType::Express,
    }
}

/// Names in the account that the cases use.
fn names(machine: MachineType) -> ExecutionNames {
    let states = "arn:aws:states:us-east-1:111111111111";
    let execution = match machine {
        MachineType::Standard => "execution:conformance:case",
        MachineType::Express => "express:conformance:case:0d6f4a3e-52c1-4c8e-9a6e-3b1f7a5c2e90",
    };
    ExecutionNames {
        execution_arn: format!("{states}:{execution}").into(),
        execution_name: "case".into(),
        machine_arn: format!("{states}:stateMachine:conformance").into(),
        machine_name: "conformance".into(),
        role_arn: "arn:aws:iam::111111111111:role/conformance".into(),
        version_arn: None,
        alias_arn: None,
    }
}

/// A definition that AWS has run, and that is refused here: for a good reason, or by mistake.
fn refused(found: &[Diagnostic]) -> Result<Observed, Unsupported> {
    match found.iter().find(|diagnostic| diagnostic.code() == code::NOT_SUPPORTED) {
        Some(diagnostic) => Err(Unsupported(diagnostic.message().to_owned())),
        None => {
            let error = found.first().map(ToString::to_string);
            Ok(Observed { status: "REFUSED".to_owned(), error, ..Observed::default() })
        }
    }
}

fn observed(finished: Finished) -> Observed {
    let outcome = finished.outcome;
    let text = |text: Option<Arc<str>>| text.map(|text| text.to_string());
    Observed {
        status: outcome.status.name().to_owned(),
        output: outcome.output.map(|output| output.text().to_string()),
        error: text(outcome.error),
        cause: text(outcome.cause),
        history: finished.history.iter().map(|event| event.to_json()).collect(),
        surprises: Vec::new(),
    }
}

fn stuck(why: SimulationError) -> Result<Observed, Unsupported> {
    Ok(Observed { status: "RUNNING".to_owned(), error: Some(why.to_string()), ..Observed::default() })
}

/// The service behind the tasks of a case.
fn service(answers: Arc<Answers>, datasets: Arc<Datasets>) -> BoxTaskService {
    BoxTaskService::new(tower::service_fn(move |request: TaskRequest| {
        let (answers, datasets) = (answers.clone(), datasets.clone());
        async move {
            if datasets.concerns(&request) {
                let answer = datasets.answer(&request).await.map(|items| modelled(TaskReply::Done(items)));
                return answer.map_err(|failure| TaskFailure { modelled: Some(Duration::ZERO), ..failure });
            }
            answer(&answers, &request)
        }
    }))
}

fn answer(answers: &Answers, request: &TaskRequest) -> Result<TaskResponse, TaskFailure> {
    let call = match &request.submitted {
        Some(_) => answers.current(&request.state, request.iteration),
        None => answers.next(&request.state, request.iteration, &Json::from(&request.input)),
    };
    let Some(call) = call else {
        let cause = format!("no answer is recorded for this call of `{}`", request.state);
        return Err(TaskFailure { modelled: Some(Duration::ZERO), ..TaskFailure::new("Conformance.NoAnswer", cause) });
    };
    match (&call.submitted, &request.submitted) {
        (Some(first), None) => Ok(modelled(TaskReply::Submitted(Value::from(first.clone())))),
        _ => ended(call, request),
    }
}

fn ended(call: Call, request: &TaskRequest) -> Result<TaskResponse, TaskFailure> {
    match call.outcome {
        Outcome::Return(result) => Ok(modelled(TaskReply::Done(Value::from(result)))),
        Outcome::Throw(thrown) => Err(failure(thrown, FailedAt::Run)),
        Outcome::NeverStarted(thrown, event) => Err(failure(thrown, place(event.as_deref(), &request.resource))),
        // Nobody ever answers, and no heartbeats are sent: what happens then is the engine's part.
        Outcome::TimedOut | Outcome::Silence => Ok(TaskResponse { reply: TaskReply::ByToken, modelled: None }),
    }
}

/// Where a task failed that never started: as the event's type says, or where such a task can fail at all.
fn place(event: Option<&str>, resource: &str) -> FailedAt {
    let later = resource.contains(".sync") || resource.ends_with(".waitForTaskToken");
    match event {
        Some(event) if event.ends_with("ScheduleFailed") => FailedAt::Schedule,
        Some(event) if event.ends_with("SubmitFailed") => FailedAt::Submit,
        Some(event) if event.ends_with("StartFailed") => FailedAt::Start,
        _ if resource.starts_with("arn:aws:states:::") && later => FailedAt::Submit,
        _ if resource.starts_with("arn:aws:states:::") => FailedAt::Start,
        _ => FailedAt::Schedule,
    }
}

/// Answers take no time: what took long on AWS is not what is compared.
fn modelled(reply: TaskReply) -> TaskResponse {
    TaskResponse { reply, modelled: Some(Duration::ZERO) }
}

fn failure(thrown: Thrown, at: FailedAt) -> TaskFailure {
    let error = thrown.error.unwrap_or_default();
    TaskFailure { error, cause: thrown.cause, at, modelled: Some(Duration::ZERO) }
}
