//! What comes out: a value, or assertions about it.

use crate::{Failure, Ran};
use aslx_asl::jsonata::{Expression, Session, States, expression_in};
use aslx_asl::path::Path;
use aslx_asl::{Environment, Scope, Value};
use aslx_engine::history::view::shorten;
use aslx_engine::layers::{Match, difference};
use std::sync::Arc;

/// Characters of a value that are shown.
const SHOWN: usize = 300;

/// Something about an output.
#[derive(Debug, Clone)]
pub enum Assertion {
    /// What a JSONPath leads to in the output has this property.
    Path(Path, Property),
    /// A JSONata expression gives `true`. It sees `$states.result` (the output), `$states.input` (the execution's
    /// input), `$states.errorOutput` (error and cause), `$attempts` (by state) and `$seconds` (of modelled time).
    Jsonata(Arc<Expression>),
}

/// What is asked of what a path leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Property {
    /// It is there, or it is not.
    Exists(bool),
    /// It is this.
    Is(Value, Match),
}

/// Why an assertion cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct AssertionError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Byte in the text of the path or expression.
    pub offset: usize,
}

impl Assertion {
    /// About what a path leads to.
    pub fn path(path: &str, property: Property) -> Result<Assertion, AssertionError> {
        let path = Path::parse(path).map_err(|error| AssertionError {
            message: error.message().to_owned(),
            help: error.help().map(str::to_owned),
            offset: error.offset(),
        })?;
        Ok(Assertion::Path(path, property))
    }

    /// What has to be true; with or without the marks `{% %}`.
    pub fn jsonata(text: &str) -> Result<Assertion, AssertionError> {
        let inner = expression_in(text).unwrap_or(text);
        let expression = Expression::parse(inner).map_err(|error| AssertionError {
            message: format!("this is no JSONata expression: {}", error.message()),
            help: error.help().map(str::to_owned),
            offset: error.offset(),
        })?;
        Ok(Assertion::Jsonata(Arc::new(expression)))
    }

    pub(super) fn judge(&self, ran: &Ran) -> Option<Failure> {
        match self {
            Assertion::Path(path, property) => judge_path(path, property, ran),
            Assertion::Jsonata(expression) => judge_jsonata(expression, ran),
        }
    }
}

pub(super) fn output(expected: &Value, how: Match, ran: &Ran) -> Option<Failure> {
    let found = ran.output()?;
    let difference = difference(expected, found, how)?;
    Some(Failure::new(format!("the output is not as expected: {difference}")).line(whole(found)).help(match how {
        Match::Exact => "say so in `output` if that is right; `outputIncludes` looks only at what it names",
        Match::Partial => "say so in `outputIncludes` if that is right",
    }))
}

fn whole(output: &Value) -> String {
    format!("the output is {}", shorten(&output.to_json(), SHOWN))
}

fn judge_path(path: &Path, property: &Property, ran: &Ran) -> Option<Failure> {
    let output = ran.output()?;
    let nothing = Nothing::default();
    let found = path.evaluate(&Scope { input: output, env: &nothing });
    let title = match (property, found) {
        (Property::Exists(true), Err(_)) => format!("expected `{path}` in the output, nothing is there"),
        (Property::Exists(false), Ok(value)) => {
            format!("expected nothing at `{path}` in the output, found `{}`", shorten(&value.to_json(), SHOWN))
        }
        (Property::Is(expected, _), Err(_)) => {
            format!("expected `{path}` to be `{}`, nothing is there", shorten(&expected.to_json(), SHOWN))
        }
        (Property::Is(expected, how), Ok(value)) => {
            let difference = difference(expected, &value, *how)?;
            format!("`{path}` is not as expected: {difference}")
        }
        (Property::Exists(true), Ok(_)) | (Property::Exists(false), Err(_)) => return None,
    };
    let help = "change what is asserted if that is right, else the answers that it is made from";
    Some(Failure::new(title).line(whole(output)).help(help))
}

fn judge_jsonata(expression: &Expression, ran: &Ran) -> Option<Failure> {
    let surroundings = Nothing { attempts: ran.all_attempts(), seconds: Value::from(ran.duration().as_secs_f64()) };
    let error = Value::from_pairs([
        ("Error", ran.error().map_or(Value::Null, Value::from)),
        ("Cause", ran.cause().map_or(Value::Null, Value::from)),
    ]);
    let states = States {
        input: Some(ran.input()),
        result: ran.output(),
        error_output: ran.output().is_none().then_some(&error),
    };
    let session = Session::new(states, &surroundings, ran.stopped());
    let source = shorten(expression.source(), SHOWN);
    let told = match expression.evaluate(&session) {
        Ok(Value::Bool(true)) => return None,
        Ok(value) => format!("expected `{source}` to be true, it is `{}`", shorten(&value.to_json(), SHOWN)),
        Err(_) => {
            let cause = expression.evaluate_in("assert", &session).err().map(|failure| failure.detail);
            format!("`{source}` gives no value: {}", shorten(&cause.unwrap_or_default(), SHOWN))
        }
    };
    let failure = Failure::new(told).help("$states.result is the output, $states.input the input of the execution");
    Some(match ran.output() {
        Some(output) => failure.line(whole(output)),
        None => failure,
    })
}

/// Surroundings without a context object.
#[derive(Default)]
struct Nothing {
    attempts: Value,
    seconds: Value,
}

impl Environment for Nothing {
    fn context(&self) -> &Value {
        &Value::Null
    }
    fn variable(&self, name: &str) -> Option<&Value> {
        match name {
            "attempts" => Some(&self.attempts),
            "seconds" => Some(&self.seconds),
            _ => None,
        }
    }
    // Assertions are the same every time.
    fn draw(&self) -> u64 {
        0
    }
}
