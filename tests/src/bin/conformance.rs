//! Plays recorded cases and compares with what AWS answered.

use aslx_tests::{cli, library::Library};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    cli::main(Arc::new(Library))
}
