//! What a case says.

use serde_json::{Map, Value};
use std::fmt;

/// A case of any kind.
#[derive(Debug, Clone)]
pub struct Case {
    /// Unique over all files.
    pub name: String,
    /// What it is about, for example `choice_operators`.
    pub group: String,
    /// When it was recorded (`YYYY-MM-DD`), if the file says so: members that AWS added later are missing then.
    pub recorded: Option<String>,
    /// Other services that were called before.
    pub services: Vec<String>,
    /// JSONata if any part of its definitions says so.
    pub language: Language,
    /// What is to be done.
    pub body: Body,
}

/// What a case asks for.
#[derive(Debug, Clone)]
pub enum Body {
    /// Run a state machine.
    Execution(Box<ExecutionCase>),
    /// One call that judges a definition.
    Validation(Box<ValidationCase>),
    /// Several calls in order.
    Api(ApiCase),
}

impl Body {
    /// The kind of the case.
    pub fn kind(&self) -> Kind {
        match self {
            Body::Execution(_) => Kind::Execution,
            Body::Validation(_) => Kind::Validation,
            Body::Api(_) => Kind::Api,
        }
    }
}

/// The kind of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Kind {
    /// Run a state machine.
    Execution,
    /// One call that judges a definition.
    Validation,
    /// Several calls in order.
    Api,
    /// One JSONata expression.
    Expression,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Execution => "execution",
            Kind::Validation => "validation",
            Kind::Api => "api",
            Kind::Expression => "expression",
        })
    }
}

/// The query language of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// No state says JSONata.
    Jsonpath,
    /// Some state, or the whole machine, says JSONata.
    Jsonata,
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Language::Jsonpath => "jsonpath",
            Language::Jsonata => "jsonata",
        })
    }
}

/// The type of a state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineType {
    /// Long, exactly once, with a history.
    Standard,
    /// Short, at least once, without one.
    Express,
}

/// How an execution is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// `StartExecution`
    Asynchronous,
    /// `StartSyncExecution`
    Synchronous,
}

/// A state machine, its input, and how it ended.
#[derive(Debug, Clone)]
pub struct ExecutionCase {
    /// Type of the state machine.
    pub machine_type: MachineType,
    /// How it is started.
    pub start: Start,
    /// The text of the definition.
    pub definition: String,
    /// The text of the input.
    pub input: String,
    /// The calls of each Task state, in the order in which they were scheduled.
    pub tasks: Vec<(String, Vec<Call>)>,
    /// Other things that the definition reads, as the case file has them.
    pub resources: Map<String, Value>,
    /// Whether the recorded events of Parallel states have lost their order.
    pub sorted: bool,
    /// How it ended.
    pub expect: Expected,
}

/// One attempt of a Task state.
#[derive(Debug, Clone)]
pub struct Call {
    /// What was called, as AWS shows it.
    pub resource: String,
    /// What the task was given; may hold wildcards.
    pub input: Option<Value>,
    /// Index in the innermost Map state.
    pub iteration: Option<usize>,
    /// The answer of the first step of a `.sync` or callback task.
    pub submitted: Option<Value>,
    /// How it ended.
    pub outcome: Outcome,
}

/// How an attempt of a task ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// With a result.
    Return(Value),
    /// With an error.
    Throw(Thrown),
    /// It never started: scheduling or starting failed, with this type of event if the case names it.
    NeverStarted(Thrown, Option<String>),
    /// It did not answer in time; the engine itself has to notice.
    TimedOut,
    /// It never answered.
    Silence,
}

/// An error of a task. AWS leaves out what it was not given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thrown {
    /// Its name.
    pub error: Option<String>,
    /// Its cause.
    pub cause: Option<String>,
}

/// How an execution ended. Texts may hold wildcards; JSON texts are values.
#[derive(Debug, Clone)]
pub struct Expected {
    /// `SUCCEEDED`, `FAILED`, `ABORTED` or `TIMED_OUT`.
    pub status: String,
    /// The output, if it succeeded.
    pub output: Option<Value>,
    /// The error's name.
    pub error: Option<Value>,
    /// The error's cause.
    pub cause: Option<Value>,
    /// The events of GetExecutionHistory.
    pub history: Option<Vec<Value>>,
}

/// One call that judges a definition.
#[derive(Debug, Clone)]
pub struct ValidationCase {
    /// `CreateStateMachine`, `UpdateStateMachine`, `ValidateStateMachineDefinition` or `TestState`.
    pub operation: String,
    /// The text of the definition.
    pub definition: String,
    /// The rest of the request.
    pub params: Map<String, Value>,
    /// Whether no role was given (TestState).
    pub without_role: bool,
    /// What came back.
    pub expect: Answer,
}

/// What came back from a call.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The response, without metadata.
    Response(Value),
    /// An error by its code and its message.
    Error {
        /// For example `InvalidDefinition`.
        code: Value,
        /// For people.
        message: Value,
    },
    /// An error as the Python client prints it.
    Printed(String),
}

/// Several calls in order.
#[derive(Debug, Clone)]
pub struct ApiCase {
    /// What is done, in order. References to earlier answers have the form `${3.stateMachineArn}`.
    pub steps: Vec<Step>,
}

/// A step of an [`ApiCase`].
#[derive(Debug, Clone)]
pub enum Step {
    /// Wait until the execution of this ARN has ended.
    Await(String),
    /// Call an operation.
    Call(Box<ApiCall>),
}

/// A call of an operation.
#[derive(Debug, Clone)]
pub struct ApiCall {
    /// Its name.
    pub operation: String,
    /// The request, without the definition.
    pub request: Map<String, Value>,
    /// The text of the definition, if the request has one.
    pub definition: Option<String>,
    /// What came back, if it was recorded.
    pub expect: Option<Answer>,
    /// The call fails, and the error was not recorded.
    pub fails: bool,
}
