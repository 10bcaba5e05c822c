//! What becomes of the children's results: the state's output, or files in a bucket.

use super::files::{Files, Place, Sizes};
use super::{ChildEnd, MapRunRequest, ResultFile, WriteTask, record};
use crate::interpreter::Status;
use crate::journal::ExecutionNames;
use crate::{Data, PAYLOAD_LIMIT};
use aslx_asl::program::Transformation;
use aslx_asl::value::MAX_DEPTH;
use aslx_asl::{Timestamp, Value};
use std::collections::BTreeMap;

/// The results of a run, in their shape.
pub(super) struct Results {
    shape: Transformation,
    place: Kept,
}

enum Kept {
    /// For the state's output, by number of the child, while they may fit into it.
    Output { results: BTreeMap<u64, Value>, bytes: usize },
    /// In a bucket.
    Files(Box<Files>),
}

/// Where the results of a run cannot be written.
#[derive(Debug)]
pub(super) struct NoBucket;

/// Nothing is kept but for the state's output.
impl Default for Results {
    fn default() -> Results {
        Results { shape: Transformation::Compact, place: Kept::Output { results: BTreeMap::new(), bytes: 0 } }
    }
}

impl Results {
    pub(super) fn new(request: &MapRunRequest, sizes: Sizes) -> Result<Results, NoBucket> {
        let output = || Kept::Output { results: BTreeMap::new(), bytes: 0 };
        let Some(write) = &request.write else {
            return Ok(Results::default());
        };
        let Some((_, parameters)) = &write.destination else {
            return Ok(Results { shape: write.transformation.unwrap_or(Transformation::Compact), place: output() });
        };
        let text = |name| match parameters.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        let bucket = text("Bucket").filter(|bucket| !bucket.is_empty()).ok_or(NoBucket)?;
        let id = request.arn.rsplit(':').next().unwrap_or_default();
        let prefix = match text("Prefix").as_deref() {
            None | Some("") => format!("{id}/"),
            Some(prefix) => format!("{}/{id}/", prefix.strip_suffix('/').unwrap_or(prefix)),
        };
        let place = Place { bucket, prefix, run: request.arn.clone() };
        let files = Box::new(Files::new(place, write.json_lines, sizes));
        Ok(Results { shape: write.transformation.unwrap_or(Transformation::None), place: Kept::Files(files) })
    }

    /// Whether records of children show their inputs.
    pub(super) fn shows_inputs(&self) -> bool {
        matches!(self.place, Kept::Files(_)) || self.shape == Transformation::None
    }

    pub(super) fn in_bucket(&self) -> bool {
        matches!(self.place, Kept::Files(_))
    }

    /// A child ended.
    pub(super) fn add(&mut self, child: u64, names: &ExecutionNames, end: &ChildEnd, at: Timestamp, redrives: u64) {
        let record = || record::ended(names, end, at, redrives);
        let succeeded = end.status == Status::Succeeded;
        let result = || match self.shape {
            Transformation::None => record(),
            _ => end.output.as_ref().map(|output| output.value().clone()).unwrap_or_default(),
        };
        match &mut self.place {
            Kept::Output { .. } if !succeeded => {}
            Kept::Output { results, bytes } => {
                let result = result();
                // At least so much of the output is this result's; brackets of lists may vanish.
                *bytes += result.json_len().saturating_sub(2);
                if *bytes > PAYLOAD_LIMIT {
                    results.clear();
                } else {
                    results.insert(child, result);
                }
            }
            Kept::Files(files) if !succeeded => files.failed(&record().to_json()),
            Kept::Files(files) => match (result(), self.shape) {
                (Value::Array(list), Transformation::Flatten) => {
                    list.items().iter().for_each(|item| files.succeeded(&item.to_json()));
                }
                (result, _) => files.succeeded(&result.to_json()),
            },
        }
    }

    /// A child was never started.
    pub(super) fn pending(&mut self, input: &Data) {
        if let Kept::Files(files) = &mut self.place {
            files.pending(&record::pending(input).to_json());
        }
    }

    /// No child will end any more.
    pub(super) fn close_children(&mut self) {
        if let Kept::Files(files) = &mut self.place {
            files.close_children();
        }
    }

    /// Nothing more comes.
    pub(super) fn close_all(&mut self) {
        if let Kept::Files(files) = &mut self.place {
            files.close_all();
        }
    }

    pub(super) fn is_full(&self) -> bool {
        matches!(&self.place, Kept::Files(files) if files.is_full())
    }

    /// Whether a part is being written.
    pub(super) fn is_asked(&self) -> bool {
        matches!(&self.place, Kept::Files(files) if files.is_asked())
    }

    /// Everything that was to be written is.
    pub(super) fn is_done(&self) -> bool {
        match &self.place {
            Kept::Output { .. } => true,
            Kept::Files(files) => files.is_done(),
        }
    }

    pub(super) fn ask(&mut self) -> Option<WriteTask> {
        match &mut self.place {
            Kept::Output { .. } => None,
            Kept::Files(files) => files.ask(),
        }
    }

    pub(super) fn answered(&mut self) -> Option<(ResultFile, u64)> {
        match &mut self.place {
            Kept::Output { .. } => None,
            Kept::Files(files) => files.answered(),
        }
    }

    pub(super) fn written(&mut self, file: ResultFile, part: u64, receipt: &Data) {
        if let Kept::Files(files) = &mut self.place {
            files.written(file, part, receipt);
        }
    }

    pub(super) fn reopen(&mut self) {
        if let Kept::Files(files) = &mut self.place {
            files.reopen();
        }
    }

    /// The result of the state; `None`: it is larger than a payload may be.
    pub(super) fn result(&self) -> Option<Value> {
        let (results, bytes) = match &self.place {
            Kept::Files(files) => return Some(files.result()),
            Kept::Output { results, bytes } => (results, *bytes),
        };
        if bytes > PAYLOAD_LIMIT {
            return None;
        }
        let mut all = Vec::with_capacity(results.len());
        for result in results.values() {
            match result.as_array() {
                Some(items) if self.shape == Transformation::Flatten => all.extend(items.iter().cloned()),
                _ => all.push(result.clone()),
            }
        }
        let all = Value::array(all);
        (all.json_len() <= PAYLOAD_LIMIT && all.depth() <= MAX_DEPTH).then_some(all)
    }
}
