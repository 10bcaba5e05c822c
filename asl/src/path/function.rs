//! Functions at the end of a path, as Jayway JsonPath has them: `.length()`, `.sum()` and so on.

use super::error::MissReason;
use crate::Value;

/// A function at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Length,
    Min,
    Max,
    Sum,
    Avg,
    StdDev,
    Keys,
}

/// Name and function.
const TABLE: &[(&str, Function)] = &[
    ("length", Function::Length),
    ("size", Function::Length),
    ("min", Function::Min),
    ("max", Function::Max),
    ("sum", Function::Sum),
    ("avg", Function::Avg),
    ("stddev", Function::StdDev),
    ("keys", Function::Keys),
];

impl Function {
    pub(super) fn named(name: &str) -> Option<Function> {
        TABLE.iter().find(|row| row.0 == name).map(|row| row.1)
    }

    /// All names, for a message.
    pub(super) fn names() -> String {
        let names: Vec<String> = TABLE.iter().map(|row| format!("`{}()`", row.0)).collect();
        names.join(", ")
    }

    pub(super) fn name(self) -> &'static str {
        TABLE.iter().find(|row| row.1 == self).map_or("", |row| row.0)
    }

    /// Numbers in the array count, everything else in it is passed over.
    pub(super) fn apply(self, value: &Value) -> Result<Value, MissReason> {
        match self {
            Function::Length => Ok(match value {
                Value::Array(items) => items.items().len().into(),
                Value::Object(members) => members.members().len().into(),
                _ => Value::Null,
            }),
            Function::Keys => Ok(match value {
                Value::Object(o) => Value::array(o.members().keys().map(|k| Value::String(k.clone())).collect()),
                _ => Value::Null,
            }),
            Function::Min | Function::Max | Function::Sum | Function::Avg | Function::StdDev => {
                let numbers: Vec<f64> = value.as_array().unwrap_or_default().iter().filter_map(Value::as_f64).collect();
                self.aggregate(&numbers).map(Value::from).ok_or(MissReason::EmptyAggregation)
            }
        }
    }

    fn aggregate(self, numbers: &[f64]) -> Option<f64> {
        if numbers.is_empty() {
            return None;
        }
        let count = numbers.len() as f64;
        let sum: f64 = numbers.iter().sum();
        Some(match self {
            Function::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
            Function::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Function::Avg => sum / count,
            Function::StdDev => {
                let squares: f64 = numbers.iter().map(|n| n * n).sum();
                (squares / count - (sum / count).powi(2)).max(0.0).sqrt()
            }
            _ => sum,
        })
    }
}
