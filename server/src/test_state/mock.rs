//! Mocked results and errors: what may be given, and what it must look like.

use super::results;
use super::subject::Subject;
use crate::error::ApiError;
use crate::request::Request;
use aslx_asl::program::StateKind;
use aslx_asl::{Program, Value};
use aslx_engine::Data;
use std::sync::Arc;

/// What a state gets instead of the answer of its work.
pub(super) enum Mock {
    /// A result, to the letter.
    Result(Data),
    /// An error.
    Error { error: Arc<str>, cause: Option<Arc<str>> },
}

impl Mock {
    /// The mock of a request, checked; `None` if there is none.
    pub(super) fn of(request: Request<'_>, subject: &Subject, program: &Program) -> Result<Option<Mock>, ApiError> {
        let failures = request.structure("stateConfiguration").and_then(|c| c.integer("mapIterationFailureCount"));
        let Some(mock) = request.structure("mock") else {
            if failures.is_some() {
                let message = "TestState does not support MapIterationFailureCount when a mock is not specified.";
                return Err(ApiError::validation(message));
            }
            return Ok(None);
        };
        if !["Task", "Map", "Parallel"].contains(&subject.kind()) {
            let message = format!("State type '{}' is not supported when a mock is specified", subject.kind());
            return Err(ApiError::validation(message));
        }
        if request.flag("revealSecrets").unwrap_or(false) {
            let message = "TestState does not support RevealSecrets when a mock is specified.";
            return Err(ApiError::validation(message));
        }
        if failures.is_some() && subject.kind() != "Map" {
            let message = "MapIterationFailureCount is only supported when testing a Map state.";
            return Err(ApiError::validation(message));
        }
        match (mock.text("result"), mock.structure("errorOutput")) {
            (Some(_), Some(_)) => Err(ApiError::validation(
                "A test mock should have only one of the following fields: [result, errorOutput].",
            )),
            (None, None) => Err(ApiError::validation(
                "One of the following fields is required for a test mock: [result, errorOutput].",
            )),
            (None, Some(given)) => {
                let missing = || ApiError::validation("An error was not specified in the mocked error output.");
                let error = given.text("error").filter(|error| !error.is_empty()).ok_or_else(missing)?;
                Ok(Some(Mock::Error { error: error.clone(), cause: given.text("cause").cloned() }))
            }
            (Some(text), None) => {
                let mode = mock.text("fieldValidationMode").map_or("STRICT", |mode| mode);
                Ok(Some(Mock::Result(result(text, mode, subject, program)?)))
            }
        }
    }
}

fn result(text: &str, mode: &str, subject: &Subject, program: &Program) -> Result<Data, ApiError> {
    let result = Data::parse(text).map_err(|_| ApiError::validation("Mocked result must be valid JSON"))?;
    let (object, list) = (result.value().as_object(), result.value().as_array());
    let Some((_, state)) = program.state_named(&subject.name) else { return Ok(result) };
    let refused = |message: &str| Err(ApiError::validation(message));
    match &state.kind {
        StateKind::Parallel(parallel) => match list {
            None => return refused("Mocked result must be an array."),
            Some(items) if items.len() != parallel.branches.len() => {
                return refused("Mocked result must contain the same number of items as number of Parallel branches.");
            }
            Some(_) => {}
        },
        StateKind::Map(_) => match (subject.state.contains_key("ResultWriter"), object, list) {
            (true, None, _) => return refused("Mocked result must be a JSON object."),
            (false, _, None) => return refused("Mocked result must be an array."),
            _ => {}
        },
        StateKind::Task(_) if subject.resource().starts_with("arn:aws:states:::") => {
            if object.is_none() {
                return refused("Mocked result must be a valid JSON object.");
            }
            results::check(subject.resource(), result.value(), mode)?;
        }
        _ => {}
    }
    Ok(result)
}

/// The value of a text that is JSON.
pub(super) fn items(text: &str) -> Option<Vec<Value>> {
    Value::parse(text).ok()?.as_array().map(<[Value]>::to_vec)
}
