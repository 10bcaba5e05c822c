//! Reading a tree with places: types are asked for, and what is wrong is noted with its place.

use super::{CODE, ReadText, span};
use crate::Place;
use aslx_asl::diagnostic::pointer_to;
use aslx_asl::syntax::{Document, LineIndex, Node, NodeKind, Span};
use aslx_asl::{Diagnostic, Value, did_you_mean};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Reads one file.
pub(super) struct Reader<'r> {
    path: PathBuf,
    file: Arc<str>,
    lines: LineIndex<'r>,
    diagnostics: Vec<Diagnostic>,
    read: ReadText<'r>,
}

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct Field<'n> {
    pub(super) node: &'n Node,
    pub(super) pointer: String,
}

/// The members of an object, asked for by name.
pub(super) struct Fields<'n> {
    pub(super) node: &'n Node,
    pub(super) pointer: String,
}

impl<'n> Fields<'n> {
    /// The member of this name; `null` counts as absent only where it means nothing, so not here.
    pub(super) fn take(&mut self, name: &str) -> Option<Field<'n>> {
        self.node.get(name).map(|node| Field { node, pointer: pointer_to(&self.pointer, name) })
    }
}

impl<'r> Reader<'r> {
    pub(super) fn new(path: &Path, document: &'r Document, read: ReadText<'r>) -> Reader<'r> {
        let file = path.to_string_lossy().into_owned().into();
        Reader { path: path.to_owned(), file, lines: LineIndex::new(document.text()), diagnostics: Vec::new(), read }
    }

    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// How much has been found wrong so far.
    pub(super) fn faults(&self) -> usize {
        self.diagnostics.len()
    }

    /// The file of the snapshot of a case.
    pub(super) fn snapshot(&self, case: &str) -> PathBuf {
        super::case::snapshot_of(&self.path, case)
    }

    pub(super) fn text_of(&self, path: &Path) -> std::io::Result<String> {
        (self.read)(path)
    }

    pub(super) fn read_text(&self) -> ReadText<'r> {
        self.read
    }

    pub(super) fn place(&self, node: &Node) -> Place {
        Place { file: self.file.clone(), line: self.lines.place(node.span.start).line }
    }

    pub(super) fn fault(&mut self, span: Span, pointer: &str, message: &str, help: Option<&str>) {
        let diagnostic = Diagnostic::error(CODE, pointer, span, message);
        self.diagnostics.push(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    }

    /// An object with no other members than these.
    pub(super) fn object<'n>(
        &mut self,
        node: &'n Node,
        pointer: &str,
        what: &str,
        names: &'static [&'static str],
    ) -> Option<Fields<'n>> {
        let NodeKind::Object(members) = &node.kind else {
            let message = format!("{what} is an object, found {}", node.type_name());
            self.fault(node.span, pointer, &message, Some(&format!("it can have {}", list(names))));
            return None;
        };
        for (index, member) in members.iter().enumerate() {
            let pointer = pointer_to(pointer, &member.name);
            if members.iter().take(index).any(|earlier| earlier.name == member.name) {
                let message = format!("`{}` is there twice", member.name);
                self.fault(member.name_span, &pointer, &message, None);
            }
            if !names.contains(&&*member.name) {
                let help = match did_you_mean(&member.name, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("{what} can have {}", list(names)),
                };
                self.fault(member.name_span, &pointer, &format!("`{}` means nothing here", member.name), Some(&help));
            }
        }
        Some(Fields { node, pointer: pointer.to_owned() })
    }

    fn wrong(&mut self, field: &Field<'_>, expected: &str) {
        let found = field.node.to_value().to_json();
        let shown = aslx_engine::history::view::shorten(&found, 60);
        self.fault(field.node.span, &field.pointer, &format!("expected {expected}, found `{shown}`"), None);
    }

    /// The items of a list.
    pub(super) fn items<'n>(&mut self, field: &Field<'n>) -> Vec<Field<'n>> {
        let NodeKind::Array(items) = &field.node.kind else {
            self.wrong(field, "a list");
            return Vec::new();
        };
        let item = |(index, node)| Field { node, pointer: format!("{}/{index}", field.pointer) };
        items.iter().enumerate().map(item).collect()
    }

    /// The members of an object with names of the author's.
    pub(super) fn members<'n>(&mut self, field: &Field<'n>) -> Vec<(String, Field<'n>)> {
        let NodeKind::Object(members) = &field.node.kind else {
            self.wrong(field, "an object");
            return Vec::new();
        };
        for (index, member) in members.iter().enumerate() {
            if members.iter().take(index).any(|earlier| earlier.name == member.name) {
                let pointer = pointer_to(&field.pointer, &member.name);
                self.fault(member.name_span, &pointer, &format!("`{}` is there twice", member.name), None);
            }
        }
        let named = |member: &'n aslx_asl::syntax::Member| {
            let pointer = pointer_to(&field.pointer, &member.name);
            (member.name.to_string(), Field { node: &member.value, pointer })
        };
        members.iter().map(named).collect()
    }

    /// Texts by names of the author's.
    pub(super) fn texts(&mut self, field: &Field<'_>) -> Vec<(String, String)> {
        let members = self.members(field);
        members.into_iter().filter_map(|(name, value)| Some((name, self.text(&value)?))).collect()
    }

    pub(super) fn text(&mut self, field: &Field<'_>) -> Option<String> {
        let text = field.node.as_str().map(|text| text.to_string());
        if text.is_none() {
            self.wrong(field, "a text");
        }
        text
    }

    pub(super) fn bool(&mut self, field: &Field<'_>) -> Option<bool> {
        let value = field.node.to_value().as_bool();
        if value.is_none() {
            self.wrong(field, "true or false");
        }
        value
    }

    /// A count that fits 32 bits.
    pub(super) fn count(&mut self, field: &Field<'_>, expected: &str) -> Option<u32> {
        let count = field.node.to_value().as_i64().and_then(|number| u32::try_from(number).ok());
        if count.is_none() {
            self.wrong(field, expected);
        }
        count
    }

    /// One of these words.
    pub(super) fn word<T: Copy>(&mut self, field: &Field<'_>, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(field)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let names: Vec<&'static str> = words.iter().map(|(word, _)| *word).collect();
        let expected = if names.len() == 1 { list(&names) } else { format!("one of {}", list(&names)) };
        self.wrong(field, &expected);
        None
    }

    /// A number of seconds, or a text such as `2 min`.
    pub(super) fn duration(&mut self, field: &Field<'_>) -> Option<Duration> {
        let duration = match field.node.to_value() {
            Value::String(text) => span::duration_of(&text),
            number => number.as_f64().and_then(span::from_seconds),
        };
        if duration.is_none() {
            self.wrong(field, "a duration such as `3 s`, `1.5 min`, `2 h` or a number of seconds");
        }
        duration
    }

    /// A path relative to the folder of this file.
    pub(super) fn beside(&mut self, field: &Field<'_>) -> Option<PathBuf> {
        let text = self.text(field)?;
        Some(self.path.parent().unwrap_or(Path::new("")).join(text))
    }

    /// The JSON value in the file that is named.
    pub(super) fn value_in_file(&mut self, field: &Field<'_>) -> Option<Value> {
        let path = self.beside(field)?;
        let read = self.text_of(&path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()));
        let value = read.and_then(|text| {
            let place = |error: aslx_asl::value::JsonError| {
                format!("`{}:{}` is not JSON: {}", path.display(), error.line(), error.message())
            };
            Value::parse(&text).map_err(place)
        });
        value.map_err(|message| self.fault(field.node.span, &field.pointer, &message, None)).ok()
    }
}

/// `a`, `b` and `c`.
pub(super) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => "nothing".to_owned(),
    }
}
