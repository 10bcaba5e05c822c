//! Pictures of small definitions, and the promises that hold for all.

use super::layout::{Drawn, Picture, Piece, Point, Route, Shape, Size};
use super::{EdgeKind, Graph, Overlay, Tone};
use crate::{CompileOptions, Program};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

fn graph(definition: &Json) -> Graph {
    let options = CompileOptions { allow_unresolved: true, ..CompileOptions::default() };
    Graph::of(&Program::compile(&definition.to_string(), &options).unwrap())
}

fn small() -> Json {
    json!({
        "StartAt": "Work",
        "States": {
            "Work": {
                "Type": "Task",
                "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f",
                "Retry": [{"ErrorEquals": ["States.ALL"]}],
                "Catch": [{"ErrorEquals": ["Throttled", "States.Timeout"], "Next": "Broken"}],
                "Next": "Is it safe?"
            },
            "Is it safe?": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.safe", "BooleanEquals": true, "Next": "Each"},
                    {"And": [
                        {"Variable": "$.score", "NumericLessThanEquals": 0.5},
                        {"Not": {"Variable": "$.name", "StringEquals": "\"<b>"}}
                    ], "Next": "Work"}
                ],
                "Default": "Broken"
            },
            "Each": {
                "Type": "Map",
                "MaxConcurrency": 2,
                "ItemProcessor": {"StartAt": "Both", "States": {"Both": {
                    "Type": "Parallel",
                    "Branches": [
                        {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}},
                        {"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 7200, "End": true}}}
                    ],
                    "End": true
                }}},
                "End": true
            },
            "Broken": {"Type": "Fail", "Error": "Broken"}
        }
    })
}

#[test]
fn mermaid_of_a_small_definition() {
    let mermaid = graph(&small()).to_mermaid(&Overlay::default());
    let (drawing, classes) = mermaid.split_once("  classDef").unwrap();
    assert_eq!(
        drawing,
        r##"flowchart TD
  s0(["start"])
  s1["Work"]
  s2{"Is it safe?"}
  subgraph s3["Each"]
    subgraph s5["Both"]
      subgraph s5b0[" "]
        s7["A"]
      end
      subgraph s5b1[" "]
        s9["B"]
      end
    end
  end
  s10(["Broken"])
  s11(["end"])
  s0 --> s1
  s1 --> s2
  s1 -. "Throttled, States.Timeout" .-> s10
  s2 -- "safe = true" --> s3
  s2 -- "score ≤ 0.5 and not name = #quot;#quot;#lt;b#gt;#quot;" --> s1
  s2 -- "default" --> s10
  s3 --> s11
"##
    );
    assert!(classes.ends_with("  class s0 mark\n  class s2 choice\n  class s10 fail\n  class s11 mark\n"), "{classes}");
}

#[test]
fn dot_of_a_small_definition() {
    let dot = graph(&small()).to_dot(&Overlay::default());
    let drawing: Vec<&str> = dot.lines().skip(4).collect();
    assert_eq!(
        drawing.join("\n"),
        r##"  s0 [shape=circle, label="", width=0.2, fillcolor="#57606a"]
  s1 [label="Work"]
  s2 [label="Is it safe?", shape=diamond, style=filled, fillcolor="#fff8c5"]
  subgraph cluster_3 {
    style=rounded; label="Each"
    subgraph cluster_3_0 {
      label=""; style="rounded,dashed"
      s4 [shape=circle, label="", width=0.2, fillcolor="#57606a"]
      subgraph cluster_5 {
        style=rounded; label="Both"
        subgraph cluster_5_0 {
          label=""; style="rounded,dashed"
          s6 [shape=circle, label="", width=0.2, fillcolor="#57606a"]
          s7 [label="A"]
        }
        subgraph cluster_5_1 {
          label=""; style="rounded,dashed"
          s8 [shape=circle, label="", width=0.2, fillcolor="#57606a"]
          s9 [label="B"]
        }
      }
    }
  }
  s10 [label="Broken", fillcolor="#ffebe9", color="#cf222e"]
  s11 [shape=doublecircle, label="", width=0.15, fillcolor="#57606a"]
  s6 -> s7
  s8 -> s9
  s4 -> s6 [lhead=cluster_5]
  s0 -> s1
  s1 -> s2
  s1 -> s10 [label="Throttled, States.Timeout", style=dotted]
  s2 -> s4 [label="safe = true", lhead=cluster_3]
  s2 -> s1 [label="score ≤ 0.5 and not name = \"\"<b>\""]
  s2 -> s10 [label="default"]
  s4 -> s11 [ltail=cluster_3]
}"##
    );
}

