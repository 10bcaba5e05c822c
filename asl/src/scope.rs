//! What an expression may look at while it is evaluated.

use crate::Value;

/// The surroundings of an evaluation: everything but the value that `$` stands for.
///
/// The engine implements it. Nothing here reads a clock or a random source: draws come from the execution's seed.
pub trait Environment {
    /// The context object, `$$` (01 §10). Called at most when an expression reads it; may be built then.
    fn context(&self) -> &Value;

    /// The variable of this name (without `$`) that is visible here, if one is assigned.
    fn variable(&self, name: &str) -> Option<&Value>;

    /// The next 64 bits from the generator seeded by the execution. Each call draws anew.
    fn draw(&self) -> u64;
}

/// One evaluation: the value that `$` stands for, and its surroundings.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// What `$` stands for.
    pub input: &'a Value,
    /// Context object, variables and draws.
    pub env: &'a dyn Environment,
}
