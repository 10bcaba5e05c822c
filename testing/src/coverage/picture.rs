//! Coverage as colours of the graph.

use super::items::effect;
use super::kind::Kind;
use super::model::DefinitionCoverage;
use aslx_asl::graph::{EdgeKind, Graph, Overlay, Tone};
use aslx_asl::program::{Next, StateId};
use aslx_engine::interpreter::Waypoint;

impl DefinitionCoverage {
    /// The graph with what was reached: green where everything of a state was, orange with the number of missing parts
    /// where only some was, dashed red where nothing was.
    pub fn to_svg(&self) -> String {
        Graph::of(&self.program).to_svg(&self.overlay())
    }

    /// The colours.
    pub fn overlay(&self) -> Overlay {
        let mut overlay = Overlay::default();
        for (id, state) in self.program.states() {
            let own = || self.items.iter().filter(|item| item.state == Some(id) && item.kind.is_counted());
            let entered = own().any(|item| item.kind == Kind::State && self.hits(item) > 0);
            let missing = own().filter(|item| !item.is_implied && self.hits(item) == 0).count();
            let (tone, badge) = match (entered, missing) {
                (false, _) => (Tone::Missed, None),
                (true, 0) => (Tone::Good, None),
                (true, missing) => (Tone::Doubtful, Some(format!("{missing} missing"))),
            };
            overlay.state(&state.name, tone, badge);
            for kind in self.ways(id) {
                overlay.way_of_kind(&state.name, kind);
            }
        }
        overlay
    }

    /// The ways out of a state that were taken.
    fn ways(&self, id: StateId) -> Vec<EdgeKind> {
        let passed = |waypoint: &Waypoint| self.waypoints.get(waypoint).copied().unwrap_or(0);
        let mut ways = Vec::new();
        for (waypoint, _) in self.waypoints.iter().filter(|(_, count)| **count > 0) {
            match *waypoint {
                Waypoint::Rule(state, number) if state == id => ways.push(EdgeKind::Choice(number)),
                Waypoint::Default(state) if state == id => ways.push(EdgeKind::Default),
                Waypoint::Caught(state, number) if state == id => ways.push(EdgeKind::Catch(number)),
                Waypoint::Left(state, Next::End) if state == id => ways.push(EdgeKind::End),
                Waypoint::Left(state, next) if state == id => {
                    // Catchers may lead to the same state as Next: what they took is theirs.
                    let catchers = effect(self.program.state(id)).map_or(&[][..], |effect| &effect.catch);
                    let caught: u64 = catchers
                        .iter()
                        .enumerate()
                        .filter(|(_, catcher)| Next::State(catcher.next) == next)
                        .map(|(number, _)| passed(&Waypoint::Caught(id, number)))
                        .sum();
                    if passed(waypoint) > caught {
                        ways.push(EdgeKind::Next);
                    }
                }
                _ => {}
            }
        }
        ways
    }
}
