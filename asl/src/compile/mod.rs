//! Syntax to [`Program`]: every field is read once, every mistake is told, names become ids.
//!
//! One pass does both checking and compiling, so that what is checked is what runs. Diagnostics come in AWS's order:
//! the shape first, then the targets of transitions, then reachability.

mod choice;
mod distributed;
mod effect;
mod expression;
mod fields;
mod jsonata;
mod language;
mod machine;
mod map;
mod parameters;
mod reach;
mod retry;
mod scalar;
mod simple;
mod task;
mod template;
mod variables;

pub(crate) use parameters::{ParameterFault, kind_in_words, parameter_faults};

use crate::diagnostic::{Diagnostic, Severity, code};
use crate::program::{ExpressionUse, MachineId, PathUse, Program, QueryLanguage, State, StateId};
use crate::syntax::{Document, Substitutions};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The type of a state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MachineType {
    /// Durable, up to a year, with a history.
    #[default]
    Standard,
    /// In memory, up to five minutes, without `.sync`, callbacks and activities.
    Express,
}

/// How a definition is to be read.
#[derive(Debug, Clone, Default)]
pub struct CompileOptions {
    /// Values of `${Name}` placeholders.
    pub substitutions: Substitutions,
    /// Placeholders without a value are warnings, and what they stand in is not checked.
    pub allow_unresolved: bool,
    /// The type of the machine.
    pub machine_type: MachineType,
}

/// What came of a definition.
#[derive(Debug)]
pub struct Compiled {
    /// The program, if there was no error.
    pub program: Option<Program>,
    /// All that is to be said, errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compiled {
    /// The program, or why there is none.
    pub fn into_result(self) -> Result<Program, Vec<Diagnostic>> {
        self.program.ok_or(self.diagnostics)
    }
}

impl Program {
    /// Reads, checks and compiles a JSON definition.
    ///
    /// ```
    /// use aslx_asl::{CompileOptions, Program};
    /// let text = r#"{"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "End": true}}}"#;
    /// let program = Program::compile(text, &CompileOptions::default()).unwrap();
    /// assert_eq!(program.states().count(), 1);
    /// ```
    pub fn compile(text: &str, options: &CompileOptions) -> Result<Program, Vec<Diagnostic>> {
        compile(text, options).into_result()
    }
}

/// Reads, checks and compiles a JSON definition, and keeps the warnings.
pub fn compile(text: &str, options: &CompileOptions) -> Compiled {
    match Document::parse(text) {
        Ok(document) => compile_document(document, options),
        Err(diagnostic) => Compiled { program: None, diagnostics: vec![diagnostic] },
    }
}

/// Checks and compiles a definition that has been read.
pub fn compile_document(mut document: Document, options: &CompileOptions) -> Compiled {
    let missing = document.substitute(&options.substitutions);
    let mut compiler = Compiler::new(options, &document);
    for missing in missing {
        let unresolved = missing.code() == code::UNRESOLVED_SUBSTITUTION;
        let warn = options.allow_unresolved && unresolved;
        compiler.report(missing.with_severity(if warn { Severity::Warning } else { Severity::Error }));
    }
    let outline = compiler.definition(document.root());
    compiler.check_shadowing();
    compiler.check_reachability();
    let Compiler { mut diagnostics, states, machines, paths, expressions, starts, .. } = compiler;
    // A `StartAt` that is a placeholder without a value leaves a machine without a start: there is nothing to run.
    let started = starts.len() == machines.len();
    // What is only missing here is told when AWS has nothing against the definition.
    if diagnostics.iter().any(|(_, d)| d.severity() == Severity::Error && d.code() != code::NOT_SUPPORTED) {
        diagnostics.retain(|(_, d)| d.code() != code::NOT_SUPPORTED);
    }
    diagnostics.sort_by_key(|(phase, d)| (*phase, d.severity() == Severity::Warning));
    let mut diagnostics: Vec<_> = diagnostics.into_iter().map(|(_, d)| d).collect();
    let states: Option<Vec<State>> = states.into_iter().collect();
    let failed = diagnostics.iter().any(|d| d.severity() == Severity::Error);
    let program = match (outline, states) {
        (Some(outline), Some(states)) if started && !failed => Some(Program {
            hash: hash(&document),
            paths,
            expressions,
            comment: outline.comment,
            timeout_seconds: outline.timeout_seconds,
            language: outline.language,
            machines,
            states,
            document,
        }),
        _ => None,
    };
    if let Some(program) = &program {
        diagnostics.extend(variables::possibly_undefined(program));
    }
    Compiled { program, diagnostics }
}

/// SHA-256 over the definition after substitution, without blanks: the same program gives the same hash.
fn hash(document: &Document) -> String {
    let text = document.root().to_value().to_json();
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// When a diagnostic is told: AWS checks the shape of everything before it looks at transitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Shape,
    Targets,
    Reach,
}

/// The fields of the outermost machine that are not about states.
struct Outline {
    comment: Option<Arc<str>>,
    timeout_seconds: Option<u64>,
    language: QueryLanguage,
}

/// A way from one state to another, for reachability.
struct Edge {
    from: StateId,
    to: StateId,
}

struct Compiler<'o> {
    options: &'o CompileOptions,
    document: &'o Document,
    diagnostics: Vec<(Phase, Diagnostic)>,
    /// Every state gets its id before it is compiled, so that it can be named; `None` until then, or if it is faulty.
    states: Vec<Option<State>>,
    machines: Vec<crate::program::Machine>,
    edges: Vec<Edge>,
    /// The states that machines start with, where the name was right.
    starts: Vec<StateId>,
    /// Every state name of the definition: unique across machines.
    names: HashMap<Arc<str>, StateId>,
    /// For states that could not be compiled too: name, pointer and place, and whether the state ends its machine.
    heads: Vec<machine::Head>,
    language: QueryLanguage,
    /// Whether the state that is being compiled is in JSONata.
    in_jsonata: bool,
    /// The state that is being compiled.
    current: StateId,
    /// Every path so far, with its place.
    paths: Vec<PathUse>,
    /// Every JSONata expression so far, with its place.
    expressions: Vec<ExpressionUse>,
    /// Every variable that is assigned somewhere.
    assigned: Vec<variables::Assigned>,
    /// The labels of distributed Maps.
    labels: HashSet<Arc<str>>,
    /// The processors of distributed Maps, which see no variables from outside.
    distributed: HashSet<MachineId>,
    /// The machines without `StartAt`: AWS then says nothing of what cannot be reached.
    startless: HashSet<MachineId>,
    /// Transitions that lead nowhere.
    dangling: usize,
}

impl<'o> Compiler<'o> {
    fn new(options: &'o CompileOptions, document: &'o Document) -> Compiler<'o> {
        Compiler {
            options,
            document,
            diagnostics: Vec::new(),
            states: Vec::new(),
            machines: Vec::new(),
            edges: Vec::new(),
            starts: Vec::new(),
            names: HashMap::new(),
            heads: Vec::new(),
            language: QueryLanguage::JsonPath,
            in_jsonata: false,
            current: StateId(0),
            paths: Vec::new(),
            expressions: Vec::new(),
            assigned: Vec::new(),
            labels: HashSet::new(),
            distributed: HashSet::new(),
            startless: HashSet::new(),
            dangling: 0,
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push((Phase::Shape, diagnostic));
    }

    fn report_in(&mut self, phase: Phase, diagnostic: Diagnostic) {
        self.diagnostics.push((phase, diagnostic));
    }
}
