//! JSONata on a document of 10 kB, expression by expression, beside the reference implementation where node is there.
//!
//! A figure of ours is a whole evaluation as a state does it: from values of the execution to a value of the execution.
//! One of the reference is `evaluate` on an object that is parsed already, its expression, too.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, missing_docs)]

use aslx_asl::jsonata::{Expression, Session, States};
use aslx_asl::{Environment, Timestamp, Value};
use aslx_benches::{Report, seconds_per_call};
use std::hint::black_box;
use std::process::Command;

/// Name, expression with `IN` for the input, goal in microseconds.
const SHAPES: [(&str, &str, f64); 6] = [
    ("path", "IN.customer.address.city", 5.0),
    ("filter and sum", "$sum(IN.orders[status = 'paid'].total)", 50.0),
    ("sort", "IN.orders^(>total).id", 150.0),
    ("group by", "IN.orders{status: $sum(total)}", 80.0),
    ("map with a function", "$map(IN.orders, function($o) { {'id': $o.id, 'gross': $o.total * 1.2} })", 100.0),
    ("whole document passed on", "{'document': IN, 'count': $count(IN.orders)}", 10.0),
];

/// Prints microseconds per evaluation, one line per expression of the arguments.
const SCRIPT: &str = "
const jsonata = require('jsonata');
const fs = require('fs');
(async () => {
    const input = JSON.parse(fs.readFileSync('document.json', 'utf8'));
    for (const source of process.argv.slice(2)) {
        const expression = jsonata(source);
        let best = Infinity;
        for (let round = 0; round < 7; round++) {
            const begun = process.hrtime.bigint();
            let calls = 0;
            while (process.hrtime.bigint() - begun < 100000000n) {
                for (let call = 0; call < 20; call++) await expression.evaluate(input);
                calls += 20;
            }
            best = Math.min(best, Number(process.hrtime.bigint() - begun) / 1000 / calls);
        }
        console.log(best);
    }
})();
";

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

fn document() -> String {
    let orders: Vec<String> = (0..100)
        .map(|n| {
            let status = ["paid", "open", "sent"][n % 3];
            format!(
                r#"{{"id":"order-{n}","status":"{status}","total":{}.5,"items":[{{"sku":"a{n}","n":1}}],"note":"leave at the door"}}"#,
                n * 37 % 101
            )
        })
        .collect();
    format!(r#"{{"customer":{{"name":"Ada","address":{{"city":"Paris"}}}},"orders":[{}]}}"#, orders.join(","))
}

fn main() {
    let mut report = Report::open();
    let text = document();
    assert!((9_000..13_000).contains(&text.len()), "{}", text.len());
    let input = Value::parse(&text).unwrap();
    let env = Nothing(Value::empty_object());
    let theirs = reference(&text);
    for (at, (name, source, goal)) in SHAPES.iter().enumerate() {
        let expression = Expression::parse(&source.replace("IN", "$states.input")).unwrap();
        let seconds = seconds_per_call(|| {
            let states = States { input: Some(&input), ..States::default() };
            let session = Session::new(states, &env, Timestamp::from_millis(0));
            assert!(black_box(expression.evaluate(&session)).is_ok());
        });
        report.figure(&format!("JSONata, 10 kB: {name}"), seconds * 1e6, "µs", *goal);
        if let Some(theirs) = theirs.get(at) {
            println!("{:<44} {theirs:>12.3} µs", "  the reference implementation");
        }
    }
    let seconds = seconds_per_call(|| drop(black_box(Expression::parse(SHAPES[4].1)).unwrap()));
    report.figure("JSONata, an expression is read", seconds * 1e6, "µs", 10.0);
}

/// Microseconds of the reference implementation, if `ASLX_JSONATA_JS` names a folder where npm has installed it.
fn reference(document: &str) -> Vec<f64> {
    let Some(folder) = std::env::var_os("ASLX_JSONATA_JS") else {
        println!("ASLX_JSONATA_JS does not name a folder with the npm package jsonata: no comparison");
        return Vec::new();
    };
    let folder = std::path::PathBuf::from(folder);
    std::fs::write(folder.join("document.json"), document).unwrap();
    std::fs::write(folder.join("bench.js"), SCRIPT).unwrap();
    let sources = SHAPES.iter().map(|(_, source, _)| source.replace("IN.", "").replace("IN", "$"));
    let output = Command::new("node").arg("bench.js").args(sources).current_dir(&folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| line.parse().ok()).collect()
}
