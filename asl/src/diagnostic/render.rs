//! Diagnostics for people: the place, the line, the part underlined, and help.

use super::{Diagnostic, Severity};
use crate::syntax::Place;
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
    let gutter = start.line.to_string();
    let blank = " ".repeat(gutter.len());
    let pointer = if diagnostic.pointer().is_empty() { "/" } else { diagnostic.pointer() };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{blank}--> {file}:{}:{}   {pointer}", start.line, start.column);
    let line = text.lines().nth(start.line - 1).unwrap_or("");
    let line_start = diagnostic.span().start.saturating_sub(line_byte(line, start.column));
    let marked = diagnostic.span().end.min(line_start + line.len()).saturating_sub(diagnostic.span().start);
    let marked = text
        .get(diagnostic.span().start..diagnostic.span().start + marked)
        .map_or(1, |part| part.chars().count())
        .max(1);
    let chars: Vec<char> = line.chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
    let column = start.column - 1;
    let from = if column + marked.min(WIDTH / 2) > WIDTH { column.saturating_sub(WIDTH / 3) } else { 0 };
    let shown: String = chars.iter().skip(from).take(WIDTH).collect();
    let cut = marked.min(WIDTH.saturating_sub(column - from)).max(1);
    let _ = writeln!(out, "{blank} |");
    let _ = writeln!(out, "{gutter} | {shown}");
    let _ = writeln!(out, "{blank} | {}{}", " ".repeat(column - from), paint(style, &"^".repeat(cut)));
    if let Some(help) = diagnostic.help_text() {
        let _ = writeln!(out, "{blank} = help: {help}");
    }
    out
}

fn line_byte(line: &str, column: usize) -> usize {
    line.chars().take(column - 1).map(char::len_utf8).sum()
}
