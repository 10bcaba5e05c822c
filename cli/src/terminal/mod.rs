//! What a terminal can show, and how times and sizes are written for people.

mod style;
mod units;

pub(crate) use style::{Style, stderr_is_terminal};
pub(crate) use units::bytes;
