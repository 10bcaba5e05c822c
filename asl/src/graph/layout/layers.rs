//! Items into layers, links into chains of points.
#![expect(clippy::indexing_slicing, reason = "numbers of items, links and points are made here, for these tables")]

use super::{Item, Link};

/// Between a point of an edge and what stands beside it.
const HALF_LINE: f64 = 5.0;

/// Room that a way from a state to itself takes at its right side.
pub(super) const LOOP: f64 = 34.0;

/// What a point of a layer stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The item of this number.
    Item(usize),
    /// An edge passes.
    Pass,
    /// An edge passes and has its label here.
    Label,
}

/// A place in a layer.
#[derive(Debug, Clone)]
pub(super) struct Vertex {
    pub(super) kind: Kind,
    pub(super) layer: usize,
    /// Room at the left and at the right of its middle.
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) height: f64,
    /// Neighbours in the layer above and below: vertex and link.
    pub(super) up: Vec<(usize, usize)>,
    pub(super) down: Vec<(usize, usize)>,
}

/// All layers.
#[derive(Debug)]
pub(super) struct Layers {
    pub(super) vertices: Vec<Vertex>,
    pub(super) layers: Vec<Vec<usize>>,
    /// For each link its vertices from top to bottom; empty for a way from an item to itself.
    pub(super) chains: Vec<Vec<usize>>,
    /// Links that run upwards.
    pub(super) reversed: Vec<bool>,
    pub(super) weights: Vec<f64>,
}

impl Layers {
    pub(super) fn of(items: &[Item], links: &[Link]) -> Layers {
        let reversed = back_links(items.len(), links);
        let ranks = ranks(items.len(), links, &reversed);
        // Labels stand just below where their edge begins, in a layer of their own; only where there is one.
        let gap_of = |number: usize| {
            let link = &links[number];
            if reversed[number] { ranks[link.from].saturating_sub(1) } else { ranks[link.from] }
        };
        let count = ranks.iter().max().map_or(0, |rank| rank + 1);
        let mut labelled = vec![false; count];
        for (number, link) in links.iter().enumerate() {
            if link.label.is_some() && link.from != link.to {
                labelled[gap_of(number)] = true;
            }
        }
        let mut layer_of_rank = Vec::with_capacity(count);
        let mut next = 0;
        for has_labels in &labelled {
            layer_of_rank.push(next);
            next += 1 + usize::from(*has_labels);
        }
        let mut vertices: Vec<Vertex> = items
            .iter()
            .enumerate()
            .map(|(number, item)| {
                let layer = layer_of_rank[ranks[number]];
                let half = item.size.width / 2.0;
                vertex(Kind::Item(number), layer, half, item.size.height)
            })
            .collect();
        for (item, vertex) in vertices.iter_mut().enumerate() {
            // Ways from an item to itself share one arc; their labels stand below each other beside it.
            let mut labels = links.iter().filter(|link| link.from == item && link.to == item).peekable();
            if labels.peek().is_none() {
                continue;
            }
            let (mut width, mut height) = (0.0_f64, 0.0_f64);
            for label in labels.filter_map(|link| link.label) {
                width = width.max(label.width);
                height += label.height;
            }
            vertex.right += LOOP + width;
            vertex.height = vertex.height.max(height);
        }
        let mut chains = Vec::with_capacity(links.len());
        for (number, link) in links.iter().enumerate() {
            if link.from == link.to {
                chains.push(Vec::new());
                continue;
            }
            let (top, bottom) = if reversed[number] { (link.to, link.from) } else { (link.from, link.to) };
            let label_layer = layer_of_rank[gap_of(number)] + 1;
            let mut chain = vec![top];
            for layer in vertices[top].layer + 1..vertices[bottom].layer {
                chain.push(vertices.len());
                vertices.push(match link.label {
                    Some(size) if layer == label_layer => vertex(Kind::Label, layer, size.width / 2.0, size.height),
                    _ => vertex(Kind::Pass, layer, HALF_LINE, 0.0),
                });
            }
            chain.push(bottom);
            for pair in chain.windows(2) {
                vertices[pair[0]].down.push((pair[1], number));
                vertices[pair[1]].up.push((pair[0], number));
            }
            chains.push(chain);
        }
        let mut layers = Layers {
            vertices,
            layers: vec![Vec::new(); next],
            chains,
            reversed,
            weights: links.iter().map(|link| link.weight).collect(),
        };
        layers.fill();
        layers
    }

    /// The first order within the layers: depth first, so that what belongs together stands together.
    fn fill(&mut self) {
        let mut seen = vec![false; self.vertices.len()];
        let mut roots: Vec<usize> = (0..self.vertices.len()).filter(|v| self.vertices[*v].up.is_empty()).collect();
        roots.reverse();
        let mut stack = roots;
        while let Some(v) = stack.pop() {
            if std::mem::replace(&mut seen[v], true) {
                continue;
            }
            self.layers[self.vertices[v].layer].push(v);
            stack.extend(self.vertices[v].down.iter().rev().map(|(below, _)| *below).filter(|below| !seen[*below]));
        }
    }
}

fn vertex(kind: Kind, layer: usize, half: f64, height: f64) -> Vertex {
    Vertex { kind, layer, left: half, right: half, height, up: Vec::new(), down: Vec::new() }
}

/// The links to turn round so that no cycle is left: those that lead back to where a walk from the start came from.
fn back_links(items: usize, links: &[Link]) -> Vec<bool> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); items];
    for (number, link) in links.iter().enumerate() {
        out[link.from].push(number);
    }
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let mut seen = vec![Seen::No; items];
    let mut reversed = vec![false; links.len()];
    for root in 0..items {
        if seen[root] != Seen::No {
            continue;
        }
        seen[root] = Seen::Open;
        let mut walk = vec![(root, 0)];
        while let Some((item, next)) = walk.last_mut() {
            let Some(number) = out[*item].get(*next).copied() else {
                seen[*item] = Seen::Done;
                walk.pop();
                continue;
            };
            *next += 1;
            let to = links[number].to;
            match seen[to] {
                Seen::No => {
                    seen[to] = Seen::Open;
                    walk.push((to, 0));
                }
                Seen::Open => reversed[number] = true,
                Seen::Done => {}
            }
        }
    }
    reversed
}

/// The length of the longest way to each item.
fn ranks(items: usize, links: &[Link], reversed: &[bool]) -> Vec<usize> {
    let mut waiting = vec![0_usize; items];
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); items];
    for (link, reversed) in links.iter().zip(reversed).filter(|(link, _)| link.from != link.to) {
        let (top, bottom) = if *reversed { (link.to, link.from) } else { (link.from, link.to) };
        below[top].push(bottom);
        waiting[bottom] += 1;
    }
    let mut ranks = vec![0; items];
    let mut ready: Vec<usize> = (0..items).filter(|item| waiting[*item] == 0).collect();
    while let Some(item) = ready.pop() {
        for next in &below[item] {
            ranks[*next] = ranks[*next].max(ranks[item] + 1);
            waiting[*next] -= 1;
            if waiting[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    ranks
}
