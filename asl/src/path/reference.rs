//! Reference paths that say where a result is put (`ResultPath`).

use super::error::PathError;
use super::evaluate::place;
use super::step::{Path, Root, Step};
use crate::Value;
use crate::value::Members;
use std::fmt;

/// A path below `$` to one node, where a value can be put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferencePath {
    path: Path,
    steps: Box<[Step]>,
}

/// A result cannot be put where the path says. Displayed, it is AWS's text:
/// `Unable to apply ReferencePath $.child to input 4`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    path: String,
    input: String,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unable to apply ReferencePath {} to input {}", self.path, self.input)
    }
}

impl std::error::Error for Conflict {}

impl ReferencePath {
    /// Reads a reference path that begins with `$`; context and variables cannot be written to.
    pub fn parse(text: &str) -> Result<ReferencePath, PathError> {
        let path = Path::parse(text)?;
        match path.root() {
            Root::Input => {}
            Root::Context => return Err(PathError::new(0, "the context object cannot be written to")),
            Root::Variable(_) => {
                let error = PathError::new(0, "a variable cannot be written to here");
                return Err(error.with_help("variables are assigned in `Assign`"));
            }
        }
        if !path.is_reference() {
            let error = PathError::new(0, "not a reference path: it may lead to more than one node");
            return Err(error.with_help("only names and single indexes are allowed, as in `$.a.b[0]`"));
        }
        let steps = path.steps().cloned().collect();
        Ok(ReferencePath { path, steps })
    }

    /// The text that was parsed.
    pub fn source(&self) -> &str {
        self.path.source()
    }

    /// Whether it is exactly `$`.
    pub fn is_identity(&self) -> bool {
        self.steps.is_empty()
    }

    /// The same as a path to read from.
    pub fn as_path(&self) -> &Path {
        &self.path
    }

    /// `input` with `result` at this place. Missing objects on the way are made; what is beside the way is shared.
    pub fn apply(&self, input: &Value, result: Value) -> Result<Value, Conflict> {
        put(&self.steps, input, result)
            .ok_or_else(|| Conflict { path: self.source().to_owned(), input: input.to_json() })
    }
}

/// Recursion is bounded by the number of steps that a path may have.
fn put(steps: &[Step], here: &Value, result: Value) -> Option<Value> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(result);
    };
    match step {
        Step::Name(name) => {
            let inner = match here.as_object()?.get(&**name) {
                Some(inner) => put(rest, inner, result)?,
                None => make(rest, result)?,
            };
            here.with_member(name, inner)
        }
        Step::Index(index) => {
            let items = here.as_array()?;
            let at = place(*index, items.len())?;
            let inner = put(rest, items.get(at)?, result)?;
            let mut items = items.to_vec();
            *items.get_mut(at)? = inner;
            Some(Value::array(items))
        }
    }
}

/// What has to be made where nothing was: objects only, an array has no item to replace.
fn make(steps: &[Step], result: Value) -> Option<Value> {
    let mut value = result;
    for step in steps.iter().rev() {
        let Step::Name(name) = step else { return None };
        let mut members = Members::default();
        members.insert(name.clone(), value);
        value = Value::object(members);
    }
    Some(value)
}
