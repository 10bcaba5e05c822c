//! Reading a path.

use super::error::PathError;
use super::filter::Filter;
use super::function::Function;
use super::segment::{Body, MAX_SEGMENTS, Segment};
use super::step::{Path, Root, Step, name_length};
use std::sync::Arc;

/// Filters within filters.
const MAX_FILTERS: usize = 4;

/// Reads a whole path, root included.
pub(super) fn path(text: &str) -> Result<Path, PathError> {
    let Some(rest) = text.strip_prefix('$') else {
        return Err(PathError::new(0, "a path begins with `$`"));
    };
    let (root, length) = if rest.starts_with('$') {
        (Root::Context, 2)
    } else {
        match name_length(rest) {
            0 => (Root::Input, 1),
            n => (Root::Variable(rest.get(..n).unwrap_or_default().into()), 1 + n),
        }
    };
    let mut parser = Parser { text, at: length, root_is_input: root == Root::Input, filters: 0 };
    let segments = parser.segments()?;
    if !parser.rest().is_empty() {
        return Err(parser.error("expected `.` or `[`"));
    }
    let plain = !unquoted_operator(text.get(length..).unwrap_or_default());
    Ok(Path { source: text.into(), root, body: Body::new(segments), plain })
}

/// Whether one of the operators that no reference path may have stands outside quotes.
fn unquoted_operator(text: &str) -> bool {
    let mut quote = None;
    let mut escaped = false;
    for c in text.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None if matches!(c, '@' | ',' | ':' | '?' | '*' | '(') => return true,
            None => {}
        }
    }
    text.contains("..")
}

