//! From an execution to its spans, with the children of its map runs.

use super::context::{Context, Identity, SpanId};
use super::otlp::{Execution, Spans, resource};
use super::{Ended, Traces};
use crate::operations::Api;
use aslx_asl::Timestamp;
use aslx_engine::history::ErrorDetails;
use aslx_engine::history::view::{RunSpan, RunStatus, RunTree, SpanKey, SpanSubject};
use aslx_engine::interpreter::Status;
use aslx_engine::journal::{Entry, EntryKind, Started};
use aslx_engine::store::{Listing, Scope, Summary};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// Children of one map run whose spans are told. More would make a trace that nobody can look at.
const CHILDREN: usize = 1_000;

/// Why the spans of an execution are not known, for the log.
type Unknown = String;

impl Traces {
    /// The spans of an execution that has ended.
    pub(super) async fn spans(&self, api: &Api, ended: Ended) -> Result<Spans, Unknown> {
        let Ended { description, noted } = ended;
        let started = &description.started;
        let arn = started.names.execution_arn.clone();
        let tree = match noted {
            Some(tree) => tree,
            // It may have been redriven meanwhile: what follows its end belongs to the next one.
            None => self.tree(api, &arn, usize::try_from(description.events).unwrap_or(usize::MAX)).await?,
        };
        let identity = Identity { execution: &arn, start: description.start };
        let execution = Execution {
            started,
            identity,
            context: Context::of(started, identity),
            within: None,
            payloads: self.options.payloads,
            output: description.outcome.as_ref().and_then(|outcome| outcome.output.as_ref()),
        };
        let mut group =
            Spans { machine: started.names.machine_arn.clone(), resource: resource(&started.names), spans: Vec::new() };
        self.tell(api, &execution, tree.spans(), &mut group).await?;
        Ok(group)
    }

    async fn tree(&self, api: &Api, execution: &str, events: usize) -> Result<RunTree, Unknown> {
        let history = api.engine.history(execution).await.map_err(|error| error.to_string())?;
        let mut tree = RunTree::new();
        history.iter().take(events).for_each(|event| tree.apply(event));
        Ok(tree)
    }

    /// In a box: a child may have map runs too.
    fn tell<'a>(
        &'a self,
        api: &'a Api,
        execution: &'a Execution<'a>,
        spans: Vec<RunSpan>,
        group: &'a mut Spans,
    ) -> BoxFuture<'a, Result<(), Unknown>> {
        Box::pin(async move {
            for span in spans {
                group.spans.push(execution.span(&span));
                if let SpanSubject::MapRun { arn } = &span.subject {
                    self.children(api, execution, arn, &span, group).await?;
                }
            }
            Ok(())
        })
    }

    async fn children(
        &self,
        api: &Api,
        parent: &Execution<'_>,
        run: &Arc<str>,
        span: &RunSpan,
        group: &mut Spans,
    ) -> Result<(), Unknown> {
        let broken = |error: aslx_engine::store::StoreError| error.to_string();
        let page = api.engine.store().list(Listing::of(Scope::Parent(run.clone()), CHILDREN)).await.map_err(broken)?;
        for (arn, summary) in page.found.into_iter().rev() {
            // What had ended before a redrive was told then.
            if summary.stopped.is_some_and(|stopped| stopped < span.begun) {
                continue;
            }
            let started = started(api, &arn).await?;
            let identity = Identity { execution: &arn, start: summary.started };
            let child = Execution {
                started: &started,
                identity,
                context: parent.context,
                within: Some(parent.identity.span(span.key)),
                payloads: false,
                output: None,
            };
            let mut spans = self.tree(api, &arn, usize::MAX).await?.spans();
            if spans.is_empty() {
                // Of an Express child only its start and its end are kept.
                spans.push(whole(&summary, span.ended));
            }
            self.tell(api, &child, spans, group).await?;
        }
        Ok(())
    }
}

/// A child of which nothing is known but that it ran.
fn whole(summary: &Summary, run_ended: Timestamp) -> RunSpan {
    let status = match summary.status {
        Status::Succeeded => RunStatus::Succeeded,
        Status::Failed => RunStatus::Failed,
        Status::TimedOut => RunStatus::TimedOut,
        Status::Aborted | Status::Running => RunStatus::Aborted,
    };
    RunSpan {
        key: SpanKey::Execution { redrive: 0 },
        parent: None,
        subject: SpanSubject::Execution(status),
        begun: summary.started,
        ended: summary.stopped.unwrap_or(run_ended),
        error: (status != RunStatus::Succeeded).then(ErrorDetails::default),
    }
}

async fn started(api: &Api, execution: &str) -> Result<Box<Started>, Unknown> {
    let opening = api.engine.store().opening(execution).await.map_err(|error| error.to_string())?;
    match opening.first::<Entry>().map_err(|error| error.to_string())?.map(|entry| entry.kind) {
        Some(EntryKind::Started(started)) => Ok(started),
        _ => Err(format!("the journal of `{execution}` does not begin with its start")),
    }
}

impl Traces {
    /// The header for an execution that an attempt of a task starts: so that both are in one trace.
    pub(crate) async fn header_for(&self, api: &Api, execution: &str, event: u64) -> Option<String> {
        let live = self.live().get(execution).map(|live| (live.started.clone(), live.start));
        if let Some((started, start)) = live {
            return self.header_of(&started, Identity { execution, start }, event);
        }
        let summary = api.engine.store().summary(execution).await.ok()?;
        let span = Identity { execution, start: summary.started }.span(SpanKey::Attempt { event });
        self.header_through(api, execution, &summary, span).await
    }

    /// A child of a map run is in the trace of its parent.
    async fn header_through(&self, api: &Api, execution: &str, summary: &Summary, caller: SpanId) -> Option<String> {
        let (mut arn, mut summary): (Arc<str>, Summary) = (execution.into(), summary.clone());
        while let Some(parent) = summary.parent.take() {
            summary = api.engine.store().summary(&parent).await.ok()?;
            arn = parent;
        }
        let started = started(api, &arn).await.ok()?;
        let context = Context::of(&started, Identity { execution: &arn, start: summary.started });
        let wanted = self.is_wanted(&started, context);
        (wanted || context.sampled == Some(false)).then(|| context.header(caller, wanted))
    }
}
