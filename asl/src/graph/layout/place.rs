//! Frames within frames: each is laid out by itself and is then one large item of the frame around it.

use super::super::model::{EdgeKind, FrameId, Graph, Node, NodeKind};
use super::super::svg::text::{Font, wrap};
use super::{Item, Link, Point, Route, Shape, Size, arrange};
use petgraph::graph::{EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::HashMap;

/// Inside a container, around its frames.
const PADDING: f64 = 14.0;

/// Frames of a Parallel stand beside each other up to this width.
const ROW_WIDTH: f64 = 1_500.0;

/// The marks of starts and ends.
const MARK: Size = Size { width: 18.0, height: 18.0 };
const INNER_MARK: Size = Size { width: 10.0, height: 10.0 };

/// A graph with the place of everything in it.
#[derive(Debug, Default)]
pub(in crate::graph) struct Picture {
    pub(in crate::graph) size: Size,
    /// What is outside comes before what is inside.
    pub(in crate::graph) shapes: Vec<Drawn>,
    pub(in crate::graph) routes: Vec<(EdgeIndex, Route)>,
}

/// What has a place of its own.
#[derive(Debug)]
pub(in crate::graph) enum Drawn {
    Node(Placed),
    /// A frame inside a container.
    Panel(Point, Size),
}

/// A node with its place and its text.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Placed {
    pub(in crate::graph) node: NodeIndex,
    pub(in crate::graph) at: Point,
    pub(in crate::graph) size: Size,
    pub(in crate::graph) shape: Shape,
    pub(in crate::graph) name: Vec<String>,
    pub(in crate::graph) detail: Vec<String>,
}

/// A frame laid out by itself.
struct Laid {
    size: Size,
    nodes: Vec<(Placed, Vec<(Point, Laid)>)>,
    routes: Vec<(EdgeIndex, Route)>,
}

impl Picture {
    /// Lays out a graph.
    pub(in crate::graph) fn of(graph: &Graph) -> Picture {
        let laid = frame(graph, FrameId(0));
        let mut picture = Picture { size: laid.size, ..Picture::default() };
        picture.take(laid, Point::default());
        picture
    }

    fn take(&mut self, laid: Laid, by: Point) {
        for (mut placed, inner) in laid.nodes {
            placed.at = placed.at.plus(by);
            let corner = placed.at;
            self.shapes.push(Drawn::Node(placed));
            for (at, laid) in inner {
                let corner = corner.plus(at);
                self.shapes.push(Drawn::Panel(corner, laid.size));
                self.take(laid, corner);
            }
        }
        self.routes.extend(laid.routes.into_iter().map(|(edge, route)| (edge, route.moved(by))));
    }
}

fn frame(graph: &Graph, id: FrameId) -> Laid {
    let margin = if id == FrameId(0) { 20.0 } else { PADDING };
    let mut nodes: Vec<(Placed, Vec<(Point, Laid)>)> =
        graph.frame(id).nodes.iter().map(|index| measured(graph, *index)).collect();
    let numbers: HashMap<NodeIndex, usize> =
        nodes.iter().enumerate().map(|(number, (placed, _))| (placed.node, number)).collect();
    let edges = graph.edges_in(id);
    let links: Vec<Link> = edges
        .iter()
        .filter_map(|edge| {
            let (from, to) = (*numbers.get(&edge.source())?, *numbers.get(&edge.target())?);
            Some(Link { from, to, label: label_size(&edge.weight().label), weight: weight(edge.weight().kind) })
        })
        .collect();
    let items: Vec<Item> = nodes.iter().map(|(placed, _)| Item { size: placed.size, shape: placed.shape }).collect();
    let arranged = arrange(&items, &links);
    let by = Point { x: margin, y: margin };
    for ((placed, _), at) in nodes.iter_mut().zip(&arranged.items) {
        placed.at = at.plus(by);
    }
    let routes = edges.iter().zip(&arranged.routes).map(|(edge, route)| (edge.id(), route.moved(by))).collect();
    let size = Size { width: arranged.size.width + 2.0 * margin, height: arranged.size.height + 2.0 * margin };
    Laid { size, nodes, routes }
}

