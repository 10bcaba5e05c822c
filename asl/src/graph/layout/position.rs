//! The x of every vertex: each wants to stand below and above its neighbours, at a distance from what is beside it.
#![expect(clippy::indexing_slicing, reason = "numbers of vertices and layers come from the tables that they index")]

use super::layers::{Kind, Layers};
use super::route::Ports;

/// Between two items of a layer.
const APART: f64 = 34.0;

/// Between an edge and what is beside it.
const APART_LINE: f64 = 12.0;

/// Rounds downwards and upwards.
const ROUNDS: usize = 60;

pub(super) fn positions(layers: &Layers, ports: &Ports) -> Vec<f64> {
    let mut xs = vec![0.0; layers.vertices.len()];
    for layer in &layers.layers {
        let offsets = offsets(layers, layer);
        let middle = offsets.last().copied().unwrap_or(0.0) / 2.0;
        for (v, offset) in layer.iter().zip(&offsets) {
            xs[*v] = offset - middle;
        }
    }
    let rounds = if layers.vertices.len() > 4_000 { 8 } else { ROUNDS };
    for round in 0..rounds {
        // In the end both sides count, so that nothing hangs on one neighbour alone.
        let both = round + 6 >= rounds;
        let down = round % 2 == 0;
        sweep(layers, ports, down, (down || both, !down || both), Aim::Middle, &mut xs);
    }
    straighten(layers, ports, &mut xs);
    let least = layers.vertices.iter().zip(&xs).map(|(v, x)| x - v.left).fold(f64::INFINITY, f64::min);
    xs.iter_mut().for_each(|x| *x -= least);
    xs
}

/// Means leave small bends everywhere. Medians make most edges quite straight, but only near a good start: so they
/// come last, and the best of their rounds counts.
fn straighten(layers: &Layers, ports: &Ports, xs: &mut Vec<f64>) {
    let mut trial = xs.clone();
    let mut least = bends(layers, ports, xs);
    for round in 0..12 {
        let down = round % 2 == 0;
        // With both sides at last; with one side before, or aligned runs could never move.
        let sides = if round % 4 < 2 { (down, !down) } else { (true, true) };
        sweep(layers, ports, down, sides, Aim::Straight, &mut trial);
        let now = bends(layers, ports, &trial);
        if now < least {
            least = now;
            xs.clone_from(&trial);
        }
    }
}

/// How far edges go aside; a small bend is nearly as ugly as a large one.
fn bends(layers: &Layers, ports: &Ports, xs: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (v, vertex) in layers.vertices.iter().enumerate() {
        for (below, link) in &vertex.down {
            let dx = (xs[v] + ports.bottom(v, *link) - xs[*below] - ports.top(*below, *link)).abs();
            if dx > 0.5 {
                sum += layers.weights[*link].sqrt() * (dx + 60.0);
            }
        }
    }
    sum
}

/// What the neighbours of a vertex decide.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Aim {
    /// The mean of where they want it.
    Middle,
    /// The median: in line with one of them.
    Straight,
}

fn sweep(layers: &Layers, ports: &Ports, down: bool, sides: (bool, bool), aim: Aim, xs: &mut [f64]) {
    let count = layers.layers.len();
    for step in 0..count {
        let number = if down { step } else { count - 1 - step };
        settle(layers, ports, number, sides, aim, xs);
    }
}

/// The smallest x of each vertex of a layer, from the first on.
fn offsets(layers: &Layers, layer: &[usize]) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(layer.len());
    let mut at = 0.0;
    for (place, v) in layer.iter().enumerate() {
        if place > 0 {
            let (a, b) = (&layers.vertices[layer[place - 1]], &layers.vertices[*v]);
            let items = matches!((a.kind, b.kind), (Kind::Item(_), Kind::Item(_)));
            at += a.right + b.left + if items { APART } else { APART_LINE };
        }
        offsets.push(at);
    }
    offsets
}

/// Puts the vertices of a layer as near as possible to where their neighbours want them, in their order: a weighted
/// isotonic regression (pool adjacent violators) over the positions less the offsets.
fn settle(layers: &Layers, ports: &Ports, number: usize, sides: (bool, bool), aim: Aim, xs: &mut [f64]) {
    struct Block {
        place: f64,
        wishes: Vec<(f64, f64)>,
        members: usize,
    }
    let layer = &layers.layers[number];
    let offsets = offsets(layers, layer);
    let mut blocks: Vec<Block> = Vec::with_capacity(layer.len());
    for (v, offset) in layer.iter().zip(&offsets) {
        let mut wishes = wishes(layers, ports, *v, sides, xs);
        wishes.iter_mut().for_each(|(wanted, _)| *wanted -= offset);
        let mut block = Block { place: decide(&mut wishes, aim), wishes, members: 1 };
        while let Some(mut before) = blocks.pop_if(|before| before.place > block.place) {
            before.wishes.append(&mut block.wishes);
            before.members += block.members;
            before.place = decide(&mut before.wishes, aim);
            block = before;
        }
        blocks.push(block);
    }
    let places = blocks.iter().flat_map(|block| std::iter::repeat_n(block.place, block.members));
    for ((v, offset), place) in layer.iter().zip(&offsets).zip(places) {
        xs[*v] = place + offset;
    }
}

/// The mean or the median of weighted wishes.
fn decide(wishes: &mut [(f64, f64)], aim: Aim) -> f64 {
    let weights: f64 = wishes.iter().map(|(_, weight)| weight).sum();
    if aim == Aim::Middle {
        return wishes.iter().map(|(wanted, weight)| wanted * weight).sum::<f64>() / weights;
    }
    wishes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sum = 0.0;
    for (wanted, weight) in wishes.iter() {
        sum += weight;
        if sum * 2.0 >= weights {
            return *wanted;
        }
    }
    wishes.last().map_or(0.0, |(wanted, _)| *wanted)
}

/// Where the neighbours of a vertex want it, and how much.
fn wishes(layers: &Layers, ports: &Ports, v: usize, (up, down): (bool, bool), xs: &[f64]) -> Vec<(f64, f64)> {
    let vertex = &layers.vertices[v];
    let passes = |v: usize| !matches!(layers.vertices[v].kind, Kind::Item(_));
    let weight = |other: usize, link: usize| {
        // The inner part of a long edge is to be straight above all.
        let stiff = match (passes(v), passes(other)) {
            (true, true) => 8.0,
            (false, false) => 1.0,
            _ => 2.0,
        };
        layers.weights[link] * stiff
    };
    let mut wishes = Vec::with_capacity(vertex.up.len() + vertex.down.len());
    if up {
        wishes.extend(vertex.up.iter().map(|(other, link)| {
            (xs[*other] + ports.bottom(*other, *link) - ports.top(v, *link), weight(*other, *link))
        }));
    }
    if down {
        wishes.extend(vertex.down.iter().map(|(other, link)| {
            (xs[*other] + ports.top(*other, *link) - ports.bottom(v, *link), weight(*other, *link))
        }));
    }
    if wishes.is_empty() {
        wishes.push((xs[v], 0.01));
    }
    wishes
}
