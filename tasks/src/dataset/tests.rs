//! Data sets as a map run reads them: opened, then page by page, out of a bucket in memory.

mod broken;
mod formats;
mod many;
mod properties;

use super::Datasets;
use crate::offline::MemoryBucket;
use aslx_asl::Value;
use aslx_engine::task::{TaskFailure, TaskRequest};
use serde_json::{Value as Json, json};
use std::io::Write;
use std::sync::Arc;

const OBJECT: &str = "arn:aws:states:::s3:getObject";
const LISTING: &str = "arn:aws:states:::s3:listObjectsV2";

/// A bucket called `data`, and who reads it.
struct Bed {
    bucket: MemoryBucket,
    datasets: Datasets,
    resource: &'static str,
    parameters: Json,
    config: Json,
    /// Items of a page.
    page: u64,
}

impl Bed {
    /// One object, `file`, of this type.
    fn new(input_type: &str, content: impl Into<Vec<u8>>) -> Bed {
        let bed = Bed::empty();
        bed.bucket.insert("data", "file", content);
        Bed { parameters: json!({ "Bucket": "data", "Key": "file" }), ..bed }.with("InputType", input_type)
    }

    fn empty() -> Bed {
        let bucket = MemoryBucket::new();
        Bed {
            datasets: Datasets::new(Arc::new(bucket.clone())),
            bucket,
            resource: OBJECT,
            parameters: json!({ "Bucket": "data" }),
            config: json!({}),
            page: 3,
        }
    }

    fn with(mut self, name: &str, value: impl Into<Json>) -> Bed {
        self.config[name] = value.into();
        self
    }

    fn lists(mut self, prefix: &str) -> Bed {
        self.resource = LISTING;
        self.parameters = json!({ "Bucket": "data", "Prefix": prefix });
        self
    }

    async fn ask(&self, page: Option<Json>) -> Result<Value, TaskFailure> {
        let mut input = json!({
            "Parameters": self.parameters, "ReaderConfig": self.config, "MapRunArn": "run",
        });
        if let Some(page) = page {
            input["Page"] = page;
        }
        self.datasets.answer(&request(self.resource, Value::from(input))).await
    }

    /// Opens it: the total and the pin.
    async fn open(&self) -> Result<(u64, Json), String> {
        let opened = self.ask(None).await.map_err(cause)?;
        let opened = Json::from(&opened);
        Ok((opened["Total"].as_u64().unwrap(), opened["Pin"].clone()))
    }

    async fn page(&self, from: u64, pin: &Json) -> Result<Vec<Value>, String> {
        let page = json!({ "From": from, "Items": self.page, "Bytes": 1 << 20, "Pin": pin });
        let answer = self.ask(Some(page)).await.map_err(cause)?;
        Ok(answer.get("Items").unwrap().as_array().unwrap().to_vec())
    }

    /// All items, or the cause why there are none.
    fn read(&self) -> Result<Vec<Value>, String> {
        block_on(async {
            let (total, pin) = self.open().await?;
            let mut items = Vec::new();
            while (items.len() as u64) < total {
                let page = self.page(items.len() as u64, &pin).await?;
                assert!(!page.is_empty() && page.len() as u64 <= self.page);
                items.extend(page);
            }
            assert_eq!(items.len() as u64, total);
            Ok(items)
        })
    }

    #[track_caller]
    fn gives(&self, expected: &str) {
        match self.read() {
            Ok(items) => assert_eq!(Value::array(items).to_json(), expected),
            Err(cause) => panic!("{cause}"),
        }
    }

    #[track_caller]
    fn fails(&self, expected: &str) {
        assert_eq!(self.read().map(Value::array), Err(expected.to_owned()));
    }
}

fn cause(failure: TaskFailure) -> String {
    assert_eq!(failure.error, "States.ItemReaderFailed");
    failure.cause.unwrap()
}

fn request(resource: &str, input: Value) -> TaskRequest {
    TaskRequest {
        execution: "e".into(),
        event: 0,
        state: "M".into(),
        resource: resource.into(),
        input,
        retry_count: 0,
        iteration: None,
        token: None,
        timeout_seconds: None,
        heartbeat_seconds: None,
        credentials: None,
        submitted: None,
        withdrawal: Default::default(),
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// The MD5 of this as an inventory writes it.
fn md5(content: &[u8]) -> String {
    use md5::Digest;
    md5::Md5::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A Parquet file with columns of many kinds, two rows per row group.
#[cfg(feature = "parquet")]
fn parquet(rows: i64, codec: parquet::basic::Compression) -> Vec<u8> {
    use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    let schema = "message m { required int64 id; optional binary name (UTF8); required double x; required boolean b;
        required int64 at (TIMESTAMP_MILLIS); required int32 day (DATE); required binary raw; }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_compression(codec).build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
    let ids: Vec<i64> = (0..rows).collect();
    for group in ids.chunks(2) {
        let mut columns = writer.next_row_group().unwrap();
        let mut index = 0;
        while let Some(mut column) = columns.next_column().unwrap() {
            let texts = || group.iter().map(|id| ByteArray::from(format!("n{id}").as_str())).collect::<Vec<_>>();
            match index {
                0 => drop(column.typed::<Int64Type>().write_batch(group, None, None).unwrap()),
                // Every third has no name.
                1 => {
                    let levels: Vec<i16> = group.iter().map(|id| i16::from(id % 3 != 2)).collect();
                    let names: Vec<_> = texts()
                        .into_iter()
                        .zip(&levels)
                        .filter(|(_, level)| **level == 1)
                        .map(|(name, _)| name)
                        .collect();
                    column.typed::<ByteArrayType>().write_batch(&names, Some(&levels), None).unwrap();
                }
                2 => {
                    let values: Vec<f64> = group.iter().map(|id| *id as f64 / 2.0).collect();
                    column.typed::<DoubleType>().write_batch(&values, None, None).unwrap();
                }
                3 => {
                    let values: Vec<bool> = group.iter().map(|id| id % 2 == 0).collect();
                    column.typed::<BoolType>().write_batch(&values, None, None).unwrap();
                }
                4 => {
                    let values: Vec<i64> = group.iter().map(|id| 1_700_000_000_000 + id).collect();
                    column.typed::<Int64Type>().write_batch(&values, None, None).unwrap();
                }
                5 => {
                    let values: Vec<i32> = group.iter().map(|id| 19_000 + *id as i32).collect();
                    column.typed::<Int32Type>().write_batch(&values, None, None).unwrap();
                }
                _ => drop(column.typed::<ByteArrayType>().write_batch(&texts(), None, None).unwrap()),
            }
            column.close().unwrap();
            index += 1;
        }
        columns.close().unwrap();
    }
    writer.close().unwrap();
    bytes
}
