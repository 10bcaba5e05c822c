//! Activities: which there are, and the tasks that wait for a worker.

use aslx_asl::Value;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// A task that a worker has taken.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityTask {
    /// The token by which it is answered.
    pub token: Arc<str>,
    /// Its input.
    pub input: Value,
}

/// The activities of an engine. Tasks wait here for workers, first come, first served; after a restart those that
/// have not ended are offered again, with the same token.
#[derive(Debug, Default)]
pub struct Activities {
    queues: Mutex<HashMap<Arc<str>, Arc<Queue>>>,
}

#[derive(Debug, Default)]
struct Queue {
    /// Somebody made it, not only a task.
    registered: std::sync::atomic::AtomicBool,
    offers: Mutex<Offers>,
    arrived: Notify,
    deleted: Notify,
}

/// Tasks in their order, each once.
#[derive(Debug, Default)]
struct Offers {
    line: VecDeque<Offer>,
    known: HashSet<Offer>,
}

/// A task that waits for a worker.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Offer {
    pub(super) execution: Arc<str>,
    pub(super) token: Arc<str>,
}

impl Activities {
    /// Makes an activity known; one that is known already stays as it is.
    pub fn create(&self, activity: &str) {
        self.queue(activity).registered.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// Removes it. Whoever waits for its tasks learns at once that it is gone.
    pub fn delete(&self, activity: &str) {
        if let Some(queue) = self.queues().remove(activity) {
            queue.registered.store(false, std::sync::atomic::Ordering::Relaxed);
            queue.deleted.notify_waiters();
        }
    }

    /// Whether it was created.
    pub fn exists(&self, activity: &str) -> bool {
        let queue = self.queues().get(activity).cloned();
        queue.is_some_and(|queue| queue.registered.load(std::sync::atomic::Ordering::Relaxed))
    }

    pub(super) fn offer(&self, activity: &str, execution: Arc<str>, token: Arc<str>) {
        let queue = self.queue(activity);
        let offer = Offer { execution, token };
        let mut offers = lock(&queue.offers);
        // An execution that was taken up again offers what waits already.
        if !offers.known.insert(offer.clone()) {
            return;
        }
        offers.line.push_back(offer);
        drop(offers);
        queue.arrived.notify_one();
    }

    /// The next task that waits; `None` once the activity is gone.
    pub(super) async fn take(&self, activity: &str) -> Option<Offer> {
        let queue = self.queues().get(activity).cloned()?;
        loop {
            let deleted = queue.deleted.notified();
            if !self.exists(activity) {
                return None;
            }
            if let Some(offer) = self.pop(&queue) {
                return Some(offer);
            }
            tokio::select! {
                () = queue.arrived.notified() => {}
                () = deleted => {}
            }
        }
    }

    fn pop(&self, queue: &Queue) -> Option<Offer> {
        let mut offers = lock(&queue.offers);
        let offer = offers.line.pop_front();
        if let Some(offer) = &offer {
            offers.known.remove(offer);
        }
        if !offers.line.is_empty() {
            // Another one may be waiting for what is left.
            queue.arrived.notify_one();
        }
        offer
    }

    fn queue(&self, activity: &str) -> Arc<Queue> {
        let mut queues = self.queues();
        match queues.get(activity) {
            Some(queue) => queue.clone(),
            None => queues.entry(activity.into()).or_default().clone(),
        }
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Queue>>> {
        lock(&self.queues)
    }
}

/// Every change is one insertion or removal: a panic elsewhere leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn a_task_that_is_offered_again_waits_once() {
        let activities = Activities::default();
        activities.create("act");
        for token in ["1", "2", "1"] {
            activities.offer("act", "execution".into(), token.into());
        }
        let token = || activities.take("act").now_or_never().flatten().map(|offer| offer.token.to_string());
        assert_eq!([token(), token(), token()], [Some("1".into()), Some("2".into()), None]);
        activities.offer("act", "execution".into(), "1".into());
        assert_eq!(token(), Some("1".into()));
    }
}
