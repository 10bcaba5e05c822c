//! The part of a Map whose iterations are executions of their own.

use super::{IntegerField, Payload};
use crate::jsonata::Expression;
use crate::path::Path;
use std::sync::Arc;

/// What a distributed Map has beyond an inline one.
#[derive(Debug)]
pub struct Distributed {
    /// `ExecutionType` of the children is `EXPRESS`.
    pub express: bool,
    /// `Label`; without one, AWS makes up a name.
    pub label: Option<Arc<str>>,
    /// `ItemReader`; without one the items are those of `ItemsPath`.
    pub reader: Option<ItemReader>,
    /// `ItemBatcher`.
    pub batcher: Option<ItemBatcher>,
    /// `ResultWriter`.
    pub writer: Option<ResultWriter>,
    /// `ToleratedFailureCount` or its path form.
    pub tolerated_failure_count: Option<IntegerField>,
    /// `ToleratedFailurePercentage` or its path form.
    pub tolerated_failure_percentage: Option<PercentageField>,
}

/// A percentage from 0 to 100, or where it is found.
#[derive(Debug)]
pub enum PercentageField {
    /// The number.
    Literal(f64),
    /// The `…Path` form.
    Path(Path),
    /// An expression.
    Expression(Box<Expression>),
}

/// `ItemReader`: a data set instead of a list in the state's input.
#[derive(Debug)]
pub struct ItemReader {
    /// `Resource` as written, after substitution.
    pub resource: Arc<str>,
    /// `Parameters`, or `Arguments` in JSONata.
    pub parameters: Option<Payload>,
    /// `ReaderConfig`.
    pub config: ReaderConfig,
}

/// `ReaderConfig`: how the data set is to be understood.
#[derive(Debug, Default)]
pub struct ReaderConfig {
    /// `InputType`.
    pub input_type: Option<InputType>,
    /// `ManifestType`.
    pub manifest: Option<ManifestType>,
    /// `CSVHeaders` with `CSVHeaderLocation` `GIVEN`; `None`: the first row has them.
    pub csv_headers: Option<Vec<Arc<str>>>,
    /// The character of `CSVDelimiter`; a comma when absent.
    pub csv_delimiter: Option<u8>,
    /// `ItemsPointer`: where in a JSON object the list is (RFC 6901).
    pub items_pointer: Option<Arc<str>>,
    /// `MaxItems` or its path form; 0 means all.
    pub max_items: Option<IntegerField>,
    /// `Transformation` is `LOAD_AND_FLATTEN`: the items are those of all listed objects.
    pub load_and_flatten: bool,
}

/// `InputType` of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputType {
    /// Delimiter-separated values, each a text.
    Csv,
    /// A JSON array.
    Json,
    /// A JSON value per line.
    JsonLines,
    /// An Apache Parquet file.
    Parquet,
    /// An S3 inventory's manifest.
    Manifest,
}

/// `ManifestType` of a data set that lists other objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestType {
    /// The manifest of an S3 inventory: the items are the objects that it lists.
    S3Inventory,
    /// The manifest of an Athena UNLOAD: the items are those of the files that it lists.
    AthenaData,
}

/// `ItemBatcher`: several items per child.
#[derive(Debug)]
pub struct ItemBatcher {
    /// `MaxItemsPerBatch` or its path form.
    pub max_items: Option<IntegerField>,
    /// `MaxInputBytesPerBatch` or its path form.
    pub max_bytes: Option<IntegerField>,
    /// `BatchInput`: given to every child.
    pub input: Option<Payload>,
}

/// `ResultWriter`: where the results go, and in which shape.
#[derive(Debug)]
pub struct ResultWriter {
    /// `Resource` with its `Parameters` or `Arguments`; without one the results stay in the state's output.
    pub destination: Option<(Arc<str>, Option<Payload>)>,
    /// `Transformation` of `WriterConfig`.
    pub transformation: Option<Transformation>,
    /// `OutputType` of `WriterConfig` is `JSONL`.
    pub json_lines: bool,
}

/// `Transformation` of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transformation {
    /// A record with metadata per child.
    None,
    /// The children's outputs.
    Compact,
    /// The children's outputs, lists among them joined.
    Flatten,
}
