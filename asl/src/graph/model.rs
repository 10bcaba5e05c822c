//! The graph itself.

use crate::program::StateId;
use petgraph::graph::{DiGraph, EdgeReference, NodeIndex};
use petgraph::visit::EdgeRef;
use std::sync::Arc;

/// States with the ways between them, in the frames of their machines.
#[derive(Debug)]
pub struct Graph {
    pub(super) graph: DiGraph<Node, Edge>,
    /// Frame 0 is the outermost machine.
    pub(super) frames: Vec<Frame>,
}

/// Number of a frame within its graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameId(pub(super) usize);

/// A machine: the outermost one, a branch of a Parallel, the item processor of a Map.
#[derive(Debug)]
pub struct Frame {
    /// The Parallel or Map that it belongs to.
    pub owner: Option<NodeIndex>,
    /// Its nodes, in the order of the definition.
    pub nodes: Vec<NodeIndex>,
}

/// A state, or the mark of a start or an end.
#[derive(Debug)]
pub struct Node {
    /// The frame that it stands in.
    pub frame: FrameId,
    /// What it is.
    pub kind: NodeKind,
}

/// See [`Node`].
#[derive(Debug)]
pub enum NodeKind {
    /// Where its frame starts.
    Start,
    /// Where the outermost machine ends.
    End,
    /// A state.
    State {
        /// Number of the state in the program.
        id: StateId,
        /// Its name.
        name: Arc<str>,
        /// Its `Type`.
        type_name: &'static str,
        /// What it does, in a few words: the resource of a Task, the time of a Wait.
        detail: String,
        /// It has retriers.
        retries: bool,
        /// The frames inside: branches of a Parallel, the item processor of a Map.
        inner: Vec<FrameId>,
    },
}

/// A way from one node to another.
#[derive(Debug)]
pub struct Edge {
    /// Why it is taken.
    pub kind: EdgeKind,
    /// The condition or the error names; empty where nothing is to be said.
    pub label: String,
}

/// See [`Edge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeKind {
    /// From the mark of the start.
    Start,
    /// `Next`
    Next,
    /// The rule of this number in `Choices`.
    Choice(usize),
    /// `Default`
    Default,
    /// The catcher of this number.
    Catch(usize),
    /// To the mark of the end.
    End,
}

impl Graph {
    /// The nodes and edges.
    pub fn inner(&self) -> &DiGraph<Node, Edge> {
        &self.graph
    }

    /// All frames, the outermost first.
    pub fn frames(&self) -> impl Iterator<Item = (FrameId, &Frame)> {
        self.frames.iter().enumerate().map(|(number, frame)| (FrameId(number), frame))
    }

    /// A frame of this graph.
    #[expect(clippy::indexing_slicing, reason = "ids are only made for the graph that holds them")]
    pub fn frame(&self, id: FrameId) -> &Frame {
        &self.frames[id.0]
    }

    /// A node of this graph.
    pub fn node(&self, index: NodeIndex) -> &Node {
        &self.graph[index]
    }

    /// The edges within a frame, in the order of the definition.
    pub(super) fn edges_in(&self, frame: FrameId) -> Vec<EdgeReference<'_, Edge>> {
        let nodes = &self.frame(frame).nodes;
        let mut edges: Vec<_> = nodes.iter().flat_map(|node| self.graph.edges(*node)).collect();
        edges.sort_by_key(|edge| edge.id());
        edges
    }
}

impl Node {
    /// The name of a state; empty for a mark.
    pub fn name(&self) -> &str {
        match &self.kind {
            NodeKind::State { name, .. } => name,
            NodeKind::Start | NodeKind::End => "",
        }
    }

    /// The frames inside.
    pub(super) fn inner(&self) -> &[FrameId] {
        match &self.kind {
            NodeKind::State { inner, .. } => inner,
            NodeKind::Start | NodeKind::End => &[],
        }
    }
}
