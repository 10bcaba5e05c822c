//! Histories of executions that have ended: sealed, so that they stay what they are.

use super::Engine;
use super::error::EngineError;
use crate::history::HistoryEvent;
use crate::interpreter::Step;
use crate::store::{Closed, StoreError};
use aslx_asl::Timestamp;
use serde_json::Value as Json;
use std::sync::Arc;

/// Bytes that a sealed history may have. A longer one, of an execution that carried large payloads through many
/// states, is made anew for each reader: kept, it would need a hundred times the room of its journal.
const LONGEST: usize = 16 * 1024 * 1024;

/// Bytes of histories that are written together.
const BATCH: usize = 1024 * 1024;

impl Engine {
    /// The events of an execution in AWS's shape, as GetExecutionHistory has them: the sealed ones if it has ended, else
    /// by replay.
    ///
    /// Errors: there is none of that ARN; the store failed.
    pub async fn events(&self, execution: &str) -> Result<Vec<Json>, EngineError> {
        let sealed = match self.store().sealed(execution).await {
            // What is wrong with it does not matter, since it can be made again.
            Err(StoreError::Damaged { .. }) => None,
            sealed => sealed?,
        };
        if let Some(events) = sealed.and_then(|sealed| serde_json::from_slice(&sealed).ok()) {
            return Ok(events);
        }
        let mut step = Step::with_history();
        let (interpreter, stored) = self.replayed(execution, &mut step).await?;
        if interpreter.outcome().is_some()
            && self.store().is_durable()
            && let Some(history) = text_of(&step.events)
        {
            // Where it cannot be kept, the next reader replays again.
            let _ = self.store().seal(execution, stored.lines.len(), history).await;
        }
        Ok(step.events.iter().map(HistoryEvent::to_json).collect())
    }

    /// Seals histories of executions that ended before a time, at most so many, those after `after`. Gives the last one
    /// that it has looked at; none when there are no more. One that cannot be sealed is told in the log and passed over.
    ///
    /// Errors: the store failed.
    pub async fn seal_some(
        &self,
        ended_before: Timestamp,
        after: Option<Closed>,
        limit: usize,
    ) -> Result<Option<Closed>, EngineError> {
        let (mut last, mut batch, mut bytes) = (None, Vec::new(), 0);
        for closed in self.store().unsealed(ended_before, after, limit).await? {
            let execution = closed.journal.clone();
            last = Some(closed);
            match self.closed_history(&execution).await {
                Ok(Some((length, history))) => {
                    bytes += history.len();
                    batch.push((execution, length, history));
                }
                // It is too long, has just been redriven, or is gone.
                Ok(None) | Err(EngineError::NotFound { .. }) => {}
                Err(error) => tracing::warn!(%execution, %error, "the history of an execution cannot be sealed"),
            }
            if bytes > BATCH {
                break;
            }
            // Others come first.
            tokio::task::yield_now().await;
        }
        // Asked for together, they share a sync.
        let store = self.store();
        let seals = batch.iter().map(|(execution, length, history)| store.seal(execution, *length, history.clone()));
        for sealed in futures_util::future::join_all(seals).await {
            match sealed {
                Ok(_) | Err(StoreError::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(last)
    }

    /// The history of a closed execution and the length of its journal; `None` if it is open or the history too long.
    async fn closed_history(&self, execution: &str) -> Result<Option<(u64, Arc<[u8]>)>, EngineError> {
        let mut step = Step::with_history();
        let (interpreter, stored) = self.replayed(execution, &mut step).await?;
        let closed = interpreter.outcome().is_some();
        Ok(text_of(&step.events).filter(|_| closed).map(|history| (stored.lines.len(), history)))
    }
}

/// Events as a JSON list; `None` if it is too long to be kept.
fn text_of(events: &[HistoryEvent]) -> Option<Arc<[u8]>> {
    let mut text = vec![b'['];
    for event in events {
        if text.len() > 1 {
            text.push(b',');
        }
        // A vector takes every byte, and events always serialise.
        let _ = serde_json::to_writer(&mut text, &event.to_json());
        if text.len() > LONGEST {
            return None;
        }
    }
    text.push(b']');
    Some(text.into())
}
