//! What paths give, miss and refuse.

use super::{MissReason, Path, ReferencePath, Root, Selector, SelectorFailure};
use crate::scope::{Environment, Scope};
use crate::value::Value;
use proptest::prelude::*;

mod properties;
mod speed;

/// A context object and one variable, `$order`.
struct Surroundings {
    context: Value,
    order: Value,
}

impl Surroundings {
    fn new() -> Surroundings {
        Surroundings {
            context: Value::parse(r#"{"Execution":{"Name":"n-1","Input":{"k":[1,2]}}}"#).unwrap(),
            order: Value::parse(r#"{"id":"o-7","lines":[{"sku":"x"},{"sku":"y"}]}"#).unwrap(),
        }
    }
}

impl Environment for Surroundings {
    fn context(&self) -> &Value {
        &self.context
    }
    fn variable(&self, name: &str) -> Option<&Value> {
        (name == "order").then_some(&self.order)
    }
    fn draw(&self) -> u64 {
        7
    }
}

/// Parses and evaluates; the value as JSON, or the miss with `miss: ` in front, or the refusal as `offset: message`.
fn run(path: &str, input: &str) -> String {
    let input = Value::parse(input).unwrap();
    let env = Surroundings::new();
    match Path::parse(path) {
        Ok(path) => match path.evaluate(&Scope { input: &input, env: &env }) {
            Ok(value) => value.to_json(),
            Err(miss) => format!("miss: {miss}"),
        },
        Err(e) => format!("{}: {}", e.offset(), e.message()),
    }
}

#[track_caller]
fn check(path: &str, input: &str, expected: &str) {
    assert_eq!(run(path, input), expected, "{path} of {input}");
}

const STORE: &str = r#"{"store":{"book":[
    {"category":"reference","title":"A","price":8.95},
    {"category":"fiction","title":"B","price":12.99,"tags":["x","y"]},
    {"category":"fiction","title":"C","price":8.99,"isbn":"0-553","tags":[]},
    {"category":"fiction","title":"D","price":22.99,"isbn":null}],
    "bicycle":{"color":"red","price":19.95}},"limit":10,"kinds":["reference"]}"#;

