//! Runs cases of the reference implementation's suite: for the tests of this crate and for the conformance runner.
//! Reads no files: the caller does.

use super::error::EvaluationError;
use super::expression::Expression;
use super::refused::Dialect;
use super::run::{Bindings, Limits};
use super::value::Val;
use crate::Timestamp;
use crate::value::Value;

/// One case and what came out.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// `group/case000.json`, with `#2` behind it where a file has several.
    pub name: String,
    /// What is wrong; nothing if the case passes.
    pub problem: Option<String>,
    /// The construct for which the dialect of Step Functions refuses the expression. The case itself is run in full
    /// JSONata all the same.
    pub refused: Option<&'static str>,
    /// The text of the error that came out, with its code.
    pub error: Option<String>,
}

/// Gives the content of a file.
pub type Read<'r> = &'r dyn Fn(&str) -> Option<String>;

/// Runs the cases of one file. `name` is its group and file name, `text` its content; `read` gives the content of a
/// file beside it (`expr-file`) or of a data set (`datasets/dataset5.json`), both relative to the folder of the suite;
/// `now` is the time of the evaluations: one case expects it to be today.
pub fn run_file(name: &str, text: &str, read: Read<'_>, now: Timestamp) -> Vec<CaseResult> {
    let parsed = match Value::parse(text).or_else(|_| Value::parse(&whole_pairs(text))) {
        Ok(parsed) => parsed,
        Err(error) => return vec![failed(name.to_owned(), format!("not readable: {error}"))],
    };
    match parsed.as_array() {
        Some(cases) => {
            let named = cases.iter().enumerate().map(|(index, case)| (format!("{name}#{index}"), case));
            named.map(|(name, case)| run_case(name, case, read, now)).collect()
        }
        None => vec![run_case(name.to_owned(), &parsed, read, now)],
    }
}

/// The text with what is no character in it made U+FFFD: halves of surrogate pairs, which two cases are about and no
/// text in UTF-8 can hold.
fn whole_pairs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once("\\u") {
        let unit = escape.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let pair = escape.get(4..6) == Some("\\u");
        out.push_str(before);
        match unit {
            Some(0xd800..0xdc00) if pair => {
                out.push_str("\\u");
                out.push_str(escape.get(..10).unwrap_or_default());
                rest = escape.get(10..).unwrap_or_default();
                continue;
            }
            Some(0xd800..0xe000) => out.push_str("\\ufffd"),
            _ => {
                out.push_str("\\u");
                out.push_str(escape.get(..4).unwrap_or_default());
            }
        }
        rest = escape.get(4..).unwrap_or_default();
    }
    out + rest
}

fn failed(name: String, problem: String) -> CaseResult {
    CaseResult { name, problem: Some(problem), refused: None, error: None }
}

fn run_case(name: String, case: &Value, read: Read<'_>, now: Timestamp) -> CaseResult {
    let group = name.split('/').next().unwrap_or_default();
    let source = match (case.get("expr"), case.get("expr-file")) {
        (Some(Value::String(source)), _) => Some(source.to_string()),
        (_, Some(Value::String(file))) => read(&format!("groups/{group}/{file}")),
        _ => None,
    };
    let Some(source) = source else { return failed(name, "no expression".to_owned()) };
    let data = match (case.get("data"), case.get("dataset")) {
        (Some(data), _) => Some(data.clone()),
        (None, Some(Value::String(set))) => {
            read(&format!("datasets/{set}.json")).and_then(|text| Value::parse(&text).ok())
        }
        _ => None,
    };
    let input = data.as_ref().map_or(Val::Undefined, Val::from);
    let depth = case.get("depth").and_then(Value::as_f64);
    let limits = Limits { depth: depth.map_or(Limits::default().depth, |depth| depth as usize), ..Limits::default() };
    let bindings = Given(case.get("bindings"));
    let refused = match Expression::parse(&source) {
        Err(error) => error.help().and(super::REFUSED.iter().find(|r| Some(r.help) == error.help())),
        Ok(_) => None,
    };
    let outcome = match Expression::parse_as(&source, Dialect::Full) {
        Err(error) => Err((error.code().to_owned(), error.to_string())),
        Ok(expression) => {
            let result = expression.run(&bindings, input, now, (1, 2), limits);
            result.map(Some).or_else(|error| match error {
                EvaluationError::Undefined => Ok(None),
                other => Err((other.code().unwrap_or_default().to_owned(), other.to_string())),
            })
        }
    };
    let problem = judge(case, &outcome);
    let error = outcome.err().map(|(_, text)| text);
    CaseResult { name, problem, refused: refused.map(|refused| refused.construct), error }
}

