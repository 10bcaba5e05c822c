//! The picture as text.

use super::style::STYLE;
use super::text::{Font, escaped};
use crate::graph::layout::{Drawn, Picture, Piece, Placed, Point, Route, Shape, Size, label_lines};
use crate::graph::model::{EdgeKind, Graph, NodeKind};
use crate::graph::overlay::Overlay;
use petgraph::graph::EdgeIndex;
use std::fmt::Write;

/// Length and half width of an arrow's tip.
const TIP: (f64, f64) = (7.0, 3.6);

impl Graph {
    /// The graph as an SVG picture for light and dark surroundings.
    pub fn to_svg(&self, overlay: &Overlay) -> String {
        let picture = Picture::of(self);
        let Size { width, height } = picture.size;
        let (width, height) = (width.ceil(), height.ceil());
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"aslx\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\">\n<style>{STYLE}</style>\n\
             <rect class=\"ground\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>\n"
        );
        for shape in &picture.shapes {
            match shape {
                Drawn::Panel(at, size) => rect("panel", *at, *size, 7.0, &mut out),
                Drawn::Node(placed) => self.paint_node(placed, overlay, &mut out),
            }
        }
        for (edge, route) in &picture.routes {
            self.paint_way(*edge, route, overlay, &mut out);
        }
        for (edge, route) in &picture.routes {
            self.paint_label(*edge, route, overlay, &mut out);
        }
        for shape in &picture.shapes {
            if let Drawn::Node(placed) = shape {
                self.paint_badge(placed, overlay, &mut out);
            }
        }
        out.push_str("</svg>\n");
        out
    }

    fn paint_node(&self, placed: &Placed, overlay: &Overlay, out: &mut String) {
        let middle = Point { x: placed.at.x + placed.size.width / 2.0, y: placed.at.y + placed.size.height / 2.0 };
        let (name, type_name, contains) = match &self.node(placed.node).kind {
            NodeKind::Start => return circle("mark", middle, placed.size.width / 2.0 - 1.0, out),
            NodeKind::End => {
                circle("ring", middle, 8.0, out);
                return circle("mark", middle, 4.5, out);
            }
            NodeKind::State { name, type_name, inner, .. } => (name, *type_name, !inner.is_empty()),
        };
        let class = match (overlay.tone(name), type_name) {
            (Some(tone), _) => tone.word(),
            (None, _) if contains => "box",
            (None, _) if !overlay.is_empty() => "plain",
            (None, "Task") => "task",
            (None, "Choice") => "choice",
            (None, "Wait") => "wait",
            (None, "Succeed") => "succeed",
            (None, "Fail") => "fail",
            (None, _) => "",
        };
        let class = format!("state {class}");
        let class = class.trim_end();
        let _ = writeln!(out, "<g><title>{} ({type_name})</title>", escaped(name));
        match placed.shape {
            Shape::Diamond => {
                let (Point { x, y }, Size { width, height }) = (placed.at, placed.size);
                let _ = writeln!(
                    out,
                    "<path class=\"{class}\" d=\"M{} {}L{} {}L{} {}L{} {}Z\"/>",
                    n(middle.x),
                    n(y),
                    n(x + width),
                    n(middle.y),
                    n(middle.x),
                    n(y + height),
                    n(x),
                    n(middle.y),
                );
            }
            Shape::Box | Shape::Circle => {
                let round = match type_name {
                    "Succeed" | "Fail" => placed.size.height.min(44.0) / 2.0,
                    _ => 7.0,
                };
                if type_name == "Map" {
                    // One behind the other: there are many.
                    let behind = Point { x: placed.at.x + 4.0, y: placed.at.y + 4.0 };
                    rect(class, behind, placed.size, round, out);
                }
                rect(class, placed.at, placed.size, round, out);
            }
        }
        let height = Font::Name.height(placed.name.len()) + Font::Detail.height(placed.detail.len());
        let top = if contains { placed.at.y + 8.0 } else { middle.y - height / 2.0 };
        let top = lines("name", Font::Name, &placed.name, middle.x, top, out);
        lines("detail", Font::Detail, &placed.detail, middle.x, top, out);
        out.push_str("</g>\n");
    }

    fn paint_way(&self, edge: EdgeIndex, route: &Route, overlay: &Overlay, out: &mut String) {
        let Some((class, tip)) = self.way_class(edge, overlay) else { return };
        let Some((path, end, direction)) = path(route) else { return };
        let _ = writeln!(out, "<path class=\"way{class}\" d=\"{path}\"/>");
        let back = Point { x: end.x - direction.x * TIP.0, y: end.y - direction.y * TIP.0 };
        let side = Point { x: -direction.y * TIP.1, y: direction.x * TIP.1 };
        let _ = writeln!(
            out,
            "<path class=\"{tip}\" d=\"M{} {}L{} {}L{} {}Z\"/>",
            n(end.x),
            n(end.y),
            n(back.x + side.x),
            n(back.y + side.y),
            n(back.x - side.x),
            n(back.y - side.y),
        );
    }

    /// The classes of a way and of its tip.
    fn way_class(&self, edge: EdgeIndex, overlay: &Overlay) -> Option<(&'static str, &'static str)> {
        let (from, to) = self.graph.edge_endpoints(edge)?;
        let kind = self.graph.edge_weight(edge)?.kind;
        let caught = matches!(kind, EdgeKind::Catch(_));
        Some(match (overlay.taken(self.node(from).name(), self.node(to).name(), kind), caught) {
            (Some(true), false) => (" taken", "taken-tip"),
            (Some(true), true) => (" caught taken", "taken-tip"),
            (Some(false), false) => (" faint", "tip faint"),
            (Some(false), true) => (" caught faint", "caught-tip faint"),
            (None, false) => ("", "tip"),
            (None, true) => (" caught", "caught-tip"),
        })
    }

    fn paint_label(&self, edge: EdgeIndex, route: &Route, overlay: &Overlay, out: &mut String) {
        let (Some(at), Some(weight)) = (route.label, self.graph.edge_weight(edge)) else { return };
        let text = label_lines(&weight.label);
        let size = Size { width: Font::Label.widest(&text) + 8.0, height: Font::Label.height(text.len()) + 2.0 };
        let corner = Point { x: at.x - size.width / 2.0, y: at.y - size.height / 2.0 };
        rect("halo", corner, size, 4.0, out);
        let class = match self.way_class(edge, overlay) {
            Some((_, tip)) if tip.ends_with("faint") => "label faint",
            _ if matches!(weight.kind, EdgeKind::Catch(_)) => "label caught-label",
            _ => "label",
        };
        lines(class, Font::Label, &text, at.x, corner.y + 1.0, out);
    }

    fn paint_badge(&self, placed: &Placed, overlay: &Overlay, out: &mut String) {
        let Some(badge) = overlay.badge(self.node(placed.node).name()) else { return };
        let width = Font::Detail.width(badge) + 10.0;
        let inset = if placed.shape == Shape::Diamond { placed.size.width / 4.0 } else { 8.0 };
        let corner = Point { x: placed.at.x + placed.size.width - inset - width / 2.0, y: placed.at.y - 8.0 };
        rect("badge", corner, Size { width, height: 16.0 }, 8.0, out);
        lines("badge-text", Font::Detail, &[badge.to_owned()], corner.x + width / 2.0, corner.y + 1.0, out);
    }
}

