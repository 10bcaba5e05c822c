//! Compares our JSONata with the reference implementation on random expressions and data.

use aslx_tests::differential::compare::{Verdict, compare};
use aslx_tests::differential::reference::{Reference, ReferenceError, VERSION};
use aslx_tests::differential::{Case, Outcome, corpus, generate, minimise, ours};
use clap::Parser;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Cases that one process of node evaluates.
const BATCH: u64 = 1_000;

/// Random JSONata expressions and data, evaluated here and by the reference implementation in node.
#[derive(Debug, Parser)]
#[command(after_help = "\
Exit codes:
  0  no difference without a reason
  1  differences
  2  node, npm or a file cannot be used")]
struct Options {
    /// What all cases come from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of the first case
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Cases
    #[arg(long, default_value_t = 10_000)]
    cases: u64,
    /// Stop after so many seconds
    #[arg(long)]
    seconds: Option<u64>,
    /// Make so many differences small; the others are only counted
    #[arg(long, default_value_t = 20, value_name = "COUNT")]
    minimise: usize,
    /// Write the differences to this file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write answers of the reference to this file, one for each shape of outcome and beginning of an expression
    #[arg(long, value_name = "FILE")]
    corpus: Option<PathBuf>,
    /// The program `node`
    #[arg(long, default_value = "node")]
    node: String,
    /// The program `npm`
    #[arg(long, default_value = "npm")]
    npm: String,
}

#[derive(Default)]
struct Tally {
    played: u64,
    values: u64,
    codes: u64,
    nothing: u64,
    bounded: u64,
    explained: BTreeMap<&'static str, u64>,
    different: Vec<Case>,
    corpus: BTreeMap<String, String>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "it stops after a time")]
fn run(options: &Options) -> Result<bool, ReferenceError> {
    let begun = Instant::now();
    let reference = Reference::install(&options.node, &options.npm)?;
    println!("jsonata {VERSION}, seed {}, from case {}", options.seed, options.first);
    let mut tally = Tally::default();
    let end = options.first + options.cases;
    let mut at = options.first;
    while at < end && options.seconds.is_none_or(|seconds| begun.elapsed().as_secs() < seconds) {
        let next = end.min(at + BATCH);
        let cases: Vec<Case> = (at..next).map(|number| generate::case(options.seed, number)).collect();
        let theirs = reference.evaluate(&cases)?;
        cases.iter().zip(&theirs).for_each(|(case, theirs)| tally.add(case, theirs));
        at = next;
    }
    let mut found = Vec::new();
    for case in tally.different.iter().take(options.minimise) {
        found.push(minimise::minimise(case.clone(), |cases: &[Case]| {
            let theirs = reference.evaluate(cases)?;
            let verdicts = cases.iter().zip(&theirs).map(|(case, theirs)| compare(case, &ours(case), theirs));
            Ok(verdicts.map(|verdict| verdict == Verdict::Different).collect())
        })?);
    }
    found.sort_by_key(|case| case.source.len());
    found.dedup();
    let theirs = reference.evaluate(&found)?;
    let mut report = String::new();
    for (case, theirs) in found.iter().zip(&theirs) {
        // Writing to a text cannot fail.
        let _ =
            writeln!(report, "{}\n  data   {}\n  ours   {:?}\n  theirs {theirs:?}", case.source, case.data, ours(case));
    }
    print!("{report}{}", tally.summary(begun.elapsed().as_secs()));
    let write = |path: &PathBuf, text: &str| {
        std::fs::write(path, text).map_err(|why| ReferenceError::File { path: path.clone(), why })
    };
    if let Some(path) = &options.report {
        write(path, &report)?;
    }
    if let Some(path) = &options.corpus {
        let lines: Vec<&str> = tally.corpus.values().map(String::as_str).collect();
        write(path, &(lines.join("\n") + "\n"))?;
    }
    Ok(tally.different.is_empty())
}

impl Tally {
    fn add(&mut self, case: &Case, theirs: &Outcome) {
        self.played += 1;
        match compare(case, &ours(case), theirs) {
            Verdict::Same => {
                match theirs {
                    Outcome::Value(_) => self.values += 1,
                    Outcome::Nothing => self.nothing += 1,
                    Outcome::Code(_) => self.codes += 1,
                }
                let head: String = case.source.chars().filter(|c| !c.is_ascii_digit()).take(6).collect();
                let shape = match theirs {
                    Outcome::Value(value) => value.to_string().chars().take(1).collect(),
                    Outcome::Nothing => "nothing".to_owned(),
                    Outcome::Code(code) => code.clone(),
                };
                if case.source.len() < 120 && !matches!(theirs, Outcome::Code(code) if code.starts_with('S')) {
                    let key = format!("{shape} {head}");
                    self.corpus.entry(key).or_insert_with(|| corpus::line(case, theirs));
                }
            }
            Verdict::Bounded => self.bounded += 1,
            Verdict::Explained(reason) => *self.explained.entry(reason).or_default() += 1,
            Verdict::Different => self.different.push(case.clone()),
        }
    }

    fn summary(&self, seconds: u64) -> String {
        let mut text = format!(
            "{} cases in {seconds} s: {} same values, {} nothing, {} same codes, {} bounded\n",
            self.played, self.values, self.nothing, self.codes, self.bounded
        );
        for (reason, count) in &self.explained {
            let _ = writeln!(text, "{count} explained: {reason}");
        }
        let _ = writeln!(text, "{} differ", self.different.len());
        text
    }
}
