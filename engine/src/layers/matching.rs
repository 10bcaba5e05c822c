//! Whether a value is what was expected, and where it first is not.

use aslx_asl::Value;
use std::fmt;

/// How much of a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// All of it. The order of members does not count; numbers are compared by what they are worth.
    Exact,
    /// What is expected; objects may have more members. Lists are as long as expected, their items are compared so too.
    Partial,
}

/// The first place where a value is not as expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The place as a path, for example `$.items[2].id`.
    pub path: String,
    /// What was expected there; nothing if there should be nothing.
    pub expected: Option<Value>,
    /// What was found there; nothing if there is nothing.
    pub found: Option<Value>,
}

/// Whether a value has at least what is expected of it ([`Match::Partial`]).
pub fn includes(value: &Value, expected: &Value) -> bool {
    difference(expected, value, Match::Partial).is_none()
}

/// The first difference, members in the order in which they are expected; `None` if there is none.
pub fn difference(expected: &Value, found: &Value, how: Match) -> Option<Difference> {
    let mut path = Vec::new();
    let (expected, found) = walk(expected, found, how, &mut path)?;
    Some(Difference { path: written(&path), expected, found })
}

enum Step<'v> {
    Name(&'v str),
    Index(usize),
}

type Pair = (Option<Value>, Option<Value>);

fn walk<'v>(expected: &'v Value, found: &'v Value, how: Match, path: &mut Vec<Step<'v>>) -> Option<Pair> {
    match (expected, found) {
        (Value::Object(_), Value::Object(_)) => {
            let (wanted, present) = (expected.as_object()?, found.as_object()?);
            for (name, wanted) in wanted {
                path.push(Step::Name(name));
                match present.get(name) {
                    None => return Some((Some(wanted.clone()), None)),
                    Some(value) => {
                        if let Some(pair) = walk(wanted, value, how, path) {
                            return Some(pair);
                        }
                    }
                }
                path.pop();
            }
            let more = present.iter().find(|(name, _)| how == Match::Exact && !wanted.contains_key(*name));
            more.map(|(name, value)| {
                path.push(Step::Name(name));
                (None, Some(value.clone()))
            })
        }
        (Value::Array(_), Value::Array(_)) => {
            let (wanted, present) = (expected.as_array()?, found.as_array()?);
            for index in 0..wanted.len().max(present.len()) {
                path.push(Step::Index(index));
                match (wanted.get(index), present.get(index)) {
                    (Some(wanted), Some(value)) => {
                        if let Some(pair) = walk(wanted, value, how, path) {
                            return Some(pair);
                        }
                    }
                    (wanted, value) => return Some((wanted.cloned(), value.cloned())),
                }
                path.pop();
            }
            None
        }
        _ => (!same(expected, found)).then(|| (Some(expected.clone()), Some(found.clone()))),
    }
}

fn same(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Number(a), Value::Number(b)) => a == b || (a.as_f64().is_some() && a.as_f64() == b.as_f64()),
        _ => expected == found,
    }
}

fn written(path: &[Step<'_>]) -> String {
    let mut text = "$".to_owned();
    for step in path {
        match step {
            Step::Name(name) if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                text.push('.');
                text.push_str(name);
            }
            Step::Name(name) => text.push_str(&format!("['{name}']")),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text =
            |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), |v| format!("`{}`", v.to_json()));
        write!(f, "at {} expected {}, found {}", self.path, text(&self.expected), text(&self.found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: &str, found: &str, exact: &str, partial: &str) {
        let (expected, found) = (Value::parse(expected).unwrap(), Value::parse(found).unwrap());
        let told = |how| difference(&expected, &found, how).map(|d| d.to_string()).unwrap_or_default();
        assert_eq!((told(Match::Exact).as_str(), told(Match::Partial).as_str()), (exact, partial));
        assert_eq!(includes(&found, &expected), partial.is_empty());
    }

    #[test]
    fn the_first_place_is_told() {
        check(r#"{"a":1,"b":[1,{"c":2}]}"#, r#"{"b":[1.0,{"c":2}],"a":1}"#, "", "");
        let more = "at $.b expected nothing, found `2`";
        check(r#"{"a":1}"#, r#"{"a":1,"b":2}"#, more, "");
        let less = "at $.b expected `2`, found nothing";
        check(r#"{"a":1,"b":2}"#, r#"{"a":1}"#, less, less);
        let inner = "at $['a b'][1].c expected `2`, found `\"2\"`";
        check(r#"{"a b":[0,{"c":2}]}"#, r#"{"a b":[0,{"c":"2","d":1}]}"#, inner, inner);
        let longer = "at $[1] expected nothing, found `2`";
        check("[1]", "[1,2]", longer, longer);
        check("null", "{}", "at $ expected `null`, found `{}`", "at $ expected `null`, found `{}`");
        check(r#"[{"a":1}]"#, r#"[{"a":1,"b":[]}]"#, "at $[0].b expected nothing, found `[]`", "");
    }
}
