//! A topic that is a file which people can read: every message is one line of JSON.

use super::files::{blocking, lock};
use crate::error::{Result, TaskError};
use crate::ports::{Message, PortFuture, Surroundings, Topic};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Writes messages to `outbox.jsonl`: `{"time", "messageId", "topic", "subject"?, "message", "attributes"?}`.
/// Any topic exists.
#[derive(Clone)]
pub struct Outbox {
    path: PathBuf,
    surroundings: Arc<dyn Surroundings>,
    /// Held by who waits for the lock of the file, so that hundreds of threads do not: each that lets it go would wake
    /// all of them.
    turn: Arc<Mutex<()>>,
}

impl Outbox {
    /// The outbox in this folder of data.
    pub fn new(data: &Path, surroundings: Arc<dyn Surroundings>) -> Outbox {
        Outbox { path: data.join("outbox.jsonl"), surroundings, turn: Arc::default() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Topic for Outbox {
    fn publish<'a>(&'a self, message: &'a Message) -> PortFuture<'a, String> {
        let id = self.surroundings.new_id();
        let mut line = Map::new();
        line.insert("time".into(), self.surroundings.now().to_string().into());
        line.insert("messageId".into(), id.clone().into());
        line.insert("topic".into(), message.topic.clone().into());
        if let Some(subject) = &message.subject {
            line.insert("subject".into(), subject.clone().into());
        }
        line.insert("message".into(), message.message.clone().into());
        if !message.attributes.is_empty() {
            line.insert("attributes".into(), Value::Object(message.attributes.clone()));
        }
        let text = format!("{}\n", Value::Object(line));
        let (path, turn) = (self.path.clone(), self.turn.clone());
        Box::pin(blocking(move || {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            append(&path, &text).map(|()| id)
        }))
    }
}

/// Appends a line while nobody else does.
fn append(path: &Path, line: &str) -> Result<()> {
    let mut file = lock(path)?;
    cut_unfinished_line(&mut file)
        .and_then(|()| file.write_all(line.as_bytes()))
        .and_then(|()| file.sync_data())
        .map_err(|e| TaskError::storage(format_args!("cannot write `{}`", path.display()), e))
}

/// Removes a last line without an end: whoever wrote it was killed, and its message was never confirmed.
fn cut_unfinished_line(file: &mut File) -> std::io::Result<()> {
    const STEP: u64 = 4096;
    let length = file.metadata()?.len();
    let mut end = length;
    let mut block = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(STEP);
        file.seek(SeekFrom::Start(start))?;
        block.clear();
        Read::by_ref(file).take(end - start).read_to_end(&mut block)?;
        if let Some(at) = block.iter().rposition(|&b| b == b'\n') {
            end = start + at as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length { file.set_len(end) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_is_cut_before_the_next() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("deep/outbox.jsonl");
        append(&path, "{\"a\":1}\n").unwrap();
        let torn = format!("{{\"a\":1}}\n{}", "x".repeat(10_000));
        std::fs::write(&path, torn).unwrap();
        append(&path, "{\"a\":2}\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"a\":1}\n{\"a\":2}\n");
    }
}
