//! Program to graph.

use super::describe::{detail, errors_label, rule_label};
use super::model::{Edge, EdgeKind, Frame, FrameId, Graph, Node, NodeKind};
use crate::program::{Effect, MachineId, Next, Program, State, StateId, StateKind};
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::HashMap;

impl Graph {
    /// The graph of a program.
    pub fn of(program: &Program) -> Graph {
        let mut builder =
            Builder { program, graph: Graph { graph: DiGraph::new(), frames: Vec::new() }, states: HashMap::new() };
        builder.frame(MachineId::ROOT, None);
        builder.graph
    }
}

struct Builder<'p> {
    program: &'p Program,
    graph: Graph,
    states: HashMap<StateId, NodeIndex>,
}

impl Builder<'_> {
    fn frame(&mut self, machine: MachineId, owner: Option<NodeIndex>) -> FrameId {
        let id = FrameId(self.graph.frames.len());
        self.graph.frames.push(Frame { owner, nodes: Vec::new() });
        let machine = self.program.machine(machine);
        let start = self.node(id, NodeKind::Start);
        for state in &machine.states {
            self.state(id, *state);
        }
        if let Some(first) = self.states.get(&machine.start).copied() {
            self.edge(start, first, EdgeKind::Start, String::new());
        }
        let end = owner.is_none().then(|| self.node(id, NodeKind::End));
        for state in &machine.states {
            self.ways(*state, end);
        }
        id
    }

    fn node(&mut self, frame: FrameId, kind: NodeKind) -> NodeIndex {
        let index = self.graph.graph.add_node(Node { frame, kind });
        if let Some(frame) = self.graph.frames.get_mut(frame.0) {
            frame.nodes.push(index);
        }
        index
    }

    fn state(&mut self, frame: FrameId, id: StateId) {
        let state = self.program.state(id);
        let retries = effect(state).is_some_and(|effect| !effect.retry.is_empty());
        let index = self.node(
            frame,
            NodeKind::State {
                id,
                name: state.name.clone(),
                type_name: state.kind.type_name(),
                detail: detail(state),
                retries,
                inner: Vec::new(),
            },
        );
        self.states.insert(id, index);
        let machines: Vec<MachineId> = match &state.kind {
            StateKind::Parallel(parallel) => parallel.branches.clone(),
            StateKind::Map(map) => vec![map.processor],
            _ => Vec::new(),
        };
        let frames: Vec<FrameId> = machines.into_iter().map(|machine| self.frame(machine, Some(index))).collect();
        if let Some(Node { kind: NodeKind::State { inner, .. }, .. }) = self.graph.graph.node_weight_mut(index) {
            *inner = frames;
        }
    }

    fn edge(&mut self, from: NodeIndex, to: NodeIndex, kind: EdgeKind, label: String) {
        self.graph.graph.add_edge(from, to, Edge { kind, label });
    }

    /// The ways out of a state.
    fn ways(&mut self, id: StateId, end: Option<NodeIndex>) {
        let state = self.program.state(id);
        let Some(from) = self.states.get(&id).copied() else { return };
        let to = |this: &mut Self, target: StateId, kind: EdgeKind, label: String| {
            if let Some(target) = this.states.get(&target).copied() {
                this.edge(from, target, kind, label);
            }
        };
        let next = match &state.kind {
            StateKind::Pass(next) => Some(*next),
            StateKind::Wait(_, next) => Some(*next),
            StateKind::Succeed => Some(Next::End),
            StateKind::Fail(_) | StateKind::Choice(_) => None,
            StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_) => effect(state).map(|effect| effect.next),
        };
        match (next, end) {
            (Some(Next::State(target)), _) => to(self, target, EdgeKind::Next, String::new()),
            (Some(Next::End), Some(end)) => self.edge(from, end, EdgeKind::End, String::new()),
            _ => {}
        }
        if let StateKind::Choice(choice) = &state.kind {
            for (number, rule) in choice.rules.iter().enumerate() {
                to(self, rule.next, EdgeKind::Choice(number), rule_label(rule));
            }
            if let Some(default) = choice.default {
                to(self, default, EdgeKind::Default, "default".to_owned());
            }
        }
        for (number, catcher) in effect(state).into_iter().flat_map(|effect| effect.catch.iter().enumerate()) {
            to(self, catcher.next, EdgeKind::Catch(number), errors_label(&catcher.errors));
        }
    }
}

fn effect(state: &State) -> Option<&Effect> {
    match &state.kind {
        StateKind::Task(task) => Some(&task.effect),
        StateKind::Parallel(parallel) => Some(&parallel.effect),
        StateKind::Map(map) => Some(&map.effect),
        _ => None,
    }
}
