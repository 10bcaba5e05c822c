//! Who runs here: the owners, and the executions that were put away until something reaches them.

use super::error::EngineError;
use super::mail::Mail;
use super::owner::Owner;
use crate::runtime::Finished;
use crate::runtime::family::TimerKey;
use aslx_asl::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc, watch};

/// How an execution ended here: told to whoever waits for it.
pub(super) type End = Option<Result<Arc<Finished>, EngineError>>;

/// An execution that has an owner.
#[derive(Debug)]
struct Place {
    mail: mpsc::UnboundedSender<Mail>,
    end: Arc<watch::Sender<End>>,
}

/// An execution that was put away: nothing works for it, it waits for a time or for somebody outside.
#[derive(Debug, Default)]
pub(super) struct Sleeping {
    pub(super) due: Option<Timestamp>,
    /// It had work under way when its owner let go of it: that is begun again.
    pub(super) worked: bool,
    /// Heartbeat windows, which are in no journal. Empty after a restart.
    pub(super) windows: Box<[(TimerKey, Timestamp)]>,
    /// Whoever waits for its end.
    pub(super) end: Option<Arc<watch::Sender<End>>>,
}

#[derive(Debug, Default)]
struct State {
    places: HashMap<Arc<str>, Place>,
    sleeping: HashMap<Arc<str>, Sleeping>,
    /// Those of them that have a time.
    times: BTreeSet<(Timestamp, Arc<str>)>,
    /// Executions that are being started, and by how many.
    starting: HashMap<Arc<str>, usize>,
    closed: bool,
}

/// An execution is being started, as long as this is there.
pub(super) struct Starting<'r> {
    roster: &'r Roster,
    execution: Arc<str>,
}

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        let mut state = self.roster.state();
        if let Some(count) = state.starting.get_mut(&self.execution) {
            *count -= 1;
            if *count == 0 {
                state.starting.remove(&self.execution);
            }
        }
        drop(state);
        self.roster.settled.notify_waiters();
    }
}

#[derive(Debug, Default)]
pub(super) struct Roster {
    state: Mutex<State>,
    /// A place became free.
    pub(super) left: Notify,
    /// An execution was started, or was not.
    settled: Notify,
    /// The first time of those who sleep may be another one.
    pub(super) earlier: Notify,
}

impl Roster {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is complete before the lock is let go: a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives an execution an owner. Refused while the engine shuts down, or if it has one.
    pub(super) fn enter(&self, owner: &mut Owner, end: Arc<watch::Sender<End>>) -> Result<(), EngineError> {
        let mut state = self.state();
        if state.closed || state.places.contains_key(&owner.execution) {
            return Err(EngineError::Stopped);
        }
        // It may have been laid down while it was being loaded: who has an owner sleeps no more.
        Self::lift(&mut state, &owner.execution);
        state.places.insert(owner.execution.clone(), Place { mail: owner.sender(), end });
        Ok(())
    }

