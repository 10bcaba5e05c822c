//! The JSON value that flows through an execution.
//!
//! Arrays and objects are shared: a clone costs a reference count, a change copies one level. Every
//! container knows the length of its JSON text and its depth, so that the payload quota (bytes of the
//! serialised text) costs nothing for the parts that a state did not touch.

mod json;
mod number;

pub use json::{JsonError, MAX_DEPTH};
pub use number::{java_double, number_len};

use indexmap::IndexMap;
use std::fmt;
use std::sync::Arc;

/// Members of an object in the order in which they were written, as AWS keeps it.
pub type Members = IndexMap<Arc<str>, Value, foldhash::fast::RandomState>;

/// A JSON value. Cloning is cheap.
#[derive(Clone, Default)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer (64 bits) or a binary64 number; `1` and `1.0` print as they were written.
    Number(serde_json::Number),
    /// A text.
    String(Arc<str>),
    /// A list.
    Array(Arc<Array>),
    /// Named members, in order.
    Object(Arc<Object>),
}

/// The shared content of an array.
#[derive(Debug)]
pub struct Array {
    items: Vec<Value>,
    measure: Measure,
}

/// The shared content of an object.
#[derive(Debug)]
pub struct Object {
    members: Members,
    measure: Measure,
}

/// What a container costs: computed once, when it is made.
#[derive(Debug, Clone, Copy)]
struct Measure {
    /// Bytes of the compact JSON text.
    len: usize,
    /// Containers on the longest way down, this one included.
    depth: usize,
}

impl Array {
    /// The items, in order.
    pub fn items(&self) -> &[Value] {
        &self.items
    }
}

impl Object {
    /// The members, in order.
    pub fn members(&self) -> &Members {
        &self.members
    }
}

impl Value {
    /// An array of these items.
    pub fn array(items: Vec<Value>) -> Value {
        let mut len = 2 + items.len().saturating_sub(1);
        let mut depth = 0;
        for item in &items {
            len += item.json_len();
            depth = depth.max(item.depth());
        }
        let measure = Measure { len, depth: depth + 1 };
        Value::Array(Arc::new(Array { items, measure }))
    }

    /// An object of these members.
    pub fn object(members: Members) -> Value {
        let mut len = 2 + members.len().saturating_sub(1);
        let mut depth = 0;
        for (name, value) in &members {
            len += json::string_len(name) + 1 + value.json_len();
            depth = depth.max(value.depth());
        }
        let measure = Measure { len, depth: depth + 1 };
        Value::Object(Arc::new(Object { members, measure }))
    }

    /// An object without members.
    pub fn empty_object() -> Value {
        Value::object(Members::default())
    }

    /// An object of these pairs; of two pairs with one name the later counts.
    pub fn from_pairs<K: Into<Arc<str>>, V: Into<Value>>(pairs: impl IntoIterator<Item = (K, V)>) -> Value {
        Value::object(pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }

    /// Bytes of the compact JSON text in UTF-8: what AWS's payload quota counts.
    pub fn json_len(&self) -> usize {
        match self {
            Value::Null | Value::Bool(true) => 4,
            Value::Bool(false) => 5,
            Value::Number(n) => number_len(n),
            Value::String(s) => json::string_len(s),
            Value::Array(a) => a.measure.len,
            Value::Object(o) => o.measure.len,
        }
    }

    /// Nested containers on the longest way down; 0 for a scalar.
    pub fn depth(&self) -> usize {
        match self {
            Value::Array(a) => a.measure.depth,
            Value::Object(o) => o.measure.depth,
            _ => 0,
        }
    }

    /// The member of this name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(o) => o.members.get(name),
            _ => None,
        }
    }

    /// The item at this place, if this is an array that has it.
    pub fn at(&self, index: usize) -> Option<&Value> {
        match self {
            Value::Array(a) => a.items.get(index),
            _ => None,
        }
    }

    /// The value at an RFC 6901 JSON pointer.
    pub fn pointer(&self, pointer: &str) -> Option<&Value> {
        if pointer.is_empty() {
            return Some(self);
        }
        let mut here = self;
        for token in pointer.strip_prefix('/')?.split('/') {
            let token = token.replace("~1", "/").replace("~0", "~");
            here = match here {
                Value::Object(o) => o.members.get(token.as_str())?,
                Value::Array(a) => a.items.get(token.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(here)
    }

    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&Members> {
        match self {
            Value::Object(o) => Some(&o.members),
            _ => None,
        }
    }

    /// The items, if this is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(a) => Some(&a.items),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(s) => Some(s),
            _ => None,
        }
    }

    /// The truth value, if this is a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The number as binary64, if this is a number.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Number(n) => n.as_f64(),
            _ => None,
        }
    }

    /// The number as an integer, if this is an integer within 64 bits (`1.0` is not).
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Number(n) => n.as_i64(),
            _ => None,
        }
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The JSON type as a word: null, boolean, number, string, array or object.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }

    /// This object with one member set; other members are shared. `None` if this is not an object.
    pub fn with_member(&self, name: &str, value: Value) -> Option<Value> {
        let Value::Object(object) = self else { return None };
        let mut members = object.members.clone();
        // The other members keep their lengths: only what changes is counted.
        let mut len = object.measure.len + value.json_len();
        match members.get_mut(name) {
            Some(old) => len -= std::mem::replace(old, value).json_len(),
            None => {
                len += json::string_len(name) + 1 + usize::from(!members.is_empty());
                members.insert(name.into(), value);
            }
        }
        let depth = members.values().map(Value::depth).max().unwrap_or(0) + 1;
        Some(Value::Object(Arc::new(Object { members, measure: Measure { len, depth } })))
    }
}

