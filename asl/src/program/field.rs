//! Fields that hold a value or say where it is found.

use super::template::select;
use crate::failure::Failure;
use crate::path::{Path, ReferencePath, Selector};
use crate::scope::Scope;
use crate::value::Value;
use std::sync::Arc;

/// `InputPath` and `OutputPath`: which part of a value counts.
#[derive(Debug, Default)]
pub enum Pick {
    /// All of it: the field is absent or `$`.
    #[default]
    All,
    /// Nothing, which is `{}`: the field is `null`.
    Nothing,
    /// What the path finds.
    Path(Path),
}

/// `ResultPath`: where a result goes in the state's raw input.
#[derive(Debug, Default)]
pub enum ResultPath {
    /// In place of it: the field is absent or `$`.
    #[default]
    Replace,
    /// Nowhere: the field is `null`, the input goes on.
    Discard,
    /// To this place in it.
    At(ReferencePath),
}

/// A whole number, or where it is found.
#[derive(Debug)]
pub enum IntegerField {
    /// The number.
    Literal(u64),
    /// The `…Path` form.
    Path(Path),
}

/// A text, or where it is found.
#[derive(Debug)]
pub enum TextField {
    /// The text.
    Literal(Arc<str>),
    /// The `…Path` form: a path or an intrinsic function.
    Select(Selector),
}

impl TextField {
    /// The text. `name` is the `…Path` form's name, for the error.
    pub fn evaluate(&self, name: &str, scope: &Scope<'_>) -> Result<Value, Failure> {
        match self {
            TextField::Literal(text) => Ok(Value::String(text.clone())),
            TextField::Select(selector) => select(selector, name, scope),
        }
    }
}
