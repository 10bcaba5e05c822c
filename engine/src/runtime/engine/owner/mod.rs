//! The owner of an execution: the one tokio task that touches its state.
//!
//! It gathers what has reached the execution, applies it, commits that, and only then carries out what the
//! interpreter asks for and answers those who wait. One wake-up is one commit, however much has arrived.

mod commit;
mod deeds;
mod inbox;

use super::alarms::Alarms;
use super::error::EngineError;
use super::lull::Lull;
use super::mail::Mail;
use super::{Durability, Engine, Pace};
use crate::clock::Stopwatch;
use crate::journal::{Entry, EntryKind};
use crate::runtime::Finished;
use crate::runtime::family::{Deed, Family, MemberId, TaskKey};
use crate::store::Wake;
use aslx_asl::Timestamp;
use deeds::Work;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Messages that are taken together at the most: one commit must not grow without end.
const BATCH: usize = 512;

/// Milliseconds of modelled time that a step of [`crate::interpreter::STEP_LIMIT`] transitions takes.
const STEP_MILLIS: i64 = 1_000;

/// What is said once the batch is committed, or could not be.
type AfterCommit = Box<dyn FnOnce(Result<(), EngineError>) + Send>;

pub(super) struct Owner {
    pub(super) engine: Engine,
    pub(super) execution: Arc<str>,
    pub(super) family: Family,
    pub(super) durability: Durability,
    /// Made when somebody may send something: an execution that ends in its start needs none.
    post: Option<Post>,
    pub(super) alarms: Alarms,
    /// Work that a service does.
    work: HashMap<TaskKey, Work>,
    /// Tasks that somebody outside answers, and whether it is an activity's worker.
    awaited: HashMap<TaskKey, bool>,
    /// Answers whose time has not come by the model's clock.
    coming: BTreeMap<(Timestamp, u64), (TaskKey, EntryKind)>,
    arrivals: u64,
    /// Activities that the definition names.
    activities: Vec<Arc<str>>,
    resumes: Vec<MemberId>,
    /// What virtual time is ahead of the clock, in milliseconds.
    ahead: i64,
    /// How long virtual time waits for clients before it jumps.
    pub(super) lull: Lull,
    after_commit: Vec<AfterCommit>,
    /// It has begun or goes on, and the watcher does not know yet.
    pub(super) begins: bool,
    /// What the store has been told about waking this execution; nothing by this owner yet, if there is none.
    pub(super) wake: Option<Wake>,
    leaving: bool,
}

/// Where messages come in.
struct Post {
    sender: mpsc::UnboundedSender<Mail>,
    mail: mpsc::UnboundedReceiver<Mail>,
}

impl Default for Post {
    fn default() -> Post {
        let (sender, mail) = mpsc::unbounded_channel();
        Post { sender, mail }
    }
}

/// Why an owner let go.
pub(super) enum Ending {
    Finished(Box<Finished>),
    /// So little happens that it may be put away.
    Idle(Box<Owner>),
}

/// What an owner woke up for.
enum Woken {
    Mail(Mail),
    Due,
    Idle,
}

impl Owner {
    pub(super) fn new(engine: Engine, execution: Arc<str>, family: Family, durability: Durability) -> Owner {
        let activities = family.activities();
        Owner {
            engine,
            execution,
            family,
            durability,
            post: None,
            alarms: Alarms::default(),
            work: HashMap::new(),
            awaited: HashMap::new(),
            coming: BTreeMap::new(),
            arrivals: 0,
            activities,
            resumes: Vec::new(),
            ahead: 0,
            lull: Lull::default(),
            after_commit: Vec::new(),
            begins: false,
            wake: None,
            leaving: false,
        }
    }

    pub(super) fn sender(&mut self) -> mpsc::UnboundedSender<Mail> {
        self.post.get_or_insert_default().sender.clone()
    }

    fn mail(&mut self) -> &mut mpsc::UnboundedReceiver<Mail> {
        &mut self.post.get_or_insert_default().mail
    }

    pub(super) fn has_mail(&self) -> bool {
        self.post.as_ref().is_some_and(|post| !post.mail.is_empty())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.engine.clock().now().plus_millis(self.ahead)
    }

    /// Goes on until the execution has ended, or there is a reason to let go of it.
    pub(super) async fn run(mut self) -> Result<Ending, EngineError> {
        while self.family.outcome().is_none() {
            let first = match self.sleep().await {
                Woken::Idle => return Ok(Ending::Idle(Box::new(self))),
                Woken::Mail(mail) => Some(mail),
                Woken::Due => None,
            };
            self.listen();
            let mut deeds = Vec::new();
            self.note_activities(&mut deeds)?;
            self.take_due(&mut deeds)?;
            let more = std::iter::from_fn(|| self.mail().try_recv().ok()).take(BATCH).collect::<Vec<_>>();
            for mail in first.into_iter().chain(more) {
                self.open(mail, &mut deeds)?;
            }
            for member in std::mem::take(&mut self.resumes) {
                self.apply(member, EntryKind::Resumed, &mut deeds)?;
            }
            self.commit_and_do(deeds).await?;
            if self.leaving && self.family.outcome().is_none() {
                return Err(EngineError::Stopped);
            }
        }
        self.finished().map(|finished| Ending::Finished(Box::new(finished)))
    }

