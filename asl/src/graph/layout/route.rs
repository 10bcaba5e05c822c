//! The courses of edges: straight down through the layers, in curves between them.
#![expect(
    clippy::indexing_slicing,
    reason = "numbers of items, links and vertices come from the tables that they index"
)]

use super::layers::{Kind, LOOP, Layers};
use super::order::places;
use super::{Arranged, Item, Link, Piece, Point, Route, Shape, Size};
use std::collections::HashMap;

/// Between two edges at one side of an item, if there is room.
const PORT: f64 = 16.0;

/// Between two layers, at least.
const GAP: f64 = 26.0;

/// Where edges leave and enter items, as distances from the middle.
#[derive(Debug, Default)]
pub(super) struct Ports {
    tops: HashMap<(usize, usize), f64>,
    bottoms: HashMap<(usize, usize), f64>,
}

impl Ports {
    pub(super) fn of(layers: &Layers, items: &[Item], links: &[Link]) -> Ports {
        let places = places(layers);
        let mut ports = Ports::default();
        for (v, vertex) in layers.vertices.iter().enumerate() {
            let Kind::Item(number) = vertex.kind else { continue };
            let usable = match items[number].shape {
                Shape::Box => (items[number].size.width - 28.0).max(0.0),
                Shape::Diamond => items[number].size.width * 0.4,
                Shape::Circle => 0.0,
            };
            for (near, out) in [(&vertex.up, &mut ports.tops), (&vertex.down, &mut ports.bottoms)] {
                let mut near = near.clone();
                near.sort_by_key(|(other, link)| (places[*other], *link));
                spread(&near, links, usable).into_iter().for_each(|(link, at)| {
                    out.insert((v, link), at);
                });
            }
        }
        ports
    }

    /// Where the link enters the vertex from above.
    pub(super) fn top(&self, vertex: usize, link: usize) -> f64 {
        self.tops.get(&(vertex, link)).copied().unwrap_or(0.0)
    }

    /// Where the link leaves the vertex below.
    pub(super) fn bottom(&self, vertex: usize, link: usize) -> f64 {
        self.bottoms.get(&(vertex, link)).copied().unwrap_or(0.0)
    }
}

/// Places for the edges at one side. If one of them matters most, it has the middle, so that the main way is straight.
fn spread(near: &[(usize, usize)], links: &[Link], usable: f64) -> Vec<(usize, f64)> {
    let count = near.len();
    if count == 0 {
        return Vec::new();
    }
    let weight = |at: usize| links[near[at].1].weight;
    let heaviest = (0..count).map(weight).fold(0.0, f64::max);
    let main: Vec<usize> = (0..count).filter(|at| weight(*at) >= heaviest).collect();
    let middle = match main.as_slice() {
        [one] => *one as f64,
        _ => (count - 1) as f64 / 2.0,
    };
    let longer = middle.max((count - 1) as f64 - middle).max(0.5);
    let step = PORT.min(usable / 2.0 / longer);
    near.iter().enumerate().map(|(at, (_, link))| (*link, (at as f64 - middle) * step)).collect()
}

pub(super) fn draw(layers: &Layers, ports: &Ports, xs: &[f64], items: &[Item], links: &[Link]) -> Arranged {
    let rows = rows(layers, ports, xs);
    let corner = |number: usize| {
        let (top, height) = rows[layers.vertices[number].layer];
        let size = items[number].size;
        // Beside a tall frame a state stands at the top, else in the middle.
        let height = if height > 120.0 { layers.vertices[number].height } else { height };
        let down = (height - size.height) / 2.0;
        Point { x: xs[number] - size.width / 2.0, y: top + down }
    };
    let corners: Vec<Point> = (0..items.len()).map(corner).collect();
    let routes = (0..links.len())
        .map(|number| match layers.chains[number].as_slice() {
            [] => self_loop(links, number, &items[links[number].from], corners[links[number].from]),
            chain => course(layers, ports, xs, items, &rows, &corners, number, chain),
        })
        .collect();
    let width = layers.vertices.iter().zip(xs).map(|(v, x)| x + v.right).fold(0.0, f64::max);
    let height = rows.last().map_or(0.0, |(top, height)| top + height);
    Arranged { size: Size { width, height }, items: corners, routes }
}

