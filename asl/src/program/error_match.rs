//! Which errors an entry of `ErrorEquals` matches.

use std::sync::Arc;

/// An entry of `ErrorEquals`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorPattern {
    /// `States.ALL`
    All,
    /// `States.TaskFailed`
    TaskFailed,
    /// `States.Timeout`, which also matches a missed heartbeat.
    Timeout,
    /// Any other name, to the letter.
    Name(Arc<str>),
}

impl ErrorPattern {
    /// Reads a name.
    pub fn new(name: &str) -> ErrorPattern {
        match name {
            "States.ALL" => ErrorPattern::All,
            "States.TaskFailed" => ErrorPattern::TaskFailed,
            "States.Timeout" => ErrorPattern::Timeout,
            _ => ErrorPattern::Name(name.into()),
        }
    }

    /// The name as written.
    pub fn name(&self) -> &str {
        match self {
            ErrorPattern::All => "States.ALL",
            ErrorPattern::TaskFailed => "States.TaskFailed",
            ErrorPattern::Timeout => "States.Timeout",
            ErrorPattern::Name(name) => name,
        }
    }

    /// Whether an error of this name is meant. `from_task`: it is the answer of a Task's resource; only then does
    /// `States.ALL` take a `States.DataLimitExceeded` (recorded for Lambda results that are too large; elsewhere the
    /// developer guide holds). `heartbeat`: it is the timeout of a missed heartbeat.
    ///
    /// `States.TaskFailed` is a wildcard for all but timeouts, on Parallel and Map too (developer guide, "Error names").
    /// `States.Runtime` never gets here: nothing retries or catches it (recorded: `catch_states_runtime`).
    pub fn matches(&self, error: &str, from_task: bool, heartbeat: bool) -> bool {
        match self {
            ErrorPattern::All => error != "States.DataLimitExceeded" || from_task,
            ErrorPattern::TaskFailed => error != "States.Timeout",
            ErrorPattern::Timeout => error == "States.Timeout",
            ErrorPattern::Name(name) => **name == *error || (heartbeat && &**name == "States.HeartbeatTimeout"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_the_matching_rules() {
        for (pattern, error, from_task, heartbeat, expected) in [
            ("States.ALL", "Custom", true, false, true),
            ("States.ALL", "States.Timeout", true, false, true),
            ("States.TaskFailed", "Custom", true, false, true),
            ("States.TaskFailed", "States.Timeout", true, false, false),
            ("States.Timeout", "States.Timeout", true, true, true),
            ("States.HeartbeatTimeout", "States.Timeout", true, true, true),
            ("States.HeartbeatTimeout", "States.Timeout", true, false, false),
            ("State.ALL", "Custom", true, false, false),
            ("custom", "Custom", true, false, false),
            ("States.ALL", "States.DataLimitExceeded", true, false, true),
            ("States.ALL", "States.DataLimitExceeded", false, false, false),
        ] {
            assert_eq!(ErrorPattern::new(pattern).matches(error, from_task, heartbeat), expected, "{pattern} {error}");
        }
    }
}
