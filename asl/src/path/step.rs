//! The compiled path and what can be asked of it.

use super::error::{MissReason, PathError, PathMiss};
use super::segment::{Body, Segment};
use super::{evaluate, parse};
use crate::{Scope, Value};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What a path starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// `$`: the value being worked on.
    Input,
    /// `$$`: the context object.
    Context,
    /// `$name`: a variable.
    Variable(Arc<str>),
}

/// A step that leads to at most one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The member of this name.
    Name(Arc<str>),
    /// The item at this place; a negative one counts from the end.
    Index(i64),
}

/// A path: parsed once, evaluated often.
#[derive(Debug, Clone)]
pub struct Path {
    pub(super) source: Arc<str>,
    pub(super) root: Root,
    pub(super) body: Body,
    /// No operator outside quotes that AWS forbids in a reference path.
    pub(super) plain: bool,
}

impl Path {
    /// Reads a path. Accepted is what Jayway JsonPath accepts; the differences are refusals, never other values.
    pub fn parse(text: &str) -> Result<Path, PathError> {
        parse::path(text)
    }

    /// The text that was parsed.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What the path starts from.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Whether it gives the bare value that it leads to (or a miss), and not a list: only names and single indexes,
    /// or a function of such.
    pub fn is_definite(&self) -> bool {
        self.body.is_definite()
    }

    /// Whether it is exactly `$`.
    pub fn is_identity(&self) -> bool {
        self.root == Root::Input && matches!(&self.body, Body::Steps(steps) if steps.is_empty())
    }

    /// Whether it may stand where AWS asks for a reference path: it identifies one node, without functions and
    /// without the operators `@ .. , : ? *` outside quotes (AWS's developer guide).
    pub fn is_reference(&self) -> bool {
        self.plain && matches!(self.body, Body::Steps(_))
    }

    /// The leading steps that each lead to one node; all of them, if [`Path::is_definite`] and there is no function.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let (steps, segments): (&[Step], &[Segment]) = match &self.body {
            Body::Steps(steps) => (steps, &[]),
            Body::Query(query) => (&[], query.segments()),
        };
        let leading = segments.iter().map_while(|segment| match segment {
            Segment::Step(step) => Some(step),
            _ => None,
        });
        steps.iter().chain(leading)
    }

    /// The name of the first step, if that is a name.
    pub fn first_step_name(&self) -> Option<&str> {
        match self.steps().next() {
            Some(Step::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// The value that it leads to, or the list of values; for a path to one node possibly a miss.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, PathMiss> {
        self.locate(scope).map(Cow::into_owned)
    }

    /// As [`Path::evaluate`], but borrowed where the value exists already.
    pub fn locate<'s>(&self, scope: &Scope<'s>) -> Result<Cow<'s, Value>, PathMiss> {
        self.locate_or_reason(scope).map_err(|reason| PathMiss::new(self, reason))
    }

    fn locate_or_reason<'s>(&self, scope: &Scope<'s>) -> Result<Cow<'s, Value>, MissReason> {
        let root = match &self.root {
            Root::Input => scope.input,
            Root::Context => scope.env.context(),
            Root::Variable(name) => {
                scope.env.variable(name).ok_or_else(|| MissReason::Unassigned { name: name.to_string() })?
            }
        };
        match &self.body {
            Body::Steps(steps) => evaluate::walk(steps, root).map(Cow::Borrowed),
            Body::Query(query) => query.run(root, root, &evaluate::Budget::new()).map(Cow::Owned),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Path) -> bool {
        self.source == other.source
    }
}

impl Eq for Path {}

/// Bytes of the variable name at the beginning of the text: a Unicode identifier (AWS's developer guide).
pub(super) fn name_length(text: &str) -> usize {
    let end = text.char_indices().find(|&(at, c)| {
        let fits = c == '_' || if at == 0 { c.is_alphabetic() } else { c.is_alphanumeric() };
        !fits
    });
    end.map_or(text.len(), |(at, _)| at)
}
