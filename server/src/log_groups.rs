//! Which log groups there are: state machines can log to no other.

use crate::error::ApiError;
use crate::registry::{LogLevel, Logging};
use std::collections::BTreeSet;

/// Names of log groups; unless they are told, every name is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LogGroups(Option<BTreeSet<String>>);

impl LogGroups {
    /// These and no others.
    pub(crate) fn only(names: impl IntoIterator<Item = String>) -> LogGroups {
        LogGroups(Some(names.into_iter().collect()))
    }

    /// Refuses a configuration that does not say where to log, or names a group that there is not.
    pub(crate) fn check(&self, logging: &Logging) -> Result<(), ApiError> {
        let destinations = logging.destinations.as_ref().map_or(0, Vec::len);
        let refused =
            |why: &str| ApiError::new("InvalidLoggingConfiguration", format!("Invalid Logging Configuration: {why}"));
        if logging.level != LogLevel::Off && destinations != 1 {
            return Err(refused("Must specify exactly one Log Destination."));
        }
        let exists = |arn: &str| {
            let name = arn.split_once(":log-group:").and_then(|(_, rest)| rest.strip_suffix(":*"));
            name.is_some_and(|name| self.0.as_ref().is_none_or(|known| known.contains(name)))
        };
        if !logging.destinations.iter().flatten().all(|arn| exists(arn)) {
            return Err(refused("Log Destination not found."));
        }
        Ok(())
    }
}
