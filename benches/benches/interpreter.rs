//! The interpreter alone: microseconds per transition.
#![allow(clippy::unwrap_used, missing_docs)]

use aslx_asl::{CompileOptions, MachineType, Program, Timestamp};
use aslx_benches::{Report, seconds_per_call};
use aslx_engine::Data;
use aslx_engine::interpreter::{Action, Interpreter, Status, Step};
use aslx_engine::journal::{Entry, EntryKind, ExecutionNames, SEMANTICS, Seed, Started, Tracing};
use std::fmt::Write;
use std::sync::Arc;

fn main() {
    let mut report = Report::open();
    let chain = chain(10);
    measure(&mut report, "chain of 10 Pass states", &chain, r#"{"id":"o-1","total":12}"#, 10.0, 0.5);
    measure(&mut report, "chain of 10, with its history", &chain, r#"{"id":"o-1","total":12}"#, 10.0, 2.0);
    measure(&mut report, "Choice loop, 1,000 turns", LOOP, r#"{"limit":1000}"#, 3_003.0, 0.5);
    let items: Vec<String> = (0..1_000).map(|n| format!("{{\"n\":{n}}}")).collect();
    let input = format!("{{\"items\":[{}]}}", items.join(","));
    measure(&mut report, "inline Map, 1,000 items", MAP, &input, 2_001.0, 0.5);
    let large = format!("{{\"keep\":\"{}\",\"n\":1}}", "x".repeat(240_000));
    memory(&mut report);
    measure(&mut report, "240 kB through 50 Pass states", &self::chain(50), &large, 50.0, 0.5);
}

/// Bytes that an execution costs while it waits, beyond its payload: what the process grows by for many of them.
fn memory(report: &mut Report) {
    const COUNT: usize = 20_000;
    let definition = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1000,"End":true}}}"#;
    let program = Arc::new(Program::compile(definition, &CompileOptions::default()).unwrap());
    let mut waiting = Vec::with_capacity(COUNT);
    let before = resident_bytes();
    for number in 0..COUNT {
        let mut names = ExecutionNames::local("bench", &number.to_string());
        names.role_arn = "arn:aws:iam::000000000000:role/bench".into();
        let mut interpreter = Interpreter::new(program.clone());
        let start = started(&program, names, "{}");
        interpreter.apply(&start, &mut Step::new()).unwrap();
        assert!(interpreter.outcome().is_none());
        waiting.push(interpreter);
    }
    let bytes = resident_bytes().saturating_sub(before) as f64 / COUNT as f64;
    report.figure("memory of a waiting execution", bytes / 1000.0, "kB", 4.0);
    drop(waiting);
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

fn started(program: &Program, names: ExecutionNames, input: &str) -> Entry {
    let start = Started {
        names,
        machine_type: MachineType::Express,
        synchronous: false,
        processor: None,
        input: Data::parse(input).unwrap(),
        program: program.hash().into(),
        missing_activities: Vec::new(),
        semantics: SEMANTICS,
        seed: Seed([1; 16]),
        tracing: Tracing::default(),
    };
    Entry { at: Timestamp::from_millis(0), kind: EntryKind::Started(Box::new(start)) }
}

fn measure(report: &mut Report, name: &str, definition: &str, input: &str, transitions: f64, goal: f64) {
    let program = Arc::new(Program::compile(definition, &CompileOptions::default()).unwrap());
    let start = started(&program, ExecutionNames::local("bench", "run"), input);
    let resumed = Entry { at: Timestamp::from_millis(0), kind: EntryKind::Resumed };
    let history = name.contains("history");
    let mut step = if history { Step::with_history() } else { Step::new() };
    let seconds = seconds_per_call(|| {
        let mut interpreter = Interpreter::new(program.clone());
        step.clear();
        interpreter.apply(&start, &mut step).unwrap();
        while step.actions.iter().any(|a| matches!(a, Action::Continue)) {
            step.clear();
            interpreter.apply(&resumed, &mut step).unwrap();
        }
        assert_eq!(interpreter.outcome().unwrap().status, Status::Succeeded, "{name}");
    });
    report.figure(name, seconds * 1e6 / transitions, "us/transition", goal);
}

fn chain(length: usize) -> String {
    let mut states = String::new();
    for n in 0..length {
        let next = if n + 1 == length { "\"End\":true".to_owned() } else { format!("\"Next\":\"P{}\"", n + 1) };
        let comma = if n == 0 { "" } else { "," };
        write!(
            states,
            r#"{comma}"P{n}":{{"Type":"Pass","Parameters":{{"step":{n},"id.$":"$.id"}},"ResultPath":"$.p",{next}}}"#
        )
        .unwrap();
    }
    let text = format!(r#"{{"StartAt":"P0","States":{{{states}}}}}"#);
    if length > 10 { text.replace("$.id", "$.n") } else { text }
}

const LOOP: &str = r#"{"StartAt":"Init","States":{
    "Init":{"Type":"Pass","Result":0,"ResultPath":"$.i","Next":"More"},
    "More":{"Type":"Choice","Choices":[{"Variable":"$.i","NumericLessThanPath":"$.limit","Next":"Add"}],"Default":"Done"},
    "Add":{"Type":"Pass","Parameters":{"i.$":"States.MathAdd($.i, 1)","limit.$":"$.limit"},"Next":"Again"},
    "Again":{"Type":"Pass","Next":"More"},
    "Done":{"Type":"Succeed"}}}"#;

const MAP: &str = r#"{"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.items","End":true,"ItemProcessor":{
    "StartAt":"Double","States":{
      "Double":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n, $.n)"},"Next":"Out"},
      "Out":{"Type":"Pass","OutputPath":"$.n","End":true}}}}}}"#;
