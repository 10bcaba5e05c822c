//! `aslx test`: the cases of test files, in virtual time.

mod execute;
mod find;
mod load;
mod local;
mod outcome;
mod outputs;
mod watch;

use crate::error::CommandError;
use aslx_testing::coverage::{CoverageFormat, Thresholds};
use aslx_testing::report::{Form, Human};
use aslx_testing::{Report, ReportFormat};
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  aslx test                                     all test files below this folder
  aslx test definitions/order --filter retried
  aslx test --format junit > results.xml
  aslx test --update                            write snapshots of histories
  aslx test --fail-under 100 --coverage html    fail if a branch was not reached; write coverage.html
  aslx test --sfn-local-mocks mocks.json order.asl.json

A test file is named *.test.yaml, *.test.yml or *.test.json, and lies beside its definition.
Editors complete it with the schema that `aslx test --schema` prints.

Exit codes: 0 all passed, 1 a case failed or coverage is too low, 2 usage, 3 a test file or a definition is not valid";

/// What `aslx test` takes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TestArguments {
    /// Test files, definitions or folders [default: .]
    #[arg(value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Only cases whose file or name has this text in it
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Cases at the same time [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Begin no further case after one that failed
    #[arg(long)]
    fail_fast: bool,
    /// Write snapshots of histories, and do not compare them
    #[arg(long)]
    update: bool,
    /// How to tell what came of it, on standard output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Write a report there too: junit, github, markdown (added to the end of FILE), tap, json; may be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = outputs::report_target)]
    report: Vec<(Form, PathBuf)>,
    /// Write coverage: lcov, cobertura, svg, html, json; may be repeated
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = outputs::coverage_target)]
    coverage: Vec<(CoverageFormat, PathBuf)>,
    /// Fail if coverage is less, in percent: of everything, or by kind as in states=100,retriers=80
    #[arg(long, value_name = "N|KIND=N,…", conflicts_with = "filter")]
    fail_under: Option<Thresholds>,
    /// Run the test cases of Step Functions Local's mock configuration file
    #[arg(long, value_name = "FILE", conflicts_with = "watch")]
    sfn_local_mocks: Option<PathBuf>,
    /// The input of those cases: a file, a JSON text, or - for standard input [default: {}]
    #[arg(long, value_name = "FILE|JSON|-", requires = "sfn_local_mocks")]
    input: Option<String>,
    /// Stay, and run again what a change touches
    #[arg(long)]
    watch: bool,
    /// Value of a ${KEY} placeholder in definitions; goes before what files say
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = crate::commands::run::setting)]
    settings: Vec<(String, String)>,
    /// Print the JSON Schema of test files, and run nothing
    #[arg(long, conflicts_with_all = ["paths", "filter", "update"])]
    schema: bool,
}

/// How to tell what came of the tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// For people.
    Human,
    /// For other tools.
    Tool(Form),
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Format] {
        const ALL: [Format; 6] = [
            Format::Human,
            Format::Tool(Form::Junit),
            Format::Tool(Form::Github),
            Format::Tool(Form::Markdown),
            Format::Tool(Form::Tap),
            Format::Tool(Form::Json),
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Format::Human => "human",
            Format::Tool(form) => form.name(),
        }))
    }
}

impl Format {
    fn write(self, report: &Report, to: &mut dyn std::io::Write) -> std::io::Result<()> {
        match self {
            Format::Human => {
                Human { colour: crate::terminal::Style::of_stdout().colour(), width: None }.write(report, to)
            }
            Format::Tool(form) => form.write(report, to),
        }
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &TestArguments) -> Result<ExitCode, CommandError> {
    if arguments.schema {
        outcome::print(aslx_testing::file::SCHEMA.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.watch {
        return watch::run(arguments);
    }
    let report = report(arguments)?;
    outcome::tell(&report, arguments)
}

/// Everything from files to the report.
fn report(arguments: &TestArguments) -> Result<Report, CommandError> {
    if let Some(file) = &arguments.sfn_local_mocks {
        return execute::execute(local::load(file, arguments)?, arguments);
    }
    let files = find::test_files(&arguments.paths)?;
    let loaded = load::load(&files, &arguments.settings, arguments.filter.as_deref())?;
    execute::execute(loaded, arguments)
}
