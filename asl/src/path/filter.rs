//! Filters, `[?(…)]`, as Jayway JsonPath evaluates them.

use super::evaluate::{Budget, walk};
use super::segment::Body;
use crate::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A test of one node.
#[derive(Debug, Clone)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    /// The path leads to a node, `null` included.
    Exists(Operand),
    Compare(Operand, Operator, Operand),
}

/// One side of a comparison.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    /// `@…`
    Node(Body),
    /// `$…`
    Document(Body),
    /// A value as it is written.
    Literal(Value),
}

/// What stands between the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    /// `===`: without converting between text and number.
    Same,
    NotSame,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Contains,
    Size,
    Empty,
    SubsetOf,
    AnyOf,
    NoneOf,
    All,
}

impl Filter {
    /// Whether this node passes. `document` is what `$` means.
    pub(super) fn accepts(&self, node: &Value, document: &Value, budget: &Budget) -> bool {
        match self {
            Filter::All(parts) => parts.iter().all(|part| part.accepts(node, document, budget)),
            Filter::Any(parts) => parts.iter().any(|part| part.accepts(node, document, budget)),
            Filter::Not(inner) => !inner.accepts(node, document, budget),
            Filter::Exists(path) => path.value(node, document, budget).is_some(),
            Filter::Compare(left, operator, right) => {
                let (left, right) = (left.value(node, document, budget), right.value(node, document, budget));
                operator.holds(left.as_deref(), right.as_deref())
            }
        }
    }
}

impl Operand {
    /// The value, or nothing if the path misses.
    fn value<'v>(&'v self, node: &'v Value, document: &'v Value, budget: &Budget) -> Option<Cow<'v, Value>> {
        let (body, root) = match self {
            Operand::Node(body) => (body, node),
            Operand::Document(body) => (body, document),
            Operand::Literal(value) => return Some(Cow::Borrowed(value)),
        };
        match body {
            Body::Steps(steps) => walk(steps, root).ok().map(Cow::Borrowed),
            Body::Query(query) => query.run(root, document, budget).ok().map(Cow::Owned),
        }
    }
}

impl Operator {
    fn holds(self, left: Option<&Value>, right: Option<&Value>) -> bool {
        match self {
            Operator::Equal => both(left, right, equal),
            Operator::NotEqual => !both(left, right, equal),
            Operator::Same => both(left, right, same),
            Operator::NotSame => !both(left, right, same),
            Operator::Less => both(left, right, |a, b| order(a, b).is_some_and(Ordering::is_lt)),
            Operator::LessOrEqual => both(left, right, |a, b| order(a, b).is_some_and(Ordering::is_le)),
            Operator::Greater => both(left, right, |a, b| order(a, b).is_some_and(Ordering::is_gt)),
            Operator::GreaterOrEqual => both(left, right, |a, b| order(a, b).is_some_and(Ordering::is_ge)),
            Operator::In => both(left, right, |a, b| list_has(b, a)),
            Operator::NotIn => !both(left, right, |a, b| list_has(b, a)),
            Operator::Contains => both(left, right, |a, b| match (a, b) {
                (Value::String(text), Value::String(part)) => text.contains(&**part),
                _ => list_has(a, b),
            }),
            Operator::Size => both(left, right, |a, b| size(a).zip(b.as_f64()).is_some_and(|(n, m)| n == m.trunc())),
            Operator::Empty => both(left, right, |a, b| empty(a).zip(b.as_bool()).is_some_and(|(x, y)| x == y)),
            Operator::SubsetOf => {
                both(left, right, |a, b| a.as_array().is_some_and(|items| items.iter().all(|item| list_has(b, item))))
            }
            Operator::AnyOf => {
                both(left, right, |a, b| a.as_array().is_some_and(|items| items.iter().any(|item| list_has(b, item))))
            }
            Operator::NoneOf => both(left, right, |a, b| {
                a.as_array().is_some_and(|items| b.as_array().is_some() && !items.iter().any(|i| list_has(b, i)))
            }),
            Operator::All => {
                both(left, right, |a, b| b.as_array().is_some_and(|items| items.iter().all(|item| list_has(a, item))))
            }
        }
    }
}

/// What is missing compares as false, whatever the operator.
fn both(left: Option<&Value>, right: Option<&Value>, holds: impl Fn(&Value, &Value) -> bool) -> bool {
    left.zip(right).is_some_and(|(left, right)| holds(left, right))
}

fn list_has(list: &Value, wanted: &Value) -> bool {
    list.as_array().is_some_and(|items| items.iter().any(|item| equal(item, wanted)))
}

/// Equal, where a text and a number are compared by the kind on the left.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(text), Value::Number(number)) => **text == number.to_string(),
        (Value::Number(number), Value::String(text)) => text.trim().parse::<f64>().ok() == number.as_f64(),
        _ => left == right,
    }
}

fn same(left: &Value, right: &Value) -> bool {
    left.type_name() == right.type_name() && left == right
}

/// Numbers by value, texts by UTF-16 code unit as Java orders them; nothing else has an order.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        (Value::String(a), Value::String(b)) => Some(a.encode_utf16().cmp(b.encode_utf16())),
        _ => None,
    }
}

fn size(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => Some(text.encode_utf16().count() as f64),
        Value::Array(array) => Some(array.items().len() as f64),
        _ => None,
    }
}

fn empty(value: &Value) -> Option<bool> {
    match value {
        Value::String(text) => Some(text.is_empty()),
        Value::Array(array) => Some(array.items().is_empty()),
        Value::Object(object) => Some(object.members().is_empty()),
        _ => None,
    }
}
