//! What is run.

use aslx_asl::{CompileOptions, Program};
use aslx_engine::SystemClock;
use aslx_engine::store::{MemoryStore, SqliteOptions, SqliteStore, Store};
use aslx_engine::task::{BoxTaskService, TaskFailure, TaskReply, TaskRequest, TaskResponse};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tower::service_fn;

/// A kind of execution: the name of its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Tasks one after the other, the first of which fails once.
    Tasks,
    /// A second's wait.
    Waits,
    /// A callback.
    Callback,
    /// An inline Map of tasks.
    Map,
    /// A task, a wait and a callback side by side.
    Parallel,
    /// A loop that is longer than one step may be.
    Loop,
    /// A distributed Map.
    Children,
    /// A callback that nobody answers: it is stopped.
    Stopped,
    /// A task that fails until it is redriven.
    Redriven,
    /// A task for the workers of an activity. Through the server only, like all that follow.
    Activity,
    /// An execution of [`Kind::Tasks`] that its task waits for.
    Nested,
    /// No execution: a machine with a version, an alias and a tag, and an activity.
    Registry,
}

/// All kinds.
pub const KINDS: [Kind; 12] = [
    Kind::Tasks,
    Kind::Waits,
    Kind::Callback,
    Kind::Map,
    Kind::Parallel,
    Kind::Loop,
    Kind::Children,
    Kind::Stopped,
    Kind::Redriven,
    Kind::Activity,
    Kind::Nested,
    Kind::Registry,
];

/// The kinds that need no server.
pub const ENGINES: &[Kind] = KINDS.first_chunk::<9>().unwrap();

/// What every execution is started with.
pub const INPUT: &str = r#"{"n":0,"items":[1,2,3,4,5,6]}"#;

/// The activity of [`Kind::Activity`].
pub const ACTIVITY: &str = "arn:aws:states:us-east-1:000000000000:activity:work";

impl Kind {
    /// The kind of an execution, from its name.
    pub fn of(name: &str) -> Option<Kind> {
        let kind = name.split('-').next()?;
        KINDS.into_iter().find(|one| one.name() == kind)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Tasks => "tasks",
            Kind::Waits => "waits",
            Kind::Callback => "callback",
            Kind::Map => "map",
            Kind::Parallel => "parallel",
            Kind::Loop => "loop",
            Kind::Children => "children",
            Kind::Stopped => "stopped",
            Kind::Redriven => "redriven",
            Kind::Activity => "activity",
            Kind::Nested => "nested",
            Kind::Registry => "registry",
        }
    }
}

/// Where the server has its machines.
pub const MACHINES: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:";

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:";
const CALLBACK: &str = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";

fn task(function: &str) -> Json {
    json!({ "Type": "Task", "Resource": format!("{FUNCTION}{function}"), "End": true,
            "Retry": [{ "ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 2 }] })
}

fn callback() -> Json {
    json!({ "Type": "Task", "Resource": CALLBACK, "End": true,
            "Parameters": { "QueueUrl": "https://queue", "MessageBody": { "token.$": "$$.Task.Token" } } })
}

fn machine(states: Json) -> Json {
    let first = states.as_object().unwrap().keys().next().unwrap().clone();
    json!({ "StartAt": first, "States": states })
}

/// The machine of a kind, as its author writes it.
pub fn definition(kind: Kind) -> Json {
    match kind {
        Kind::Tasks => {
            let mut first = task("flaky");
            first.as_object_mut().unwrap().remove("End");
            first["Next"] = "Second".into();
            machine(json!({ "First": first, "Second": task("slow") }))
        }
        Kind::Waits => machine(json!({ "Wait": { "Type": "Wait", "Seconds": 1, "End": true } })),
        Kind::Callback | Kind::Stopped => machine(json!({ "Ask": callback() })),
        Kind::Map => {
            machine(json!({ "Each": { "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 3, "End": true,
            "ItemProcessor": machine(json!({ "One": task("slow") })) } }))
        }
        Kind::Parallel => machine(json!({ "All": { "Type": "Parallel", "End": true, "Branches": [
            machine(json!({ "Task": task("slow") })),
            machine(json!({ "Wait": { "Type": "Wait", "Seconds": 1, "End": true } })),
            machine(json!({ "Ask": callback() })),
        ] } })),
        Kind::Loop => machine(json!({
            "Count": { "Type": "Pass", "Next": "More", "Parameters": { "n.$": "States.MathAdd($.n, 1)" } },
            "More": { "Type": "Choice", "Choices": [{ "Variable": "$.n", "NumericLessThan": 1200, "Next": "Count" }],
                      "Default": "Done" },
            "Done": { "Type": "Succeed" },
        })),
        Kind::Redriven => {
            let mut once = task("once");
            once["Parameters"] = json!({ "redrives.$": "$$.Execution.RedriveCount" });
            machine(json!({ "Once": once }))
        }
        Kind::Activity => machine(json!({ "Do": { "Type": "Task", "Resource": ACTIVITY, "End": true,
            "Parameters": { "name.$": "$$.Execution.Name" } } })),
        Kind::Nested => machine(json!({ "Call": { "Type": "Task", "End": true,
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": { "StateMachineArn": format!("{MACHINES}{}", Kind::Tasks.name()), "Input": { "n": 0 },
                "Name.$": "States.Format('{}-child', $$.Execution.Name)" },
            "ResultSelector": { "child.$": "$.Output" } } })),
        Kind::Registry => machine(json!({ "Nothing": { "Type": "Succeed" } })),
        Kind::Children => machine(json!({ "Each": { "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2,
            "End": true, "Label": "each", "ItemProcessor": {
                "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
                "StartAt": "One", "States": { "One": task("slow") } } } })),
    }
}

/// The machine of a kind.
pub fn program(kind: Kind) -> Arc<Program> {
    Arc::new(Program::compile(&definition(kind).to_string(), &CompileOptions::default()).unwrap())
}

/// What does the work: functions that take some milliseconds, and callbacks whose token is told to `ask`.
pub fn tasks(ask: impl Fn(&str, &str) + Clone + Send + Sync + 'static) -> BoxTaskService {
    BoxTaskService::new(service_fn(move |request: TaskRequest| {
        let ask = ask.clone();
        async move {
            let reply = match (&request.token, &request.submitted) {
                (Some(token), None) => {
                    ask(&request.execution, token);
                    TaskReply::Submitted("sent".into())
                }
                (Some(_), Some(_)) => TaskReply::ByToken,
                (None, _) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    if request.resource.ends_with("flaky") && request.retry_count == 0 {
                        return Err(TaskFailure::new("Flaky", "the first attempt"));
                    }
                    if request.resource.ends_with("once") && request.input.to_json() == r#"{"redrives":0}"# {
                        return Err(TaskFailure::new("Broken", "until it is redriven"));
                    }
                    TaskReply::Done(request.input.clone())
                }
            };
            Ok(TaskResponse { reply, modelled: None })
        }
    }))
}

/// The store that a program of these tests was told to use: a directory, or `-` to keep nothing; and the file layer.
pub fn store() -> Arc<dyn Store> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().unwrap();
    if directory == "-" {
        return Arc::new(MemoryStore::new());
    }
    let options = match arguments.next() {
        // The log is carried over often, so that power fails within that too.
        Some(layer) => SqliteOptions { file_layer: Some(layer), rows_in_log: 100, ..SqliteOptions::default() },
        None => SqliteOptions::default(),
    };
    Arc::new(SqliteStore::open_with(Path::new(&directory), &SystemClock, options).unwrap())
}
