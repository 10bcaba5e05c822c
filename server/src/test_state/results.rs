//! What results look like: mocked ones are checked against the models of the services that tasks call most.

use crate::error::ApiError;
use crate::model::{Kind, Member, Model};
use aslx_asl::Value;

const TEXT: &str = include_str!("../../data/results.txt");

/// Errors: the first member that is not as the service answers. What is not known is not checked: services without a
/// model here, and members that the model does not have.
pub(super) fn check(resource: &str, result: &Value, mode: &str) -> Result<(), ApiError> {
    if mode == "NONE" {
        return Ok(());
    }
    let Some(operation) = operation(resource) else { return Ok(()) };
    let model = Model::of(TEXT);
    let Some(members) = model.operation(&operation) else { return Ok(()) };
    let check = Check { model: &model, strict: mode == "STRICT" };
    match check.structure(members, result) {
        Ok(()) => Ok(()),
        Err(why) => Err(ApiError::validation(format!("Mock result schema validation error: {why}"))),
    }
}

/// `lambda:getFunction` of a resource; a `.sync` task answers with the description of its job, which has no name here.
fn operation(resource: &str) -> Option<String> {
    let rest = resource.strip_prefix("arn:aws:states:::")?;
    let rest = rest.strip_prefix("aws-sdk:").unwrap_or(rest);
    let rest = rest.strip_suffix(".waitForTaskToken").unwrap_or(rest);
    let (service, action) = rest.split_once(':')?;
    let service = match service {
        "events" => "eventbridge",
        "states" => "sfn",
        other => other,
    };
    let action = match (service, action) {
        ("sfn", "startExecution.sync" | "startExecution.sync:2") => "describeExecution",
        (_, action) => action,
    };
    Some(format!("{service}:{action}"))
}

struct Check<'m> {
    model: &'m Model,
    strict: bool,
}

impl Check<'_> {
    fn structure(&self, members: &[Member], value: &Value) -> Result<(), String> {
        for member in members {
            match value.get(member.name) {
                None if member.required && self.strict => {
                    return Err(format!("Required field '{}' is missing", member.name));
                }
                None => {}
                Some(found) => self.value(member, &member.kind, found)?,
            }
        }
        Ok(())
    }

    fn value(&self, member: &Member, kind: &Kind, value: &Value) -> Result<(), String> {
        let name = member.name;
        let must = |what: &str| Err(format!("Field '{name}' must be {what}"));
        match kind {
            Kind::Text => {
                let Some(text) = value.as_str() else { return must("a string") };
                let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                if member.bounds.min.is_some_and(|min| length < min) {
                    return Err(format!("Field '{name}' is smaller than the minimum length"));
                }
                if member.bounds.max.is_some_and(|max| length > max) {
                    return Err(format!("Field '{name}' exceeds the maximum length"));
                }
                if !member.bounds.values.is_empty() && !member.bounds.values.contains(&text) {
                    return Err(format!("Field '{name}' is not an expected value"));
                }
                Ok(())
            }
            Kind::Integer | Kind::Number => {
                let Some(number) = value.as_f64() else { return must("a number") };
                // Bounds are whole numbers far below 2^53: they are exact.
                if member.bounds.min.is_some_and(|min| number < min as f64) {
                    return Err(format!("Field '{name}' is less than the minimum value"));
                }
                if member.bounds.max.is_some_and(|max| number > max as f64) {
                    return Err(format!("Field '{name}' exceeds the maximum value"));
                }
                Ok(())
            }
            Kind::Boolean if value.as_bool().is_none() => must("a boolean"),
            Kind::Boolean => Ok(()),
            Kind::Structure(_) if value.as_object().is_none() => must("an object"),
            Kind::Structure(structure) => self.structure(self.model.structure(structure), value),
            Kind::List(item, _) => {
                let Some(items) = value.as_array() else { return must("an array") };
                items.iter().try_for_each(|value| match &**item {
                    Kind::Structure(structure) => self.structure(self.model.structure(structure), value),
                    _ => Ok(()),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(resource: &str, result: &str, mode: &str) -> Option<String> {
        let resource = format!("arn:aws:states:::{resource}");
        let checked = super::check(&resource, &Value::parse(result).unwrap(), mode);
        checked.err().map(|error| error.message().replace("Mock result schema validation error: ", ""))
    }

    #[test]
    fn results_are_checked_by_mode() {
        let missing = Some("Required field 'ExecutionArn' is missing".to_owned());
        assert_eq!(check("states:startExecution", "{}", "STRICT"), missing);
        assert_eq!(check("states:startExecution", "{}", "PRESENT"), None);
        let wrong = Some("Field 'StartDate' must be a string".to_owned());
        assert_eq!(check("states:startExecution", r#"{"StartDate": 1}"#, "PRESENT"), wrong);
        assert_eq!(check("states:startExecution", r#"{"StartDate": 1}"#, "NONE"), None);
        let nested = r#"{"Entries": [{"EventId": "a"}, {"EventId": []}]}"#;
        assert_eq!(check("events:putEvents", nested, "STRICT"), Some("Field 'EventId' must be a string".to_owned()));
        assert_eq!(check("nothing:known", r#"{"Any": 1}"#, "STRICT"), None);
    }
}
