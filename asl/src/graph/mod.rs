//! The states of a program as a picture: Mermaid, DOT and SVG.
//!
//! ```
//! use aslx_asl::{CompileOptions, Program, graph::{Graph, Overlay}};
//! let text = r#"{"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "End": true}}}"#;
//! let program = Program::compile(text, &CompileOptions::default()).unwrap();
//! let graph = Graph::of(&program);
//! assert!(graph.to_mermaid(&Overlay::default()).starts_with("flowchart TD\n"));
//! assert!(graph.to_svg(&Overlay::default()).starts_with("<svg "));
//! ```

mod build;
mod describe;
mod dot;
mod layout;
mod mermaid;
mod model;
mod overlay;
mod svg;
#[cfg(test)]
mod tests;

pub use model::{Edge, EdgeKind, Frame, FrameId, Graph, Node, NodeKind};
pub use overlay::{Overlay, Tone};
pub use svg::STYLE;
