//! What is done beside the requests: histories of executions that have ended are sealed, old executions go, and what was
//! kept only while an execution ran is tidied up.
//!
//! The first two happen a little at a time, with rests between that are longer than the work, so that nobody waits for it; and
//! when there is nothing to do, a look at an index now and then is all.

use crate::operations::Api;
use crate::registry::OF_EXECUTIONS;
use crate::watch::Ended;
use aslx_engine::Stopwatch;
use aslx_engine::interpreter::Status;
use aslx_engine::store::{Closed, Retention};
use std::sync::Weak;
use std::time::Duration;
use tokio::sync::mpsc;

/// Time between two rounds.
pub(crate) const ROUND: Duration = Duration::from_secs(60);

/// What has ended is left alone for so long: it may be redriven, and whoever started it may be starting others.
const LEFT_ALONE: i64 = 60_000;

/// Journals that are removed, and histories that are sealed, at one time.
const BITE: usize = 200;
const SEALED_AT_ONCE: usize = 50;

/// A rest is so many times as long as the work before it, and at least so long.
const RESTS: u32 = 9;
const SHORTEST_REST: Duration = Duration::from_millis(5);

const DAY: i64 = 24 * 60 * 60 * 1000;

/// What is kept, and how often somebody looks.
#[derive(Debug, Clone)]
pub(crate) struct Upkeep {
    pub(crate) keep_days: u32,
    pub(crate) keep: Option<u64>,
    pub(crate) round: Duration,
}

/// Does it as long as the server lives.
pub(crate) async fn keep_up(api: Weak<Api>, upkeep: Upkeep) {
    let mut sealed = None;
    loop {
        if expire(&api, &upkeep).await.is_none() || seal(&api, &mut sealed).await.is_none() {
            return;
        }
        tokio::time::sleep(upkeep.round).await;
    }
}

/// Removes executions that ended long ago or are too many. `None` when the server has gone.
async fn expire(api: &Weak<Api>, upkeep: &Upkeep) -> Option<()> {
    loop {
        let (worked, more) = {
            let api = api.upgrade()?;
            let watch = Stopwatch::start();
            let retention = Retention {
                ended_before: Some(api.now().plus_millis(-i64::from(upkeep.keep_days) * DAY)),
                keep: upkeep.keep,
                records: OF_EXECUTIONS.map(Into::into).into(),
            };
            // A store that fails now may be well in the next round.
            let more = api.engine.store().expire(retention, BITE).await.is_ok_and(|expired| expired.more);
            (watch.elapsed(), more)
        };
        if !more {
            return Some(());
        }
        rest(worked).await;
    }
}

/// Seals what ended since the last round.
async fn seal(api: &Weak<Api>, last: &mut Option<Closed>) -> Option<()> {
    loop {
        let (worked, looked_at) = {
            let api = api.upgrade()?;
            if !api.engine.store().is_durable() {
                return Some(());
            }
            let watch = Stopwatch::start();
            let before = api.now().plus_millis(-LEFT_ALONE);
            // A store that fails now may be well in the next round.
            let looked_at = api.engine.seal_some(before, last.clone(), SEALED_AT_ONCE).await.ok().flatten();
            (watch.elapsed(), looked_at)
        };
        if looked_at.is_none() {
            return Some(());
        }
        *last = looked_at;
        rest(worked).await;
    }
}

async fn rest(worked: Duration) {
    tokio::time::sleep((worked * RESTS).max(SHORTEST_REST)).await;
}

/// Tidies up after executions that have ended: answers of test cases go, and machines that were deleted and have no
/// execution any more.
pub(crate) async fn tidy(api: Weak<Api>, mut ended: mpsc::UnboundedReceiver<Ended>) {
    while let Some(Ended { execution, machine }) = ended.recv().await {
        let Some(api) = api.upgrade() else { return };
        // It may have been redriven meanwhile.
        let runs = api.engine.store().summary(&execution).await.is_ok_and(|found| found.status == Status::Running);
        if !runs && api.tasks.forget(&execution) && execution.contains(":express:") {
            // It cannot be redriven. What stays behind when the store fails does no harm.
            let _ = api.registry.drop_mocked(&execution).await;
        }
        let deleting = api.registry.machine(&machine).await.is_some_and(|machine| machine.deleting);
        if deleting {
            // What could not be removed now is when the next one ends, or the machine is deleted again.
            let _ = api.finish_deletion(&machine).await;
        }
    }
}
