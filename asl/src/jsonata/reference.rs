//! Expressions that only name a value: `$states.input.a.b`, `$x`. Answered without an evaluation, so that a number
//! stays as it was written.

use super::number;
use super::reads::Member;
use super::session::Session;
use super::syntax::{CONTEXT, Kind, Node, ROOT, Tree};
use crate::value::Value;
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
    /// Through a list: paths have rules of their own.
    Unclear,
}

impl Reference {
    /// The tree as a reference, if it is one.
    pub(super) fn of(tree: &Tree) -> Option<Reference> {
        let plain = |node: &Node| node.more.is_none() && !node.tuple && !node.keep_array;
        let root = &tree.root;
        if !plain(root) {
            return None;
        }
        let (first, rest) = match &root.kind {
            Kind::Path { steps, keep_singleton: false } if steps.iter().all(plain) => steps.split_first()?,
            _ => (root, &[][..]),
        };
        let Kind::Variable(symbol) = first.kind else { return None };
        if matches!(symbol, CONTEXT | ROOT) {
            return None;
        }
        let name = tree.symbols.get(symbol as usize)?;
        let mut names = Vec::with_capacity(rest.len());
        for step in rest {
            let Kind::Name(name) = &step.kind else { return None };
            names.push(name.clone());
        }
        let root = match &**name {
            "states" if names.is_empty() => return None,
            "states" => Root::Member(Member::from_name(&names.remove(0))?),
            name if super::functions::is_function(name) => return None,
            _ => Root::Variable(name.clone()),
        };
        Some(Reference { root, names })
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
        Found::Value(number::scalar(here))
    }
}
