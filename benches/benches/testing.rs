//! Tests of the image pipeline: time per case, against the time that its executions take by the model's clock; and the
//! command as a whole.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

use aslx_asl::{CompileOptions, Program};
use aslx_benches::{Report, built, seconds_per_call};
use aslx_testing::file::TestFile;
use aslx_testing::{Suite, Test, Tested};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn main() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut report = Report::open();
    library(&mut report, &root.join("definitions/image-pipeline"));
    command(&mut report, &root);
}

fn library(report: &mut Report, folder: &Path) {
    let path = folder.join("image-pipeline.test.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let read = || TestFile::read(&path, &text, &|path| std::fs::read_to_string(path)).unwrap();
    report.figure("a test file of 25 cases, read", seconds_per_call(|| drop(read())) * 1e6, "µs", 5_000.0);
    let cases = read().cases;
    let tested = tested(folder);
    let tests: Vec<Test> =
        cases.iter().map(|case| case.test(tested.clone())).filter(|test| !test.calls_real()).collect();
    let mut modelled = Duration::ZERO;
    let alone = Suite { jobs: 1, fail_fast: false };
    let seconds = seconds_per_call(|| {
        let reports = alone.run(&tests, &|_| ()).unwrap();
        assert!(reports.iter().flatten().all(|case| case.outcome.passed()));
        modelled = reports.iter().flatten().map(|case| case.modelled).sum();
    });
    let each = seconds / tests.len() as f64;
    report.figure("one case of the pipeline, one core", each * 1e6, "µs", 1_000.0);
    println!("{:.0} cases a second on one core", 1.0 / each);
    println!(
        "{} cases in {:.1} ms; modelled {:.0} s: {:.0} times as fast as waiting",
        tests.len(),
        seconds * 1e3,
        modelled.as_secs_f64(),
        modelled.as_secs_f64() / seconds
    );
}

fn tested(folder: &Path) -> Arc<Tested> {
    let text = std::fs::read_to_string(folder.join("image-pipeline.asl.json")).unwrap();
    let project = std::fs::read_to_string(folder.join("aslx.toml")).unwrap();
    let settings = project.lines().filter_map(|line| line.split_once(" = "));
    let substitutions = settings.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect();
    let program = Program::compile(&text, &CompileOptions { substitutions, ..CompileOptions::default() }).unwrap();
    Arc::new(Tested { path: PathBuf::new(), name: "image-pipeline".to_owned(), program: Arc::new(program) })
}

/// `aslx test definitions/image-pipeline --fail-under 100`, a real photo included.
fn command(report: &mut Report, root: &Path) {
    let aslx = built(root);
    let mut times: Vec<f64> = (0..15)
        .map(|_| {
            let begun = Instant::now();
            let arguments = ["test", "definitions/image-pipeline", "--fail-under", "100"];
            let output = Command::new(&aslx).args(arguments).current_dir(root).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
            begun.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    report.figure("aslx test of the image pipeline", times.get(7).unwrap() * 1e3, "ms", 200.0);
}
