//! Payload templates: JSON in which some values are computed.

use crate::failure::Failure;
use crate::path::{Selector, SelectorFailure};
use crate::scope::Scope;
use crate::value::{Members, Value};
use std::sync::Arc;

/// A value to be computed (`Parameters`, `ResultSelector`, `ItemSelector`, `Assign`, `Credentials`).
#[derive(Debug)]
pub enum Template {
    /// Nothing to compute: the value as written.
    Literal(Value),
    /// An object with something computed in it.
    Object(Vec<(Arc<str>, Template)>),
    /// An array with something computed in it.
    Array(Vec<Template>),
    /// A member whose name ends in `.$`.
    Select {
        /// The name, `.$` included: it shows in the error.
        field: Arc<str>,
        /// What to evaluate.
        selector: Selector,
    },
}

impl Template {
    /// Computes the value. Errors: a path that finds nothing, an intrinsic function that fails.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        match self {
            Template::Literal(value) => Ok(value.clone()),
            Template::Object(members) => {
                let mut out = Members::with_capacity_and_hasher(members.len(), Default::default());
                for (name, template) in members {
                    out.insert(name.clone(), template.evaluate(scope)?);
                }
                Ok(Value::object(out))
            }
            Template::Array(items) => {
                Ok(Value::array(items.iter().map(|item| item.evaluate(scope)).collect::<Result<_, _>>()?))
            }
            Template::Select { field, selector } => select(selector, field, scope),
        }
    }

    /// The names of the members, if it is an object: of `Assign`, the variables.
    pub fn member_names(&self) -> Vec<Arc<str>> {
        match self {
            Template::Object(members) => members.iter().map(|(name, _)| name.clone()).collect(),
            Template::Literal(value) => value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// Every computed part, with the name of its field.
    pub fn selectors<'t>(&'t self, found: &mut Vec<(&'t Arc<str>, &'t Selector)>) {
        match self {
            Template::Literal(_) => {}
            Template::Object(members) => members.iter().for_each(|(_, t)| t.selectors(found)),
            Template::Array(items) => items.iter().for_each(|t| t.selectors(found)),
            Template::Select { field, selector } => found.push((field, selector)),
        }
    }
}

/// Evaluates what a `.$` field, `ErrorPath` or `CausePath` says.
pub(super) fn select(selector: &Selector, field: &str, scope: &Scope<'_>) -> Result<Value, Failure> {
    selector.evaluate(scope).map_err(|failure| match failure {
        SelectorFailure::Path(miss) => Failure::runtime(miss.in_field(field, scope)),
        SelectorFailure::Intrinsic(failure) => Failure::runtime(failure.to_string()),
    })
}
