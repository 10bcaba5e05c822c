//! The functions of the language and those that Step Functions adds: one table, one file per kind.

mod aws;
mod basic;
mod encode;
mod higher;
mod list;
mod matches;
mod number;
mod object;
mod picture;
mod table;
mod text;
mod write;

use super::fault::Fault;
use super::meter::MAX_VALUE_DEPTH;
use super::run::{Outcome, Run};
use super::signature::Signature;
use super::value::Val;

pub(super) use basic::{copy, equal, lookup, truth};
pub(super) use matches::next_match;
pub(super) use table::{draws, find, transform_signature};
pub use table::{function_names, is_function};
pub(super) use text::order as text_order;
pub(super) use write::{shown, write};

/// A function of the language.
pub(super) struct Builtin {
    /// Without `$`.
    pub(super) name: &'static str,
    /// How many arguments functions that call others give it.
    pub(super) arity: usize,
    pub(super) signature: Option<Signature>,
    pub(super) run: fn(&Run<'_>, &[Val]) -> Outcome,
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "${}", self.name)
    }
}

/// The argument at this place, counted from 0.
fn at(arguments: &[Val], place: usize) -> Val {
    arguments.get(place).cloned().unwrap_or(Val::Undefined)
}

fn text(arguments: &[Val], place: usize) -> Option<&str> {
    arguments.get(place)?.text()
}

fn number(arguments: &[Val], place: usize) -> Option<f64> {
    arguments.get(place)?.number()
}

/// One level further into a value.
pub(super) fn deeper(depth: usize) -> Result<usize, Fault> {
    if depth < MAX_VALUE_DEPTH { Ok(depth + 1) } else { Err(Fault::Depth) }
}

/// A number that JSON can write.
pub(super) fn finite(n: f64) -> Result<f64, Fault> {
    if n.is_infinite() { Err(Fault::coded("D1001", "Number out of range: null")) } else { Ok(n) }
}
