//! Fields that hold a number or a time, or say where it is found: literals, paths and expressions.

use super::Interpreter;
use super::branch::Visit;
use super::environment::Surroundings;
use super::step::plain;
use aslx_asl::jsonata::Expression;
use aslx_asl::path::Path;
use aslx_asl::program::{IntegerField, PercentageField, View, Wait};
use aslx_asl::time::parse_rfc3339;
use aslx_asl::{Failure, Scope, Timestamp, Value};

/// Seconds that a Wait may last at the most (recorded text: "Wait state delay is too long.").
const LONGEST_WAIT_SECONDS: i64 = 2_147_483_647;

impl Interpreter {
    /// When a Wait is over.
    pub(super) fn due(&self, env: &Surroundings<'_>, visit: &Visit, wait: &Wait) -> Result<Timestamp, Failure> {
        let view = env.view(visit.input.value());
        let found = |path: &Path, name: &str| {
            path.evaluate(view.scope()).map_err(|_| {
                Failure::runtime(format!("The {name} parameter does not reference an input value: {}", path.source()))
            })
        };
        let due = match wait {
            Wait::Seconds(seconds) => self.now().plus_seconds(*seconds),
            Wait::Timestamp(due) => *due,
            Wait::SecondsPath(path) => {
                self.now().plus_seconds(seconds_at(path.source(), &found(path, "SecondsPath")?)?)
            }
            Wait::SecondsExpression(expression) => self.now().plus_seconds(whole(expression, "Seconds", &view)?),
            Wait::TimestampPath(path) => {
                let value = found(path, "TimestampPath")?;
                let instant = value.as_str().and_then(parse_rfc3339).ok_or_else(|| {
                    Failure::runtime(format!(
                        "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: {} == {}",
                        path.source(),
                        plain(&value)
                    ))
                })?;
                instant.ceil_millis()
            }
            Wait::TimestampExpression(expression) => timestamp(expression, &view)?,
        };
        if due.as_millis().saturating_sub(self.now().as_millis()) / 1000 > LONGEST_WAIT_SECONDS {
            return Err(Failure::runtime("Wait state delay is too long."));
        }
        Ok(due)
    }
}

/// What `SecondsPath` finds. Numeric texts count (seen on AWS).
fn seconds_at(path: &str, value: &Value) -> Result<u64, Failure> {
    let shown = plain(value);
    let seconds = shown.parse::<i64>().map_err(|_| {
        Failure::runtime(format!("The SecondsPath parameter cannot be parsed as a long value: {path} == {shown}"))
    })?;
    u64::try_from(seconds).map_err(|_| {
        Failure::runtime(format!("The SecondsPath parameter references a negative value: {path} == {shown}"))
    })
}

fn timestamp(expression: &Expression, view: &View<'_>) -> Result<Timestamp, Failure> {
    const FIELD: &str = "Timestamp";
    let value = expression.evaluate_in(FIELD, view.session())?;
    let Some(text) = value.as_str() else { return Err(expression.unexpected_type(FIELD, "string", &value)) };
    let instant = parse_rfc3339(text).ok_or_else(|| {
        evaluation(
            FIELD,
            format!(
                "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {text}"
            ),
        )
    })?;
    Ok(instant.ceil_millis())
}

/// A whole number that is not negative. `location` is the place of the field without `Path`, for errors.
pub(super) fn integer(field: &IntegerField, location: &str, view: &View<'_>) -> Result<u64, Failure> {
    match field {
        IntegerField::Literal(number) => Ok(*number),
        IntegerField::Expression(expression) => whole(expression, location, view),
        // Numeric texts count (recorded).
        IntegerField::Path(path) => {
            let value = at(path, view.scope())?;
            plain(&value).parse().map_err(|_| not_a(location, "integer", &value, path))
        }
    }
}

/// The same where a path may find a negative number, for which AWS has a text of its own.
pub(super) fn not_negative(
    field: &IntegerField,
    location: &str,
    negative: &'static str,
    view: &View<'_>,
) -> Result<u64, Failure> {
    let IntegerField::Path(path) = field else { return integer(field, location, view) };
    let value = at(path, view.scope())?;
    let number: i64 = plain(&value).parse().map_err(|_| not_a(location, "integer", &value, path))?;
    u64::try_from(number).map_err(|_| Failure::runtime(negative))
}

/// A percentage from 0 to 100.
pub(super) fn percentage(field: &PercentageField, location: &str, view: &View<'_>) -> Result<f64, Failure> {
    const RANGE: &str = "ToleratedFailurePercentage must be between 0 and 100.";
    let in_range = |percentage: &f64| (0.0..=100.0).contains(percentage);
    match field {
        PercentageField::Literal(percentage) => Ok(*percentage),
        PercentageField::Path(path) => {
            let value = at(path, view.scope())?;
            let percentage = plain(&value).parse().map_err(|_| not_a(location, "float", &value, path))?;
            Some(percentage).filter(in_range).ok_or_else(|| Failure::runtime(RANGE))
        }
        PercentageField::Expression(expression) => {
            let (_, percentage) = number(expression, location, view)?;
            Some(percentage).filter(in_range).ok_or_else(|| evaluation(location, RANGE.to_owned()))
        }
    }
}

/// A whole number that an expression gives. AWS's text for a number that does not fit is not known; this is ours.
fn whole(expression: &Expression, location: &str, view: &View<'_>) -> Result<u64, Failure> {
    let (value, number) = number(expression, location, view)?;
    if number.fract() != 0.0 || number < 0.0 || number >= u64::MAX as f64 {
        let text = format!("The {} field must be a whole number of at least 0, but was {value}", name(location));
        return Err(evaluation(location, text));
    }
    Ok(number as u64)
}

fn number(expression: &Expression, location: &str, view: &View<'_>) -> Result<(Value, f64), Failure> {
    let value = expression.evaluate_in(location, view.session())?;
    let number = match &value {
        Value::Number(number) => number.as_f64(),
        _ => None,
    };
    match number {
        Some(number) => Ok((value, number)),
        None => Err(expression.unexpected_type(location, "number", &value)),
    }
}

fn evaluation(location: &str, text: String) -> Failure {
    Failure::named("States.QueryEvaluationError", text).in_field(location)
}

/// What a path finds.
pub(super) fn at(path: &Path, scope: &Scope<'_>) -> Result<Value, Failure> {
    path.evaluate(scope).map_err(|miss| Failure::runtime(format!("Invalid path '{}' : {miss}", path.source())))
}

fn not_a(location: &str, kind: &str, value: &Value, path: &Path) -> Failure {
    Failure::runtime(format!(
        "The {}Path field refers to value \"{}\" which is not a valid {kind}: {}",
        name(location),
        plain(value),
        path.source()
    ))
}

/// The name of a field by its place.
fn name(location: &str) -> &str {
    location.rsplit('/').next().unwrap_or(location)
}
