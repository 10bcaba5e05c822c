//! JSONata: Arguments, work, Assign and Output; both of these see the values at the entry of the state.

use super::{Handed, variables, within_limits};
use crate::data::Data;
use aslx_asl::Failure;
use aslx_asl::jsonata::Session;
use aslx_asl::program::JsonataExit;

/// From the result, the error or the input to what is handed on. `place` is what stands in front of the names of the
/// fields in errors.
pub(super) fn leave(
    exit: &JsonataExit,
    place: &str,
    state: &str,
    default: &Data,
    session: &Session<'_>,
) -> Result<Handed, Failure> {
    let assigned = match &exit.assign {
        Some(assign) => variables::within_limits(&assign.evaluate(&format!("{place}Assign"), session)?, state)?,
        None => None,
    };
    let output = match &exit.output {
        Some(output) => output.evaluate(&format!("{place}Output"), session)?.into(),
        None => default.clone(),
    };
    Ok(Handed { output: within_limits(output, state)?, assigned })
}