#[test]
fn an_overlay_colours_states_and_ways() {
    let mut overlay = Overlay::default();
    overlay.state("Work", Tone::Good, Some("2×".to_owned())).way("Work", "Is it safe?");
    overlay.state("Broken", Tone::Missed, None).way_of_kind("Is it safe?", EdgeKind::Choice(0));
    let graph = graph(&small());
    let svg = graph.to_svg(&overlay);
    for expected in [
        "<rect class=\"state good\"",
        "<rect class=\"state missed\"",
        "<path class=\"state plain\"",
        ">2×</text>",
        "<path class=\"way taken\"",
        "<path class=\"way caught faint\"",
    ] {
        assert!(svg.contains(expected), "{expected}");
    }
    assert!(graph.to_mermaid(&overlay).contains("s1[\"Work (2×)\"]"));
    assert!(graph.to_mermaid(&overlay).contains("class s10 missed"));
    assert!(graph.to_dot(&overlay).contains("label=\"Work (2×)\", fillcolor=\"#dafbe1\""));
}

#[test]
fn svg_says_what_the_states_do() {
    let svg = graph(&small()).to_svg(&Overlay::default());
    for expected in ["lambda f  ↻", "each item, 2 at a time", "wait 2 h", "&quot;&lt;b&gt;&quot;", "(Choice)</title>"]
    {
        assert!(svg.contains(expected), "{expected}\n{svg}");
    }
    well_formed(&svg);
}

