//! The Amazon States Language: text → syntax (with positions) → check → [`Program`], and the evaluation of its
//! expressions. No I/O, no clock, no randomness of its own: usable by an editor, a linter, a build script.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

pub mod catalogue;
mod compile;
pub mod diagnostic;
pub mod failure;
mod format;
pub mod graph;
pub mod intrinsic;
pub mod jsonata;
pub mod lint;
pub mod path;
pub mod program;
pub mod scope;
mod suggest;
pub mod syntax;
pub mod time;
pub mod value;

pub use compile::{CompileOptions, Compiled, MachineType, compile, compile_document};
pub use diagnostic::{Diagnostic, Severity};
pub use failure::Failure;
pub use format::{LINE_WIDTH, format};
pub use lint::{LintSettings, check, lint};
pub use program::Program;
pub use scope::{Environment, Scope};
pub use suggest::did_you_mean;
pub use time::Timestamp;
pub use value::Value;
