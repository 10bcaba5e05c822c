//! Whether a condition holds for a row.

use super::parser::{Comparison, Condition, Operand, condition};
use super::wrong;
use crate::error::Result;
use crate::offline::decimal::Decimal;
use crate::ports::{Attribute, Expression, Item};
use std::cmp::Ordering;

/// Whether the condition holds for the row; a row that is not there has no attributes.
pub(in crate::offline) fn holds(expression: &Expression, item: Option<&Item>) -> Result<bool> {
    let condition = condition(expression)?;
    let nothing = Item::new();
    check(&condition, item.unwrap_or(&nothing))
}

fn check(condition: &Condition, item: &Item) -> Result<bool> {
    Ok(match condition {
        Condition::Or(any) => {
            for one in any {
                if check(one, item)? {
                    return Ok(true);
                }
            }
            false
        }
        Condition::And(all) => {
            for one in all {
                if !check(one, item)? {
                    return Ok(false);
                }
            }
            true
        }
        Condition::Not(inner) => !check(inner, item)?,
        Condition::Exists(path) => path.read(item).is_some(),
        Condition::NotExists(path) => path.read(item).is_none(),
        Condition::Compare(left, comparison, right) => {
            compare(read(left, item)?.as_ref(), *comparison, read(right, item)?.as_ref())
        }
        Condition::Between(value, low, high) => {
            let value = read(value, item)?;
            compare(value.as_ref(), Comparison::GreaterOrEqual, read(low, item)?.as_ref())
                && compare(value.as_ref(), Comparison::LessOrEqual, read(high, item)?.as_ref())
        }
        Condition::In(value, options) => {
            let value = read(value, item)?;
            for option in options {
                if compare(value.as_ref(), Comparison::Equal, read(option, item)?.as_ref()) {
                    return Ok(true);
                }
            }
            false
        }
        Condition::HasType(path, expected) => {
            let expected = read(expected, item)?;
            path.read(item).is_some_and(|v| expected.as_ref().and_then(Attribute::as_text) == Some(type_of(v)))
        }
        Condition::BeginsWith(path, start) => match (path.read(item), read(start, item)?) {
            (Some(Attribute::S(text)), Some(Attribute::S(start))) => text.starts_with(&start),
            _ => false,
        },
        Condition::Contains(path, part) => match (path.read(item), read(part, item)?) {
            (Some(whole), Some(part)) => contains(whole, &part),
            _ => false,
        },
    })
}

fn read(operand: &Operand, item: &Item) -> Result<Option<Attribute>> {
    match operand {
        Operand::Path(path) => Ok(path.read(item).cloned()),
        Operand::Value(value) => Ok(Some(value.clone())),
        Operand::Size(path) => Ok(path.read(item).and_then(size).map(|n| Attribute::N(n.to_string()))),
        _ => wrong("arithmetic is for updates"),
    }
}

fn compare(left: Option<&Attribute>, comparison: Comparison, right: Option<&Attribute>) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return comparison == Comparison::NotEqual && left != right };
    match comparison {
        Comparison::Equal => equal(left, right),
        Comparison::NotEqual => !equal(left, right),
        Comparison::Less => order(left, right) == Some(Ordering::Less),
        Comparison::LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
        Comparison::Greater => order(left, right) == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => order(left, right).is_some_and(Ordering::is_ge),
    }
}

fn equal(left: &Attribute, right: &Attribute) -> bool {
    let same_set = |a: &[String], b: &[String]| a.len() == b.len() && a.iter().all(|x| b.contains(x));
    match (left, right) {
        (Attribute::N(_), Attribute::N(_)) => order(left, right) == Some(Ordering::Equal) || left == right,
        (Attribute::TextSet(a), Attribute::TextSet(b)) | (Attribute::ByteSet(a), Attribute::ByteSet(b)) => {
            same_set(a, b)
        }
        (Attribute::NumberSet(a), Attribute::NumberSet(b)) => {
            let numbers = |s: &[String]| s.iter().filter_map(|n| n.parse::<Decimal>().ok()).collect::<Vec<_>>();
            let (a, b) = (numbers(a), numbers(b));
            a.len() == b.len() && a.iter().all(|x| b.contains(x))
        }
        _ => left == right,
    }
}

