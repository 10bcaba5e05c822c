//! What is known of a value before anything runs: which members it can have.

use crate::path::{Path, Root, Selector, Step};
use crate::program::Template;
use crate::value::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Deeper than this nothing is known: loops could build ever deeper values.
const MAX_DEPTH: usize = 3;

/// More members than these are not kept.
const MAX_MEMBERS: usize = 60;

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Anything.
    Unknown,
    /// An object with at most these members, and, if `answer`, such as services give in their answers: they all begin
    /// with a capital letter.
    Object {
        /// The members that it may have.
        members: BTreeMap<Arc<str>, Shape>,
        /// It is, or may be, the answer of a service.
        answer: bool,
    },
    /// A list.
    List,
    /// A text, a number, true, false or null.
    Plain,
}

impl Shape {
    /// An object with at most these members.
    pub(super) fn object<'n>(members: impl IntoIterator<Item = (&'n str, Shape)>) -> Shape {
        let members = members.into_iter().map(|(name, shape)| (Arc::from(name), shape)).collect();
        Shape::Object { members, answer: false }
    }

    /// What a service answers.
    pub(super) fn answer() -> Shape {
        Shape::Object { members: BTreeMap::new(), answer: true }
    }

    /// The shape of a value that is known.
    pub(super) fn of(value: &Value) -> Shape {
        Shape::of_value(value, 0)
    }

    fn of_value(value: &Value, depth: usize) -> Shape {
        if let Some(members) = value.as_object() {
            if depth >= MAX_DEPTH || members.len() > MAX_MEMBERS {
                return Shape::Unknown;
            }
            let members = members.iter().map(|(name, value)| (name.clone(), Shape::of_value(value, depth + 1)));
            return Shape::Object { members: members.collect(), answer: false };
        }
        if value.as_array().is_some() { Shape::List } else { Shape::Plain }
    }

    /// The shape of what a template gives for an input of this shape.
    pub(super) fn of_template(template: &Template, input: &Shape) -> Shape {
        match template {
            Template::Literal(value) => Shape::of(value),
            Template::Array(_) => Shape::List,
            Template::Object(members) => {
                let members = members.iter().map(|(name, t)| (name.clone(), Shape::of_template(t, input)));
                Shape::Object { members: members.collect(), answer: false }.bounded(0)
            }
            Template::Select { selector: Selector::Path(path), .. } => input.at(path).unwrap_or(Shape::Unknown),
            Template::Select { selector: Selector::Intrinsic(_), .. } => Shape::Unknown,
        }
    }

    /// What a path finds in it; nothing if it surely finds nothing.
    pub(super) fn at(&self, path: &Path) -> Option<Shape> {
        if *path.root() != Root::Input {
            return Some(Shape::Unknown);
        }
        let found = self.walk(path.steps())?;
        if path.is_reference() || path.is_identity() { Some(found) } else { Some(Shape::Unknown) }
    }

    fn walk<'s>(&self, steps: impl Iterator<Item = &'s Step>) -> Option<Shape> {
        let mut here = self;
        for step in steps {
            here = match (step, here) {
                (_, Shape::Unknown) | (Step::Index(_), _) => return Some(Shape::Unknown),
                (Step::Name(name), Shape::Object { members, answer }) => match members.get(name) {
                    Some(shape) => shape,
                    None if *answer && name.starts_with(|c: char| !c.is_lowercase()) => return Some(Shape::Unknown),
                    None => return None,
                },
                (Step::Name(_), Shape::List | Shape::Plain) => return None,
            };
        }
        Some(here.clone())
    }

    /// It with another value put at a place, as ResultPath does.
    pub(super) fn with<'s>(&self, mut steps: impl Iterator<Item = &'s Step>, value: Shape) -> Shape {
        match (steps.next(), self) {
            (None, _) => value,
            (Some(Step::Name(name)), Shape::Object { members, answer }) => {
                let mut members = members.clone();
                let before = members.remove(name).unwrap_or_else(|| Shape::object([]));
                members.insert(name.clone(), before.with(steps, value));
                Shape::Object { members, answer: *answer }.bounded(0)
            }
            _ => Shape::Unknown,
        }
    }

    /// What holds of either of two: a member that one of them has may be there.
    pub(super) fn or(self, other: Shape) -> Shape {
        match (self, other) {
            (Shape::Unknown, _) | (_, Shape::Unknown) => Shape::Unknown,
            (Shape::Object { members: mut all, answer: one }, Shape::Object { members, answer: other }) => {
                for (name, shape) in members {
                    let shape = match all.remove(&name) {
                        Some(before) => before.or(shape),
                        None => shape,
                    };
                    all.insert(name, shape);
                }
                Shape::Object { members: all, answer: one || other }
            }
            (object @ Shape::Object { .. }, _) | (_, object @ Shape::Object { .. }) => object,
            (Shape::List, _) | (_, Shape::List) => Shape::List,
            (Shape::Plain, Shape::Plain) => Shape::Plain,
        }
    }

    fn bounded(self, depth: usize) -> Shape {
        match self {
            Shape::Object { members, .. } if depth >= MAX_DEPTH || members.len() > MAX_MEMBERS => Shape::Unknown,
            Shape::Object { members, answer } => {
                let members = members.into_iter().map(|(name, shape)| (name, shape.bounded(depth + 1)));
                Shape::Object { members: members.collect(), answer }
            }
            other => other,
        }
    }
}
