use super::*;
use crate::value::Value;
use crate::{Environment, Timestamp};
use std::cell::Cell;

struct Here {
    context: Value,
    count: Value,
    big: Value,
    draws: Cell<u64>,
}

impl Environment for Here {
    fn context(&self) -> &Value {
        &self.context
    }
    fn variable(&self, name: &str) -> Option<&Value> {
        match name {
            "three" => Some(&self.count),
            "big" => Some(&self.big),
            _ => None,
        }
    }
    fn draw(&self) -> u64 {
        self.draws.set(self.draws.get() + 1);
        self.draws.get()
    }
}

const INPUT: &str =
    r#"{"s":"text","n":12345678901234567,"f":1.0,"list":[{"a":1},{"a":2}],"one":[1],"o":{"deep":{"x":2.0}},"zero":0}"#;

fn evaluate(source: &str) -> Result<Value, String> {
    let expression = Expression::parse(source).map_err(|error| error.to_string())?;
    let input = Value::parse(INPUT).unwrap();
    let env = Here {
        context: Value::parse(r#"{"Execution":{"Id":"e"}}"#).unwrap(),
        count: Value::from(3_i64),
        big: Value::from("x".repeat(250_000)),
        draws: Cell::new(0),
    };
    let states = States { input: Some(&input), ..States::default() };
    let session = Session::new(states, &env, Timestamp::from_millis(1_500_000_000_000));
    expression.evaluate_in("Output/r", &session).map_err(|failure| {
        assert_eq!(failure.error, "States.QueryEvaluationError");
        assert_eq!(failure.location.as_deref(), Some("Output/r"));
        failure.detail
    })
}

#[track_caller]
fn check(source: &str, expected: &str) {
    let found = evaluate(source).map(|value| value.to_json());
    assert_eq!(found.as_deref(), Ok(expected), "{source}");
}

/// The text behind the words that all failures begin with.
#[track_caller]
fn check_failure(source: &str, expected: &str) {
    let failure = evaluate(source).unwrap_err();
    let head = format!("The JSONata expression '{source}' specified for the field 'Output/r' ");
    assert_eq!(failure.strip_prefix(&head), Some(expected), "{source}: {failure}");
}

#[track_caller]
fn check_error(source: &str, expected: &str) {
    check_failure(source, &format!("threw an error during evaluation. {expected}"));
}

#[test]
fn what_is_passed_through_stays_as_it_was() {
    check("$states.input.n", "12345678901234567");
    check("{'o': $states.input.o}", r#"{"o":{"deep":{"x":2.0}}}"#);
    check("$states.input.list", r#"[{"a":1},{"a":2}]"#);
    check("$states.input.one", "[1]");
    check("$states.input.f", "1");
    check("$states.input.f + 0.5 + 0.5", "2");
    check("$states.input.list.a", "[1,2]");
    check("$states.context.Execution.Id", "\"e\"");
    check("$states", &format!(r#"{{"input":{INPUT},"context":{{"Execution":{{"Id":"e"}}}}}}"#));
    check("$three", "3");
    check("$three + 1", "4");
    check("null", "null");
    check("-0", "0");
}

#[test]
fn functions_of_step_functions() {
    check("$partition([1,2,3,4,5], 2.9)", "[[1,2],[3,4],[5]]");
    check("$partition([0], 4)", "[[0]]");
    check("$range(0, 9, 3)", "[0,3,6,9]");
    check("$range(1, 9, 9)", "1");
    check("$range(3, 1, -1)", "[3,2,1]");
    check("$hash('input data', 'SHA-1')", "\"aaff4a450a104cd177d28d18d74485e8cae074b7\"");
    check("$hash('', 'MD5')", "\"d41d8cd98f00b204e9800998ecf8427e\"");
    check("$length($hash('a', 'SHA-512'))", "128");
    check("$parse('{\"a\":[1,2.5]}').a", "[1,2.5]");
    check("$random(7) = $random(7)", "true");
    check("$random() = $random()", "false");
    check("$random() < 1 and $random() >= 0", "true");
    check("$match($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/).index", "0");
    check("$sort($shuffle([3,1,2]))", "[1,2,3]");
    check("$now()", "\"2017-07-14T02:40:00.000Z\"");
    check("$now('[Y]')", "\"2017\"");
    check("$millis()", "1500000000000");
    assert_eq!(evaluate("[$uuid(), $random()]"), evaluate("[$uuid(), $random()]"));
    check_error("$partition([1], 0)", "D3141: The second argument of the partition function must be a positive number");
    check_error(
        "$partition([1], 'a')",
        "T0410: Argument 2 of function \"partition\" does not match function signature",
    );
    check_error("$range(0, 1, 0)", "D3141: The third argument of the range function must not be 0");
    check_error("$range(0, 1000, 1)", "D3141: The range function must not make more than 1000 items");
    check_error("$hash('a', 'CRC')", "D3141: Unknown algorithm \"CRC\" for the hash function");
}

#[test]
fn failures_in_the_words_of_aws() {
    check_failure("$states.input.nothing", "returned nothing (undefined).");
    check_failure("$nothing", "returned nothing (undefined).");
    check_failure("$", "returned nothing (undefined).");
    check_failure("function($x) { $x }", "returned an unsupported result type.");
    check_failure("$sum", "returned an unsupported result type.");
    check_failure(
        "$pad('', 262145, 'x')",
        "threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage",
    );
    check("$length($pad('', 262144, 'x'))", "262144");
    check("$length($pad($big, 400000, 'x'))", "400000");
    check_error("$foo(1)", "T1006: Attempted to invoke a non-function");
    check_error("'a' + 1", "T2001: The left side of the \"+\" operator must evaluate to a number");
    check_error("1 - 'a'", "T2002: The right side of the \"-\" operator must evaluate to a number");
    check_error("$number('x')", "D3030: Unable to cast value to a number: \"x\"");
    check_error("$uppercase(1)", "T0410: Argument 1 of function \"uppercase\" does not match function signature");
    check_error("$error('mine')", "D3137: mine");
    check_error("1 / 0", "D1001: Number out of range: null");
    check_error(
        "null < 1",
        "T2010: The expressions either side of operator \"<\" must evaluate to numeric or string values",
    );
    let expression = Expression::parse(" $x ").unwrap();
    assert_eq!(
        expression.unexpected_type("Items", "array", &Value::from("string")).detail,
        "The JSONata expression '$x' specified for the field 'Items' returned an unexpected result type. Expected \
         'array', but was 'string' for value: \"string\""
    );
}

#[test]
fn errors_at_load_have_a_place() {
    for (source, expected, offset) in [
        ("$x +", "S0207: Unexpected end of expression", 4),
        ("'a' & \"b", "S0101: String literal must be terminated by a matching quote", 6),
        ("(1", "S0203: Expected \")\" before end of expression", 2),
        ("[1 2]", "S0202: Expected \"]\", got 2", 3),
        ("1 ?? 2", "S0211: The symbol \"?\" cannot be used as a unary operator", 2),
        ("1 ?: 2", "S0211: The symbol \":\" cannot be used as a unary operator", 2),
        ("1 + $eval('1')", "T1006: Attempted to invoke a non-function", 4),
        ("", "S0207: Unexpected end of expression", 0),
    ] {
        let error = Expression::parse(source).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.offset()), (expected, offset), "{source}");
    }
}

#[test]
fn what_an_expression_reads() {
    let reads = |source: &str| Expression::parse(source).unwrap().reads().clone();
    let found = reads("($y := $x; $map($states.input.a, function($v) { $v + $y + $z }) & $states.context.Execution)");
    assert_eq!(found.variables, ["x", "z"]);
    assert_eq!(found.members, [Member::Input, Member::Context]);
    assert!(!found.whole_states && !found.implicit_input);
    let found = reads("$lookup($states, 'input')");
    assert!(found.whole_states);
    let found = reads("$foo(a) & $states.output");
    assert_eq!(found.unknown_functions, ["foo"]);
    assert_eq!(found.unknown_members, ["output"]);
    assert!(found.implicit_input);
    assert!(!reads("$states.input.a[b > 1].c").implicit_input);
}

#[test]
fn hostile_expressions_end_in_an_error() {
    for source in [
        "$reduce([1..60], function($a, $b) { $a & $a }, 'xxxxxxxxxx')",
        "($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f('xx', 60))",
        "$count([1..10000000])",
        "$map([1..200000], function($i) { $big & $i })",
        "$map([1..200000].$big, $uppercase)",
        "$join([1..200000].$big)",
        "$replace($big, 'x', $big)",
        "$string([1..2000].$big)",
        "$match($big, /x/)",
        "$reduce([1..60], function($a, $b) { {'l': $a, 'r': $a} }, 1)",
        "$reduce([1..60], function($a, $b) { $append($a, $a) }, 1)",
        "$formatInteger(9e14, 'I')",
        "$formatInteger(1e300, 'w')",
    ] {
        let failure = evaluate(source).err().unwrap_or_default();
        assert!(failure.ends_with(error::MEMORY_TEXT) || failure.ends_with(error::TIME_TEXT), "{failure}");
    }
    check_failure(
        "($f := function($x) { 1 + $f($x + 1) }; $f(1))",
        &format!("threw an error during evaluation: {}", error::DEPTH_TEXT),
    );
    check_failure(
        "($f := function($x) { $f($x + 1) }; $f(1))",
        &format!("threw an error during evaluation: {}", error::TIME_TEXT),
    );
    assert!(Expression::parse(&"(".repeat(5_000)).is_err());
    assert!(Expression::parse(&"[".repeat(900)).is_err());
}

#[test]
fn long_loops_over_small_values_are_not_hostile() {
    check("$length($reduce([1..3000], function($a, $b) { $a & 'abcdefghij' }, ''))", "30000");
    check("$count($reduce([1..600], function($a, $b) { $append($a, $b) }, []))", "600");
    check("$map([1,2], $string)", "[\"1\",\"2\"]");
    check("$map(['a','b'], $uppercase)", "[\"A\",\"B\"]");
}

#[test]
fn templates_tell_where_they_are() {
    let value =
        Value::parse(r#"{"a":1,"b":["{% $three %}",{"c":" {% $three %}"}],"d":{"e":"{% $nothing %}"}}"#).unwrap();
    let mut errors = Vec::new();
    let mut on_error = |pointer: &str, error: JsonataError| errors.push(format!("{pointer} {error}"));
    let template = JsonataTemplate::from_value(&value, &mut on_error);
    let bad = Value::parse(r#"{"x/y":["{% ( %}"]}"#).unwrap();
    assert!(JsonataTemplate::from_value(&bad, &mut on_error).is_literal());
    assert_eq!(errors, ["/x~1y/0 S0203: Expected \")\" before end of expression"]);
    let env = Here { context: Value::Null, count: Value::from(3_i64), big: Value::Null, draws: Cell::new(0) };
    let session = Session::new(States::default(), &env, Timestamp::from_millis(0));
    let failure = template.evaluate("Output", &session).unwrap_err();
    assert_eq!(failure.location.as_deref(), Some("Output/d/e"));
    let mut expressions = Vec::new();
    template.expressions(&mut expressions);
    assert_eq!(expressions.len(), 2);
    let JsonataTemplate::Object(members) = &template else { panic!("an object") };
    assert_eq!(members[1].1.evaluate("Output/b", &session).unwrap().to_json(), r#"[3,{"c":" {% $three %}"}]"#);
}

#[test]
fn an_expression_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Expression>();
    shared::<JsonataTemplate>();
}

#[test]
fn function_names_are_known() {
    assert!(is_function("zip") && is_function("uuid") && is_function("sum") && !is_function("states"));
    assert_eq!(function_names().count(), 69);
}
