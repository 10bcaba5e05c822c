//! Tests for a definition that has none: a case for each of its branches, with made-up inputs and answers.
//!
//! For each thing that coverage knows, a way there is planned (which rules, which errors) and tried. Inputs and
//! answers are objects of texts that are unlike each other: where such a text turns up in the input of a Choice, or of
//! a state that misses something, tells which part of which answer has to be changed. That is repeated until the way
//! is taken. What cannot be reached like this (conditions that compute, items that are read from elsewhere) is left to
//! the author, with what there is to fill in.

mod choose;
mod expressions;
mod goals;
mod repair;
mod search;
#[cfg(test)]
mod tests;
mod world;
mod write;

pub use search::{Skeleton, Sketch};

use crate::coverage::{Coverage, Item, Waypoints, effect};
use crate::{Tested, coverage};
use aslx_asl::Program;
use aslx_asl::program::{ErrorPattern, Next, StateId};
use aslx_engine::interpreter::Waypoint;
use goals::Goals;
use search::Search;
use std::sync::Arc;

impl Skeleton {
    /// Tries to reach everything of a definition. Blocks until it is done.
    pub fn of(tested: &Arc<Tested>) -> Skeleton {
        let mut coverage = Coverage::default();
        coverage.add(tested, &Waypoints::new());
        let mut search = Search::new(tested.clone());
        let mut skeleton = Skeleton::default();
        let keep = |sketch: Sketch, coverage: &mut Coverage, skeleton: &mut Skeleton| {
            coverage.add(tested, &sketch.waypoints);
            skeleton.sketches.push(sketch);
        };
        if let Some(sketch) = search.pursue("it goes well", Goals::of(&tested.program), None) {
            keep(sketch, &mut coverage, &mut skeleton);
        }
        let items: Vec<Item> = coverage.definitions.iter().flat_map(|definition| definition.items.clone()).collect();
        for item in items.iter().filter(|item| item.kind.is_counted() && !item.is_implied) {
            let reached = |coverage: &Coverage| coverage.definitions.iter().any(|one| one.hits(item) > 0);
            // A state that is not reached otherwise is reached by the decision that leads to it.
            if reached(&coverage) {
                continue;
            }
            let mut goals = Goals::of(&tested.program);
            let sketch = goals
                .aim_at(item)
                .then(|| search.pursue(&name(&tested.program, item), goals, Some(item.waypoint)))
                .flatten();
            match sketch {
                Some(sketch) => keep(sketch, &mut coverage, &mut skeleton),
                None => skeleton.open.push(format!("{}: {}", item.missed, item.label)),
            }
        }
        skeleton.open.retain(|open| coverage::summary_lines(&coverage).iter().any(|(what, _)| what.starts_with(open)));
        skeleton
    }
}

/// What a case is called that reaches this.
fn name(program: &Program, item: &Item) -> String {
    let state = |id: StateId| &program.state(id).name;
    let retrier = |id: StateId, number: usize| {
        let retry = effect(program.state(id)).and_then(|effect| effect.retry.get(number));
        first(retry.map(|retrier| &*retrier.errors))
    };
    let catcher = |id: StateId, number: usize| {
        let catch = effect(program.state(id)).and_then(|effect| effect.catch.get(number));
        first(catch.map(|catcher| &*catcher.errors))
    };
    match item.waypoint {
        Waypoint::Entered(id) => format!("{} is reached", state(id)),
        Waypoint::Left(id, Next::State(next)) => format!("{} goes on to {}", state(id), state(next)),
        Waypoint::Left(id, Next::End) => format!("{} comes to its end", state(id)),
        Waypoint::Rule(id, number) => format!("{} takes rule {}", state(id), number + 1),
        Waypoint::Default(id) => format!("{} takes Default", state(id)),
        Waypoint::Retried(id, number) => format!("{} tries again after {}", state(id), retrier(id, number)),
        Waypoint::Exhausted(id, number) => format!("{} does not try again after {}", state(id), retrier(id, number)),
        Waypoint::Caught(id, number) => format!("{} catches {}", state(id), catcher(id, number)),
        Waypoint::TimedOut(id) => format!("{} times out", state(id)),
        Waypoint::HeartbeatMissed(id) => format!("{} misses a heartbeat", state(id)),
        Waypoint::MachineTimedOut => "the state machine times out".to_owned(),
    }
}

fn first(errors: Option<&[ErrorPattern]>) -> &str {
    errors.and_then(|errors| errors.first()).map_or("an error", ErrorPattern::name)
}
