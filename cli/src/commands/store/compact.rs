//! `aslx store compact`.

use super::{CompactArguments, refused, there_is_one};
use crate::error::CommandError;
use crate::terminal::bytes;
use aslx_engine::SystemClock;
use aslx_engine::store::SqliteStore;
use std::process::ExitCode;

pub(super) fn run(arguments: &CompactArguments) -> Result<ExitCode, CommandError> {
    let directory = &arguments.directory;
    there_is_one(directory)?;
    let (before, after) = SqliteStore::compact(directory, &SystemClock).map_err(|error| refused(&error, directory))?;
    println!("{} before, {} now", bytes(before), bytes(after));
    Ok(ExitCode::SUCCESS)
}
