//! Expressions that only name a value: `$states.input.a.b`, `$x`. Answered without the library and without conversion.

use super::convert;
use super::reads::Member;
use super::session::Session;
use crate::value::Value;
use jsonata_core::ast::AstNode;
use std::sync::Arc;

/// A value and the names on the way into it.
#[derive(Debug)]
pub(super) struct Reference {
    root: Root,
    names: Vec<Arc<str>>,
}

#[derive(Debug)]
enum Root {
    Member(Member),
    Variable(Arc<str>),
}

/// What a reference leads to.
pub(super) enum Found {
    Value(Value),
    Nothing,
    /// Through a list: the library knows the rules.
    Unclear,
}

impl Reference {
    /// The tree as a reference, if it is one.
    pub(super) fn of(tree: &AstNode) -> Option<Reference> {
        let steps = match tree {
            AstNode::Variable(name) => return Reference::starting(name, &mut std::iter::empty()),
            AstNode::Path { steps } => steps,
            _ => return None,
        };
        let plain = |step: &jsonata_core::ast::PathStep| {
            step.stages.is_empty() && step.focus.is_none() && step.index_var.is_none() && !step.is_tuple
        };
        if !steps.iter().all(plain) {
            return None;
        }
        let (first, rest) = steps.split_first()?;
        let AstNode::Variable(name) = &first.node else { return None };
        let mut names = Vec::with_capacity(rest.len());
        for step in rest {
            let AstNode::Name(name) = &step.node else { return None };
            names.push(name.as_str());
        }
        Reference::starting(name, &mut names.into_iter())
    }

    fn starting(name: &str, names: &mut dyn Iterator<Item = &str>) -> Option<Reference> {
        let root = match name {
            "states" => Root::Member(Member::from_name(names.next()?)?),
            "" | "$" => return None,
            name if super::functions::is_function(name) => return None,
            name => Root::Variable(name.into()),
        };
        Some(Reference { root, names: names.map(Arc::from).collect() })
    }

    pub(super) fn find(&self, session: &Session<'_>) -> Found {
        let root = match &self.root {
            Root::Member(member) => session.member(*member),
            Root::Variable(name) => session.variable(name),
        };
        let Some(mut here) = root else { return Found::Nothing };
        for name in &self.names {
            here = match here {
                Value::Object(object) => match object.members().get(&**name) {
                    Some(member) => member,
                    None => return Found::Nothing,
                },
                Value::Array(_) => return Found::Unclear,
                _ => return Found::Nothing,
            };
        }
        Found::Value(convert::scalar(here))
    }
}
