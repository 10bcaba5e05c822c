//! The journal: everything that reached an execution from outside, in order, with its time.

mod entry;
mod file;
mod lines;

pub use entry::{Entry, EntryKind, ExecutionNames, Seed, Started, TaskId, TaskResult, TimerId, Tracing};
pub use file::{JournalError, digest, read_journal, write_journal, write_lines};
pub use lines::{Lines, Opening};

/// Number of the rules by which journals are replayed. A change that alters what an existing journal replays to
/// raises it; journals of earlier numbers are kept as test files.
pub const SEMANTICS: u32 = 1;