/// Top and height of each layer. Where an edge goes far to the side, layers are further apart.
fn rows(layers: &Layers, ports: &Ports, xs: &[f64]) -> Vec<(f64, f64)> {
    let mut rows: Vec<(f64, f64)> = Vec::with_capacity(layers.layers.len());
    let mut top = 0.0;
    for (number, layer) in layers.layers.iter().enumerate() {
        let height = layer.iter().map(|v| layers.vertices[*v].height).fold(0.0, f64::max);
        rows.push((top, height));
        let mut far: f64 = 0.0;
        for v in layer {
            for (below, link) in &layers.vertices[*v].down {
                let dx = xs[*v] + ports.bottom(*v, *link) - xs[*below] - ports.top(*below, *link);
                far = far.max(dx.abs());
            }
        }
        let labels = |number: usize| {
            let layer = layers.layers.get(number).map_or(&[][..], Vec::as_slice);
            layer.iter().any(|v| layers.vertices[*v].kind == Kind::Label)
        };
        let base = if labels(number) || labels(number + 1) { GAP - 6.0 } else { GAP + 6.0 };
        top += height + base + ((far - 40.0) * 0.1).clamp(0.0, 50.0);
    }
    rows
}

/// How far below its upper corners (or above its lower ones) the outline is, at this distance from the middle.
fn inset(item: &Item, dx: f64) -> f64 {
    match item.shape {
        Shape::Diamond if item.size.width > 0.0 => item.size.height / 2.0 * (2.0 * dx.abs() / item.size.width).min(1.0),
        _ => 0.0,
    }
}

#[expect(clippy::too_many_arguments, reason = "all tables of the layout meet here, and only here")]
fn course(
    layers: &Layers,
    ports: &Ports,
    xs: &[f64],
    items: &[Item],
    rows: &[(f64, f64)],
    corners: &[Point],
    number: usize,
    chain: &[usize],
) -> Route {
    let mut points: Vec<Point> = Vec::new();
    let mut label = None;
    for (at, v) in chain.iter().enumerate() {
        let vertex = &layers.vertices[*v];
        let (top, height) = rows[vertex.layer];
        match vertex.kind {
            Kind::Item(item) if at == 0 => {
                let dx = ports.bottom(*v, number);
                let y = corners[item].y + items[item].size.height - inset(&items[item], dx);
                points.push(Point { x: xs[*v] + dx, y });
                points.push(Point { x: xs[*v] + dx, y: top + height });
            }
            Kind::Item(item) => {
                let dx = ports.top(*v, number);
                points.push(Point { x: xs[*v] + dx, y: top });
                points.push(Point { x: xs[*v] + dx, y: corners[item].y + inset(&items[item], dx) });
            }
            Kind::Pass | Kind::Label => {
                points.push(Point { x: xs[*v], y: top });
                points.push(Point { x: xs[*v], y: top + height });
                if vertex.kind == Kind::Label {
                    label = Some(Point { x: xs[*v], y: top + height / 2.0 });
                }
            }
        }
    }
    if layers.reversed[number] {
        points.reverse();
    }
    let mut rest = points.into_iter();
    let start = rest.next().unwrap_or_default();
    let mut here = start;
    let mut pieces: Vec<Piece> = Vec::new();
    for to in rest {
        let piece = if (to.x - here.x).abs() < 0.5 {
            if (to.y - here.y).abs() < 0.5 {
                continue;
            }
            if let Some(Piece::Line(last)) = pieces.last_mut() {
                *last = to;
                here = to;
                continue;
            }
            Piece::Line(to)
        } else {
            let middle = (here.y + to.y) / 2.0;
            Piece::Curve(Point { x: here.x, y: middle }, Point { x: to.x, y: middle }, to)
        };
        pieces.push(piece);
        here = to;
    }
    Route { start, pieces, label }
}

/// A way from an item to itself: out at its right side and in again above.
fn self_loop(links: &[Link], number: usize, item: &Item, corner: Point) -> Route {
    let link = &links[number];
    let right = corner.x + item.size.width;
    let middle = corner.y + item.size.height / 2.0;
    let (dx, dy) = match item.shape {
        Shape::Diamond => (item.size.width / 8.0, item.size.height / 8.0),
        _ => (0.0, item.size.height / 4.0),
    };
    let (start, end) = (Point { x: right - dx, y: middle + dy }, Point { x: right - dx, y: middle - dy });
    let out = right + LOOP - 8.0;
    let piece = Piece::Curve(Point { x: out, y: start.y + dy + 6.0 }, Point { x: out, y: end.y - dy - 6.0 }, end);
    let height = |links: &[Link]| -> f64 {
        let same = links.iter().filter(|other| other.from == link.from && other.to == link.to);
        same.filter_map(|other| other.label).map(|label| label.height).sum()
    };
    let top = middle - height(links) / 2.0 + height(&links[..number]);
    let label = link.label.map(|size| Point { x: right + LOOP - 8.0 + size.width / 2.0, y: top + size.height / 2.0 });
    Route { start, pieces: vec![piece], label }
}
