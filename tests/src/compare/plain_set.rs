//! Histories whose recording was sorted inside Parallel states.
//!
//! Their sorted events have `id` `[0]` and `previousEventId` `0`, and the sorting has overwritten the events that end
//! those states: the ids that are left show how many are gone. So every recorded event must be among those given, with
//! its id if it still has one, and what is given beyond that must be as many ends of Parallel states as the ids lack.

use super::history::{Event, content};
use super::text::Bindings;
use super::value::difference;
use serde_json::Value;

pub(super) fn compare(want: &[Value], got: &[Event<'_>], bindings: &mut Bindings) -> Result<(), String> {
    let mut left: Vec<&Event<'_>> = got.iter().collect();
    for event in want {
        let Some(members) = event.as_object() else { return Err(format!("expected history: {event}")) };
        let kind = members.get("type").and_then(Value::as_str).unwrap_or_default();
        let id = members.get("id").and_then(Value::as_u64);
        let expected = content(members);
        let found = left.iter().position(|other| {
            let same_id = id.is_none_or(|id| id == other.id);
            let mut tried = bindings.clone();
            let same = same_id && other.kind == kind && difference(&expected, &other.content(), &mut tried).is_none();
            if same {
                *bindings = tried;
            }
            same
        });
        match found {
            Some(at) => drop(left.remove(at)),
            None => {
                return Err(format!(
                    "no event {}{kind} like {}",
                    id.map_or(String::new(), |id| format!("{id} ")),
                    super::value::shortened(&expected)
                ));
            }
        }
    }
    let last = want.iter().filter_map(|event| event.get("id")?.as_u64()).max().unwrap_or_default();
    let lost = (last as usize).saturating_sub(want.len());
    let is_end = |event: &&&Event<'_>| matches!(event.kind, "ParallelStateSucceeded" | "ParallelStateExited");
    match left.iter().find(|event| !is_end(event)) {
        Some(more) => Err(format!("event {more}: not expected")),
        None if left.len() != lost => Err(format!("{} ends of Parallel states expected, got {}", lost, left.len())),
        None => Ok(()),
    }
}
