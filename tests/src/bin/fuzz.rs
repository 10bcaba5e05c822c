//! Plays random inputs against every part that reads something from outside.

use aslx_tests::fuzz::{Session, Target};
use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Megabytes that the process may have at most.
const MEMORY_MB: f64 = 1024.0;

/// Cases between two marks: what is left to search when the process has died.
const BETWEEN: u64 = 512;

/// Plays random inputs: no panic, no hang, bounded memory, and what is promised holds.
#[derive(Debug, Parser)]
struct Options {
    /// What is put to the test: reader, yaml, path, intrinsic, check, run, tests, protocol or all
    #[arg(long, default_value = "all")]
    target: String,
    /// Cases; of all targets together, if they are all played
    #[arg(long, default_value_t = 100_000)]
    iterations: u64,
    /// What all draws come from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stop each target after so many seconds
    #[arg(long)]
    seconds: Option<u64>,
    /// Number of the first case
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Write the number of the case being played here
    #[arg(long, hide = true)]
    marks: Option<PathBuf>,
    /// … every so many cases
    #[arg(long, hide = true, default_value_t = BETWEEN)]
    every: u64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let known = |target: &&Target| options.target == "all" || options.target == target.name();
    let targets: Vec<Target> = Target::ALL.iter().filter(known).copied().collect();
    if targets.is_empty() {
        eprintln!(
            "there is no target `{}`: choose reader, yaml, path, intrinsic, check, run, tests, protocol or all",
            options.target
        );
        return ExitCode::from(2);
    }
    match &options.marks {
        Some(marks) => targets.iter().fold(ExitCode::SUCCESS, |code, target| play(&options, *target, marks, code)),
        None => targets.iter().fold(ExitCode::SUCCESS, |code, target| supervise(&options, *target, code)),
    }
}

fn cases(options: &Options, target: Target) -> u64 {
    if options.target == "all" { (options.iterations * target.share()).div_ceil(1000) } else { options.iterations }
}

/// Plays a target in a process of its own, and looks for the case if that dies.
fn supervise(options: &Options, target: Target, code: ExitCode) -> ExitCode {
    let marks = std::env::temp_dir().join(format!("aslx-fuzz-{}", std::process::id()));
    let died = match child(options, target, options.first, cases(options, target), BETWEEN, &marks) {
        Some(0) => {
            std::fs::remove_file(&marks).unwrap_or_default();
            return code;
        }
        Some(_) => false,
        None => true,
    };
    if died {
        let from = last(&marks).unwrap_or(options.first);
        child(options, target, from, BETWEEN, 1, &marks);
        let case = last(&marks).unwrap_or(from);
        eprintln!("{} seed {} case {case} ends the process (a stack overflow?)", target.name(), options.seed);
    }
    std::fs::remove_file(&marks).unwrap_or_default();
    ExitCode::FAILURE
}

fn last(marks: &Path) -> Option<u64> {
    std::fs::read_to_string(marks).ok()?.split_whitespace().nth(1)?.parse().ok()
}

/// The exit code; `None` if a signal ended it.
fn child(options: &Options, target: Target, first: u64, iterations: u64, every: u64, marks: &Path) -> Option<i32> {
    let Ok(program) = std::env::current_exe() else { return Some(2) };
    let mut command = Command::new(program);
    command.args(["--target", target.name(), "--seed", &options.seed.to_string(), "--first", &first.to_string()]);
    command.args(["--iterations", &iterations.to_string(), "--every", &every.to_string(), "--marks"]).arg(marks);
    if let Some(seconds) = options.seconds {
        command.args(["--seconds", &seconds.to_string()]);
    }
    match command.status() {
        Ok(status) => status.code(),
        Err(why) => {
            eprintln!("the fuzzer cannot be started again: {why}");
            Some(2)
        }
    }
}

fn play(options: &Options, target: Target, marks: &Path, code: ExitCode) -> ExitCode {
    let summary = Session {
        target,
        seed: options.seed,
        first: options.first,
        iterations: options.iterations,
        seconds: options.seconds,
        marks: Some((marks.to_owned(), options.every.max(1))),
    }
    .play();
    println!("{summary}");
    for fault in &summary.faults {
        println!("  case {}: {}\n    {:?}", fault.case, shortened(&fault.what), shortened(&fault.input));
    }
    if summary.peak_mb > MEMORY_MB {
        println!("  the process took {:.0} MB, more than {MEMORY_MB}", summary.peak_mb);
    }
    if summary.faults.is_empty() && summary.peak_mb <= MEMORY_MB { code } else { ExitCode::FAILURE }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(3000) {
        Some((at, _)) => format!("{}… ({} bytes)", text.get(..at).unwrap_or_default(), text.len()),
        None => text.to_owned(),
    }
}
