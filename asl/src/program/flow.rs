//! The way of the data through a state: in one language or in the other, never in both.

use super::{Pick, QueryLanguage, ResultPath, Template};
use crate::Failure;
use crate::jsonata::{JsonataTemplate, Session, States};
use crate::scope::{Environment, Scope};
use crate::time::Timestamp;
use crate::value::Value;
use std::cell::OnceCell;
use std::sync::Arc;

/// How a state takes its input, and what it hands on.
#[derive(Debug)]
pub enum Flow {
    /// By paths and payload templates.
    Paths(Box<PathFlow>),
    /// By JSONata expressions.
    Jsonata(Box<JsonataFlow>),
}

/// The data flow of a state in JSONPath. Fields that a type of state does not have stay at their defaults.
#[derive(Debug, Default)]
pub struct PathFlow {
    /// `InputPath`.
    pub input_path: Pick,
    /// `Parameters` of Pass, Task and Parallel. (Those of an old Map are its item selector.)
    pub parameters: Option<Template>,
    /// `Result` of a Pass; `null` counts as absent, as on AWS.
    pub result: Option<Value>,
    /// `ResultSelector`.
    pub result_selector: Option<Template>,
    /// `ResultPath`.
    pub result_path: ResultPath,
    /// `OutputPath`.
    pub output_path: Pick,
    /// `Assign`; not for Choice rules and catchers, which have their own.
    pub assign: Option<Template>,
}

/// The data flow of a state in JSONata.
#[derive(Debug, Default)]
pub struct JsonataFlow {
    /// `Arguments` of Task and Parallel; `$states.input` when absent.
    pub arguments: Option<JsonataTemplate>,
    /// How it is left; not by Choice rules and catchers, which have their own.
    pub exit: JsonataExit,
}

/// What a state in JSONata hands on, a rule of it or a catcher.
#[derive(Debug, Default)]
pub struct JsonataExit {
    /// `Output`; the result, the error or the input when absent.
    pub output: Option<JsonataTemplate>,
    /// `Assign`.
    pub assign: Option<JsonataTemplate>,
}

impl Flow {
    /// The language of the state's expressions.
    pub fn language(&self) -> QueryLanguage {
        match self {
            Flow::Paths(_) => QueryLanguage::JsonPath,
            Flow::Jsonata(_) => QueryLanguage::Jsonata,
        }
    }

    /// The flow, if it is by paths.
    pub fn as_paths(&self) -> Option<&PathFlow> {
        match self {
            Flow::Paths(flow) => Some(flow),
            Flow::Jsonata(_) => None,
        }
    }

    /// The names of the variables that the state's own `Assign` assigns.
    pub fn assigned(&self) -> Vec<Arc<str>> {
        match self {
            Flow::Paths(flow) => flow.assign.as_ref().map(Template::member_names).unwrap_or_default(),
            Flow::Jsonata(flow) => flow.exit.assigned(),
        }
    }
}

impl JsonataExit {
    /// The names of the variables that are assigned.
    pub fn assigned(&self) -> Vec<Arc<str>> {
        match &self.assign {
            Some(JsonataTemplate::Object(members)) => members.iter().map(|(name, _)| name.clone()).collect(),
            Some(JsonataTemplate::Literal(value)) => {
                value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A value to be computed in the language of its state.
#[derive(Debug)]
pub enum Payload {
    /// A payload template.
    Paths(Template),
    /// JSON with expressions.
    Jsonata(JsonataTemplate),
}

impl Payload {
    /// Computes the value. `location` is the field's name for errors of expressions: `ItemSelector`. Errors: a path
    /// that finds nothing, a function that fails, an expression that has no value.
    pub fn evaluate(&self, location: &str, view: &View<'_>) -> Result<Value, Failure> {
        match self {
            Payload::Paths(template) => template.evaluate(view.scope()),
            Payload::Jsonata(template) => template.evaluate(location, view.session()),
        }
    }

    /// The payload template, if it is one.
    pub fn as_template(&self) -> Option<&Template> {
        match self {
            Payload::Paths(template) => Some(template),
            Payload::Jsonata(_) => None,
        }
    }
}

/// What the fields of a state see while they are evaluated, whichever language they are in. What expressions see is
/// prepared when the first of them asks, once for all of them.
pub struct View<'a> {
    scope: Scope<'a>,
    states: States<'a>,
    now: Timestamp,
    session: OnceCell<Session<'a>>,
}

impl<'a> View<'a> {
    /// `input` is what `$` stands for in paths; expressions see `states`. The time is `now`.
    pub fn new(input: &'a Value, states: States<'a>, env: &'a dyn Environment, now: Timestamp) -> View<'a> {
        View { scope: Scope { input, env }, states, now, session: OnceCell::new() }
    }

    /// What paths see.
    pub fn scope(&self) -> &Scope<'a> {
        &self.scope
    }

    /// What expressions see.
    pub fn session(&self) -> &Session<'a> {
        self.session.get_or_init(|| Session::new(self.states, self.scope.env, self.now))
    }
}
