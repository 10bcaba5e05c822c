//! The way of the data through a JSONPath state: InputPath, Parameters, work, ResultSelector, Assign, ResultPath,
//! OutputPath (developer guide, "Processing input and output").

use super::environment::Surroundings;
use crate::data::{Data, PAYLOAD_LIMIT};
use aslx_asl::program::{Pick, ResultPath, State, Template};
use aslx_asl::value::MAX_DEPTH;
use aslx_asl::{Failure, Value};

/// Applies `InputPath` or `OutputPath`.
pub(super) fn pick(pick: &Pick, from: &Data, env: &Surroundings<'_>) -> Result<Data, Failure> {
    match pick {
        Pick::All => Ok(from.clone()),
        Pick::Nothing => Ok(Value::empty_object().into()),
        Pick::Path(path) => path
            .evaluate(&env.scope(from.value()))
            .map(Data::from)
            .map_err(|miss| Failure::runtime(format!("Invalid path '{}' : {miss}", path.source()))),
    }
}

/// Applies `Parameters` or `ResultSelector`, if there is one.
pub(super) fn fill(template: Option<&Template>, from: &Data, env: &Surroundings<'_>) -> Result<Data, Failure> {
    match template {
        None => Ok(from.clone()),
        Some(template) => template.evaluate(&env.scope(from.value())).map(Data::from),
    }
}

/// Applies `ResultPath`: the result goes into the state's raw input.
pub(super) fn merge(path: &ResultPath, raw: &Data, result: Data) -> Result<Data, Failure> {
    match path {
        ResultPath::Replace => Ok(result),
        ResultPath::Discard => Ok(raw.clone()),
        ResultPath::At(path) => path
            .apply(raw.value(), result.value().clone())
            .map(Data::from)
            .map_err(|conflict| Failure::named("States.ReferencePathConflict", conflict.to_string())),
    }
}

/// The last steps of a state: `ResultPath`, `OutputPath`, and the quota.
pub(super) fn output(
    state: &State,
    path: &ResultPath,
    raw: &Data,
    result: Data,
    env: &Surroundings<'_>,
) -> Result<Data, Failure> {
    let merged = merge(path, raw, result)?;
    let output = pick(&state.output_path, &merged, env)?;
    within_limits(output, &state.name)
}

/// The data, unless its text is longer than a payload may be (recorded: large inputs).
pub(super) fn within_limits(data: Data, who: &str) -> Result<Data, Failure> {
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
