//! Streams that stay open between the pages of a run.

use super::items::{Broken, Items};
use super::source::Source;
use super::write;
use crate::ports::Bucket;
use aslx_asl::Value;
use aslx_engine::map_run::{ReadRequest, ReadTask, WriteTask};
use aslx_engine::task::{TaskFailure, TaskRequest};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;

/// The name under which a Retry or Catch finds a data set that cannot be read.
const FAILED: &str = "States.ItemReaderFailed";

/// Runs whose streams stay open; of the others the next page begins at the beginning.
const OPEN: usize = 64;

/// Reads the items of map runs and writes their results. Cloning is cheap.
#[derive(Clone)]
pub struct Datasets {
    bucket: Arc<dyn Bucket>,
    open: Arc<Mutex<VecDeque<Open>>>,
}

/// A stream, and how far it has been read.
struct Open {
    run: Arc<str>,
    source: Source,
    items: Box<dyn Items>,
    position: u64,
}

impl Datasets {
    /// Over this bucket.
    pub fn new(bucket: Arc<dyn Bucket>) -> Datasets {
        Datasets { bucket, open: Arc::default() }
    }

    /// Does the work of a map run. Must be called within a tokio runtime; the work itself blocks a thread of its own.
    ///
    /// Errors: `States.ItemReaderFailed` and `States.ResultWriterFailed`; `States.Runtime` for a task that no map run
    /// asks for.
    pub async fn answer(&self, request: &TaskRequest) -> Result<Value, TaskFailure> {
        if request.resource.ends_with(":putObject") {
            let Some(task) = WriteTask::from_input(&request.input) else { return Err(not_a_map_run()) };
            return write::part(&*self.bucket, task).await;
        }
        let Some((task, run)) = ReadTask::from_input(&request.input) else { return Err(not_a_map_run()) };
        let (read, limit) = ReadRequest::from_task(&request.resource, &request.input);
        let (this, runtime) = (self.clone(), Handle::current());
        let work = tokio::task::spawn_blocking(move || match task {
            ReadTask::Open => this.look_through(&read, limit, runtime),
            ReadTask::Page { from, items, bytes, pin } => {
                this.page(&Page { run, from, items, bytes, pin: pin.value().clone() }, &read, runtime)
            }
        });
        let answer = work.await.unwrap_or_else(|error| Err(Broken::new(format!("The reader ended early: {error}."))));
        answer.map_err(|broken| TaskFailure::new(FAILED, broken.0))
    }

    fn look_through(&self, read: &ReadRequest, limit: Option<u64>, runtime: Handle) -> Result<Value, Broken> {
        let source = Source::new(self.bucket.clone(), runtime);
        let mut items = source.open(read)?;
        let mut total = 0;
        while limit.is_none_or(|limit| total < limit) && items.next()?.is_some() {
            total += 1;
        }
        let whole = limit.is_none_or(|limit| total < limit);
        let pin = Value::from_pairs([
            ("Total", Value::from(total)),
            ("Whole", Value::from(whole)),
            ("Sha256", Value::from(source.digest())),
        ]);
        Ok(Value::from_pairs([("Total", Value::from(total)), ("Pin", pin)]))
    }

    fn page(&self, page: &Page, read: &ReadRequest, runtime: Handle) -> Result<Value, Broken> {
        let mut open = match self.take(&page.run, page.from) {
            Some(open) => open,
            None => {
                let source = Source::new(self.bucket.clone(), runtime);
                let items = source.open(read)?;
                Open { run: page.run.clone(), source, items, position: 0 }
            }
        };
        while open.position < page.from {
            open.items.next()?.ok_or_else(changed)?;
            open.position += 1;
        }
        let total = page.pin.get("Total").and_then(Value::as_i64).and_then(|total| u64::try_from(total).ok());
        let mut items = Vec::new();
        let mut origins: Vec<(u64, Option<Arc<str>>)> = Vec::new();
        let mut bytes = 0;
        while (items.len() as u64) < page.items && bytes < page.bytes && Some(open.position) != total {
            let item = open.items.next()?.ok_or_else(changed)?;
            bytes += item.json_len() as u64;
            items.push(item);
            open.position += 1;
            let origin = open.items.origin();
            match origins.last_mut() {
                Some((count, last)) if *last == origin => *count += 1,
                _ => origins.push((1, origin)),
            }
        }
        if Some(open.position) == total {
            // The end: what was read must be what was pinned.
            if page.pin.get("Whole").and_then(Value::as_bool) == Some(true) && open.items.next()?.is_some() {
                return Err(changed());
            }
            if page.pin.get("Sha256").and_then(Value::as_str) != Some(&*open.source.digest()) {
                return Err(changed());
            }
        } else {
            self.keep(open);
        }
        let mut answer = vec![("Items", Value::array(items))];
        if origins.iter().any(|(_, origin)| origin.is_some()) {
            let origin = |(count, source): (u64, Option<Arc<str>>)| {
                Value::from_pairs([("Count", Value::from(count)), ("Source", source.map_or(Value::Null, Value::from))])
            };
            answer.push(("Sources", Value::array(origins.into_iter().map(origin).collect())));
        }
        Ok(Value::from_pairs(answer))
    }

    /// The stream of a run, if it stands where it is wanted.
    fn take(&self, run: &str, position: u64) -> Option<Open> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let index = open.iter().position(|open| &*open.run == run)?;
        open.remove(index).filter(|open| open.position <= position)
    }

    fn keep(&self, stream: Open) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= OPEN {
            open.pop_front();
        }
        open.push_back(stream);
    }
}

/// A page that is asked for.
struct Page {
    run: Arc<str>,
    from: u64,
    items: u64,
    bytes: u64,
    pin: Value,
}

fn changed() -> Broken {
    Broken::new("The data set has changed since it was opened.")
}

fn not_a_map_run() -> TaskFailure {
    TaskFailure::new("States.Runtime", "data sets are only read and written for a distributed Map")
}
