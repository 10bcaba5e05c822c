//! What is put to the test: a case is made from its number, played, and must keep what the library promises.

use super::corpus::{CALLS, Corpus, PATHS};
use super::rng::Rng;
use super::{mutate, protocol, run, test_files};
use aslx_asl::diagnostic::render;
use aslx_asl::graph::{Graph, Overlay};
use aslx_asl::intrinsic::Intrinsic;
use aslx_asl::path::{Path, ReferencePath, Selector};
use aslx_asl::syntax::{Document, Node, NodeKind};
use aslx_asl::{CompileOptions, Diagnostic, Environment, LintSettings, MachineType, Scope, Severity, Value, check};
use std::cell::Cell;

/// A part of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Target {
    /// The JSON readers: definitions and payloads.
    Reader,
    /// The YAML reader.
    Yaml,
    /// JSONPath: reading, evaluating, writing.
    Path,
    /// Intrinsic functions: reading, evaluating.
    Intrinsic,
    /// Compiling, lints, rendered diagnostics, graphs, the formatter.
    Check,
    /// Executions with random answers, and their replay.
    Run,
    /// Test files, read and run.
    Tests,
    /// Requests to the server, and bytes over a connection to it.
    Protocol,
}

impl Target {
    /// All of them.
    pub const ALL: [Target; 8] = [
        Target::Reader,
        Target::Yaml,
        Target::Path,
        Target::Intrinsic,
        Target::Check,
        Target::Run,
        Target::Tests,
        Target::Protocol,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Target::Reader => "reader",
            Target::Yaml => "yaml",
            Target::Path => "path",
            Target::Intrinsic => "intrinsic",
            Target::Check => "check",
            Target::Run => "run",
            Target::Tests => "tests",
            Target::Protocol => "protocol",
        }
    }

    /// Thousandths of a run over all targets.
    pub fn share(self) -> u64 {
        match self {
            Target::Reader => 195,
            Target::Yaml => 30,
            Target::Path => 370,
            Target::Intrinsic => 300,
            Target::Check => 50,
            Target::Run => 30,
            Target::Tests => 20,
            Target::Protocol => 5,
        }
    }
}

/// The input of a case.
pub fn input(target: Target, corpus: &Corpus, rng: &mut Rng) -> String {
    match target {
        Target::Reader => {
            let (text, other) = (rng.word(&corpus.texts), rng.word(&corpus.texts));
            // Most places of a long text are alike: a part of it says as much in less time.
            let from = rng.below(text.len());
            let part = if rng.one_in(8) { text } else { text.get(from..(from + 400).min(text.len())).unwrap_or(text) };
            if rng.one_in(2) { mutate::text(rng, part, other) } else { small_json(rng, part) }
        }
        Target::Yaml => {
            let (text, other) = (rng.word(&corpus.yaml), rng.word(&corpus.yaml));
            mutate::text(rng, text, other)
        }
        Target::Path => mutate::expression(rng, &PATHS),
        Target::Intrinsic => mutate::expression(rng, &CALLS),
        Target::Check | Target::Run => mutate::definition(rng, corpus),
        Target::Tests => test_files::input(corpus, rng),
        Target::Protocol => protocol::input(corpus, rng),
    }
}

/// A JSON text of random values, with one change to it now and then.
fn small_json(rng: &mut Rng, other: &str) -> String {
    let mut text = String::new();
    grow(rng, 0, &mut text);
    if rng.one_in(3) { mutate::text(rng, &text, other) } else { text }
}

