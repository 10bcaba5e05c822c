//! Where everything stands: layers from top to bottom, after Sugiyama, Tagawa and Toda.
//!
//! Cycles are broken; every node gets a layer below all that lead to it; an edge over several layers gets a point in
//! each, and its label a place of its own between layers, so that neither runs into a node. Layers are ordered so that
//! few edges cross, then spread so that edges are straight. Frames inside are laid out first and are then large nodes.

mod layers;
mod order;
mod place;
mod position;
mod route;

pub(super) use place::{Drawn, Picture, Placed, label_lines};

/// A place in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// How large something is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Something to be placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) size: Size,
    pub(super) shape: Shape,
}

/// The outline that edges end at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Box,
    Diamond,
    Circle,
}

/// An edge between two items, by their numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) label: Option<Size>,
    /// How much it matters that it is straight.
    pub(super) weight: f64,
}

/// The course of an edge.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Route {
    pub(super) start: Point,
    pub(super) pieces: Vec<Piece>,
    /// The middle of the label.
    pub(super) label: Option<Point>,
}

/// A part of a route, up to the last point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Piece {
    Line(Point),
    Curve(Point, Point, Point),
}

/// Items and links with their places.
#[derive(Debug)]
pub(super) struct Arranged {
    pub(super) size: Size,
    /// The upper left corner of each item.
    pub(super) items: Vec<Point>,
    pub(super) routes: Vec<Route>,
}

/// Lays out one frame.
pub(super) fn arrange(items: &[Item], links: &[Link]) -> Arranged {
    let mut layers = layers::Layers::of(items, links);
    order::order(&mut layers);
    let ports = route::Ports::of(&layers, items, links);
    let xs = position::positions(&layers, &ports);
    route::draw(&layers, &ports, &xs, items, links)
}

impl Point {
    pub(super) fn plus(self, by: Point) -> Point {
        Point { x: self.x + by.x, y: self.y + by.y }
    }
}

impl Route {
    /// The same course elsewhere.
    pub(super) fn moved(&self, by: Point) -> Route {
        let pieces = self.pieces.iter().map(|piece| match *piece {
            Piece::Line(to) => Piece::Line(to.plus(by)),
            Piece::Curve(a, b, to) => Piece::Curve(a.plus(by), b.plus(by), to.plus(by)),
        });
        Route { start: self.start.plus(by), pieces: pieces.collect(), label: self.label.map(|label| label.plus(by)) }
    }
}
