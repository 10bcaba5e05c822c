//! `aslx check`: everything that is to be said of definitions, without running them.

use crate::definition::find;
use crate::error::CommandError;
use crate::project::Project;
use crate::terminal::Style;
use aslx_asl::diagnostic::{code, render};
use aslx_asl::syntax::{Document, LineIndex, Node, NodeKind, Place, Substitutions};
use aslx_asl::{CompileOptions, Diagnostic, LintSettings, MachineType, Severity, check, did_you_mean};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  aslx check order.asl.json
  aslx check --set TopicArn=arn:aws:sns:us-east-1:000000000000:orders statemachine/*.asl.json
  aslx check --allow-unresolved --silence WAIT_ZERO,NO_DOLLAR template/order.asl.yaml
  aslx check --format json order.asl.json

Every code has a page in docs/diagnostics.

Exit codes: 0 no errors (perhaps warnings), 2 usage, 3 a definition has errors";

/// Diagnostics of one file that people are shown.
const MOST: usize = 100;

/// What `aslx check` takes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArguments {
    /// Definitions in JSON or YAML, folders that have one, or - for standard input
    #[arg(value_name = "FILE|DIR|-", required = true)]
    files: Vec<PathBuf>,
    /// Value of a ${KEY} placeholder; goes before --values and aslx.toml
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// Values of placeholders: an object in JSON or YAML, or CloudFormation's list of parameters
    #[arg(long, value_name = "FILE")]
    values: Option<PathBuf>,
    /// A placeholder without a value is a warning, and what it stands in is not checked
    #[arg(long)]
    allow_unresolved: bool,
    /// Warnings that are not to be told
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = known_code)]
    silence: Vec<String>,
    /// Type of the state machine
    #[arg(long = "type", value_enum, default_value_t = TypeChoice::Standard)]
    machine_type: TypeChoice,
    /// For people, or a JSON array with one object per file
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum TypeChoice {
    Standard,
    Express,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// A definition and what is to be said of it.
struct Checked {
    file: String,
    text: String,
    diagnostics: Vec<Diagnostic>,
}

impl Checked {
    fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == severity).count()
    }
}

pub(crate) fn run(arguments: CheckArguments) -> Result<ExitCode, CommandError> {
    let values = match &arguments.values {
        Some(path) => values(path)?,
        None => Substitutions::new(),
    };
    let checked: Vec<Checked> =
        arguments.files.iter().map(|path| check_file(path, &values, &arguments)).collect::<Result<_, _>>()?;
    match arguments.format {
        Format::Human => print_for_people(&checked),
        Format::Json => println!("{:#}", Value::Array(checked.iter().map(as_json).collect())),
    }
    let failed = checked.iter().any(|file| file.count(Severity::Error) > 0);
    Ok(if failed { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn check_file(path: &Path, values: &Substitutions, arguments: &CheckArguments) -> Result<Checked, CommandError> {
    let (file, text, project) = if path == Path::new("-") {
        let text = std::io::read_to_string(std::io::stdin());
        let text = text.map_err(|error| CommandError::usage(format!("standard input cannot be read: {error}")))?;
        ("<stdin>".to_owned(), text, Project::default())
    } else {
        let (path, project) = find(path)?;
        (path.display().to_string(), read(&path)?, project)
    };
    let mut substitutions: Substitutions = project.substitutions;
    substitutions.extend(values.clone());
    substitutions.extend(arguments.settings.iter().cloned());
    let machine_type = match arguments.machine_type {
        TypeChoice::Standard => MachineType::Standard,
        TypeChoice::Express => MachineType::Express,
    };
    let options = CompileOptions { substitutions, allow_unresolved: arguments.allow_unresolved, machine_type };
    let settings = LintSettings::silencing(&arguments.silence);
    let mut diagnostics = match Document::read(&file, &text) {
        Ok(document) => check(document, &options, &settings).diagnostics,
        Err(diagnostic) => vec![diagnostic],
    };
    diagnostics.sort_by_key(|diagnostic| (diagnostic.severity(), diagnostic.span().start));
    Ok(Checked { file, text, diagnostics })
}

fn read(path: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(path)
        .map_err(|error| CommandError::usage(format!("`{}` cannot be read: {error}", path.display())))
}

fn print_for_people(checked: &[Checked]) {
    let style = Style::of_stdout();
    for file in checked {
        for diagnostic in file.diagnostics.iter().take(MOST) {
            println!("{}", render(diagnostic, &file.file, &file.text, style.colour()));
        }
        if let Some(more) = file.diagnostics.len().checked_sub(MOST).filter(|more| *more > 0) {
            println!("… and {more} more in {}\n", file.file);
        }
    }
    let total = |severity| checked.iter().map(|file| file.count(severity)).sum::<usize>();
    let (errors, warnings) = (total(Severity::Error), total(Severity::Warning));
    let files = counted(checked.len(), "file");
    if errors == 0 && warnings == 0 {
        println!("{} in {files}", style.green("nothing wrong"));
        return;
    }
    let counts = [(errors, "error"), (warnings, "warning")];
    let counts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| counted(*n, what)).collect();
    println!("{} in {files}", counts.join(", "));
}

fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn as_json(checked: &Checked) -> Value {
    let lines = LineIndex::new(&checked.text);
    let diagnostics: Vec<Value> = checked.diagnostics.iter().map(|found| diagnostic_json(found, &lines)).collect();
    json!({ "file": checked.file, "diagnostics": diagnostics })
}

/// One diagnostic: lines and columns counted from 1, columns in characters, the end not included.
fn diagnostic_json(found: &Diagnostic, lines: &LineIndex<'_>) -> Value {
    let (start, end) = (lines.place(found.span().start), lines.place(found.span().end));
    let aws_location = Some(found.aws_location()).filter(|location| !location.is_empty());
    json!({
        "severity": found.severity().to_string(),
        "code": found.code(),
        "message": found.message(),
        "help": found.help_text(),
        "pointer": found.pointer(),
        "line": start.line,
        "column": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "aws": { "message": found.aws_message(), "location": aws_location },
    })
}

/// The values in a file.
fn values(path: &Path) -> Result<Substitutions, CommandError> {
    let text = read(path)?;
    let file = path.display().to_string();
    let document = Document::read(&file, &text).map_err(|found| {
        let Place { line, column } = Place::of(&text, found.span().start);
        CommandError::usage(format!("`{file}` cannot be read at {line}:{column}: {}", found.message()))
    })?;
    let found = match &document.root().kind {
        NodeKind::Object(members) => {
            members.iter().map(|member| Some((member.name.to_string(), scalar(&member.value)?))).collect()
        }
        NodeKind::Array(items) => items.iter().map(parameter).collect(),
        _ => None,
    };
    found.ok_or_else(|| {
        CommandError::usage(format!("`{file}` holds no values for placeholders"))
            .help("write an object like {\"TopicArn\": \"arn:…\"}, with a text, a number, true or false for each name")
    })
}

/// An entry of a file of CloudFormation's parameters.
fn parameter(node: &Node) -> Option<(String, String)> {
    Some((scalar(node.get("ParameterKey")?)?, scalar(node.get("ParameterValue")?)?))
}

fn scalar(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::String(text) => Some(text.to_string()),
        NodeKind::Number(number) => Some(number.to_string()),
        NodeKind::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE".to_owned()),
    }
}

fn known_code(text: &str) -> Result<String, String> {
    if code::ALL.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(match did_you_mean(text, code::ALL.into_iter()) {
        Some(meant) => format!("no such code, did you mean {meant}?"),
        None => "no such code: docs/diagnostics lists them".to_owned(),
    })
}