/// The variables of a case.
struct Given<'c>(Option<&'c Value>);

impl Bindings for Given<'_> {
    fn variable(&self, name: &str) -> Option<Val> {
        self.0?.get(name).map(Val::from)
    }
}

fn judge(case: &Value, outcome: &Result<Option<Value>, (String, String)>) -> Option<String> {
    let code = case.get("code").or_else(|| case.get("error").and_then(|error| error.get("code")));
    match (case.get("result"), code.and_then(Value::as_str), outcome) {
        (Some(expected), _, Ok(Some(value))) => {
            let unordered = case.get("unordered").and_then(Value::as_bool) == Some(true);
            let equal = close(expected, value) || (unordered && same_items(expected, value));
            (!equal).then(|| format!("expected {expected}, got {value}"))
        }
        (_, Some(expected), Err((code, text))) => {
            (expected != code).then(|| format!("expected {expected}, got {text}"))
        }
        (None, None, Ok(None)) => None,
        (Some(expected), _, other) => Some(format!("expected {expected}, got {other:?}")),
        (None, Some(expected), other) => Some(format!("expected {expected}, got {other:?}")),
        (None, None, other) => Some(format!("expected nothing, got {other:?}")),
    }
}

/// Equal, numbers up to the last digits.
fn close(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(_), Value::Number(_)) => {
            let (a, b) = (a.as_f64().unwrap_or(0.0), b.as_f64().unwrap_or(0.0));
            a == b || (a - b).abs() <= 1e-13 * a.abs().max(b.abs())
        }
        (Value::Array(a), Value::Array(b)) => {
            a.items().len() == b.items().len() && a.items().iter().zip(b.items()).all(|(a, b)| close(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.members().len() == b.members().len()
                && a.members().iter().all(|(name, a)| b.members().get(name).is_some_and(|b| close(a, b)))
        }
        _ => a == b,
    }
}

fn same_items(a: &Value, b: &Value) -> bool {
    let (Some(a), Some(b)) = (a.as_array(), b.as_array()) else { return false };
    a.len() == b.len() && a.iter().all(|item| b.iter().any(|other| close(item, other)))
}

/// What an expression of the full dialect makes of an input: a value, nothing, or the code of its error. For comparing
/// with the reference implementation: `function` stands for a result with a function in it, an empty code for an error
/// that has none.
pub fn outcome(source: &str, input: Option<&Value>, now: Timestamp) -> Result<Option<Value>, String> {
    let expression = Expression::parse_as(source, Dialect::Full).map_err(|error| error.code().to_owned())?;
    let input = input.map_or(Val::Undefined, Val::from);
    match expression.run(&Given(None), input, now, (1, 2), Limits::default()) {
        Ok(value) => Ok(Some(value)),
        Err(EvaluationError::Undefined) => Ok(None),
        Err(EvaluationError::UnsupportedType) => Err("function".to_owned()),
        Err(error) => Err(error.code().unwrap_or_default().to_owned()),
    }
}

/// Whether two values are the same up to the last digits of their numbers.
pub fn same(a: &Value, b: &Value) -> bool {
    close(a, b)
}
