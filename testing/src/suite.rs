//! Many tests at once.

use crate::{CaseReport, Test};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many tests are run.
#[derive(Debug, Clone, Copy)]
pub struct Suite {
    /// Tests at the same time; at least one.
    pub jobs: usize,
    /// Begin no further test after one that failed.
    pub fail_fast: bool,
}

impl Suite {
    /// Runs tests, each in virtual time; blocks until all are done. `told` hears of each as it ends, in any order.
    ///
    /// The reports are in the order of the tests; tests that were not begun have none. Errors: a runtime that cannot be
    /// started.
    pub fn run(self, tests: &[Test], told: &(dyn Fn(&CaseReport) + Sync)) -> std::io::Result<Vec<Option<CaseReport>>> {
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let reports: Mutex<Vec<Option<CaseReport>>> = Mutex::new(tests.iter().map(|_| None).collect());
        let work = || -> std::io::Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            while !stop.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(test) = tests.get(index) else { break };
                let report = runtime.block_on(test.report());
                if self.fail_fast && !report.outcome.passed() {
                    stop.store(true, Ordering::Relaxed);
                }
                told(&report);
                let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(slot) = reports.get_mut(index) {
                    *slot = Some(report);
                }
            }
            Ok(())
        };
        let workers = self.jobs.clamp(1, tests.len().max(1));
        if workers == 1 {
            work()?;
        } else {
            std::thread::scope(|scope| {
                let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
                let mut joined = threads.into_iter().map(|thread| thread.join());
                joined.try_for_each(|end| end.unwrap_or_else(|_| Err(std::io::Error::other("a test panicked"))))
            })?;
        }
        Ok(reports.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}
