//! A payload: a value, and the text that it was read from as long as nobody changed it.

use aslx_asl::Value;
use aslx_asl::value::JsonError;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::{Arc, OnceLock};

/// Bytes that the JSON text of an input, output or result may have (developer guide, "Quotas").
pub const PAYLOAD_LIMIT: usize = 262_144;

/// A value that may know its source text: AWS echoes an untouched input to the letter.
///
/// In journals it is the JSON text.
#[derive(Debug, Clone, Default)]
pub struct Data {
    value: Value,
    /// The source text; else the compact one, once somebody has asked for it.
    text: OnceLock<Arc<str>>,
}

impl Data {
    /// Reads a JSON text and remembers it.
    pub fn parse(text: &str) -> Result<Data, JsonError> {
        Ok(Data { value: Value::parse(text)?, text: OnceLock::from(Arc::from(text)) })
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The source text, or the compact text of the value.
    pub fn text(&self) -> Arc<str> {
        self.text.get_or_init(|| self.value.to_json().into()).clone()
    }
}

impl From<Value> for Data {
    fn from(value: Value) -> Data {
        Data { value, text: OnceLock::new() }
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Data) -> bool {
        self.value == other.value && self.text() == other.text()
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Data, D::Error> {
        let text = Arc::<str>::deserialize(deserializer)?;
        let value = Value::parse(&text).map_err(serde::de::Error::custom)?;
        // A compact text is what the value prints anyway: it need not be kept.
        let compact = value.json_len() == text.len() && value.to_json() == *text;
        Ok(Data { value, text: if compact { OnceLock::new() } else { OnceLock::from(text) } })
    }
}
