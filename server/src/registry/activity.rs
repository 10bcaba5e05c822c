//! Activities.

use super::{Encryption, Tags};
use aslx_asl::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An activity: a queue of tasks that workers ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Activity {
    pub(crate) arn: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) created: Timestamp,
    pub(crate) encryption: Encryption,
    pub(crate) tags: Tags,
}
