//! The parsed call and its evaluation.

use super::error::{IntrinsicError, IntrinsicFailure, Refusal};
use super::parse;
use super::table::Signature;
use super::template::Template;
use crate::path::Path;
use crate::{Environment, Scope, Value};
use std::fmt;
use std::sync::Arc;

/// A call of an intrinsic function: parsed once, evaluated often.
#[derive(Debug, Clone)]
pub struct Intrinsic {
    pub(super) source: Arc<str>,
    pub(super) call: Call,
}

/// A function and its arguments.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) function: &'static Signature,
    pub(super) arguments: Vec<Argument>,
    /// Of `States.Format` with a literal as its first argument.
    pub(super) template: Option<Template>,
}

/// One argument.
#[derive(Debug, Clone)]
pub(super) enum Argument {
    Literal(Value),
    Path(Path),
    Call(Call),
}

/// What a function is given.
pub(super) struct Arguments<'a> {
    values: Vec<Value>,
    template: Option<&'a Template>,
    env: &'a dyn Environment,
}

impl Intrinsic {
    /// Reads a call: the name of a function, and as many arguments as it takes. Functions may be nested ten deep.
    pub fn parse(text: &str) -> Result<Intrinsic, IntrinsicError> {
        parse::intrinsic(text)
    }

    /// The text that was parsed.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The name of the outermost function, `States.` included.
    pub fn function_name(&self) -> &str {
        self.call.function.name()
    }

    /// The paths among the arguments, also of nested calls, in the order in which they are written.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let mut found = Vec::new();
        self.call.collect_paths(&mut found);
        found.into_iter()
    }

    /// The result.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, IntrinsicFailure> {
        self.call.run(scope).map_err(|(detail, explanation)| IntrinsicFailure {
            source: self.source.clone(),
            detail,
            explanation,
        })
    }
}

impl fmt::Display for Intrinsic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl Call {
    fn collect_paths<'c>(&'c self, found: &mut Vec<&'c Path>) {
        for argument in &self.arguments {
            match argument {
                Argument::Literal(_) => {}
                Argument::Path(path) => found.push(path),
                Argument::Call(call) => call.collect_paths(found),
            }
        }
    }

    /// Recursion is bounded by the parser. The error is AWS's text behind the source, and an explanation.
    fn run(&self, scope: &Scope<'_>) -> Result<Value, (String, Option<String>)> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            values.push(match argument {
                Argument::Literal(value) => value.clone(),
                Argument::Path(path) => path.evaluate(scope).map_err(|miss| {
                    let searched = miss.searched(scope);
                    let detail = format!(
                        "The JsonPath argument for the field '{path}' could not be found in the input '{searched}'"
                    );
                    (detail, Some(miss.to_string()))
                })?,
                Argument::Call(call) => call.run(scope)?,
            });
        }
        let arguments = Arguments { values, template: self.template.as_ref(), env: scope.env };
        (self.function.run)(&arguments).map_err(|refusal| refusal.text(self.function.name()))
    }
}

impl<'a> Arguments<'a> {
    pub(super) fn all(&self) -> &[Value] {
        &self.values
    }
    pub(super) fn template(&self) -> Option<&'a Template> {
        self.template
    }
    pub(super) fn draw(&self) -> u64 {
        self.env.draw()
    }

    /// The argument at this place. The parser has counted them, so that only an optional one is missing.
    pub(super) fn value(&self, at: usize) -> Result<&Value, Refusal> {
        self.values.get(at).ok_or_else(|| Refusal::new(format!("argument {} is missing", at + 1)))
    }

    pub(super) fn array(&self, at: usize) -> Result<&[Value], Refusal> {
        let value = self.value(at)?;
        value.as_array().ok_or_else(|| wrong_type(at, "an array", value))
    }

    pub(super) fn text(&self, at: usize) -> Result<&str, Refusal> {
        let value = self.value(at)?;
        value.as_str().ok_or_else(|| wrong_type(at, "a string", value))
    }

    pub(super) fn number(&self, at: usize) -> Result<&serde_json::Number, Refusal> {
        match self.value(at)? {
            Value::Number(number) => Ok(number),
            other => Err(wrong_type(at, "a number", other)),
        }
    }
}

pub(super) fn wrong_type(at: usize, wanted: &str, value: &Value) -> Refusal {
    Refusal::new(format!("argument {} must be {wanted}, but was {}", at + 1, value.type_name()))
}
