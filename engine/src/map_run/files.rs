//! Results as files in a bucket: written in parts, while the run runs.
//!
//! What a part contains follows from the journal alone (the order in which children ended), so a part that is written
//! again after a restart has the same bytes.

use super::{ResultFile, WriteTask};
use crate::Data;
use aslx_asl::Value;
use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes that a file has at the most (developer guide, "ResultWriter").
const FILE_BYTES: usize = 5 * 1024 * 1024 * 1024;

/// Bytes after which a part is written. S3 wants 5 MiB of every part but the last.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// Parts that may wait to be written.
const FULL: usize = 2;

/// The kinds of files, in the order in which they are closed.
const SUCCEEDED: usize = 0;
const FAILED: usize = 1;
const PENDING: usize = 2;

/// How large files and parts become.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) file: usize,
    pub(super) part: usize,
}

impl Default for Sizes {
    fn default() -> Sizes {
        Sizes { file: FILE_BYTES, part: PART_BYTES }
    }
}

/// The files of a run.
pub(super) struct Files {
    place: Place,
    json_lines: bool,
    sizes: Sizes,
    kinds: [Kind; 3],
    queue: VecDeque<Part>,
    asked: bool,
    manifest: Progress,
}

/// Where they go.
pub(super) struct Place {
    pub(super) bucket: Arc<str>,
    /// What all keys begin with, with a slash at the end.
    pub(super) prefix: String,
    pub(super) run: Arc<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    No,
    Queued,
    Done,
}

/// Files of one kind, one of them being written.
#[derive(Default)]
struct Kind {
    number: u64,
    part: u64,
    /// Bytes of the file's parts that are in the queue already.
    before: usize,
    text: String,
    records: u64,
    receipts: Vec<Value>,
    closed: bool,
    complete: Vec<(u64, usize)>,
}

struct Part {
    file: ResultFile,
    part: u64,
    last: bool,
    body: Arc<str>,
    /// Bytes of the whole file, with its last part.
    size: usize,
}

impl Files {
    pub(super) fn new(place: Place, json_lines: bool, sizes: Sizes) -> Files {
        let kinds = Default::default();
        Files { place, json_lines, sizes, kinds, queue: VecDeque::new(), asked: false, manifest: Progress::No }
    }

    pub(super) fn succeeded(&mut self, record: &str) {
        self.add(SUCCEEDED, record);
    }

    pub(super) fn failed(&mut self, record: &str) {
        self.add(FAILED, record);
    }

    pub(super) fn pending(&mut self, record: &str) {
        self.add(PENDING, record);
    }

    fn add(&mut self, index: usize, record: &str) {
        let Some(kind) = self.kinds.get_mut(index) else { return };
        let so_far = kind.before + kind.text.len();
        if kind.records > 0 && so_far + record.len() + 2 > self.sizes.file {
            self.close_file(index);
        }
        let Some(kind) = self.kinds.get_mut(index) else { return };
        if self.json_lines {
            kind.text.push_str(record);
            kind.text.push('\n');
        } else {
            kind.text.push(if kind.records == 0 { '[' } else { ',' });
            kind.text.push_str(record);
        }
        kind.records += 1;
        if kind.text.len() >= self.sizes.part {
            self.queue.extend(kind.take_part(index, false));
        }
    }

    fn close_file(&mut self, index: usize) {
        let Some(kind) = self.kinds.get_mut(index).filter(|kind| kind.records > 0) else { return };
        if !self.json_lines {
            kind.text.push(']');
        }
        self.queue.extend(kind.take_part(index, true));
        kind.number += 1;
        kind.part = 0;
        kind.before = 0;
        kind.records = 0;
    }

    fn close(&mut self, index: usize) {
        if let Some(kind) = self.kinds.get_mut(index)
            && !std::mem::replace(&mut kind.closed, true)
        {
            self.close_file(index);
        }
    }

    /// No child will end any more.
    pub(super) fn close_children(&mut self) {
        self.close(SUCCEEDED);
        self.close(FAILED);
    }

    /// No item is pending any more either.
    pub(super) fn close_all(&mut self) {
        self.close_children();
        self.close(PENDING);
        self.queue_manifest();
    }

    /// So much waits to be written that nothing more should come.
    pub(super) fn is_full(&self) -> bool {
        self.queue.len() >= FULL
    }

    pub(super) fn is_done(&self) -> bool {
        self.manifest == Progress::Done
    }

    /// Whether a part is being written.
    pub(super) fn is_asked(&self) -> bool {
        self.asked
    }

