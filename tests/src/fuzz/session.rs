//! Many cases of one target: nothing may panic, hang, or eat memory.

use super::Target;
use super::corpus::Corpus;
use super::rng::Rng;
use super::targets::{Stage, input, play};
use std::any::Any;
use std::collections::HashSet;
use std::fmt;
use std::io::{IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Seconds of the processor that one case may take.
const SLOW: f64 = 2.0;

/// Seconds that one case may take on a busy machine.
const STUCK: f64 = 30.0;

/// Stack of the thread that plays: as much as a worker of tokio has.
const STACK: usize = 2 << 20;

/// Faults after which a target is given up.
const MANY: usize = 40;

/// One run over one target.
#[derive(Debug, Clone)]
pub struct Session {
    /// What is put to the test.
    pub target: Target,
    /// What all draws come from.
    pub seed: u64,
    /// Number of the first case.
    pub first: u64,
    /// How many cases.
    pub iterations: u64,
    /// Stop after so many seconds.
    pub seconds: Option<u64>,
    /// Where the number of the case being played is written, every so many cases, for whoever outlives this process.
    pub marks: Option<(PathBuf, u64)>,
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Number of the case.
    pub case: u64,
    /// Its input.
    pub input: String,
    /// What went wrong.
    pub what: String,
}

/// What became of a session.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The target.
    pub target: Target,
    /// The seed.
    pub seed: u64,
    /// Cases played.
    pub iterations: u64,
    /// Cases whose input was accepted.
    pub accepted: u64,
    /// How long it took.
    pub seconds: f64,
    /// Most memory that the process has had so far, in MB.
    pub peak_mb: f64,
    /// One for each kind of fault.
    pub faults: Vec<Fault>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = self.accepted as f64 * 100.0 / self.iterations.max(1) as f64;
        write!(
            f,
            "{:<9} seed {:<6} {:>9} iterations {:>7.1} s  peak {:>4.0} MB  accepted {share:>5.1} %  {} faults",
            self.target.name(),
            self.seed,
            self.iterations,
            self.seconds,
            self.peak_mb,
            self.faults.len()
        )
    }
}

impl Session {
    /// Ten thousand cases of this target.
    pub fn new(target: Target) -> Session {
        Session { target, seed: 1, first: 0, iterations: 10_000, seconds: None, marks: None }
    }

    /// Plays the cases. A case that does not end stops the process, with its number and input on stderr.
    pub fn play(&self) -> Summary {
        let corpus = Corpus::read();
        let now = AtomicU64::new(self.first);
        let done = AtomicBool::new(false);
        let lost = || Summary {
            faults: vec![Fault { case: 0, input: String::new(), what: "no thread".into() }],
            ..self.empty()
        };
        thread::scope(|scope| {
            let worker = thread::Builder::new().name("fuzz".into()).stack_size(STACK);
            let worker = worker.spawn_scoped(scope, || {
                let summary = self.work(&corpus, &now);
                done.store(true, Ordering::Release);
                summary
            });
            let Ok(worker) = worker else { return lost() };
            self.watch(&corpus, &now, &done, || worker.is_finished());
            worker.join().unwrap_or_else(|_| lost())
        })
    }

    fn empty(&self) -> Summary {
        Summary {
            target: self.target,
            seed: self.seed,
            iterations: 0,
            accepted: 0,
            seconds: 0.0,
            peak_mb: 0.0,
            faults: Vec::new(),
        }
    }

    fn rng(&self, case: u64) -> Rng {
        Rng::of(self.seed, self.target as u64, case)
    }

    #[expect(clippy::disallowed_methods, reason = "the fuzzer measures itself")]
    fn work(&self, corpus: &Corpus, now: &AtomicU64) -> Summary {
        let begun = Instant::now();
        let stage = Stage::new();
        let mut summary = self.empty();
        let mut kinds = HashSet::new();
        for case in self.first..self.first.saturating_add(self.iterations) {
            now.store(case, Ordering::Relaxed);
            if let Some((file, every)) = &self.marks
                && (case - self.first).is_multiple_of(*every)
            {
                // Whoever reads it only learns less if it could not be written.
                std::fs::write(file, format!("{} {case}", self.target.name())).unwrap_or_default();
            }
            if case.is_multiple_of(256) && self.seconds.is_some_and(|most| begun.elapsed().as_secs() >= most) {
                break;
            }
            summary.iterations += 1;
            let mut rng = self.rng(case);
            let text = input(self.target, corpus, &mut rng);
            let what = match catch_unwind(AssertUnwindSafe(|| play(self.target, &text, &mut rng, &stage))) {
                Ok(Ok(accepted)) => {
                    summary.accepted += u64::from(accepted);
                    continue;
                }
                Ok(Err(broken)) => broken,
                Err(panic) => format!("panic: {}", words(&*panic)),
            };
            // Of faults that begin alike one is enough.
            if kinds.insert(what.chars().filter(|c| !c.is_ascii_digit()).take(30).collect::<String>()) {
                summary.faults.push(Fault { case, input: text, what });
            }
            if summary.faults.len() >= MANY {
                break;
            }
        }
        summary.seconds = begun.elapsed().as_secs_f64();
        summary.peak_mb = peak_mb();
        summary
    }

    /// Until the work is done: looks for a case that takes too long, and shows how far it is.
    #[expect(clippy::disallowed_methods, reason = "the fuzzer measures itself")]
    fn watch(&self, corpus: &Corpus, now: &AtomicU64, done: &AtomicBool, gone: impl Fn() -> bool) {
        let terminal = std::io::stderr().is_terminal();
        let (mut case, mut since, mut spent) = (u64::MAX, Instant::now(), processor_seconds());
        let mut shown = Instant::now();
        while !done.load(Ordering::Acquire) && !gone() {
            thread::sleep(Duration::from_millis(20));
            let current = now.load(Ordering::Relaxed);
            if current != case {
                (case, since, spent) = (current, Instant::now(), processor_seconds());
            } else if since.elapsed().as_secs_f64() > SLOW
                && (processor_seconds() - spent > SLOW || since.elapsed().as_secs_f64() > STUCK)
                && !done.load(Ordering::Acquire)
            {
                let text = input(self.target, corpus, &mut self.rng(case));
                eprintln!("\n{} seed {} case {case} takes too long:\n{text}", self.target.name(), self.seed);
                std::process::exit(3);
            }
            if terminal && shown.elapsed() > Duration::from_millis(500) {
                shown = Instant::now();
                eprint!("\r{:<9} {:>9} of {}", self.target.name(), case - self.first, self.iterations);
                std::io::stderr().flush().unwrap_or_default();
            }
        }
        if terminal {
            eprint!("\r{:60}\r", "");
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without words".to_owned())
}

/// The process's processor time; 0 where `/proc` does not tell.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let main = text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let all: f64 = tasks
        .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|text| text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()))
        .sum();
    all.max(main) / 1e9
}

/// Most memory that this process has had, in MB; 0 where `/proc` does not tell.
pub fn peak_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
