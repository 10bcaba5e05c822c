//! What an evaluation costs. Run with `cargo test --release -p aslx-asl path::tests::speed -- --ignored --nocapture`.

use super::*;
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use std::hint::black_box;
use std::time::Instant;

#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn nanoseconds(mut run: impl FnMut()) -> f64 {
    const TURNS: u32 = 20_000;
    let start = Instant::now();
    for _ in 0..TURNS {
        run();
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(TURNS)
}

#[test]
#[ignore = "a measurement, not a check"]
fn ours_and_jsonpath_rust() {
    let lines: Vec<String> =
        (0..100).map(|i| format!(r#"{{"sku":"s{i}","price":{i},"deep":{{"x":[{i}]}}}}"#)).collect();
    let text = format!(r#"{{"detail":{{"order":{{"lines":[{}]}}}},"id":1}}"#, lines.join(","));
    let input = Value::parse(&text).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let env = Surroundings::new();
    let scope = Scope { input: &input, env: &env };
    for path in [
        "$.id",
        "$.detail.order",
        "$.detail.order.lines[7].sku",
        "$.detail.order.lines[*].sku",
        "$..sku",
        "$..lines[?(@.price > 50)].sku",
    ] {
        let ours = Path::parse(path).unwrap();
        let theirs = parse_json_path(path).unwrap();
        let a = nanoseconds(|| drop(black_box(ours.evaluate(&scope))));
        let b = nanoseconds(|| drop(black_box(js_path_process(&theirs, &json))));
        println!("{path:40} ours {a:9.0} ns   jsonpath-rust {b:9.0} ns");
    }
}
