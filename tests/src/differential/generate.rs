//! Random expressions and data.

use super::Case;
use crate::fuzz::rng::Rng;
use serde_json::{Map, Value, json};

/// What tells these cases from those of other fuzzers with the same seed.
const TARGET: u64 = 77;

/// Names of members, in data and expressions.
const NAMES: [&str; 7] = ["a", "b", "c", "d", "item", "size", "tags"];
const TEXTS: [&str; 9] = ["", "x", "abc", "Hello World", "a,b,c", "12", "-3.5", "2024-03-01T10:00:00Z", "é\u{1f600}z"];
const NUMBERS: [&str; 11] = ["0", "1", "2", "3", "-1", "10", "1.5", "0.1", "100000", "1e20", "-2.5"];
const VARIABLES: [&str; 4] = ["$x", "$y", "$i", "$f"];
const BINARY: [&str; 16] = ["+", "-", "*", "/", "%", "=", "!=", "<", "<=", ">", ">=", "&", "and", "or", "in", "&"];

/// Functions and how many arguments to give them, at most.
const FUNCTIONS: [(&str, usize); 52] = [
    ("abs", 1),
    ("append", 2),
    ("average", 1),
    ("base64encode", 1),
    ("base64decode", 1),
    ("boolean", 1),
    ("ceil", 1),
    ("clone", 1),
    ("contains", 2),
    ("count", 1),
    ("distinct", 1),
    ("encodeUrl", 1),
    ("encodeUrlComponent", 1),
    ("decodeUrl", 1),
    ("error", 1),
    ("exists", 1),
    ("floor", 1),
    ("formatBase", 2),
    ("formatInteger", 2),
    ("formatNumber", 2),
    ("fromMillis", 1),
    ("join", 2),
    ("keys", 1),
    ("length", 1),
    ("lookup", 2),
    ("lowercase", 1),
    ("max", 1),
    ("merge", 1),
    ("min", 1),
    ("not", 1),
    ("number", 1),
    ("pad", 3),
    ("power", 2),
    ("reverse", 1),
    ("round", 2),
    ("sort", 1),
    ("split", 2),
    ("spread", 1),
    ("sqrt", 1),
    ("string", 2),
    ("substring", 3),
    ("substringAfter", 2),
    ("substringBefore", 2),
    ("sum", 1),
    ("toMillis", 1),
    ("trim", 1),
    ("type", 1),
    ("uppercase", 1),
    ("zip", 2),
    ("parseInteger", 2),
    ("match", 2),
    ("replace", 3),
];

/// Pieces that a mutation puts in.
const PIECES: [&str; 26] = [
    "[0]",
    "[-1]",
    "[]",
    "[$ > 1]",
    ".*",
    ".**",
    ".a",
    ".%",
    "@$x",
    "#$i",
    "^(a)",
    "^(>$)",
    "{a: b}",
    "{'k': $}",
    "~>",
    "?",
    ":",
    "(",
    ")",
    ";",
    ",",
    "$",
    "'",
    "..",
    "function($x){$x}",
    "null",
];

/// The case of this number.
pub fn case(seed: u64, number: u64) -> Case {
    let mut rng = Rng::of(seed, TARGET, number);
    let data = data(&mut rng, 3);
    let mut source = expression(&mut rng, 4);
    if rng.one_in(4) {
        source = mutated(&mut rng, &source);
    }
    Case { source, data }
}

fn data(rng: &mut Rng, depth: usize) -> Value {
    match rng.below(if depth == 0 { 6 } else { 12 }) {
        0 => Value::Null,
        1 => json!(rng.one_in(2)),
        2 | 3 => serde_json::from_str(rng.word(&NUMBERS)).unwrap_or_default(),
        4 | 5 => json!(rng.word(&TEXTS)),
        6..=8 => Value::Array((0..rng.below(4)).map(|_| data(rng, depth - 1)).collect()),
        _ => {
            let mut members = Map::new();
            for _ in 0..1 + rng.below(4) {
                members.insert(rng.word(&NAMES).to_owned(), data(rng, depth - 1));
            }
            Value::Object(members)
        }
    }
}

fn text(rng: &mut Rng) -> String {
    json!(rng.word(&TEXTS)).to_string()
}

fn leaf(rng: &mut Rng) -> String {
    match rng.below(12) {
        0..=3 => rng.word(&NAMES).to_owned(),
        4 | 5 => rng.word(&NUMBERS).to_owned(),
        6 => text(rng),
        7 => "$".to_owned(),
        8 => rng.word(&VARIABLES).to_owned(),
        9 => rng.word(&["*", "**", "$$", "true", "false", "null"]).to_owned(),
        10 => rng.word(&["[]", "{}", "()"]).to_owned(),
        _ => rng.word(&["a.b", "a.b.c", "item.size", "tags[0]", "a[]", "`item`"]).to_owned(),
    }
}

