//! Expressions that want to take everything: each ends in an error within a second and 64 MB.
//!
//! Each runs in a process of its own, so that its memory is its own. What is counted (steps, bytes) is the same
//! everywhere; the second is asked for only where the program is optimised.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::panic)]

use aslx_asl::jsonata::{EvaluationError, Expression, Session, States};
use aslx_asl::{Environment, Timestamp, Value};
use std::process::Command;
use std::time::Instant;

/// Which expression a child runs.
const CHOSEN: &str = "ASLX_HOSTILE";
const MAX_KILOBYTES: u64 = 64 * 1024;

/// Expressions that have to end in an error of a bound.
const HOSTILE: [&str; 68] = [
    // texts that double, pile up or are repeated
    "$reduce([1..60], function($a, $b) { $a & $a }, 'xxxxxxxxxx')",
    "($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f('xx', 60))",
    "$reduce([1..100000], function($a, $b) { $a & $big }, '')",
    "$map([1..200000], function($i) { $big & $i })",
    "[1..200000].($big & $)",
    "$join([1..200000].$big)",
    "$join([1..1000].$string(), $big)",
    "$join($split($big, ''), $big)",
    "$replace($big, 'x', $big)",
    "$replace($big, /x/, $big)",
    "$replace($big, /(x)/, '$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1')",
    "$replace($big, /x/, function($m) { $big })",
    "$string([1..2000].$big)",
    "$string($reduce([1..60], function($a, $b) { [$a, $a] }, 1))",
    "$string($reduce([1..24], function($a, $b) { {'l': $a, 'r': $a} }, 1), true)",
    "$pad('', 1e300, 'x')",
    "$pad($big, -1e9, $big)",
    "[1..100000].$pad('', 262144)",
    "$map([1..200000].$big, $uppercase)",
    "$map([1..100000], function($i) { $lowercase($big) })",
    "$map([1..100000], function($i) { $base64encode($big) })",
    "$encodeUrlComponent($replace($big, 'x', 'éééééééé'))",
    "$reduce([1..40], function($a, $b) { $encodeUrlComponent($a & '%') & $a }, 'é')",
    "$split($replace($big, 'x', 'xxxxxxxx'), '')",
    "$map([1..100000], function($i) { $split($big, '') })",
    "$map([1..100000], function($i) { $substring($big, $i) })",
    "$map([1..1000000], function($i) { $hash($big, 'SHA-512') })",
    // lists that grow
    "$count([1..10000000])",
    "[[1..1000000], [1..1000000], [1..1000000]]",
    "[1..1000].[1..1000].[1..1000]",
    "[1..3000]@$a.[1..3000]@$b.($a * $b)",
    "[1..3000]#$i.[1..3000]#$j.{'i': $i, 'j': $j}",
    "$reduce([1..60], function($a, $b) { $append($a, $a) }, [1])",
    "$reduce([1..60], function($a, $b) { [$a, $a] }, [1])",
    "$zip([1..500000], [1..500000], [1..500000])",
    "$map([1..500000], function($i) { {'value': $i, 'text': $string($i)} })",
    "[1..500000].{'a': $, 'b': [$]}",
    "$spread([1..500000].{'a': $, 'b': $})",
    "($f := function($l, $n) { $f($append($l, [1..1000]), $n + 1) }; $f([], 0))",
    "$reverse($reduce([1..60], function($a, $b) { $append($reverse($a), $a) }, [1, 2]))",
    "$shuffle([1..2000000])",
    "$partition([1..1000000], 1)",
    "$map([1..1000000], function($i) { $range(1, 1000, 1) })",
    "$map($items, function($i) { $items })[0] ~> $map(function($x) { $map($items, function($y) { $x }) })",
    "$items.$items.$items",
    "$items.($items.$keys())",
    "$map([1..1000000], function($i) { $parse('[' & $join([1..1000].'1', ',') & ']') })",
    // objects
    "[1..500000]{$string($): $}",
    "$reduce([1..60], function($a, $b) { {'l': $a, 'r': $a} }, 1)",
    "$merge([1..500000].{$string($): $})",
    "$reduce([1..100000], function($a, $b) { $merge([$a, {$string($b): $b}]) }, {})",
    "[1..100000] ~> $map(function($i) { $items ~> |$|{'x': $i}| })",
    // searches
    "$match($replace($big, 'x', 'xxxxxx'), /x/)",
    "$match($big, /(x)(x)?(x)?(x)?(x)?(x)?(x)?(x)?(x)?/)",
    "$map([1..100000], function($i) { $contains($big, /(x+x+)+y/) })",
    "$map([1..100000], function($i) { $match($big, /x{1,500}y/) })",
    // functions
    "($f := function($x) { 1 + $f($x + 1) }; $f(1))",
    "($f := function($x) { $f($x + 1) }; $f(1))",
    "($f := function($n) { $f($n - 1) + $f($n - 2) }; $f(100))",
    "($f := function($x) { $x($x) }; $f($f))",
    "$reduce([1..10000000], function($f, $i) { function($x) { $f($x) } }, function($x) { $x })",
    "($g := $reduce([1..100000], function($f, $i) { [$f[0] ~> $string] }, [$string]); $h := $g[0]; $h(1))",
    "$map([1..1000000], function($i) { ($f := function($n) { $n = 0 ? 0 : $f($n - 1) }; $f(3)) })",
    "($f := function($i) { ($g := function() { $i }; $g(); $f($i + 1)) }; $f(0))",
    "($f := function($l) { $f([$l, function() { $l }]) }; $f(1))",
    "$sort([1..1000000], function($a, $b) { $sort([1..1000]) })",
    "[1..200000]^(>$big & $string($))",
    "$map([1..1000000], $formatNumber(?, '#,##0.00'))",
];

