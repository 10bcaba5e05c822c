//! Texts with wildcards: `arn:aws:states:us-east-1:111111111111:execution:<ArnPart_0idx>:<uuid:1>`.

use std::collections::BTreeMap;

/// The longest name of a wildcard, after its first letter.
const LONGEST_NAME: usize = 60;

/// Steps that one text may take before it counts as different: a text with many wildcards against a long answer would
/// otherwise be tried in very many ways.
const STEPS: usize = 100_000;

/// What the numbered wildcards of one comparison stand for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bindings(BTreeMap<String, String>);

impl Bindings {
    /// Nothing bound yet.
    pub fn new() -> Bindings {
        Bindings::default()
    }

    /// What this wildcard (with its angle brackets) stands for.
    pub fn get(&self, wildcard: &str) -> Option<&str> {
        self.0.get(wildcard).map(String::as_str)
    }
}

/// A part of an expected text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    /// Stands for itself.
    Literal(&'a str),
    /// Stands for any text; with its angle brackets.
    Wildcard(&'a str),
}

/// Whether the whole text is one wildcard.
pub(super) fn is_wildcard(text: &str) -> bool {
    matches!(pieces(text).as_slice(), [Piece::Wildcard(_)])
}

/// Whether a wildcard occurs in the text.
pub(super) fn has_wildcard(text: &str) -> bool {
    pieces(text).iter().any(|piece| matches!(piece, Piece::Wildcard(_)))
}

/// Whether `got` is what `want` describes. Binds the numbered wildcards when it is.
pub(super) fn matches(want: &str, got: &str, bindings: &mut Bindings) -> bool {
    let pieces = pieces(want);
    if pieces.iter().all(|piece| matches!(piece, Piece::Literal(_))) {
        return want == got;
    }
    let mut search = Search { bindings, chosen: Vec::new(), steps: 0 };
    if !search.fits(&pieces, got) {
        return false;
    }
    let chosen = search.chosen;
    for (wildcard, text) in chosen {
        if is_numbered(wildcard) {
            bindings.0.insert(wildcard.to_owned(), text.to_owned());
        }
    }
    true
}

/// A numbered (`<uuid:1>`) or indexed (`<ArnPart_0idx>`) wildcard stands for one text throughout a comparison.
fn is_numbered(wildcard: &str) -> bool {
    let name = wildcard.trim_end_matches('>');
    let by_number = name
        .rsplit_once(':')
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    let by_index = name.strip_suffix("idx").is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()));
    by_number || by_index
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(at) = rest.get(from..).and_then(|tail| tail.find('<')).map(|at| at + from) {
        let (before, here) = rest.split_at(at);
        match wildcard_length(here) {
            Some(length) => {
                if !before.is_empty() {
                    found.push(Piece::Literal(before));
                }
                let (wildcard, after) = here.split_at(length);
                found.push(Piece::Wildcard(wildcard));
                rest = after;
                from = 0;
            }
            None => from = at + 1,
        }
    }
    if !rest.is_empty() {
        found.push(Piece::Literal(rest));
    }
    found
}

/// Bytes of the wildcard at the start of `text`, which starts with `<`.
fn wildcard_length(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('<')?;
    let end = inside.bytes().take(LONGEST_NAME + 2).position(|b| b == b'>')?;
    let name = inside.get(..end)?;
    let mut letters = name.bytes();
    let first = letters.next()?;
    let named = (first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|b| b.is_ascii_alphanumeric() || b"_.:/ -".contains(&b));
    named.then_some(end + 2)
}

/// Looks for a way to read a text, shortest texts for the wildcards first.
struct Search<'a, 'b> {
    bindings: &'b Bindings,
    chosen: Vec<(&'a str, &'a str)>,
    steps: usize,
}

