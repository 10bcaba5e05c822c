//! What an owner does: it lets services work, and sets timers.

use super::Owner;
use crate::interpreter::TimerKind;
use crate::runtime::call::call;
use crate::runtime::engine::mail::Mail;
use crate::runtime::family::{Deed, MemberId, TaskKey, TimerKey};
use crate::task::{TaskFailure, TaskRequest, Withdrawal};
use aslx_asl::Timestamp;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::task::AbortHandle;

impl Owner {
    /// Timers are the owner's own: they may be set before the commit, so that it says when to wake the execution.
    pub(super) fn set_alarms(&mut self, deeds: Vec<Deed>) -> Vec<Deed> {
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

    pub(super) fn perform(&mut self, deed: Deed) {
        match deed {
            Deed::StartTask { key, request } => self.begin(key, request),
            Deed::CancelTask { key } => {
                self.awaited.remove(&key);
                self.alarms.forget(key);
                self.coming.retain(|_, (coming, _)| *coming != key);
                if let Some(work) = self.work.remove(&key) {
                    work.withdraw();
                }
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
        let withdrawal = request.withdrawal.clone();
        let tells = request.submitted.is_none() && request.activity().is_none();
        let answer = call(self.engine.tasks().clone(), Arc::unwrap_or_clone(request));
        let sender = self.sender();
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
        self.work.insert(key, Work { running: running.abort_handle(), withdrawal });
    }

    /// After a restart, or when it was put away: issues again what is outstanding. `parked`: no service works for it,
    /// all tasks are answered from outside, and the heartbeat windows are known.
    pub(in crate::runtime::engine) fn take_up(&mut self, deeds: Vec<Deed>, parked: Option<&[(TimerKey, Timestamp)]>) {
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
pub(super) struct Work {
    running: AbortHandle,
    withdrawal: Withdrawal,
}

impl Work {
    /// It will not be wanted later either.
    fn withdraw(self) {
        self.withdrawal.tell();
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.running.abort();
    }
}

fn crashed(panic: &(dyn std::any::Any + Send)) -> TaskFailure {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    TaskFailure::new("Runtime.Crash", format!("the task's code failed: {text}"))
}
