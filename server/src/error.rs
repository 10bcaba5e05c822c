//! What a call answers when it is refused: a code, a message, an HTTP status. One type, written in one place.

use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// An error of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    code: Cow<'static, str>,
    message: String,
    family: Family,
    status: u16,
    /// A further member that some errors have: `reason` or `resourceName`.
    further: Option<(&'static str, String)>,
}

/// Where AWS's frameworks keep the error: it shows in `__type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Errors of the service's model.
    Model,
    /// Violated constraints of the model.
    Validate,
    /// The protocol.
    Service,
    /// Too much at a time.
    Availability,
}

impl ApiError {
    /// An error that the service's model knows, with status 400.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError { code: code.into(), message: message.into(), family: Family::Model, status: 400, further: None }
    }

    /// A semantic `ValidationException`.
    pub(crate) fn validation(message: impl Into<String>) -> ApiError {
        ApiError::new("ValidationException", message)
    }

    /// Violated constraints of the model.
    pub(crate) fn constraint(message: String) -> ApiError {
        ApiError { family: Family::Validate, ..ApiError::validation(message) }
    }

    /// A body that is not what the protocol expects.
    pub(crate) fn serialization(message: impl Into<String>) -> ApiError {
        ApiError { family: Family::Service, ..ApiError::new("SerializationException", message) }
    }

    /// An operation that nobody knows.
    pub(crate) fn unknown_operation() -> ApiError {
        ApiError { family: Family::Service, ..ApiError::new("UnknownOperationException", "") }
    }

    /// The caller may not.
    pub(crate) fn access_denied(message: impl Into<String>) -> ApiError {
        ApiError { family: Family::Service, ..ApiError::new("AccessDeniedException", message) }
    }

    /// A caller who has not shown who he is. Step Functions answers that with status 400, unlike services of other
    /// protocols.
    pub(crate) fn unauthenticated(code: &'static str, message: &str) -> ApiError {
        ApiError { family: Family::Service, ..ApiError::new(code, message) }
    }

    /// More calls than a limit allows.
    pub(crate) fn throttled() -> ApiError {
        ApiError { family: Family::Availability, ..ApiError::new("ThrottlingException", "Rate exceeded") }
    }

    /// A refusal of the protocol layer with a status of its own.
    pub(crate) fn protocol(status: u16, code: &'static str, message: &str) -> ApiError {
        ApiError { family: Family::Service, status, ..ApiError::new(code, message) }
    }

    /// The server failed: nothing of what was asked for has happened.
    pub(crate) fn internal(message: impl Into<String>) -> ApiError {
        ApiError { family: Family::Service, status: 500, ..ApiError::new("InternalFailure", message) }
    }

    pub(crate) fn invalid_arn(detail: impl std::fmt::Display) -> ApiError {
        ApiError::new("InvalidArn", format!("Invalid Arn: '{detail}'"))
    }

    pub(crate) fn invalid_token() -> ApiError {
        ApiError::new("InvalidToken", "Invalid Token: 'Invalid token'")
    }

    pub(crate) fn no_machine(arn: &str) -> ApiError {
        ApiError::new("StateMachineDoesNotExist", format!("State Machine Does Not Exist: '{arn}'"))
    }

    /// The same with a `reason`.
    #[must_use]
    pub(crate) fn because(mut self, reason: &'static str) -> ApiError {
        self.further = Some(("reason", reason.to_owned()));
        self
    }

    /// The same with a `resourceName`.
    #[must_use]
    pub(crate) fn about(mut self, resource: &str) -> ApiError {
        self.further = Some(("resourceName", resource.to_owned()));
        self
    }

    /// The code that clients branch on, for example `InvalidArn`.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The message for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body of the response.
    pub(crate) fn body(&self) -> Value {
        let family = match self.family {
            Family::Model => "com.amazonaws.swf.service.v2.model",
            Family::Validate => "com.amazon.coral.validate",
            Family::Service => "com.amazon.coral.service",
            Family::Availability => "com.amazon.coral.availability",
        };
        let mut body = Map::from_iter([("__type".to_owned(), json!(format!("{family}#{}", self.code)))]);
        // The protocol's own errors spell it with a capital (recorded).
        let message = if self.family == Family::Service { "Message" } else { "message" };
        if !self.message.is_empty() {
            body.insert(message.to_owned(), json!(self.message));
        }
        if let Some((name, value)) = &self.further {
            body.insert((*name).to_owned(), json!(value));
        }
        Value::Object(body)
    }
}
