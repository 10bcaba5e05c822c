//! What an update expression makes of a row. All values are read from the row as it was.

use super::parser::{Change, Operand, changes};
use super::wrong;
use crate::error::Result;
use crate::offline::decimal::Decimal;
use crate::ports::{Attribute, Expression, Item};

/// The row after the update.
pub(in crate::offline) fn updated(expression: &Expression, before: &Item) -> Result<Item> {
    let mut after = before.clone();
    for change in changes(expression)? {
        let done = match change {
            Change::Set(path, operand) => path.write(&mut after, evaluate(&operand, before)?),
            Change::Remove(path) => path.remove(&mut after),
            Change::Add(path, value) => {
                let sum = add(path.read(before), value)?;
                path.write(&mut after, sum)
            }
            Change::Delete(path, value) => match path.read(before) {
                None => true,
                Some(old) => match without(old, &value)? {
                    Some(rest) => path.write(&mut after, rest),
                    None => path.remove(&mut after),
                },
            },
        };
        if !done {
            return wrong("the row has no map or list at the path to be changed");
        }
    }
    Ok(after)
}

fn evaluate(operand: &Operand, item: &Item) -> Result<Attribute> {
    match operand {
        Operand::Value(value) => Ok(value.clone()),
        Operand::Path(path) => match path.read(item) {
            Some(value) => Ok(value.clone()),
            None => wrong(format_args!("the row has no attribute `{}` to read", path.name)),
        },
        Operand::IfNotExists(path, other) => match path.read(item) {
            Some(value) => Ok(value.clone()),
            None => evaluate(other, item),
        },
        Operand::Append(first, second) => match (evaluate(first, item)?, evaluate(second, item)?) {
            (Attribute::L(mut first), Attribute::L(second)) => {
                first.extend(second);
                Ok(Attribute::L(first))
            }
            _ => wrong("`list_append` needs two lists"),
        },
        Operand::Plus(a, b) => arithmetic(&evaluate(a, item)?, &evaluate(b, item)?, Decimal::plus),
        Operand::Minus(a, b) => arithmetic(&evaluate(a, item)?, &evaluate(b, item)?, Decimal::minus),
        Operand::Size(_) => wrong("`size` is for conditions"),
    }
}

fn arithmetic(a: &Attribute, b: &Attribute, apply: fn(Decimal, Decimal) -> Option<Decimal>) -> Result<Attribute> {
    let number = |value: &Attribute| match value {
        Attribute::N(text) => text.parse::<Decimal>().ok(),
        _ => None,
    };
    let (Some(a), Some(b)) = (number(a), number(b)) else { return wrong("only numbers can be added and subtracted") };
    match apply(a, b) {
        Some(sum) => Ok(Attribute::N(sum.to_string())),
        None => wrong("a number would have more than 38 digits"),
    }
}

fn add(old: Option<&Attribute>, value: Attribute) -> Result<Attribute> {
    let merged = |old: &[String], new: Vec<String>| {
        let fresh: Vec<_> = new.into_iter().filter(|v| !old.contains(v)).collect();
        [old, &fresh].concat()
    };
    match (old, value) {
        (None, value @ (Attribute::N(_) | Attribute::TextSet(_) | Attribute::NumberSet(_) | Attribute::ByteSet(_))) => {
            Ok(value)
        }
        (Some(old @ Attribute::N(_)), value @ Attribute::N(_)) => arithmetic(old, &value, Decimal::plus),
        (Some(Attribute::TextSet(old)), Attribute::TextSet(new)) => Ok(Attribute::TextSet(merged(old, new))),
        (Some(Attribute::NumberSet(old)), Attribute::NumberSet(new)) => Ok(Attribute::NumberSet(merged(old, new))),
        (Some(Attribute::ByteSet(old)), Attribute::ByteSet(new)) => Ok(Attribute::ByteSet(merged(old, new))),
        _ => wrong("`ADD` needs a number or a set, of the kind that the attribute has"),
    }
}

/// The set without these members; `None` if none are left.
fn without(old: &Attribute, gone: &Attribute) -> Result<Option<Attribute>> {
    let rest = |old: &[String], gone: &[String]| old.iter().filter(|v| !gone.contains(v)).cloned().collect::<Vec<_>>();
    Ok(match (old, gone) {
        (Attribute::TextSet(old), Attribute::TextSet(gone)) => Some(Attribute::TextSet(rest(old, gone))),
        (Attribute::NumberSet(old), Attribute::NumberSet(gone)) => Some(Attribute::NumberSet(rest(old, gone))),
        (Attribute::ByteSet(old), Attribute::ByteSet(gone)) => Some(Attribute::ByteSet(rest(old, gone))),
        _ => return wrong("`DELETE` needs a set, of the kind that the attribute has"),
    }
    .filter(
        |left| !matches!(left, Attribute::TextSet(v) | Attribute::NumberSet(v) | Attribute::ByteSet(v) if v.is_empty()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(text: &str) -> Result<String> {
        let before = serde_json::from_str(r#"{"n":{"N":"1"},"l":{"L":[{"N":"1"}]},"m":{"M":{}},"s":{"SS":["a","b"]}}"#);
        let expression = Expression::new(text)
            .name("#n", "n")
            .value(":one", Attribute::N("1".into()))
            .value(":text", Attribute::text("t"))
            .value(":list", Attribute::L(vec![Attribute::Null(true)]))
            .value(":set", Attribute::TextSet(vec!["b".into(), "c".into()]))
            .value(":all", Attribute::TextSet(vec!["b".into(), "a".into()]));
        Ok(serde_json::to_string(&updated(&expression, &before.unwrap())?).unwrap())
    }

    #[test]
    fn updates_change_what_they_say() {
        let row = |n: &str, l: &str, m: &str, s: &str| {
            format!(r#"{{"l":{{"L":[{l}]}},"m":{{"M":{{{m}}}}},"n":{{"N":"{n}"}},"s":{{"SS":[{s}]}}}}"#)
        };
        let (n, l, m, s) = ("1", r#"{"N":"1"}"#, "", r#""a","b""#);
        for (text, expected) in [
            ("SET #n = n + :one, m.x = :text", row("2", l, r#""x":{"S":"t"}"#, s)),
            ("set n = if_not_exists(nothing, :one) REMOVE l[0]", row(n, "", m, s)),
            ("SET l = list_append(l, :list), l[7] = :one", row(n, r#"{"N":"1"},{"NULL":true},{"N":"1"}"#, m, s)),
            ("ADD n :one, s :set", row("2", l, m, r#""a","b","c""#)),
            ("DELETE s :set REMOVE nothing", row(n, l, m, r#""a""#)),
            ("SET n = n - :one", row("0", l, m, s)),
        ] {
            assert_eq!(change(text), Ok(expected), "{text}");
        }
        assert!(!change("DELETE s :all").unwrap().contains("\"s\""));
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for text in [
            "",
            "SET",
            "SET n",
            "SET n = gone",
            "SET gone.x = :one",
            "SET n = n + :text",
            "ADD n :text",
            "DELETE n :set",
            "MAKE n",
            "SET n = :one,",
        ] {
            assert!(change(text).is_err(), "{text}");
        }
    }
}
