//! What the expressions of one state see.

use super::convert::Known;
use super::draws::Draws;
use super::error::EvaluationError;
use super::facts::Facts;
use super::functions::{self, Shared};
use super::meter::{self, Meter};
use super::reads::Member;
use super::{messages, watch};
use crate::value::Value;
use crate::{Environment, Timestamp};
use indexmap::IndexMap;
use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorError, EvaluatorOptions};
use jsonata_core::value::JValue;
use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// The members of `$states`. The context object comes from the [`Environment`].
#[derive(Debug, Clone, Copy, Default)]
pub struct States<'a> {
    /// `$states.input`
    pub input: Option<&'a Value>,
    /// `$states.result`, where there is one.
    pub result: Option<&'a Value>,
    /// `$states.errorOutput`, where there is one.
    pub error_output: Option<&'a Value>,
}

/// What the expressions of one state see while they are evaluated, converted once for all of them, and only as far as
/// they read it. Not [`Send`]: made and dropped where a state is stepped.
pub struct Session<'a> {
    states: States<'a>,
    env: &'a dyn Environment,
    now: Timestamp,
    known: Rc<RefCell<Known>>,
    members: RefCell<[Option<JValue>; 4]>,
    variables: RefCell<HashMap<String, JValue, foldhash::fast::RandomState>>,
}

/// What one run needs besides the tree.
pub(super) struct Run<'r> {
    pub(super) tree: &'r AstNode,
    /// Names of functions to register: ours and guards.
    pub(super) functions: &'r [String],
    pub(super) bindings: Vec<(String, JValue)>,
    pub(super) data: JValue,
    pub(super) seed: (u64, u64),
    pub(super) now: Timestamp,
    pub(super) known: Rc<RefCell<Known>>,
    pub(super) limits: Limits,
    /// For the texts of errors.
    pub(super) facts: &'r Facts,
}

/// Bounds of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) millis: u64,
    pub(super) depth: usize,
    pub(super) sequence: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { millis: meter::MAX_MILLIS, depth: meter::MAX_EVALUATION_DEPTH, sequence: meter::MAX_SEQUENCE }
    }
}

impl<'a> Session<'a> {
    /// For the expressions of a state: they see these, and the time is this.
    pub fn new(states: States<'a>, env: &'a dyn Environment, now: Timestamp) -> Session<'a> {
        Session { states, env, now, known: Rc::default(), members: RefCell::default(), variables: RefCell::default() }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn known(&self) -> &Rc<RefCell<Known>> {
        &self.known
    }

    pub(super) fn draw(&self) -> u64 {
        self.env.draw()
    }

    /// The member's value as it is, if it is there.
    pub(super) fn member(&self, member: Member) -> Option<&'a Value> {
        match member {
            Member::Input => self.states.input,
            Member::Context => Some(self.env.context()),
            Member::Result => self.states.result,
            Member::ErrorOutput => self.states.error_output,
        }
    }

    /// The variable's value as it is, if it is assigned.
    pub(super) fn variable(&self, name: &str) -> Option<&'a Value> {
        self.env.variable(name)
    }

    /// The member's value for the library.
    fn member_in(&self, member: Member) -> Option<JValue> {
        let mut members = self.members.borrow_mut();
        let slot = members.get_mut(member as usize)?;
        if slot.is_none() {
            *slot = Some(self.known.borrow_mut().value_in(self.member(member)?));
        }
        slot.clone()
    }

    /// `$states` with these members, as far as they are there.
    pub(super) fn states_in(&self, members: &[Member]) -> JValue {
        let pairs = members.iter().filter_map(|member| Some((member.name().to_owned(), self.member_in(*member)?)));
        JValue::object(pairs.collect::<IndexMap<_, _>>())
    }

    /// The variable's value for the library, if it is assigned.
    pub(super) fn variable_in(&self, name: &str) -> Option<JValue> {
        if let Some(converted) = self.variables.borrow().get(name) {
            return Some(converted.clone());
        }
        let converted = self.known.borrow_mut().value_in(self.env.variable(name)?);
        self.variables.borrow_mut().insert(name.to_owned(), converted.clone());
        Some(converted)
    }
}

impl Run<'_> {
    /// The library's result.
    pub(super) fn result(self) -> Result<JValue, EvaluationError> {
        let shared = Rc::new(Shared {
            meter: Meter::default(),
            known: self.known,
            draws: RefCell::new(Draws::new(self.seed.0, self.seed.1)),
            now: self.now,
        });
        let mut context = Context::new();
        for (name, value) in self.bindings {
            context.bind(name, value);
        }
        let options = EvaluatorOptions {
            timeout_ms: Some(self.limits.millis),
            cancel: None,
            max_stack_depth: Some(self.limits.depth),
            max_sequence_length: Some(self.limits.sequence),
        };
        let mut evaluator = Evaluator::with_options(context, options);
        for name in self.functions {
            let registered = if name.starts_with('!') {
                watch::register(&mut evaluator, name, &shared)
            } else {
                functions::register(&mut evaluator, name, &shared)
            };
            registered.map_err(|error| messages::evaluation(&error, self.facts))?;
        }
        // The library is known not to panic on what was tried; if it does, the execution fails and not the process.
        let outcome = catch_unwind(AssertUnwindSafe(|| evaluator.evaluate(self.tree, &self.data)));
        let outcome = outcome.unwrap_or_else(|_| {
            Err(EvaluatorError::EvaluationError("the expression could not be evaluated".to_owned()))
        });
        outcome.map_err(|error| messages::evaluation(&error, self.facts))
    }
}
