//! Machines and how to run them: compiled, in virtual time, with given answers and given objects in a bucket.

use aslx_asl::{CompileOptions, MachineType, Program, Timestamp, compile};
use aslx_engine::Data;
use aslx_engine::journal::Seed;
use aslx_engine::layers::{Answer, Answers, AnswersLayer};
use aslx_engine::runtime::{Finished, StartRequest, simulate};
use aslx_engine::task::{BoxTaskService, TaskFailure, TaskReply, TaskRequest, TaskResponse};
use aslx_tasks::Datasets;
use aslx_tasks::offline::MemoryBucket;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use tower::{Layer, service_fn};

/// A Lambda function.
pub(crate) const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:work";
/// The optimised integration of Lambda.
pub(crate) const INVOKE: &str = "arn:aws:states:::lambda:invoke";

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// What became of an execution.
pub(crate) struct Run {
    pub(crate) status: &'static str,
    pub(crate) output: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) cause: Option<String>,
    /// `id<previous Type`.
    pub(crate) events: Vec<String>,
    pub(crate) history: Vec<Json>,
    /// Virtual time.
    pub(crate) seconds: f64,
}

impl Run {
    pub(crate) fn of(finished: Finished) -> Run {
        let history: Vec<Json> = finished.history.iter().map(|event| event.to_json()).collect();
        let line = |event: &Json| {
            let kind = event["type"].as_str().unwrap();
            format!("{}<{} {kind}", event["id"], event["previousEventId"])
        };
        let outcome = finished.outcome;
        let millis = finished.stopped.as_millis() - finished.started.as_millis();
        Run {
            status: outcome.status.name(),
            output: outcome.output.map(|output| output.text().to_string()),
            error: outcome.error.map(|error| error.to_string()),
            cause: outcome.cause.map(|cause| cause.to_string()),
            events: history.iter().map(line).collect(),
            history,
            seconds: millis as f64 / 1000.0,
        }
    }

    /// The output of an execution that succeeded.
    #[track_caller]
    pub(crate) fn output(&self) -> &str {
        assert_eq!((self.status, &self.error, &self.cause), ("SUCCEEDED", &None, &None));
        self.output.as_deref().unwrap()
    }

    /// Error and cause of an execution that failed.
    #[track_caller]
    pub(crate) fn failure(&self) -> (&str, &str) {
        assert_eq!((self.status, &self.output), ("FAILED", &None));
        (self.error.as_deref().unwrap_or("none"), self.cause.as_deref().unwrap_or("none"))
    }

    /// The cause of a `States.Runtime`, without the words that every such cause begins with.
    #[track_caller]
    pub(crate) fn runtime_error(&self, state: &str, event: u64) -> &str {
        let (error, cause) = self.failure();
        assert_eq!(error, "States.Runtime", "{cause}");
        let prefix =
            format!("An error occurred while executing the state '{state}' (entered at the event id #{event}). ");
        cause.strip_prefix(&prefix).unwrap_or_else(|| panic!("{cause}"))
    }

    /// The details of an event, `null` if it has none.
    pub(crate) fn details(&self, id: usize) -> &Json {
        let mut members = self.history[id - 1].as_object().unwrap().iter();
        members.find(|(name, _)| name.ends_with("Details")).map_or(&Json::Null, |(_, details)| details)
    }

    /// Milliseconds from the start to an event.
    pub(crate) fn at(&self, id: usize) -> f64 {
        let timestamp = self.history[id - 1]["timestamp"].as_f64().unwrap();
        ((timestamp * 1000.0).round() - START.as_millis() as f64) / 1000.0
    }
}

/// A definition of these states; the first one is where it starts.
pub(crate) fn machine(states: Json) -> Json {
    let first = states.as_object().unwrap().keys().next().unwrap().clone();
    json!({ "StartAt": first, "States": states })
}

/// A definition with one state, called `Only`, which ends it.
pub(crate) fn only(mut state: Json) -> Json {
    state["End"] = true.into();
    machine(json!({ "Only": state }))
}

/// Runs a definition without tasks.
#[track_caller]
pub(crate) fn run(definition: &Json, input: &str) -> Run {
    run_text(&definition.to_string(), input)
}

/// The same for a definition that is written out.
#[track_caller]
pub(crate) fn run_text(definition: &str, input: &str) -> Run {
    Setup::new().run_text(definition, input)
}

/// Runs a definition in which one state has these answers.
#[track_caller]
pub(crate) fn run_with(definition: &Json, input: &str, state: &str, answers: impl IntoIterator<Item = Answer>) -> Run {
    Setup::new().answers(state, answers).run(definition, input)
}

/// Answers and objects.
#[derive(Default)]
pub(crate) struct Setup {
    answers: Answers,
    objects: Vec<(&'static str, &'static str)>,
}

impl Setup {
    pub(crate) fn new() -> Setup {
        Setup::default()
    }

    pub(crate) fn answers(mut self, state: &str, answers: impl IntoIterator<Item = Answer>) -> Setup {
        self.answers = self.answers.state(state, answers);
        self
    }

    /// An object in the bucket `data`.
    pub(crate) fn object(mut self, key: &'static str, content: &'static str) -> Setup {
        self.objects.push((key, content));
        self
    }

    #[track_caller]
    pub(crate) fn run(self, definition: &Json, input: &str) -> Run {
        self.run_text(&definition.to_string(), input)
    }

    #[track_caller]
    fn run_text(self, definition: &str, input: &str) -> Run {
        let program = match Program::compile(definition, &CompileOptions::default()) {
            Ok(program) => Arc::new(program),
            Err(diagnostics) => panic!("{diagnostics:#?}"),
        };
        let bucket = MemoryBucket::new();
        self.objects.iter().for_each(|(key, content)| drop(bucket.insert("data", key, *content)));
        let datasets = Datasets::new(Arc::new(bucket));
        let reader = service_fn(move |request: TaskRequest| {
            let datasets = datasets.clone();
            async move {
                let answer = datasets.answer(&request).await;
                let modelled = Some(Duration::ZERO);
                answer
                    .map(|answer| TaskResponse { reply: TaskReply::Done(answer), modelled })
                    .map_err(|failure| TaskFailure { modelled, ..failure })
            }
        });
        let mocked = AnswersLayer::new(self.answers);
        let tasks = BoxTaskService::new(mocked.layer(reader));
        let request = StartRequest::new("machine", "one", Data::parse(input).unwrap(), Seed([7; 16]));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let finished = runtime.block_on(simulate(program, request, START, tasks, None)).unwrap();
        assert_eq!(mocked.missing(), []);
        assert_eq!(mocked.unused(), []);
        Run::of(finished)
    }
}

/// Fails once.
pub(crate) fn fails() -> Answer {
    Answer::throws("Broken", "it broke")
}

/// Answers after so many seconds.
pub(crate) fn after(seconds: u64) -> Answer {
    Answer::returns("late").taking(Duration::from_secs(seconds))
}

/// What the checker says about a definition: severity, code, message, location.
pub(crate) fn judged(definition: &str, machine_type: MachineType) -> Vec<String> {
    let options = CompileOptions { machine_type, ..CompileOptions::default() };
    let told = compile(definition, &options).diagnostics;
    let line = |found: &aslx_asl::Diagnostic| {
        format!("{:?} {}: {} at {}", found.severity(), found.code(), found.aws_message(), found.aws_location())
    };
    told.iter().map(line).collect()
}

/// The same for a Standard machine.
pub(crate) fn checked(definition: &Json) -> Vec<String> {
    judged(&definition.to_string(), MachineType::Standard)
}
