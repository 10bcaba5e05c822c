//! What reaches an owner: messages become entries, and who asked is answered after the commit.

use super::Owner;
use crate::interpreter::Interpreter;
use crate::journal::{EntryKind, TaskResult};
use crate::runtime::call::Answered;
use crate::runtime::engine::Pace;
use crate::runtime::engine::error::{EngineError, TokenError};
use crate::runtime::engine::mail::{Mail, Reply, Signal};
use crate::runtime::engine::view::Description;
use crate::runtime::family::{Deed, MemberId, TaskKey};
use crate::task::{FailedAt, TaskFailure, TaskResponse};
use aslx_asl::{Timestamp, Value};
use std::sync::Arc;
use std::time::Duration;

/// The answer to a token may overtake that of the call which handed it out, most of all after a restart, when the holder
/// has had it for long. The history tells first that the task was submitted, then how it ended; so for so often and so
/// long the answer is held. A function that answers before it returns waits no longer than that.
const HELD: u32 = 20;
const HOLD: Duration = Duration::from_millis(5);

impl Owner {
    pub(super) fn open(&mut self, mail: Mail, deeds: &mut Vec<Deed>) -> Result<(), EngineError> {
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
            Mail::Stop { child, error, cause, reply } => {
                let member = child.map_or(Some(MemberId::PARENT), |child| self.family.child(&child));
                let stop = EntryKind::StopRequested { error, cause };
                let at = member.map(|member| self.stopped(member, stop, deeds)).transpose()?;
                self.after(reply, Ok(at), Err);
            }
            Mail::Noticed => self.lull.heard(),
            Mail::Token { token, signal, held, reply } => {
                if held < HELD && signal.ends() && self.is_being_sent(&token) {
                    self.put_off(Mail::Token { token, signal, held: held + 1, reply });
                } else {
                    self.signalled(&token, signal, reply, deeds)?;
                }
            }
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

    /// Whether the call that hands out a token has not answered yet.
    fn is_being_sent(&self, token: &str) -> bool {
        self.family.task_of_token(token).is_some_and(|key| self.work.contains_key(&key))
    }

    /// Has a message come again a little later.
    fn put_off(&mut self, mail: Mail) {
        let sender = self.sender();
        tokio::spawn(async move {
            tokio::time::sleep(HOLD).await;
            // Where the owner has gone meanwhile, whoever waits for the answer asks again.
            let _ = sender.send(mail);
        });
    }

    /// Stops the execution or a child; gives the time at which that was.
    fn stopped(&mut self, member: MemberId, stop: EntryKind, deeds: &mut Vec<Deed>) -> Result<Timestamp, EngineError> {
        let at = self.now().max(self.family.time_of(member));
        self.apply(member, stop, deeds)?;
        // A child that has stopped has left; the execution may have ended before.
        let ended = self.family.parent().filter(|_| member == MemberId::PARENT);
        Ok(ended.map_or(at, Interpreter::now))
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
            // Whether there ever was such a task is told by who asked. What has ended it may be in this batch, and not
            // in the store yet: a refusal is a promise too.
            self.after(reply, Err(TokenError::Unknown), |error| Err(error.into()));
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
        reply: Reply<Option<Value>>,
        deeds: &mut Vec<Deed>,
    ) -> Result<(), EngineError> {
        let Some(key) = self.family.task_of_token(&token) else {
            self.after(reply, None, |_| None);
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
}
