//! The way of the data through a state, in the language of the state.

mod expressions;
mod paths;

use super::branch::Visit;
use super::environment::Surroundings;
use super::inspect::Stage;
use super::variables;
use crate::data::{Data, PAYLOAD_LIMIT};
use aslx_asl::Failure;
use aslx_asl::jsonata::States;
use aslx_asl::program::{CatchFlow, Flow, State, View, When};
use aslx_asl::value::{MAX_DEPTH, Members};

/// What a state hands on.
pub(super) struct Handed {
    pub(super) output: Data,
    pub(super) assigned: Option<Members>,
}

/// What the work of a state starts from: `InputPath`, which JSONata does not have.
pub(super) fn effective(flow: &Flow, raw: &Data, env: &Surroundings<'_>) -> Result<Data, Failure> {
    match flow {
        Flow::Paths(flow) => {
            let input = paths::pick(&flow.input_path, raw, env)?;
            env.note(Stage::AfterInputPath, || input.clone());
            Ok(input)
        }
        Flow::Jsonata(_) => Ok(raw.clone()),
    }
}

/// What the work of a state is given: `Parameters` or `Arguments`.
pub(super) fn arguments(flow: &Flow, input: &Data, view: &View<'_>, env: &Surroundings<'_>) -> Result<Data, Failure> {
    let (stage, value) = match flow {
        Flow::Paths(flow) => {
            let value = flow.parameters.as_ref().map(|template| template.evaluate(view.scope()));
            (Stage::AfterParameters, value)
        }
        Flow::Jsonata(flow) => {
            let value = flow.arguments.as_ref().map(|template| template.evaluate("Arguments", view.session()));
            (Stage::AfterArguments, value)
        }
    };
    let given = value.map_or_else(|| Ok(input.clone()), |value| value.map(Data::from))?;
    env.note(stage, || given.clone());
    Ok(given)
}

/// The result of a Pass, if it says what it is.
pub(super) fn pass(flow: &Flow, input: &Data, env: &Surroundings<'_>) -> Result<Option<Data>, Failure> {
    let Flow::Paths(paths) = flow else { return Ok(None) };
    match &paths.result {
        Some(result) => {
            // An error in Parameters is one although the Result takes their place.
            arguments(flow, input, &env.view(input.value()), env)?;
            env.note(Stage::Result, || result.clone().into());
            Ok(Some(result.clone().into()))
        }
        None => arguments(flow, input, &env.view(input.value()), env).map(Some),
    }
}

/// What a state hands on by its own fields. `result` is what its work gave; nothing, where it does no work.
pub(super) fn leave(
    state: &State,
    visit: &Visit,
    result: Option<&Data>,
    env: &Surroundings<'_>,
) -> Result<Handed, Failure> {
    match &state.flow {
        Flow::Paths(flow) => paths::leave(flow, flow.assign.as_ref(), &state.name, visit, result, env),
        Flow::Jsonata(flow) => {
            let states = States { result: result.map(Data::value), ..env.states(visit.raw.value()) };
            let default = result.unwrap_or(&visit.raw);
            expressions::leave(&flow.exit, "", &state.name, default, &env.session(states))
        }
    }
}

/// What a Choice hands on by the rule that is taken. A rule without Assign assigns nothing: the state's own belongs to
/// Default (recorded).
pub(super) fn leave_by_rule(
    state: &State,
    visit: &Visit,
    (number, when): (usize, &When),
    view: &View<'_>,
    env: &Surroundings<'_>,
) -> Result<Handed, Failure> {
    match (when, &state.flow) {
        (When::Test { assign, .. }, Flow::Paths(flow)) => {
            paths::leave(flow, assign.as_ref(), &state.name, visit, None, env)
        }
        (When::Condition { exit, .. }, _) => {
            let place = format!("Choices[{number}]/");
            expressions::leave(exit, &place, &state.name, &visit.raw, view.session())
        }
        // A rule is compiled in the language of its state.
        (When::Test { .. }, Flow::Jsonata(_)) => leave(state, visit, None, env),
    }
}

/// What a state hands on by a catcher that takes this error.
pub(super) fn leave_caught(
    state: &State,
    visit: &Visit,
    (number, catcher): (usize, &CatchFlow),
    error: &Data,
    env: &Surroundings<'_>,
) -> Result<Handed, Failure> {
    match catcher {
        CatchFlow::Paths { result_path, assign } => {
            let assigned = paths::assigned(assign.as_ref(), error, &state.name, env)?;
            let output = paths::merge(result_path, &visit.raw, error.clone())?;
            Ok(Handed { output: within_limits(output, &state.name)?, assigned })
        }
        CatchFlow::Jsonata(exit) => {
            let states = States { error_output: Some(error.value()), ..env.states(visit.raw.value()) };
            let place = format!("Catch[{number}]/");
            expressions::leave(exit, &place, &state.name, error, &env.session(states))
        }
    }
}

/// The data, unless its text is longer than a payload may be (recorded: large inputs).
fn within_limits(data: Data, who: &str) -> Result<Data, Failure> {
    if data.value().json_len() > PAYLOAD_LIMIT {
        let cause = format!(
            "The state/task '{who}' returned a result with a size exceeding the maximum number of bytes service limit."
        );
        return Err(Failure::named("States.DataLimitExceeded", cause).bare());
    }
    if data.value().depth() > MAX_DEPTH {
        return Err(Failure::runtime(format!("The output is nested deeper than {MAX_DEPTH} levels.")));
    }
    Ok(data)
}
