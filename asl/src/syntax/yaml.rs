//! YAML text to nodes. saphyr-parser reads the text; what is added is the core schema of YAML 1.2, CloudFormation's
//! tags, bounds for aliases and depth, and the place of each value in bytes.

use super::node::{Member, Node, NodeKind, Span};
use super::reader::MAX_DEPTH;
use super::yaml_scalar::{self, Meaning};
use crate::diagnostic::{Diagnostic, code};
use saphyr_parser::{Event, Marker, Parser, Span as YamlSpan, Tag};
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

/// Values that a document may have once its aliases are followed: a few lines of aliases to aliases name billions.
const MAX_NODES: usize = 200_000;

/// Reads one YAML document.
pub(super) fn read(text: &str) -> Result<Node, Diagnostic> {
    let bom = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let body = text.get(bom..).unwrap_or(text);
    let mut reader = Reader {
        text,
        lines: Lines::of(text, bom),
        open: Vec::new(),
        anchors: HashMap::new(),
        nodes: 0,
        kept: 0,
        root: None,
        documents: 0,
    };
    for event in Parser::new_from_str(body) {
        let (event, span) = event.map_err(|why| reader.complaint(*why.marker(), why.info()))?;
        reader.event(event, span)?;
    }
    match reader.root.take() {
        Some(root) => Ok(root),
        None => Err(Diagnostic::error(code::SCHEMA, "", Span::default(), "the definition is empty")
            .help("a definition is an object with `StartAt` and `States`")),
    }
}

/// Where lines begin, in bytes.
struct Lines {
    starts: Vec<usize>,
    /// The place that was looked for last: line, column and byte. What is looked for next mostly stands behind it.
    last: Cell<(usize, usize, usize)>,
}

impl Lines {
    fn of(text: &str, first: usize) -> Lines {
        let mut starts = vec![first];
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        Lines { starts, last: Cell::new((0, 0, 0)) }
    }

    /// The byte of a place that counts lines from 1 and columns, in characters, from 0.
    fn byte(&self, text: &str, marker: Marker) -> usize {
        let (line, column) = (marker.line(), marker.col());
        let (last_line, last_column, last_byte) = self.last.get();
        let (from, skipped) = if line == last_line && column >= last_column {
            (last_byte, last_column)
        } else {
            (self.starts.get(line.saturating_sub(1)).copied().unwrap_or(text.len()), 0)
        };
        let rest = text.get(from..).unwrap_or("");
        let byte = from + rest.char_indices().nth(column - skipped).map_or(rest.len(), |(at, _)| at);
        self.last.set((line, column, byte));
        byte
    }
}

/// A list or an object that has begun.
struct Open {
    start: usize,
    anchor: usize,
    tag: Option<Tag>,
    content: Content,
}

enum Content {
    Items(Vec<Node>),
    Members(Vec<Member>, Option<(Arc<str>, Span)>),
}

struct Reader<'t> {
    text: &'t str,
    lines: Lines,
    open: Vec<Open>,
    /// The value of each anchor, and how many values it holds.
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    /// Values that anchors hold.
    kept: usize,
    root: Option<Node>,
    documents: usize,
}

type Read<T> = Result<T, Diagnostic>;

