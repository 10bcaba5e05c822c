//! Items put together into the inputs of children.

use super::BatchLimits;
use crate::{Data, PAYLOAD_LIMIT};
use aslx_asl::Value;
use aslx_asl::value::Members;

/// A child's input and how many items are in it.
pub(super) type Batch = (Data, u64);

/// The inputs of the children: one per item, or batches in AWS's shape, `{"BatchInput": …, "Items": […]}`.
pub(super) fn batches(items: Vec<Value>, limits: Option<&BatchLimits>) -> Vec<Batch> {
    let Some(limits) = limits else { return items.into_iter().map(|item| (Data::from(item), 1)).collect() };
    let max_items = limits.max_items.filter(|max| *max > 0).unwrap_or(u64::MAX);
    let max_bytes =
        limits.max_bytes.filter(|max| *max > 0).map_or(PAYLOAD_LIMIT as u64, |max| max.min(PAYLOAD_LIMIT as u64));
    let frame = input(Vec::new(), limits).json_len() as u64;
    let mut batches = Vec::new();
    let mut batch: Vec<Value> = Vec::new();
    let mut bytes = frame;
    for item in items {
        let size = item.json_len() as u64 + u64::from(!batch.is_empty());
        if !batch.is_empty() && (batch.len() as u64 >= max_items || bytes + size > max_bytes) {
            let full = std::mem::take(&mut batch);
            batches.push((full.len() as u64, full));
            bytes = frame;
        }
        bytes += size;
        batch.push(item);
    }
    if !batch.is_empty() {
        batches.push((batch.len() as u64, batch));
    }
    batches.into_iter().map(|(count, items)| (Data::from(input(items, limits)), count)).collect()
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

    fn check(max_items: Option<u64>, max_bytes: Option<u64>, expected: &[&str]) {
        let limits = BatchLimits { max_items, max_bytes, input: None };
        let items = (1..=5u64).map(Value::from).collect();
        let made: Vec<String> =
            batches(items, Some(&limits)).into_iter().map(|(data, _)| data.text().to_string()).collect();
        assert_eq!(made, expected);
    }

    #[test]
    fn by_count_and_by_bytes() {
        check(Some(2), None, &[r#"{"Items":[1,2]}"#, r#"{"Items":[3,4]}"#, r#"{"Items":[5]}"#]);
        // `{"Items":[1,2,3]}` has 17 bytes.
        check(None, Some(17), &[r#"{"Items":[1,2,3]}"#, r#"{"Items":[4,5]}"#]);
        check(
            Some(1),
            Some(17),
            &[r#"{"Items":[1]}"#, r#"{"Items":[2]}"#, r#"{"Items":[3]}"#, r#"{"Items":[4]}"#, r#"{"Items":[5]}"#],
        );
        // An item that is too large by itself still is an item.
        check(
            None,
            Some(1),
            &[r#"{"Items":[1]}"#, r#"{"Items":[2]}"#, r#"{"Items":[3]}"#, r#"{"Items":[4]}"#, r#"{"Items":[5]}"#],
        );
    }
}
