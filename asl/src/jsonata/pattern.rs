//! Regular expressions: JavaScript's notation, matched in linear time.
//!
//! What linear time cannot do (`\1`, `(?=…)`) is refused when the expression is read.

use super::fault::Fault;
use super::meter::Meter;
use super::syntax::SyntaxError;
use regex::{Regex, RegexBuilder};

/// Bytes that a compiled pattern may take.
const MAX_COMPILED: usize = 256 * 1024;
/// Patterns that an expression may have.
const MAX_PATTERNS: usize = 32;

#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// What one byte of a text costs: more where many states may be followed at a time.
    weight: usize,
}

/// One match and where it is, in bytes.
pub(super) struct Match {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Bytes of each group, where it took part.
    pub(super) groups: Vec<Option<(usize, usize)>>,
}

impl Pattern {
    /// Compiles the `number`th pattern of an expression.
    pub(super) fn new(source: &str, flags: &str, number: usize, at: usize) -> Result<Pattern, SyntaxError> {
        let refused = |message: String| SyntaxError { code: "", message, help: None, at };
        if number > MAX_PATTERNS {
            return Err(refused(format!("the expression has more than {MAX_PATTERNS} regular expressions")));
        }
        let regex = RegexBuilder::new(&translated(source))
            .case_insensitive(flags.contains('i'))
            .multi_line(flags.contains('m'))
            .size_limit(MAX_COMPILED)
            .dfa_size_limit(MAX_COMPILED)
            .nest_limit(100)
            .build();
        let regex = regex.map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
            refused(format!("the regular expression `/{source}/` cannot be used: {reason}"))
        })?;
        let repeats = source.split('{').skip(1).filter_map(|rest| {
            let digits = rest.split(['}', ',']).filter_map(|number| number.parse::<usize>().ok());
            digits.max()
        });
        let states = repeats.fold(source.len(), |states, times| states.saturating_mul(times.clamp(1, 1_000)));
        Ok(Pattern { regex, weight: (states / 32).clamp(1, 256) })
    }

    /// The first match from this byte on.
    pub(super) fn find(&self, text: &str, from: usize, meter: &Meter) -> Result<Option<Match>, Fault> {
        let Some(captures) = self.regex.captures_at(text, from.min(text.len())) else {
            meter.step(1 + text.len().saturating_sub(from) / 16 * self.weight)?;
            return Ok(None);
        };
        let Some(whole) = captures.get(0) else { return Ok(None) };
        meter.step(8 + captures.len() + whole.end().saturating_sub(from) / 16 * self.weight)?;
        let groups = captures.iter().skip(1).map(|group| group.map(|group| (group.start(), group.end())));
        Ok(Some(Match { start: whole.start(), end: whole.end(), groups: groups.collect() }))
    }
}

/// What JavaScript and the matcher write differently.
fn translated(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 8);
    let mut characters = source.chars().peekable();
    let mut class = 0_usize;
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('d') => out.push_str("[0-9]"),
                Some('D') => out.push_str("[^0-9]"),
                Some('w') => out.push_str("[0-9A-Za-z_]"),
                Some('W') => out.push_str("[^0-9A-Za-z_]"),
                Some('b') if class == 0 => out.push_str("(?-u:\\b)"),
                Some('B') if class == 0 => out.push_str("(?-u:\\B)"),
                Some('b') => out.push_str("\\x08"),
                Some('/') => out.push('/'),
                Some('0') => out.push_str("\\x00"),
                Some('c') => match characters.next() {
                    Some(letter) if letter.is_ascii_alphabetic() => {
                        out.push_str(&format!("\\x{:02x}", letter as u32 % 32));
                    }
                    _ => out.push_str("\\c"),
                },
                // An escaped letter without a meaning is that letter.
                Some(letter) if letter.is_ascii_alphabetic() && !"sSnrtfvxu".contains(letter) || !letter.is_ascii() => {
                    out.push(letter);
                }
                Some('u') if characters.peek() != Some(&'{') => {
                    let digits: String = characters.clone().take(4).collect();
                    if digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                        characters.nth(3);
                        out.push_str(&format!("\\x{{{digits}}}"));
                    } else {
                        out.push('u');
                    }
                }
                Some(other) => {
                    out.push('\\');
                    out.push(other);
                }
                None => out.push('\\'),
            },
            '[' if class == 0 => {
                class = 1;
                out.push('[');
                if characters.peek() == Some(&'^') {
                    characters.next();
                    if characters.peek() == Some(&']') {
                        characters.next();
                        class = 0;
                        out.pop();
                        out.push_str("[\\s\\S]");
                    } else {
                        out.push('^');
                    }
                } else if characters.peek() == Some(&']') {
                    characters.next();
                    class = 0;
                    out.push_str("^\\s\\S]");
                }
            }
            // Within a class these would mean classes within classes.
            '[' => out.push_str("\\["),
            '&' | '~' if class > 0 => {
                out.push('\\');
                out.push(c);
            }
            '-' if class > 0 && characters.peek() == Some(&'-') => out.push_str("\\-"),
            ']' => {
                out.push_str(if class > 0 { "]" } else { "\\]" });
                class = 0;
            }
            '.' if class == 0 => out.push_str("[^\\n\\r\\x{2028}\\x{2029}]"),
            '{' if class == 0 => match count(characters.clone().collect::<String>().as_str()) {
                Some(length) => {
                    out.push('{');
                    out.extend(characters.by_ref().take(length));
                }
                None => out.push_str("\\{"),
            },
            '}' if class == 0 => out.push_str("\\}"),
            other => out.push(other),
        }
    }
    out
}

/// Characters of `2}`, `2,}` or `2,3}` at the start of this; without one of them a brace is a brace.
fn count(text: &str) -> Option<usize> {
    let end = text.find('}')?;
    let (least, most) = text.get(..end).map(|inner| inner.split_once(',').unwrap_or((inner, "")))?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!least.is_empty() && digits(least) && digits(most)).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notation_of_javascript() {
        let finds = |source: &str, text: &str| {
            let pattern = Pattern::new(source, "", 1, 0).unwrap();
            pattern.find(text, 0, &Meter::new(1_000)).unwrap().map(|found| text[found.start..found.end].to_owned())
        };
        for (source, text, expected) in [
            ("\\d+", "a12\u{664}", Some("12")),
            ("\\w+", "éa_1", Some("a_1")),
            ("a{2}", "aaa", Some("aa")),
            ("a{,2}", "a{,2}", Some("a{,2}")),
            ("{x}", "{x}", Some("{x}")),
            ("[[]", "[", Some("[")),
            ("[]", "a", None),
            ("[^]", "\n", Some("\n")),
            ("a\\/b", "a/b", Some("a/b")),
            ("\\u0041", "A", Some("A")),
            ("a.b", "a\u{2028}b", None),
            ("[a-c&&b]+", "a&b", Some("a&b")),
        ] {
            assert_eq!(finds(source, text).as_deref(), expected, "{source}");
        }
        assert!(Pattern::new("(a)\\1", "", 1, 0).is_err());
        assert!(Pattern::new("(?=a)", "", 1, 0).is_err());
        assert!(Pattern::new("a", "", MAX_PATTERNS + 1, 0).is_err());
    }
}
