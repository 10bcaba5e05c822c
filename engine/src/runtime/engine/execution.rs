//! What can be done with an execution, by its ARN.

use super::error::EngineError;
use super::mail::{Mail, Reply};
use super::roster::End;
use super::view::Description;
use super::{Engine, Known, Pace};
use crate::data::Data;
use crate::history::HistoryEvent;
use crate::interpreter::{Interpreter, Outcome, Status, Step};
use crate::journal::{Entry, EntryKind, Started};
use crate::runtime::Finished;
use crate::store::StoredJournal;
use aslx_asl::{CompileOptions, MachineType, Program, Timestamp};
use std::sync::Arc;
use tokio::sync::{oneshot, watch};

/// An execution that was started. Dropping the handle leaves it running.
pub struct ExecutionHandle {
    engine: Engine,
    execution: Arc<str>,
    started: Timestamp,
    existing: bool,
    end: Awaited,
}

/// The end of an execution.
pub(super) enum Awaited {
    /// It had ended when it was looked at.
    Known(Result<Arc<Finished>, EngineError>),
    /// It will be told here.
    Told(watch::Receiver<End>),
}

impl ExecutionHandle {
    pub(super) fn new(
        engine: Engine,
        execution: Arc<str>,
        started: Timestamp,
        existing: bool,
        end: Awaited,
    ) -> ExecutionHandle {
        ExecutionHandle { engine, execution, started, existing, end }
    }

    /// Its ARN.
    pub fn execution(&self) -> &Arc<str> {
        &self.execution
    }

    /// When it was started.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// It ran already when it was started, with the same input: nothing new was started.
    pub fn existing(&self) -> bool {
        self.existing
    }

    /// Asks it to stop, with an error name and a cause for its history.
    pub fn stop(&self, error: Option<Arc<str>>, cause: Option<Arc<str>>) {
        let (reply, _) = oneshot::channel();
        // Nobody takes it when it has ended already: then there is nothing to stop. One that sleeps is woken for it.
        let stop = Mail::Stop { child: None, error, cause, reply };
        if let Err(Mail::Stop { error, cause, .. }) = self.engine.roster().deliver(&self.execution, stop) {
            let (engine, execution) = (self.engine.clone(), self.execution.clone());
            tokio::spawn(async move { engine.stop(&execution, error, cause).await });
        }
    }

    /// Waits for its end.
    pub async fn wait(self) -> Result<Finished, EngineError> {
        let finished = match self.end {
            Awaited::Known(finished) => finished?,
            Awaited::Told(mut end) => {
                let end = end.wait_for(Option::is_some).await.map_err(|_| EngineError::Stopped)?;
                end.clone().unwrap_or(Err(EngineError::Stopped))?
            }
        };
        Ok(Arc::unwrap_or_clone(finished))
    }
}

impl Engine {
    /// Stops an execution, or the child of a map run; gives the time at which it did. One that has ended stays as it
    /// is, and the time is that of its end.
    ///
    /// Errors: there is none of that ARN; the store failed.
    pub async fn stop(
        &self,
        execution: &str,
        error: Option<Arc<str>>,
        cause: Option<Arc<str>>,
    ) -> Result<Timestamp, EngineError> {
        let execution: Arc<str> = execution.into();
        // A synchronous execution is in no store; one that has an owner is nobody's child.
        let has_owner = self.roster().runs(&execution);
        let owner = if has_owner { execution.clone() } else { self.family_of(&execution).await? };
        let child = (owner != execution).then(|| execution.clone());
        let stop = |reply| Mail::Stop { child: child.clone(), error: error.clone(), cause: cause.clone(), reply };
        match self.ask(&owner, stop).await?.transpose()?.flatten() {
            Some(stopped) => Ok(stopped),
            None => self.store().summary(&execution).await?.stopped.ok_or(EngineError::Stopped),
        }
    }

    /// Says that a client has asked about it: in virtual time it waits a little before it jumps on.
    pub fn noticed(&self, execution: &str) {
        if self.pace() == Pace::Virtual {
            // Who does not run does not jump.
            let _ = self.roster().deliver(execution, Mail::Noticed);
        }
    }

    /// How it is, or how it ended.
    ///
    /// Errors: there is none of that ARN; the store failed.
    pub async fn describe(&self, execution: &str) -> Result<Description, EngineError> {
        let (reply, answer) = oneshot::channel();
        if self.roster().deliver(execution, Mail::Describe { reply }).is_ok()
            && let Ok(description) = answer.await
        {
            return Ok(description);
        }
        let (interpreter, _) = self.replayed(execution, &mut Step::new()).await?;
        Description::of(&interpreter).ok_or_else(|| EngineError::NotFound { execution: execution.into() })
    }

    /// Its history so far.
    ///
    /// Errors: there is none of that ARN; the store failed.
    pub async fn history(&self, execution: &str) -> Result<Vec<HistoryEvent>, EngineError> {
        let mut step = Step::with_history();
        self.replayed(execution, &mut step).await?;
        Ok(step.events)
    }

