//! The value of a field whose name ends with `.$`, of `ErrorPath` and of `CausePath`.

use super::error::{PathError, PathMiss};
use super::step::Path;
use crate::intrinsic::{Intrinsic, IntrinsicError, IntrinsicFailure};
use crate::{Scope, Value};
use std::fmt;

/// A path or a call of an intrinsic function.
#[derive(Debug, Clone)]
pub enum Selector {
    /// `$…`
    Path(Path),
    /// `States.…(…)`
    Intrinsic(Intrinsic),
}

/// Why a text is neither a path nor a call of an intrinsic function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectorError {
    /// It begins with `$`, but is not a path.
    Path(PathError),
    /// It begins with `States.`, but is not a call that can be made.
    Intrinsic(IntrinsicError),
    /// It begins with neither.
    Neither,
}

impl SelectorError {
    /// What is wrong, without the place: lower case, no final period.
    pub fn message(&self) -> &str {
        match self {
            SelectorError::Path(e) => e.message(),
            SelectorError::Intrinsic(e) => e.message(),
            SelectorError::Neither => "neither a path (`$…`) nor an intrinsic function (`States.…`)",
        }
    }
    /// Where, in bytes from the beginning of the text.
    pub fn offset(&self) -> usize {
        match self {
            SelectorError::Path(e) => e.offset(),
            SelectorError::Intrinsic(e) => e.offset(),
            SelectorError::Neither => 0,
        }
    }
    /// What to write instead, where that is known.
    pub fn help(&self) -> Option<&str> {
        match self {
            SelectorError::Path(e) => e.help(),
            SelectorError::Intrinsic(e) => e.help(),
            SelectorError::Neither => None,
        }
    }
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for SelectorError {}

/// Why a selector gave no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectorFailure {
    /// The path found nothing.
    Path(PathMiss),
    /// The intrinsic function failed.
    Intrinsic(IntrinsicFailure),
}

impl SelectorFailure {
    /// AWS's detail text, for the field of this name (`value.$`, `CausePath`).
    pub fn in_field(&self, field: &str, scope: &Scope<'_>) -> String {
        match self {
            SelectorFailure::Path(miss) => miss.in_field(field, scope),
            SelectorFailure::Intrinsic(failure) => failure.to_string(),
        }
    }
}

impl fmt::Display for SelectorFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SelectorFailure::Path(miss) => miss.fmt(f),
            SelectorFailure::Intrinsic(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for SelectorFailure {}

impl Selector {
    /// Reads a path or a call, by what the text begins with.
    pub fn parse(text: &str) -> Result<Selector, SelectorError> {
        if text.starts_with('$') {
            return Path::parse(text).map(Selector::Path).map_err(SelectorError::Path);
        }
        if text.trim_start().starts_with("States") {
            return Intrinsic::parse(text).map(Selector::Intrinsic).map_err(SelectorError::Intrinsic);
        }
        Err(SelectorError::Neither)
    }

    /// The text that was parsed.
    pub fn source(&self) -> &str {
        match self {
            Selector::Path(path) => path.source(),
            Selector::Intrinsic(intrinsic) => intrinsic.source(),
        }
    }

    /// Every path in it: itself, or those among the arguments.
    pub fn paths(&self) -> Vec<&Path> {
        match self {
            Selector::Path(path) => vec![path],
            Selector::Intrinsic(intrinsic) => intrinsic.paths().collect(),
        }
    }

    /// The value.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, SelectorFailure> {
        match self {
            Selector::Path(path) => path.evaluate(scope).map_err(SelectorFailure::Path),
            Selector::Intrinsic(intrinsic) => intrinsic.evaluate(scope).map_err(SelectorFailure::Intrinsic),
        }
    }
}
