//! JSON text to [`Value`] and back, by serde_json, with a bound on the depth.

use super::{Members, Value};
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::fmt;
use std::sync::Arc;

/// Containers within containers that a payload may have. Deeper texts are refused instead of overflowing the stack.
pub const MAX_DEPTH: usize = 1_000;

/// Why a text is not a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    message: String,
    line: usize,
    column: usize,
}

impl JsonError {
    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }
    /// Line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }
    /// Column in bytes, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.message, self.line, self.column)
    }
}

impl std::error::Error for JsonError {}

impl Value {
    /// Reads a JSON text. Errors: not JSON, something after the value, deeper than [`MAX_DEPTH`].
    pub fn parse(text: &str) -> Result<Value, JsonError> {
        let mut reader = serde_json::Deserializer::from_str(text);
        reader.disable_recursion_limit();
        let value = Seed { depth: 0 }.deserialize(&mut reader).and_then(|v| reader.end().map(|()| v));
        value.map_err(|e| {
            let full = e.to_string();
            let message = full.split(" at line ").next().unwrap_or(&full).to_owned();
            JsonError { message, line: e.line(), column: e.column() }
        })
    }

    /// The compact JSON text.
    pub fn to_json(&self) -> String {
        let mut text = Vec::with_capacity(self.json_len());
        match serde_json::to_writer(&mut text, self) {
            Ok(()) => String::from_utf8(text).unwrap_or_default(),
            Err(_) => String::new(),
        }
    }
}

/// Bytes of a string as JSON text, quotes included.
pub(super) fn string_len(s: &str) -> usize {
    // Without branches, so that the compiler counts many bytes at a time.
    let extra: usize = s
        .as_bytes()
        .chunks(255 / 5)
        .map(|chunk| {
            let extra: u8 = chunk
                .iter()
                .map(|byte| {
                    let quoted = u8::from(*byte == b'"') + u8::from(*byte == b'\\');
                    let short = u8::from(matches!(byte, 0x08..=0x0a | 0x0c..=0x0d));
                    quoted + 5 * u8::from(*byte < 0x20) - 4 * short
                })
                .sum();
            usize::from(extra)
        })
        .sum();
    s.len() + 2 + extra
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(b) => serializer.serialize_bool(*b),
            Value::Number(n) => n.serialize(serializer),
            Value::String(s) => serializer.serialize_str(s),
            Value::Array(a) => {
                let mut seq = serializer.serialize_seq(Some(a.items.len()))?;
                for item in &a.items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Value::Object(o) => {
                let mut map = serializer.serialize_map(Some(o.members.len()))?;
                for (name, value) in &o.members {
                    map.serialize_entry(&**name, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> de::Deserialize<'de> for Value {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        Seed { depth: 0 }.deserialize(deserializer)
    }
}

/// Reads a value that lies this deep.
#[derive(Clone, Copy)]
struct Seed {
    depth: usize,
}

impl Seed {
    fn inner<E: de::Error>(self) -> Result<Seed, E> {
        if self.depth < MAX_DEPTH {
            Ok(Seed { depth: self.depth + 1 })
        } else {
            Err(E::custom(format_args!("nested deeper than {MAX_DEPTH} levels")))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Value;
    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }
    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(Value::Number(n.into()))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
        Ok(Value::Number(n.into()))
    }
    fn visit_f64<E>(self, n: f64) -> Result<Value, E> {
        Ok(n.into())
    }
    fn visit_str<E>(self, s: &str) -> Result<Value, E> {
        Ok(s.into())
    }
    fn visit_string<E>(self, s: String) -> Result<Value, E> {
        Ok(s.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let seed = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(seed)? {
            items.push(item);
        }
        Ok(Value::array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let seed = self.inner()?;
        let mut members = Members::default();
        while let Some(name) = map.next_key::<Arc<str>>()? {
            let value = map.next_value_seed(seed)?;
            members.insert(name, value);
        }
        Ok(Value::object(members))
    }
}