fn lambda(rng: &mut Rng, depth: usize) -> String {
    let parameters = rng.word(&["$x", "$x, $y", "$x, $i", "$x, $i, $y", ""]).to_owned();
    format!("function({parameters}) {{ {} }}", expression(rng, depth))
}

/// An expression of so many levels at most.
fn expression(rng: &mut Rng, depth: usize) -> String {
    if depth == 0 {
        return leaf(rng);
    }
    let inner = |rng: &mut Rng| expression(rng, depth - 1);
    match rng.below(27) {
        0..=2 => leaf(rng),
        3..=5 => format!("{}.{}", inner(rng), inner(rng)),
        6 | 7 => format!("{}[{}]", inner(rng), inner(rng)),
        8 | 9 => format!("({} {} {})", inner(rng), rng.word(&BINARY), inner(rng)),
        10 => format!("[{}, {}]", inner(rng), inner(rng)),
        11 => format!("[{}..{}]", rng.below(4), rng.below(6)),
        12 => format!("{{{}: {}, 'k': {}}}", text(rng), inner(rng), inner(rng)),
        13 => format!("{}{{{}: {}}}", inner(rng), rng.word(&["a", "b", "'g'", "$string(a)", "$string($)"]), inner(rng)),
        14 => format!("{}^({}{})", inner(rng), rng.word(&["", ">", "<"]), inner(rng)),
        15 => format!("({} ? {} : {})", inner(rng), inner(rng), inner(rng)),
        16 => format!("({} := {}; {})", rng.word(&VARIABLES), inner(rng), inner(rng)),
        17 => format!("({})", inner(rng)),
        18 => format!(
            "{} ~> {}",
            inner(rng),
            rng.word(&["$string", "$count", "$sum()", "$keys", "$reverse()", "|$|{'n': 1}|", "|a|{}, 'b'|"])
        ),
        19 => {
            let function = rng.word(&["map", "filter", "single", "each", "sift", "reduce", "sort"]).to_owned();
            let list = inner(rng);
            format!("${function}({list}, {})", lambda(rng, depth - 1))
        }
        20 => format!("{}{}.{}", inner(rng), rng.word(&["@$x", "#$i", "#$i[$i > 0]"]), inner(rng)),
        21 => format!("-{}", inner(rng)),
        22 => format!("({})({})", lambda(rng, depth - 1), inner(rng)),
        23 => format!("{}.({})", inner(rng), inner(rng)),
        _ => call(rng, depth),
    }
}

fn call(rng: &mut Rng, depth: usize) -> String {
    let Some((name, most)) = rng.pick(&FUNCTIONS).copied() else { return String::new() };
    let count = if rng.one_in(6) { rng.below(most + 2) } else { most };
    let arguments: Vec<String> = (0..count)
        .map(|place| match (name, place) {
            ("formatNumber", 1) => rng.word(&["'#,##0.00'", "'0'", "'00.#'", "'#0%'", "'0.0e0'"]).to_owned(),
            ("formatInteger" | "parseInteger", 1) => {
                rng.word(&["'w'", "'I'", "'a'", "'000'", "'#,##0'", "'w;o'"]).to_owned()
            }
            ("match" | "replace" | "split", 1) => {
                rng.word(&["/[a-c]/", "/l+/i", "/(x)?b/", "','", "'b'", "/^/"]).to_owned()
            }
            ("replace", 2) => rng.word(&["'<$0>'", "'$1'", "'-'", "function($m) { $m.match & '!' }"]).to_owned(),
            ("join", 1) => rng.word(&["','", "' '", "''"]).to_owned(),
            ("pad", 1) | ("substring", 1 | 2) | ("round", 1) => rng.word(&["2", "-2", "5", "0", "-7", "1"]).to_owned(),
            ("formatBase", 1) => rng.word(&["2", "16", "36", "1"]).to_owned(),
            ("power", 1) => rng.word(&["2", "0.5", "-1"]).to_owned(),
            _ => expression(rng, depth - 1),
        })
        .collect();
    format!("${name}({})", arguments.join(", "))
}

/// With pieces cut out and put in.
fn mutated(rng: &mut Rng, source: &str) -> String {
    let mut characters: Vec<char> = source.chars().collect();
    for _ in 0..1 + rng.below(2) {
        let at = rng.below(characters.len() + 1);
        let end = (at + rng.below(4)).min(characters.len());
        characters.splice(at..end, rng.word(&PIECES).chars());
    }
    characters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::differential::{Outcome, ours};

    #[test]
    fn a_case_depends_on_seed_and_number_alone_and_many_have_values() {
        assert_eq!(case(1, 7), case(1, 7));
        assert_ne!(case(1, 7), case(2, 7));
        let values = (0..500).filter(|number| matches!(ours(&case(3, *number)), Outcome::Value(_))).count();
        assert!(values > 100, "{values}");
    }
}
