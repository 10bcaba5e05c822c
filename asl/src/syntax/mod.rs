//! A definition as it was written: a tree of JSON nodes that know where in the text they stand.

mod align;
mod document;
mod jackson;
mod node;
mod reader;
mod substitute;
mod yaml;
mod yaml_scalar;

pub use document::{Document, Format};
pub use jackson::json_complaint;
pub use node::{LineIndex, Member, Node, NodeKind, Place, Span};
pub(crate) use reader::NOT_AN_OBJECT;
pub use substitute::{Substitutions, has_placeholder};
