//! The state that is tried, and a machine around it in which nothing else happens.

use crate::error::ApiError;
use crate::request::Request;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The state that is tried.
pub(super) struct Subject {
    /// The state as it was written.
    pub(super) state: Map<String, Value>,
    /// Its name; `StateName` if it was given without a machine.
    pub(super) name: String,
    /// A definition that has the state and what it leads to.
    pub(super) definition: Arc<str>,
}

impl Subject {
    pub(super) fn find(request: Request<'_>) -> Result<Subject, ApiError> {
        let text = request.required("definition");
        // A definition that is no JSON object is refused by the compiler, in AWS's words.
        let Ok(Value::Object(document)) = parse(text) else {
            let (state, name) = (Map::new(), String::new());
            return Ok(Subject { state, name, definition: text.into() });
        };
        let missing = || ApiError::validation("State not found in definition");
        let (state, name, language) = match request.text("stateName") {
            Some(name) => {
                let state = nested(&document, name).ok_or_else(missing)?;
                (state.clone(), name.to_string(), document.get("QueryLanguage").cloned())
            }
            None => (document, "StateName".to_owned(), None),
        };
        let definition = around(&name, &state, language.as_ref()).into();
        Ok(Subject { state, name, definition })
    }

    /// Its type.
    pub(super) fn kind(&self) -> &str {
        self.state.get("Type").and_then(Value::as_str).unwrap_or("")
    }

    pub(super) fn is_container(&self) -> bool {
        ["Map", "Parallel"].contains(&self.kind())
    }

    /// `Resource`
    pub(super) fn resource(&self) -> &str {
        self.state.get("Resource").and_then(Value::as_str).unwrap_or("")
    }
}

/// JSON of a depth that can be walked.
fn parse(text: &str) -> Result<Value, aslx_asl::value::JsonError> {
    aslx_asl::Value::parse(text).map(|value| Value::from(&value))
}

/// The state of this name, however deep it stands.
fn nested<'d>(machine: &'d Map<String, Value>, name: &str) -> Option<&'d Map<String, Value>> {
    let states = machine.get("States")?.as_object()?;
    if let Some(state) = states.get(name).and_then(Value::as_object) {
        return Some(state);
    }
    states.values().find_map(|state| {
        let branches = state.get("Branches").and_then(Value::as_array).into_iter().flatten();
        let processors = ["ItemProcessor", "Iterator"].into_iter().filter_map(|field| state.get(field));
        branches.chain(processors).filter_map(Value::as_object).find_map(|inner| nested(inner, name))
    })
}

/// A machine with this state alone; what it leads to is there in name only.
fn around(name: &str, state: &Map<String, Value>, language: Option<&Value>) -> String {
    let mut states = Map::from_iter([(name.to_owned(), Value::Object(state.clone()))]);
    let mut targets = Vec::new();
    let mut target = |holder: &Value, field: &str| {
        if let Some(next) = holder.get(field).and_then(Value::as_str) {
            targets.push(next.to_owned());
        }
    };
    let whole = Value::Object(state.clone());
    target(&whole, "Next");
    target(&whole, "Default");
    for list in ["Choices", "Catch"] {
        for item in state.get(list).and_then(Value::as_array).into_iter().flatten() {
            target(item, "Next");
        }
    }
    for next in targets {
        states.entry(next).or_insert_with(|| json!({"Type": "Succeed"}));
    }
    let mut machine = Map::from_iter([("StartAt".to_owned(), json!(name))]);
    if let Some(language) = language {
        machine.insert("QueryLanguage".to_owned(), language.clone());
    }
    machine.insert("States".to_owned(), Value::Object(states));
    Value::Object(machine).to_string()
}
