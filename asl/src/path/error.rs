//! Why a text is not a path, and why a path found nothing.

use super::step::{Path, Root};
use crate::{Scope, Value};
use std::fmt;
use std::sync::Arc;

/// Why a text is not a path that can be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    message: String,
    offset: usize,
    help: Option<String>,
}

impl PathError {
    pub(crate) fn new(offset: usize, message: impl Into<String>) -> PathError {
        PathError { message: message.into(), offset, help: None }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> PathError {
        self.help = Some(help.into());
        self
    }

    /// What is wrong, without the place: lower case, no final period.
    pub fn message(&self) -> &str {
        &self.message
    }
    /// Where, in bytes from the beginning of the text.
    pub fn offset(&self) -> usize {
        self.offset
    }
    /// What to write instead, where that is known.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PathError {}

/// Why a path to one node found nothing. Displayed, it is AWS's text for fields that hold a path, which puts
/// `Invalid path '$.NoSuch' : ` in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathMiss {
    source: Arc<str>,
    context: bool,
    reason: MissReason,
}

impl PathMiss {
    pub(super) fn new(path: &Path, reason: MissReason) -> PathMiss {
        PathMiss { source: path.source.clone(), context: *path.root() == Root::Context, reason }
    }

    /// The path, as it is written.
    pub fn path(&self) -> &str {
        &self.source
    }

    /// What is missing.
    pub fn reason(&self) -> &MissReason {
        &self.reason
    }

    /// AWS's text for a field of a payload template, `ErrorPath` and `CausePath`. Recorded:
    /// `The JSONPath '$.x' specified for the field 'value.$' could not be found in the input '{"y":0}'`.
    pub fn in_field(&self, field: &str, scope: &Scope<'_>) -> String {
        if self.reason == MissReason::TooManyNodes {
            return format!("Invalid path '{}' : {}", self.source, self.reason);
        }
        let (path, searched) = (&self.source, self.searched(scope));
        format!("The JSONPath '{path}' specified for the field '{field}' could not be found in the input '{searched}'")
    }

    /// What AWS prints as the input: the context object for a context path, for all others the input.
    pub(crate) fn searched<'s>(&self, scope: &Scope<'s>) -> &'s Value {
        if self.context { scope.env.context() } else { scope.input }
    }
}

impl fmt::Display for PathMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl std::error::Error for PathMiss {}

/// What is missing where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissReason {
    /// The last member or an item is missing. Recorded: `No results for path: $['NoSuch']`.
    NoResults {
        /// The whole path in brackets.
        path: String,
    },
    /// A member on the way is missing. Recorded: `Missing property in path $['no']`.
    MissingProperty {
        /// The path up to the missing member, in brackets.
        path: String,
    },
    /// A member was asked of something that is not an object.
    /// Seen on AWS: `Property ['length'] not found in path $['list']`.
    NotAnObject {
        /// The member or members, in brackets.
        property: String,
        /// The path up to what is not an object, in brackets.
        path: String,
    },
    /// An item was asked of something that is not an array (text of Jayway JsonPath; not recorded from AWS).
    NotAnArray {
        /// The rest of the path, from the index.
        rest: String,
        /// What was there, as Java prints it.
        found: String,
    },
    /// An item was asked of `null` (text of Jayway JsonPath; not recorded from AWS).
    NullArray {
        /// The path up to the `null`, in brackets.
        path: String,
    },
    /// No variable of this name is assigned here (text not recorded from AWS).
    Unassigned {
        /// The name, without `$`.
        name: String,
    },
    /// The search was given up: the path leads through more nodes than any payload can hold.
    TooManyNodes,
    /// A function such as `min()` had nothing to work on (text of Jayway JsonPath; not recorded from AWS).
    EmptyAggregation,
}

impl fmt::Display for MissReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MissReason::NoResults { path } => write!(f, "No results for path: {path}"),
            MissReason::MissingProperty { path } => write!(f, "Missing property in path {path}"),
            MissReason::NotAnObject { property, path } => write!(f, "Property {property} not found in path {path}"),
            MissReason::NotAnArray { rest, found } => {
                write!(f, "Filter: {rest} can only be applied to arrays. Current context is: {found}")
            }
            MissReason::NullArray { path } => write!(f, "The path {path} is null"),
            MissReason::Unassigned { name } => write!(f, "Variable '{name}' is not assigned"),
            MissReason::TooManyNodes => f.write_str("The path leads through too many nodes"),
            MissReason::EmptyAggregation => {
                f.write_str("Aggregation function attempted to calculate value using empty array")
            }
        }
    }
}