    /// Whether anybody wants to be told may be another matter than the last time.
    fn listen(&mut self) {
        let Some(watcher) = self.engine.watcher() else { return };
        let started = self.family.parent().and_then(crate::interpreter::Interpreter::started_shared);
        let tells = started.is_some_and(|started| watcher.wants_events(&started));
        self.family.tells(tells);
    }

    /// The execution as it ended.
    pub(super) fn finished(self) -> Result<Finished, EngineError> {
        let (Some(outcome), Some(parent)) = (self.family.outcome().cloned(), self.family.parent()) else {
            return Err(EngineError::Stopped);
        };
        let (started, stopped) = (parent.start_time(), parent.now());
        let (journal, history) = self.family.into_parts();
        Ok(Finished { outcome, started, stopped, journal, history })
    }

    /// Waits until something has arrived or is due.
    async fn sleep(&mut self) -> Woken {
        if !self.resumes.is_empty() {
            // A machine that never waits lets others have their turn, and a stop get through.
            tokio::task::yield_now().await;
            if self.engine.pace() == Pace::Virtual {
                // Transitions take time on AWS too. Else the clock would stand still in a loop of Pass states.
                self.ahead += STEP_MILLIS;
            }
            return Woken::Due;
        }
        if let Ok(mail) = self.mail().try_recv() {
            return Woken::Mail(mail);
        }
        let due = self.next_time();
        if let Some(due) = due
            && self.engine.pace() == Pace::Virtual
            && self.work.is_empty()
            && self.awaited.is_empty()
        {
            if let Some(patience) = self.lull.left() {
                return self.hold(patience).await;
            }
            // Nothing real is outstanding: the clock jumps.
            self.ahead += due.as_millis().saturating_sub(self.now().as_millis()).max(0);
            return Woken::Due;
        }
        let clock = self.engine.clock().clone();
        let sleep = due.map(|due| clock.sleep_until(due.plus_millis(-self.ahead)));
        let due = async move {
            match sleep {
                Some(sleep) => sleep.await,
                None => std::future::pending().await,
            }
        };
        let patience = self.engine.patience().filter(|_| self.is_parkable());
        let bored = async move {
            match patience {
                Some(patience) => tokio::time::sleep(patience).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            mail = self.mail().recv() => mail.map_or(Woken::Idle, Woken::Mail),
            () = due => Woken::Due,
            () = bored => Woken::Idle,
        }
    }

    /// Gives a client the time to say something before the clock jumps.
    async fn hold(&mut self, patience: Duration) -> Woken {
        let waited = Stopwatch::start();
        let mail = tokio::time::timeout(patience, self.mail().recv()).await;
        // A machine that stood still has not listened.
        self.lull.spent(waited.elapsed().min(patience));
        match mail {
            Ok(Some(mail)) => Woken::Mail(mail),
            Ok(None) => Woken::Idle,
            Err(_) => Woken::Due,
        }
    }

    /// Nothing runs here: what is waited for comes from outside, or is a time.
    fn is_parkable(&self) -> bool {
        let in_journals = self.durability == Durability::Full && !self.family.has_express_children();
        in_journals && self.work.is_empty() && self.coming.is_empty()
    }

    fn next_time(&self) -> Option<Timestamp> {
        let coming = self.coming.keys().next().map(|(at, _)| *at);
        [self.alarms.next(), coming].into_iter().flatten().min()
    }

    /// Activities may have been made or deleted since the execution was told which there are.
    fn note_activities(&mut self, deeds: &mut Vec<Deed>) -> Result<(), EngineError> {
        if self.activities.is_empty() {
            return Ok(());
        }
        let missing = self.engine.missing_of(&self.activities);
        let known = self.family.parent().map(crate::interpreter::Interpreter::missing_activities);
        if known.is_none_or(|known| known != missing) {
            for member in self.family.members() {
                self.apply(member, EntryKind::ActivitiesChanged { missing: missing.clone() }, deeds)?;
            }
        }
        Ok(())
    }

    /// What is due goes first: timers by due time and then by creation.
    fn take_due(&mut self, deeds: &mut Vec<Deed>) -> Result<(), EngineError> {
        let now = self.now();
        while let Some(key) = self.alarms.take(now) {
            self.apply(key.member, EntryKind::TimerFired { timer: key.timer }, deeds)?;
        }
        while let Some(entry) = self.coming.first_entry().filter(|entry| entry.key().0 <= now) {
            let (key, kind) = entry.remove();
            deeds.extend(self.family.answer(key, now, kind)?);
        }
        Ok(())
    }

    pub(super) fn apply(
        &mut self,
        member: MemberId,
        kind: EntryKind,
        deeds: &mut Vec<Deed>,
    ) -> Result<(), EngineError> {
        let at = self.now();
        deeds.extend(self.family.apply(member, Entry { at, kind })?);
        Ok(())
    }
}
