//! The writer.

use crate::diagnostic::{Diagnostic, code, pointer_to};
use crate::syntax::{Document, Member, Node, NodeKind};
use std::collections::HashSet;

/// Characters that a line may have before what stands on it gets lines of its own.
pub const LINE_WIDTH: usize = 100;

/// Formats a JSON definition, or any other JSON text. Errors: one diagnostic where the text is not JSON, or where an
/// object has two members of one name, of which every reader would keep another.
pub fn format(text: &str) -> Result<String, Diagnostic> {
    let document = Document::parse(text)?;
    check_names(document.root(), "")?;
    let mut writer = Writer { text: document.text(), out: String::with_capacity(text.len() + text.len() / 4) };
    writer.node(document.root(), Place::Machine, 0, 0, 0);
    writer.out.push('\n');
    Ok(writer.out)
}

/// What a value is in a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Machine,
    States,
    State,
    Branches,
    Other,
}

impl Place {
    /// What the member of this name is.
    fn member(self, name: &str) -> Place {
        match (self, name) {
            (Place::Machine, "States") => Place::States,
            (Place::States, _) => Place::State,
            (Place::State, "Branches") => Place::Branches,
            (Place::State, "ItemProcessor" | "Iterator") => Place::Machine,
            _ => Place::Other,
        }
    }

    /// What the items of a list are.
    fn item(self) -> Place {
        if self == Place::Branches { Place::Machine } else { Place::Other }
    }
}

struct Writer<'t> {
    text: &'t str,
    out: String,
}

impl Writer<'_> {
    /// Writes a value. `before` and `after` count the characters that stand on the line with it.
    fn node(&mut self, node: &Node, place: Place, depth: usize, before: usize, after: usize) {
        let room = LINE_WIDTH.saturating_sub(2 * depth + before + after);
        if place == Place::Other || is_small(node) {
            let start = self.out.len();
            if self.on_one_line(node, room) {
                return;
            }
            self.out.truncate(start);
        }
        match &node.kind {
            NodeKind::Array(items) => {
                self.out.push('[');
                for (number, item) in items.iter().enumerate() {
                    let comma = usize::from(number + 1 < items.len());
                    self.line(depth + 1);
                    self.node(item, place.item(), depth + 1, 0, comma);
                    self.out.extend((comma > 0).then_some(','));
                }
                self.line(depth);
                self.out.push(']');
            }
            NodeKind::Object(members) => {
                self.out.push('{');
                for (number, member) in members.iter().enumerate() {
                    let comma = usize::from(number + 1 < members.len());
                    self.line(depth + 1);
                    let before = self.name(member);
                    self.node(&member.value, place.member(&member.name), depth + 1, before, comma);
                    self.out.extend((comma > 0).then_some(','));
                }
                self.line(depth);
                self.out.push('}');
            }
            // Too long for its line, but nowhere to break.
            _ => self.as_written(node),
        }
    }

    /// Writes a value without a line break, unless it is too long or has to be broken; then what was written is void.
    fn on_one_line(&mut self, node: &Node, room: usize) -> bool {
        let start = self.out.len();
        match &node.kind {
            NodeKind::Array(items) => {
                self.out.push('[');
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        self.out.push_str(", ");
                    }
                    if has_members(item) || !self.on_one_line(item, room) || self.is_longer(start, room) {
                        return false;
                    }
                }
                self.out.push(']');
            }
            NodeKind::Object(members) if members.is_empty() => self.out.push_str("{}"),
            NodeKind::Object(members) => {
                for (number, member) in members.iter().enumerate() {
                    self.out.push_str(if number > 0 { ", " } else { "{ " });
                    self.name(member);
                    if !self.on_one_line(&member.value, room) || self.is_longer(start, room) {
                        return false;
                    }
                }
                self.out.push_str(" }");
            }
            _ => self.as_written(node),
        }
        !self.is_longer(start, room)
    }

    /// Whether more than `room` characters were written since `start`.
    fn is_longer(&self, start: usize, room: usize) -> bool {
        let written = self.out.get(start..).unwrap_or("");
        written.len() > room && written.chars().count() > room
    }

    /// Writes a name with its colon; gives the number of characters.
    fn name(&mut self, member: &Member) -> usize {
        let start = self.out.len();
        let span = member.name_span;
        self.out.push_str(self.text.get(span.start..span.end).unwrap_or(""));
        self.out.push_str(": ");
        self.out.get(start..).unwrap_or("").chars().count()
    }

    fn as_written(&mut self, node: &Node) {
        self.out.push_str(self.text.get(node.span.start..node.span.end).unwrap_or(""));
    }

    fn line(&mut self, depth: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", depth));
    }
}

/// Whether a value is no list and no object, or an empty one.
fn is_small(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Array(items) => items.is_empty(),
        NodeKind::Object(members) => members.is_empty(),
        _ => true,
    }
}

fn has_members(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Object(members) if !members.is_empty())
}

/// Refuses two members of one name.
fn check_names(node: &Node, pointer: &str) -> Result<(), Diagnostic> {
    match &node.kind {
        NodeKind::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(number, item)| check_names(item, &pointer_to(pointer, &number.to_string()))),
        NodeKind::Object(members) => {
            let mut names = HashSet::with_capacity(members.len());
            members.iter().try_for_each(|member| {
                let pointer = pointer_to(pointer, &member.name);
                if !names.insert(&*member.name) {
                    let message = format!("`{}` stands here twice", member.name);
                    return Err(Diagnostic::error(code::DUPLICATE_KEY, &pointer, member.name_span, message)
                        .help("remove one of them: only the last counts"));
                }
                check_names(&member.value, &pointer)
            })
        }
        _ => Ok(()),
    }
}
