//! Rows as objects. Every cell is a text, a missing one the empty text; cells beyond the headers are dropped, and of
//! two headers alike none is right (all recorded).

use super::items::{Broken, Items, MAX_ITEM, Next};
use super::source::Format;
use super::stream::Stream;
use aslx_asl::Value;
use csv::ByteRecord;
use std::collections::HashSet;
use std::sync::Arc;

/// Bytes that the headers may have together (developer guide, "ItemReader").
const MAX_HEADERS: usize = 10 * 1024;

pub(super) struct CsvItems {
    rows: csv::Reader<Stream>,
    name: String,
    headers: Vec<Arc<str>>,
    record: ByteRecord,
}

impl CsvItems {
    pub(super) fn new(stream: Stream, format: &Format) -> Result<CsvItems, Broken> {
        let name = stream.name().to_owned();
        let rows = csv::ReaderBuilder::new()
            .delimiter(format.csv_delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(stream);
        let mut items = CsvItems { rows, name, headers: Vec::new(), record: ByteRecord::new() };
        items.headers = match &format.csv_headers {
            Some(headers) => headers.clone(),
            None if items.read()? => items.cells()?.map(Arc::from).collect(),
            None => Vec::new(),
        };
        let bytes: usize = items.headers.iter().map(|header| header.len() + 1).sum();
        if bytes > MAX_HEADERS {
            return Err(Broken::new(format!("The CSV headers have {bytes} bytes, at most {MAX_HEADERS} are allowed.")));
        }
        let mut seen = HashSet::new();
        if !items.headers.iter().all(|header| seen.insert(header)) {
            return Err(Broken::new("CSV headers cannot contain duplicates."));
        }
        Ok(items)
    }

    /// Reads the next row; false at the end.
    fn read(&mut self) -> Result<bool, Broken> {
        self.rows.get_mut().item_begins();
        let found = self.rows.read_byte_record(&mut self.record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => Broken::new(format!("{error}.")),
            other => Broken::new(format!("{} is not CSV: {other:?}.", self.name)),
        })?;
        if self.record.as_slice().len() as u64 > MAX_ITEM {
            return Err(Broken::new(format!("{} has an item of more than {MAX_ITEM} bytes.", self.place())));
        }
        Ok(found)
    }

    fn cells(&self) -> Result<impl Iterator<Item = &str>, Broken> {
        match std::str::from_utf8(self.record.as_slice()) {
            Ok(_) => Ok(self.record.iter().map(|cell| std::str::from_utf8(cell).unwrap_or_default())),
            Err(_) => Err(Broken::new(format!("{} is not UTF-8.", self.place()))),
        }
    }

    fn place(&self) -> String {
        let line = self.record.position().map_or(0, csv::Position::line);
        format!("The row at line {line} of {}", self.name)
    }
}

impl Items for CsvItems {
    fn next(&mut self) -> Next {
        if !self.read()? {
            return Ok(None);
        }
        let mut cells = self.cells()?;
        let members = self.headers.iter().map(|name| (name.clone(), Value::from(cells.next().unwrap_or_default())));
        Ok(Some(Value::object(members.collect())))
    }
}
