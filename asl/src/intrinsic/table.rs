//! The functions: name, arguments, implementation.

use super::call::Arguments;
use super::error::Refusal;
use super::{array, json, math, text};
use crate::Value;

/// What a function is called and takes.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    name: &'static str,
    parameters: &'static str,
    least: usize,
    most: Option<usize>,
    pub(super) run: fn(&Arguments<'_>) -> Result<Value, Refusal>,
}

impl Signature {
    /// The name, `States.` included.
    pub fn name(&self) -> &'static str {
        self.name
    }
    /// The parameters, as they are written in the documentation.
    pub fn parameters(&self) -> &'static str {
        self.parameters
    }
    /// The number of arguments that it needs at least.
    pub fn least(&self) -> usize {
        self.least
    }
    /// The number of arguments that it takes at most, if there is a bound.
    pub fn most(&self) -> Option<usize> {
        self.most
    }
}

const fn row(
    name: &'static str,
    parameters: &'static str,
    least: usize,
    most: Option<usize>,
    run: fn(&Arguments<'_>) -> Result<Value, Refusal>,
) -> Signature {
    Signature { name, parameters, least, most, run }
}

/// The intrinsic functions that AWS has (AWS's developer guide), by name.
pub const FUNCTIONS: &[Signature] = &[
    row("States.Array", "value, …", 0, None, array::array),
    row("States.ArrayContains", "array, value", 2, Some(2), array::contains),
    row("States.ArrayGetItem", "array, index", 2, Some(2), array::get_item),
    row("States.ArrayLength", "array", 1, Some(1), array::length),
    row("States.ArrayPartition", "array, size", 2, Some(2), array::partition),
    row("States.ArrayRange", "first, last, step", 3, Some(3), array::range),
    row("States.ArrayUnique", "array", 1, Some(1), array::unique),
    row("States.Base64Decode", "string", 1, Some(1), text::base64_decode),
    row("States.Base64Encode", "string", 1, Some(1), text::base64_encode),
    row("States.Format", "template, value, …", 1, None, text::format),
    row("States.Hash", "data, algorithm", 2, Some(2), text::hash),
    row("States.JsonMerge", "object, object, false", 3, Some(3), json::merge),
    row("States.JsonToString", "value", 1, Some(1), json::to_string),
    row("States.MathAdd", "number, number", 2, Some(2), math::add),
    row("States.MathRandom", "start, end[, seed]", 2, Some(3), math::random),
    row("States.StringSplit", "string, separators", 2, Some(2), text::split),
    row("States.StringToJson", "string", 1, Some(1), json::from_string),
    row("States.UUID", "", 0, Some(0), math::uuid),
];
