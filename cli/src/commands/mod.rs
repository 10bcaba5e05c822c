//! One file per subcommand.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod run;
pub(crate) mod serve;
pub(crate) mod store;
pub(crate) mod test;
