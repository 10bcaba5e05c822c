//! Status events for a webhook: kept in the store by the commit that changes the status, posted in order, and gone when
//! they were taken. So each is delivered at least once, also when the server is killed in between; one that comes
//! again has the same `id`.

use super::{StatusEvent, Watch};
use crate::post::{BackOff, Endpoint, Leave, Poster, Refused};
use aslx_engine::runtime::Description;
use aslx_engine::store::{Commit, RecordChange, Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::{Notify, watch};

const KIND: &str = "server.event";

/// Events that may wait; what comes while so many do is dropped and counted.
const LIMIT: u64 = 100_000;

/// Events that are read, and removed, together.
const BATCH: usize = 100;

/// Time until a store that failed is asked again.
const RETRY: Duration = Duration::from_secs(5);

/// How long what is left may take when the server stops. What is not taken by then is posted after the next start.
const FAREWELL: Duration = Duration::from_secs(2);

/// Events that wait to be posted.
pub(crate) struct Outbox {
    endpoint: Endpoint,
    /// The number of the next event. Numbers go up, also over restarts as long as something waits: they are the order.
    next: AtomicU64,
    waiting: AtomicU64,
    more: Notify,
}

impl Outbox {
    /// The outbox of a store, with what was not posted before.
    pub(crate) async fn open(store: &dyn Store, endpoint: Endpoint) -> Result<Outbox, StoreError> {
        let (mut last, mut waiting): (Option<Arc<str>>, u64) = (None, 0);
        loop {
            let batch = store.records(KIND, "", last.as_deref(), 1_000).await?;
            let Some((key, _)) = batch.last() else { break };
            waiting += batch.len() as u64;
            last = Some(key.clone());
        }
        let next = last.and_then(|key| u64::from_str_radix(&key, 16).ok()).map_or(0, |last| last + 1);
        Ok(Outbox { endpoint, next: next.into(), waiting: waiting.into(), more: Notify::new() })
    }

    /// The record that tells of a change; none if too many wait.
    pub(super) fn record(&self, execution: &Description, payloads: bool) -> Option<RecordChange> {
        if self.waiting.load(Relaxed) >= LIMIT {
            return None;
        }
        self.waiting.fetch_add(1, Relaxed);
        let key = format!("{:016x}", self.next.fetch_add(1, Relaxed));
        Some(RecordChange::put(KIND, &key, StatusEvent::of(execution, payloads).to_string().as_bytes()))
    }

    /// Something was put into it.
    pub(super) fn wake(&self) {
        self.more.notify_one();
    }

    /// How many events wait.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting.load(Relaxed)
    }
}

/// Posts what is in the outbox until the server stops.
pub(crate) async fn deliver(
    store: Arc<dyn Store>,
    outbox: Arc<Outbox>,
    watched: Arc<Watch>,
    stop: watch::Receiver<bool>,
) {
    let (poster, leave) = (Poster::new(outbox.endpoint.clone()), Leave::new(stop, FAREWELL));
    let mut courier = Courier { poster, store, outbox, watched, leave, posted: Vec::new(), works: true };
    loop {
        let goes_on = courier.round().await;
        if !goes_on || courier.leave.is_asked() {
            return;
        }
        let outbox = courier.outbox.clone();
        tokio::select! {
            () = courier.leave.asked() => {}
            () = outbox.more.notified() => {}
        }
    }
}

struct Courier {
    poster: Poster,
    store: Arc<dyn Store>,
    outbox: Arc<Outbox>,
    watched: Arc<Watch>,
    leave: Leave,
    /// What was posted and is to be removed.
    posted: Vec<RecordChange>,
    /// The last thing that was posted was taken.
    works: bool,
}

impl Courier {
    /// Posts until nothing waits; `false` if the server stops before.
    async fn round(&mut self) -> bool {
        loop {
            let batch = match self.store.records(KIND, "", None, BATCH).await {
                Ok(batch) => batch,
                Err(error) => {
                    self.watched.trouble(|| format!("status events cannot be read: {error}"));
                    if self.leave.pause(RETRY).await && !self.leave.is_asked() {
                        continue;
                    }
                    return false;
                }
            };
            if batch.is_empty() {
                return true;
            }
            for (key, event) in batch {
                if !self.post(event).await {
                    self.tidy().await;
                    return false;
                }
                self.posted.push(RecordChange::delete(KIND, &key));
                let _ = self.outbox.waiting.fetch_update(Relaxed, Relaxed, |waiting| waiting.checked_sub(1));
            }
            while !self.tidy().await {
                if !self.leave.pause(RETRY).await || self.leave.is_asked() {
                    return false;
                }
            }
        }
    }

    /// Removes what was posted; whether that could be done.
    async fn tidy(&mut self) -> bool {
        if let Err(error) = self.store.commit(Commit::records(self.posted.clone())).await {
            self.watched.trouble(|| format!("status events that were posted cannot be removed: {error}"));
            return false;
        }
        self.posted.clear();
        true
    }

    /// Posts an event, again and again until it is taken or refused for ever; `false` if the server stops before.
    async fn post(&mut self, event: Arc<[u8]>) -> bool {
        let body = bytes::Bytes::copy_from_slice(&event);
        let mut back_off = BackOff::new();
        loop {
            match self.leave.wait(self.poster.post(body.clone())).await {
                Some(Ok(())) => {
                    self.works = true;
                    self.watched.figures.event_posted();
                    return true;
                }
                Some(Err(Refused::ForEver(why))) => {
                    self.say(&why);
                    self.watched.figures.event_refused();
                    return true;
                }
                Some(Err(Refused::ForNow { why, after })) => {
                    self.say(&why);
                    if !self.leave.pause(back_off.wait(after)).await {
                        return false;
                    }
                }
                None => return false,
            }
        }
    }

    /// Says once what is wrong, until it works again.
    fn say(&mut self, why: &str) {
        if std::mem::take(&mut self.works) {
            let endpoint = self.poster.endpoint();
            self.watched.trouble(|| format!("status events cannot be posted to {endpoint}: {why}"));
        }
    }
}