impl Reader<'_> {
    fn span(&self, span: YamlSpan) -> Span {
        let start = self.lines.byte(self.text, span.start);
        let end = self.lines.byte(self.text, span.end).max(start);
        // A block ends where the next thing begins; the blanks between belong to neither.
        let inside = self.text.get(start..end).unwrap_or("");
        Span { start, end: start + inside.trim_end().len() }
    }

    fn complaint(&self, marker: Marker, what: &str) -> Diagnostic {
        let mut start = self.lines.byte(self.text, marker);
        let rest = |start: usize| self.text.get(start..).unwrap_or("");
        let line = self.text.get(..start).and_then(|before| before.rsplit('\n').next()).unwrap_or("");
        let tab = what.contains("tab") || line.trim_start_matches(' ').starts_with('\t');
        if tab {
            // The parser names the beginning of what the tab is in.
            start = start.saturating_sub(line.len());
            start += rest(start).find('\t').unwrap_or(0);
        }
        let width = rest(start).chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
        let span = Span { start, end: start + width };
        let diagnostic = Diagnostic::error(code::INVALID_YAML, "", span, format!("this is not YAML: {what}"));
        if tab { diagnostic.help("YAML is indented with blanks, never with tabs") } else { diagnostic }
    }

    fn error(&self, span: Span, message: impl Into<String>, help: &str) -> Diagnostic {
        Diagnostic::error(code::INVALID_YAML, "", span, message).help(help)
    }

    fn event(&mut self, event: Event<'_>, span: YamlSpan) -> Read<()> {
        let span = self.span(span);
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(self.error(span, "a second document begins here", "a file holds one definition"));
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::SequenceStart(anchor, tag) => {
                self.begin(span, anchor, tag.map(|tag| tag.into_owned()), Content::Items(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(span, anchor, tag.map(|tag| tag.into_owned()), Content::Members(Vec::new(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: saphyr_parser::ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Read<()> {
        if self.awaits_name() && anchor == 0 && tag.is_none() {
            return self.name(text.into(), span);
        }
        let kind = match yaml_scalar::meaning(text, style, tag) {
            Meaning::Value(kind) => kind,
            Meaning::Refused { message, help } => {
                let span = tag.map_or(span, |tag| self.tag(tag, span));
                return Err(self.error(span, message, &help));
            }
        };
        self.value(Node { kind, span }, 1, anchor)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Read<()> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            return Err(self.error(span, "an alias to a value that it is a part of", "write the value out"));
        };
        if self.nodes + size > MAX_NODES {
            let message = format!("with its aliases this document has more than {MAX_NODES} values");
            return Err(self.error(span, message, "write fewer aliases to aliases"));
        }
        let (node, size) = (node.clone(), *size);
        if self.open.len() + depth(&node) > MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        self.value(node, size, 0)
    }

    fn too_deep(&self, span: Span) -> Diagnostic {
        self.error(span, format!("nested deeper than {MAX_DEPTH} levels"), "flatten the definition")
            .with_code(code::TOO_DEEPLY_NESTED)
    }

    fn begin(&mut self, span: Span, anchor: usize, tag: Option<Tag>, content: Content) -> Read<()> {
        if self.open.len() > MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        if self.awaits_name() {
            return Err(self.error(span, "a list or an object as a name", "names are texts"));
        }
        self.open.push(Open { start: span.start, anchor, tag, content });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Read<()> {
        let Some(Open { start, anchor, tag, content }) = self.open.pop() else { return Ok(()) };
        let (kind, last) = match content {
            Content::Items(items) => {
                let last = items.last().map(|item| item.span.end);
                (NodeKind::Array(items), last)
            }
            Content::Members(members, _) => {
                let last = members.last().map(|member| member.value.span.end.max(member.name_span.end));
                (NodeKind::Object(members), last)
            }
        };
        // A block has no closing bracket: it ends with its last part. An alias stands elsewhere.
        let closed = self.text.get(..span.end).is_some_and(|text| text.ends_with(['}', ']'])) && span.end > start;
        let end = if closed { span.end } else { last.unwrap_or(span.end).min(span.end.max(start)).max(start) };
        let span = Span { start, end };
        let size = 1 + count(&kind);
        let kind = match tag {
            None => kind,
            Some(tag) => match yaml_scalar::collection(kind, &tag) {
                Meaning::Value(kind) => kind,
                Meaning::Refused { message, help } => return Err(self.error(self.tag(&tag, span), message, &help)),
            },
        };
        // What is in it has been counted already.
        self.nodes = self.nodes.saturating_sub(size - 1);
        self.value(Node { kind, span }, size, anchor)
    }

    /// Where the tag of a value stands: before it.
    fn tag(&self, tag: &Tag, value: Span) -> Span {
        let text = tag.to_string();
        let before = self.text.get(..value.start + 1).unwrap_or("");
        before.rfind(&text).map_or(value, |start| Span { start, end: start + text.len() })
    }

    fn awaits_name(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Members(_, None), .. }))
    }

    fn name(&mut self, name: Arc<str>, span: Span) -> Read<()> {
        if &*name == "<<" {
            let help = "YAML 1.2 has no merge keys: write the members out";
            return Err(self.error(span, "a merge key `<<`", help));
        }
        if let Some(Open { content: Content::Members(_, waiting), .. }) = self.open.last_mut() {
            *waiting = Some((name, span));
        }
        Ok(())
    }

    /// Puts a finished value where it belongs. `size` is the number of values in it, itself included.
    fn value(&mut self, node: Node, size: usize, anchor: usize) -> Read<()> {
        self.nodes += size;
        if self.nodes > MAX_NODES {
            let message = format!("this document has more than {MAX_NODES} values");
            return Err(self.error(node.span, message, "a definition has at most 1,048,576 characters"));
        }
        if anchor > 0 {
            self.kept += size;
            if self.kept > MAX_NODES {
                let message = format!("anchors within anchors hold more than {MAX_NODES} values");
                return Err(self.error(node.span, message, "use fewer anchors"));
            }
            self.anchors.insert(anchor, (node.clone(), size));
        }
        if self.awaits_name() {
            let Some(name) = node.as_str() else {
                let message = format!("a {} as a name", node.type_name());
                return Err(self.error(node.span, message, "names are texts"));
            };
            return self.name(name.clone(), node.span);
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open { content: Content::Items(items), .. }) => items.push(node),
            Some(Open { content: Content::Members(members, waiting), .. }) => {
                if let Some((name, name_span)) = waiting.take() {
                    members.push(Member { name, name_span, value: node });
                }
            }
        }
        Ok(())
    }
}

/// The number of values in a list or an object.
fn count(kind: &NodeKind) -> usize {
    let of = |node: &Node| 1 + count(&node.kind);
    match kind {
        NodeKind::Array(items) => items.iter().map(of).sum(),
        NodeKind::Object(members) => members.iter().map(|member| of(&member.value)).sum(),
        _ => 0,
    }
}

fn depth(node: &Node) -> usize {
    let deepest = match &node.kind {
        NodeKind::Array(items) => items.iter().map(depth).max(),
        NodeKind::Object(members) => members.iter().map(|member| depth(&member.value)).max(),
        _ => return 0,
    };
    1 + deepest.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::diagnostic::render;

    #[track_caller]
    fn check(text: &str, json: &str) {
        assert_eq!(read(text).unwrap().to_value().to_json(), json, "{text}");
    }

    #[track_caller]
    fn refused(text: &str, message: &str, place: &str) {
        let found = read(text).unwrap_err();
        assert!(found.message().contains(message), "{}", found.message());
        assert!(render(&found, "f", text, false).contains(&format!("f:{place} ")), "{found} {:?}", found.span());
    }

    #[test]
    fn the_core_schema() {
        check("[yes, no, on, off, y, NO]", r#"["yes","no","on","off","y","NO"]"#);
        check(
            "[true, True, FALSE, ~, null, Null, '', \"~\", !!str 1]",
            r#"[true,true,false,null,null,null,"","~","1"]"#,
        );
        check("[1, -1, +1, 007, 0x1F, 0o17, 1.5, .5, 1., 1e3, -.5e-1]", r#"[1,-1,1,7,31,15,1.5,0.5,1.0,1000.0,-0.05]"#);
        check(
            "[1_000, 12:30, 2016-03-14T01:59:00Z, 1.2.3, +, ., e5, 0x]",
            r#"["1_000","12:30","2016-03-14T01:59:00Z","1.2.3","+",".","e5","0x"]"#,
        );
        check("a:\nb: |\n  x\n   y\nc: >-\n  x\n  y\n", r#"{"a":null,"b":"x\n y\n","c":"x y"}"#);
        check("1: a\ntrue: b", r#"{"1":"a","true":"b"}"#);
        refused("a: .inf", "no number", "1:4");
    }

    #[test]
    fn tags_of_cloudformation_become_placeholders() {
        check(
            "[!Ref A, !GetAtt A.Arn, !GetAtt [A, Arn], !Sub \"x-${A}\"]",
            r#"["${A}","${A.Arn}","${A.Arn}","x-${A}"]"#,
        );
        check("a: !Sub\n  - ${X}-y\n  - X: !GetAtt B.Arn", r#"{"a":"${B.Arn}-y"}"#);
        refused("a: !Join ['', [a]]", "the tag `!Join` is not known", "1:4");
        refused("a: !Join\n  - b", "the tag `!Join` is not known", "1:4");
        refused("a: !ImportValue x", "the tag `!ImportValue` is not known", "1:4");
    }

    #[test]
    fn aliases_are_followed_within_bounds() {
        check("a: &x {b: 1}\nc: [*x, *x]", r#"{"a":{"b":1},"c":[{"b":1},{"b":1}]}"#);
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", ")));
        }
        assert!(read(&bomb).unwrap_err().message().contains("more than 200000 values"));
        assert!(read(&format!("{}{}", "[".repeat(190), "]".repeat(190))).is_ok());
        assert!(read(&"[".repeat(10_000)).is_err());
        refused("a: &x [*x]", "alias", "1:8");
        refused("<<: {a: 1}", "merge key", "1:1");
    }

    #[test]
    fn errors_have_a_place() {
        refused("a: 1\n\tb: 2", "this is not YAML", "2:1");
        refused("a: [1, 2", "this is not YAML", "1:9");
        refused("a: 1\n---\nb: 2", "a second document", "2:1");
        refused("? [a]\n: b", "as a name", "1:3");
        refused("# nothing", "empty", "1:1");
    }
}
