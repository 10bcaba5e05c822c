//! What can go wrong.

use std::sync::Arc;

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no such execution.
    #[error("there is no execution `{0}`")]
    NotFound(Arc<str>),
    /// An execution of that name exists already, or somebody else has appended to it.
    #[error("the journal of `{execution}` has {found} entries, {expected} were expected")]
    Conflict {
        /// ARN of the execution.
        execution: Arc<str>,
        /// Entries that the caller knew of.
        expected: u64,
        /// Entries that there are.
        found: u64,
    },
    /// What is kept cannot be understood.
    #[error("what is kept of `{journal}` cannot be read: {reason}")]
    Damaged {
        /// ARN of the execution.
        journal: Arc<str>,
        /// What is wrong with it.
        reason: String,
    },
    /// The storage below failed: nothing of what was asked for has happened.
    #[error("the store failed: {0}")]
    Failed(String),
}
