//! Answers as the API gave them on an earlier day, for suites whose answers were recorded then.

use aslx_asl::Program;
use aslx_asl::path::Root;
use aslx_asl::program::QueryLanguage;
use serde_json::Value;
use std::collections::HashMap;

/// When JSONata and variables came.
const JSONATA: &str = "2024-11-22";

/// The day as of which is answered, `YYYY-MM-DD`; none is today.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Since(Option<String>);

impl Since {
    /// As of a day.
    pub(crate) fn day(day: &str) -> Since {
        Since(Some(day.to_owned()))
    }

    /// As of today.
    pub(crate) fn today() -> Since {
        Since(None)
    }

    pub(crate) fn is_today(&self) -> bool {
        self.0.is_none()
    }

    fn has_come(&self, launch: &str) -> bool {
        self.0.as_deref().is_none_or(|day| day >= launch)
    }

    /// What uses something that came later was never answered earlier: as of the day on which that came.
    pub(crate) fn of(&self, program: &Program) -> Since {
        match &self.0 {
            Some(day) if day.as_str() < JSONATA && is_of_2024(program) => Since::day(JSONATA),
            _ => self.clone(),
        }
    }

    /// Redrive counts of map runs.
    pub(crate) fn redrive(&self) -> bool {
        self.has_come("2023-11-15")
    }

    /// `encryptionConfiguration` of state machines.
    pub(crate) fn encryption(&self) -> bool {
        self.has_come("2024-07-25")
    }

    /// Brings a history into the form that it had.
    pub(crate) fn recast(&self, events: &mut [Value]) {
        // Recorded up to 2024-07, and otherwise from 2024-11.
        if !self.has_come("2024-11-01") {
            late_map_exits(events);
        }
        // Recorded up to 2024-11, and otherwise from 2024-12.
        if !self.has_come("2024-12-01") {
            early_evaluation_failures(events);
        }
    }
}

/// Whether a definition has JSONata or variables.
fn is_of_2024(program: &Program) -> bool {
    program.language() == QueryLanguage::Jsonata
        || program.paths().iter().any(|path| matches!(path.path.root(), Root::Variable(_)))
        || program
            .states()
            .any(|(_, state)| state.flow.language() == QueryLanguage::Jsonata || !state.flow.assigned().is_empty())
}

/// The exit of a distributed Map follows the success of its run; today it follows the run's start.
fn late_map_exits(events: &mut [Value]) {
    let mut succeeded = None;
    for event in events {
        match kind(event) {
            "MapRunSucceeded" => succeeded = event.get("id").cloned(),
            "MapStateExited" => {
                if let (Some(run), Some(previous)) = (succeeded.take(), event.get_mut("previousEventId")) {
                    *previous = run;
                }
            }
            _ => {}
        }
    }
}

/// A failed evaluation follows what its state's entry follows; today it follows the entry. (That of a Wait state is
/// only known in today's form.)
fn early_evaluation_failures(events: &mut [Value]) {
    let mut entered = HashMap::new();
    for event in events {
        let previous = event.get("previousEventId").and_then(Value::as_u64).unwrap_or_default();
        match kind(event) {
            "EvaluationFailed" => {
                if let (Some(before), Some(member)) = (entered.get(&previous), event.get_mut("previousEventId")) {
                    *member = Value::from(*before);
                }
            }
            "WaitStateEntered" => {}
            name if name.ends_with("StateEntered") => {
                if let Some(id) = event.get("id").and_then(Value::as_u64) {
                    entered.insert(id, previous);
                }
            }
            _ => {}
        }
    }
}

fn kind(event: &Value) -> &str {
    event.get("type").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aslx_asl::CompileOptions;
    use serde_json::json;

    fn program(text: &str) -> Program {
        Program::compile(text, &CompileOptions::default()).unwrap()
    }

    #[test]
    fn a_definition_is_as_old_as_what_it_uses() {
        let since = Since::day("2023-01-01");
        let old = program(r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}"#);
        assert!(!since.of(&old).encryption() && !since.of(&old).redrive());
        for text in [
            r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"x": 1}, "End": true}}}"#,
            r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "QueryLanguage": "JSONata", "End": true}}}"#,
            r#"{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#,
        ] {
            let since = since.of(&program(text));
            assert!(since.encryption() && since.redrive(), "{text}");
            assert!(!since.has_come("2024-12-01"), "{text}");
        }
        assert!(Since::today().of(&old).encryption() && Since::today().is_today());
    }

    #[test]
    fn histories_are_brought_into_their_earlier_form() {
        let event = |id: u64, previous: u64, kind: &str| json!({"id": id, "previousEventId": previous, "type": kind});
        let events = || {
            vec![
                event(2, 0, "WaitStateEntered"),
                event(3, 2, "EvaluationFailed"),
                event(4, 3, "PassStateEntered"),
                event(5, 4, "EvaluationFailed"),
                event(6, 5, "MapRunStarted"),
                event(7, 6, "MapRunSucceeded"),
                event(8, 6, "MapStateExited"),
            ]
        };
        let follows = |since: Since| {
            let mut events = events();
            since.recast(&mut events);
            events.iter().map(|event| event["previousEventId"].as_u64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(follows(Since::today()), [0, 2, 3, 4, 5, 6, 6]);
        assert_eq!(follows(Since::day("2024-11-22")), [0, 2, 3, 3, 5, 6, 6]);
        assert_eq!(follows(Since::day("2024-06-30")), [0, 2, 3, 3, 5, 6, 7]);
    }
}
