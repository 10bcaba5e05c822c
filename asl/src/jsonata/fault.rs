//! What stops an evaluation.

use super::error::EvaluationError;

/// Why an evaluation cannot go on.
#[derive(Debug)]
pub(super) enum Fault {
    /// More memory than there may be.
    Memory,
    /// More steps than there may be.
    Steps,
    /// Calls within calls, or values within values.
    Depth,
    /// The language's own error.
    Coded(Box<Coded>),
}

#[derive(Debug)]
pub(super) struct Coded {
    pub(super) code: &'static str,
    text: Text,
}

#[derive(Debug)]
enum Text {
    Whole(String),
    /// The name of the function comes from the call.
    Argument(usize, What),
    /// The same, about what a function of the author returned.
    Matcher,
}

/// What is wrong with an argument.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    Type,
    Context,
    ArrayOf(&'static str),
}

impl Fault {
    /// The language's own error, in the words of the reference implementation.
    pub(super) fn coded(code: &'static str, message: impl Into<String>) -> Fault {
        Fault::Coded(Box::new(Coded { code, text: Text::Whole(message.into()) }))
    }

    /// About an argument, counted from 1.
    pub(super) fn argument(code: &'static str, number: usize, what: What) -> Fault {
        Fault::Coded(Box::new(Coded { code, text: Text::Argument(number, what) }))
    }

    /// About what a function of the author, used as a pattern, returned.
    pub(super) fn matcher() -> Fault {
        Fault::Coded(Box::new(Coded { code: "T1010", text: Text::Matcher }))
    }

    /// The same with the name of the function, where it is not known yet.
    pub(super) fn named(self, name: &str) -> Fault {
        match self {
            Fault::Coded(coded) if !matches!(coded.text, Text::Whole(_)) => {
                let text = coded.written(&crate::Value::from(name).to_json());
                Fault::coded(coded.code, text)
            }
            other => other,
        }
    }

    pub(super) fn into_error(self) -> EvaluationError {
        match self {
            Fault::Memory => EvaluationError::Memory,
            Fault::Steps => EvaluationError::Time,
            Fault::Depth => EvaluationError::Depth,
            Fault::Coded(coded) => {
                EvaluationError::Failed { code: coded.code.to_owned(), message: coded.written("undefined") }
            }
        }
    }
}

impl Coded {
    fn written(&self, name: &str) -> String {
        match &self.text {
            Text::Whole(text) => text.clone(),
            Text::Argument(number, What::Type) => {
                format!("Argument {number} of function {name} does not match function signature")
            }
            Text::Argument(number, What::Context) => {
                format!("Context value is not a compatible type with argument {number} of function {name}")
            }
            Text::Argument(number, What::ArrayOf(of)) => {
                format!("Argument {number} of function {name} must be an array of {of}")
            }
            Text::Matcher => format!(
                "The matcher function argument passed to function {name} does not return the correct object structure"
            ),
        }
    }
}
