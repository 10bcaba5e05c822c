//! What `ItemSelector` makes of an item.

use super::batch::{Batch, Batcher};
use super::{ItemSource, MapRunRequest, Snapshot};
use crate::draws::Draws;
use aslx_asl::jsonata::States;
use aslx_asl::program::{StateKind, View};
use aslx_asl::{Environment, Failure, Program, Value};
use std::sync::Arc;

/// The item with this number, as a child or a batch gets it. What it draws depends on the number alone: an item that
/// is read again is selected alike.
pub(super) fn select(
    program: &Program,
    request: &MapRunRequest,
    index: u64,
    item: Value,
    source: Option<Arc<str>>,
) -> Result<Value, Failure> {
    let StateKind::Map(map) = &program.state(request.state).kind else { return Ok(item) };
    let Some(selector) = &map.item_selector else { return Ok(item) };
    let source = source.unwrap_or_else(|| source_name(&request.source));
    let context = item_context(&request.snapshot.context, index, item, &source);
    let draws = Draws::numbered(request.seed, 1, index);
    let Snapshot { input, now, .. } = &request.snapshot;
    let env = Surroundings { snapshot: &request.snapshot, context, draws: &draws };
    let states = States { input: Some(input), ..States::default() };
    selector.evaluate("ItemSelector", &View::new(input, states, &env, *now))
}

/// What the item selector makes of all these items, and the inputs of the children that they are put into.
pub(crate) fn shape_items(
    program: &Program,
    request: &MapRunRequest,
    items: Vec<Value>,
) -> Result<(Vec<Value>, Vec<Value>), Failure> {
    let selected = (0u64..).zip(items).map(|(index, item)| select(program, request, index, item, None));
    let selected: Vec<Value> = selected.collect::<Result<_, _>>()?;
    let mut batcher = Batcher::new(request.batch.clone());
    let mut batches: Vec<Batch> = selected.iter().cloned().filter_map(|item| batcher.push(item)).collect();
    batches.extend(batcher.finish());
    Ok((selected, batches.into_iter().map(|batch| batch.input.value().clone()).collect()))
}

/// `$$.Map.Item.Source` (developer guide, "Context object").
fn source_name(source: &ItemSource) -> Arc<str> {
    let read = match source {
        ItemSource::Items(_) => return "STATE_DATA".into(),
        ItemSource::Reader(read) => read,
    };
    let text = |name| read.parameters.get(name).and_then(Value::as_str);
    let bucket = text("Bucket").unwrap_or_default();
    match text("Key") {
        Some(key) => format!("S3://{bucket}/{key}").into(),
        None => format!("S3://{bucket}").into(),
    }
}

fn item_context(parent: &Value, index: u64, item: Value, source: &str) -> Value {
    let item = Value::from_pairs([("Index", Value::from(index)), ("Value", item), ("Source", Value::from(source))]);
    parent.with_member("Map", Value::from_pairs([("Item", item)])).unwrap_or_default()
}

/// What an item selector sees.
struct Surroundings<'a> {
    snapshot: &'a Snapshot,
    context: Value,
    draws: &'a Draws,
}

impl Environment for Surroundings<'_> {
    fn context(&self) -> &Value {
        &self.context
    }
    fn variable(&self, name: &str) -> Option<&Value> {
        self.snapshot.variables.get(name)
    }
    fn draw(&self) -> u64 {
        self.draws.next()
    }
}
