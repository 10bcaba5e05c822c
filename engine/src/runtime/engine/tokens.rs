//! Task tokens and the workers of activities.

use super::error::{ActivityError, EngineError, TokenError};
use super::mail::{Mail, Signal};
use super::{ActivityTask, Engine};
use crate::data::Data;
use crate::interpreter::{Action, Interpreter, Status, Step};
use crate::store::Summary;
use aslx_asl::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

impl Engine {
    /// SendTaskSuccess: the holder of a token gives the result of its task, a JSON text.
    ///
    /// Errors come in the order in which AWS looks (recorded): the token's form, the output, the task.
    pub async fn task_succeeded(&self, token: &str, output: &str) -> Result<(), TokenError> {
        check_form(token)?;
        let output = Data::parse(output).map_err(|error| TokenError::Output(error.to_string()))?;
        self.signal(token, Signal::Success(output)).await
    }

    /// SendTaskFailure: the holder of a token says that its task failed.
    pub async fn task_failed(
        &self,
        token: &str,
        error: Option<Arc<str>>,
        cause: Option<Arc<str>>,
    ) -> Result<(), TokenError> {
        check_form(token)?;
        self.signal(token, Signal::Failure { error, cause }).await
    }

    /// SendTaskHeartbeat: the holder of a token is still at work. It moves the timer of its window, and leaves no
    /// trace.
    pub async fn task_heartbeat(&self, token: &str) -> Result<(), TokenError> {
        check_form(token)?;
        self.signal(token, Signal::Heartbeat).await
    }

    async fn signal(&self, token: &str, signal: Signal) -> Result<(), TokenError> {
        let known = self.store().token(token).await.map_err(EngineError::from)?.ok_or(TokenError::Unknown)?;
        let owner = self.family_of(&known).await?;
        let token: Arc<str> = token.into();
        let mail = |reply| Mail::Token { token: token.clone(), signal: signal.clone(), held: 0, reply };
        match self.ask(&owner, mail).await? {
            Some(Err(TokenError::Unknown)) | None => Err(self.ended_task(&known, &token).await?),
            Some(answered) => answered,
        }
    }

    /// The execution whose owner looks after this one: itself, or the one that its map run belongs to.
    pub(super) async fn family_of(&self, execution: &Arc<str>) -> Result<Arc<str>, EngineError> {
        let mut here = execution.clone();
        loop {
            let Summary { parent, .. } = self.store().summary(&here).await?;
            match parent {
                Some(parent) => here = parent,
                None => return Ok(here),
            }
        }
    }

    /// Why a token that was given out answers nothing any more.
    async fn ended_task(&self, execution: &str, token: &str) -> Result<TokenError, EngineError> {
        let (interpreter, stored) = self.replayed(execution, &mut Step::new()).await?;
        let mut again = Interpreter::new(interpreter.program().clone());
        let mut step = Step::new();
        for entry in stored.entries(execution)? {
            step.clear();
            again.apply(&entry, &mut step)?;
            for action in &step.actions {
                if let Action::StartTask { request, .. } = action
                    && request.token.as_deref() == Some(token)
                {
                    return Ok(TokenError::TimedOut { resource: request.resource.clone() });
                }
            }
        }
        Ok(TokenError::Unknown)
    }

    /// GetActivityTask: waits until there is a task of this activity, at the most for so long; `None` when there was
    /// none. The task's clocks start when this answers.
    ///
    /// Errors: there is no such activity, or it was deleted meanwhile.
    pub async fn activity_task(
        &self,
        activity: &str,
        worker: Option<Arc<str>>,
        patience: Duration,
    ) -> Result<Option<ActivityTask>, ActivityError> {
        match tokio::time::timeout(patience, self.lease(activity, worker)).await {
            Ok(leased) => leased.map(Some),
            Err(_) => Ok(None),
        }
    }

    async fn lease(&self, activity: &str, worker: Option<Arc<str>>) -> Result<ActivityTask, ActivityError> {
        loop {
            let gone = || ActivityError::NotFound { activity: activity.into() };
            let offer = self.activities().take(activity).await.ok_or_else(gone)?;
            let (execution, token) = (offer.execution.clone(), offer.token.clone());
            let mut offered = Offered { engine: self, activity, offer: Some(offer), asked: None };
            if !self.roster().runs(&execution) {
                match self.store().summary(&execution).await {
                    Ok(summary) if summary.status == Status::Running => {}
                    Ok(_) | Err(crate::store::StoreError::NotFound(_)) => {
                        offered.offer = None;
                        continue;
                    }
                    Err(error) => return Err(EngineError::from(error).into()),
                }
            }
            let (reply, answer) = oneshot::channel();
            let answer = offered.asked.insert(answer);
            let mail = Mail::Lease { token: token.clone(), worker: worker.clone(), reply };
            let delivered = match self.roster().deliver(&execution, mail) {
                Ok(()) => Ok(true),
                Err(mail) => self.take_up_for(&execution, mail).await,
            };
            let answered = match delivered {
                Ok(true) => answer.await.ok().flatten(),
                Ok(false) => None,
                Err(error) => {
                    // Nobody has asked for it.
                    offered.asked = None;
                    return Err(error.into());
                }
            };
            // Whoever answered that it is gone, or went away himself, offers it again if it is still to be done.
            offered.offer = None;
            if let Some(input) = answered {
                return Ok(ActivityTask { token, input });
            }
        }
    }
}

/// An offer that goes back to the queue when the worker goes away before it has the task.
struct Offered<'a> {
    engine: &'a Engine,
    activity: &'a str,
    offer: Option<super::activities::Offer>,
    /// The owner was asked for it.
    asked: Option<oneshot::Receiver<Option<Value>>>,
}

impl Drop for Offered<'_> {
    fn drop(&mut self) {
        let Some(offer) = self.offer.take() else { return };
        // An owner that has not answered yet sees that nobody is there, and offers it again himself. One that has
        // believes that it was taken.
        let taken = self.asked.as_mut().map(|asked| {
            asked.close();
            matches!(asked.try_recv(), Ok(Some(_)))
        });
        if taken.unwrap_or(true) {
            self.engine.activities().offer(self.activity, offer.execution, offer.token);
        }
    }
}

/// Tokens have one form; everything else was never given out.
fn check_form(token: &str) -> Result<(), TokenError> {
    let digits = token.strip_prefix("AQCE").ok_or(TokenError::Malformed)?;
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if digits.len() == 64 && digits.bytes().all(is_hex) { Ok(()) } else { Err(TokenError::Malformed) }
}