/// A number with at most one decimal.
fn n(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn rect(class: &str, at: Point, size: Size, round: f64, out: &mut String) {
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
        n(at.x),
        n(at.y),
        n(size.width),
        n(size.height),
        n(round),
    );
}

fn circle(class: &str, at: Point, radius: f64, out: &mut String) {
    let _ = writeln!(out, "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{radius}\"/>", n(at.x), n(at.y));
}

/// Lines of text below each other; gives where the next would begin.
fn lines(class: &str, font: Font, lines: &[String], x: f64, top: f64, out: &mut String) -> f64 {
    let mut top = top;
    for line in lines {
        // The letters stand a little above the lower edge of their line.
        let base = top + (font.line_height() + font.size() * 0.72) / 2.0;
        let _ = writeln!(out, "<text class=\"{class}\" x=\"{}\" y=\"{}\">{}</text>", n(x), n(base), escaped(line));
        top += font.line_height();
    }
    top
}

/// The path up to the tip, where the tip ends, and in which direction it points.
fn path(route: &Route) -> Option<(String, Point, Point)> {
    let mut path = format!("M{} {}", n(route.start.x), n(route.start.y));
    let mut here = route.start;
    let mut arrival = None;
    for (number, piece) in route.pieces.iter().enumerate() {
        let (before, end) = match piece {
            Piece::Line(to) => (here, *to),
            Piece::Curve(_, control, to) => (*control, *to),
        };
        let length = (end.x - before.x).hypot(end.y - before.y).max(0.01);
        let direction = Point { x: (end.x - before.x) / length, y: (end.y - before.y) / length };
        let is_last = number + 1 == route.pieces.len();
        let short = if is_last { TIP.0.min(length) - 1.0 } else { 0.0 };
        let to = Point { x: end.x - direction.x * short, y: end.y - direction.y * short };
        let _ = match piece {
            Piece::Line(_) => write!(path, "L{} {}", n(to.x), n(to.y)),
            Piece::Curve(a, b, _) => {
                write!(path, "C{} {} {} {} {} {}", n(a.x), n(a.y), n(b.x), n(b.y), n(to.x), n(to.y))
            }
        };
        here = end;
        arrival = Some((end, direction));
    }
    arrival.map(|(end, direction)| (path, end, direction))
}
