//! What is wrong with an expression, and what went wrong in one.

use crate::failure::Failure;
use std::fmt;

/// AWS's text for too much memory.
pub(super) const MEMORY_TEXT: &str = "Expression evaluation memory limit exceeded: Check for excessive memory usage";
/// In the manner of [`MEMORY_TEXT`].
pub(super) const TIME_TEXT: &str = "Expression evaluation timeout: Check for infinite loop";
/// In the manner of [`MEMORY_TEXT`].
pub(super) const DEPTH_TEXT: &str =
    "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.";

/// Why a text is not an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonataError {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
    pub(super) offset: usize,
}

impl JsonataError {
    /// The code: `S0201`.
    pub fn code(&self) -> &str {
        &self.code
    }
    /// What is wrong, in the words of the reference implementation, without the code.
    pub fn message(&self) -> &str {
        &self.message
    }
    /// What to write instead, where that is known.
    pub fn help(&self) -> Option<&'static str> {
        self.help
    }
    /// Where: bytes from the start of the text that was parsed.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for JsonataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.code.is_empty() {
            return f.write_str(&self.message);
        }
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for JsonataError {}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvaluationError {
    /// Nothing was found.
    Undefined,
    /// The value is, or contains, a function.
    UnsupportedType,
    /// The language's own error.
    Failed {
        /// The code: `T2001`. Empty where there is none.
        code: String,
        /// What happened, in the words of the reference implementation.
        message: String,
    },
    /// More memory than an evaluation may take.
    Memory,
    /// More steps than an evaluation may take.
    Time,
    /// Deeper nesting than an evaluation may have.
    Depth,
}

impl EvaluationError {
    /// The code of the error: those of the reference implementation, `U1001` for a bound that was hit.
    pub fn code(&self) -> Option<&str> {
        match self {
            EvaluationError::Undefined | EvaluationError::UnsupportedType => None,
            EvaluationError::Failed { code, .. } => Some(code),
            EvaluationError::Memory | EvaluationError::Time | EvaluationError::Depth => Some("U1001"),
        }
    }

    /// The failure `States.QueryEvaluationError` in AWS's words. `expression` is the text between the markers,
    /// `location` the field: `Output/result`.
    pub fn failure(&self, expression: &str, location: &str) -> Failure {
        let expression = expression.trim();
        let head = format!("The JSONata expression '{expression}' specified for the field '{location}'");
        let text = match self {
            EvaluationError::Undefined => format!("{head} returned nothing (undefined)."),
            EvaluationError::UnsupportedType => format!("{head} returned an unsupported result type."),
            // A limit is behind a colon, an error of the language behind a period.
            EvaluationError::Memory => format!("{head} threw an error during evaluation: {}", MEMORY_TEXT),
            EvaluationError::Time => format!("{head} threw an error during evaluation: {}", TIME_TEXT),
            EvaluationError::Depth => format!("{head} threw an error during evaluation: {}", DEPTH_TEXT),
            EvaluationError::Failed { code, message } if code.is_empty() => {
                format!("{head} threw an error during evaluation. {message}")
            }
            EvaluationError::Failed { code, message } => {
                format!("{head} threw an error during evaluation. {code}: {message}")
            }
        };
        Failure::named("States.QueryEvaluationError", text).in_field(location)
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EvaluationError::Undefined => f.write_str("nothing (undefined)"),
            EvaluationError::UnsupportedType => f.write_str("a function is not a value"),
            EvaluationError::Memory => f.write_str(MEMORY_TEXT),
            EvaluationError::Time => f.write_str(TIME_TEXT),
            EvaluationError::Depth => f.write_str(DEPTH_TEXT),
            EvaluationError::Failed { code, message } if code.is_empty() => f.write_str(message),
            EvaluationError::Failed { code, message } => write!(f, "{code}: {message}"),
        }
    }
}

impl std::error::Error for EvaluationError {}

/// The failure of a value of another type than a field takes. `expected` is the type's name: `array`.
pub fn unexpected_type(expression: &str, location: &str, expected: &str, value: &crate::Value) -> Failure {
    let expression = expression.trim();
    let was = value.type_name();
    let text = format!(
        "The JSONata expression '{expression}' specified for the field '{location}' returned an unexpected result \
         type. Expected '{expected}', but was '{was}' for value: {value}"
    );
    Failure::named("States.QueryEvaluationError", text).in_field(location)
}
