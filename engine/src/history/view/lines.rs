//! Rows of columns as text: aligned, cut to a width, coloured or not.

use super::model::Mark;
use super::words::{columns, fit};

/// A line of the drawing.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The branches of the tree that lead to it.
    pub(super) indent: String,
    pub(super) mark: Option<Mark>,
    pub(super) name: String,
    /// What belongs to the name: attempts, items, where a Choice led.
    pub(super) middle: String,
    pub(super) time: String,
    pub(super) notes: Vec<Note>,
}

/// A remark at the end of a line.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) tone: Tone,
    pub(super) text: String,
}

/// How a text is to be coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Bad,
    Doubtful,
    Active,
    Quiet,
}

impl Tone {
    fn code(self) -> &'static str {
        match self {
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Doubtful => "33",
            Tone::Active => "36",
            Tone::Quiet => "2",
        }
    }
}

impl Mark {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Mark::Running => "▸",
            Mark::Done => "✓",
            Mark::Caught => "!",
            Mark::Failed => "✗",
            Mark::Aborted => "⊘",
        }
    }

    pub(super) fn tone(self) -> Tone {
        match self {
            Mark::Running => Tone::Active,
            Mark::Done => Tone::Good,
            Mark::Caught => Tone::Doubtful,
            Mark::Failed => Tone::Bad,
            Mark::Aborted => Tone::Quiet,
        }
    }
}

/// Writes parts of a line: cuts what does not fit, and colours what does.
pub(super) struct Line {
    text: String,
    used: usize,
    width: usize,
    colour: bool,
}

impl Line {
    pub(super) fn new(width: usize, colour: bool) -> Line {
        Line { text: String::new(), used: 0, width, colour }
    }

    pub(super) fn plain(&mut self, text: &str) {
        let text = fit(text, self.width.saturating_sub(self.used));
        self.used += columns(&text);
        self.text.push_str(&text);
    }

    pub(super) fn toned(&mut self, tone: Tone, text: &str) {
        if !self.colour || text.trim().is_empty() {
            return self.plain(text);
        }
        self.text.push_str(&format!("\u{1b}[{}m", tone.code()));
        self.plain(text);
        self.text.push_str("\u{1b}[0m");
    }

    /// Blanks up to this column.
    pub(super) fn advance_to(&mut self, column: usize) {
        let blanks = column.min(self.width).saturating_sub(self.used);
        self.used += blanks;
        self.text.extend(std::iter::repeat_n(' ', blanks));
    }

    /// The line, without blanks at its end.
    pub(super) fn finish(self) -> String {
        self.text.trim_end().to_owned()
    }
}

/// The rows below each other, in columns.
pub(super) fn lay_out(rows: &[Row], width: usize, colour: bool) -> String {
    // Lines that sum up have no columns.
    let widest = |of: fn(&Row) -> usize| rows.iter().filter(|row| row.mark.is_some()).map(of).max().unwrap_or(0);
    let left = widest(|row| columns(&row.indent) + columns(&row.name) + 2);
    let middle = widest(|row| columns(&row.middle));
    let time = widest(|row| columns(&row.time));
    let gap = |column: usize| if column == 0 { 0 } else { column + 3 };
    let mut out = String::new();
    for row in rows {
        let mut line = Line::new(width, colour);
        line.plain(" ");
        line.toned(Tone::Quiet, &row.indent);
        match row.mark {
            Some(mark) => {
                line.toned(mark.tone(), mark.sign());
                line.plain(" ");
                match mark {
                    Mark::Aborted => line.toned(Tone::Quiet, &row.name),
                    _ => line.plain(&row.name),
                }
            }
            None => line.toned(Tone::Quiet, &row.name),
        }
        let mut column = 1 + left + 3;
        line.advance_to(column);
        line.plain(&row.middle);
        column += gap(middle);
        line.advance_to(column + time - columns(&row.time));
        line.toned(Tone::Quiet, &row.time);
        column += gap(time);
        line.advance_to(column);
        for (index, note) in row.notes.iter().enumerate() {
            if index > 0 {
                line.plain(" · ");
            }
            line.toned(note.tone, &note.text);
        }
        out.push_str(&line.finish());
        out.push('\n');
    }
    out
}