fn grow(rng: &mut Rng, depth: usize, out: &mut String) {
    let blank = rng.word(&["", "", "", " ", "\n\t", "\r\n"]).to_owned();
    out.push_str(&blank);
    match if depth > 5 { rng.below(4) } else { rng.below(7) } {
        0 => out.push_str(rng.word(&NUMBERS)),
        1 => out.push_str(rng.word(&["true", "false", "null", "${Name}", "-", "nul"])),
        2 | 3 => out.push_str(rng.word(&TEXTS)),
        4 | 5 => {
            out.push('{');
            for n in 0..rng.below(5) {
                out.push_str(if n > 0 { "," } else { "" });
                out.push_str(rng.word(&TEXTS));
                out.push(':');
                grow(rng, depth + 1, out);
            }
            out.push('}');
        }
        _ => {
            out.push('[');
            for n in 0..rng.below(5) {
                out.push_str(if n > 0 { "," } else { "" });
                grow(rng, depth + 1, out);
            }
            out.push(']');
        }
    }
    out.push_str(&blank);
}

const NUMBERS: [&str; 24] = [
    "0",
    "-0",
    "1",
    "-1",
    "1.0",
    "-0.0",
    "1e0",
    "1E+2",
    "1e-7",
    "123456789.123456789",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "1e309",
    "-1e400",
    "5e-324",
    "1e-400",
    "01",
    "1.",
    ".5",
    "0.1e+00010",
];

const TEXTS: [&str; 18] = [
    "\"\"",
    "\"a\"",
    "\"b\"",
    "\"é\"",
    "\"😀\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\u0000\"",
    "\"\\n\\\\\\\"\\/\"",
    "\"\\x\"",
    "\"\u{7f}\u{85}\u{2028}\"",
    "\"${N}\"",
    "\"$.a\"",
    "\"StartAt\"",
    "\"States\"",
    "\"Type\"",
    "\"a\tb\"",
    "\"\u{feff}\"",
];

/// Plays a case. `Ok(true)`: the input was accepted. Errors: a promise that was not kept.
pub fn play(target: Target, input: &str, rng: &mut Rng, stage: &Stage) -> Result<bool, String> {
    match target {
        Target::Reader => reader(input),
        Target::Yaml => yaml(input),
        Target::Path => path(input, stage),
        Target::Intrinsic => intrinsic(input, stage),
        Target::Check => checked(input, rng),
        Target::Run => run::played(input, rng),
        Target::Tests => test_files::played(input),
        Target::Protocol => protocol::played(input),
    }
}

macro_rules! hold {
    ($holds:expr, $($words:tt)*) => {
        if !$holds {
            return Err(format!($($words)*));
        }
    };
}
pub(super) use hold;

fn reader(text: &str) -> Result<bool, String> {
    let document = Document::parse(text);
    let payload = Value::parse(text);
    if let Ok(value) = &payload {
        let written = value.to_json();
        hold!(written.len() == value.json_len(), "json_len is {}, the text has {}", value.json_len(), written.len());
        let again = Value::parse(&written).map_err(|why| format!("what was written is refused: {why}"))?;
        hold!(again.to_json() == written && again.depth() == value.depth(), "written and read again it differs");
    }
    match (document, payload) {
        (Ok(document), payload) => {
            spans(document.root(), text)?;
            if let Ok(value) = payload {
                hold!(
                    document.root().to_value().to_json() == value.to_json(),
                    "the two JSON readers read it differently"
                );
            } else {
                hold!(text.contains("${") || text.starts_with('\u{feff}'), "only the reader of definitions accepts it");
            }
            Ok(true)
        }
        (Err(found), payload) => {
            shown(&found, text)?;
            if let Ok(value) = payload {
                hold!(value.depth() >= 200, "only the reader of payloads accepts it: {found}");
            }
            Ok(false)
        }
    }
}

fn yaml(text: &str) -> Result<bool, String> {
    match Document::parse_yaml(text) {
        Ok(document) => {
            spans(document.root(), text)?;
            let value = document.root().to_value();
            hold!(value.to_json().len() == value.json_len(), "json_len is wrong");
            parts(&document, document.root())?;
            Ok(true)
        }
        Err(found) => shown(&found, text).map(|()| false),
    }
}

