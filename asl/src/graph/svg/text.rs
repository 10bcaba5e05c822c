//! How wide texts are, where they break, and how they are escaped.

/// The kinds of text in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Font {
    /// The name of a state.
    Name,
    /// What a state does.
    Detail,
    /// The label of an edge.
    Label,
}

impl Font {
    pub(in crate::graph) fn size(self) -> f64 {
        match self {
            Font::Name => 13.0,
            Font::Detail | Font::Label => 11.0,
        }
    }

    pub(in crate::graph) fn line_height(self) -> f64 {
        match self {
            Font::Name => 17.0,
            Font::Detail | Font::Label => 14.0,
        }
    }

    pub(in crate::graph) fn height(self, lines: usize) -> f64 {
        self.line_height() * lines as f64
    }

    /// An estimate on the wide side: the reader's font is not known, and DejaVu is a tenth wider than Helvetica.
    pub(in crate::graph) fn width(self, text: &str) -> f64 {
        let bold = if self == Font::Name { 1.06 } else { 1.0 };
        text.chars().map(em).sum::<f64>() * self.size() * 1.1 * bold
    }

    pub(in crate::graph) fn widest(self, lines: &[String]) -> f64 {
        lines.iter().map(|line| self.width(line)).fold(0.0, f64::max)
    }
}

/// The width of a character of a common sans-serif font, for a font size of 1.
fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' => 0.24,
        'f' | 't' | 'I' | ' ' | '.' | ',' | ':' | ';' | '!' | '/' | '\\' | '[' | ']' => 0.3,
        'r' | '(' | ')' | '-' | '`' | '"' | '{' | '}' | '*' => 0.37,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' | '^' => 0.51,
        'm' | 'M' | 'W' | '%' | '@' => 0.9,
        'w' | 'C' | 'D' | 'G' | 'H' | 'N' | 'O' | 'Q' | 'R' | 'U' => 0.75,
        'A' | 'B' | 'E' | 'K' | 'P' | 'S' | 'V' | 'X' | 'Y' | '&' => 0.67,
        'F' | 'L' | 'T' | 'Z' => 0.6,
        '=' | '<' | '>' | '+' | '~' | '≤' | '≥' | '→' => 0.6,
        '…' | '↻' => 1.0,
        c if c.is_ascii() => 0.56,
        c if (c as u32) < 0x1100 => 0.66,
        _ => 1.05,
    }
}

/// Lines of about this many characters, broken at blanks; within a word, also one in `camelCase` or `snake_case`, only
/// if it is too long for a line. What is more than `most` lines ends with `…`.
pub(in crate::graph) fn wrap(text: &str, limit: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    for word in text.split_whitespace() {
        let parts = if word.chars().count() > limit { parts(word, limit) } else { vec![word.to_owned()] };
        for (number, part) in parts.into_iter().enumerate() {
            let blank = usize::from(number == 0 && !line.is_empty());
            if !line.is_empty() && line.chars().count() + blank + part.chars().count() > limit {
                lines.push(std::mem::take(&mut line));
            } else if blank == 1 {
                line.push(' ');
            }
            line.push_str(&part);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    lines
}

/// A long word in parts between which a line may end, none longer than the limit.
fn parts(word: &str, limit: usize) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut part = String::new();
    let mut before = ' ';
    for (length, c) in word.chars().enumerate() {
        let starts = c.is_uppercase() && before.is_lowercase()
            || matches!(before, '_' | '-' | '.' | ':' | '/' | ',') && c.is_alphanumeric()
            || part.chars().count() >= limit;
        if starts && length > 0 {
            parts.push(std::mem::take(&mut part));
        }
        part.push(c);
        before = c;
    }
    parts.push(part);
    parts
}

/// The text as XML content or in an attribute. Characters that XML cannot hold become U+FFFD.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        for (text, expected) in [
            ("Short", vec!["Short"]),
            ("ProcessTheIncomingOrderAndNotify", vec!["ProcessTheIncomingOrder", "AndNotify"]),
            ("check stock and then reserve it", vec!["check stock and then", "reserve it"]),
            ("status = \"A\" or status = \"B\"", vec!["status = \"A\" or status =", "\"B\""]),
            (&"x".repeat(60), vec![&*"x".repeat(24), &*"x".repeat(24), &*"x".repeat(12)]),
            ("", vec![""]),
        ] {
            assert_eq!(wrap(text, 24, 4), expected, "{text}");
        }
        assert_eq!(wrap("one two three four", 5, 2), ["one", "two…"]);
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped("<a href=\"x\">'&\u{1}\n</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\u{fffd} &lt;/a&gt;");
    }
}
