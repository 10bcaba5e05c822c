//! A small harness: runs a workload until it has been measured long enough, prints the best of several rounds, and
//! compares it with the figure recorded last (`recorded.json`). It never fails because a machine is slow: only a wrong
//! result is an error.

use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Figures of one bench program.
pub struct Report {
    path: PathBuf,
    recorded: Map<String, Value>,
    record: bool,
}

impl Report {
    /// Reads the recorded figures. With `ASLX_RECORD=1` new ones are written when the report is dropped.
    #[expect(clippy::disallowed_methods, reason = "a bench is started with settings in its environment")]
    pub fn open() -> Report {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("recorded.json");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let recorded = serde_json::from_str(&text).unwrap_or_default();
        Report { path, recorded, record: std::env::var_os("ASLX_RECORD").is_some() }
    }

    /// Prints a figure beside the recorded one. `goal` and `alarm` are in the same unit; smaller is better.
    pub fn figure(&mut self, name: &str, value: f64, unit: &str, goal: f64) {
        let before = self.recorded.get(name).and_then(Value::as_f64);
        let change = before.map_or_else(|| "new".to_owned(), |b| format!("{:+.0} %", (value / b - 1.0) * 100.0));
        let verdict = if value <= goal { "" } else { "  above the goal" };
        println!("{name:<44} {value:>12.3} {unit:<16} goal {goal:<8} {change:>8}{verdict}");
        if self.record {
            self.recorded.insert(name.to_owned(), json!((value * 1000.0).round() / 1000.0));
        }
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if self.record
            && let Ok(text) = serde_json::to_string_pretty(&self.recorded)
            && let Err(error) = std::fs::write(&self.path, text + "\n")
        {
            eprintln!("the figures could not be recorded: {error}");
        }
    }
}

/// Seconds that one call takes: the best of seven rounds of at least 100 ms each.
#[expect(clippy::disallowed_methods, reason = "a bench measures")]
pub fn seconds_per_call(mut call: impl FnMut()) -> f64 {
    call();
    let mut best = f64::MAX;
    for _ in 0..7 {
        let begun = Instant::now();
        let mut calls = 0u32;
        while begun.elapsed() < Duration::from_millis(100) {
            call();
            calls += 1;
        }
        best = best.min(begun.elapsed().as_secs_f64() / f64::from(calls));
    }
    best
}

/// Builds the command as it is shipped, where cargo puts it.
#[expect(clippy::unwrap_used, reason = "a bench that has no command to measure measures nothing")]
pub fn built(root: &Path) -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "-p", "aslx", "--message-format=json"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let messages = String::from_utf8(built.stdout).unwrap();
    let paths = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(message.get("executable")?.as_str()?.to_owned())
    });
    paths.collect::<Vec<_>>().pop().unwrap().into()
}
