//! Where a definition reads something.

use super::StateId;
use crate::jsonata::Reads;
use crate::path::Path;
use crate::syntax::Span;
use std::sync::Arc;

/// A path and the place where it stands.
#[derive(Debug, Clone)]
pub struct PathUse {
    /// The state that evaluates it.
    pub state: StateId,
    /// JSON pointer of the field that holds it.
    pub pointer: String,
    /// What to underline: the path alone, also within a call of an intrinsic function.
    pub span: Span,
    /// The path.
    pub path: Path,
}

/// An expression and the place where it stands.
#[derive(Debug, Clone)]
pub struct ExpressionUse {
    /// The state that evaluates it.
    pub state: StateId,
    /// JSON pointer of the text that holds it.
    pub pointer: String,
    /// The variables that it reads, without `$`, and what to underline for each.
    pub variables: Vec<(Arc<str>, Span)>,
    /// What it reads.
    pub reads: Reads,
}

impl PathUse {
    /// What follows the pointer of the state: `Parameters/id.$`, `Choices/0/Variable`.
    pub fn field<'p>(&'p self, state_pointer: &str) -> &'p str {
        self.pointer.strip_prefix(state_pointer).map_or("", |rest| rest.trim_start_matches('/'))
    }
}
