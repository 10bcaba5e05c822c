//! Executions that were started as a test case of a mock file have its answers to their end: after a restart, when the
//! file may be another one, and at a redrive. How many answers have been given is counted in their histories.

use crate::error::ApiError;
use crate::operations::Api;
use crate::registry::Mocked;
use aslx_engine::history::view::{RunTree, Seen, VisitStatus};
use aslx_engine::interpreter::Status;
use aslx_engine::layers::{Answers, MockConfig};
use aslx_engine::store::{JournalKind, Listing, Scope, StoreError};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// The number of [`Mocked`]'s members.
const VERSION: u32 = 1;

/// Children that are looked at in one go.
const BATCH: usize = 1_000;

impl Api {
    /// Gives an execution that is about to start the answers of a test case, and keeps that it has them. Says whether
    /// that was new: one that was started already keeps what it has.
    pub(crate) async fn mock(
        &self,
        execution: &Arc<str>,
        machine: &str,
        case: &str,
        answers: Answers,
    ) -> Result<bool, ApiError> {
        let exists = match self.engine.store().summary(execution).await {
            Ok(_) => true,
            Err(StoreError::NotFound(_)) => false,
            Err(error) => return Err(ApiError::internal(error.to_string())),
        };
        if exists || !self.tasks.mock(execution, answers, &BTreeMap::new()) {
            return Ok(false);
        }
        let text = self.tasks.mock_file();
        let file = Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
            // Writing to a text cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let mocked = Mocked { version: VERSION, machine: machine.to_owned(), case: case.to_owned(), file };
        let kept = self.registry.keep_mocked(execution, &mocked, text).await;
        if kept.is_err() {
            self.tasks.forget(execution);
        }
        kept.map(|()| true)
    }

    /// The start did not come about.
    pub(crate) async fn unmock(&self, execution: &str) {
        self.tasks.forget(execution);
        // What stays behind is overwritten by the next start of this name.
        let _ = self.registry.drop_mocked(execution).await;
    }

    /// Gives all executions that go on after a restart the answers that they had.
    ///
    /// Errors: what was kept cannot be read. Then nothing goes on: a real task might be called in place of a mock.
    pub(crate) async fn mock_again_all(&self) -> Result<(), StoreError> {
        for execution in self.registry.all_mocked().await? {
            match self.engine.store().summary(&execution).await {
                Ok(summary) if summary.status == Status::Running => {
                    let failed = |error: ApiError| StoreError::Failed(error.message().to_owned());
                    self.mock_again(&execution).await.map_err(failed)?;
                }
                Ok(_) => {}
                // It was removed with its machine, or after its time. Where this fails, the next start tries again.
                Err(StoreError::NotFound(_)) => {
                    let _ = self.registry.drop_mocked(&execution).await;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Gives an execution that goes on the answers that it had, if it was started as a test case.
    pub(crate) async fn mock_again(&self, execution: &str) -> Result<(), ApiError> {
        let Some((mocked, text)) = self.registry.mocked(execution).await? else { return Ok(()) };
        let broken = |why: String| ApiError::internal(format!("the mocks of `{execution}` cannot be read: {why}"));
        if mocked.version != VERSION {
            return Err(broken(format!("they are of version {}", mocked.version)));
        }
        let config = MockConfig::read(&text);
        let config = config.map_err(|wrong| broken(wrong.first().map_or("", |first| first.message()).to_owned()))?;
        let answers = config.answers(&mocked.machine, &mocked.case).map_err(broken)?.clone();
        let mut made = BTreeMap::new();
        self.count_calls(execution, &mut made).await?;
        self.tasks.mock(&execution.into(), answers, &made);
        Ok(())
    }

    /// Counts the calls that the tasks of an execution and its children have made. One that is still open is made again.
    async fn count_calls(&self, execution: &str, made: &mut BTreeMap<Arc<str>, u32>) -> Result<(), ApiError> {
        let failed = |error: &dyn std::fmt::Display| ApiError::internal(error.to_string());
        // Of an Express execution only the start is kept: it begins anew.
        if execution.contains(":express:") {
            return Ok(());
        }
        let events = self.engine.history(execution).await.map_err(|error| failed(&error))?;
        let tree = RunTree::of(&events.iter().map(Seen::from).collect::<Vec<_>>());
        for visit in tree.visits().filter(|visit| !visit.holds_others) {
            let open =
                visit.status == VisitStatus::Running && visit.tries.last().is_some_and(|last| last.ended.is_none());
            let calls = u32::try_from(visit.attempts).unwrap_or(u32::MAX) - u32::from(open);
            *made.entry(visit.state).or_default() += calls;
        }
        for run in self.belonging_to(execution, JournalKind::MapRun).await? {
            for child in self.belonging_to(&run, JournalKind::Execution).await? {
                Box::pin(self.count_calls(&child, made)).await?;
            }
        }
        Ok(())
    }

    async fn belonging_to(&self, parent: &str, kind: JournalKind) -> Result<Vec<Arc<str>>, ApiError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let listing = Listing { kind, after, ..Listing::of(Scope::Parent(parent.into()), BATCH) };
            let page =
                self.engine.store().list(listing).await.map_err(|error| ApiError::internal(error.to_string()))?;
            found.extend(page.found.into_iter().map(|(arn, _)| arn));
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }
}