    /// The next part to be written, if none is being written.
    pub(super) fn ask(&mut self) -> Option<WriteTask> {
        if self.asked {
            return None;
        }
        let part = self.queue.front()?;
        self.asked = true;
        let receipts = match index_of(part.file).and_then(|index| self.kinds.get(index)) {
            Some(kind) if part.part > 0 => kind.receipts.clone(),
            _ => Vec::new(),
        };
        Some(WriteTask {
            bucket: self.place.bucket.clone(),
            key: self.key(part.file).into(),
            part: part.part,
            last: part.last,
            receipts,
            body: part.body.clone(),
        })
    }

    /// The part that is being written.
    pub(super) fn answered(&mut self) -> Option<(ResultFile, u64)> {
        self.asked = false;
        self.queue.front().map(|part| (part.file, part.part))
    }

    /// A part is safe. One that nobody waits for changes nothing.
    pub(super) fn written(&mut self, file: ResultFile, number: u64, receipt: &Data) {
        if !self.queue.front().is_some_and(|part| part.file == file && part.part == number) {
            return;
        }
        let Some(part) = self.queue.pop_front() else { return };
        let kind = match index_of(file) {
            Some(index) => self.kinds.get_mut(index),
            None => {
                self.manifest = Progress::Done;
                return;
            }
        };
        if let Some(kind) = kind {
            if number == 0 {
                kind.receipts.clear();
            }
            kind.receipts.push(receipt.value().clone());
            if part.last {
                kind.receipts.clear();
                kind.complete.push((number_of(file), part.size));
            }
        }
        self.queue_manifest();
    }

    fn queue_manifest(&mut self) {
        let all = self.queue.is_empty() && self.kinds.iter().all(|kind| kind.closed);
        if !all || self.manifest != Progress::No {
            return;
        }
        self.manifest = Progress::Queued;
        let body: Arc<str> = self.manifest_text().into();
        let size = body.len();
        self.queue.push_back(Part { file: ResultFile::Manifest, part: 0, last: true, body, size });
    }

    fn manifest_text(&self) -> String {
        let files = |index: usize| {
            let complete = self.kinds.get(index).map_or(&[][..], |kind| &kind.complete);
            let entry = |(number, size): &(u64, usize)| {
                let key = self.key(file_of(index, *number));
                Value::from_pairs([("Key", Value::from(key)), ("Size", Value::from(*size))])
            };
            Value::array(complete.iter().map(entry).collect())
        };
        let results = Value::from_pairs([
            ("FAILED", files(FAILED)),
            ("PENDING", files(PENDING)),
            ("SUCCEEDED", files(SUCCEEDED)),
        ]);
        Value::from_pairs([
            ("DestinationBucket", Value::from(self.place.bucket.clone())),
            ("MapRunArn", Value::from(self.place.run.clone())),
            ("ResultFiles", results),
        ])
        .to_json()
    }

    fn key(&self, file: ResultFile) -> String {
        format!("{}{}", self.place.prefix, file.name())
    }

    /// The state's result.
    pub(super) fn result(&self) -> Value {
        let details = Value::from_pairs([
            ("Bucket", Value::from(self.place.bucket.clone())),
            ("Key", Value::from(self.key(ResultFile::Manifest))),
        ]);
        Value::from_pairs([("MapRunArn", Value::from(self.place.run.clone())), ("ResultWriterDetails", details)])
    }

    /// The run begins again: what succeeded stays, the rest is written anew.
    pub(super) fn reopen(&mut self) {
        self.asked = false;
        self.queue.retain(|part| matches!(part.file, ResultFile::Succeeded(_)));
        self.manifest = Progress::No;
        for (index, kind) in self.kinds.iter_mut().enumerate() {
            kind.closed = false;
            if index != SUCCEEDED {
                *kind = Kind::default();
            }
        }
    }
}

impl Kind {
    fn take_part(&mut self, index: usize, last: bool) -> Option<Part> {
        let body: Arc<str> = std::mem::take(&mut self.text).into();
        self.before += body.len();
        let part = Part { file: file_of(index, self.number), part: self.part, last, body, size: self.before };
        self.part += 1;
        Some(part)
    }
}

fn index_of(file: ResultFile) -> Option<usize> {
    match file {
        ResultFile::Succeeded(_) => Some(SUCCEEDED),
        ResultFile::Failed(_) => Some(FAILED),
        ResultFile::Pending(_) => Some(PENDING),
        ResultFile::Manifest => None,
    }
}

fn number_of(file: ResultFile) -> u64 {
    match file {
        ResultFile::Succeeded(number) | ResultFile::Failed(number) | ResultFile::Pending(number) => number,
        ResultFile::Manifest => 0,
    }
}

fn file_of(index: usize, number: u64) -> ResultFile {
    match index {
        SUCCEEDED => ResultFile::Succeeded(number),
        FAILED => ResultFile::Failed(number),
        _ => ResultFile::Pending(number),
    }
}
