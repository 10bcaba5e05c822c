//! An expression: parsed once, evaluated often.

use super::error::{EvaluationError, JsonataError};
use super::facts::Facts;
use super::guard;
use super::position;
use super::reads::{self, Member, Reads};
use super::reference::{Found, Reference};
use super::refused::{self, Dialect};
use super::session::{Limits, Run, Session};
use crate::Timestamp;
use crate::failure::Failure;
use crate::value::Value;
use jsonata_core::ast::AstNode;
use jsonata_core::value::JValue;
use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::Arc;

/// Bytes that an expression may have.
pub const MAX_SOURCE: usize = 262_144;

/// A parsed expression. Send and Sync; what an evaluation makes stays inside it.
#[derive(Debug)]
pub struct Expression {
    source: Arc<str>,
    reads: Reads,
    plan: Plan,
    /// The functions to give to the library.
    functions: Vec<String>,
    draws: bool,
    facts: Facts,
}

#[derive(Debug)]
struct Plan {
    /// What needs no evaluation.
    reference: Option<Reference>,
    tree: AstNode,
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
        let tree = tree(source).map_err(|error| position::located(source, error))?;
        if dialect == Dialect::Aws
            && let Some(refused) = refused::refused(&tree)
        {
            return Err(JsonataError {
                code: refused.code.to_owned(),
                message: refused.message.to_owned(),
                help: Some(refused.help),
                offset: source.find(refused.construct).unwrap_or(0),
            });
        }
        let reads = reads::reads(&tree);
        let reference = Reference::of(&tree);
        let facts = Facts::of(&tree);
        let tree = guard::guarded(tree, &reads.bound);
        let mut functions = BTreeSet::new();
        guard::names(&tree, &mut functions);
        functions.extend(reads.names.iter().filter(|name| super::functions::is_ours(name)).cloned());
        let draws = reads.names.iter().any(|name| super::functions::draws(name));
        Ok(Expression {
            source: source.into(),
            reads,
            plan: Plan { reference, tree },
            functions: functions.into_iter().collect(),
            draws,
            facts,
        })
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
        if let Some(reference) = &self.plan.reference {
            match reference.find(session) {
                Found::Value(value) => return Ok(value),
                Found::Nothing => return Err(EvaluationError::Undefined),
                Found::Unclear => {}
            }
        }
        let mut bindings = Vec::new();
        for name in &self.reads.names {
            if name == "states" {
                let members = if self.reads.whole_states { &Member::ALL[..] } else { &self.reads.members };
                bindings.push((name.clone(), session.states_in(members)));
            } else if let Some(value) = session.variable_in(name) {
                bindings.push((name.clone(), value));
            }
        }
        let seed = if self.draws { (session.draw(), session.draw()) } else { (0, 0) };
        let run = Run {
            tree: &self.plan.tree,
            functions: &self.functions,
            bindings,
            data: JValue::Undefined,
            seed,
            now: session.now(),
            known: Rc::clone(session.known()),
            limits: Limits::default(),
            facts: &self.facts,
        };
        let result = run.result()?;
        session.known().borrow().value_out(&result)
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

    /// The library's result for an input of its own: the suite of the reference implementation asks so.
    pub(super) fn run_with(
        &self,
        data: JValue,
        bindings: Vec<(String, JValue)>,
        limits: Limits,
        now: Timestamp,
    ) -> Result<JValue, EvaluationError> {
        Run {
            tree: &self.plan.tree,
            functions: &self.functions,
            bindings,
            data,
            seed: (1, 2),
            now,
            known: Rc::default(),
            limits,
            facts: &self.facts,
        }
        .result()
    }
}

/// The tree, or the library's message.
pub(super) fn tree(source: &str) -> Result<AstNode, String> {
    match catch_unwind(|| jsonata_core::parser::parse(source)) {
        Ok(Ok(tree)) => Ok(tree),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the expression could not be read".to_owned()),
    }
}
