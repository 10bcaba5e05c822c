//! JSONPath: InputPath, Parameters, work, ResultSelector, Assign, ResultPath, OutputPath (developer guide, "Processing
//! input and output").

use super::{Handed, variables, within_limits};
use crate::data::Data;
use crate::interpreter::branch::Visit;
use crate::interpreter::environment::Surroundings;
use crate::interpreter::inspect::Stage;
use aslx_asl::program::{PathFlow, Pick, ResultPath, Template};
use aslx_asl::value::Members;
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

/// Evaluates `Assign`, in which `$` is this.
pub(super) fn assigned(
    assign: Option<&Template>,
    from: &Data,
    state: &str,
    env: &Surroundings<'_>,
) -> Result<Option<Members>, Failure> {
    let Some(assign) = assign else { return Ok(None) };
    variables::within_limits(&assign.evaluate(&env.scope(from.value()))?, state)
}

/// From the result, or the effective input of a state that does no work, to what is handed on.
pub(super) fn leave(
    flow: &PathFlow,
    assign: Option<&Template>,
    state: &str,
    visit: &Visit,
    result: Option<&Data>,
    env: &Surroundings<'_>,
) -> Result<Handed, Failure> {
    let result = result.unwrap_or(&visit.input);
    let selected = match &flow.result_selector {
        Some(selector) => selector.evaluate(&env.scope(result.value()))?.into(),
        None => result.clone(),
    };
    env.note(Stage::AfterResultSelector, || selected.clone());
    let assigned = assigned(assign, result, state, env)?;
    let merged = merge(&flow.result_path, &visit.raw, selected)?;
    env.note(Stage::AfterResultPath, || merged.clone());
    let output = pick(&flow.output_path, &merged, env)?;
    Ok(Handed { output: within_limits(output, state)?, assigned })
}