fn weight(kind: EdgeKind) -> f64 {
    match kind {
        EdgeKind::Start => 8.0,
        EdgeKind::Next => 6.0,
        EdgeKind::End => 3.0,
        EdgeKind::Choice(_) | EdgeKind::Default => 2.0,
        EdgeKind::Catch(_) => 1.0,
    }
}

/// The lines of a label.
pub(in crate::graph) fn label_lines(label: &str) -> Vec<String> {
    wrap(label, 30, 4)
}

fn label_size(label: &str) -> Option<Size> {
    if label.is_empty() {
        return None;
    }
    let lines = label_lines(label);
    Some(Size { width: Font::Label.widest(&lines) + 12.0, height: Font::Label.height(lines.len()) + 4.0 })
}

/// A node with its size, and what is inside it with its place.
fn measured(graph: &Graph, index: NodeIndex) -> (Placed, Vec<(Point, Laid)>) {
    let node: &Node = graph.node(index);
    let mut placed = Placed {
        node: index,
        at: Point::default(),
        size: if node.frame == FrameId(0) { MARK } else { INNER_MARK },
        shape: Shape::Circle,
        name: Vec::new(),
        detail: Vec::new(),
    };
    let NodeKind::State { name, type_name, detail, retries, inner, .. } = &node.kind else {
        return (placed, Vec::new());
    };
    placed.name = wrap(name, 26, 4);
    placed.detail = if detail.is_empty() { Vec::new() } else { wrap(detail, 36, 2) };
    if *retries && let Some(last) = placed.detail.last_mut() {
        last.push_str("  ↻");
    }
    let width = Font::Name.widest(&placed.name).max(Font::Detail.widest(&placed.detail));
    let height = Font::Name.height(placed.name.len()) + Font::Detail.height(placed.detail.len());
    if *type_name == "Choice" {
        let half = height / 2.0 + 18.0;
        let share = 1.0 - height / 2.0 / half;
        placed.shape = Shape::Diamond;
        placed.size = Size { width: ((width + 8.0) / share).max(84.0).ceil(), height: (2.0 * half).ceil() };
        return (placed, Vec::new());
    }
    placed.shape = Shape::Box;
    placed.size = Size { width: (width + 28.0).max(92.0).ceil(), height: (height + 16.0).ceil() };
    let frames: Vec<Laid> = inner.iter().map(|id| frame(graph, *id)).collect();
    if frames.is_empty() {
        return (placed, Vec::new());
    }
    let (inside, size) = packed(frames, placed.size.height);
    placed.size = Size { width: placed.size.width.max(size.width), height: size.height };
    // What is narrower than the title stands in the middle.
    let aside = (placed.size.width - size.width) / 2.0;
    (placed, inside.into_iter().map(|(at, laid)| (Point { x: at.x + aside, y: at.y }, laid)).collect())
}

/// Frames beside each other, in several rows if they are many.
fn packed(frames: Vec<Laid>, top: f64) -> (Vec<(Point, Laid)>, Size) {
    let widths: Vec<f64> = frames.iter().map(|laid| laid.size.width + PADDING).collect();
    let rows_within = |limit: f64| {
        let (mut rows, mut used) = (1, 0.0);
        for width in &widths {
            if used > 0.0 && used + width > limit {
                (rows, used) = (rows + 1, 0.0);
            }
            used += width;
        }
        rows
    };
    // As narrow as it can be with this number of rows.
    let rows = rows_within(ROW_WIDTH);
    let mut limit = ROW_WIDTH;
    while limit > 100.0 && rows_within(limit - 20.0) == rows {
        limit -= 20.0;
    }
    let (mut x, mut y, mut row_height, mut width) = (PADDING, top, 0.0_f64, 0.0_f64);
    let mut inside = Vec::with_capacity(frames.len());
    for laid in frames {
        let size = laid.size;
        if x > PADDING && x + size.width > limit {
            y += row_height + PADDING;
            (x, row_height) = (PADDING, 0.0);
        }
        inside.push((Point { x, y }, laid));
        x += size.width + PADDING;
        width = width.max(x);
        row_height = row_height.max(size.height);
    }
    (inside, Size { width, height: y + row_height + PADDING })
}
