//! What a map run is started with: everything evaluated, so that nothing of the parent is needed any more.

use crate::journal::{ExecutionNames, Seed};
use aslx_asl::program::{InputType, MachineId, ManifestType, StateId, Transformation};
use aslx_asl::value::Members;
use aslx_asl::{MachineType, Timestamp, Value};
use std::sync::Arc;

/// A map run to be started.
#[derive(Debug, Clone)]
pub struct MapRunRequest {
    /// ARN of the map run.
    pub arn: Arc<str>,
    /// Name of the machine that the children run: `<machine>/<label>`.
    pub child_machine: Arc<str>,
    /// Names of the parent.
    pub parent: ExecutionNames,
    /// The Map state.
    pub state: StateId,
    /// Its processor.
    pub processor: MachineId,
    /// Type of the children.
    pub child_type: MachineType,
    /// Where the items come from.
    pub source: ItemSource,
    /// How many items count at the most; `None`: all.
    pub max_items: Option<u64>,
    /// What the item selector sees.
    pub snapshot: Snapshot,
    /// How items are put together.
    pub batch: Option<BatchLimits>,
    /// Children at one time.
    pub max_concurrency: usize,
    /// Failed items that are tolerated; `None` where only a percentage is.
    pub tolerated_count: Option<u64>,
    /// Percentage of failed items that is tolerated.
    pub tolerated_percentage: Option<f64>,
    /// Where the results go.
    pub write: Option<WriteRequest>,
    /// What the children's seeds and names come from.
    pub seed: Seed,
}

/// Where the items come from.
#[derive(Debug, Clone)]
pub enum ItemSource {
    /// The state's own input.
    Items(Vec<Value>),
    /// A data set.
    Reader(ReadRequest),
}

/// A data set to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadRequest {
    /// The resource, for example `arn:aws:states:::s3:getObject`.
    pub resource: Arc<str>,
    /// Its parameters.
    pub parameters: Value,
    /// `InputType`.
    pub input_type: Option<InputType>,
    /// `ManifestType`: the object lists the objects with the items, or is an inventory.
    pub manifest: Option<ManifestType>,
    /// The items are those of all listed objects, not the objects themselves.
    pub load_and_flatten: bool,
    /// The names of the columns, where they are given.
    pub csv_headers: Option<Vec<Arc<str>>>,
    /// The character between cells.
    pub csv_delimiter: u8,
    /// Where in a JSON object the list is.
    pub items_pointer: Option<Arc<str>>,
}

/// The parent as an item selector sees it.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The Map's effective input.
    pub input: Value,
    /// The parent's context object.
    pub context: Value,
    /// The variables visible at the Map.
    pub variables: Members,
    /// The time of the parent.
    pub now: Timestamp,
}

/// How items are put together into one child's input.
#[derive(Debug, Clone)]
pub struct BatchLimits {
    /// Items at the most.
    pub max_items: Option<u64>,
    /// Bytes of the child's input at the most.
    pub max_bytes: Option<u64>,
    /// `BatchInput`.
    pub input: Option<Value>,
}

/// Results to be written.
#[derive(Debug, Clone)]
pub struct WriteRequest {
    /// The resource with its parameters; `None`: the results stay in the state's output.
    pub destination: Option<(Arc<str>, Value)>,
    /// The shape of the results.
    pub transformation: Option<Transformation>,
    /// One JSON value per line.
    pub json_lines: bool,
}
