//! Which states can be reached, and which can come to an end.

use super::{Compiler, Phase};
use crate::diagnostic::{Diagnostic, code};
use crate::program::StateId;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, Reversed};
use std::collections::HashSet;

impl Compiler<'_> {
    /// Reports states that no transition leads to, and warns of states that lead to no end.
    pub(super) fn check_reachability(&mut self) {
        if self.heads.is_empty() || self.machines.iter().any(|m| m.states.is_empty()) {
            return;
        }
        let mut graph: DiGraph<StateId, ()> = DiGraph::new();
        for id in 0..self.heads.len() {
            graph.add_node(StateId(id as u32));
        }
        for edge in &self.edges {
            graph.add_edge(node(edge.from), node(edge.to), ());
        }
        let starts = self.starts.iter().copied();
        let named: HashSet<StateId> = starts.clone().chain(self.edges.iter().map(|edge| edge.to)).collect();
        let reached = from_all(&graph, starts, |graph, start| {
            let mut walk = Bfs::new(graph, start);
            std::iter::from_fn(|| walk.next(graph)).collect()
        });
        let ends = self.heads.iter().enumerate().filter(|(_, head)| head.ends).map(|(id, _)| StateId(id as u32));
        let ending = from_all(&graph, ends, |graph, end| {
            let reversed = Reversed(graph);
            let mut walk = Bfs::new(reversed, end);
            std::iter::from_fn(|| walk.next(reversed)).collect()
        });
        let mut found = Vec::new();
        for (id, head) in self.heads.iter().enumerate() {
            let here = node(StateId(id as u32));
            if self.startless.contains(&head.machine) {
                continue;
            }
            if !named.contains(&StateId(id as u32)) {
                // AWS looks for states that nothing names; an island of states that name each other passes.
                found.push(
                    Diagnostic::error(
                        code::MISSING_TARGET,
                        &head.pointer,
                        head.span,
                        format!("no transition leads to the state `{}`", head.name),
                    )
                    .help("name it in a `Next`, `Default` or `StartAt`, or remove it")
                    .aws(format!("State \"{}\" is not reachable.", head.name), &head.pointer),
                );
            } else if self.starts.len() == self.machines.len() && !reached.contains(&here) {
                found.push(
                    Diagnostic::warning(
                        code::UNREACHABLE,
                        &head.pointer,
                        head.span,
                        format!("no way leads from the start to the state `{}`", head.name),
                    )
                    .help("only states that cannot be reached themselves lead here"),
                );
            } else if !ending.contains(&here) {
                found.push(
                    Diagnostic::warning(
                        code::MISSING_END,
                        &head.pointer,
                        head.span,
                        format!("no way leads from the state `{}` to an end", head.name),
                    )
                    .help("an execution that gets here runs until it fails, is stopped or reaches 25,000 events"),
                );
            }
        }
        for diagnostic in found {
            self.report_in(Phase::Reach, diagnostic);
        }
    }
}

fn node(id: StateId) -> NodeIndex {
    NodeIndex::new(id.index())
}

/// All nodes that a walk from any of these states finds.
fn from_all(
    graph: &DiGraph<StateId, ()>,
    starts: impl Iterator<Item = StateId>,
    walk: impl Fn(&DiGraph<StateId, ()>, NodeIndex) -> Vec<NodeIndex>,
) -> HashSet<NodeIndex> {
    let mut found = HashSet::new();
    for start in starts {
        if !found.contains(&node(start)) {
            found.extend(walk(graph, node(start)));
        }
    }
    found
}
