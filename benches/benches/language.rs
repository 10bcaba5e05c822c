//! The language: reading and checking definitions, paths, intrinsic functions, templates.
#![allow(clippy::unwrap_used, missing_docs)]

use aslx_asl::intrinsic::Intrinsic;
use aslx_asl::path::Path;
use aslx_asl::program::StateKind;
use aslx_asl::syntax::Document;
use aslx_asl::{CompileOptions, Environment, LintSettings, Program, Scope, Severity, Value, check};
use aslx_benches::{Report, seconds_per_call};
use jsonpath_rust::JsonPath;
use std::fmt::Write;
use std::hint::black_box;

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

const ORDER: &str = r#"{"order":{"id":"o-1","customer":{"name":"Ada","address":{"city":"Paris"}},"total":12.5},
    "items":[{"n":1,"sku":"a"},{"n":2,"sku":"b"},{"n":3,"sku":"c","parts":[{"n":4}]}]}"#;

fn main() {
    let mut report = Report::open();
    definitions(&mut report);
    paths(&mut report);
    functions(&mut report);
}

fn definitions(report: &mut Report) {
    let text = large(1_000_000);
    let options = CompileOptions::default();
    let seconds = seconds_per_call(|| drop(black_box(Document::parse(&text).unwrap())));
    report.figure("1 MB definition, parse only", seconds * 1e3, "ms", 30.0);
    let seconds = seconds_per_call(|| {
        let checked = check(Document::parse(&text).unwrap(), &options, &LintSettings::default());
        assert!(checked.diagnostics.iter().all(|found| found.severity() != Severity::Error));
        assert!(checked.program.is_some());
    });
    report.figure("1 MB definition, loaded and checked", seconds * 1e3, "ms", 100.0);
}

fn paths(report: &mut Report) {
    let (input, env) = (Value::parse(ORDER).unwrap(), Nothing(Value::empty_object()));
    let scope = Scope { input: &input, env: &env };
    let path = Path::parse("$.order.customer.address.city").unwrap();
    let ours = seconds_per_call(|| assert!(black_box(path.locate(&scope)).is_ok()));
    let by_hand = seconds_per_call(|| {
        let city = ["order", "customer", "address", "city"].iter().try_fold(black_box(&input), |here, n| here.get(n));
        assert!(black_box(city).is_some());
    });
    report.figure("definite path, four names", ours * 1e9, "ns", 100.0);
    report.figure("the same walked by hand", by_hand * 1e9, "ns", 100.0);
    report.figure("path over walk by hand", ours / by_hand, "times", 2.0);
    let tree: serde_json::Value = serde_json::from_str(ORDER).unwrap();
    let parsed = jsonpath_rust::parser::parse_json_path("$.order.customer.address.city").unwrap();
    let theirs = seconds_per_call(|| {
        assert_eq!(black_box(jsonpath_rust::query::js_path_process(&parsed, &tree)).unwrap().len(), 1);
    });
    report.figure("the same by jsonpath-rust, parsed before", theirs * 1e9, "ns", 1e9);
    let deep = Path::parse("$..n").unwrap();
    let ours = seconds_per_call(|| assert_eq!(black_box(deep.evaluate(&scope)).unwrap().as_array().unwrap().len(), 4));
    report.figure("deep scan, 4 found", ours * 1e9, "ns", 2_000.0);
    let theirs = seconds_per_call(|| assert_eq!(black_box(tree.query("$..n")).unwrap().len(), 4));
    report.figure("the same by jsonpath-rust, parsed each time", theirs * 1e9, "ns", 1e9);
}

fn functions(report: &mut Report) {
    let (input, env) = (Value::parse(ORDER).unwrap(), Nothing(Value::empty_object()));
    let scope = Scope { input: &input, env: &env };
    let call = Intrinsic::parse("States.Format('{} for {}', $.order.id, $.order.customer.name)").unwrap();
    let seconds = seconds_per_call(|| assert!(black_box(call.evaluate(&scope)).is_ok()));
    report.figure("States.Format, two paths", seconds * 1e9, "ns", 1_000.0);
    let text = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"Assign":{
        "id.$":"$.order.id","kind":"order","to":{"city.$":"$.order.customer.address.city","total.$":"$.order.total"},
        "first.$":"$.items[0]","text.$":"States.Format('{}', $.order.id)"}}}}"#;
    let program = Program::compile(text, &CompileOptions::default()).unwrap();
    let (_, state) = program.states().next().unwrap();
    assert!(matches!(state.kind, StateKind::Pass(_)));
    let template = state.flow.as_paths().and_then(|flow| flow.assign.as_ref()).unwrap();
    let seconds = seconds_per_call(|| assert!(black_box(template.evaluate(&scope)).is_ok()));
    report.figure("template with five computed values", seconds * 1e9, "ns", 3_000.0);
}

/// A chain of Task states with paths, retriers and catchers, of about so many bytes.
fn large(bytes: usize) -> String {
    let mut states = String::new();
    let mut n = 0;
    while states.len() < bytes {
        write!(
            states,
            r#""S{n}":{{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{{"FunctionName":"f","Payload":{{"id.$":"$.order.id","text.$":"States.Format('{{}}', $.order.total)"}}}},"ResultPath":"$.r","TimeoutSeconds":30,"Retry":[{{"ErrorEquals":["States.TaskFailed"],"MaxAttempts":2}}],"Catch":[{{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"End"}}],"Next":"S{}"}},"#,
            n + 1
        )
        .unwrap();
        n += 1;
    }
    format!(
        r#"{{"StartAt":"S0","States":{{{states}"S{n}":{{"Type":"Pass","Next":"End"}},"End":{{"Type":"Succeed"}}}}}}"#
    )
}
