//! Equality of JSON values.

use super::text::{self, Bindings};
use serde_json::{Map, Number, Value};
use std::fmt;

/// The longest rendering of a value in a reason.
const LONGEST: usize = 200;

/// The key of an expected object that stands for a JSON text.
const JSON_TEXT: &str = "$json_text";

/// Where two values differ, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    path: String,
    what: String,
}

impl Difference {
    pub(super) fn here(what: impl Into<String>) -> Difference {
        Difference { path: String::new(), what: what.into() }
    }

    /// The same difference, seen from one level above.
    pub(super) fn below(mut self, step: &str) -> Difference {
        self.path.insert_str(0, step);
        self
    }

    fn unlike(want: &Value, got: &Value) -> Difference {
        Difference::here(format!("expected {}, got {}", shortened(want), shortened(got)))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.trim_start_matches('.');
        if path.is_empty() { f.write_str(&self.what) } else { write!(f, "{path}: {}", self.what) }
    }
}

/// Where `got` is not what `want` describes; `None` if it is.
pub fn difference(want: &Value, got: &Value, bindings: &mut Bindings) -> Option<Difference> {
    if let Value::String(wanted) = want {
        return text_difference(wanted, want, got, bindings);
    }
    if let Some(inner) = json_text(want) {
        let Some(read) = got.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
            let inner = shortened(inner);
            return Some(Difference::here(format!("expected a JSON text of {inner}, got {}", shortened(got))));
        };
        return difference(inner, &read, bindings).map(|found| found.below("(json)"));
    }
    match (want, got) {
        (Value::Null, Value::Null) => None,
        (Value::Bool(a), Value::Bool(b)) if a == b => None,
        (Value::Number(a), Value::Number(b)) if same_number(a, b) => None,
        (Value::Object(wanted), Value::Object(given)) => object_difference(wanted, given, bindings),
        (Value::Array(wanted), Value::Array(given)) => list_difference(wanted, given, bindings),
        _ => Some(Difference::unlike(want, got)),
    }
}

fn text_difference(wanted: &str, want: &Value, got: &Value, bindings: &mut Bindings) -> Option<Difference> {
    let Value::String(given) = got else {
        return (!text::is_wildcard(wanted)).then(|| Difference::unlike(want, got));
    };
    if text::matches(wanted, given, bindings) {
        return None;
    }
    Some(match bindings.get(wanted) {
        Some(before) => Difference::here(format!("{wanted} was `{before}` before, now `{given}`")),
        None => Difference::unlike(want, got),
    })
}

fn json_text(want: &Value) -> Option<&Value> {
    let members = want.as_object()?;
    if members.len() == 1 { members.get(JSON_TEXT) } else { None }
}

/// A key may hold a wildcard; it then stands for one key that is not expected otherwise, with any value.
fn object_difference(
    want: &Map<String, Value>,
    got: &Map<String, Value>,
    bindings: &mut Bindings,
) -> Option<Difference> {
    let absent = want.keys().filter(|key| !got.contains_key(*key));
    let (free, missing): (Vec<&String>, Vec<&String>) = absent.partition(|key| text::has_wildcard(key));
    let more: Vec<&String> = got.keys().filter(|key| !want.contains_key(*key)).collect();
    if !missing.is_empty() || more.len() != free.len() {
        let missing: Vec<&String> = missing.into_iter().chain(free.iter().copied().skip(more.len())).collect();
        let more: Vec<&String> = more.into_iter().skip(free.len()).collect();
        let what = [listed("missing", &missing), listed("not expected", &more)];
        return Some(Difference::here(what.into_iter().flatten().collect::<Vec<_>>().join(", ")));
    }
    want.iter().find_map(|(key, want)| {
        let found = difference(want, got.get(key)?, bindings)?;
        Some(found.below(&format!(".{key}")))
    })
}

fn listed(what: &str, keys: &[&String]) -> Option<String> {
    let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    (!keys.is_empty()).then(|| format!("{what} {}", keys.join(", ")))
}

