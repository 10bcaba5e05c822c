//! Which orders of the events of one forest are possible.
//!
//! Events of one thread keep their order; what happens inside a container happens before its end; iterations start in
//! the order of their items. Anything else between siblings is luck. For a history in which nothing runs side by side
//! that leaves exactly one order, and so exactly the recorded ids.

use super::forest::{Container, Forest};
use super::history::Event;
use std::collections::HashMap;

/// Whether the events given come in a possible order. `partner` says where the event expected at a place was found.
pub(super) fn check(
    want: &[Event<'_>],
    wanted: &Forest,
    got: &[Event<'_>],
    given: &Forest,
    partner: &[usize],
) -> Result<(), String> {
    let lines = wanted.threads.iter().map(|thread| &thread.events);
    let starts = wanted.containers.iter().map(|container| &container.iterations);
    for line in lines.chain(starts) {
        for (first, second) in line.iter().zip(line.iter().skip(1)) {
            if partner.get(*first) > partner.get(*second) {
                return Err(before(want, *second, *first));
            }
        }
    }
    let by_start: HashMap<usize, &Container> = given.containers.iter().map(|found| (found.start, found)).collect();
    for container in wanted.containers.iter().filter(|container| outlives(container).is_none()) {
        let other = partner.get(container.start).and_then(|start| by_start.get(start));
        if let Some((inside, end)) = other.and_then(|other| outlives(other)) {
            return Err(before(got, end, inside));
        }
    }
    Ok(())
}

/// An event inside the container that comes after its end.
fn outlives(container: &Container) -> Option<(usize, usize)> {
    let end = container.end?;
    container.inside.iter().find(|inside| **inside > end).map(|inside| (*inside, end))
}

fn before(events: &[Event<'_>], early: usize, late: usize) -> String {
    match (events.get(early), events.get(late)) {
        (Some(early), Some(late)) => format!("event {early}: came before event {late}"),
        _ => "events come in an impossible order".to_owned(),
    }
}
