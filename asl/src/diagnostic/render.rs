//! Diagnostics for people: the place, the line, the part underlined, and help.

use super::{Diagnostic, Severity};
use crate::syntax::{Place, Span};
use std::fmt::Write;

/// Characters of a line that are shown; longer lines are cut around the underlined part.
const WIDTH: usize = 100;

/// The diagnostic with the line it is about. `file` is the name to show, `text` the whole definition.
/// With `colour`, ANSI colours are added; the words are the same.
pub fn render(diagnostic: &Diagnostic, file: &str, text: &str, colour: bool) -> String {
    let paint = |style: &str, words: &str| {
        if colour { format!("\x1b[{style}m{words}\x1b[0m") } else { words.to_owned() }
    };
    let style = match diagnostic.severity() {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
    };
    let start = Place::of(text, diagnostic.span().start);
    let head = paint(style, &format!("{}[{}]", diagnostic.severity(), diagnostic.code()));
    let mut out = format!("{head}: {}\n", diagnostic.message());
    let related = diagnostic.related_place();
    let related_line = related.map_or(0, |(span, _)| Place::of(text, span.start).line);
    let width = start.line.max(related_line).to_string().len();
    let blank = " ".repeat(width);
    let pointer = if diagnostic.pointer().is_empty() { "/" } else { diagnostic.pointer() };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{blank}--> {file}:{}:{}   {pointer}", start.line, start.column);
    let _ = writeln!(out, "{blank} |");
    // A short question stands best right beside what it is about.
    let beside = diagnostic.help_text().filter(|help| help.starts_with("did you mean"));
    let main = |out: &mut String| {
        let shown = Excerpt::of(text, diagnostic.span());
        let _ = writeln!(out, "{:>width$} | {}", start.line, shown.line);
        let marks = paint(style, &"^".repeat(shown.length));
        let beside = beside.map_or(String::new(), |help| format!(" {help}"));
        let _ = writeln!(out, "{blank} | {}{marks}{beside}", " ".repeat(shown.offset));
    };
    let second = |out: &mut String| {
        let Some((span, label)) = related.filter(|_| related_line != start.line) else { return };
        let shown = Excerpt::of(text, span);
        let _ = writeln!(out, "{related_line:>width$} | {}", shown.line);
        let marks = "-".repeat(shown.length);
        let _ = writeln!(out, "{blank} | {}{marks} {label}", " ".repeat(shown.offset));
    };
    if related_line > start.line {
        main(&mut out);
        second(&mut out);
    } else {
        second(&mut out);
        main(&mut out);
    }
    if let Some(help) = diagnostic.help_text().filter(|_| beside.is_none()) {
        let _ = writeln!(out, "{blank} = help: {help}");
    }
    out
}

/// A line, or the part of it around what is marked.
struct Excerpt {
    line: String,
    /// Characters before the marked part.
    offset: usize,
    /// Characters of the marked part.
    length: usize,
}

impl Excerpt {
    fn of(text: &str, span: Span) -> Excerpt {
        let Place { line, column } = Place::of(text, span.start);
        let line = text.lines().nth(line - 1).unwrap_or("");
        let column = column - 1;
        let after = line.chars().count().saturating_sub(column);
        let part = text.get(span.start..span.end).and_then(|part| part.lines().next());
        let marked = part.map_or(1, |part| part.chars().count()).min(after).max(1);
        let from = if column + marked.min(WIDTH / 2) > WIDTH { column.saturating_sub(WIDTH / 3) } else { 0 };
        // Every control character takes one column, so that the marks stand below what they mark.
        let shown = line.chars().skip(from).take(WIDTH).map(|c| if c.is_control() { ' ' } else { c });
        let offset = column - from;
        Excerpt { line: shown.collect(), offset, length: marked.min(WIDTH.saturating_sub(offset)).max(1) }
    }
}
