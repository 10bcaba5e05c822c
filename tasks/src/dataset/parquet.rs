//! Rows of a Parquet file as objects.
//!
//! Only the footer and the pages that are being read are in memory. A damaged file can make the library panic; that is
//! caught and told like any other damage.

use super::blocks::Blocks;
use super::items::{Broken, Items, Next};
use aslx_asl::{Timestamp, Value};
use base64::Engine;
use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use parquet::record::reader::{ReaderIter, TreeBuilder};
use parquet::record::{Field, Row};
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Bytes of a footer and of a row group (developer guide, "ItemReader").
const MAX_FOOTER: u64 = 5 * 1024 * 1024;
const MAX_GROUP: i64 = 256 * 1024 * 1024;

pub(super) struct Rows {
    file: SerializedFileReader<Blocks>,
    name: String,
    group: usize,
    rows: Option<ReaderIter>,
    number: u64,
}

impl Rows {
    pub(super) fn new(object: Blocks) -> Result<Rows, Broken> {
        let name = object.name();
        let no = |what: &str| Broken::new(format!("{name} is no Parquet file: {what}."));
        if object.size() < 12 {
            return Err(no(&format!("it has {} bytes", object.size())));
        }
        let end = object.range(object.size() - 8, 8).map_err(|error| Broken::new(format!("{error}.")))?;
        let [a, b, c, d, magic @ ..] = end.as_slice() else { return Err(no("it ends too early")) };
        if magic != b"PAR1" {
            return Err(no("it does not end with `PAR1`, as if it were cut off"));
        }
        let footer = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
        if footer > MAX_FOOTER {
            return Err(Broken::new(format!("{name} has a footer of {footer} bytes, at most {MAX_FOOTER} are read.")));
        }
        let opened = guarded(|| SerializedFileReader::new(object)).map_err(|what| no(&what))?;
        let file = opened.map_err(|error| no(&error.to_string()))?;
        for (index, group) in file.metadata().row_groups().iter().enumerate() {
            let bytes = group.total_byte_size();
            if bytes > MAX_GROUP {
                return Err(Broken::new(format!(
                    "Row group {index} of {name} has {bytes} bytes, at most {MAX_GROUP} are read."
                )));
            }
        }
        Ok(Rows { file, name, group: 0, rows: None, number: 0 })
    }

    fn row(&mut self) -> Result<Option<Row>, String> {
        loop {
            if let Some(rows) = &mut self.rows
                && let Some(row) = guarded(|| rows.next())?
            {
                return row.map(Some).map_err(|error| error.to_string());
            }
            if self.group >= self.file.num_row_groups() {
                return Ok(None);
            }
            let (file, index) = (&self.file, self.group);
            let rows = guarded(|| {
                let schema = file.metadata().file_metadata().schema_descr_ptr();
                let group = file.get_row_group(index)?;
                TreeBuilder::new().as_iter(schema, &*group)
            })?;
            self.rows = Some(rows.map_err(|error| error.to_string())?);
            self.group += 1;
        }
    }
}

impl Items for Rows {
    fn next(&mut self) -> Next {
        let row = self.row().and_then(|row| guarded(|| row.map(object)));
        self.number += 1;
        match row {
            Ok(row) => Ok(row),
            Err(what) => Err(Broken::new(format!("Row {} of {} cannot be read: {what}.", self.number - 1, self.name))),
        }
    }
}

/// What damaged data makes the library panic about, as a text.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| "the data is damaged".to_owned())
}

fn object(row: Row) -> Value {
    Value::object(row.into_columns().into_iter().map(|(name, field)| (name.into(), value(field))).collect())
}

/// A cell. Bytes are Base64, points in time are texts as RFC 3339 has them, decimals keep their digits as text.
fn value(field: Field) -> Value {
    let float = |number: f64| if number.is_finite() { Value::from(number) } else { Value::Null };
    match field {
        Field::Null => Value::Null,
        Field::Bool(value) => Value::from(value),
        Field::Byte(number) => Value::from(i64::from(number)),
        Field::Short(number) => Value::from(i64::from(number)),
        Field::Int(number) => Value::from(i64::from(number)),
        Field::Long(number) => Value::from(number),
        Field::UByte(number) => Value::from(u64::from(number)),
        Field::UShort(number) => Value::from(u64::from(number)),
        Field::UInt(number) => Value::from(u64::from(number)),
        Field::ULong(number) => Value::from(number),
        Field::Float16(number) => float(f64::from(number)),
        // By way of its text, so that 0.1 stays 0.1.
        Field::Float(number) => float(number.to_string().parse().unwrap_or(f64::NAN)),
        Field::Double(number) => float(number),
        Field::Str(text) => Value::from(text),
        Field::Bytes(bytes) => Value::from(base64::engine::general_purpose::STANDARD.encode(bytes.data())),
        Field::TimestampMillis(millis) => Value::from(Timestamp::from_millis(millis).to_string()),
        Field::TimestampMicros(micros) => Value::from(Timestamp::from_millis(micros.div_euclid(1000)).to_string()),
        Field::Group(row) => object(row),
        Field::ListInternal(list) => Value::array(list.elements().iter().cloned().map(value).collect()),
        Field::MapInternal(map) => {
            let key = |field: &Field| match field {
                Field::Str(text) => text.clone(),
                other => other.to_string(),
            };
            Value::object(map.entries().iter().map(|(k, v)| (key(k).into(), value(v.clone()))).collect())
        }
        Field::Date(days) => {
            let midnight = Timestamp::from_millis(i64::from(days) * 86_400_000).to_string();
            Value::from(midnight.split('T').next().unwrap_or_default())
        }
        Field::Decimal(_) | Field::TimeMillis(_) | Field::TimeMicros(_) => Value::from(field.to_string()),
    }
}

impl Length for Blocks {
    fn len(&self) -> u64 {
        self.size()
    }
}

impl ChunkReader for Blocks {
    type T = BufReader<Blocks>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(BufReader::new(self.from(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let bytes = self.range(start, length as u64).map_err(|error| ParquetError::External(Box::new(error)))?;
        if bytes.len() != length {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} are missing")));
        }
        Ok(bytes.into())
    }
}
