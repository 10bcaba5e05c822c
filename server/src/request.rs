//! A request that has been checked against the model: its members, by name.

use aslx_asl::Value;
use std::sync::Arc;

/// A request, or a structure within one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a>(pub(crate) &'a Value);

impl<'a> Request<'a> {
    fn member(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether the member is given.
    pub(crate) fn has(self, name: &str) -> bool {
        self.member(name).is_some()
    }

    /// A text.
    pub(crate) fn text(self, name: &str) -> Option<&'a Arc<str>> {
        match self.member(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// A text that the model requires.
    pub(crate) fn required(self, name: &str) -> &'a str {
        self.text(name).map_or("", |text| text)
    }

    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        self.member(name)?.as_bool()
    }

    pub(crate) fn integer(self, name: &str) -> Option<i64> {
        self.member(name)?.as_i64()
    }

    pub(crate) fn number(self, name: &str) -> Option<f64> {
        self.member(name)?.as_f64()
    }

    pub(crate) fn structure(self, name: &str) -> Option<Request<'a>> {
        self.member(name).map(Request)
    }

    pub(crate) fn items(self, name: &str) -> &'a [Value] {
        self.member(name).and_then(Value::as_array).unwrap_or_default()
    }
}
