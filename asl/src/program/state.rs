//! The eight state types.

use super::{
    Distributed, ErrorPattern, Flow, IntegerField, JsonataExit, MachineId, Payload, ResultPath, Retrier, Rule, StateId,
    Template, TextField,
};
use crate::catalogue::Integration;
use crate::jsonata::{Expression, JsonataTemplate};
use crate::path::Path;
use crate::syntax::Span;
use crate::time::Timestamp;
use std::fmt;
use std::sync::Arc;

/// The language of a state's expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueryLanguage {
    /// Paths, payload templates and intrinsic functions.
    #[default]
    JsonPath,
    /// JSONata expressions.
    Jsonata,
}

impl fmt::Display for QueryLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            QueryLanguage::JsonPath => "JSONPath",
            QueryLanguage::Jsonata => "JSONata",
        })
    }
}

/// A state.
#[derive(Debug)]
pub struct State {
    /// Its name: unique over the whole definition.
    pub name: Arc<str>,
    /// The machine that it belongs to.
    pub machine: MachineId,
    /// JSON pointer of the state in the definition.
    pub pointer: String,
    /// Where its name stands in the text.
    pub span: Span,
    /// How it takes its input and what it hands on.
    pub flow: Flow,
    /// What kind of state it is, with the fields of that kind.
    pub kind: StateKind,
}

/// What a state does.
#[derive(Debug)]
pub enum StateKind {
    /// Hands its input on, perhaps changed.
    Pass(Next),
    /// Calls a resource.
    Task(Box<Task>),
    /// Branches on its input.
    Choice(Choice),
    /// Waits.
    Wait(Wait, Next),
    /// Ends its machine with success.
    Succeed,
    /// Ends its machine with an error.
    Fail(Fail),
    /// Runs branches side by side.
    Parallel(Box<Parallel>),
    /// Runs a machine for every item of a list.
    Map(Box<Map>),
}

impl StateKind {
    /// The `Type` of the state as the definition names it.
    pub fn type_name(&self) -> &'static str {
        match self {
            StateKind::Pass(_) => "Pass",
            StateKind::Task(_) => "Task",
            StateKind::Choice(_) => "Choice",
            StateKind::Wait(..) => "Wait",
            StateKind::Succeed => "Succeed",
            StateKind::Fail(_) => "Fail",
            StateKind::Parallel(_) => "Parallel",
            StateKind::Map(_) => "Map",
        }
    }
}

/// Where a state leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Next {
    /// To this state.
    State(StateId),
    /// Nowhere: its machine ends here.
    End,
}

/// What Task, Parallel and Map have in common: their work can fail, be retried and be caught.
#[derive(Debug)]
pub struct Effect {
    /// `Retry`, in order.
    pub retry: Vec<Retrier>,
    /// `Catch`, in order.
    pub catch: Vec<Catcher>,
    /// Where it leads.
    pub next: Next,
}

/// An entry of `Catch`.
#[derive(Debug)]
pub struct Catcher {
    /// `ErrorEquals`.
    pub errors: Vec<ErrorPattern>,
    /// What becomes of the error object.
    pub flow: CatchFlow,
    /// Where it leads.
    pub next: StateId,
}

/// What a catcher makes of the error object, in the language of its state.
#[derive(Debug)]
pub enum CatchFlow {
    /// By paths.
    Paths {
        /// Where the error object goes.
        result_path: ResultPath,
        /// `Assign`.
        assign: Option<Template>,
    },
    /// By expressions, which see it as `$states.errorOutput`.
    Jsonata(JsonataExit),
}

impl CatchFlow {
    /// The names of the variables that are assigned.
    pub fn assigned(&self) -> Vec<Arc<str>> {
        match self {
            CatchFlow::Paths { assign, .. } => assign.as_ref().map(Template::member_names).unwrap_or_default(),
            CatchFlow::Jsonata(exit) => exit.assigned(),
        }
    }
}

/// A Task state.
#[derive(Debug)]
pub struct Task {
    /// The common part.
    pub effect: Effect,
    /// `Resource` as written, after substitution.
    pub resource: Arc<str>,
    /// What the resource is; `None` where it holds a placeholder without a value.
    pub integration: Option<Integration>,
    /// `TimeoutSeconds` or `TimeoutSecondsPath`.
    pub timeout: Option<IntegerField>,
    /// `HeartbeatSeconds` or `HeartbeatSecondsPath`.
    pub heartbeat: Option<IntegerField>,
    /// `Credentials`.
    pub credentials: Option<Payload>,
}

/// A Choice state.
#[derive(Debug)]
pub struct Choice {
    /// `Choices`, in order.
    pub rules: Vec<Rule>,
    /// `Default`.
    pub default: Option<StateId>,
}

/// How long a Wait state waits.
#[derive(Debug)]
pub enum Wait {
    /// `Seconds`
    Seconds(u64),
    /// `SecondsPath`
    SecondsPath(Path),
    /// `Seconds` as an expression.
    SecondsExpression(Box<Expression>),
    /// `Timestamp`, rounded up to a millisecond.
    Timestamp(Timestamp),
    /// `TimestampPath`
    TimestampPath(Path),
    /// `Timestamp` as an expression.
    TimestampExpression(Box<Expression>),
}

/// A Fail state.
#[derive(Debug)]
pub struct Fail {
    /// `Error` or `ErrorPath`.
    pub error: Option<TextField>,
    /// `Cause` or `CausePath`.
    pub cause: Option<TextField>,
}

/// A Parallel state.
#[derive(Debug)]
pub struct Parallel {
    /// The common part.
    pub effect: Effect,
    /// `Branches`, in order.
    pub branches: Vec<MachineId>,
}

/// A Map state.
#[derive(Debug)]
pub struct Map {
    /// The common part.
    pub effect: Effect,
    /// The list of items.
    pub items: Items,
    /// `ItemSelector`, or the old `Parameters`.
    pub item_selector: Option<Payload>,
    /// `MaxConcurrency` or `MaxConcurrencyPath`; 0 and absent mean no limit of the author's.
    pub max_concurrency: Option<IntegerField>,
    /// `ItemProcessor`, or the old `Iterator`.
    pub processor: MachineId,
    /// What a distributed Map has beyond an inline one; `None`: it is inline.
    pub distributed: Option<Box<Distributed>>,
}

/// Where the items of a Map come from.
#[derive(Debug)]
pub enum Items {
    /// `ItemsPath`; `$` when absent.
    Path(Path),
    /// The input of a state in JSONata that has no `Items`.
    Input,
    /// `Items`.
    Template(JsonataTemplate),
}
