//! From a place in a decoded text to the place in the source that it came from.

use super::node::Span;

/// The source of the bytes `from` up to `to` of `decoded`, which stands at `span`. Nothing if the two do not fit, as
/// after a substitution.
pub(super) fn part(text: &str, span: Span, decoded: &str, from: usize, to: usize) -> Option<Span> {
    let raw = text.get(span.start..span.end)?;
    let mut walk = Walk { raw, at: 0, single_quoted: raw.starts_with('\'') };
    if raw.starts_with(['"', '\'']) {
        walk.at = 1;
    } else if raw.starts_with(['|', '>']) {
        // A block scalar begins on the next line.
        walk.at = raw.find('\n').map_or(0, |end| end + 1);
    }
    let (from, to) = (from.min(decoded.len()), to.min(decoded.len()).max(from));
    let mut start = None;
    let mut end = walk.at;
    for (offset, c) in decoded.char_indices() {
        if offset >= to && start.is_some() {
            break;
        }
        let (before, after) = walk.step(c)?;
        if offset >= from && start.is_none() {
            start = Some(before);
        }
        end = after;
    }
    let start = start.unwrap_or(end);
    // At the end of the text: its last character, or what closes it.
    let end = if end > start { end } else { (start + 1).min(raw.len()) };
    Some(Span { start: span.start + start, end: span.start + end })
}

struct Walk<'t> {
    raw: &'t str,
    at: usize,
    single_quoted: bool,
}

impl Walk<'_> {
    /// The source of the next decoded character: its first byte and the byte after it.
    fn step(&mut self, wanted: char) -> Option<(usize, usize)> {
        loop {
            let rest = self.raw.get(self.at..)?;
            let found = rest.chars().next()?;
            let length = if self.single_quoted && rest.starts_with("''") && wanted == '\'' {
                2
            } else if found == '\\' && !self.single_quoted && escape_length(rest, wanted).is_some() {
                escape_length(rest, wanted)?
            } else if found == wanted {
                found.len_utf8()
            } else if matches!(found, ' ' | '\t' | '\r' | '\n') {
                // Indentation, or the line break that was folded into a blank.
                if wanted == ' ' && found == '\n' {
                    let start = self.at;
                    self.at += 1;
                    return Some((start, self.at));
                }
                self.at += 1;
                continue;
            } else {
                return None;
            };
            let start = self.at;
            self.at += length;
            return Some((start, self.at));
        }
    }
}

/// Bytes of the escape at the beginning of `rest`, if it stands for this character.
fn escape_length(rest: &str, wanted: char) -> Option<usize> {
    let letter = rest.chars().nth(1)?;
    let simple = match letter {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        'a' => '\u{7}',
        'v' => '\u{b}',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' | 'u' | 'U' => return coded_length(rest, letter, wanted),
        other => other,
    };
    (simple == wanted).then(|| 1 + letter.len_utf8())
}

/// `\u` and its like: with a second one where the character takes a surrogate pair.
fn coded_length(rest: &str, letter: char, wanted: char) -> Option<usize> {
    let digits = match letter {
        'x' => 2,
        'u' => 4,
        _ => 8,
    };
    let code = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
    if code == u32::from(wanted) {
        return Some(2 + digits);
    }
    let mut pair = [0u16; 2];
    let units = wanted.encode_utf16(&mut pair);
    match units {
        [high, _] if u32::from(*high) == code => Some(12),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::Document;

    #[track_caller]
    fn check(document: Document, from: usize, to: usize, expected: &str) {
        let node = document.root().get("a").unwrap();
        let span = document.span_within(node, from, to);
        assert_eq!(&document.text()[span.start..span.end], expected);
    }

    #[test]
    fn escapes_of_json_are_counted() {
        let text = r#"{"a": "\"\u00e9\ud83d\ude00\n$.x y"}"#;
        let decoded = "\"é😀\n$.x y";
        for part in ["$.x", "é", "😀", " y"] {
            let at = decoded.find(part).unwrap();
            let expected = match part {
                "é" => r"\u00e9",
                "😀" => r"\ud83d\ude00",
                other => other,
            };
            check(Document::parse(text).unwrap(), at, at + part.len(), expected);
        }
        check(Document::parse(text).unwrap(), decoded.len(), decoded.len(), "\"");
    }

    #[test]
    fn all_styles_of_yaml_are_counted() {
        for text in [
            "a: so it's $.x y",
            "a: 'so it''s $.x y'",
            "a: \"so it\\x27s $.x y\"",
            "a: \"so\n    it's $.x y\"",
            "a: >-\n    so\n    it's\n    $.x y",
            "a: |-\n    so it's $.x y",
        ] {
            let at = "so it's ".len();
            check(Document::parse_yaml(text).unwrap(), at, at + 3, "$.x");
        }
    }
}
