//! Items put together into the inputs of children.

use super::BatchLimits;
use crate::{Data, PAYLOAD_LIMIT};
use aslx_asl::Value;
use aslx_asl::value::Members;

/// A child's input and how many items are in it.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) input: Data,
    pub(super) items: u64,
}

/// Makes the inputs of children, one item after the other: a child per item, or batches in AWS's shape,
/// `{"BatchInput": …, "Items": […]}`. A batch has as many items as fit, and always one.
pub(super) struct Batcher {
    limits: Option<BatchLimits>,
    items: Vec<Value>,
    /// Bytes of the batch as it is.
    bytes: u64,
    /// Bytes of a batch without items.
    frame: u64,
}

impl Batcher {
    pub(super) fn new(limits: Option<BatchLimits>) -> Batcher {
        let frame = limits.as_ref().map_or(0, |limits| input(Vec::new(), limits).json_len() as u64);
        Batcher { limits, items: Vec::new(), bytes: frame, frame }
    }

    /// One more item; gives the batch that became full by it.
    pub(super) fn push(&mut self, item: Value) -> Option<Batch> {
        let Some(limits) = &self.limits else { return Some(Batch { input: Data::from(item), items: 1 }) };
        let most = |limit: Option<u64>, all: u64| limit.filter(|max| *max > 0).map_or(all, |max| max.min(all));
        let max_items = most(limits.max_items, u64::MAX);
        let max_bytes = most(limits.max_bytes, PAYLOAD_LIMIT as u64);
        let size = item.json_len() as u64;
        let comma = u64::from(!self.items.is_empty());
        let full = !self.items.is_empty() && self.bytes + comma + size > max_bytes;
        let done = if full { self.finish() } else { None };
        self.bytes += size + u64::from(!self.items.is_empty());
        self.items.push(item);
        // A full batch need not wait for the item that does not fit: only one of both can be full.
        done.or_else(|| if self.items.len() as u64 >= max_items { self.finish() } else { None })
    }

    /// The batch that is not full, at the end of the items.
    pub(super) fn finish(&mut self) -> Option<Batch> {
        let limits = self.limits.as_ref()?;
        if self.items.is_empty() {
            return None;
        }
        let items = std::mem::take(&mut self.items);
        self.bytes = self.frame;
        Some(Batch { items: items.len() as u64, input: Data::from(input(items, limits)) })
    }
}

fn input(items: Vec<Value>, limits: &BatchLimits) -> Value {
    let mut members = Members::default();
    if let Some(input) = &limits.input {
        members.insert("BatchInput".into(), input.clone());
    }
    members.insert("Items".into(), Value::array(items));
    Value::object(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn batches(items: &[Value], limits: Option<BatchLimits>) -> Vec<Batch> {
        let mut batcher = Batcher::new(limits);
        let mut made: Vec<Batch> = items.iter().cloned().filter_map(|item| batcher.push(item)).collect();
        made.extend(batcher.finish());
        made
    }

    fn check(max_items: Option<u64>, max_bytes: Option<u64>, expected: &[&str]) {
        let items: Vec<Value> = (1..=5u64).map(Value::from).collect();
        let made = batches(&items, Some(BatchLimits { max_items, max_bytes, input: None }));
        let made: Vec<String> = made.into_iter().map(|batch| batch.input.text().to_string()).collect();
        assert_eq!(made, expected);
    }

    #[test]
    fn by_count_and_by_bytes() {
        check(Some(2), None, &[r#"{"Items":[1,2]}"#, r#"{"Items":[3,4]}"#, r#"{"Items":[5]}"#]);
        // `{"Items":[1,2,3]}` has 17 bytes.
        check(None, Some(17), &[r#"{"Items":[1,2,3]}"#, r#"{"Items":[4,5]}"#]);
        let single =
            [r#"{"Items":[1]}"#, r#"{"Items":[2]}"#, r#"{"Items":[3]}"#, r#"{"Items":[4]}"#, r#"{"Items":[5]}"#];
        check(Some(1), Some(17), &single);
        // An item that is too large by itself still is an item.
        check(None, Some(1), &single);
    }

    #[test]
    fn what_every_batch_gets_comes_first() {
        let input = Some(Value::from_pairs([("k", 1u64)]));
        let made = batches(&["x".into()], Some(BatchLimits { max_items: Some(2), max_bytes: None, input }));
        assert_eq!(&*made[0].input.text(), r#"{"BatchInput":{"k":1},"Items":["x"]}"#);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_batch_could_be_larger(
            sizes in proptest::collection::vec(0usize..60, 0..80),
            max_items in proptest::option::of(1u64..9),
            max_bytes in proptest::option::of(1u64..200),
        ) {
            let items: Vec<Value> = sizes.iter().map(|size| Value::from("x".repeat(*size))).collect();
            let limits = BatchLimits { max_items, max_bytes, input: None };
            let made = batches(&items, Some(limits));
            let list = |batch: &Batch| batch.input.value().get("Items").unwrap().as_array().unwrap().to_vec();
            let all: Vec<Value> = made.iter().flat_map(list).collect();
            prop_assert_eq!(&all, &items);
            let fits = |count: u64, bytes: u64| {
                max_items.is_none_or(|max| count <= max) && max_bytes.is_none_or(|max| bytes <= max)
            };
            for (index, batch) in made.iter().enumerate() {
                let bytes = batch.input.value().json_len() as u64;
                prop_assert!(batch.items == 1 || fits(batch.items, bytes));
                if let Some(next) = made.get(index + 1) {
                    let first = list(next)[0].json_len() as u64;
                    prop_assert!(!fits(batch.items + 1, bytes + 1 + first));
                }
            }
        }
    }
}
