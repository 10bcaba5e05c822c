//! The states as they are visited, redrawn on a terminal while the execution runs.

use super::execute::{Done, Runner};
use super::{ClockChoice, Format, RunArguments};
use crate::error::CommandError;
use crate::terminal::{Style, stderr_is_terminal};
use aslx_engine::history::HistoryEvent;
use aslx_engine::history::view::RunTree;
use aslx_engine::runtime::Observer;
use aslx_engine::{Clock, Data, SystemClock};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often the view is redrawn.
const TICK: Duration = Duration::from_millis(80);

/// Runs one execution, showing it where somebody looks.
pub(super) async fn run(runner: &Runner, input: Data, arguments: &RunArguments) -> Result<Done, CommandError> {
    if arguments.format == Format::Json || !stderr_is_terminal() {
        return runner.execute(input, None).await;
    }
    let tree = Arc::new(Mutex::new(match arguments.clock {
        ClockChoice::Real => RunTree::new(),
        ClockChoice::Virtual => RunTree::in_virtual_time(),
    }));
    let seen = tree.clone();
    let observer: Observer =
        Arc::new(move |event: &HistoryEvent| seen.lock().unwrap_or_else(PoisonError::into_inner).apply(event));
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
    let colour = Style::of_stderr().colour();
    let execution = runner.execute(input, Some(observer));
    tokio::pin!(execution);
    let mut ticks = tokio::time::interval(TICK);
    let done = loop {
        tokio::select! {
            done = &mut execution => break done,
            _ = ticks.tick() => {
                let tree = tree.lock().unwrap_or_else(PoisonError::into_inner);
                bar.set_message(tree.render(100, colour, SystemClock.now()));
            }
        }
    };
    bar.finish_and_clear();
    done
}
