//! An expression: parsed once, evaluated often.

use super::error::{EvaluationError, JsonataError};
use super::out;
use super::reads::{self, Member, Reads};
use super::reference::{Found, Reference};
use super::refused::Dialect;
use super::run::{Bindings, Limits, Run};
use super::session::Session;
use super::syntax::{self, Tree};
use super::value::Val;
use crate::Timestamp;
use crate::failure::Failure;
use crate::value::Value;
use std::sync::Arc;

/// Bytes that an expression may have.
pub const MAX_SOURCE: usize = 262_144;

/// A parsed expression. Send and Sync; what an evaluation makes stays inside it.
#[derive(Debug)]
pub struct Expression {
    source: Arc<str>,
    reads: Reads,
    /// What needs no evaluation.
    reference: Option<Reference>,
    tree: Tree,
    draws: bool,
}

impl Expression {
    /// Reads an expression: the text between the markers, trimmed or not. Errors: what the language refuses, and what
    /// Step Functions does not have ([`REFUSED`](super::REFUSED)).
    pub fn parse(source: &str) -> Result<Expression, JsonataError> {
        Expression::parse_as(source, Dialect::Aws)
    }

    /// The same, in another dialect.
    pub fn parse_as(source: &str, dialect: Dialect) -> Result<Expression, JsonataError> {
        if source.len() > MAX_SOURCE {
            return Err(JsonataError {
                code: String::new(),
                message: format!("the expression has more than {MAX_SOURCE} bytes"),
                help: None,
                offset: 0,
            });
        }
        let tree = syntax::parse(source, dialect).map_err(|error| JsonataError {
            code: error.code.to_owned(),
            message: error.message,
            help: error.help,
            offset: error.at.min(source.len()),
        })?;
        let reads = reads::reads(&tree);
        let reference = Reference::of(&tree);
        let draws = reads.names.iter().any(|name| super::functions::draws(name));
        Ok(Expression { source: source.into(), reads, reference, tree, draws })
    }

    /// The text that was parsed.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What the expression reads.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// The variables that it reads, without `$`, sorted.
    pub fn variables(&self) -> &[String] {
        &self.reads.variables
    }

    /// The value. Errors: nothing found, a function, the language's own errors, a bound that was hit.
    pub fn evaluate(&self, session: &Session<'_>) -> Result<Value, EvaluationError> {
        if let Some(reference) = &self.reference {
            match reference.find(session) {
                Found::Value(value) => return Ok(value),
                Found::Nothing => return Err(EvaluationError::Undefined),
                Found::Unclear => {}
            }
        }
        let seed = if self.draws { (session.draw(), session.draw()) } else { (0, 0) };
        let members = if self.reads.whole_states { &Member::ALL[..] } else { &self.reads.members };
        self.run(&session.seen(members), Val::Undefined, session.now(), seed, Limits::default())
    }

    /// The value, or the failure that AWS gives in the field at this location: `Output/result`.
    pub fn evaluate_in(&self, location: &str, session: &Session<'_>) -> Result<Value, Failure> {
        self.evaluate(session).map_err(|error| self.failure(location, &error))
    }

    /// The failure `States.QueryEvaluationError` of this error in this field, in AWS's words.
    pub fn failure(&self, location: &str, error: &EvaluationError) -> Failure {
        error.failure(&self.source, location)
    }

    /// The failure of a value of another type than the field takes. `expected` is the type's name: `array`.
    pub fn unexpected_type(&self, location: &str, expected: &str, value: &Value) -> Failure {
        super::error::unexpected_type(&self.source, location, expected, value)
    }

    /// The value for an input and variables of its own: the suite of the reference implementation asks so.
    pub(super) fn run(
        &self,
        bindings: &dyn Bindings,
        input: Val,
        now: Timestamp,
        seed: (u64, u64),
        limits: Limits,
    ) -> Result<Value, EvaluationError> {
        let run = Run::new(&self.tree, bindings, input, now, seed, limits);
        match run.finish(|_, value| Ok(out::value(&value))) {
            Ok(value) => value,
            Err(fault) => Err(fault.into_error()),
        }
    }
}
