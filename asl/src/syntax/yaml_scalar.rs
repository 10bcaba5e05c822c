//! What a scalar of YAML means: the core schema of YAML 1.2, and CloudFormation's tags.

use super::node::NodeKind;
use saphyr_parser::{ScalarStyle, Tag};
use serde_json::Number;

/// What something means, or why it cannot be used.
pub(super) enum Meaning {
    Value(NodeKind),
    Refused { message: String, help: String },
}

fn refused(message: impl Into<String>, help: impl Into<String>) -> Meaning {
    Meaning::Refused { message: message.into(), help: help.into() }
}

fn text(text: impl AsRef<str>) -> Meaning {
    Meaning::Value(NodeKind::String(text.as_ref().into()))
}

/// The meaning of a scalar.
pub(super) fn meaning(source: &str, style: ScalarStyle, tag: Option<&Tag>) -> Meaning {
    let Some(tag) = tag else {
        return if style == ScalarStyle::Plain { plain(source) } else { text(source) };
    };
    if tag.is_yaml_core_schema() {
        return core(source, &tag.suffix);
    }
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", "Sub") => sub(source),
        ("!", "Ref" | "GetAtt") => text(format!("${{{source}}}")),
        ("!" | "", "") => text(source),
        _ => unknown(tag),
    }
}

/// The meaning of a list or an object with a tag.
pub(super) fn collection(kind: NodeKind, tag: &Tag) -> Meaning {
    let fits =
        matches!((tag.suffix.as_str(), &kind), ("seq", NodeKind::Array(_)) | ("map", NodeKind::Object(_)) | ("", _));
    if (tag.is_yaml_core_schema() || tag.suffix.is_empty()) && fits {
        return Meaning::Value(kind);
    }
    let NodeKind::Array(items) = &kind else { return unknown(tag) };
    let texts: Vec<&str> = items.iter().filter_map(|item| item.as_str().map(|text| &**text)).collect();
    match (tag.handle.as_str(), tag.suffix.as_str(), items.as_slice()) {
        ("!", "GetAtt", [_, _, ..]) if texts.len() == items.len() => text(format!("${{{}}}", texts.join("."))),
        ("!", "Sub", [template, values]) => match (template.as_str(), &values.kind) {
            (Some(template), NodeKind::Object(members)) => {
                let mut out = template.to_string();
                for member in members {
                    if let Some(value) = member.value.as_str() {
                        out = out.replace(&format!("${{{}}}", member.name), value);
                    }
                }
                sub(&out)
            }
            _ => unknown_form(tag),
        },
        ("!", "Sub" | "GetAtt" | "Ref", _) => unknown_form(tag),
        _ => unknown(tag),
    }
}

fn sub(source: &str) -> Meaning {
    if source.contains("${!") {
        return refused("`${!…}` in a !Sub", "a text that shows `${…}` after the substitution cannot be checked here");
    }
    text(source)
}

fn unknown(tag: &Tag) -> Meaning {
    let help = "known are CloudFormation's !Sub, !GetAtt and !Ref, which become ${…} placeholders; write others as one";
    refused(format!("the tag `{tag}` is not known here"), help)
}

fn unknown_form(tag: &Tag) -> Meaning {
    refused(
        format!("`{tag}` is not written like this"),
        "write !Sub \"text\", !Sub [text, {Name: value}], !GetAtt A.Arn or !Ref A",
    )
}

/// A scalar with `!!str` and its like.
fn core(source: &str, kind: &str) -> Meaning {
    let meant = match (kind, plain(source)) {
        ("str", _) => return text(source),
        (_, Meaning::Value(kind)) => kind,
        (_, refused) => return refused,
    };
    let fits = match (kind, &meant) {
        ("null", NodeKind::Null) | ("bool", NodeKind::Bool(_)) | ("float", NodeKind::Number(_)) => true,
        ("int", NodeKind::Number(number)) => !number.is_f64(),
        _ => false,
    };
    if fits { Meaning::Value(meant) } else { refused(format!("`{source}` is no `!!{kind}`"), "leave the tag out") }
}

/// A scalar without quotes.
fn plain(source: &str) -> Meaning {
    match source {
        "" | "~" | "null" | "Null" | "NULL" => return Meaning::Value(NodeKind::Null),
        "true" | "True" | "TRUE" => return Meaning::Value(NodeKind::Bool(true)),
        "false" | "False" | "FALSE" => return Meaning::Value(NodeKind::Bool(false)),
        _ => {}
    }
    let unsigned = source.trim_start_matches(['+', '-']);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(source, ".nan" | ".NaN" | ".NAN") {
        return refused(format!("JSON has no number like `{source}`"), "write it in quotes for a text");
    }
    match number(source) {
        Some(number) => Meaning::Value(NodeKind::Number(number)),
        None => text(source),
    }
}

/// The number that a plain scalar is.
fn number(source: &str) -> Option<Number> {
    let radix = |digits: &str, radix| {
        let plain = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        plain.then(|| u64::from_str_radix(digits, radix).ok()).flatten().map(Number::from)
    };
    if let Some(digits) = source.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if let Some(digits) = source.strip_prefix("0x") {
        return radix(digits, 16);
    }
    let (sign, digits) = match source.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", source.strip_prefix('+').unwrap_or(source)),
    };
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|e| {
        !e.trim_start_matches(['+', '-']).is_empty() && all_digits(e.strip_prefix(['+', '-']).unwrap_or(e))
    });
    let digits_fit = all_digits(whole) && fraction.is_none_or(all_digits);
    if !exponent_fits || !digits_fit || (whole.is_empty() && fraction.is_none_or(str::is_empty)) {
        return None;
    }
    // As JSON writes it: no zeros in front, digits on both sides of the point.
    let trimmed = whole.trim_start_matches('0');
    let mut json = format!("{sign}{}", if trimmed.is_empty() { "0" } else { trimmed });
    if let Some(fraction) = fraction {
        json.push('.');
        json.push_str(if fraction.is_empty() { "0" } else { fraction });
    }
    if let Some(exponent) = exponent {
        json.push('e');
        json.push_str(exponent);
    }
    serde_json::from_str(&json).ok()
}