#[test]
fn names_and_indexes_give_the_bare_value() {
    let input = r#"{"a":{"b":[10,{"c":null}]},"detail-type":1,"$x":2,"1":3,"a b":4,"ünï":5,"a.b":6,"@type":7,"x:y":8,"it's":9,"say \"hi\"":10}"#;
    check("$", "4", "4");
    check("$.a.b", input, r#"[10,{"c":null}]"#);
    check("$.a.b[0]", input, "10");
    check("$.a.b[1].c", input, "null");
    check("$.a.b[-1]", input, r#"{"c":null}"#);
    check("$['a'][\"b\"][ 0 ]", input, "10");
    check("$.['a'].['b'].[0]", input, "10");
    check("$.detail-type", input, "1");
    check("$.$x", input, "2");
    check("$.1", input, "3");
    check("$['a b']", input, "4");
    check("$.ünï", input, "5");
    check("$['a.b']", input, "6");
    check("$.@type", input, "7");
    check("$.x:y", input, "8");
    check("$['it\\'s']", input, "9");
    check("$[\"it's\"]", input, "9");
    check("$.[0].x", r#"[{"x":1}]"#, "1");
}

#[test]
fn only_the_quote_can_be_escaped_in_a_name() {
    check(r#"$['a\"b']"#, r#"{"a\\\"b":1}"#, "1");
    check(r#"$['say "hi"']"#, r#"{"say \"hi\"":1}"#, "1");
}

#[test]
fn context_and_variables() {
    check("$$.Execution.Name", "{}", r#""n-1""#);
    check("$$", "{}", r#"{"Execution":{"Name":"n-1","Input":{"k":[1,2]}}}"#);
    check("$$['Execution'].Input.k[1:]", "{}", "[2]");
    check("$order.lines[1].sku", "{}", r#""y""#);
    check("$order.lines[*].sku", "{}", r#"["x","y"]"#);
    check("$order", "{}", r#"{"id":"o-7","lines":[{"sku":"x"},{"sku":"y"}]}"#);
    check("$nobody.x", "{}", "miss: Variable 'nobody' is not assigned");
    check("$order.none", "{}", "miss: No results for path: $['none']");
    check("$$.Task.Token", "{}", "miss: Missing property in path $['Task']");
}

#[test]
fn a_definite_path_that_finds_nothing_misses() {
    check("$.NoSuch", "{}", "miss: No results for path: $['NoSuch']");
    check("$.no.such.result", "{}", "miss: Missing property in path $['no']");
    check("$.a.such.result", r#"{"a":{}}"#, "miss: Missing property in path $['a']['such']");
    check("$.a.x", r#"{"a":{}}"#, "miss: No results for path: $['a']['x']");
    check("$.a[3]", r#"{"a":[]}"#, "miss: No results for path: $['a'][3]");
    check("$.a[3].b", r#"{"a":[]}"#, "miss: No results for path: $['a'][3]['b']");
    check("$.list.name", r#"{"list":[{"name":1}]}"#, "miss: Property ['name'] not found in path $['list']");
    check("$.x", "null", "miss: Property ['x'] not found in path $");
    check("$.a[0]", r#"{"a":null}"#, "miss: The path $['a'] is null");
    let found = "miss: Filter: [0]['b'] can only be applied to arrays. Current context is: {k=1}";
    check("$.a[0].b", r#"{"a":{"k":1}}"#, found);
}

#[test]
fn an_indefinite_path_gives_a_list() {
    for path in ["$.items[*]", "$.items[:1]", "$.item.items[1:5].itemValue", "$[*]", "$..x", "$.a[?(@.b)]", "$.a[0,1]"]
    {
        check(path, "{}", "[]");
    }
    check("$.a[*]", r#"{"a":[1]}"#, "[1]");
    check("$.a.*", r#"{"a":{"x":1,"y":[2]}}"#, "[1,[2]]");
    check("$.a[0,2,9,-1]", r#"{"a":[1,2,3]}"#, "[1,3,3]");
    check("$[*].id", r#"[{"id":1},{"no":2},3,{"id":null}]"#, "[1,null]");
    check("$['a','b'].x", r#"{"a":{"x":1},"b":{"x":2},"c":{"x":3}}"#, "[1,2]");
}

#[test]
fn several_names_at_the_end_give_an_object() {
    check("$['a','c','z']", r#"{"a":1,"b":2,"c":3}"#, r#"{"a":1,"c":3}"#);
    check("$.o['a', \"b\"]", r#"{"o":{"a":1,"b":2,"c":3}}"#, r#"{"a":1,"b":2}"#);
    check("$.l[*]['a','b']", r#"{"l":[{"a":1},{"b":2,"c":3}]}"#, r#"[{"a":1},{"b":2}]"#);
    check("$.o['a','b']", "{}", "miss: Missing property in path $['o']");
    check("$.o['a','b']", r#"{"o":1}"#, "miss: Property ['a','b'] not found in path $['o']");
}

#[test]
fn slices_are_jayways() {
    for (path, expected) in [
        ("$[1:]", "[2,3,4,5]"),
        ("$[:2]", "[1,2]"),
        ("$[1:3]", "[2,3]"),
        ("$[-2:]", "[4,5]"),
        ("$[:-2]", "[1,2,3]"),
        ("$[1:-1]", "[]"),
        ("$[3:99]", "[4,5]"),
        ("$[-99:]", "[1,2,3,4,5]"),
        ("$[:-99]", "[]"),
        ("$[3:1]", "[]"),
    ] {
        check(path, "[1,2,3,4,5]", expected);
    }
}

#[test]
fn a_deep_scan_finds_parents_before_children() {
    let input = r#"{"a":1,"x":{"a":{"a":2},"l":[{"a":3},{"b":{"a":4}}]}}"#;
    check("$..a", input, r#"[1,{"a":2},2,3,4]"#);
    check("$.x..a", input, r#"[{"a":2},2,3,4]"#);
    check("$..l[0]", input, r#"[{"a":3}]"#);
    check("$..[1]", input, r#"[{"b":{"a":4}}]"#);
    check("$..*", r#"{"a":[1,{"b":2}],"c":3}"#, r#"[[1,{"b":2}],3,1,{"b":2},2]"#);
    check("$..['a','b']", r#"{"a":1,"b":2,"n":{"a":3}}"#, r#"[{"a":1,"b":2}]"#);
    check("$.store..price", STORE, "[8.95,12.99,8.99,22.99,19.95]");
    check("$..book[-1:].title", STORE, r#"["D"]"#);
    check("$..[?(@.isbn == '0-553')].title", STORE, r#"["C"]"#);
}

#[test]
fn filters() {
    for (filter, titles) in [
        ("@.price < 10", r#"["A","C"]"#),
        ("@.price<=8.95||@.price>=22.99", r#"["A","D"]"#),
        ("@.price < $.limit", r#"["A","C"]"#),
        ("@.isbn", r#"["C","D"]"#),
        ("!@.isbn", r#"["A","B"]"#),
        ("!(@.isbn || @.price < 10)", r#"["B"]"#),
        ("@.category == 'fiction' && @.price > 10", r#"["B","D"]"#),
        ("@.category == \"fiction\" && (@.title == 'B' || @.title == 'C')", r#"["B","C"]"#),
        ("@['title'] != 'A'", r#"["B","C","D"]"#),
        ("'A' == @.title", r#"["A"]"#),
        ("@.isbn == null", r#"["D"]"#),
        ("@.isbn != null", r#"["A","B","C"]"#),
        ("@.category in ['reference', 'x']", r#"["A"]"#),
        ("@.category in $.kinds", r#"["A"]"#),
        ("@.category nin ['reference']", r#"["B","C","D"]"#),
        ("@.tags size 2", r#"["B"]"#),
        ("@.tags empty true", r#"["C"]"#),
        ("@.tags empty false", r#"["B"]"#),
        ("@.tags contains 'y'", r#"["B"]"#),
        ("@.category contains 'ref'", r#"["A"]"#),
        ("@.tags subsetof ['x','y','z']", r#"["B","C"]"#),
        ("@.tags anyof ['y']", r#"["B"]"#),
        ("@.tags noneof ['y']", r#"["C"]"#),
        ("@.tags all ['x','y']", r#"["B"]"#),
        ("@.tags.length() > 1", r#"["B"]"#),
        ("@.title > 'B'", r#"["C","D"]"#),
        ("@.price > 'x'", "[]"),
        ("@.missing == @.missing", "[]"),
        ("@.price == '8.95'", r#"["A"]"#),
        ("@.price === '8.95'", "[]"),
    ] {
        check(&format!("$.store.book[?({filter})].title"), STORE, titles);
    }
    check("$[?(@ > 1)]", "[1,2,3]", "[2,3]");
    check("$.[?(@.OU > 0)]", r#"[{"OU":1},{"OU":0},{}]"#, r#"[{"OU":1}]"#);
    // An object is tested itself.
    check("$.store.bicycle[?(@.color == 'red')].price", STORE, "[19.95]");
    check("$.store[?(@.color == 'red')]", STORE, "[]");
    check("$.limit[?(@ > 1)]", STORE, "[]");
}

#[test]
fn functions() {
    check("$.a.length()", r#"{"a":[1,2,3]}"#, "3");
    check("$.length()", r#"{"a":1,"b":2}"#, "2");
    check("$.a.length()", r#"{"a":"text"}"#, "null");
    check("$.a.sum()", r#"{"a":[1,2.5,"x"]}"#, "3.5");
    check("$.a.min()", r#"{"a":[3,1,2]}"#, "1.0");
    check("$.a.avg()", r#"{"a":[1,2]}"#, "1.5");
    check("$.a.stddev()", r#"{"a":[2,4]}"#, "1.0");
    check("$.keys()", r#"{"a":1,"b":2}"#, r#"["a","b"]"#);
    check("$..price.max()", STORE, "22.99");
    check("$.l[*].length()", r#"{"l":[[1],[],{"a":1}]}"#, "[1,0,1]");
    check("$.a.length()", "{}", "miss: Missing property in path $['a']");
    check("$.a.max()", r#"{"a":[]}"#, "miss: Aggregation function attempted to calculate value using empty array");
    check("$.length", r#"{"length":9}"#, "9");
}

#[test]
fn refusals_say_what_and_where() {
    for (path, expected) in [
        ("", "0: a path begins with `$`"),
        ("a.b", "0: a path begins with `$`"),
        ("$.", "1: a path must not end with a dot"),
        ("$.a.", "3: a path must not end with a dot"),
        ("$.a..", "3: a path must not end with a dot"),
        ("$...a", "3: unexpected `.`"),
        ("$.a b", "3: expected `.` or `[`"),
        ("$.a,b", "3: expected `.` or `[`"),
        ("$.a'b", "3: `'` cannot stand in a name behind a dot"),
        ("$.a*", "3: `*` cannot stand in a name behind a dot"),
        ("$ ", "1: expected `.` or `[`"),
        ("$[a]", "2: expected a name in quotes, an index, a slice, `*` or a filter"),
        ("$[]", "2: the brackets are empty"),
        ("$['a", "2: the closing `'` is missing"),
        ("$['a'", "5: expected `]`"),
        ("$[99999999999]", "2: not an index"),
        ("$[0:5:2]", "5: a slice with a step is not supported"),
        ("$[-3:-1]", "7: a slice from a negative place to a given end is not supported"),
        ("$[(@.length-1)]", "2: scripts in paths are not supported"),
        ("$[?@.a > 1]", "3: a filter is written in parentheses"),
        ("$[?(@.a =~ /x/i)]", "8: regular expressions (`=~`) are not supported in filters"),
        ("$[?(@.a like 'x')]", "8: unknown operator `like` in the filter"),
        ("$[?(@.a in 'x')]", "11: this operator needs a list on its right"),
        ("$[?('a')]", "4: a value alone is not a condition"),
        ("$[?(@..a)]", "4: a condition that asks for existence needs a path to one node"),
        ("$[?(@.a == )]", "11: expected a path, a text in quotes, a number, `true`, `false`, `null` or a list"),
        ("$[?(@.a == 1]", "12: expected `)` at the end of the filter"),
        ("$order[?(@.a == $.b)]", "16: `$` in a filter is supported only in a path that begins with `$.` or `$[`"),
        ("$.a.concat('x')", "4: the path function `concat()` is not supported"),
        ("$.a.length(1)", "11: arguments of path functions are not supported"),
        ("$.a.length().b", "14: a function must be the end of its path"),
        ("$..[0].a", "8: steps after `..` with an index or a slice are not supported"),
        ("$9", "1: expected `.` or `[`"),
    ] {
        check(path, "{}", expected);
    }
    let deep = format!("$[?({}@.a{})]", "(".repeat(5_000), ")".repeat(5_000));
    assert!(run(&deep, "{}").contains("nested too deep"));
    let nested = format!("${}", "[?(@".repeat(5_000));
    assert!(run(&nested, "{}").contains("nested too deep"));
    let lists = format!("$[?(@.a in {})]", "[".repeat(5_000));
    assert!(run(&lists, "{}").contains("nested too deep"));
    check("$[?(@.l[?(@.x == 1)].length() > 0)].n", r#"[{"n":1,"l":[{"x":1}]},{"n":2,"l":[{"x":2}]}]"#, "[]");
    assert!(run(&format!("${}", ".a".repeat(5_000)), "{}").contains("more than"));
}

#[test]
fn a_path_knows_its_kind() {
    for (path, definite, reference, identity) in [
        ("$", true, true, true),
        ("$$", true, true, false),
        ("$x", true, true, false),
        ("$.a.b[0]['c d']", true, true, false),
        ("$.a['x,y:z']", true, true, false),
        ("$.a:b", true, false, false),
        ("$.a[-1]", true, true, false),
        ("$.a.length()", true, false, false),
        ("$['a','b']", true, false, false),
        ("$['a','b'].c", false, false, false),
        ("$.a[*]", false, false, false),
        ("$.a[0:1]", false, false, false),
        ("$..a", false, false, false),
        ("$..a.sum()", true, false, false),
        ("$.a[*].length()", false, false, false),
    ] {
        let path = Path::parse(path).unwrap();
        let kind = (path.is_definite(), path.is_reference(), path.is_identity());
        assert_eq!(kind, (definite, reference, identity), "{path}");
    }
    let path = Path::parse("$order.lines[0].sku").unwrap();
    assert_eq!(path.root(), &Root::Variable("order".into()));
    assert_eq!(path.first_step_name(), Some("lines"));
    assert_eq!(path.steps().count(), 3);
    assert_eq!(Path::parse("$.a.b[*].c").unwrap().steps().count(), 2);
}

#[test]
fn deep_values_and_greedy_paths_are_bounded() {
    let deep = format!("{}0{}", "{\"x\":".repeat(1_000), "}".repeat(1_000));
    let found = run("$..x", &deep);
    assert!(found.starts_with("[{\"x\":") && found.ends_with(",0]"));
    check("$..*..*..*", &deep, "miss: The path leads through too many nodes");
    check("$..[?(@..x.length() > 0)]..[?(@..x.length() > 0)]", &deep, "miss: The path leads through too many nodes");
}

#[test]
fn a_result_is_put_where_a_reference_path_says() {
    #[track_caller]
    fn check(path: &str, input: &str, expected: &str) {
        let input = Value::parse(input).unwrap();
        let got = match ReferencePath::parse(path) {
            Ok(path) => path.apply(&input, "new".into()).map_or_else(|e| e.to_string(), |v| v.to_json()),
            Err(e) => e.message().to_owned(),
        };
        assert_eq!(got, expected, "{path}");
    }
    check("$", "4", r#""new""#);
    check("$.a", r#"{"b":1,"a":2,"c":3}"#, r#"{"b":1,"a":"new","c":3}"#);
    check("$.a", r#"{"b":1}"#, r#"{"b":1,"a":"new"}"#);
    check("$.x.y.z", r#"{"b":1}"#, r#"{"b":1,"x":{"y":{"z":"new"}}}"#);
    check("$.x.y", r#"{"x":{"k":1}}"#, r#"{"x":{"k":1,"y":"new"}}"#);
    check("$['a b'].c", "{}", r#"{"a b":{"c":"new"}}"#);
    check("$.l[1].v", r#"{"l":[1,{"v":2}]}"#, r#"{"l":[1,{"v":"new"}]}"#);
    check("$[0]", "[1,2]", r#"["new",2]"#);
    check("$.child", "4", "Unable to apply ReferencePath $.child to input 4");
    check("$.a.b", r#"{"a":"text"}"#, r#"Unable to apply ReferencePath $.a.b to input {"a":"text"}"#);
    check("$.a[2]", r#"{"a":[1]}"#, r#"Unable to apply ReferencePath $.a[2] to input {"a":[1]}"#);
    check("$.a[0]", "{}", "Unable to apply ReferencePath $.a[0] to input {}");
    check("$$.a", "{}", "the context object cannot be written to");
    check("$x.a", "{}", "a variable cannot be written to here");
    check("$.a[*]", "{}", "not a reference path: it may lead to more than one node");
    check("$.a[?(@.b)]", "{}", "not a reference path: it may lead to more than one node");
}

#[test]
fn a_selector_is_a_path_or_a_call() {
    let input = Value::parse(r#"{"x":{"y":0}}"#).unwrap();
    let env = Surroundings::new();
    let scope = Scope { input: &input, env: &env };
    let detail = |text: &str| match Selector::parse(text) {
        Ok(selector) => match selector.evaluate(&scope) {
            Ok(value) => value.to_json(),
            Err(failure) => failure.in_field("value.$", &scope),
        },
        Err(e) => format!("{}: {}", e.offset(), e.message()),
    };
    assert_eq!(detail("$.x.y"), "0");
    assert_eq!(detail("States.Format('{}', $.x)"), r#""{y=0}""#);
    let missing =
        "The JSONPath '$.no' specified for the field 'value.$' could not be found in the input '{\"x\":{\"y\":0}}'";
    assert_eq!(detail("$.no"), missing);
    assert!(detail("$$.no").ends_with(r#"in the input '{"Execution":{"Name":"n-1","Input":{"k":[1,2]}}}'"#));
    assert_eq!(detail("States.Nothing()"), "0: unknown intrinsic function `States.Nothing`");
    assert_eq!(detail("x"), "0: neither a path (`$…`) nor an intrinsic function (`States.…`)");
    let unassigned = Selector::parse("$nobody").unwrap().evaluate(&scope).unwrap_err();
    let SelectorFailure::Path(miss) = unassigned else { panic!("a path") };
    assert_eq!(miss.reason(), &MissReason::Unassigned { name: "nobody".to_owned() });
}