fn list_difference(want: &[Value], got: &[Value], bindings: &mut Bindings) -> Option<Difference> {
    if want.len() != got.len() {
        return Some(Difference::here(format!("expected {} items, got {}", want.len(), got.len())));
    }
    want.iter().zip(got).enumerate().find_map(|(index, (want, got))| {
        let found = difference(want, got, bindings)?;
        Some(found.below(&format!("[{index}]")))
    })
}

/// Whole numbers are compared as such: beyond 2^53 two of them may share their nearest binary64 number.
fn same_number(a: &Number, b: &Number) -> bool {
    if let (Some(a), Some(b)) = (whole(a), whole(b)) {
        return a == b;
    }
    a.as_f64() == b.as_f64()
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// The value as JSON text, cut where it gets long.
pub(super) fn shortened(value: &Value) -> String {
    cut(&value.to_string())
}

/// The text, cut where it gets long.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.split_at(at).0),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(want: Value, got: Value, expected: Option<&str>) {
        let found = difference(&want, &got, &mut Bindings::new()).map(|found| found.to_string());
        assert_eq!(found.as_deref(), expected, "{want} {got}");
    }

    #[test]
    fn equal_values() {
        for (want, got) in [
            (json!(null), json!(null)),
            (json!(1), json!(1.0)),
            (json!(-0.0), json!(0)),
            (json!(1e3), json!(1000)),
            (json!({"a": 1, "b": [true]}), json!({"b": [true], "a": 1.0})),
            (json!("<x>"), json!({"any": ["value"]})),
            (json!("<x>"), json!(null)),
            (json!({"$json_text": {"a": "<x>"}}), json!(" {\"a\" : 5}")),
            (json!({"$json_text": [1]}), json!("[1.0]")),
            (json!({"<key>": 1, "b": 2}), json!({"z": "anything", "b": 2})),
        ] {
            check(want, got, None);
        }
    }

    #[test]
    fn different_values() {
        for (want, got, why) in [
            (json!(null), json!(false), "expected null, got false"),
            (json!(1), json!(true), "expected 1, got true"),
            (json!(true), json!(1), "expected true, got 1"),
            (json!(1), json!("1"), "expected 1, got \"1\""),
            (json!("1"), json!(1), "expected \"1\", got 1"),
            (json!("a<x>"), json!(1), "expected \"a<x>\", got 1"),
            (
                json!(9007199254740993_i64),
                json!(9007199254740992_i64),
                "expected 9007199254740993, got 9007199254740992",
            ),
            (json!([1, 2]), json!([2, 1]), "[0]: expected 1, got 2"),
            (json!([1, 2]), json!([1]), "expected 2 items, got 1"),
            (json!({"a": {"b": [1]}}), json!({"a": {"b": [2]}}), "a.b[0]: expected 1, got 2"),
            (json!({"a": 1}), json!({}), "missing `a`"),
            (json!({}), json!({"a": 1}), "not expected `a`"),
            (json!({"a": 1}), json!({"b": 1}), "missing `a`, not expected `b`"),
            (json!({"<key>": 1}), json!({}), "missing `<key>`"),
            (json!({"<key>": 1}), json!({"a": 1, "b": 1}), "not expected `b`"),
            (json!({"$json_text": 1}), json!("2"), "(json): expected 1, got 2"),
            (json!({"$json_text": {}}), json!({}), "expected a JSON text of {}, got {}"),
            (json!({}), json!([]), "expected {}, got []"),
        ] {
            check(want, got, Some(why));
        }
    }

    #[test]
    fn a_numbered_wildcard_is_one_text_throughout() {
        let want = json!({"id": "<uuid:1>", "again": ["x-<uuid:1>"]});
        check(want.clone(), json!({"id": "7", "again": ["x-7"]}), None);
        check(want, json!({"id": "7", "again": ["x-8"]}), Some("again[0]: expected \"x-<uuid:1>\", got \"x-8\""));
        let want = json!(["<uuid:1>", "<uuid:1>"]);
        check(want, json!(["7", "8"]), Some("[1]: <uuid:1> was `7` before, now `8`"));
    }

    #[test]
    fn a_long_value_is_cut() {
        let found = difference(&json!("ä".repeat(300)), &json!(1), &mut Bindings::new()).unwrap().to_string();
        assert!(found.contains('…') && found.len() < 500, "{found}");
    }
}