/// Enough of an XML reader to tell whether tags match and texts are escaped.
#[track_caller]
fn well_formed(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        let text = &rest[..at];
        assert!(!text.contains('>') || open.last() == Some(&"style"), "{text}");
        for reference in text.split('&').skip(1) {
            assert!(["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|known| reference.starts_with(known)), "{text}");
        }
        let end = at + rest[at..].find('>').unwrap();
        let tag = &rest[at + 1..end];
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap();
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
}

/// A machine with the shape that the numbers give: chains, choices, loops, catches, frames.
fn machine(numbers: &mut impl Iterator<Item = u8>, depth: u8, count: &mut usize) -> Json {
    let mut number = || numbers.next().unwrap_or(0);
    let size = 1 + usize::from(number() % if depth == 0 { 12 } else { 4 });
    let names: Vec<String> = (0..size)
        .map(|index| {
            *count += 1;
            let word = ["Check", "ReserveTheStockOfAnOrder", "Notify <everybody> & \"wait\"", "Größe messen"];
            format!("{} {count}", word[(usize::from(number()) + index) % 4])
        })
        .collect();
    let mut states = Map::new();
    for (index, name) in names.iter().enumerate() {
        let mut number = || numbers.next().unwrap_or(0);
        let any = |number: u8| names[usize::from(number) % size].clone();
        let mut state = match number() % 8 {
            0 if index + 1 < size => {
                let rules: Vec<Json> = (0..=number() % 3)
                    .map(|at| json!({"Variable": format!("$.field{at}"), "StringEquals": "value", "Next": any(number())}))
                    .collect();
                states.insert(
                    name.clone(),
                    json!({"Type": "Choice", "Choices": rules, "Default": names[index + 1].clone()}),
                );
                continue;
            }
            1 if depth < 3 => {
                let branches: Vec<Json> = (0..=number() % 3).map(|_| machine(numbers, depth + 1, count)).collect();
                json!({"Type": "Parallel", "Branches": branches})
            }
            2 if depth < 3 => json!({"Type": "Map", "ItemProcessor": machine(numbers, depth + 1, count)}),
            3 => json!({"Type": "Wait", "Seconds": 5}),
            4 | 5 => {
                let catch = json!([{"ErrorEquals": ["States.ALL"], "Next": any(number())}]);
                json!({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
                    "Parameters": {"QueueUrl": "https://x", "MessageBody": "x"}, "Catch": catch})
            }
            _ => json!({"Type": "Pass"}),
        };
        match names.get(index + 1) {
            Some(next) => state["Next"] = json!(next),
            None => state["End"] = json!(true),
        }
        states.insert(name.clone(), state);
    }
    json!({"StartAt": names[0], "States": states})
}

/// Points along a route, close to each other.
fn points(route: &Route) -> Vec<Point> {
    let mut all = vec![route.start];
    let mut here = route.start;
    for piece in &route.pieces {
        let (a, b, to) = match *piece {
            Piece::Line(to) => (here, to, to),
            Piece::Curve(a, b, to) => (a, b, to),
        };
        for step in 1..=24 {
            let t = f64::from(step) / 24.0;
            let s = 1.0 - t;
            let at =
                |p: [f64; 4]| s * s * s * p[0] + 3.0 * s * s * t * p[1] + 3.0 * s * t * t * p[2] + t * t * t * p[3];
            all.push(Point { x: at([here.x, a.x, b.x, to.x]), y: at([here.y, a.y, b.y, to.y]) });
        }
        here = to;
    }
    all
}

fn apart(a: (Point, Size), b: (Point, Size)) -> bool {
    a.0.x + a.1.width <= b.0.x + 0.5
        || b.0.x + b.1.width <= a.0.x + 0.5
        || a.0.y + a.1.height <= b.0.y + 0.5
        || b.0.y + b.1.height <= a.0.y + 0.5
}

fn inside(inner: (Point, Size), outer: (Point, Size)) -> bool {
    inner.0.x >= outer.0.x - 0.5
        && inner.0.y >= outer.0.y - 0.5
        && inner.0.x + inner.1.width <= outer.0.x + outer.1.width + 0.5
        && inner.0.y + inner.1.height <= outer.0.y + outer.1.height + 0.5
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps_and_no_edge_runs_through_a_state(numbers in proptest::collection::vec(any::<u8>(), 1..150)) {
        let mut count = 0;
        let definition = machine(&mut numbers.into_iter(), 0, &mut count);
        let graph = graph(&definition);
        let picture = Picture::of(&graph);
        let all = (Point::default(), picture.size);
        let mut boxes = Vec::new();
        for shape in &picture.shapes {
            match shape {
                Drawn::Node(placed) => {
                    let container = !graph.node(placed.node).inner().is_empty();
                    boxes.push((Some(placed.node), container, placed.shape, (placed.at, placed.size)));
                }
                Drawn::Panel(at, size) => boxes.push((None, true, Shape::Box, (*at, *size))),
            }
        }
        for (number, a) in boxes.iter().enumerate() {
            prop_assert!(inside(a.3, all), "{a:?} in {all:?}");
            for b in &boxes[number + 1..] {
                // What comes later may be inside what came before, if that contains anything.
                prop_assert!(apart(a.3, b.3) || a.1 && inside(b.3, a.3), "{a:?}\n{b:?}\n{definition}");
            }
        }
        let mut labels: Vec<(Point, Size)> = Vec::new();
        for (edge, route) in &picture.routes {
            let (from, to) = graph.inner().edge_endpoints(*edge).unwrap();
            for point in points(route) {
                for (node, container, shape, place) in &boxes {
                    if *node == Some(from) || *node == Some(to) || node.is_none() || *container {
                        continue;
                    }
                    // A diamond leaves its corners free; half of its box is in it for sure.
                    let share = if *shape == Shape::Diamond { 0.25 } else { 0.01 };
                    let (dx, dy) = (place.1.width * share, place.1.height * share);
                    let within = point.x > place.0.x + dx && point.x < place.0.x + place.1.width - dx
                        && point.y > place.0.y + dy && point.y < place.0.y + place.1.height - dy;
                    prop_assert!(!within, "{point:?} of an edge in {place:?}\n{definition}");
                }
            }
            if let Some(at) = route.label {
                let label = (Point { x: at.x - 4.0, y: at.y - 4.0 }, Size { width: 8.0, height: 8.0 });
                prop_assert!(labels.iter().all(|other| apart(*other, label)));
                prop_assert!(boxes.iter().all(|other| other.1 || apart(other.3, label)), "{label:?}\n{definition}");
                labels.push(label);
            }
        }
        well_formed(&graph.to_svg(&Overlay::default()));
        graph.to_mermaid(&Overlay::default());
        graph.to_dot(&Overlay::default());
    }
}
