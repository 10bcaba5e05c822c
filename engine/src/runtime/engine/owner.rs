//! The owner of an execution: the one tokio task that touches its state.
//!
//! It gathers what has reached the execution, applies it, commits that, and only then carries out what the
//! interpreter asks for and answers those who wait. One wake-up is one commit, however much has arrived.

use super::alarms::Alarms;
use super::error::{EngineError, TokenError};
use super::mail::{Mail, Reply, Signal};
use super::view::Description;
use super::{Durability, Engine, Pace};
use crate::interpreter::TimerKind;
use crate::journal::{Entry, EntryKind, TaskResult};
use crate::runtime::Finished;
use crate::runtime::call::{Answered, call};
use crate::runtime::family::{Deed, Family, MemberId, TaskKey};
use crate::store::Wake;
use crate::task::{FailedAt, TaskFailure, TaskRequest, TaskResponse};
use aslx_asl::Timestamp;
use futures_util::FutureExt;
use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

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
    sender: mpsc::UnboundedSender<Mail>,
    mail: mpsc::UnboundedReceiver<Mail>,
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
    after_commit: Vec<AfterCommit>,
    /// It has begun or goes on, and the watcher does not know yet.
    pub(super) begins: bool,
    /// What the store has been told about waking this execution.
    pub(super) wake: Wake,
    leaving: bool,
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
        let (sender, mail) = mpsc::unbounded_channel();
        let activities = family.activities();
        Owner {
            engine,
            execution,
            family,
            durability,
            sender,
            mail,
            alarms: Alarms::default(),
            work: HashMap::new(),
            awaited: HashMap::new(),
            coming: BTreeMap::new(),
            arrivals: 0,
            activities,
            resumes: Vec::new(),
            ahead: 0,
            after_commit: Vec::new(),
            begins: false,
            wake: Wake::Now,
            leaving: false,
        }
    }

    pub(super) fn sender(&self) -> mpsc::UnboundedSender<Mail> {
        self.sender.clone()
    }

    pub(super) fn has_mail(&self) -> bool {
        !self.mail.is_empty()
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
            let mut deeds = Vec::new();
            self.note_activities(&mut deeds)?;
            self.take_due(&mut deeds)?;
            let more = std::iter::from_fn(|| self.mail.try_recv().ok()).take(BATCH).collect::<Vec<_>>();
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
        if let Ok(mail) = self.mail.try_recv() {
            return Woken::Mail(mail);
        }
        let due = self.next_time();
        if let Some(due) = due
            && self.engine.pace() == Pace::Virtual
            && self.work.is_empty()
            && self.awaited.is_empty()
        {
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
            mail = self.mail.recv() => mail.map_or(Woken::Idle, Woken::Mail),
            () = due => Woken::Due,
            () = bored => Woken::Idle,
        }
    }

    /// Nothing runs here: what is waited for comes from outside, or is a time.
    fn is_parkable(&self) -> bool {
        self.durability == Durability::Full && self.work.is_empty() && self.coming.is_empty()
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

    fn open(&mut self, mail: Mail, deeds: &mut Vec<Deed>) -> Result<(), EngineError> {
        match mail {
            Mail::Begun(key) => {
                if self.work.contains_key(&key) {
                    self.apply(key.member, EntryKind::TaskStarted { task: key.task, worker: None }, deeds)?;
                }
            }
            Mail::Answer(key, result) => {
                if self.work.remove(&key).is_some() {
                    self.answered(key, result, deeds)?;
                }
            }
            Mail::Stop { error, cause, reply } => {
                self.apply(MemberId::PARENT, EntryKind::StopRequested { error, cause }, deeds)?;
                let at = self.family.parent().map(crate::interpreter::Interpreter::now).unwrap_or_default();
                self.after(reply, Ok(at), Err);
            }
            Mail::Token { token, signal, reply } => self.signalled(&token, signal, reply, deeds)?,
            Mail::Lease { token, worker, reply } => self.leased(token, worker, reply, deeds)?,
            Mail::ChangeRun { run, limits, reply } => {
                let now = self.now();
                let changed = self.family.change_run(&run, limits, now)?;
                let runs = changed.is_some();
                deeds.extend(changed.into_iter().flatten());
                self.after(reply, Ok(runs), Err);
            }
            Mail::MachineDeleted { reply } => {
                for member in self.family.members() {
                    self.apply(member, EntryKind::MachineDeleted, deeds)?;
                }
                self.after(reply, (), |_| ());
            }
            Mail::Describe { reply } => {
                if let Some(description) = self.family.parent().and_then(Description::of) {
                    self.after_commit.push(Box::new(move |committed| {
                        if committed.is_ok() {
                            let _ = reply.send(description);
                        }
                    }));
                }
            }
            Mail::Leave => self.leaving = true,
        }
        Ok(())
    }

    /// Says something once the batch is committed, or that it could not be.
    fn after<T: Send + 'static>(
        &mut self,
        reply: Reply<T>,
        good: T,
        bad: impl FnOnce(EngineError) -> T + Send + 'static,
    ) {
        self.after_commit.push(Box::new(move |committed| {
            let _ = reply.send(match committed {
                Ok(()) => good,
                Err(error) => bad(error),
            });
        }));
    }

    /// The answer of a service.
    fn answered(
        &mut self,
        key: TaskKey,
        result: Result<TaskResponse, TaskFailure>,
        deeds: &mut Vec<Deed>,
    ) -> Result<(), EngineError> {
        let Answered { entry, modelled, .. } = Answered::new(key.task, result);
        let Some(entry) = entry else {
            self.awaited_by_token(key);
            return Ok(());
        };
        let now = self.now();
        match modelled.filter(|modelled| self.engine.pace() == Pace::Virtual && !modelled.is_zero()) {
            Some(modelled) => {
                self.arrivals += 1;
                let millis = i64::try_from(modelled.as_millis()).unwrap_or(i64::MAX);
                self.coming.insert((now.plus_millis(millis), self.arrivals), (key, entry));
            }
            None => deeds.extend(self.family.answer(key, now, entry)?),
        }
        Ok(())
    }

    /// Somebody outside will answer: the receiver of a callback, or the worker that takes the activity's task.
    fn awaited_by_token(&mut self, key: TaskKey) {
        let Some(request) = self.family.request(key) else { return };
        let activity = request.activity().cloned();
        self.awaited.insert(key, activity.is_some());
        if let (Some(activity), Some(token)) = (activity, &request.token) {
            self.engine.activities().offer(&activity, self.execution.clone(), token.clone());
        }
    }

    fn signalled(
        &mut self,
        token: &Arc<str>,
        signal: Signal,
        reply: Reply<Result<(), TokenError>>,
        deeds: &mut Vec<Deed>,
    ) -> Result<(), EngineError> {
        let Some(key) = self.family.task_of_token(token) else {
            // Whether there ever was such a task is told by who asked.
            let _ = reply.send(Err(TokenError::Unknown));
            return Ok(());
        };
        let result = match signal {
            Signal::Heartbeat => {
                let now = self.now();
                self.alarms.beat(key, now);
                let _ = reply.send(Ok(()));
                return Ok(());
            }
            Signal::Success(output) => TaskResult::Succeeded(output),
            Signal::Failure { error, cause } => TaskResult::Failed { error, cause, at: FailedAt::Run },
        };
        let now = self.now();
        self.awaited.remove(&key);
        self.alarms.forget(key);
        deeds.extend(self.family.answer(key, now, EntryKind::TaskEnded { task: key.task, result })?);
        self.after(reply, Ok(()), |error| Err(error.into()));
        Ok(())
    }

    fn leased(
        &mut self,
        token: Arc<str>,
        worker: Option<Arc<str>>,
        reply: Reply<Option<aslx_asl::Value>>,
        deeds: &mut Vec<Deed>,
    ) -> Result<(), EngineError> {
        let Some(key) = self.family.task_of_token(&token) else {
            let _ = reply.send(None);
            return Ok(());
        };
        let Some(request) = self.family.request(key) else { return Ok(()) };
        let (input, activity) = (request.input.clone(), request.activity().cloned());
        self.apply(key.member, EntryKind::TaskStarted { task: key.task, worker }, deeds)?;
        let (engine, execution) = (self.engine.clone(), self.execution.clone());
        self.after_commit.push(Box::new(move |committed| {
            let taken = committed.is_ok() && reply.send(Some(input)).is_ok();
            // The worker is gone: somebody else shall have it.
            if let (false, Some(activity)) = (taken, activity) {
                engine.activities().offer(&activity, execution, token);
            }
        }));
        Ok(())
    }

    /// Commits what the journals have gained, and only then does what follows from it.
    pub(super) async fn commit_and_do(&mut self, deeds: Vec<Deed>) -> Result<(), EngineError> {
        let mut deeds = deeds;
        loop {
            let todo = self.set_alarms(deeds);
            let committed = match self.take_commit(&todo) {
                Some(commit) => self.engine.store().commit(commit).await.map_err(EngineError::from),
                None => Ok(()),
            };
            for after in std::mem::take(&mut self.after_commit) {
                after(committed.clone());
            }
            committed?;
            self.tell();
            let is_load = |deed: &Deed| matches!(deed, Deed::Revive { .. } | Deed::ReviveRun(_));
            let (loads, todo): (Vec<_>, Vec<_>) = todo.into_iter().partition(is_load);
            for deed in todo {
                self.perform(deed);
            }
            if loads.is_empty() {
                return Ok(());
            }
            let (engine, now) = (self.engine.clone(), self.now());
            deeds = engine.revive(&mut self.family, loads, now).await?;
        }
    }

    /// Tells what is committed to those who watch.
    fn tell(&mut self) {
        let Some(watcher) = self.engine.watcher().cloned() else { return self.family.tell() };
        let description = self.family.parent().and_then(Description::of);
        let Some(description) = description else { return };
        if std::mem::take(&mut self.begins) {
            watcher.status_changed(&description.running());
        }
        let wants_events = watcher.wants_events(&description.started);
        self.family.tell_to(|events| {
            if wants_events {
                watcher.events(&description.started, description.redrives.count, events);
            }
        });
        if description.outcome.is_some() {
            watcher.status_changed(&description);
        }
    }

    /// Timers are the owner's own: they may be set before the commit, so that it says when to wake the execution.
    fn set_alarms(&mut self, deeds: Vec<Deed>) -> Vec<Deed> {
        deeds.into_iter().filter_map(|deed| self.set_alarm(deed)).collect()
    }

    fn set_alarm(&mut self, deed: Deed) -> Option<Deed> {
        match deed {
            Deed::SetTimer { key, due, kind } => match kind {
                TimerKind::Heartbeat { task, seconds } => {
                    let task = TaskKey { member: key.member, task };
                    self.alarms.set_heartbeat(task, key, due, seconds);
                }
                _ => self.alarms.set(key, due),
            },
            Deed::CancelTimer { key } => self.alarms.cancel(key),
            deed => return Some(deed),
        }
        None
    }

    /// When somebody must look at this execution after a restart.
    pub(super) fn wake_after(&self, deeds: &[Deed]) -> Wake {
        let works = deeds.iter().any(|deed| matches!(deed, Deed::StartTask { .. } | Deed::Resume { .. }));
        let has_worker = self.awaited.values().any(|activity| *activity);
        if works || has_worker || !self.work.is_empty() || !self.coming.is_empty() || !self.resumes.is_empty() {
            return Wake::Now;
        }
        self.alarms.next().map_or(Wake::Never, Wake::At)
    }

    pub(super) fn perform(&mut self, deed: Deed) {
        match deed {
            Deed::StartTask { key, request } => self.begin(key, request),
            Deed::CancelTask { key } => {
                self.awaited.remove(&key);
                self.alarms.forget(key);
                self.coming.retain(|_, (coming, _)| *coming != key);
                self.work.remove(&key);
            }
            Deed::Resume { member } => self.resumes.push(member),
            Deed::SetTimer { .. } | Deed::CancelTimer { .. } => drop(self.set_alarm(deed)),
            // Loaded by who performs.
            Deed::Revive { .. } | Deed::ReviveRun(_) => {}
        }
    }

    /// Lets the service work, on a runtime task of its own, so that tasks run side by side on all cores.
    fn begin(&mut self, key: TaskKey, request: Arc<TaskRequest>) {
        // The work of an activity begins when a worker takes it, that of a job has begun.
        let tells = request.submitted.is_none() && request.activity().is_none();
        let answer = call(self.engine.tasks().clone(), Arc::unwrap_or_clone(request));
        let sender = self.sender.clone();
        let running = tokio::spawn(async move {
            let mut answer = std::pin::pin!(AssertUnwindSafe(answer).catch_unwind());
            // An answer at once tells itself whether the task got as far as being started.
            let result = match answer.as_mut().now_or_never() {
                Some(result) => result,
                None => {
                    if tells {
                        let _ = sender.send(Mail::Begun(key));
                    }
                    answer.await
                }
            };
            let result = result.unwrap_or_else(|panic| Err(crashed(&*panic)));
            let _ = sender.send(Mail::Answer(key, result));
        });
        self.work.insert(key, Work(running.abort_handle()));
    }

    /// After a restart, or when it was put away: issues again what is outstanding. `parked`: no service works for it,
    /// all tasks are answered from outside, and the heartbeat windows are known.
    pub(super) fn take_up(
        &mut self,
        deeds: Vec<Deed>,
        parked: Option<&[(crate::runtime::family::TimerKey, Timestamp)]>,
    ) {
        let window = self.engine.born();
        for deed in deeds {
            match (deed, parked) {
                (Deed::StartTask { key, request }, Some(_)) => {
                    self.awaited.insert(key, request.activity().is_some());
                }
                (Deed::SetTimer { key, due, kind: TimerKind::Heartbeat { task, seconds } }, _) => {
                    // Heartbeats are in no journal: after a restart every window starts anew.
                    // Children have other numbers now than when they were put away: theirs start anew too.
                    let known = parked.and_then(|windows| windows.iter().find(|(timer, _)| *timer == key));
                    let due = match known.filter(|_| key.member == MemberId::PARENT) {
                        Some((_, due)) => *due,
                        None if key.member == MemberId::PARENT => due.max(window.plus_seconds(seconds)),
                        None => due.max(self.now().plus_seconds(seconds)),
                    };
                    let kind = TimerKind::Heartbeat { task, seconds };
                    self.perform(Deed::SetTimer { key, due, kind });
                }
                (deed, _) => self.perform(deed),
            }
        }
    }
}

/// Work that a service does; it ends when nobody waits for it any more.
struct Work(AbortHandle);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn crashed(panic: &(dyn std::any::Any + Send)) -> TaskFailure {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    TaskFailure::new("Runtime.Crash", format!("the task's code failed: {text}"))
}