/// Texts by their bytes, numbers by their value; nothing else is ordered.
fn order(left: &Attribute, right: &Attribute) -> Option<Ordering> {
    match (left, right) {
        (Attribute::S(a), Attribute::S(b)) => Some(a.cmp(b)),
        (Attribute::N(a), Attribute::N(b)) => Some(a.parse::<Decimal>().ok()?.cmp(&b.parse().ok()?)),
        _ => None,
    }
}

fn contains(whole: &Attribute, part: &Attribute) -> bool {
    match (whole, part) {
        (Attribute::S(text), Attribute::S(part)) => text.contains(part.as_str()),
        (Attribute::L(items), part) => items.iter().any(|item| equal(item, part)),
        (Attribute::TextSet(items), Attribute::S(part))
        | (Attribute::NumberSet(items), Attribute::N(part))
        | (Attribute::ByteSet(items), Attribute::B(part)) => items.contains(part),
        _ => false,
    }
}

fn size(value: &Attribute) -> Option<usize> {
    match value {
        Attribute::S(text) => Some(text.len()),
        Attribute::B(base64) => Some(base64.trim_end_matches('=').len() * 3 / 4),
        Attribute::M(members) => Some(members.len()),
        Attribute::L(items) => Some(items.len()),
        Attribute::TextSet(items) | Attribute::NumberSet(items) | Attribute::ByteSet(items) => Some(items.len()),
        Attribute::N(_) | Attribute::Bool(_) | Attribute::Null(_) => None,
    }
}

fn type_of(value: &Attribute) -> &'static str {
    match value {
        Attribute::S(_) => "S",
        Attribute::N(_) => "N",
        Attribute::B(_) => "B",
        Attribute::Bool(_) => "BOOL",
        Attribute::Null(_) => "NULL",
        Attribute::M(_) => "M",
        Attribute::L(_) => "L",
        Attribute::TextSet(_) => "SS",
        Attribute::NumberSet(_) => "NS",
        Attribute::ByteSet(_) => "BS",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row() -> Item {
        let json = r#"{"id":{"S":"1"},"n":{"N":"12.50"},"status":{"S":"completed"},"tags":{"SS":["a","b"]},
            "list":{"L":[{"S":"x"},{"M":{"deep":{"BOOL":true}}}]}}"#;
        serde_json::from_str(json).unwrap()
    }

    fn ask(text: &str) -> Result<bool> {
        let expression = Expression::new(text)
            .name("#s", "status")
            .value(":done", Attribute::text("completed"))
            .value(":n", Attribute::N("12.5".into()))
            .value(":big", Attribute::N("100".into()))
            .value(":a", Attribute::text("a"))
            .value(":t", Attribute::Bool(true))
            .value(":type", Attribute::text("SS"));
        holds(&expression, Some(&row()))
    }

    #[test]
    fn conditions_hold() {
        for text in [
            "attribute_exists(id)",
            "attribute_not_exists(nothing)",
            "attribute_not_exists(list[5])",
            "#s = :done AND n = :n",
            "n < :big and n <= :n and n >= :n and NOT n > :n",
            "n BETWEEN :n AND :big AND id <> :n",
            "#s IN (:a, :done)",
            "begins_with(#s, :done) OR nothing = :a",
            "contains(tags, :a) AND attribute_type(tags, :type)",
            "list[1].deep = :t",
            "size(list) < :n AND NOT (size(tags) > :n)",
            "nothing <> :a",
        ] {
            assert_eq!(ask(text), Ok(true), "{text}");
        }
        for text in ["attribute_exists(nothing)", "nothing = :a", "n > :done", "NOT #s = :done", "nothing < :n"] {
            assert_eq!(ask(text), Ok(false), "{text}");
        }
    }

    #[test]
    fn what_is_not_in_order_is_refused() {
        for text in [
            "",
            "id",
            "id =",
            "= :a",
            "id = :missing",
            "#x = :a",
            "(id = :a",
            "id = :a)",
            "nope(id)",
            "id ! :a",
            ":",
            "a[x] = :a",
        ] {
            assert!(ask(text).is_err(), "{text}");
        }
        assert!(ask(&"(".repeat(4000)).is_err());
        assert!(ask(&"NOT ".repeat(1000)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z#:()\\[\\].,<>=+ 0-9é]{0,40}") {
            let _ = ask(&text);
        }
    }
}
