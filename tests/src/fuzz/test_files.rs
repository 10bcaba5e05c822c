//! Test files: random ones are read, and what is read is run.

use super::mutate;
use super::rng::Rng;
use super::targets::{hold, shown};
use crate::fuzz::corpus::Corpus;
use aslx_asl::{CompileOptions, Program};
use aslx_testing::file::TestFile;
use aslx_testing::{Check, Outcome, Tested};
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// What mutations start from: every name of the format, in both notations.
const SAMPLES: [&str; 4] = [
    include_str!("../../../definitions/image-pipeline/image-pipeline.test.yaml"),
    r#"{"version":1,"include":["shared.yaml"],"answers":{"x":{"throw":{"error":"E","cause":null,"at":"submit"}},"y":"x"},"mocks":{"Charge":"x"},"cases":[{"name":"<a> b","input":{"items":"<l>"},"mocks":{"Charge":[{"use":"x","times":2,"takes":"1.5 min"},{"return":"<a>","attempts":"2-","when":{"items":[]}},{"timeOut":true,"optional":true},{"missHeartbeat":true,"iteration":0}],"PackOne":{"return":1,"submitted":{}}},"expect":{"status":"FAILED","path":["Charge",{"Pack":[["PackOne"],[]]}],"duration":{"atLeast":1,"atMost":"2 h"},"assert":[{"path":"$.a[0]","includes":{}},"$states.result.x > 1"]},"rows":[{"a":1,"l":[1,2]},{"a":"z","l":[]}]}]}"#,
    "version: 1\nmocks: {Charge: {return: {a: 1}, takes: 3 s}, PackOne: [{throw: Odd}]}\ncases:\n  - name: one\n    input: {items: [{n: 1}, 2]}\n    start: 2025-01-31T08:00:00Z\n    type: EXPRESS\n    expect:\n      output: {items: []}\n      outputIncludes: {paid: {a: 1}}\n      causeIncludes: x\n      error: Odd\n      attempts: {Charge: 1}\n      calls: {PackOne: [{n: 1}]}\n      exactCalls: {Charge: [{}]}\n",
    "version: 1\ncases:\n- {name: a, inputFile: in.json, objects: {b/k: f}, substitutions: {A: b}, definition: d, expect: {outputFile: in.json, assert: '$attempts.Charge = 1', duration: 500 ms, cause: c}}\n",
];

/// Names and words that mean something.
const WORDS: [&str; 26] = [
    "cases",
    "rows",
    "mocks",
    "expect",
    "return",
    "throw",
    "use",
    "times",
    "always",
    "attempts",
    "iteration",
    "when",
    "takes",
    "path",
    "assert",
    "exists",
    "equals",
    "<a>",
    "<l>",
    "2-1",
    "-1",
    "99999999999999999999",
    "\u{1f600}",
    "$..*",
    "{% $x %}",
    "shared.yaml",
];

/// A sample with changes; now and then a word that means something stands where another one stood.
pub(super) fn input(corpus: &Corpus, rng: &mut Rng) -> String {
    let (sample, other) = (rng.word(&SAMPLES), rng.word(&corpus.yaml));
    let mut text = sample.to_owned();
    for _ in 0..rng.below(3) {
        let words: Vec<(usize, &str)> = words(&text);
        let Some((at, word)) = rng.pick(&words).copied() else { break };
        let new = rng.word(&WORDS).to_owned();
        text.replace_range(at..at + word.len(), &new);
    }
    if rng.one_in(2) { mutate::text(rng, &text, other) } else { text }
}

fn words(text: &str) -> Vec<(usize, &str)> {
    let letters = |word: &&str| word.len() > 1;
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(letters);
    parts.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word)).collect()
}

fn files(path: &Path) -> std::io::Result<String> {
    match path.to_string_lossy().as_ref() {
        "shared.yaml" => Ok("version: 1\nanswers: {z: {return: 1}}\nmocks: {PackOne: z}".to_owned()),
        "fixtures.yaml" => Ok(include_str!("../../../definitions/image-pipeline/fixtures.yaml").to_owned()),
        "in.json" | "inputs/beach.json" => Ok("{\"items\": [1]}".to_owned()),
        _ => Err(Error::new(ErrorKind::NotFound, "not there")),
    }
}

fn tested() -> Arc<Tested> {
    static TESTED: OnceLock<Arc<Tested>> = OnceLock::new();
    let make = || {
        let text = include_str!("../../data/order.asl.json");
        let program = Program::compile(text, &CompileOptions::default());
        Arc::new(Tested {
            path: "order.asl.json".into(),
            name: "order".to_owned(),
            program: Arc::new(program.unwrap_or_else(|wrong| unreachable!("{wrong:?}"))),
        })
    };
    TESTED.get_or_init(make).clone()
}

/// Reads it; runs the first cases. The same file gives the same outcome again.
pub(super) fn played(text: &str) -> Result<bool, String> {
    let file = match TestFile::read(Path::new("a.test.yaml"), text, &files) {
        Ok(file) => file,
        Err(error) => {
            hold!(!error.diagnostics.is_empty(), "refused without a reason");
            error.diagnostics.iter().try_for_each(|diagnostic| shown(diagnostic, &error.text))?;
            return Ok(false);
        }
    };
    let lines = text.lines().count();
    for case in file.cases.iter().take(3) {
        hold!((1..=lines.max(1)).contains(&case.place.line), "line {} of {lines}", case.place.line);
        // Snapshots are files.
        if case.expectations.iter().any(|expectation| matches!(expectation.check, Check::History(_))) {
            continue;
        }
        let outcome = |test: &aslx_testing::Test| match test.run() {
            Ok(_) => Outcome::Passed,
            Err(failed) => Outcome::Failed(failed.failures),
        };
        let test = case.test(tested());
        let first = outcome(&test);
        hold!(first == outcome(&test), "the second run of `{}` gives something else", case.name);
        for failure in first.failures() {
            hold!(!failure.title.is_empty() && !failure.title.contains('\n'), "the title `{}`", failure.title);
        }
    }
    Ok(true)
}
