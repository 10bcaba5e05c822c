//! The names that the objects of a test file can have. The JSON Schema says the same; a test compares.

/// A test file.
pub(super) const FILE: &[&str] = &["version", "definition", "substitutions", "include", "answers", "mocks", "cases"];
/// A file that test files include.
pub(super) const INCLUDED: &[&str] = &["version", "substitutions", "include", "answers", "mocks"];
/// A case.
pub(super) const CASE: &[&str] = &[
    "name",
    "definition",
    "substitutions",
    "type",
    "input",
    "inputFile",
    "start",
    "objects",
    "mocks",
    "expect",
    "rows",
];
/// An answer.
pub(super) const ANSWER: &[&str] = &[
    "use",
    "return",
    "returnFile",
    "throw",
    "timeOut",
    "missHeartbeat",
    "call",
    "submitted",
    "takes",
    "times",
    "attempts",
    "iteration",
    "when",
    "optional",
];
/// What an answer throws.
pub(super) const THROW: &[&str] = &["error", "cause", "at"];
/// What is expected.
pub(super) const EXPECT: &[&str] = &[
    "status",
    "output",
    "outputFile",
    "outputIncludes",
    "assert",
    "error",
    "cause",
    "causeIncludes",
    "path",
    "attempts",
    "calls",
    "exactCalls",
    "duration",
    "history",
];
/// An assertion with a path.
pub(super) const ASSERT: &[&str] = &["path", "equals", "includes", "exists"];
/// A range of durations.
pub(super) const DURATION: &[&str] = &["atLeast", "atMost"];
