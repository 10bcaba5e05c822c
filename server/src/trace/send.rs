//! To the collector: in batches, with patience, and never more than fits into a bounded place.

use super::otlp::{Spans, request};
use super::{Ended, Traces};
use crate::operations::Api;
use crate::post::{BackOff, Leave, Poster, Refused, deadline};
use crate::watch::Watch;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout_at;

/// Spans that are sent together, and how long the first of them waits for others.
const BATCH: usize = 1_024;
const GATHERING: Duration = Duration::from_millis(500);

/// How long a batch is tried before it is dropped for the next one.
const TRIED: Duration = Duration::from_secs(60);

/// How long what is left may take when the server stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// Tells traces until the server stops, and then what is left.
pub(crate) async fn run(
    api: Weak<Api>,
    traces: Arc<Traces>,
    watched: Arc<Watch>,
    mut ended: mpsc::Receiver<Ended>,
    stop: watch::Receiver<bool>,
) {
    let poster = Poster::new(traces.options.collector.clone());
    let mut sender = Sender { poster, watched, leave: Leave::new(stop, FAREWELL), works: true };
    loop {
        // What is left goes first.
        let first = tokio::select! {
            biased;
            first = ended.recv() => first,
            () = sender.leave.asked() => None,
        };
        let Some(first) = first else { return };
        let mut batch = Batch::default();
        batch.add(&api, &traces, &sender.watched, first).await;
        let until = deadline(GATHERING);
        while batch.spans < BATCH {
            let next = match sender.leave.is_asked() {
                true => ended.try_recv().ok(),
                false => tokio::select! {
                    biased;
                    next = timeout_at(until, ended.recv()) => next.ok().flatten(),
                    () = sender.leave.asked() => continue,
                },
            };
            let Some(next) = next else { break };
            batch.add(&api, &traces, &sender.watched, next).await;
        }
        sender.send(&batch).await;
    }
}

/// Spans on their way, by state machine.
#[derive(Default)]
struct Batch {
    groups: Vec<Spans>,
    spans: usize,
}

impl Batch {
    async fn add(&mut self, api: &Weak<Api>, traces: &Traces, watched: &Watch, ended: Ended) {
        let Some(api) = api.upgrade() else { return };
        let execution = ended.description.started.names.execution_arn.clone();
        match traces.spans(&api, ended).await {
            Ok(found) => {
                self.spans += found.spans.len();
                match self.groups.iter_mut().find(|group| group.machine == found.machine) {
                    Some(group) => group.spans.extend(found.spans),
                    None => self.groups.push(found),
                }
            }
            Err(why) => {
                watched.figures.trace_dropped();
                watched.trouble(|| format!("the trace of {execution} is not told: {why}"));
            }
        }
    }
}

struct Sender {
    poster: Poster,
    watched: Arc<Watch>,
    leave: Leave,
    /// The last thing that was sent was taken.
    works: bool,
}

impl Sender {
    /// Sends a batch, in requests of a bounded size. What is not taken in time is dropped.
    async fn send(&mut self, batch: &Batch) {
        for group in &batch.groups {
            for spans in group.spans.chunks(BATCH) {
                let taken = self.deliver(request(&group.resource, spans).to_string()).await;
                self.watched.figures.spans(taken, spans.len());
            }
        }
    }

    async fn deliver(&mut self, body: String) -> bool {
        let body = bytes::Bytes::from(body);
        let (mut back_off, until) = (BackOff::new(), deadline(TRIED));
        loop {
            match self.leave.wait(self.poster.post(body.clone())).await {
                Some(Ok(())) => {
                    self.works = true;
                    return true;
                }
                Some(Err(Refused::ForEver(why))) => {
                    self.say(&why);
                    return false;
                }
                Some(Err(Refused::ForNow { why, after })) => {
                    self.say(&why);
                    let pause = back_off.wait(after);
                    if deadline(pause) >= until || !self.leave.pause(pause).await {
                        return false;
                    }
                }
                None => {
                    self.say("the server stops");
                    return false;
                }
            }
        }
    }

    /// Says once what is wrong, until it works again.
    fn say(&mut self, why: &str) {
        if std::mem::take(&mut self.works) {
            let collector = self.poster.endpoint();
            self.watched.trouble(|| format!("traces cannot be sent to {collector}: {why}"));
        }
    }
}
