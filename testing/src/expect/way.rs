//! The states that an execution goes through.

use crate::{Failure, Ran};
use aslx_engine::history::view::Stop;

/// A state on the way, with what is expected inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Name of the state.
    pub state: String,
    /// The ways through its branches or iterations; `None`: they are not looked at.
    pub lanes: Option<Vec<Vec<Leg>>>,
}

impl Leg {
    /// A state, whatever happens inside it.
    pub fn state(name: &str) -> Leg {
        Leg { state: name.to_owned(), lanes: None }
    }

    pub(super) fn states(&self) -> Vec<&str> {
        let inner = self.lanes.iter().flatten().flatten().flat_map(Leg::states);
        std::iter::once(self.state.as_str()).chain(inner).collect()
    }
}

pub(super) fn way(expected: &[Leg], ran: &Ran) -> Option<Failure> {
    let found = ran.way();
    if same(expected, &found) {
        return None;
    }
    let legs = expected.iter().zip(&found).position(|(leg, stop)| !fits(leg, stop));
    let number = legs.unwrap_or(expected.len().min(found.len()));
    let title = match (expected.get(number), found.get(number)) {
        (Some(leg), Some(stop)) if leg.state == *stop.state => {
            format!("the way inside {} is not the expected one", leg.state)
        }
        (Some(leg), Some(stop)) => {
            format!("expected state {} on the way was {}, it was {}", number + 1, leg.state, stop.state)
        }
        (Some(leg), None) => format!("expected {} after {}, the way ended there", leg.state, states(number)),
        (None, Some(stop)) => format!("expected the way to end after {}, {} followed", states(number), stop.state),
        (None, None) => "the way is not the expected one".to_owned(),
    };
    let shown = expected.iter().map(leg_text).collect::<Vec<_>>().join(" → ");
    let was = found.iter().zip(0..).map(|(stop, at)| stop_text(stop, expected.get(at))).collect::<Vec<_>>().join(" → ");
    let failure = Failure::new(title).line(format!("expected  {shown}")).line(format!("it was    {was}"));
    let list = found.iter().zip(0..).map(|(stop, at)| stop_yaml(stop, expected.get(at))).collect::<Vec<_>>().join(", ");
    Some(failure.help(format!("say `path: [{list}]` if that is right")))
}

fn states(count: usize) -> String {
    if count == 1 { "1 state".to_owned() } else { format!("{count} states") }
}

fn same(expected: &[Leg], found: &[Stop]) -> bool {
    expected.len() == found.len() && expected.iter().zip(found).all(|(leg, stop)| fits(leg, stop))
}

fn fits(leg: &Leg, stop: &Stop) -> bool {
    let inside = |lanes: &Vec<Vec<Leg>>| {
        lanes.len() == stop.lanes.len() && lanes.iter().zip(&stop.lanes).all(|(legs, stops)| same(legs, stops))
    };
    leg.state == *stop.state && leg.lanes.as_ref().is_none_or(inside)
}

fn leg_text(leg: &Leg) -> String {
    let lane = |legs: &Vec<Leg>| legs.iter().map(leg_text).collect::<Vec<_>>().join(" → ");
    within(&leg.state, leg.lanes.as_ref().map(|lanes| lanes.iter().map(lane).collect()))
}

/// Only as much of the inside as the expectation looks at.
fn stop_text(stop: &Stop, leg: Option<&Leg>) -> String {
    let deep = leg.is_some_and(|leg| leg.lanes.is_some());
    let lane = |stops: &Vec<Stop>| stops.iter().map(|stop| stop_text(stop, None)).collect::<Vec<_>>().join(" → ");
    within(&stop.state, deep.then(|| stop.lanes.iter().map(lane).collect()))
}

/// As a test file takes it.
fn stop_yaml(stop: &Stop, leg: Option<&Leg>) -> String {
    let lane = |stops: &Vec<Stop>| {
        format!("[{}]", stops.iter().map(|stop| stop.state.to_string()).collect::<Vec<_>>().join(", "))
    };
    match leg.is_some_and(|leg| leg.lanes.is_some()) {
        true => format!("{}: [{}]", stop.state, stop.lanes.iter().map(lane).collect::<Vec<_>>().join(", ")),
        false => stop.state.to_string(),
    }
}

fn within(state: &str, lanes: Option<Vec<String>>) -> String {
    match lanes {
        Some(lanes) => format!("{state} [{}]", lanes.join(" | ")),
        None => state.to_owned(),
    }
}
