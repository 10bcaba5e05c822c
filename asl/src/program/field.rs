//! Fields that hold a value or say where it is found.

use super::View;
use super::template::select;
use crate::failure::Failure;
use crate::jsonata::Expression;
use crate::path::{Path, ReferencePath, Selector};
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
    /// An expression.
    Expression(Box<Expression>),
}

/// A text, or where it is found.
#[derive(Debug)]
pub enum TextField {
    /// The text.
    Literal(Arc<str>),
    /// The `…Path` form: a path or an intrinsic function.
    Select(Selector),
    /// An expression.
    Expression(Box<Expression>),
}

impl TextField {
    /// The value, which ought to be a text. `name` is the name of the field without `Path`, for the error.
    pub fn evaluate(&self, name: &str, view: &View<'_>) -> Result<Value, Failure> {
        match self {
            TextField::Literal(text) => Ok(Value::String(text.clone())),
            TextField::Select(selector) => select(selector, &format!("{name}Path"), view.scope()),
            TextField::Expression(expression) => {
                let value = expression.evaluate_in(name, view.session())?;
                match value {
                    Value::String(_) => Ok(value),
                    other => Err(expression.unexpected_type(name, "string", &other)),
                }
            }
        }
    }
}
