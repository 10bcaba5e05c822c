//! A tracing span around each attempt of a task.

use crate::task::{TaskFailure, TaskRequest, TaskResponse};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::task::{Context, Poll};
use tower::{Layer, Service};
use tracing::field::Empty;
use tracing::{Instrument, info_span};

/// Puts each attempt into a span `task` with `execution`, `state`, `resource`, `attempt` (counted from 0), `iteration`
/// and, when it failed, `error`. Inputs, outputs and causes are never written: they may hold what is nobody's business.
#[derive(Debug, Clone, Copy, Default)]
pub struct TraceLayer;

impl<S> Layer<S> for TraceLayer {
    type Service = TraceService<S>;

    fn layer(&self, inner: S) -> TraceService<S> {
        TraceService { inner }
    }
}

/// What [`TraceLayer`] makes of a service.
#[derive(Debug, Clone)]
pub struct TraceService<S> {
    inner: S,
}

impl<S> Service<TaskRequest> for TraceService<S>
where
    S: Service<TaskRequest, Response = TaskResponse, Error = TaskFailure>,
    S::Future: Send + 'static,
{
    type Response = TaskResponse;
    type Error = TaskFailure;
    type Future = BoxFuture<'static, Result<TaskResponse, TaskFailure>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TaskFailure>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: TaskRequest) -> Self::Future {
        let span = info_span!(
            "task",
            execution = &*request.execution,
            state = &*request.state,
            resource = &*request.resource,
            attempt = request.retry_count,
            iteration = request.iteration,
            error = Empty
        );
        let answer = span.in_scope(|| self.inner.call(request));
        let noted = span.clone();
        let answer = answer.inspect(move |result| {
            if let Err(failure) = result {
                noted.record("error", failure.error.as_str());
            }
        });
        answer.instrument(span).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::super::mock::tests::request;
    use super::super::{Answer, Answers, AnswersLayer, NoTasks};
    use super::*;
    use std::fmt::Debug;
    use std::sync::{Arc, Mutex};
    use tower::ServiceBuilder;
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    /// Writes down the fields of all spans.
    #[derive(Clone, Default)]
    struct Notes(Arc<Mutex<Vec<String>>>);

    impl Visit for Notes {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            self.0.lock().unwrap().push(format!("{field}={value:?}"));
        }
    }

    impl Subscriber for Notes {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, span: &Attributes<'_>) -> Id {
            self.0.lock().unwrap().push(span.metadata().name().to_owned());
            span.record(&mut self.clone());
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, values: &Record<'_>) {
            values.record(&mut self.clone());
        }
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    fn trace(answers: Answers) -> Vec<String> {
        let notes = Notes::default();
        let mut service = ServiceBuilder::new().layer(TraceLayer).layer(AnswersLayer::new(answers)).service(NoTasks);
        tracing::subscriber::with_default(notes.clone(), || {
            let answer = service.call(request("Work", 2, Some(3)));
            drop(answer.now_or_never().unwrap());
        });
        let notes = notes.0.lock().unwrap();
        notes.clone()
    }

    #[test]
    fn a_span_tells_which_attempt_it_is_and_no_payload() {
        let fields = [
            "task",
            r#"execution="arn""#,
            r#"state="Work""#,
            r#"resource="arn:aws:states:::lambda:invoke""#,
            "attempt=2",
            "iteration=3",
        ];
        assert_eq!(trace(Answers::new().state("Work", [Answer::returns("secret")])), fields);
        let failed = trace(Answers::new().state("Work", [Answer::throws("Broken", "secret")]));
        assert_eq!(failed, [&fields[..], &[r#"error="Broken""#]].concat());
    }
}
