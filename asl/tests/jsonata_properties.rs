//! Whatever is written between the markers: an error or a value, never a panic, and never without end.
#![allow(clippy::unwrap_used)]

use aslx_asl::jsonata::{Expression, Session, States};
use aslx_asl::{Environment, Timestamp, Value};
use proptest::prelude::*;

struct Nothing(Value);

impl Environment for Nothing {
    fn context(&self) -> &Value {
        &self.0
    }
    fn variable(&self, _: &str) -> Option<&Value> {
        None
    }
    fn draw(&self) -> u64 {
        7
    }
}

const INPUT: &str =
    r#"{"a":[{"b":1,"c":"x"},{"b":2,"c":"y"}],"s":"text","n":12345678901234567,"o":{"p":[[1],[2]],"q":null}}"#;

const SAMPLES: [&str; 14] = [
    "$states.input.a[b > 1].c & 'z'",
    "$map($states.input.a, function($v, $i) { $v.b + $i })",
    "($f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(5))",
    "$states.input.a{c: $sum(b)}",
    "$states.input.a^(>b).c ~> $join(',')",
    "$states.input.o.p.$string()",
    "$replace($states.input.s, /t(.)/, '$1$1') ~> $uppercase",
    "{'x': [1..5], 'y': $partition([1,2,3], 2), 'z': $range(0, 4, 2)}",
    "$states.input ~> |a|{'d': b * 2}, 'c'|",
    "$states.input.a@$v.{'v': $v.b}",
    "$reduce($states.input.a.b, function($x, $y) { $x & $pad('-', $y) }, '')",
    "$formatNumber($states.input.n, '#,##0.00') & $formatInteger(12, 'w')",
    "$fromMillis($toMillis('2018-05-22T00:00:00Z'), '[Y]-[M01]')",
    "$sort($distinct($states.input.a.c), function($l, $r) { $l < $r })[-1]",
];

fn run(source: &str) {
    let Ok(expression) = Expression::parse(source) else { return };
    let input = Value::parse(INPUT).unwrap();
    let env = Nothing(Value::empty_object());
    let session = Session::new(States { input: Some(&input), ..States::default() }, &env, Timestamp::from_millis(0));
    if let Err(error) = expression.evaluate(&session) {
        let failure = expression.failure("Output", &error);
        assert!(failure.detail.starts_with("The JSONata expression '"), "{}", failure.detail);
    }
}

/// A sample with pieces cut out, doubled and put in.
fn mutated() -> impl Strategy<Value = String> {
    let sample = prop::sample::select(&SAMPLES[..]);
    let pieces = [
        "",
        "$",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'",
        ".",
        "~>",
        ":=",
        "?",
        ":",
        "@$i",
        "#$i",
        "%",
        "**",
        "*",
        "/",
        "null",
        "-1",
        "1e9",
        "..",
        "function($x){$x}",
        "$states",
        "[0]",
        "^(b)",
        "|a|{}|",
        "\\",
        "é",
        "&",
        "$pad",
        "\u{1f600}",
    ];
    let change = (any::<prop::sample::Index>(), 0..6_usize, prop::sample::select(pieces.to_vec()));
    (sample, prop::collection::vec(change, 1..4)).prop_map(|(sample, changes)| {
        let mut characters: Vec<char> = sample.chars().collect();
        for (at, cut, piece) in changes {
            let at = at.index(characters.len() + 1);
            let end = (at + cut).min(characters.len());
            characters.splice(at..end, piece.chars());
        }
        characters.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_is_read_or_refused(text in "\\PC{0,60}") {
        run(&text);
    }

    #[test]
    fn changed_expressions_are_evaluated_or_refused(text in mutated()) {
        run(&text);
    }
}

#[test]
fn the_samples_have_values() {
    for sample in SAMPLES {
        let expression = Expression::parse(sample).unwrap();
        let input = Value::parse(INPUT).unwrap();
        let env = Nothing(Value::empty_object());
        let session =
            Session::new(States { input: Some(&input), ..States::default() }, &env, Timestamp::from_millis(0));
        assert!(expression.evaluate(&session).is_ok(), "{sample}: {:?}", expression.evaluate(&session));
    }
}
