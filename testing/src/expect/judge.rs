//! Every expectation of a test, held against what happened.

use super::{Check, Expectation, calls, ending, output, snapshot, way};
use crate::{Failure, Ran};
use aslx_engine::interpreter::Status;

/// What is not as expected. With `any_ending`, an execution of which nothing is said need not succeed; with `update`,
/// snapshots are written and not compared.
pub(crate) fn judge(expectations: &[Expectation], ran: &Ran, any_ending: bool, update: bool) -> Vec<Failure> {
    let mut failures = Vec::new();
    let says = |wanted: fn(&Check) -> bool| expectations.iter().any(|expectation| wanted(&expectation.check));
    if !any_ending && !says(|check| matches!(check, Check::Status(_))) {
        let fails = says(|check| matches!(check, Check::Error(_) | Check::Cause(..)));
        failures.extend(match fails {
            true => ending::failed(ran),
            false => ending::status(Status::Succeeded, ran),
        });
    }
    let ended_otherwise = |check: &Check| match check {
        // One failure says that it ended otherwise; that there is no output then goes without saying.
        Check::Output(..) | Check::Assertion(_) => ran.status() != Status::Succeeded,
        Check::Error(_) | Check::Cause(..) => ran.status() == Status::Succeeded,
        _ => false,
    };
    for Expectation { check, place } in expectations {
        if ended_otherwise(check) && !failures.is_empty() {
            continue;
        }
        let failure = match check {
            Check::Status(status) => ending::status(*status, ran),
            Check::Output(value, how) => output::output(value, *how, ran),
            Check::Assertion(assertion) => assertion.judge(ran),
            Check::Error(error) => ending::error(error, ran),
            Check::Cause(cause, how) => ending::cause(cause, *how, ran),
            Check::Path(legs) => way::way(legs, ran),
            Check::Attempts { state, count } => calls::attempts(state, *count, ran),
            Check::Calls { state, inputs, how } => calls::calls(state, inputs, *how, ran),
            Check::Duration(least, most) => ending::duration(*least, *most, ran),
            Check::History(file) => snapshot::history(file, ran, update),
        };
        failures.extend(failure.map(|failure| failure.or_at(place.as_ref())));
    }
    failures
}
