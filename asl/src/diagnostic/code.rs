//! The codes. Those that AWS uses have AWS's names; each has a page in the documentation.

/// The text is not JSON.
pub const INVALID_JSON: &str = "INVALID_JSON_DESCRIPTION";
/// A field is missing, unknown, misplaced, of the wrong type or out of range.
pub const SCHEMA: &str = "SCHEMA_VALIDATION_FAILED";
/// `StartAt`, `Next` or `Default` names no state of the same machine, or a state cannot be reached.
pub const MISSING_TARGET: &str = "MISSING_TRANSITION_TARGET";
/// Two states of one definition have one name.
pub const DUPLICATE_NAME: &str = "DUPLICATE_STATE_NAME";
/// Some state names this one, but no way leads here from the start.
pub const UNREACHABLE: &str = "UNREACHABLE_STATE";
/// No way leads from a state to an end.
pub const MISSING_END: &str = "MISSING_END_STATE";
/// An object names a member twice.
pub const DUPLICATE_KEY: &str = "DUPLICATE_KEY";
/// A `${Name}` without a value.
pub const UNRESOLVED_SUBSTITUTION: &str = "UNRESOLVED_SUBSTITUTION";
/// Legal on AWS, but not supported by this program.
pub const NOT_SUPPORTED: &str = "NOT_SUPPORTED_YET";
/// A text that looks like a path, under a name that does not end in `.$`.
pub const NO_DOLLAR: &str = "NO_DOLLAR";
