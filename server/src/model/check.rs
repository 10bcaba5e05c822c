//! A request against the table: every violation is told, in AWS's words.

use super::table::{Bounds, Kind, Member, Model};
use crate::error::ApiError;
use aslx_asl::Value;
use aslx_asl::value::Members;
use std::fmt::Write as _;

/// Checks a request. Errors: the operation is not known, a value has another type, or constraints are violated.
pub(crate) fn check(model: &Model, operation: &str, request: &Value) -> Result<(), ApiError> {
    let members = model.operation(operation).ok_or_else(ApiError::unknown_operation)?;
    let Some(given) = request.as_object() else {
        return Err(ApiError::serialization("Start of structure or map expected"));
    };
    let mut found = Violations { model, texts: Vec::new() };
    found.structure(members, given, "")?;
    let Violations { texts, .. } = found;
    match texts.len() {
        0 => Ok(()),
        n => {
            let plural = if n == 1 { "" } else { "s" };
            Err(ApiError::constraint(format!("{n} validation error{plural} detected: {}", texts.join("; "))))
        }
    }
}

struct Violations<'m> {
    model: &'m Model,
    texts: Vec<String>,
}

impl Violations<'_> {
    fn structure(&mut self, members: &[Member], given: &Members, place: &str) -> Result<(), ApiError> {
        for member in members {
            let place = if place.is_empty() { member.name.to_owned() } else { format!("{place}.{}", member.name) };
            match given.get(member.name) {
                None | Some(Value::Null) if member.required => {
                    self.texts
                        .push(format!("Value null at '{place}' failed to satisfy constraint: Member must not be null"));
                }
                None | Some(Value::Null) => {}
                Some(value) => self.value(&member.kind, &member.bounds, member.sensitive, value, &place)?,
            }
        }
        Ok(())
    }

    fn value(&mut self, kind: &Kind, bounds: &Bounds, hide: bool, value: &Value, at: &str) -> Result<(), ApiError> {
        match (kind, value) {
            (Kind::Text, Value::String(text)) => {
                let length = i64::try_from(java_length(text)).unwrap_or(i64::MAX);
                let shown = || if hide { "***".to_owned() } else { text.to_string() };
                if let Some(constraint) = out_of(bounds, length, "length") {
                    self.violated(&shown(), at, &constraint);
                }
                if let Some(pattern) = bounds.pattern.filter(|pattern| !pattern.matches(text)) {
                    let constraint = format!("Member must satisfy regular expression pattern: {}", pattern.source());
                    self.violated(&shown(), at, &constraint);
                }
                if !bounds.values.is_empty() && !bounds.values.contains(&&**text) {
                    let constraint = format!("Member must satisfy enum value set: [{}]", bounds.values.join(", "));
                    self.violated(&shown(), at, &constraint);
                }
            }
            (Kind::Integer, Value::Number(_)) => {
                let Some(number) = value.as_i64() else {
                    return Err(ApiError::serialization("NUMBER_VALUE can not be converted to an Integer"));
                };
                if let Some(constraint) = out_of(bounds, number, "value") {
                    self.violated(&number.to_string(), at, &constraint);
                }
            }
            (Kind::Number, Value::Number(_)) => {
                // Bounds of numbers are small whole numbers: they are exact.
                let number = value.as_f64().unwrap_or_default();
                let constraint = match (bounds.min, bounds.max) {
                    (Some(min), _) if number < min as f64 => Some(("greater", min)),
                    (_, Some(max)) if number > max as f64 => Some(("less", max)),
                    _ => None,
                };
                if let Some((side, bound)) = constraint {
                    let constraint = format!("Member must have value {side} than or equal to {bound}");
                    self.violated(&aslx_asl::value::java_double(number), at, &constraint);
                }
            }
            (Kind::Boolean, Value::Bool(_)) => {}
            (Kind::Structure(name), Value::Object(given)) => {
                self.structure(self.model.structure(name), given.members(), at)?;
            }
            (Kind::List(item, limits), Value::Array(items)) => {
                let length = i64::try_from(items.items().len()).unwrap_or(i64::MAX);
                if let Some(constraint) = out_of(bounds, length, "length") {
                    let shown = self.in_java(kind, value);
                    self.violated(&shown, at, &constraint);
                }
                for (n, value) in items.items().iter().enumerate() {
                    let at = format!("{at}.{}.member", n + 1);
                    self.value(item, limits, false, value, &at)?;
                }
            }
            (kind, value) => return Err(ApiError::serialization(mismatch(kind, value))),
        }
        Ok(())
    }

    fn violated(&mut self, value: &str, at: &str, constraint: &str) {
        self.texts.push(format!("Value '{value}' at '{at}' failed to satisfy constraint: {constraint}"));
    }

    /// A value as Java prints it: structures with their type, members in the order of the model.
    fn in_java(&self, kind: &Kind, value: &Value) -> String {
        match (kind, value) {
            (Kind::Structure(name), Value::Object(given)) => {
                let mut text = format!("{name}(");
                let members = self.model.structure(name).iter();
                for (n, (member, value)) in
                    members.filter_map(|member| Some((member, given.members().get(member.name)?))).enumerate()
                {
                    let comma = if n == 0 { "" } else { ", " };
                    // Writing to a text cannot fail.
                    let _ = write!(text, "{comma}{}={}", member.name, self.in_java(&member.kind, value));
                }
                text + ")"
            }
            (Kind::List(item, _), Value::Array(items)) => {
                let items: Vec<_> = items.items().iter().map(|value| self.in_java(item, value)).collect();
                format!("[{}]", items.join(", "))
            }
            (_, Value::String(text)) => text.to_string(),
            (_, value) => value.to_json(),
        }
    }
}

