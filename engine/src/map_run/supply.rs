//! Where the items come from: a page at a time, put together into the inputs of children.

use super::batch::{Batch, Batcher};
use super::{ItemSource, MapRunRequest, ReadTask};
use crate::Data;
use crate::interpreter::{hash_text, mix};
use aslx_asl::{Failure, Value};
use std::collections::VecDeque;
use std::sync::Arc;

/// Items that a page has at the most.
const PAGE_ITEMS: u64 = 1_000;

/// Bytes of items after which a page has no further one.
const PAGE_BYTES: u64 = 4 * 1024 * 1024;

/// Batches that may wait while more items are read.
const ENOUGH: usize = 500;

/// A page of items, each with where it comes from if that differs from the rest.
pub(super) struct Page {
    pub(super) items: Vec<(Value, Option<Arc<str>>)>,
}

impl Page {
    /// The answer of a reading task.
    pub(super) fn of(items: &[Value], sources: Option<&Value>) -> Page {
        let mut origins = sources.and_then(Value::as_array).unwrap_or_default().iter().flat_map(|origin| {
            let count = origin.get("Count").and_then(Value::as_i64).and_then(|count| usize::try_from(count).ok());
            let source: Option<Arc<str>> = match origin.get("Source") {
                Some(Value::String(source)) => Some(source.clone()),
                _ => None,
            };
            std::iter::repeat_n(source, count.unwrap_or_default())
        });
        Page { items: items.iter().map(|item| (item.clone(), origins.next().flatten())).collect() }
    }
}

/// The items of a run, and how far it is through them.
pub(super) struct Supply {
    batcher: Batcher,
    waiting: VecDeque<Batch>,
    /// All of them, where they are not read page by page.
    held: Option<Vec<Value>>,
    pin: Option<Data>,
    total: Option<u64>,
    /// Items that are in batches.
    read: u64,
    /// Items that children have.
    given: u64,
    /// A reading task is under way.
    asked: bool,
}

impl Supply {
    pub(super) fn new(request: &mut MapRunRequest) -> Supply {
        let held = match &mut request.source {
            ItemSource::Items(items) => Some(std::mem::take(items)),
            ItemSource::Reader(_) => None,
        };
        Supply {
            batcher: Batcher::new(request.batch.clone()),
            waiting: VecDeque::new(),
            total: held.as_ref().map(|items| items.len() as u64),
            held,
            pin: None,
            read: 0,
            given: 0,
            asked: false,
        }
    }

    /// All items, once that is known.
    pub(super) fn total(&self) -> Option<u64> {
        self.total
    }

    /// Items that children have got.
    pub(super) fn given(&self) -> u64 {
        self.given
    }

    /// Batches that are ready.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting.len() as u64
    }

    pub(super) fn all_given(&self) -> bool {
        self.total == Some(self.given)
    }

    /// Neither an item nor an answer is to come.
    pub(super) fn is_through(&self) -> bool {
        self.total == Some(self.read) && self.waiting.is_empty() && !self.asked
    }

    pub(super) fn is_asked(&self) -> bool {
        self.asked
    }

    pub(super) fn opened(&mut self, total: u64, pin: &Data) {
        self.total = Some(total);
        self.pin = Some(pin.clone());
    }

    /// The whole list was answered instead of a page; gives its number of items and its pin.
    pub(super) fn hold(&mut self, mut items: Vec<Value>, max_items: Option<u64>) -> Option<(u64, Data)> {
        items.truncate(max_items.and_then(|max| usize::try_from(max).ok()).unwrap_or(usize::MAX));
        let pin = Data::from(Value::from_pairs([("Digest", format!("{:016x}", digest(&items)))]));
        let total = items.len() as u64;
        self.held = Some(items);
        match &self.pin {
            // Read again after a restart.
            Some(known) if *known == pin => None,
            _ => Some((total, pin)),
        }
    }

    /// Whether the data set is another one than the run was opened with.
    pub(super) fn has_changed(&self, total: u64, pin: &Data) -> bool {
        self.pin.as_ref().is_some_and(|known| known != pin) || self.total.is_some_and(|known| known != total)
    }

    pub(super) fn answered(&mut self) {
        self.asked = false;
    }

    /// What is to be read next, if anything is wanted: `all`, or until enough waits.
    pub(super) fn ask(&mut self, all: bool) -> Option<ReadTask> {
        if self.asked || (self.waiting.len() >= ENOUGH && !all) || self.held.is_some() {
            return None;
        }
        let task = match (self.total, &self.pin) {
            (Some(total), Some(pin)) if self.read < total => {
                if pin.value().get("Digest").is_some() {
                    ReadTask::Open
                } else {
                    let items = PAGE_ITEMS.min(total - self.read);
                    ReadTask::Page { from: self.read, items, bytes: PAGE_BYTES, pin: pin.clone() }
                }
            }
            (None, _) => ReadTask::Open,
            _ => return None,
        };
        self.asked = true;
        Some(task)
    }

    /// A page of the items that are held, if more are wanted.
    pub(super) fn held_page(&self, all: bool) -> Option<Page> {
        if self.waiting.len() >= ENOUGH && !all {
            return None;
        }
        let rest = self.held.as_ref()?.get(usize::try_from(self.read).ok()?..)?;
        let items: Vec<_> = rest.iter().take(PAGE_ITEMS as usize).map(|item| (item.clone(), None)).collect();
        (!items.is_empty()).then_some(Page { items })
    }

    /// Puts a page into batches.
    pub(super) fn take(
        &mut self,
        page: Page,
        select: impl Fn(u64, Value, Option<Arc<str>>) -> Result<Value, Failure>,
    ) -> Result<(), Failure> {
        for (item, source) in page.items {
            let item = select(self.read, item, source)?;
            self.read += 1;
            self.waiting.extend(self.batcher.push(item));
        }
        if self.total == Some(self.read) {
            self.waiting.extend(self.batcher.finish());
        }
        Ok(())
    }

    /// The next batch.
    pub(super) fn next(&self) -> Option<&Batch> {
        self.waiting.front()
    }

    /// The next batch will not be run.
    pub(super) fn pass(&mut self) -> Option<Batch> {
        self.waiting.pop_front()
    }

    /// A child has got this many items.
    pub(super) fn start(&mut self, items: u64) {
        self.waiting.pop_front();
        self.given += items;
        // After a restart nothing has been read yet.
        self.read = self.read.max(self.given);
    }

    /// What has been read but not given is to be read again.
    pub(super) fn rewind(&mut self) {
        self.waiting.clear();
        self.batcher.finish();
        self.read = self.given;
    }
}

/// The same items have the same one.
fn digest(items: &[Value]) -> u64 {
    items.iter().fold(items.len() as u64, |hash, item| mix(hash, hash_text(&item.to_json())))
}
