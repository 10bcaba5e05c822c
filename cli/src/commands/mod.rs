//! One file per subcommand.

pub(crate) mod check;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod history;
pub(crate) mod run;
pub(crate) mod serve;
pub(crate) mod store;
pub(crate) mod test;
