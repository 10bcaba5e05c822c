//! What AWS's JSONata (2.0) does not have: refused when an expression is read.

/// Which JSONata an expression may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// What Step Functions runs: 2.0, without `$eval`.
    #[default]
    Aws,
    /// With the newer operators: for the suite of the reference implementation.
    Full,
}

/// A construct that [`Dialect::Aws`] refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// What is written.
    pub construct: &'static str,
    /// The code of the error that JSONata 2.0 gives.
    pub code: &'static str,
    /// The text of that error.
    pub message: &'static str,
    /// Why it is refused, and what to write instead.
    pub help: &'static str,
}

/// Every construct that is refused.
pub const REFUSED: [Refused; 3] = [
    Refused {
        construct: "??",
        code: "S0211",
        message: "The symbol \"?\" cannot be used as a unary operator",
        help: "the operator `??` is newer than the JSONata of Step Functions (2.0); write `$exists(a) ? a : b`",
    },
    Refused {
        construct: "?:",
        code: "S0211",
        message: "The symbol \":\" cannot be used as a unary operator",
        help: "the operator `?:` is newer than the JSONata of Step Functions (2.0); write `a ? a : b`",
    },
    Refused {
        construct: "$eval",
        code: "T1006",
        message: "Attempted to invoke a non-function",
        help: "Step Functions has no `$eval`; `$parse` reads a JSON text",
    },
];
