//! A definition as it was written: a tree of JSON nodes that know where in the text they stand.

mod node;
mod reader;
mod substitute;

pub use node::{Document, Member, Node, NodeKind, Place, Span};
pub use substitute::{Substitutions, has_placeholder};
