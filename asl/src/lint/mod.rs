//! What is legal but probably wrong. Every finding is a warning with a code of its own, which can be silenced.

mod check;
mod choice;
mod context;
mod errors;
mod loops;
mod lost_input;
mod shape;
mod task;

pub use check::{LintSettings, check, lint};
