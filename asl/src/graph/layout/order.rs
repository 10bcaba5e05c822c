//! The order within layers: barycentres, downwards and upwards in turn, then exchanges of neighbours; the order with
//! the fewest crossings is kept.
#![expect(clippy::indexing_slicing, reason = "numbers of vertices and layers come from the tables that they index")]

use super::layers::Layers;

/// Rounds of barycentres; fewer in huge graphs.
const ROUNDS: usize = 24;

pub(super) fn order(layers: &mut Layers) {
    let rounds = if layers.vertices.len() > 4_000 { 4 } else { ROUNDS };
    let mut best = layers.layers.clone();
    let mut fewest = crossings(layers);
    for round in 0..rounds {
        if fewest == 0 {
            break;
        }
        sweep(layers, round % 2 == 0);
        if layers.vertices.len() <= 1_500 {
            exchange(layers);
        }
        let now = crossings(layers);
        if now < fewest {
            fewest = now;
            best.clone_from(&layers.layers);
        }
    }
    layers.layers = best;
}

/// Where each vertex stands in its layer.
pub(super) fn places(layers: &Layers) -> Vec<usize> {
    let mut places = vec![0; layers.vertices.len()];
    for layer in &layers.layers {
        for (place, v) in layer.iter().enumerate() {
            places[*v] = place;
        }
    }
    places
}

fn sweep(layers: &mut Layers, down: bool) {
    let mut places = places(layers);
    let count = layers.layers.len();
    let numbers: Vec<usize> = if down { (1..count).collect() } else { (0..count.saturating_sub(1)).rev().collect() };
    for number in numbers {
        let mut keyed: Vec<(f64, usize)> = layers.layers[number]
            .iter()
            .map(|v| {
                let vertex = &layers.vertices[*v];
                let near = if down { &vertex.up } else { &vertex.down };
                let (mut sum, mut weights) = (0.0, 0.0);
                for (other, link) in near {
                    sum += places[*other] as f64 * layers.weights[*link];
                    weights += layers.weights[*link];
                }
                // Without neighbours a vertex stays where it is.
                (if weights > 0.0 { sum / weights } else { places[*v] as f64 }, *v)
            })
            .collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        layers.layers[number] = keyed.into_iter().map(|(_, v)| v).collect();
        for (place, v) in layers.layers[number].iter().enumerate() {
            places[*v] = place;
        }
    }
}

/// Exchanges neighbours as long as that takes crossings away.
fn exchange(layers: &mut Layers) {
    let mut places = places(layers);
    for _ in 0..8 {
        let mut better = false;
        for number in 0..layers.layers.len() {
            for at in 1..layers.layers[number].len() {
                let (left, right) = (layers.layers[number][at - 1], layers.layers[number][at]);
                if pair(layers, &places, right, left) < pair(layers, &places, left, right) {
                    layers.layers[number].swap(at - 1, at);
                    places[left] = at;
                    places[right] = at - 1;
                    better = true;
                }
            }
        }
        if !better {
            break;
        }
    }
}

/// Crossings between the edges of two vertices of a layer, if the first stands at the left of the second.
fn pair(layers: &Layers, places: &[usize], left: usize, right: usize) -> usize {
    let (left, right) = (&layers.vertices[left], &layers.vertices[right]);
    let count = |left: &[(usize, usize)], right: &[(usize, usize)]| {
        left.iter().map(|(a, _)| right.iter().filter(|(b, _)| places[*b] < places[*a]).count()).sum::<usize>()
    };
    count(&left.up, &right.up) + count(&left.down, &right.down)
}

/// All crossings: the inversions between neighbouring layers, counted with a Fenwick tree.
fn crossings(layers: &Layers) -> usize {
    let places = places(layers);
    let mut sum = 0;
    for (number, layer) in layers.layers.iter().enumerate() {
        let below = layers.layers.get(number + 1).map_or(0, Vec::len);
        let mut tree = vec![0_usize; below + 1];
        let mut seen = 0;
        for v in layer {
            let mut ends: Vec<usize> = layers.vertices[*v].down.iter().map(|(to, _)| places[*to]).collect();
            ends.sort_unstable();
            for end in &ends {
                let mut at = *end + 1;
                let mut before = 0;
                while at > 0 {
                    before += tree[at];
                    at &= at - 1;
                }
                sum += seen - before;
            }
            for end in ends {
                seen += 1;
                let mut at = end + 1;
                while at <= below {
                    tree[at] += 1;
                    at += at & at.wrapping_neg();
                }
            }
        }
    }
    sum
}