impl<'a> Search<'a, '_> {
    fn fits(&mut self, pieces: &[Piece<'a>], text: &'a str) -> bool {
        self.steps += 1;
        if self.steps > STEPS {
            return false;
        }
        let Some((piece, rest)) = pieces.split_first() else {
            return text.is_empty();
        };
        let wildcard = match piece {
            Piece::Literal(literal) => {
                return text.strip_prefix(literal).is_some_and(|text| self.fits(rest, text));
            }
            Piece::Wildcard(wildcard) => *wildcard,
        };
        let before = self.chosen.iter().find(|(name, _)| *name == wildcard).map(|(_, text)| *text);
        if let Some(same) = self.bindings.get(wildcard).or(before) {
            return text.strip_prefix(same).is_some_and(|text| self.fits(rest, text));
        }
        for end in boundaries(text) {
            let (here, after) = text.split_at(end);
            let possible = match rest.first() {
                None => after.is_empty(),
                Some(Piece::Literal(next)) => after.starts_with(next),
                Some(Piece::Wildcard(_)) => self.steps < STEPS,
            };
            if !possible {
                continue;
            }
            self.chosen.push((wildcard, here));
            if self.fits(rest, after) {
                return true;
            }
            self.chosen.pop();
        }
        false
    }
}

/// Every place at which the text can be split.
fn boundaries(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pairs: &[(&str, &str)], expected: bool) {
        let mut bindings = Bindings::new();
        let all = pairs.iter().all(|(want, got)| matches(want, got, &mut bindings));
        assert_eq!(all, expected, "{pairs:?}");
    }

    #[test]
    fn a_wildcard_matches_any_text_also_none() {
        check(&[("<x>", "")], true);
        check(&[("a<x>b", "ab")], true);
        check(&[("a<x>b", "a some\nlines b")], true);
        check(&[("a<x>b", "a b c")], false);
        check(&[("a<x>b<y>c", "a1b2b3c")], true);
        check(&[("a<x>b<y>c", "a1b2b3cd")], false);
    }

    #[test]
    fn what_is_no_wildcard_stands_for_itself() {
        check(&[("1 < 2 > 0", "1 < 2 > 0")], true);
        check(&[("<>", "x")], false);
        check(&[("<1>", "x")], false);
        check(&[("<a,b>", "x")], false);
        check(&[("<<uuid:1>>", "<12>")], true);
        let long = format!("<{}>", "a".repeat(LONGEST_NAME + 2));
        check(&[(&long, "x")], false);
        let fits = format!("<{}>", "a".repeat(LONGEST_NAME + 1));
        check(&[(&fits, "x")], true);
        check(&[("é<x>ü<", "é-ü<")], true);
    }

    #[test]
    fn a_numbered_wildcard_is_one_text() {
        check(&[("<uuid:1>", "a"), ("<uuid:1>", "a")], true);
        check(&[("<uuid:1>", "a"), ("<uuid:1>", "b")], false);
        check(&[("<uuid:1>", "a"), ("<uuid:2>", "b")], true);
        check(&[("x:<Arn_0idx>:y", "x:m:y"), ("<Arn_0idx>!", "n!")], false);
        check(&[("<Arn_idx>", "a"), ("<Arn_idx>", "b")], true);
        check(&[("<date>", "a"), ("<date>", "b")], true);
        check(&[("<uuid:1>-<uuid:1>", "ab-ab")], true);
        check(&[("<uuid:1>-<uuid:1>", "ab-ac")], false);
        check(&[("<uuid:1><uuid:2>x", "abx"), ("<uuid:2>", "ab")], true);
    }

    #[test]
    fn a_failed_text_binds_nothing() {
        let mut bindings = Bindings::new();
        assert!(!matches("<uuid:1>!", "a", &mut bindings));
        assert_eq!(bindings, Bindings::new());
        assert!(matches("<uuid:1>!", "b!", &mut bindings));
        assert_eq!(bindings.get("<uuid:1>"), Some("b"));
    }

    #[test]
    fn many_wildcards_against_a_long_text_come_to_an_end() {
        let want = "<a><b><c><d><e><f>!";
        assert!(!matches(want, &"x".repeat(100), &mut Bindings::new()));
    }
}
