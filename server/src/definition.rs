//! Definitions: compiled, and what is wrong with them in the API's words.

use crate::error::ApiError;
use aslx_asl::diagnostic::code;
use aslx_asl::path::Root;
use aslx_asl::program::{PathUse, StateKind};
use aslx_asl::{CompileOptions, Diagnostic, MachineType, Program, Severity, compile};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many compiled definitions are kept at hand.
const CACHED: usize = 1_000;

/// The text of a definition, and whether it is Express.
type Source = (Arc<str>, bool);

/// Compiled definitions by their text, and whether they are Express.
#[derive(Default)]
pub(crate) struct Programs {
    compiled: Mutex<HashMap<Source, Arc<Program>>>,
}

impl Programs {
    /// The program of a definition. Errors: `InvalidDefinition`.
    pub(crate) fn compile(&self, text: &Arc<str>, machine_type: MachineType) -> Result<Arc<Program>, ApiError> {
        let key = (text.clone(), machine_type == MachineType::Express);
        // Every change is one insertion: a panic elsewhere leaves nothing half done.
        let cache = || self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = cache().get(&key) {
            return Ok(program.clone());
        }
        let options = CompileOptions { machine_type, ..CompileOptions::default() };
        let program = Arc::new(Program::compile(text, &options).map_err(|found| invalid(&found))?);
        let mut cache = cache();
        if cache.len() >= CACHED {
            cache.clear();
        }
        cache.insert(key, program.clone());
        Ok(program)
    }
}

/// `InvalidDefinition` with everything that is wrong.
fn invalid(found: &[Diagnostic]) -> ApiError {
    let errors: Vec<String> =
        found.iter().filter(|found| found.severity() == Severity::Error).map(in_a_sentence).collect();
    ApiError::new("InvalidDefinition", format!("Invalid State Machine Definition: '{}'", errors.join(", ")))
}

fn in_a_sentence(found: &Diagnostic) -> String {
    let place = match found.aws_location() {
        "" => String::new(),
        location => format!(" at {location}"),
    };
    format!("{}: {}{place}", found.code(), found.aws_message())
}

/// The response of ValidateStateMachineDefinition.
pub(crate) fn judge(text: &str, machine_type: MachineType, warnings_too: bool, most: usize) -> Value {
    let options = CompileOptions { machine_type, ..CompileOptions::default() };
    // What only this program cannot do is no judgement about the definition.
    let found = compile(text, &options).diagnostics.into_iter().filter(|found| found.code() != code::NOT_SUPPORTED);
    let found: Vec<_> = found.collect();
    let failed = found.iter().any(|found| found.severity() == Severity::Error);
    let told = found.iter().filter(|found| warnings_too || found.severity() == Severity::Error);
    let mut told: Vec<Value> = told.map(as_object).collect();
    let truncated = told.len() > most;
    told.truncate(most);
    json!({"result": if failed { "FAIL" } else { "OK" }, "diagnostics": told, "truncated": truncated})
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

/// `variableReferences`: the variables that each state reads, in the order of their first appearance. `None` if no
/// state reads one.
pub(crate) fn variable_references(program: &Program) -> Option<Value> {
    let mut found: Map<String, Value> = Map::new();
    let mut paths: Vec<_> = program.paths().iter().collect();
    for at in 1..paths.len() {
        let (Some(first), Some(second)) = (paths.get(at - 1), paths.get(at)) else { continue };
        let ((around, first_field), (around_second, second_field)) = (field(first), field(second));
        // AWS reads what a Choice compares with before the variable that it compares, and a cause before an error
        // (recorded).
        let late = match program.state(first.state).kind {
            StateKind::Choice(_) => first_field == "Variable",
            StateKind::Fail(_) => first_field == "ErrorPath" && second_field == "CausePath",
            _ => false,
        };
        if late && around == around_second {
            paths.swap(at - 1, at);
        }
    }
    let mut note = |state, name: &str| {
        let state = program.state(state).name.to_string();
        if let Value::Array(names) = found.entry(state).or_insert_with(|| json!([])) {
            let name = Value::from(name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    };
    for path in paths {
        if let Root::Variable(name) = path.path.root() {
            note(path.state, name);
        }
    }
    // A state has paths or expressions, never both: their order need not be one.
    let read =
        program.expressions().iter().flat_map(|it| it.variables.iter().map(|(name, span)| (it.state, name, *span)));
    let mut read: Vec<_> = read.collect();
    read.sort_by_key(|(_, _, span)| span.start);
    for (state, name, _) in read {
        note(state, name);
    }
    (!found.is_empty()).then_some(Value::Object(found))
}

/// What a path stands in: the pointer of the object around it, and the field.
fn field(path: &PathUse) -> (&str, &str) {
    path.pointer.rsplit_once('/').unwrap_or(("", &path.pointer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_errors_are_in_one_message() {
        let text = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "C": {"Type": "Wait", "Seconds": -1, "End": true}}}"#;
        let error = Programs::default().compile(&text.into(), MachineType::Standard).unwrap_err();
        assert_eq!(error.code(), "InvalidDefinition");
        let expected = "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Minimum value is 0 at \
            /States/C/Seconds, MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next, \
            MISSING_TRANSITION_TARGET: State \"C\" is not reachable. at /States/C'";
        assert_eq!(error.message(), expected);
        let judged = judge(text, MachineType::Standard, false, 1);
        assert_eq!(judged["truncated"], true);
        assert_eq!(judged["diagnostics"][0]["location"], "/States/C/Seconds");
    }

    #[test]
    fn variables_are_listed_by_state() {
        let text = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"x": 1, "y": 2}, "Next": "B"},
            "B": {"Type": "Choice", "Choices": [{"Variable": "$y", "NumericEqualsPath": "$x", "Next": "C"}], "Default": "C"},
            "C": {"Type": "Pass", "Parameters": {"a.$": "$y", "b.$": "States.Format('{}', $x)", "c.$": "$y"}, "End": true}}}"#;
        let program = Programs::default().compile(&text.into(), MachineType::Standard).unwrap();
        assert_eq!(variable_references(&program), Some(json!({"B": ["x", "y"], "C": ["y", "x"]})));
        let text = r#"{"QueryLanguage": "JSONata", "StartAt": "A", "States": {
            "A": {"Type": "Pass", "Assign": {"x": 1, "y": "{% $states.input %}"}, "Next": "B"},
            "B": {"Type": "Pass", "Assign": {"x": "{% $y %}"}, "Output": {"b": "{% ($l := 1; $l + $y * $x) %}"}, "Next": "M"},
            "M": {"Type": "Map", "Items": "{% $map($x, function($v) { $v }) %}", "End": true, "ItemProcessor": {"StartAt": "I",
                "States": {"I": {"Type": "Succeed", "Output": "{% $x & $y %}"}}}}}}"#;
        let program = Programs::default().compile(&text.into(), MachineType::Standard).unwrap();
        let expected = json!({"B": ["y", "x"], "M": ["x"], "I": ["x", "y"]});
        assert_eq!(variable_references(&program), Some(expected));
    }
}
