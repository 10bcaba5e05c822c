//! Definitions that their authors deployed, run in virtual time with answers made up from what they read. They are not
//! part of this repository: the test runs where `ASLX_CONFORMANCE` names a folder that has them in `wild/`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use aslx_asl::path::Step;
use aslx_asl::syntax::Substitutions;
use aslx_asl::{CompileOptions, Program, Timestamp, Value};
use aslx_engine::Data;
use aslx_engine::interpreter::Status;
use aslx_engine::journal::Seed;
use aslx_engine::runtime::{Finished, StartRequest, simulate};
use aslx_engine::task::{BoxTaskService, TaskFailure, TaskReply, TaskRequest, TaskResponse};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Files that do not compile, with the code of their error.
const KNOWN: &str = include_str!("../../asl/tests/wild-known.txt");

/// Runs of one definition, each with other answers, until one comes to an end.
const ATTEMPTS: u64 = 40;

/// Definitions that must come to an end of their own.
const LEAST: usize = 40;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment what to do")]
fn deployed_definitions_run_to_an_end() {
    let Some(folder) = std::env::var_os("ASLX_CONFORMANCE") else {
        println!("wild: not run");
        return;
    };
    let entries = std::fs::read_dir(PathBuf::from(folder).join("wild")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    let (mut ended, mut others, mut refused) = (0, Vec::new(), Vec::new());
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let open = CompileOptions { allow_unresolved: true, ..CompileOptions::default() };
        let Ok(program) = Program::compile(&text, &open) else {
            refused.push(name);
            continue;
        };
        let options = CompileOptions { substitutions: substitutions(&program, &text), ..open };
        let program = Arc::new(Program::compile(&text, &options).unwrap_or(program));
        match (0..ATTEMPTS).try_fold(String::new(), |_, attempt| run(&program, attempt)) {
            Err(End) => ended += 1,
            Ok(why) => others.push(format!("{name}: {why}")),
        }
    }
    println!("wild: {ended} run to an end, {} not:", others.len());
    others.iter().for_each(|other| println!("  {other}"));
    let known: Vec<&str> =
        KNOWN.lines().filter(|l| !l.starts_with('#')).filter_map(|l| Some(l.split_once(' ')?.0)).collect();
    let surprising: Vec<_> = refused.iter().filter(|name| !known.contains(&name.as_str())).collect();
    assert!(surprising.is_empty(), "these do not compile any more: {surprising:?}");
    assert!(ended >= LEAST, "only {ended} run to an end");
}

/// It came to an end of its own.
struct End;

/// One run. `Ok`: why it came to no end of its own.
fn run(program: &Arc<Program>, attempt: u64) -> Result<String, End> {
    let shape = Arc::new(Shape::of(program));
    let input = shape.answer(attempt << 20);
    let request = StartRequest::new("wild", "run", Data::from(Value::from(input)), Seed([attempt as u8; 16]));
    let calls = Arc::new(AtomicU64::new(1));
    let service = BoxTaskService::new(tower::service_fn(move |request: TaskRequest| {
        let call = calls.fetch_add(1, Ordering::Relaxed) + (attempt << 20);
        std::future::ready(Ok::<_, TaskFailure>(respond(&shape, call, &request)))
    }));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let start = Timestamp::from_millis(1_772_366_400_000);
    match runtime.block_on(simulate(program.clone(), request, start, service, None)) {
        Ok(finished) if own_end(&finished) => Err(End),
        Ok(finished) => {
            let outcome = finished.outcome;
            let cause: String = outcome.cause.as_deref().unwrap_or_default().chars().take(160).collect();
            Ok(format!("{} {}: {cause}", outcome.status.name(), outcome.error.as_deref().unwrap_or_default()))
        }
        Err(why) => Ok(why.to_string()),
    }
}

fn own_end(finished: &Finished) -> bool {
    let failed_itself = || {
        let before = finished.history.iter().rev().nth(1);
        before.is_some_and(|event| event.kind.type_name() == "FailStateEntered")
    };
    match finished.outcome.status {
        Status::Succeeded => true,
        Status::Failed => failed_itself(),
        _ => false,
    }
}

fn respond(shape: &Shape, call: u64, request: &TaskRequest) -> TaskResponse {
    let answer = Value::from(shape.answer(call));
    let later = request.token.is_some() || request.resource.contains(".sync");
    let reply = match &request.submitted {
        None if later => TaskReply::Submitted(answer),
        _ if is_reader(request) => TaskReply::Done(Value::array(vec![answer.clone(), answer])),
        _ => TaskReply::Done(answer),
    };
    TaskResponse { reply, modelled: Some(Duration::from_secs(1)) }
}

/// What reads the items of a distributed Map answers with a list.
fn is_reader(request: &TaskRequest) -> bool {
    request.resource.contains("s3:") && request.input.get("ReaderConfig").is_some()
}

/// Values that satisfy what a definition reads, wherever it reads it.
#[derive(Debug, Default)]
struct Shape {
    members: BTreeMap<String, Shape>,
    list: bool,
    candidates: Vec<Json>,
}

impl Shape {
    fn of(program: &Program) -> Shape {
        let mut shape = Shape::default();
        for found in program.paths() {
            let steps: Vec<&Step> = found.path.steps().collect();
            let written = program.document().root().pointer(&found.pointer).and_then(|node| node.as_str().cloned());
            let (list, candidates) = hints(&found.pointer, written.as_deref().unwrap_or_default(), found.path.source());
            let rule = program.document().root().pointer(found.pointer.trim_end_matches("/Variable"));
            let operands = rule.filter(|_| found.pointer.ends_with("/Variable")).map(|rule| operands(&rule.to_value()));
            // Where a result is put is not known: the path may begin at any of its steps.
            for from in 0..steps.len() {
                let leaf = shape.reach(&steps[from..]);
                leaf.list |= list;
                leaf.candidates.extend(candidates.iter().cloned());
                leaf.candidates.extend(operands.iter().flatten().cloned());
            }
        }
        shape
    }