/// A place in the text of a path.
pub(super) struct Parser<'t> {
    text: &'t str,
    at: usize,
    root_is_input: bool,
    /// Filters that are open.
    filters: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn at(&self) -> usize {
        self.at
    }
    pub(super) fn root_is_input(&self) -> bool {
        self.root_is_input
    }
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }
    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let there = self.rest().starts_with(symbol);
        if there {
            self.skip(symbol.len());
        }
        there
    }
    pub(super) fn expect(&mut self, symbol: &str, message: &str) -> Result<(), PathError> {
        if self.take(symbol) { Ok(()) } else { Err(self.error(message)) }
    }
    pub(super) fn blanks(&mut self) -> &mut Self {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
        self
    }
    pub(super) fn error(&self, message: impl Into<String>) -> PathError {
        PathError::new(self.at, message)
    }

    /// Everything behind the root, up to the first character that belongs to no step.
    pub(super) fn segments(&mut self) -> Result<Vec<Segment>, PathError> {
        let mut segments = Vec::new();
        loop {
            if segments.len() >= MAX_SEGMENTS {
                return Err(self.error(format!("the path has more than {MAX_SEGMENTS} steps")));
            }
            let start = self.at;
            if self.take("..") {
                segments.push(Segment::Descend);
            } else if self.take(".") {
                // `$.['a b']` is written in AWS's developer guide.
            } else if !self.rest().starts_with('[') {
                break;
            }
            let segment = match self.rest().chars().next() {
                Some('[') => self.bracket()?,
                Some('*') => {
                    self.skip(1);
                    Segment::Wildcard
                }
                Some('.') => return Err(self.error("unexpected `.`")),
                None => return Err(PathError::new(start, "a path must not end with a dot")),
                Some(_) => self.member()?,
            };
            segments.push(segment);
        }
        check_order(&segments).map_err(|message| self.error(message))?;
        Ok(segments)
    }

    /// `name` or `name()` behind a dot.
    fn member(&mut self) -> Result<Segment, PathError> {
        let rest = self.rest();
        let length = rest.find(ends_name).unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default();
        let after = rest.get(length..).and_then(|r| r.chars().next());
        if name.is_empty() {
            return Err(self.error("expected a name, `*` or `[`"));
        }
        match after {
            Some('(') => {
                let Some(function) = Function::named(name) else {
                    let help = format!("functions at the end of a path: {}", Function::names());
                    return Err(self.error(format!("the path function `{name}()` is not supported")).with_help(help));
                };
                self.skip(length + 1);
                self.blanks().expect(")", "arguments of path functions are not supported")?;
                Ok(Segment::Function(function))
            }
            Some(c) if !matches!(c, '.' | '[' | ' ' | ')' | '=' | '!' | '<' | '>' | '&' | '|' | ',' | ']') => {
                self.skip(length);
                let message = format!("`{c}` cannot stand in a name behind a dot");
                Err(self.error(message).with_help("write the name in brackets and quotes, for example `$['a b']`"))
            }
            _ => {
                self.skip(length);
                Ok(Segment::Step(Step::Name(name.into())))
            }
        }
    }

    /// `[` and what follows, up to `]`.
    fn bracket(&mut self) -> Result<Segment, PathError> {
        self.skip(1);
        self.blanks();
        let segment = match self.rest().chars().next() {
            Some(quote @ ('\'' | '"')) => self.names(quote)?,
            Some('0'..='9' | '-' | ':') => self.places()?,
            Some('*') => {
                self.skip(1);
                Segment::Wildcard
            }
            Some('?') => {
                self.skip(1);
                self.blanks();
                if !self.take("(") {
                    let error = self.error("a filter is written in parentheses");
                    return Err(error.with_help("for example `[?(@.price > 10)]`"));
                }
                let filter = self.counted_filter()?;
                self.blanks().expect(")", "expected `)` at the end of the filter")?;
                Segment::Filter(filter)
            }
            Some('(') => return Err(self.error("scripts in paths are not supported")),
            Some(']') => return Err(self.error("the brackets are empty")),
            _ => {
                let error = self.error("expected a name in quotes, an index, a slice, `*` or a filter");
                return Err(error.with_help("names in brackets are quoted: `['name']`"));
            }
        };
        self.blanks().expect("]", "expected `]`")?;
        Ok(segment)
    }

    fn counted_filter(&mut self) -> Result<Filter, PathError> {
        if self.filters >= MAX_FILTERS {
            return Err(self.error("filters are nested too deep"));
        }
        self.filters += 1;
        let filter = self.filter()?;
        self.filters -= 1;
        Ok(filter)
    }

    fn names(&mut self, quote: char) -> Result<Segment, PathError> {
        let mut names: Vec<Arc<str>> = vec![self.quoted(quote, false)?.into()];
        while self.blanks().take(",") {
            match self.blanks().rest().chars().next() {
                Some(quote @ ('\'' | '"')) => names.push(self.quoted(quote, false)?.into()),
                _ => return Err(self.error("expected a name in quotes")),
            }
        }
        Ok(match <[Arc<str>; 1]>::try_from(names) {
            Ok([name]) => Segment::Step(Step::Name(name)),
            Err(names) => Segment::Names(names.into()),
        })
    }

    /// A text in quotes. In a name only the quote itself can be escaped, every other backslash stays (recorded:
    /// `$['a\"b']` reads the member `a\"b`); in a filter's literal a backslash escapes whatever follows.
    pub(super) fn quoted(&mut self, quote: char, unescape: bool) -> Result<String, PathError> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.skip(at + c.len_utf8());
                return Ok(text);
            }
            if c == '\\' {
                match chars.next() {
                    Some((_, next)) if next == quote || unescape => text.push(next),
                    Some((_, next)) => text.extend([c, next]),
                    None => break,
                }
            } else {
                text.push(c);
            }
        }
        Err(PathError::new(start, format!("the closing `{quote}` is missing")))
    }

    /// Indexes or a slice.
    fn places(&mut self) -> Result<Segment, PathError> {
        let first = self.number()?;
        if self.blanks().take(":") {
            let to = self.blanks().number()?;
            if self.blanks().rest().starts_with(':') {
                return Err(self.error("a slice with a step is not supported"));
            }
            if first.is_some_and(|from| from < 0) && to.is_some() {
                // Versions of Jayway disagree about it.
                return Err(self.error("a slice from a negative place to a given end is not supported"));
            }
            return Ok(Segment::Slice(first, to));
        }
        let Some(first) = first else { return Err(self.error("expected a number")) };
        let mut indexes = vec![first];
        while self.blanks().take(",") {
            match self.blanks().number()? {
                Some(index) => indexes.push(index),
                None => return Err(self.error("expected a number")),
            }
        }
        Ok(match <[i64; 1]>::try_from(indexes) {
            Ok([index]) => Segment::Step(Step::Index(index)),
            Err(indexes) => Segment::Indexes(indexes.into()),
        })
    }

    fn number(&mut self) -> Result<Option<i64>, PathError> {
        let rest = self.rest();
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let length = match rest.strip_prefix('-') {
            Some(after) => 1 + digits(after),
            None => digits(rest),
        };
        if length == 0 {
            return Ok(None);
        }
        // Java reads indexes as 32-bit integers.
        match rest.get(..length).and_then(|text| text.parse::<i32>().ok()) {
            Some(number) => {
                self.skip(length);
                Ok(Some(number.into()))
            }
            None => Err(self.error("not an index")),
        }
    }
}

/// Characters that end a name behind a dot, or cannot stand in one.
fn ends_name(c: char) -> bool {
    c.is_whitespace() || c.is_control() || ".[](){},'\"*?!&|<>=~\\".contains(c)
}

/// What may follow what.
fn check_order(segments: &[Segment]) -> Result<(), &'static str> {
    for (at, segment) in segments.iter().enumerate() {
        let (next, after) = (segments.get(at + 1), segments.get(at + 2));
        match (segment, next) {
            (Segment::Function(_), Some(_)) => return Err("a function must be the end of its path"),
            (Segment::Descend, Some(Segment::Function(_))) => return Err("`..` needs a name, `*` or brackets"),
            (Segment::Names(_), Some(Segment::Function(_))) => {
                return Err("a function after several names is not supported");
            }
            // Jayway would go on with every item of the array instead of the selected ones.
            (Segment::Descend, Some(Segment::Step(Step::Index(_)) | Segment::Indexes(_) | Segment::Slice(..)))
                if after.is_some_and(|s| !matches!(s, Segment::Function(_))) =>
            {
                return Err("steps after `..` with an index or a slice are not supported");
            }
            _ => {}
        }
    }
    Ok(())
}