/// Places lie in the text, on borders of characters.
fn spans(node: &Node, text: &str) -> Result<(), String> {
    hold!(text.get(node.span.start..node.span.end).is_some(), "the span {:?} is not in the text", node.span);
    match &node.kind {
        NodeKind::Array(items) => items.iter().try_for_each(|item| spans(item, text)),
        NodeKind::Object(members) => members.iter().try_for_each(|member| {
            let span = member.name_span;
            hold!(text.get(span.start..span.end).is_some(), "the span {span:?} of a name is not in the text");
            spans(&member.value, text)
        }),
        _ => Ok(()),
    }
}

fn parts(document: &Document, node: &Node) -> Result<(), String> {
    match &node.kind {
        NodeKind::Array(items) => items.iter().take(20).try_for_each(|item| parts(document, item)),
        NodeKind::Object(members) => members.iter().try_for_each(|member| parts(document, &member.value)),
        NodeKind::String(text) => {
            let span = document.span_within(node, 0, text.len());
            hold!(document.text().get(span.start..span.end).is_some(), "the span {span:?} within a text is not in it");
            Ok(())
        }
        _ => Ok(()),
    }
}

pub(super) fn shown(diagnostic: &Diagnostic, text: &str) -> Result<(), String> {
    let span = diagnostic.span();
    hold!(text.get(span.start..span.end).is_some(), "the span {span:?} of `{}` is not in the text", diagnostic.code());
    hold!(!render(diagnostic, "f.json", text, false).is_empty(), "nothing is shown");
    hold!(!diagnostic.message().is_empty(), "a diagnostic without a message");
    Ok(())
}

/// What expressions look at.
#[derive(Debug)]
pub struct Stage {
    inputs: Vec<Value>,
    context: Value,
    variable: Value,
    draws: Cell<u64>,
}

