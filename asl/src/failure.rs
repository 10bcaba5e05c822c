//! `States.*` failures: data, which a state machine may catch.

use std::borrow::Cow;

/// An evaluation that failed, by the name and in the words of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The error name.
    pub error: Cow<'static, str>,
    /// What happened, without the words about the state that AWS puts in front.
    pub detail: String,
    /// Whether AWS puts "An error occurred while executing the state …" in front.
    pub prefixed: bool,
    /// The field whose evaluation failed, where AWS shows an `EvaluationFailed` event: `Assign`, `Output/result`.
    pub location: Option<String>,
}

impl Failure {
    /// `States.Runtime`: cannot be retried or caught.
    pub fn runtime(detail: impl Into<String>) -> Failure {
        Failure { error: "States.Runtime".into(), detail: detail.into(), prefixed: true, location: None }
    }

    /// A failure by another name.
    pub fn named(error: &'static str, detail: impl Into<String>) -> Failure {
        Failure { error: error.into(), detail: detail.into(), prefixed: true, location: None }
    }

    /// The same as an evaluation that failed in this field.
    #[must_use]
    pub fn in_field(mut self, location: &str) -> Failure {
        self.location = Some(location.to_owned());
        self
    }

    /// The same without the words in front.
    #[must_use]
    pub fn bare(mut self) -> Failure {
        self.prefixed = false;
        self
    }
}
