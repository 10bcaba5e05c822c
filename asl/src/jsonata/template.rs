//! JSON in which some texts are expressions: `Output`, `Arguments`, `Assign`.

use super::error::JsonataError;
use super::expression::Expression;
use super::markers::expression_in;
use super::session::Session;
use crate::failure::Failure;
use crate::value::{Members, Value};
use std::sync::Arc;

/// A value in which every text that is exactly `{% … %}`, at any depth, is an expression.
#[derive(Debug)]
pub enum JsonataTemplate {
    /// Nothing to compute: the value as written.
    Literal(Value),
    /// An object with something computed in it.
    Object(Vec<(Arc<str>, JsonataTemplate)>),
    /// An array with something computed in it.
    Array(Vec<JsonataTemplate>),
    /// A value to be computed.
    Expression(Box<Expression>),
}

impl JsonataTemplate {
    /// Reads a template. What is wrong with an expression is told with its JSON pointer; in its place is `null`.
    pub fn from_value(value: &Value, on_error: &mut dyn FnMut(&str, JsonataError)) -> JsonataTemplate {
        read(value, &mut String::new(), on_error)
    }

    /// Whether there is nothing to compute.
    pub fn is_literal(&self) -> bool {
        matches!(self, JsonataTemplate::Literal(_))
    }

    /// The value. `location` is the field's name; it grows on the way down: `Output/result`, `Output/list/0`.
    pub fn evaluate(&self, location: &str, session: &Session<'_>) -> Result<Value, Failure> {
        if let JsonataTemplate::Literal(value) = self {
            return Ok(value.clone());
        }
        self.compute(&mut location.to_owned(), session)
    }

    fn compute(&self, location: &mut String, session: &Session<'_>) -> Result<Value, Failure> {
        match self {
            JsonataTemplate::Literal(value) => Ok(value.clone()),
            JsonataTemplate::Expression(expression) => expression.evaluate_in(location, session),
            JsonataTemplate::Object(members) => {
                let mut out = Members::with_capacity_and_hasher(members.len(), Default::default());
                for (name, template) in members {
                    let value = below(location, name, |location| template.compute(location, session))?;
                    out.insert(name.clone(), value);
                }
                Ok(Value::object(out))
            }
            JsonataTemplate::Array(items) => {
                let mut out = Vec::with_capacity(items.len());
                for (index, template) in items.iter().enumerate() {
                    let index = index.to_string();
                    out.push(below(location, &index, |location| template.compute(location, session))?);
                }
                Ok(Value::array(out))
            }
        }
    }

    /// Every expression in it.
    pub fn expressions<'t>(&'t self, found: &mut Vec<&'t Expression>) {
        match self {
            JsonataTemplate::Literal(_) => {}
            JsonataTemplate::Expression(expression) => found.push(expression),
            JsonataTemplate::Object(members) => members.iter().for_each(|(_, t)| t.expressions(found)),
            JsonataTemplate::Array(items) => items.iter().for_each(|t| t.expressions(found)),
        }
    }
}

/// Runs `inner` with the location one level down.
fn below<T>(location: &mut String, name: &str, inner: impl FnOnce(&mut String) -> T) -> T {
    let length = location.len();
    location.push('/');
    location.push_str(name);
    let result = inner(location);
    location.truncate(length);
    result
}

fn read(value: &Value, pointer: &mut String, on_error: &mut dyn FnMut(&str, JsonataError)) -> JsonataTemplate {
    match value {
        Value::String(text) => match expression_in(text).map(Expression::parse) {
            None => JsonataTemplate::Literal(value.clone()),
            Some(Ok(expression)) => JsonataTemplate::Expression(Box::new(expression)),
            Some(Err(error)) => {
                on_error(pointer, error);
                JsonataTemplate::Literal(Value::Null)
            }
        },
        Value::Array(array) => {
            let mut literal = true;
            let items = array.items().iter().enumerate();
            let items = items.map(|(index, item)| below(pointer, &index.to_string(), |p| read(item, p, on_error)));
            let items: Vec<_> = items.inspect(|item| literal &= item.is_literal()).collect();
            if literal { JsonataTemplate::Literal(value.clone()) } else { JsonataTemplate::Array(items) }
        }
        Value::Object(object) => {
            let mut literal = true;
            let mut members = Vec::with_capacity(object.members().len());
            for (name, member) in object.members() {
                let token = name.replace('~', "~0").replace('/', "~1");
                let template = below(pointer, &token, |pointer| read(member, pointer, on_error));
                literal &= template.is_literal();
                members.push((name.clone(), template));
            }
            if literal { JsonataTemplate::Literal(value.clone()) } else { JsonataTemplate::Object(members) }
        }
        other => JsonataTemplate::Literal(other.clone()),
    }
}