/// Expressions that are as large as a payload allows and have a value.
const HONEST: [&str; 14] = [
    "$count($items[value > 5000])",
    "$sum($items.value)",
    "$count($items^(>value))",
    "$count($sort($items, function($a, $b) { $a.value > $b.value }))",
    "$count($keys($items{group: $sum(value)}))",
    "$reduce($items.value, function($a, $b) { $a + $b }, 0)",
    "$count($map($items, function($v, $i) { {'id': $i, 'value': $v.value * 2, 'name': $v.group & '-' & $i} }))",
    "$count($distinct($items.group))",
    "$length($string($items))",
    "$length($join($items.group, ','))",
    "$count($items ~> |$|{'seen': true}|)",
    "$length($reduce([1..3000], function($a, $b) { $a & 'abcdefghij' }, ''))",
    "$count($filter($items, function($v) { $contains($v.group, /^g[0-4]$/) }))",
    "($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(1000))",
];

struct Here {
    context: Value,
    big: Value,
    items: Value,
}

impl Environment for Here {
    fn context(&self) -> &Value {
        &self.context
    }
    fn variable(&self, name: &str) -> Option<&Value> {
        match name {
            "big" => Some(&self.big),
            "items" => Some(&self.items),
            _ => None,
        }
    }
    fn draw(&self) -> u64 {
        7
    }
}

fn evaluate(source: &str) -> Result<Value, EvaluationError> {
    let expression = Expression::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    let items: Vec<String> =
        (0..10_000).map(|n| format!(r#"{{"value":{},"group":"g{}"}}"#, n * 7919 % 10_007, n % 17)).collect();
    let env = Here {
        context: Value::empty_object(),
        big: Value::from("x".repeat(250_000)),
        items: Value::parse(&format!("[{}]", items.join(","))).unwrap(),
    };
    let session = Session::new(States::default(), &env, Timestamp::from_millis(0));
    expression.evaluate(&session)
}

/// The most memory that this process has had, where the system says so.
fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}

/// What a child does: one expression.
#[test]
fn child() {
    let Ok(chosen) = std::env::var(CHOSEN) else { return };
    let begun = Instant::now();
    let outcome = match evaluate(&chosen) {
        Ok(_) => "value".to_owned(),
        Err(error) => error.to_string(),
    };
    println!("\nresult\t{}\t{}\t{outcome}", begun.elapsed().as_millis(), peak_kilobytes());
}

struct Outcome {
    millis: u64,
    kilobytes: u64,
    text: String,
}

fn run(source: &str) -> Outcome {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHOSEN, source)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&child.stdout);
    let line = printed.lines().find_map(|line| line.strip_prefix("result\t"));
    let Some(line) = line else { panic!("{source}: {printed}{}", String::from_utf8_lossy(&child.stderr)) };
    let mut parts = line.splitn(3, '\t');
    let mut part = || parts.next().unwrap().to_owned();
    Outcome { millis: part().parse().unwrap(), kilobytes: part().parse().unwrap(), text: part() }
}

fn check(sources: &[&str], fits: fn(&str) -> bool) {
    let mut worst = (0, 0);
    let mut wrong = Vec::new();
    for source in sources {
        let outcome = run(source);
        worst = (worst.0.max(outcome.millis), worst.1.max(outcome.kilobytes));
        if std::env::var_os("ASLX_VERBOSE").is_some() {
            println!("{:>6} ms {:>7} kB  {:.60}  {source}", outcome.millis, outcome.kilobytes, outcome.text);
        }
        let slow = !cfg!(debug_assertions) && outcome.millis >= 1_000;
        if !fits(&outcome.text) || slow || outcome.kilobytes > MAX_KILOBYTES {
            wrong.push(format!("{source}: {} ms, {} kB, {}", outcome.millis, outcome.kilobytes, outcome.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("at most {} ms and {} kB", worst.0, worst.1);
}

#[test]
fn hostile_expressions_end_in_an_error() {
    check(&HOSTILE, |text| {
        ["memory limit exceeded", "timeout", "Stack overflow"].iter().any(|bound| text.contains(bound))
    });
}

#[test]
fn honest_expressions_have_a_value() {
    check(&HONEST, |text| text == "value");
}
