//! Mermaid: what GitHub draws in a Markdown file.

use super::model::{EdgeKind, FrameId, Graph, NodeKind};
use super::overlay::Overlay;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::fmt::Write;

const CLASSES: &str = "  classDef mark fill:#57606a,stroke:#57606a,color:#ffffff
  classDef choice fill:#fff8c5,stroke:#bf8700,color:#1f2328
  classDef fail fill:#ffebe9,stroke:#cf222e,color:#1f2328
  classDef good fill:#dafbe1,stroke:#1a7f37,color:#1f2328
  classDef active fill:#ddf4ff,stroke:#0969da,color:#1f2328
  classDef doubtful fill:#fff1e5,stroke:#bc4c00,color:#1f2328
  classDef bad fill:#ff818266,stroke:#cf222e,color:#1f2328
  classDef missed fill:#f6f8fa,stroke:#cf222e,stroke-dasharray:4 3,color:#1f2328
";

impl Graph {
    /// The graph as a Mermaid flowchart.
    pub fn to_mermaid(&self, overlay: &Overlay) -> String {
        let mut out = String::from("flowchart TD\n");
        self.mermaid_frame(FrameId(0), 1, overlay, &mut out);
        for edge in self.graph.edge_references() {
            if self.hidden_start(edge.source()) {
                continue;
            }
            let (from, to) = (id(edge.source()), id(edge.target()));
            let label = quoted(&edge.weight().label);
            let _ = match (edge.weight().kind, edge.weight().label.is_empty()) {
                (EdgeKind::Catch(_), _) => writeln!(out, "  {from} -. {label} .-> {to}"),
                (_, true) => writeln!(out, "  {from} --> {to}"),
                (_, false) => writeln!(out, "  {from} -- {label} --> {to}"),
            };
        }
        out.push_str(CLASSES);
        for index in self.graph.node_indices() {
            let class = match &self.node(index).kind {
                NodeKind::Start | NodeKind::End if self.hidden_start(index) => continue,
                NodeKind::Start | NodeKind::End => "mark",
                NodeKind::State { name, type_name, .. } => match (overlay.tone(name), *type_name) {
                    (Some(tone), _) => tone.word(),
                    (None, "Choice") => "choice",
                    (None, "Fail") => "fail",
                    _ => continue,
                },
            };
            let _ = writeln!(out, "  class {} {class}", id(index));
        }
        out
    }

    /// Mermaid draws the start of a branch by its place alone.
    fn hidden_start(&self, index: NodeIndex) -> bool {
        let node = self.node(index);
        matches!(node.kind, NodeKind::Start) && node.frame != FrameId(0)
    }

    fn mermaid_frame(&self, frame: FrameId, depth: usize, overlay: &Overlay, out: &mut String) {
        let pad = "  ".repeat(depth);
        for index in &self.frame(frame).nodes {
            let id = id(*index);
            let _ = match &self.node(*index).kind {
                NodeKind::Start if self.hidden_start(*index) => Ok(()),
                NodeKind::Start => writeln!(out, "{pad}{id}([\"start\"])"),
                NodeKind::End => writeln!(out, "{pad}{id}([\"end\"])"),
                NodeKind::State { name, type_name, inner, .. } => {
                    let badge = overlay.badge(name).map(|badge| format!(" ({badge})")).unwrap_or_default();
                    let label = quoted(&format!("{name}{badge}"));
                    match *type_name {
                        "Parallel" | "Map" => {
                            let _ = writeln!(out, "{pad}subgraph {id}[{label}]");
                            let several = inner.len() > 1;
                            for (number, frame) in inner.iter().enumerate() {
                                if several {
                                    let _ = writeln!(out, "{pad}  subgraph {id}b{number}[\" \"]");
                                }
                                self.mermaid_frame(*frame, depth + 1 + usize::from(several), overlay, out);
                                if several {
                                    let _ = writeln!(out, "{pad}  end");
                                }
                            }
                            writeln!(out, "{pad}end")
                        }
                        "Choice" => writeln!(out, "{pad}{id}{{{label}}}"),
                        "Succeed" | "Fail" => writeln!(out, "{pad}{id}([{label}])"),
                        _ => writeln!(out, "{pad}{id}[{label}]"),
                    }
                }
            };
        }
    }
}

fn id(index: NodeIndex) -> String {
    format!("s{}", index.index())
}

/// A text in quotes, with what Mermaid reads as markup as entities.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '&' => out.push_str("#amp;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '`' => out.push_str("#96;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