    /// Waits for its end.
    ///
    /// Errors: there is none of that ARN; the engine shuts down; the store failed.
    pub async fn wait(&self, execution: &str) -> Result<Outcome, EngineError> {
        loop {
            if let Some(mut end) = self.roster().end_of(execution) {
                let end = end.wait_for(Option::is_some).await.ok().and_then(|end| end.clone());
                if let Some(end) = end {
                    return end.map(|finished| finished.outcome.clone());
                }
            }
            if let Some(outcome) = self.store().outcome(execution).await? {
                return Ok(outcome);
            }
            self.take_up(execution).await?;
        }
    }

    /// Tells the running executions of a state machine that it was deleted: each fails at its next transition.
    ///
    /// Errors: the store failed.
    pub async fn machine_deleted(&self, machine: &str) -> Result<(), EngineError> {
        use crate::store::{Listing, Scope};
        let mut listing = Listing::of(Scope::Machine(machine.into()), 1_000);
        listing.status = Some(Status::Running);
        loop {
            let page = self.store().list(listing.clone()).await?;
            for (execution, _) in page.found {
                self.ask(&execution, |reply| Mail::MachineDeleted { reply }).await?;
            }
            match page.next {
                Some(next) => listing.after = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// ARNs of the executions that are in memory now; others lie in the store and wait.
    pub fn running(&self) -> Vec<Arc<str>> {
        self.roster().running()
    }

    /// Executions that wait, not in memory, for a time or for somebody outside.
    pub fn sleeping(&self) -> usize {
        self.roster().sleeping()
    }

    /// Asks the owner of an execution; `None` if the execution has ended.
    pub(super) async fn ask<T>(
        &self,
        execution: &str,
        mail: impl Fn(Reply<T>) -> Mail,
    ) -> Result<Option<T>, EngineError> {
        loop {
            let (reply, answer) = oneshot::channel();
            let delivered = match self.roster().deliver(execution, mail(reply)) {
                Ok(()) => true,
                Err(mail) => {
                    if self.store().summary(execution).await?.status != Status::Running {
                        return Ok(None);
                    }
                    self.take_up_for(execution, mail).await?
                }
            };
            if delivered && let Ok(answer) = answer.await {
                return Ok(Some(answer));
            }
            // Its owner has gone meanwhile: it has ended, or the store tells what is wrong.
            tokio::task::yield_now().await;
        }
    }

    /// A start under a name that is taken.
    pub(super) async fn again(&self, execution: Arc<str>, input: &Data) -> Result<ExecutionHandle, EngineError> {
        let summary = self.store().summary(&execution).await?;
        let same = summary.status == Status::Running
            && started(&self.store().opening(&execution).await?.first::<Entry>().ok().flatten())
                .is_some_and(|started| started.input.text() == input.text());
        if !same {
            return Err(EngineError::AlreadyExists { execution });
        }
        self.take_up(&execution).await?;
        match self.roster().end_of(&execution) {
            Some(end) => Ok(ExecutionHandle::new(self.clone(), execution, summary.started, true, Awaited::Told(end))),
            None => Err(EngineError::AlreadyExists { execution }),
        }
    }

    /// Replays what the store has of an execution.
    pub(super) async fn replayed(
        &self,
        execution: &str,
        step: &mut Step,
    ) -> Result<(Interpreter, StoredJournal), EngineError> {
        let stored = self.store().journal(execution).await?;
        let journal = stored.entries(execution)?;
        let Some(started) = started(&journal.first().cloned()) else {
            return Err(crate::interpreter::ReplayError::NotStarted.into());
        };
        let program = self.program(execution, &started).await?;
        let interpreter = Interpreter::replay(program, &journal, step)?;
        // Of an Express execution only the start is kept.
        let whole = started.machine_type == MachineType::Standard;
        if whole && interpreter.digest() ^ stored.lines.digest(0) != stored.digest {
            return Err(EngineError::Diverged { execution: execution.into() });
        }
        Ok((interpreter, stored))
    }

    /// The program of an execution: known from a start, or compiled again from the definition in the store.
    async fn program(&self, execution: &str, started: &Started) -> Result<Arc<Program>, EngineError> {
        let key = (started.program.clone(), started.machine_type == MachineType::Express);
        if let Some(known) = self.programs().get(&key) {
            return Ok(known.program.clone());
        }
        let unknown = || EngineError::NoProgram { execution: execution.into(), hash: started.program.clone() };
        let text = self.store().definition(&started.program).await?.ok_or_else(unknown)?;
        // A child runs the processor of its parent's program.
        let machine_type = match &started.processor {
            Some(_) => MachineType::Standard,
            None => started.machine_type,
        };
        let options = CompileOptions { machine_type, ..CompileOptions::default() };
        let program = Program::compile(&text, &options).map(Arc::new).map_err(|_| unknown())?;
        if *program.hash() != *started.program {
            return Err(unknown());
        }
        self.programs().insert(key, Known::of(&program));
        Ok(program)
    }
}

fn started(first: &Option<Entry>) -> Option<Box<Started>> {
    match &first.as_ref()?.kind {
        EntryKind::Started(started) => Some(started.clone()),
        _ => None,
    }
}
