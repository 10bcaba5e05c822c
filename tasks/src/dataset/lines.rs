//! A JSON value per line. Empty lines are none.

use super::items::{Broken, Items, MAX_ITEM, Next};
use super::stream::Stream;
use aslx_asl::Value;
use std::io::BufRead;

pub(super) struct JsonLines {
    stream: Stream,
    number: u64,
    line: Vec<u8>,
}

impl JsonLines {
    pub(super) fn new(stream: Stream) -> JsonLines {
        JsonLines { stream, number: 0, line: Vec::new() }
    }

    fn wrong(&self, what: impl std::fmt::Display) -> Broken {
        Broken::new(format!("Line {} of {} {what}.", self.number, self.stream.name()))
    }
}

impl Items for JsonLines {
    fn next(&mut self) -> Next {
        loop {
            self.line.clear();
            self.stream.item_begins();
            let read = self.stream.read_until(b'\n', &mut self.line);
            if read.map_err(|error| Broken::new(format!("{error}.")))? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.line.len() as u64 > MAX_ITEM {
                return Err(self.wrong(format_args!("is an item of more than {MAX_ITEM} bytes")));
            }
            let text = std::str::from_utf8(&self.line).map_err(|_| self.wrong("is not UTF-8"))?;
            if text.trim().is_empty() {
                continue;
            }
            let value =
                Value::parse(text).map_err(|error| self.wrong(format_args!("is not JSON: {}", error.message())))?;
            return Ok(Some(value));
        }
    }
}