/// Equality as the language sees it: `1` equals `1.0`, the order of members does not count.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => number::equal(a, b),
            (Value::Array(a), Value::Array(b)) => Arc::ptr_eq(a, b) || a.items == b.items,
            (Value::Object(a), Value::Object(b)) => {
                Arc::ptr_eq(a, b)
                    || (a.members.len() == b.members.len()
                        && a.members.iter().all(|(k, v)| b.members.get(k) == Some(v)))
            }
            _ => false,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

/// Compact JSON text.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}
impl From<&str> for Value {
    fn from(s: &str) -> Value {
        Value::String(s.into())
    }
}
impl From<String> for Value {
    fn from(s: String) -> Value {
        Value::String(s.into())
    }
}
impl From<Arc<str>> for Value {
    fn from(s: Arc<str>) -> Value {
        Value::String(s)
    }
}
impl From<i64> for Value {
    fn from(n: i64) -> Value {
        Value::Number(n.into())
    }
}
impl From<u64> for Value {
    fn from(n: u64) -> Value {
        Value::Number(n.into())
    }
}
impl From<u32> for Value {
    fn from(n: u32) -> Value {
        Value::Number(n.into())
    }
}
impl From<usize> for Value {
    fn from(n: usize) -> Value {
        Value::Number(n.into())
    }
}
/// A number that JSON cannot write (NaN, infinity) becomes `null`.
impl From<f64> for Value {
    fn from(n: f64) -> Value {
        serde_json::Number::from_f64(n).map_or(Value::Null, Value::Number)
    }
}
impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Value {
        Value::array(items)
    }
}
impl From<Members> for Value {
    fn from(members: Members) -> Value {
        Value::object(members)
    }
}
/// Beyond [`MAX_DEPTH`] levels the content is replaced by `null`; texts read by [`Value::parse`] never are that deep.
impl From<serde_json::Value> for Value {
    fn from(v: serde_json::Value) -> Value {
        match v {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(b) => Value::Bool(b),
            serde_json::Value::Number(n) => Value::Number(n),
            serde_json::Value::String(s) => s.into(),
            serde_json::Value::Array(items) => Value::array(items.into_iter().map(Value::from).collect()),
            serde_json::Value::Object(members) => {
                Value::object(members.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
            }
        }
    }
}
impl From<&Value> for serde_json::Value {
    fn from(v: &Value) -> serde_json::Value {
        match v {
            Value::Null => serde_json::Value::Null,
            Value::Bool(b) => serde_json::Value::Bool(*b),
            Value::Number(n) => serde_json::Value::Number(n.clone()),
            Value::String(s) => serde_json::Value::String(s.to_string()),
            Value::Array(a) => serde_json::Value::Array(a.items.iter().map(Into::into).collect()),
            Value::Object(o) => {
                serde_json::Value::Object(o.members.iter().map(|(k, v)| (k.to_string(), v.into())).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_knows_the_length_of_its_text() {
        for text in ["[]", "{}", "[1,2.5,-3,1e30,\"a\\u0001\\n\\\"é😀\"]", "{\"a\":{\"b\":[null,true,false]}}", "1.0"]
        {
            let value = Value::parse(text).unwrap();
            assert_eq!(value.json_len(), value.to_json().len(), "{text}");
        }
    }

    #[test]
    fn a_changed_object_counts_right() {
        let mut value = Value::empty_object();
        for (name, member) in [("a", "1"), ("é\"", "[1,2,{}]"), ("a", "\"longer\""), ("b", "{}"), ("a", "null")] {
            value = value.with_member(name, Value::parse(member).unwrap()).unwrap();
            assert_eq!(value.json_len(), value.to_json().len());
            assert_eq!(value.depth(), Value::parse(&value.to_json()).unwrap().depth());
        }
        assert_eq!(value.to_json(), r#"{"a":null,"é\"":[1,2,{}],"b":{}}"#);
    }

    #[test]
    fn numbers_keep_their_kind() {
        assert_eq!(Value::parse("1.00").unwrap().to_json(), "1.0");
        assert_eq!(Value::parse("1").unwrap().to_json(), "1");
        assert_eq!(Value::parse("1").unwrap(), Value::parse("1.0").unwrap());
    }

    #[test]
    fn too_deep_is_an_error() {
        let deep = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
        assert!(Value::parse(&deep).is_err());
        let fits = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
        assert_eq!(Value::parse(&fits).unwrap().depth(), MAX_DEPTH);
        assert!(Value::parse(&"[".repeat(1_000_000)).is_err());
    }
}
