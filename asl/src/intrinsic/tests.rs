//! What each function gives and refuses.

use super::{FUNCTIONS, Intrinsic};
use crate::scope::{Environment, Scope};
use crate::value::Value;
use proptest::prelude::*;
use std::cell::Cell;

/// A context object, one variable (`$name`) and a counter instead of random bits.
struct Surroundings {
    context: Value,
    name: Value,
    draws: Cell<u64>,
}

impl Surroundings {
    fn new() -> Surroundings {
        let context = Value::parse(r#"{"Execution":{"Name":"a-b-c"}}"#).unwrap();
        Surroundings { context, name: "Ann".into(), draws: Cell::new(0) }
    }
}

impl Environment for Surroundings {
    fn context(&self) -> &Value {
        &self.context
    }
    fn variable(&self, name: &str) -> Option<&Value> {
        (name == "name").then_some(&self.name)
    }
    fn draw(&self) -> u64 {
        let next = self.draws.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.draws.set(next);
        next
    }
}

/// The value as JSON; or AWS's text behind the source, and the explanation in brackets; or `offset: message (help)`.
fn run(text: &str, input: &str) -> String {
    let input = Value::parse(input).unwrap();
    let env = Surroundings::new();
    match Intrinsic::parse(text) {
        Ok(intrinsic) => match intrinsic.evaluate(&Scope { input: &input, env: &env }) {
            Ok(value) => value.to_json(),
            Err(failure) => {
                let text = failure.to_string();
                let prefix =
                    format!("There was an error while evaluating the intrinsic function: {}. ", intrinsic.source());
                let detail = text.strip_prefix(&prefix).unwrap_or(&text);
                failure.explanation().map_or(detail.to_owned(), |e| format!("{detail} [{e}]"))
            }
        },
        Err(e) => match e.help() {
            Some(help) => format!("{}: {} ({help})", e.offset(), e.message()),
            None => format!("{}: {}", e.offset(), e.message()),
        },
    }
}

#[track_caller]
fn check(text: &str, input: &str, expected: &str) {
    assert_eq!(run(text, input), expected, "{text} of {input}");
}

#[test]
fn arguments_of_every_kind() {
    check("States.Array()", "1", "[]");
    check(
        "States.Array( 'a' , -1.5,true , false,null, $ , $.x, $$.Execution.Name, $name )",
        r#"{"x":[]}"#,
        r#"["a",-1.5,true,false,null,{"x":[]},[],"a-b-c","Ann"]"#,
    );
    check("States.Array(States.Array(1), States.Array())", "1", "[[1],[]]");
    check(
        "States.Array($['a,b'], $.l[?(@.k == 'x)')].v, $.l.length())",
        r#"{"a,b":1,"l":[{"k":"x)","v":2}]}"#,
        "[1,[2],1]",
    );
    check("  States.ArrayLength($)  ", "[1]", "1");
    check("States.Format('a{}b\n\\'{}\\' \\{\\} \\\\', 1, 2)", "0", r#""a1b\n'2' {} \\""#);
}

#[test]
fn format() {
    check("States.Format('plain')", "0", r#""plain""#);
    check("States.Format('{}{}', $.a, $.b)", r#"{"a":"","b":" "}"#, r#"" ""#);
    check(
        "States.Format('{}|{}|{}|{}', $.n, $.t, $.i, $.d)",
        r#"{"n":null,"t":true,"i":1,"d":1.1}"#,
        r#""null|true|1|1.1""#,
    );
    check("States.Format('{}', $)", r#"{"a":{"b":[1,"x",null]},"c":[]}"#, r#""{a={b=[1, x, null]}, c=[]}""#);
    check("States.Format('{}', $)", "12345678.5", r#""1.23456785E7""#);
    check("States.Format($.t, 1)", r#"{"t":"n = {} \\{\\}"}"#, r#""n = 1 {}""#);
    check(
        "States.Format('}', $)",
        "1",
        "Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.",
    );
    check(
        "States.Format('{}')",
        "1",
        "Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.",
    );
    check("States.Format('{', 1)", "1", "Invalid template in States.Format: matching '}' not found for '{'.");
    check("States.Format('{a}', 1)", "1", "Invalid template in States.Format: matching '}' not found for '{'.");
    check("States.Format($)", "1", "Invalid arguments in States.Format [argument 1 must be a string, but was number]");
    check("States.Format('{\"a\": {}}', 1)", "1", "Invalid template in States.Format: matching '}' not found for '{'.");
}

#[test]
fn texts_to_json_and_back() {
    for (text, value) in [
        ("", "null"),
        (" \\n", "null"),
        ("null", "null"),
        ("-0", "0"),
        (" -0 ", "0"),
        ("[-0, -0.5, \\\"-0\\\", -0]", r#"[0,-0.5,"-0",0]"#),
        ("1e3", "1000.0"),
        ("{\\\"a\\\": [1, 2.50]}", r#"{"a":[1,2.5]}"#),
    ] {
        check("States.StringToJson($)", &format!("\"{text}\""), value);
    }
    check("States.StringToJson('{\"a\": \"false\"}')", "0", r#"{"a":"false"}"#);
    for bad in ["\"{\"", "\"1 2\"", "\"'a'\"", "\"01\"", "7", "null"] {
        assert!(run("States.StringToJson($)", bad).starts_with("Invalid arguments in States.StringToJson ["), "{bad}");
    }
    check(
        "States.JsonToString($)",
        r#"{"a": 1, "n": {"left": [1.0, "é\n"]}}"#,
        r#""{\"a\":1,\"n\":{\"left\":[1.0,\"é\\n\"]}}""#,
    );
    check("States.JsonToString($)", "null", r#""null""#);
    check("States.JsonToString('x')", "null", r#""\"x\"""#);
    check(
        "States.JsonMerge($.a, $.b, false)",
        r#"{"a":{"x":{"l":1},"y":1},"b":{"z":3,"x":{"r":2}}}"#,
        r#"{"x":{"r":2},"y":1,"z":3}"#,
    );
    check(
        "States.JsonMerge($, $, true)",
        "{}",
        "Invalid arguments in States.JsonMerge [argument 3 must be false: there is only a shallow merge]",
    );
    check(
        "States.JsonMerge($, 1, false)",
        "{}",
        "Invalid arguments in States.JsonMerge [argument 2 must be an object, but was number]",
    );
}

#[test]
fn arrays() {
    check("States.ArrayLength($)", "[1,null]", "2");
    check(
        "States.ArrayLength($)",
        "{}",
        "Invalid arguments in States.ArrayLength [argument 1 must be an array, but was object]",
    );
    check("States.ArrayContains($, null)", "[]", "false");
    check("States.ArrayContains($, null)", "[null]", "true");
    check("States.ArrayContains($.l, $.v)", r#"{"l":[{"a":1,"b":[]}],"v":{"b":[],"a":1}}"#, "true");
    check("States.ArrayContains($, '1')", "[1]", "false");
    check("States.ArrayGetItem($, 1)", "[1,{}]", "{}");
    check(
        "States.ArrayGetItem($, 2)",
        "[1,2]",
        "Invalid arguments in States.ArrayGetItem [the array has 2 items, there is none at 2]",
    );
    check(
        "States.ArrayGetItem($, -1)",
        "[1]",
        "Invalid arguments in States.ArrayGetItem [the array has 1 items, there is none at -1]",
    );
    check("States.ArrayPartition($, 4)", "[1,2,3,4,5,6,7,8,9]", "[[1,2,3,4],[5,6,7,8],[9]]");
    check("States.ArrayPartition($, 4)", "[]", "[]");
    check("States.ArrayPartition($, 1.5)", "[1,2,3]", "[[1,2],[3]]");
    check(
        "States.ArrayPartition($, 0)",
        "[1]",
        "Invalid arguments in States.ArrayPartition [argument 2 must be greater than 0, but was 0]",
    );
    check("States.ArrayRange(1, 9, 2)", "0", "[1,3,5,7,9]");
    check("States.ArrayRange(1, 9, 9)", "0", "[1]");
    check("States.ArrayRange(3, 0, -2)", "0", "[3,1]");
    check("States.ArrayRange(0.5, 2.4, 1)", "0", "[1,2]");
    check("States.ArrayRange(3, 0, 1)", "0", "[]");
    check("States.ArrayRange(0, 1, 0)", "0", "Invalid arguments in States.ArrayRange [argument 3 must not be 0]");
    check("States.ArrayLength(States.ArrayRange(1, 1000, 1))", "0", "1000");
    check(
        "States.ArrayRange(0, 1000, 1)",
        "0",
        "Invalid arguments in States.ArrayRange [the range has more than 1000 items]",
    );
    check(
        "States.ArrayUnique($)",
        r#"[null,null,true,1,1,"1",[1],[1],{"a":1,"b":2},{"b":2,"a":1},[],{},null]"#,
        r#"[null,true,1,"1",[1],{"a":1,"b":2},[],{}]"#,
    );
}

#[test]
fn numbers() {
    for (a, b, sum) in [
        ("1.49", "1.5", "3"),
        ("1.5", "1.51", "4"),
        ("-1.49", "-1.5", "-2"),
        ("-0.5", "0", "0"),
        ("2.5", "0", "3"),
        ("-2.5", "0", "-2"),
        ("0.49999999999999994", "0", "0"),
        ("2147483647", "-1", "2147483646"),
    ] {
        check("States.MathAdd($.a, $.b)", &format!(r#"{{"a":{a},"b":{b}}}"#), sum);
        check(&format!("States.MathAdd({a}, {b})"), "0", sum);
    }
    check(
        "States.MathAdd(2147483647, 1)",
        "0",
        "Invalid arguments in States.MathAdd [the sum is beyond 32-bit integers: 2147483648]",
    );
    check(
        "States.MathAdd(1e300, 1)",
        "0",
        "Invalid arguments in States.MathAdd [argument 1 is beyond 32-bit integers: 1e+300]",
    );
    check(
        "States.MathAdd('1', 1)",
        "0",
        "Invalid arguments in States.MathAdd [argument 1 must be a number, but was string]",
    );
    // What `new java.util.Random(seed).nextInt(bound)` gives.
    check("States.MathRandom(0, 999, 3)", "0", "239");
    check("States.MathRandom(5, 105, 9)", "0", "94");
    check("States.MathRandom(-2000000000, 2000000000, 7)", "0", "-1156638823");
    check("States.MathRandom(1, 11, 42)", "0", "1");
    check("States.MathRandom(0, 16, 42)", "0", "11");
    check("States.MathRandom(5, 6)", "0", "5");
    check(
        "States.MathRandom(6, 6)",
        "0",
        "Invalid arguments in States.MathRandom [the start must be less than the end, but 6 is not less than 6]",
    );
    let env = Surroundings::new();
    let random = Intrinsic::parse("States.MathRandom(-3, 2.5)").unwrap();
    for _ in 0..200 {
        let number = random.evaluate(&Scope { input: &Value::Null, env: &env }).unwrap().as_i64().unwrap();
        assert!((-3..3).contains(&number));
    }
}

#[test]
fn texts() {
    check("States.StringSplit($, ',')", r#"",,,,""#, "[]");
    check("States.StringSplit($, ',')", r#"", , ,""#, r#"[" "," "]"#);
    check("States.StringSplit('This.is+a,test', '.+,')", "0", r#"["This","is","a","test"]"#);
    check("States.StringSplit('abc', '')", "0", r#"["abc"]"#);
    check("States.Base64Encode('Data to encode')", "0", r#""RGF0YSB0byBlbmNvZGU=""#);
    check("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "0", r#""Data to encode""#);
    check("States.Base64Decode('RGF0YSB0byBlbmNvZGU')", "0", r#""Data to encode""#);
    check("States.Base64Encode('ü€')", "0", r#""w7zigqw=""#);
    check("States.Base64Decode($)", "\"\"", r#""""#);
    assert!(run("States.Base64Decode('*')", "0").starts_with("Invalid arguments in States.Base64Decode ["));
    let long = format!("\"{}\"", "x".repeat(10_001));
    for call in ["States.Base64Encode($)", "States.Base64Decode($)", "States.Hash($, 'MD5')"] {
        assert!(run(call, &long).ends_with("[argument 1 has more than 10000 characters]"), "{call}");
    }
    check("States.Hash('hello', 'MD5')", "0", r#""5d41402abc4b2a76b9719d911017c592""#);
    check("States.Hash('hello', 'SHA-1')", "0", r#""aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d""#);
    check(
        "States.Hash('hello', 'SHA-256')",
        "0",
        r#""2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824""#,
    );
    check("States.ArrayLength(States.Array(States.Hash($, 'SHA-384'), States.Hash($, 'SHA-512')))", "{}", "2");
    check("States.Hash('hello', 'sha-256')", "0", "Invalid arguments in States.Hash [unknown algorithm 'sha-256']");
    check("States.UUID()", "0", r#""9e3779b9-7f4a-4c15-bc6e-f372fe94f82a""#);
}

#[test]
fn a_path_that_finds_nothing_is_named_with_the_input() {
    check(
        "States.Format('{}', $.a.b)",
        r#"{"x":1}"#,
        "The JsonPath argument for the field '$.a.b' could not be found in the input '{\"x\":1}' [Missing property in path $['a']]",
    );
    check(
        "States.Array(States.ArrayLength(1))",
        "0",
        "Invalid arguments in States.ArrayLength [argument 1 must be an array, but was number]",
    );
    let failure = Intrinsic::parse("States.ArrayLength($.value)").unwrap();
    let env = Surroundings::new();
    let input = Value::parse(r#"{"value":1}"#).unwrap();
    let text = failure.evaluate(&Scope { input: &input, env: &env }).unwrap_err().to_string();
    assert_eq!(
        text,
        "There was an error while evaluating the intrinsic function: States.ArrayLength($.value). Invalid arguments in States.ArrayLength"
    );
}

#[test]
fn refusals_say_what_and_where() {
    check(
        "States.ArrayLenght($)",
        "0",
        "0: unknown intrinsic function `States.ArrayLenght` (did you mean `States.ArrayLength`?)",
    );
    check("States.format('x')", "0", "0: unknown intrinsic function `States.format` (did you mean `States.Format`?)");
    check(
        "States.Array(States.UUUID())",
        "0",
        "13: unknown intrinsic function `States.UUUID` (did you mean `States.UUID`?)",
    );
    check(
        "States.MathAdd(1)",
        "0",
        "0: `States.MathAdd` takes 2 arguments, but is given 1 (usage: `States.MathAdd(number, number)`)",
    );
    check(
        "States.MathRandom(1)",
        "0",
        "0: `States.MathRandom` takes 2 to 3 arguments, but is given 1 (usage: `States.MathRandom(start, end[, seed])`)",
    );
    check(
        "States.Format()",
        "0",
        "0: `States.Format` takes at least 1 argument, but is given 0 (usage: `States.Format(template, value, …)`)",
    );
    check("States.UUID(1)", "0", "0: `States.UUID` takes 0 arguments, but is given 1 (usage: `States.UUID()`)");
    check("States.UUID", "0", "11: expected `(` after `States.UUID`");
    check("States.UUID() x", "0", "14: unexpected text after the call");
    check("States.Array('a'", "0", "16: expected `,` or `)`");
    check(
        "States.Array('a', )",
        "0",
        "18: expected an argument (an argument is a text in single quotes, a number, `true`, `false`, `null`, a path or a call)",
    );
    check("States.Array('a)", "0", "13: the closing `'` is missing");
    check("States.Array(\"a\")", "0", "13: texts are written in single quotes (write `'text'`)");
    check(
        "States.Format('He said, \\\"{}\\\"', 'x')",
        "0",
        "24: unknown escape `\\\"` (escapes in a text are `\\'`, `\\{`, `\\}` and `\\\\`)",
    );
    check("States.Array(1x)", "0", "13: `1x` is not a number");
    check(
        "States.Array(truely)",
        "0",
        "13: expected an argument (an argument is a text in single quotes, a number, `true`, `false`, `null`, a path or a call)",
    );
    check("States.Array($.a b)", "0", "16: expected `.` or `[`");
    check("$.x", "0", "0: expected an intrinsic function");
    let nested = |levels: usize| format!("{}1{}", "States.Array(".repeat(levels), ")".repeat(levels));
    check(&nested(10), "0", "[[[[[[[[[[1]]]]]]]]]]");
    check(&nested(11), "0", "130: intrinsic functions are nested more than 10 deep");
    check(&nested(10_000), "0", "130: intrinsic functions are nested more than 10 deep");
}

#[test]
fn a_call_knows_its_parts() {
    let call = Intrinsic::parse("States.Array($.a, States.Format('{}', $$.b), $c)").unwrap();
    assert_eq!(call.function_name(), "States.Array");
    assert_eq!(call.paths().map(|p| p.source()).collect::<Vec<_>>(), ["$.a", "$$.b", "$c"]);
    assert_eq!(FUNCTIONS.len(), 18);
    assert!(FUNCTIONS.is_sorted_by_key(|f| f.name()));
}

proptest! {
    #[test]
    fn parsing_never_panics(text in any::<String>(), name in 0..FUNCTIONS.len()) {
        let _ = Intrinsic::parse(&text);
        let _ = Intrinsic::parse(&format!("{}({text})", FUNCTIONS[name].name()));
        let _ = Intrinsic::parse(&format!("{}('{text}', $.{text})", FUNCTIONS[name].name()));
    }

    #[test]
    fn evaluating_never_panics(
        name in 0..FUNCTIONS.len(),
        arguments in prop::collection::vec(
            prop_oneof!["'.{0,6}'", any::<f64>().prop_map(|d| d.to_string()), any::<i64>().prop_map(|n| n.to_string()),
                Just("$".to_owned()), Just("$.a".to_owned()), Just("$.t".to_owned()), Just("null".to_owned()), Just("false".to_owned()),
                Just("States.Array(1, 1, 2)".to_owned()), Just("States.UUID()".to_owned())], 0..4),
        text in any::<String>(),
    ) {
        let call = format!("{}({})", FUNCTIONS[name].name(), arguments.join(", "));
        let Ok(call) = Intrinsic::parse(&call) else { return Ok(()) };
        let input = Value::from_pairs([("a", Value::from(vec![Value::Null, 1_i64.into(), 1.5.into()])), ("t", text.into())]);
        let _ = call.evaluate(&Scope { input: &input, env: &Surroundings::new() });
    }
}
