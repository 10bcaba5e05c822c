//! Rows with attributes: what DynamoDB is to the pipeline.

use super::PortFuture;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A row, or the key of one: attributes by name.
pub type Item = BTreeMap<String, Attribute>;

/// The value of an attribute, typed and written in JSON as DynamoDB does: `{"S": "text"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attribute {
    /// A text.
    S(String),
    /// A number, as text, so that nothing of it is lost.
    N(String),
    /// Bytes, in Base64.
    B(String),
    /// True or false.
    #[serde(rename = "BOOL")]
    Bool(bool),
    /// Nothing; the inner value is always true.
    #[serde(rename = "NULL")]
    Null(bool),
    /// Named values.
    M(Item),
    /// A list.
    L(Vec<Attribute>),
    /// A set of texts.
    #[serde(rename = "SS")]
    TextSet(Vec<String>),
    /// A set of numbers.
    #[serde(rename = "NS")]
    NumberSet(Vec<String>),
    /// A set of byte strings.
    #[serde(rename = "BS")]
    ByteSet(Vec<String>),
}

impl Attribute {
    /// A text.
    pub fn text(text: impl Into<String>) -> Attribute {
        Attribute::S(text.into())
    }

    /// A JSON value as an attribute: numbers `N`, texts `S`, objects `M`, arrays `L`.
    pub fn from_json(value: &serde_json::Value) -> Attribute {
        match value {
            serde_json::Value::Null => Attribute::Null(true),
            serde_json::Value::Bool(b) => Attribute::Bool(*b),
            serde_json::Value::Number(n) => Attribute::N(n.to_string()),
            serde_json::Value::String(s) => Attribute::S(s.clone()),
            serde_json::Value::Array(items) => Attribute::L(items.iter().map(Attribute::from_json).collect()),
            serde_json::Value::Object(members) => {
                Attribute::M(members.iter().map(|(k, v)| (k.clone(), Attribute::from_json(v))).collect())
            }
        }
    }

    /// The attribute as plain JSON; sets become arrays, a number too long for JSON stays a text.
    pub fn to_json(&self) -> serde_json::Value {
        let texts = |items: &[String]| serde_json::Value::from(items.to_vec());
        let number = |n: &String| {
            n.parse::<serde_json::Number>()
                .map_or_else(|_| serde_json::Value::from(n.clone()), serde_json::Value::Number)
        };
        match self {
            Attribute::S(s) | Attribute::B(s) => serde_json::Value::from(s.clone()),
            Attribute::N(n) => number(n),
            Attribute::Bool(b) => serde_json::Value::Bool(*b),
            Attribute::Null(_) => serde_json::Value::Null,
            Attribute::M(m) => item_to_json(m),
            Attribute::L(items) => items.iter().map(Attribute::to_json).collect(),
            Attribute::TextSet(items) | Attribute::ByteSet(items) => texts(items),
            Attribute::NumberSet(items) => items.iter().map(number).collect(),
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Attribute::S(s) => Some(s),
            _ => None,
        }
    }
}

/// A row as plain JSON, as people read it.
pub fn item_to_json(item: &Item) -> serde_json::Value {
    serde_json::Value::Object(item.iter().map(|(k, v)| (k.clone(), v.to_json())).collect())
}

/// An expression in DynamoDB's language, with the names and values that it refers to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expression {
    /// The text, for example `attribute_not_exists(claimId) OR execution = :me`.
    pub text: String,
    /// What `#name` stands for (with the `#`).
    pub names: BTreeMap<String, String>,
    /// What `:value` stands for (with the `:`).
    pub values: Item,
}

impl Expression {
    /// This text, with no names or values.
    pub fn new(text: impl Into<String>) -> Expression {
        Expression { text: text.into(), ..Expression::default() }
    }

    /// With `:value` standing for this attribute.
    #[must_use]
    pub fn value(mut self, name: &str, value: Attribute) -> Expression {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// With `#name` standing for this attribute name.
    #[must_use]
    pub fn name(mut self, name: &str, attribute: &str) -> Expression {
        self.names.insert(name.to_owned(), attribute.to_owned());
        self
    }
}

/// A row to write or to delete, and under which condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Write {
    /// Name of the table.
    pub table: String,
    /// The whole row (to put), or its key (to delete).
    pub item: Item,
    /// Must be true of the row as it is, or nothing is done and `ConditionalCheckFailed` is the answer.
    pub condition: Option<Expression>,
}

/// Changes to the attributes of a row, which is made when it is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Update {
    /// Name of the table.
    pub table: String,
    /// The key of the row.
    pub key: Item,
    /// The update expression: `SET`, `REMOVE`, `ADD`, `DELETE`. Without one only the key is written.
    pub change: Option<Expression>,
    /// Must be true of the row as it is, or nothing is done and `ConditionalCheckFailed` is the answer.
    pub condition: Option<Expression>,
}

/// A row before and after it was updated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Updated {
    /// Before; `None`: there was none.
    pub before: Option<Item>,
    /// After.
    pub after: Item,
}

/// A store of rows. Every function fails with `TableNotFound`, with `InvalidInput` when the key or an expression is
/// not in order, and with `StorageUnavailable` or `Throttled` when another try may help. The check of a condition and
/// the write are one step that nobody can get between.
pub trait Table: Send + Sync {
    /// The row with this key.
    fn get<'a>(&'a self, table: &'a str, key: &'a Item) -> PortFuture<'a, Option<Item>>;
    /// Writes a whole row; gives the row that was there.
    fn put(&self, write: Write) -> PortFuture<'_, Option<Item>>;
    /// Changes attributes of a row.
    fn update(&self, update: Update) -> PortFuture<'_, Updated>;
    /// Removes a row; gives the row that was there.
    fn delete(&self, write: Write) -> PortFuture<'_, Option<Item>>;
}
