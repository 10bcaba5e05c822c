//! A fuzzer of its own: seeded, mutational, aware of the structure of definitions, in one process.
//!
//! - [`rng`] and [`corpus`] make the inputs with [`mutate`],
//! - [`targets`] (with `run`) plays them and says what must hold,
//! - [`session`] plays many, watches the clock and the memory, and reports.
//!
//! Case `n` of a target depends on the seed and on `n` alone: what was found is found again with
//! `--target <t> --seed <s> --first <n> --iterations 1`.

pub mod corpus;
pub mod mutate;
mod protocol;
#[cfg(test)]
mod regressions;
pub mod rng;
mod run;
pub mod session;
pub mod targets;
mod test_files;

pub use session::{Fault, Session, Summary};
pub use targets::Target;
