//! The text of an expression to its tree: tokens, a raw tree by the binding powers of the operators, and the tree that
//! is evaluated.

mod parse;
mod parse_call;
mod process;
mod seek;
mod token;
mod tree;

pub(super) use parse::{parse, parse_after};
pub(super) use tree::{CONTEXT, Kind, Lambda, Node, Operator, Pairs, ROOT, Stage, Symbol, Transform, Tree};

/// Levels of nesting that an expression may have; a chain of operators nests, too.
pub(super) const MAX_NESTING: u32 = 1_000;

/// What is wrong with a text.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
    pub(super) at: usize,
}

impl SyntaxError {
    fn new(code: &'static str, at: usize, message: impl Into<String>) -> SyntaxError {
        SyntaxError { code, message: message.into(), help: None, at }
    }
}

/// Runs `inner` with more stack where little is left: trees and values nest deeper than a thread's stack may be.
pub(super) fn deep<T>(inner: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(128 * 1024, 1024 * 1024, inner)
}
