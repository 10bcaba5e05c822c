//! One answer of a mocked Task state.

use super::matching::includes;
use crate::task::{FailedAt, TaskFailure, TaskRequest};
use aslx_asl::Value;
use std::ops::RangeInclusive;
use std::time::Duration;

/// What a mocked Task state does when it is called, and for which calls it does so.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What it does.
    pub kind: AnswerKind,
    /// The first answer of a `.sync` or callback task, before the one in `kind`. Not looked at by a real call, which
    /// gives its own.
    pub submitted: Option<Value>,
    /// How long it takes in virtual time. `None`: no time at all, or the measured time of a real call.
    pub modelled: Option<Duration>,
    /// Only for this index of the innermost Map state.
    pub iteration: Option<usize>,
    /// Only for these calls of the state, counted from 1: within an iteration of the innermost Map state, or within the
    /// execution where there is none.
    pub calls: Option<RangeInclusive<u32>>,
    /// Only for an input that includes this ([`includes`]).
    pub input: Option<Value>,
    /// How often it can be given.
    pub times: Times,
}

/// What a mocked Task state does.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerKind {
    /// Succeeds with this result.
    Return(Value),
    /// Fails.
    Throw {
        /// Error name.
        error: String,
        /// What happened.
        cause: Option<String>,
        /// Where it fails.
        at: FailedAt,
    },
    /// Does the real work.
    CallReal,
    /// Never answers, though it lives: `TimeoutSeconds` passes.
    TimeOut,
    /// Never answers and sends no heartbeat: `HeartbeatSeconds` passes, or `TimeoutSeconds` if there are none.
    MissHeartbeat,
}

/// How often an answer can be given to one execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// So often.
    Exactly(u32),
    /// To all calls that come.
    Always,
}

impl Answer {
    fn new(kind: AnswerKind) -> Answer {
        Answer {
            kind,
            submitted: None,
            modelled: None,
            iteration: None,
            calls: None,
            input: None,
            times: Times::Exactly(1),
        }
    }

    /// Succeeds, once.
    pub fn returns(value: impl Into<Value>) -> Answer {
        Answer::new(AnswerKind::Return(value.into()))
    }

    /// Fails while it runs, once.
    pub fn throws(error: impl Into<String>, cause: impl Into<String>) -> Answer {
        Answer::throws_at(FailedAt::Run, error, cause)
    }

    /// Fails at some point, once.
    pub fn throws_at(at: FailedAt, error: impl Into<String>, cause: impl Into<String>) -> Answer {
        Answer::new(AnswerKind::Throw { error: error.into(), cause: Some(cause.into()), at })
    }

    /// Lets the real service do it, once.
    pub fn calls_real() -> Answer {
        Answer::new(AnswerKind::CallReal)
    }

    /// Never answers, once: the state times out.
    pub fn times_out() -> Answer {
        Answer::new(AnswerKind::TimeOut)
    }

    /// Sends no heartbeat and never answers, once.
    pub fn misses_heartbeat() -> Answer {
        Answer::new(AnswerKind::MissHeartbeat)
    }

    /// The same, taking this long in virtual time.
    #[must_use]
    pub fn taking(self, modelled: Duration) -> Answer {
        Answer { modelled: Some(modelled), ..self }
    }

    /// The same, after a first answer that is the handle of a job.
    #[must_use]
    pub fn submitted_as(self, handle: impl Into<Value>) -> Answer {
        Answer { submitted: Some(handle.into()), ..self }
    }

    /// The same, for one index of the innermost Map state only.
    #[must_use]
    pub fn in_iteration(self, index: usize) -> Answer {
        Answer { iteration: Some(index), ..self }
    }

    /// The same, for these calls of the state only; to each of them, in every iteration.
    #[must_use]
    pub fn for_calls(self, calls: RangeInclusive<u32>) -> Answer {
        Answer { calls: Some(calls), times: Times::Always, ..self }
    }

    /// The same, only for inputs that include this.
    #[must_use]
    pub fn when(self, input: impl Into<Value>) -> Answer {
        Answer { input: Some(input.into()), ..self }
    }

    /// The same, so often.
    #[must_use]
    pub fn times(self, times: u32) -> Answer {
        Answer { times: Times::Exactly(times), ..self }
    }

    /// The same, as often as it is asked for.
    #[must_use]
    pub fn always(self) -> Answer {
        Answer { times: Times::Always, ..self }
    }

    /// Whether it is meant for this call, the `call`th of its state and iteration.
    pub(super) fn fits(&self, request: &TaskRequest, call: u32) -> bool {
        (self.iteration.is_none() || self.iteration == request.iteration)
            && self.calls.as_ref().is_none_or(|calls| calls.contains(&call))
            && self.input.as_ref().is_none_or(|input| includes(&request.input, input))
    }

    pub(super) fn has_more(&self, given: u32) -> bool {
        match self.times {
            Times::Exactly(times) => given < times,
            Times::Always => true,
        }
    }

    /// The failure, if it is one.
    pub(super) fn failure(&self) -> Option<TaskFailure> {
        let AnswerKind::Throw { error, cause, at } = &self.kind else { return None };
        let modelled = Some(self.modelled.unwrap_or_default());
        Some(TaskFailure { error: error.clone(), cause: cause.clone(), at: *at, modelled })
    }
}
