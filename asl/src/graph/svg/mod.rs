//! SVG, laid out here: no program from outside is needed.

mod paint;
mod style;
pub(super) mod text;

pub use style::STYLE;
