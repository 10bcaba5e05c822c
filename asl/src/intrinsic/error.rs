//! Why a text is not a call, and why a call failed.

use std::fmt;
use std::sync::Arc;

/// Why a text is not a call of an intrinsic function that can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntrinsicError {
    message: String,
    offset: usize,
    help: Option<String>,
}

impl IntrinsicError {
    pub(super) fn new(offset: usize, message: impl Into<String>) -> IntrinsicError {
        IntrinsicError { message: message.into(), offset, help: None }
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> IntrinsicError {
        self.help = Some(help.into());
        self
    }

    /// What is wrong, without the place: lower case, no final period.
    pub fn message(&self) -> &str {
        &self.message
    }
    /// Where, in bytes from the beginning of the text.
    pub fn offset(&self) -> usize {
        self.offset
    }
    /// What to write instead, where that is known.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for IntrinsicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for IntrinsicError {}

/// A call failed while it was evaluated. Displayed, it is AWS's text: `There was an error while evaluating the
/// intrinsic function: States.ArrayLength($.value). Invalid arguments in States.ArrayLength`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntrinsicFailure {
    pub(super) source: Arc<str>,
    pub(super) detail: String,
    pub(super) explanation: Option<String>,
}

impl IntrinsicFailure {
    /// What exactly is wrong with the arguments. AWS does not say it; for people who look at a failed execution.
    pub fn explanation(&self) -> Option<&str> {
        self.explanation.as_deref()
    }
}

impl fmt::Display for IntrinsicFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (source, detail) = (&self.source, &self.detail);
        write!(f, "There was an error while evaluating the intrinsic function: {source}. {detail}")
    }
}

impl std::error::Error for IntrinsicFailure {}

/// Why a function refused its arguments.
#[derive(Debug)]
pub(super) enum Refusal {
    /// `Invalid arguments in States.…`, and what is wrong.
    Arguments(String),
    /// `Invalid arguments in States.…: …`: the part behind the colon is AWS's too.
    Counted(&'static str),
    /// `Invalid template in States.…: …`.
    Template(&'static str),
}

impl Refusal {
    pub(super) fn new(explanation: impl Into<String>) -> Refusal {
        Refusal::Arguments(explanation.into())
    }

    /// AWS's text, and our explanation.
    pub(super) fn text(self, function: &str) -> (String, Option<String>) {
        match self {
            Refusal::Arguments(explanation) => (format!("Invalid arguments in {function}"), Some(explanation)),
            Refusal::Counted(rest) => (format!("Invalid arguments in {function}: {rest}"), None),
            Refusal::Template(rest) => (format!("Invalid template in {function}: {rest}"), None),
        }
    }
}
