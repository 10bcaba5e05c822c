//! The layer that gives answers instead of calling a service.

use super::answer::{Answer, AnswerKind};
use super::answers::{Answers, Asked, Choice, Missing, Tally, Unused};
use crate::task::{TaskFailure, TaskReply, TaskRequest, TaskResponse};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use std::future::Ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{Layer, Service, ServiceExt};

/// Name of the error with which a call fails that has no answer.
pub const NO_ANSWER: &str = "Mock.NoAnswer";

/// Gives [`Answers`] to the states that they name; the others reach the service below.
///
/// Clones share the count of what has been given. A machine may well catch [`NO_ANSWER`], so a test also looks at
/// [`AnswersLayer::missing`].
#[derive(Debug, Clone)]
pub struct AnswersLayer {
    answers: Arc<Answers>,
    tally: Arc<Mutex<Tally>>,
}

impl AnswersLayer {
    /// A layer that has given nothing yet.
    pub fn new(answers: Answers) -> AnswersLayer {
        AnswersLayer { answers: Arc::new(answers), tally: Arc::default() }
    }

    /// The same for a single execution: the children of its map runs are counted with it, and every call is remembered,
    /// those of states that are not mocked too.
    pub fn for_one_execution(answers: Answers) -> AnswersLayer {
        AnswersLayer { answers: Arc::new(answers), tally: Arc::new(Mutex::new(Tally::of_one_execution())) }
    }

    /// The same for an execution that goes on after a restart: its states have made so many calls already. Calls are not
    /// remembered. Answers for a certain iteration are taken for given in their order.
    pub fn going_on<'s>(answers: Answers, made: impl IntoIterator<Item = (&'s str, u32)>) -> AnswersLayer {
        let mut tally = Tally::going_on();
        made.into_iter().for_each(|(state, calls)| tally.made(&answers, state, calls));
        AnswersLayer { answers: Arc::new(answers), tally: Arc::new(Mutex::new(tally)) }
    }

    /// The calls in their order, if this is [`AnswersLayer::for_one_execution`].
    pub fn asked(&self) -> Vec<Asked> {
        self.tally().asked()
    }

    /// The calls for which there was no answer, in their order.
    pub fn missing(&self) -> Vec<Missing> {
        self.tally().missing()
    }

    /// The answers that were never asked for, for each execution that asked for any.
    pub fn unused(&self) -> Vec<Unused> {
        self.tally().unused(&self.answers)
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        // Counts are raised one at a time: a panic elsewhere leaves them whole.
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Layer<S> for AnswersLayer {
    type Service = AnswersService<S>;

    fn layer(&self, real: S) -> AnswersService<S> {
        AnswersService { mock: self.clone(), real }
    }
}

/// What [`AnswersLayer`] makes of a service.
#[derive(Debug, Clone)]
pub struct AnswersService<S> {
    mock: AnswersLayer,
    real: S,
}

impl<S> Service<TaskRequest> for AnswersService<S>
where
    S: Service<TaskRequest, Response = TaskResponse, Error = TaskFailure> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = TaskResponse;
    type Error = TaskFailure;
    type Future = BoxFuture<'static, Result<TaskResponse, TaskFailure>>;

    // A mocked call needs no room below; a real one waits for it in its future.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TaskFailure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: TaskRequest) -> Self::Future {
        let choice = self.mock.tally().choose(&self.mock.answers, &request);
        match choice {
            Choice::Real => self.real.clone().oneshot(request).boxed(),
            Choice::Missing(missing) => ready(Err(no_answer(&missing))).boxed(),
            Choice::Answer(Answer { kind: AnswerKind::CallReal, modelled, .. }) => {
                self.real.clone().oneshot(request).map(move |result| taking(result, modelled)).boxed()
            }
            Choice::Answer(answer) => ready(give(answer, &request)).boxed(),
        }
    }
}

fn give(answer: Answer, request: &TaskRequest) -> Result<TaskResponse, TaskFailure> {
    if let (Some(handle), None) = (&answer.submitted, &request.submitted) {
        return Ok(TaskResponse { reply: TaskReply::Submitted(handle.clone()), modelled: Some(Duration::ZERO) });
    }
    if let Some(failure) = answer.failure() {
        return Err(failure);
    }
    let modelled = Some(answer.modelled.unwrap_or_default());
    match answer.kind {
        AnswerKind::Return(value) => Ok(TaskResponse { reply: TaskReply::Done(value), modelled }),
        AnswerKind::MissHeartbeat => Ok(TaskResponse { reply: TaskReply::ByToken, modelled: None }),
        AnswerKind::TimeOut | AnswerKind::Throw { .. } | AnswerKind::CallReal => {
            Ok(TaskResponse { reply: TaskReply::ByToken, modelled })
        }
    }
}

fn taking(result: Result<TaskResponse, TaskFailure>, modelled: Option<Duration>) -> Result<TaskResponse, TaskFailure> {
    match (result, modelled) {
        (result, None) => result,
        (Ok(response), modelled) => Ok(TaskResponse { modelled, ..response }),
        (Err(failure), modelled) => Err(TaskFailure { modelled, ..failure }),
    }
}

fn no_answer(missing: &Missing) -> TaskFailure {
    TaskFailure { modelled: Some(Duration::ZERO), ..TaskFailure::new(NO_ANSWER, missing.to_string()) }
}

/// The service below a mock that mocks everything: it refuses every call.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTasks;

impl Service<TaskRequest> for NoTasks {
    type Response = TaskResponse;
    type Error = TaskFailure;
    type Future = Ready<Result<TaskResponse, TaskFailure>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TaskFailure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: TaskRequest) -> Self::Future {
        let cause = format!("state `{}` has no answers, and no service does `{}`", request.state, request.resource);
        std::future::ready(Err(TaskFailure {
            modelled: Some(Duration::ZERO),
            ..TaskFailure::new(NO_ANSWER, format!("{cause}: add a list of answers for it"))
        }))
    }
}

#[cfg(test)]
#[path = "mock_tests.rs"]
pub(super) mod tests;