    fn reach(&mut self, steps: &[&Step]) -> &mut Shape {
        let mut here = self;
        for step in steps {
            match step {
                Step::Name(name) => here = here.members.entry(name.to_string()).or_default(),
                Step::Index(_) => here.list = true,
            }
        }
        here
    }

    /// The value for one call: which of the candidates it has is drawn from the call's number.
    fn answer(&self, call: u64) -> Json {
        let flat = self.value(call, &json!({}), "");
        self.value(call, &flat, "")
    }

    fn value(&self, call: u64, item: &Json, place: &str) -> Json {
        let draw = place.bytes().fold(call.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 77, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
        });
        let pick = |count: usize| (draw >> 17) as usize % count.max(1);
        let mut members = Map::new();
        for (name, shape) in &self.members {
            members.insert(name.clone(), shape.value(call, item, &format!("{place}/{name}")));
        }
        let one = if !members.is_empty() || place.is_empty() {
            Json::Object(members)
        } else if self.list {
            item.clone()
        } else {
            self.candidates.get(pick(self.candidates.len())).cloned().unwrap_or_else(|| json!("x"))
        };
        if !self.list || place.is_empty() {
            return one;
        }
        let merged = match (item.clone(), one) {
            (Json::Object(mut all), Json::Object(own)) => {
                all.extend(own);
                Json::Object(all)
            }
            (_, one) => one,
        };
        let count = if pick(5) == 0 && call > 3 { 0 } else { 2 };
        Json::Array(vec![merged; count])
    }
}

/// What a field asks of what its path finds.
fn hints(pointer: &str, written: &str, path: &str) -> (bool, Vec<Json>) {
    let field = pointer.rsplit('/').next().unwrap_or_default();
    let list = field == "ItemsPath"
        || path.contains("[*]")
        || path.contains("[?")
        || written.starts_with("States.Array")
            && !written.starts_with("States.Array(")
            && !written.starts_with("States.ArrayRange");
    let candidates = match field {
        "SecondsPath" | "TimeoutSecondsPath" | "HeartbeatSecondsPath" | "MaxConcurrencyPath" | "MaxAttempts" => {
            vec![json!(3)]
        }
        "TimestampPath" => vec![json!("2026-03-02T00:00:00Z")],
        _ if field.starts_with("Numeric") => vec![json!(3)],
        _ if field.starts_with("Boolean") => vec![json!(true)],
        _ if written.contains("StringToJson") => vec![json!("{}"), json!("[]")],
        _ if written.contains("Math") || written.contains("ArrayRange") => vec![json!(1), json!(5)],
        _ => Vec::new(),
    };
    (list, candidates)
}

/// Values with which a rule of a Choice state turns out one way or the other.
fn operands(rule: &Value) -> Vec<Json> {
    let Some(members) = rule.as_object() else { return Vec::new() };
    let mut found = Vec::new();
    for (name, value) in members {
        let value = Json::from(value);
        match (&**name, &value) {
            ("Variable" | "Next" | "Comment", _) => {}
            (name, _) if name.ends_with("Path") => {}
            ("IsPresent", _) => {}
            ("IsNull", _) => found.extend([Json::Null, json!("x")]),
            ("IsString", _) => found.extend([json!("x"), json!(1)]),
            ("IsNumeric", _) => found.extend([json!(1), json!("x")]),
            ("IsBoolean", _) => found.extend([json!(true), json!("x")]),
            ("IsTimestamp", _) => found.extend([json!("2026-03-02T00:00:00Z"), json!("x")]),
            ("StringMatches", Json::String(text)) => found.extend([json!(text.replace('*', "")), json!("x")]),
            (_, Json::Number(number)) => {
                let number = number.as_f64().unwrap_or_default();
                found.extend([value.clone(), json!(number + 1.0), json!(number - 1.0)]);
            }
            (_, Json::Bool(flag)) => found.extend([json!(flag), json!(!flag)]),
            (_, Json::String(_)) => found.extend([value.clone(), json!("x")]),
            _ => {}
        }
    }
    found
}

/// A value for every placeholder, after the field in which it stands.
fn substitutions(program: &Program, text: &str) -> Substitutions {
    let mut values = Substitutions::default();
    collect(&program.document().root().to_value(), "", text, &mut values);
    values
}

fn collect(value: &Value, field: &str, source: &str, out: &mut Substitutions) {
    match value {
        Value::Array(items) => items.items().iter().for_each(|item| collect(item, field, source, out)),
        Value::Object(object) => object.members().iter().for_each(|(name, value)| collect(value, name, source, out)),
        Value::String(text) => {
            for part in text.split("${").skip(1) {
                let Some((name, _)) = part.split_once('}') else { continue };
                let alone = text.len() == name.len() + 3;
                let bare = !source.contains(&format!("\"${{{name}}}")) && !source.contains(&format!("${{{name}}}\""));
                let made = match field {
                    "Resource" if alone => resource(name),
                    _ if alone && (bare || field.ends_with("Seconds") || field.starts_with("Max")) => "1".to_owned(),
                    _ => "x".to_owned(),
                };
                out.entry(name.to_owned()).or_insert(made);
            }
        }
        _ => {}
    }
}

fn resource(name: &str) -> String {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("arn:aws:lambda:us-east-1:123456789012:function:{name}")
}