impl Stage {
    /// Three inputs and a context object.
    pub fn new() -> Stage {
        let read = |text: &str| Value::parse(text).unwrap_or_default();
        let rich = r#"{"a":{"b":{"c":3,"ß":null},"a":[1,"x"]},"t":"x,y;zé😀","json":"{\"a\":[1,2,{\"b\":null}]}","numbers":[3,1,2.5,-0.0,9007199254740993],"items":[{"n":1,"t":"x","l":["a","b"],"items":[{"n":[0]}]},{"n":2.0,"t":"xyz","l":[]},{"n":null,"t":null},7,"n",[[1,[2]],{"n":{"n":{"n":1}}}]],"größe":{"a":[]},"日本":{"é":"e"},"it's":1,"1":[true,false]}"#;
        Stage {
            inputs: vec![read(rich), read(r#"[1,{"a":[{"n":5},[]]},"$.a",null,[3,[4,{"n":{}}]]]"#), read("\"t\"")],
            context: read(
                r#"{"Execution":{"Id":"arn:x/y","Input":{"a":1}},"Map":{"Item":{"Index":0,"Value":{"n":1}}},"State":{"Name":"S"}}"#,
            ),
            variable: read(r#"{"a":[{"b":1},"x"],"n":5}"#),
            draws: Cell::new(0),
        }
    }
}

impl Default for Stage {
    fn default() -> Stage {
        Stage::new()
    }
}

impl Environment for Stage {
    fn context(&self) -> &Value {
        &self.context
    }
    fn variable(&self, name: &str) -> Option<&Value> {
        name.starts_with('v').then_some(&self.variable)
    }
    fn draw(&self) -> u64 {
        self.draws
            .set(self.draws.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        self.draws.get()
    }
}

fn path(text: &str, stage: &Stage) -> Result<bool, String> {
    let path = match Path::parse(text) {
        Ok(path) => path,
        Err(error) => {
            hold!(
                text.is_char_boundary(error.offset().min(text.len())),
                "the offset {} is within a character",
                error.offset()
            );
            hold!(error.offset() <= text.len(), "the offset {} is beyond the text", error.offset());
            hold!(!error.to_string().is_empty(), "an error without a message");
            drop(ReferencePath::parse(text));
            return Ok(false);
        }
    };
    hold!(path.source() == text, "the source has changed");
    for input in &stage.inputs {
        let scope = Scope { input, env: stage };
        match path.evaluate(&scope) {
            Ok(value) => measured(&value)?,
            Err(miss) => {
                hold!(
                    !miss.in_field("f", &scope).is_empty() && !miss.to_string().is_empty(),
                    "a miss without a message"
                );
            }
        }
    }
    if let Ok(reference) = ReferencePath::parse(text) {
        hold!(path.is_reference() && path.is_definite(), "a reference path that is none");
        for input in &stage.inputs {
            let Ok(changed) = reference.apply(input, Value::from(77i64)) else { continue };
            measured(&changed)?;
            let found = path.evaluate(&Scope { input: &changed, env: stage });
            hold!(
                found.as_ref().is_ok_and(|v| v.as_i64() == Some(77)),
                "what was written is not found again: {found:?}"
            );
        }
    }
    Ok(true)
}

fn measured(value: &Value) -> Result<(), String> {
    let written = value.to_json();
    hold!(
        written.len() == value.json_len(),
        "json_len is {}, the text has {}: {written}",
        value.json_len(),
        written.len()
    );
    Ok(())
}

fn intrinsic(text: &str, stage: &Stage) -> Result<bool, String> {
    drop(Selector::parse(text).map_err(|error| error.message().to_owned()));
    let call = match Intrinsic::parse(text) {
        Ok(call) => call,
        Err(error) => {
            hold!(error.offset() <= text.len(), "the offset {} is beyond the text", error.offset());
            hold!(text.is_char_boundary(error.offset()), "the offset {} is within a character", error.offset());
            return Ok(false);
        }
    };
    hold!(call.source() == text, "the source has changed");
    for input in &stage.inputs {
        let scope = Scope { input, env: stage };
        stage.draws.set(1);
        let first = call.evaluate(&scope).map_err(|failure| failure.to_string());
        stage.draws.set(1);
        let second = call.evaluate(&scope).map_err(|failure| failure.to_string());
        hold!(first == second, "two evaluations differ: {first:?} and {second:?}");
        if let Ok(value) = first {
            measured(&value)?;
        }
    }
    Ok(true)
}

fn checked(text: &str, rng: &mut Rng) -> Result<bool, String> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(found) => return shown(&found, text).map(|()| false),
    };
    let machine_type = if rng.one_in(4) { MachineType::Express } else { MachineType::Standard };
    let options = CompileOptions { machine_type, allow_unresolved: rng.one_in(2), ..CompileOptions::default() };
    let compiled = check(document, &options, &LintSettings::default());
    for diagnostic in &compiled.diagnostics {
        shown(diagnostic, text)?;
    }
    let refused = compiled.diagnostics.iter().any(|found| found.severity() == Severity::Error);
    // Where a placeholder decides what a state is, there may be neither.
    let open = options.allow_unresolved && text.contains("${") && !refused;
    hold!(refused != compiled.program.is_some() || open, "a program and errors, or neither");
    let written = match aslx_asl::format(text) {
        Ok(written) => written,
        Err(why) => {
            // Of a name that stands twice one value would be lost: the checker only warns of it.
            hold!(why.code() == "DUPLICATE_KEY", "the formatter refuses it: {why}");
            return Ok(false);
        }
    };
    let again = aslx_asl::format(&written).map_err(|why| format!("the formatter refuses its own text: {why}"))?;
    hold!(written == again, "formatting twice changes it once more");
    let Some(program) = compiled.program else { return Ok(false) };
    let other = aslx_asl::Program::compile(&written, &options);
    hold!(other.is_ok_and(|other| other.hash() == program.hash()), "formatted it is another program");
    let graph = Graph::of(&program);
    let overlay = Overlay::default();
    let drawn = [graph.to_mermaid(&overlay), graph.to_dot(&overlay), graph.to_svg(&overlay)];
    hold!(drawn.iter().all(|picture| !picture.is_empty()), "an empty picture");
    Ok(true)
}
