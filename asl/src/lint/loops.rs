//! Loops that nothing ends.

use super::context::{Context, successors};
use crate::diagnostic::code;
use crate::path::Root;
use crate::program::{Flow, ResultPath, State, StateId, StateKind};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::HashSet;

/// Loops that only a Choice can end, while no state in them changes what it looks at.
pub(super) fn lint(context: &mut Context<'_>) {
    let program = context.program;
    let mut graph: DiGraph<StateId, ()> = DiGraph::new();
    for (id, _) in program.states() {
        graph.add_node(id);
    }
    for (id, state) in program.states() {
        for (next, _) in successors(state) {
            graph.add_edge(NodeIndex::new(id.index()), NodeIndex::new(next.index()), ());
        }
    }
    let context_paths = program.paths().iter().filter(|path| *path.path.root() == Root::Context);
    let asking: HashSet<StateId> = context_paths.map(|path| path.state).collect();
    // (The other algorithm for this, by Tarjan, recurses: a long chain of states would overflow the stack.)
    for component in kosaraju_scc(&graph) {
        let looping = match component.as_slice() {
            [single] => graph.contains_edge(*single, *single),
            _ => true,
        };
        if !looping {
            continue;
        }
        let mut states: Vec<(StateId, &State)> =
            component.iter().filter_map(|node| graph.node_weight(*node)).map(|id| (*id, program.state(*id))).collect();
        states.sort_by_key(|(id, _)| *id);
        let decides = states.iter().find(|(_, state)| matches!(state.kind, StateKind::Choice(_)));
        let Some((_, state)) = decides else { continue };
        let stays = states.iter().all(|(_, state)| changes_nothing(state));
        let asks_the_time = states.iter().any(|(id, _)| asking.contains(id));
        if stays && !asks_the_time && leaves_only_here(&states) {
            let message =
                format!("the loop through `{}` never ends: no state in it changes what is tested", state.name);
            context.warn_state(
                code::ENDLESS_LOOP,
                state,
                message,
                "write what a task in the loop answers to its input",
            );
        }
    }
}

/// Whether a state hands on exactly what it got, and assigns nothing.
fn changes_nothing(state: &State) -> bool {
    let picks_all = |pick: &crate::program::Pick| matches!(pick, crate::program::Pick::All);
    // What an expression gives is not known: it may be the time.
    let Flow::Paths(flow) = &state.flow else { return false };
    if flow.assign.is_some() || !picks_all(&flow.input_path) || !picks_all(&flow.output_path) {
        return false;
    }
    let discards = matches!(flow.result_path, ResultPath::Discard);
    match &state.kind {
        StateKind::Wait(..) | StateKind::Succeed | StateKind::Fail(_) => true,
        StateKind::Choice(choice) => choice.rules.iter().all(|rule| rule.when.assigned().is_empty()),
        StateKind::Pass(_) => discards || (flow.result.is_none() && flow.parameters.is_none()),
        StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_) => discards,
    }
}

/// Whether only Choices lead out: a task that fails ends a loop too.
fn leaves_only_here(states: &[(StateId, &State)]) -> bool {
    states.iter().all(|(_, state)| super::context::effect(state).is_none_or(|effect| effect.catch.is_empty()))
}
