//! The checker's diagnostics in the form of the API's answers.

use crate::case::ValidationCase;
use crate::subject::{Reply, Unsupported};
use aslx_asl::diagnostic::code;
use aslx_asl::{CompileOptions, Diagnostic, MachineType, Severity, compile};
use serde_json::{Map, Value, json};

/// Members of a request about which the checker has nothing to say.
const SILENT: [&str; 4] = ["name", "roleArn", "type", "publish"];

/// The diagnostics that ValidateStateMachineDefinition gives unless told otherwise.
const MOST: usize = 100;

/// Answers a call that judges a definition.
pub fn validate(case: &ValidationCase) -> Result<Reply, Unsupported> {
    match case.operation.as_str() {
        "CreateStateMachine" | "UpdateStateMachine" => change(case),
        "ValidateStateMachineDefinition" => Ok(Reply::Response(judged(case)?)),
        other => Err(Unsupported(other.to_owned())),
    }
}

fn change(case: &ValidationCase) -> Result<Reply, Unsupported> {
    if let Some(other) = case.params.keys().find(|key| !SILENT.contains(&key.as_str())) {
        return Err(Unsupported(format!("{} with `{other}`", case.operation)));
    }
    let errors: Vec<String> =
        diagnostics(case)?.iter().filter(|found| found.severity() == Severity::Error).map(in_a_sentence).collect();
    if errors.is_empty() {
        return Err(Unsupported(format!("a {} that succeeds", case.operation)));
    }
    let message = format!("Invalid State Machine Definition: '{}'", errors.join(", "));
    Ok(Reply::Error { code: "InvalidDefinition".to_owned(), message })
}

fn judged(case: &ValidationCase) -> Result<Value, Unsupported> {
    let warnings_too = case.params.get("severity").and_then(Value::as_str) == Some("WARNING");
    let most = case.params.get("maxResults").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
    let most = most.filter(|most| *most > 0).unwrap_or(MOST);
    let found = diagnostics(case)?;
    let failed = found.iter().any(|found| found.severity() == Severity::Error);
    let told = found.iter().filter(|found| warnings_too || found.severity() == Severity::Error);
    let mut told: Vec<Value> = told.map(as_object).collect();
    let truncated = told.len() > most;
    told.truncate(most);
    Ok(json!({"result": if failed { "FAIL" } else { "OK" }, "diagnostics": told, "truncated": truncated}))
}

fn diagnostics(case: &ValidationCase) -> Result<Vec<Diagnostic>, Unsupported> {
    let express = case.params.get("type").and_then(Value::as_str) == Some("EXPRESS");
    let machine_type = if express { MachineType::Express } else { MachineType::Standard };
    let options = CompileOptions { machine_type, ..CompileOptions::default() };
    // What only this program cannot do is no judgement about the definition, and is told when nothing else is wrong.
    let found = compile(&case.definition, &options).diagnostics;
    Ok(found.into_iter().filter(|found| found.code() != code::NOT_SUPPORTED).collect())
}

fn in_a_sentence(found: &Diagnostic) -> String {
    let place = match found.aws_location() {
        "" => String::new(),
        location => format!(" at {location}"),
    };
    format!("{}: {}{place}", found.code(), found.aws_message())
}

fn as_object(found: &Diagnostic) -> Value {
    let severity = match found.severity() {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
    };
    let members = [
        ("severity", severity),
        ("code", found.code()),
        ("message", found.aws_message()),
        ("location", found.aws_location()),
    ];
    // Some texts are about no place: AWS then leaves the member out.
    let said = members.into_iter().filter(|(key, text)| *key != "location" || !text.is_empty());
    Value::Object(Map::from_iter(said.map(|(key, text)| (key.to_owned(), text.into()))))
}
