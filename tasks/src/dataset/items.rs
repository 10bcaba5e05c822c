//! What every reader gives: items, one after the other, or the reason why not.

use crate::error::TaskError;
use aslx_asl::Value;
use std::sync::Arc;

/// Bytes that an item may have before it is selected (developer guide, "Quotas").
pub(super) const MAX_ITEM: u64 = 8 * 1024 * 1024;

/// Why a data set has no more items: a cause for people, whole sentences.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Broken(pub(super) String);

impl Broken {
    pub(super) fn new(cause: impl Into<String>) -> Broken {
        Broken(cause.into())
    }

    /// An object that the bucket did not give.
    pub(super) fn object(error: &TaskError) -> Broken {
        let mut text = error.message().to_owned();
        if let Some(first) = text.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        Broken(format!("{text}."))
    }
}

/// What a reader gives.
pub(super) type Next = Result<Option<Value>, Broken>;

/// A stream of items.
pub(super) trait Items: Send {
    /// The next item; `None` at the end, and only there.
    fn next(&mut self) -> Next;

    /// The object that the last item came from, if that is not the data set itself.
    fn origin(&self) -> Option<Arc<str>> {
        None
    }
}
