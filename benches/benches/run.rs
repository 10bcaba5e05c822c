//! The command as a whole: from its start to the first state, and photos a minute.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

use aslx_benches::{Report, built};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Photos of one run: enough that start and end do not count.
const PHOTOS: usize = 60;

fn main() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let aslx = built(&root);
    let folder = std::env::temp_dir().join(format!("aslx-bench-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("photos")).unwrap();
    let mut report = Report::open();
    start(&mut report, &aslx, &folder);
    photos(&mut report, &aslx, &root, &folder);
    std::fs::remove_dir_all(&folder).unwrap();
}

fn run(aslx: &Path, folder: &Path, arguments: &[&str]) -> (f64, String) {
    let begun = Instant::now();
    let output = Command::new(aslx).args(arguments).current_dir(folder).output().unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (seconds, String::from_utf8(output.stdout).unwrap())
}

/// A definition of one Pass state, from the start of the process to its end: more than to its first state.
fn start(report: &mut Report, aslx: &Path, folder: &Path) {
    let definition = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#;
    std::fs::write(folder.join("a.asl.json"), definition).unwrap();
    let mut times: Vec<f64> = (0..30)
        .map(|_| {
            let (seconds, told) = run(aslx, folder, &["run", "a.asl.json", "--format", "json"]);
            assert_eq!(told.trim(), r#"{"status":"SUCCEEDED","output":{}}"#);
            seconds
        })
        .collect();
    times.sort_by(f64::total_cmp);
    report.figure("aslx run of one Pass state", times.get(15).unwrap() * 1e3, "ms", 10.0);
}

fn photos(report: &mut Report, aslx: &Path, root: &Path, folder: &Path) {
    let definition = root.join("definitions/image-pipeline");
    let photo = std::fs::read(definition.join("photos/beach.jpg")).unwrap();
    for number in 0..PHOTOS {
        std::fs::write(folder.join(format!("photos/{number}.jpg")), &photo).unwrap();
    }
    let definition = definition.display().to_string();
    let (seconds, told) = run(aslx, folder, &["run", &definition, "--image", "photos", "--format", "json"]);
    let succeeded = told.lines().filter(|line| line.contains(r#""status":"SUCCEEDED""#)).count();
    assert_eq!(succeeded, PHOTOS);
    let per_minute = PHOTOS as f64 / seconds * 60.0;
    println!("{per_minute:.0} photos a minute through the whole command; the goal is 1,200, the promise 1,000");
    report.figure("one photo of 12 megapixels, whole command", seconds * 1e3 / PHOTOS as f64, "ms", 50.0);
}