/// The length of a text as Java counts it.
fn java_length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

fn out_of(bounds: &Bounds, found: i64, what: &str) -> Option<String> {
    match (bounds.min, bounds.max) {
        (Some(min), _) if found < min => Some(format!("Member must have {what} greater than or equal to {min}")),
        (_, Some(max)) if found > max => Some(format!("Member must have {what} less than or equal to {max}")),
        _ => None,
    }
}

/// What the reader of AWS's protocol says to a value of another type.
fn mismatch(kind: &Kind, value: &Value) -> String {
    let target = match kind {
        Kind::Structure(_) => return "Expected structure or map".to_owned(),
        Kind::List(..) => return "Expected list or null".to_owned(),
        Kind::Text => "a String",
        Kind::Integer => "an Integer",
        Kind::Number => "a Float",
        Kind::Boolean => "a Boolean",
    };
    let found = match value {
        Value::Object(_) => return "Start of structure or map found where not expected.".to_owned(),
        Value::Array(_) => return "Start of list found where not expected".to_owned(),
        Value::String(_) => "STRING_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::Null => "NULL_VALUE",
    };
    format!("{found} can not be converted to {target}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(operation: &str, request: &str) -> String {
        let error = check(&Model::new(), operation, &Value::parse(request).unwrap()).unwrap_err();
        format!("{} {}", error.code(), error.message())
    }

    #[test]
    fn all_violations_are_told() {
        let weights = r#"{"name": "1 2", "routingConfiguration": [{"stateMachineVersionArn": "a", "weight": 101},
            {"weight": -1}, {"stateMachineVersionArn": "c", "weight": 0}]}"#;
        let expected = "ValidationException 5 validation errors detected: \
            Value '1 2' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: \
            ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$; \
            Value '[RoutingConfigurationListItem(stateMachineVersionArn=a, weight=101), \
            RoutingConfigurationListItem(weight=-1), RoutingConfigurationListItem(stateMachineVersionArn=c, weight=0)]' \
            at 'routingConfiguration' failed to satisfy constraint: Member must have length less than or equal to 2; \
            Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: \
            Member must have value less than or equal to 100; \
            Value null at 'routingConfiguration.2.member.stateMachineVersionArn' failed to satisfy constraint: \
            Member must not be null; \
            Value '-1' at 'routingConfiguration.2.member.weight' failed to satisfy constraint: \
            Member must have value greater than or equal to 0";
        assert_eq!(refused("CreateStateMachineAlias", weights), expected);
        let expected = "ValidationException 1 validation error detected: Value 'X' at 'statusFilter' failed to satisfy \
            constraint: Member must satisfy enum value set: \
            [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]";
        assert_eq!(refused("ListExecutions", r#"{"statusFilter": "X"}"#), expected);
        let expected = "ValidationException 1 validation error detected: Value '***' at 'taskToken' failed to satisfy \
            constraint: Member must have length greater than or equal to 1";
        assert_eq!(refused("SendTaskHeartbeat", r#"{"taskToken": ""}"#), expected);
    }

    #[test]
    fn other_types_are_no_violations() {
        let message = "SerializationException NUMBER_VALUE can not be converted to a String";
        assert_eq!(refused("DescribeActivity", r#"{"activityArn": 1}"#), message);
        assert_eq!(refused("ListActivities", r#"[]"#), "SerializationException Start of structure or map expected");
        assert_eq!(refused("TagResource", r#"{"tags": {}}"#).split(' ').next(), Some("SerializationException"));
        assert_eq!(refused("Nothing", "{}").split(' ').next(), Some("UnknownOperationException"));
    }

    #[test]
    fn members_that_nobody_knows_are_passed_over() {
        let request = Value::parse(r#"{"maxResults": 1000, "later": [1]}"#).unwrap();
        assert_eq!(check(&Model::new(), "ListActivities", &request), Ok(()));
    }
}