    /// Notes that an execution is being started. From its first commit on it is in the store, and has its owner a moment
    /// later: who wants to take it up meanwhile waits for that ([`Roster::started`]).
    pub(super) fn start(&self, execution: &Arc<str>) -> Starting<'_> {
        *self.state().starting.entry(execution.clone()).or_default() += 1;
        Starting { roster: self, execution: execution.clone() }
    }

    pub(super) fn is_starting(&self, execution: &str) -> bool {
        self.state().starting.contains_key(execution)
    }

    /// Waits while an execution is being started.
    pub(super) async fn started(&self, execution: &str) {
        loop {
            let settled = self.settled.notified();
            if !self.is_starting(execution) {
                return;
            }
            settled.await;
        }
    }

    /// Hands a message to the owner; gives it back if there is none.
    pub(super) fn deliver(&self, execution: &str, mail: Mail) -> Result<(), Mail> {
        match self.state().places.get(execution) {
            Some(place) => place.mail.send(mail).map_err(|refused| refused.0),
            None => Err(mail),
        }
    }

    pub(super) fn runs(&self, execution: &str) -> bool {
        self.state().places.contains_key(execution)
    }

    /// Where its end will be told, if it runs or sleeps here.
    pub(super) fn end_of(&self, execution: &str) -> Option<watch::Receiver<End>> {
        let mut state = self.state();
        if let Some(place) = state.places.get(execution) {
            return Some(place.end.subscribe());
        }
        let sleeping = state.sleeping.get_mut(execution)?;
        Some(sleeping.end.get_or_insert_with(|| Arc::new(watch::Sender::new(None))).subscribe())
    }

    /// Puts an execution away, unless something has reached its owner.
    pub(super) fn put_away(&self, owner: &Owner) -> bool {
        let mut state = self.state();
        if owner.has_mail() || state.closed {
            return false;
        }
        let end = state.places.remove(&owner.execution).map(|place| place.end).filter(|end| end.receiver_count() > 0);
        let due = owner.alarms.next();
        let sleeping = Sleeping { due, worked: false, windows: owner.alarms.windows().into(), end };
        Self::lay(&mut state, owner.execution.clone(), sleeping);
        drop(state);
        self.earlier.notify_one();
        true
    }

    /// Notes an execution that need not be looked at before a time.
    pub(super) fn let_sleep(&self, execution: Arc<str>, due: Timestamp) {
        self.note(execution, Sleeping { due: Some(due), ..Sleeping::default() });
    }

    /// Notes an execution to be tried again.
    pub(super) fn retry(&self, execution: Arc<str>, due: Timestamp) {
        self.note(execution, Sleeping { due: Some(due), worked: true, ..Sleeping::default() });
    }

    fn note(&self, execution: Arc<str>, sleeping: Sleeping) {
        let mut state = self.state();
        if !state.places.contains_key(&execution) && !state.sleeping.contains_key(&execution) {
            Self::lay(&mut state, execution, sleeping);
            drop(state);
            self.earlier.notify_one();
        }
    }

    fn lay(state: &mut State, execution: Arc<str>, sleeping: Sleeping) {
        if let Some(due) = sleeping.due {
            state.times.insert((due, execution.clone()));
        }
        state.sleeping.insert(execution, sleeping);
    }

    /// Takes an execution from those who sleep.
    pub(super) fn rouse(&self, execution: &str) -> Option<Sleeping> {
        Self::lift(&mut self.state(), execution)
    }

    fn lift(state: &mut State, execution: &str) -> Option<Sleeping> {
        let (name, sleeping) = state.sleeping.remove_entry(execution)?;
        if let Some(due) = sleeping.due {
            state.times.remove(&(due, name));
        }
        Some(sleeping)
    }

    /// When the first of those who sleep is due.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.state().times.first().map(|(due, _)| *due)
    }

    /// The next one that is due; it is told once.
    pub(super) fn due(&self, now: Timestamp) -> Option<Arc<str>> {
        let mut state = self.state();
        let (_, execution) = state.times.first().filter(|(due, _)| *due <= now).cloned()?;
        state.times.pop_first();
        if let Some(sleeping) = state.sleeping.get_mut(&execution) {
            sleeping.due = None;
        }
        Some(execution)
    }

    /// Its owner is gone.
    pub(super) fn leave(&self, execution: &str) -> Option<Arc<watch::Sender<End>>> {
        let place = self.state().places.remove(execution);
        self.left.notify_waiters();
        place.map(|place| place.end)
    }

    /// Those that have an owner now.
    pub(super) fn running(&self) -> Vec<Arc<str>> {
        self.state().places.keys().cloned().collect()
    }

    /// How many sleep.
    pub(super) fn sleeping(&self) -> usize {
        self.state().sleeping.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.state().places.is_empty()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Nobody enters any more, and everybody is asked to leave.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        for place in state.places.values() {
            // Who is gone has left.
            let _ = place.mail.send(Mail::Leave);
        }
        drop(state);
        self.earlier.notify_one();
    }
}
