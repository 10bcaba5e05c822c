//! DOT: what Graphviz draws.

use super::model::{EdgeKind, FrameId, Graph, NodeKind};
use super::overlay::{Overlay, Tone};
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::fmt::Write;

impl Graph {
    /// The graph in Graphviz's language.
    pub fn to_dot(&self, overlay: &Overlay) -> String {
        let mut out = String::from(
            "digraph {
  compound=true
  node [shape=box, style=\"rounded,filled\", fillcolor=\"#f6f8fa\", color=\"#57606a\", fontname=\"Helvetica\"]
  edge [color=\"#57606a\", fontname=\"Helvetica\", fontsize=11]
",
        );
        self.dot_frame(FrameId(0), 1, overlay, &mut out);
        for edge in self.graph.edge_references() {
            let (from, to) = (edge.source(), edge.target());
            let mut attributes = Vec::new();
            if !edge.weight().label.is_empty() {
                attributes.push(format!("label={}", quoted(&edge.weight().label)));
            }
            if matches!(edge.weight().kind, EdgeKind::Catch(_)) {
                attributes.push("style=dotted".to_owned());
            }
            // An edge ends at a node; the border of a cluster only cuts it off.
            if !self.node(from).inner().is_empty() {
                attributes.push(format!("ltail=cluster_{}", from.index()));
            }
            if !self.node(to).inner().is_empty() {
                attributes.push(format!("lhead=cluster_{}", to.index()));
            }
            let attributes =
                if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
            let _ = writeln!(out, "  {} -> {}{attributes}", id(self.within(from)), id(self.within(to)));
        }
        out.push_str("}\n");
        out
    }

    /// The node itself, or the first one inside.
    fn within(&self, mut index: NodeIndex) -> NodeIndex {
        while let Some(first) = self.node(index).inner().first().and_then(|frame| self.frame(*frame).nodes.first()) {
            index = *first;
        }
        index
    }

    fn dot_frame(&self, frame: FrameId, depth: usize, overlay: &Overlay, out: &mut String) {
        let pad = "  ".repeat(depth);
        for index in &self.frame(frame).nodes {
            let id = id(*index);
            let _ = match &self.node(*index).kind {
                NodeKind::Start => {
                    writeln!(out, "{pad}{id} [shape=circle, label=\"\", width=0.2, fillcolor=\"#57606a\"]")
                }
                NodeKind::End => {
                    writeln!(out, "{pad}{id} [shape=doublecircle, label=\"\", width=0.15, fillcolor=\"#57606a\"]")
                }
                NodeKind::State { name, type_name, inner, .. } => {
                    let badge = overlay.badge(name).map(|badge| format!(" ({badge})")).unwrap_or_default();
                    let mut attributes = vec![format!("label={}", quoted(&format!("{name}{badge}")))];
                    match *type_name {
                        "Choice" => attributes.push("shape=diamond, style=filled, fillcolor=\"#fff8c5\"".to_owned()),
                        "Fail" => attributes.push("fillcolor=\"#ffebe9\", color=\"#cf222e\"".to_owned()),
                        _ => {}
                    }
                    if let Some(tone) = overlay.tone(name) {
                        attributes.push(colours(tone).to_owned());
                    }
                    if inner.is_empty() {
                        writeln!(out, "{pad}{id} [{}]", attributes.join(", "))
                    } else {
                        let _ = writeln!(out, "{pad}subgraph cluster_{} {{", index.index());
                        let _ = writeln!(out, "{pad}  style=rounded; {}", attributes.join("; "));
                        for (number, frame) in inner.iter().enumerate() {
                            let _ = writeln!(out, "{pad}  subgraph cluster_{}_{number} {{", index.index());
                            let _ = writeln!(out, "{pad}    label=\"\"; style=\"rounded,dashed\"");
                            self.dot_frame(*frame, depth + 2, overlay, out);
                            let _ = writeln!(out, "{pad}  }}");
                        }
                        writeln!(out, "{pad}}}")
                    }
                }
            };
        }
    }
}

fn colours(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "fillcolor=\"#dafbe1\", color=\"#1a7f37\"",
        Tone::Active => "fillcolor=\"#ddf4ff\", color=\"#0969da\"",
        Tone::Doubtful => "fillcolor=\"#fff1e5\", color=\"#bc4c00\"",
        Tone::Bad => "fillcolor=\"#ffc1c0\", color=\"#cf222e\"",
        Tone::Missed => "style=\"rounded,dashed\", color=\"#cf222e\"",
    }
}

fn id(index: NodeIndex) -> String {
    format!("s{}", index.index())
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
