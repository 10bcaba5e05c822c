//! Engines over a store that remembers, small machines, and their histories.

use crate::common::recording::Recording;
use aslx_asl::{CompileOptions, Program};
use aslx_engine::history::HistoryEvent;
use aslx_engine::journal::{ExecutionNames, Seed};
use aslx_engine::runtime::{Engine, EngineBuilder, ExecutionHandle, Pace, StartRequest};
use aslx_engine::task::{BoxTaskService, TaskFailure, TaskReply, TaskRequest, TaskResponse};
use aslx_engine::{Data, SystemClock};
use serde_json::{Value as Json, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const CALLBACK: &str = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";
pub(crate) const ACTIVITY: &str = "arn:aws:states:us-east-1:000000000000:activity:act";
pub(crate) const EXECUTION: &str = "arn:aws:states:us-east-1:000000000000:execution:machine:one";
pub(crate) const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:machine";

pub(crate) fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

pub(crate) fn machine(states: Json) -> Json {
    let first = states.as_object().unwrap().keys().next().unwrap().clone();
    json!({ "StartAt": first, "States": states })
}

pub(crate) fn program(definition: &Json) -> Arc<Program> {
    match Program::compile(&definition.to_string(), &CompileOptions::default()) {
        Ok(program) => Arc::new(program),
        Err(diagnostics) => panic!("{diagnostics:#?}"),
    }
}

pub(crate) fn callback() -> Json {
    let body = json!({ "token.$": "$$.Task.Token" });
    let parameters = json!({ "QueueUrl": "https://queue", "MessageBody": body });
    json!({ "Type": "Task", "Resource": CALLBACK, "Parameters": parameters, "End": true })
}

pub(crate) fn activity() -> Json {
    json!({ "Type": "Task", "Resource": ACTIVITY, "End": true })
}

pub(crate) fn work(name: &str) -> Json {
    let resource = format!("arn:aws:lambda:us-east-1:000000000000:function:{name}");
    json!({ "Type": "Task", "Resource": resource, "End": true })
}

/// What tasks were asked, and what they answer.
#[derive(Clone, Default)]
pub(crate) struct Tasks {
    pub(crate) tokens: Arc<Mutex<Vec<String>>>,
    pub(crate) calls: Arc<Mutex<Vec<String>>>,
    /// How long whoever hands out a token takes to answer after that.
    pub(crate) sending: Duration,
    failing: Arc<Mutex<Vec<String>>>,
}

impl Tasks {
    /// These states fail from now on; others echo their input.
    pub(crate) fn fail(&self, states: &[&str]) {
        *self.failing.lock().unwrap() = states.iter().map(ToString::to_string).collect();
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    /// The first token, once there is one.
    pub(crate) async fn token(&self) -> String {
        loop {
            if let Some(token) = self.tokens.lock().unwrap().pop() {
                return token;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(crate) fn service(&self) -> BoxTaskService {
        let tasks = self.clone();
        BoxTaskService::new(tower::service_fn(move |request: TaskRequest| {
            let answer = tasks.answer(&request);
            let sends = matches!(answer, Ok(TaskResponse { reply: TaskReply::Submitted(_), .. }));
            let sending = tasks.sending;
            async move {
                if sends && !sending.is_zero() {
                    tokio::time::sleep(sending).await;
                }
                answer
            }
        }))
    }

    fn answer(&self, request: &TaskRequest) -> Result<TaskResponse, TaskFailure> {
        let name = match request.iteration {
            Some(index) => format!("{}:{index}", request.state),
            None => request.state.to_string(),
        };
        let reply = match (&request.token, &request.submitted) {
            (Some(_), _) if request.activity().is_some() => TaskReply::ByToken,
            (Some(token), None) => {
                self.tokens.lock().unwrap().push(token.to_string());
                TaskReply::Submitted("sent".into())
            }
            (Some(_), Some(_)) => TaskReply::ByToken,
            (None, _) => {
                self.calls.lock().unwrap().push(name.clone());
                if self.failing.lock().unwrap().contains(&name) {
                    return Err(TaskFailure::new("Broken", "made up"));
                }
                TaskReply::Done(request.input.clone())
            }
        };
        Ok(TaskResponse { reply, modelled: None })
    }
}

pub(crate) fn builder(store: &Arc<Recording>, tasks: &Tasks) -> EngineBuilder {
    Engine::builder(store.clone(), Arc::new(SystemClock), tasks.service())
}

/// An engine in virtual time.
pub(crate) fn virtually(store: &Arc<Recording>, tasks: &Tasks) -> Engine {
    builder(store, tasks).pace(Pace::Virtual).build()
}

pub(crate) fn request(input: &Json) -> StartRequest {
    StartRequest::new("machine", "one", Data::parse(&input.to_string()).unwrap(), Seed([7; 16]))
}

pub(crate) async fn start(engine: &Engine, definition: &Json, input: &Json) -> ExecutionHandle {
    engine.start(program(definition), request(input)).await.unwrap()
}

/// Another execution of the same machine.
pub(crate) fn named(name: &str, input: &Json) -> StartRequest {
    StartRequest { names: ExecutionNames::local("machine", name), ..request(input) }
}

/// A history, one event per line: id, predecessor, type.
pub(crate) fn story(history: &[HistoryEvent]) -> Vec<String> {
    history.iter().map(|event| format!("{}<{} {}", event.id, event.previous_event_id, event.kind.type_name())).collect()
}

/// The same from an event on.
pub(crate) async fn story_from(engine: &Engine, first: u64) -> Vec<String> {
    let history = engine.history(EXECUTION).await.unwrap();
    story(&history).split_off(usize::try_from(first).unwrap() - 1)
}
