//! JSONPath as AWS evaluates it: `$` paths, context paths (`$$`), variable paths (`$name`), and reference paths.
//!
//! AWS's evaluator behaves like the Java library Jayway JsonPath, which differs from RFC 9535 in what matters most:
//! a path to one node gives the bare value, any other gives a list; a filter is applied to an object itself, not to
//! its members; `['a','b']` at the end gives an object; `[1:-1]` is empty. So a [`Path`] is compiled and
//! evaluated here. What AWS's evaluator is known to accept and this one cannot do is refused by [`Path::parse`] with
//! a message: it never becomes a different value at run time.

mod error;
mod evaluate;
mod filter;
mod filter_parse;
mod function;
mod java;
mod parse;
mod reference;
mod segment;
mod selector;
mod step;

#[cfg(test)]
mod tests;

pub use error::{MissReason, PathError, PathMiss};
pub(crate) use java::{hash_map_order, java_text};
pub use reference::{Conflict, ReferencePath};
pub use selector::{Selector, SelectorError, SelectorFailure};
pub use step::{Path, Root, Step};
