//! What AWS says of a text that is not JSON: its service reads definitions with the Java library Jackson and passes
//! that library's words on. Recorded are the cases of an unknown word, of a text that ends too soon and of a name
//! without double quotes; the other texts are those of the library.

use super::node::Place;

/// Characters of the source that a message shows.
const SHOWN: usize = 500;

/// AWS's message and location for a text that is not JSON; nothing if Jackson would read it.
pub(super) fn complaint(text: &str) -> Option<(String, String)> {
    let mut scanner = Scanner::of(text);
    let what = scanner.run().err()?;
    let location = scanner.location(scanner.at);
    Some((format!("{what}\n at {location}"), location))
}

/// The same of any text, without a place: what the API says of an input that is not JSON.
pub fn json_complaint(text: &str) -> Option<String> {
    Scanner::of(text).run().err()
}

#[derive(Clone, Copy, PartialEq)]
enum Container {
    Object,
    Array,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    FirstItem,
    FirstName,
    Name,
    Colon,
    Separator,
}

/// Reads until something is wrong; then `at` is where Jackson stands.
struct Scanner<'t> {
    text: &'t str,
    chars: Vec<(usize, char)>,
    at: usize,
    open: Vec<(Container, usize)>,
}

type Read<T> = Result<T, String>;

impl<'t> Scanner<'t> {
    fn of(text: &'t str) -> Scanner<'t> {
        Scanner { text, chars: text.char_indices().collect(), at: 0, open: Vec::new() }
    }
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).map(|(_, c)| *c)
    }

    /// `[Source: (String)"…"; line: 1, column: 2]` for the character before which Jackson stands.
    fn location(&self, at: usize) -> String {
        let byte = self.chars.get(at).map_or(self.text.len(), |(byte, _)| *byte);
        let Place { line, column } = Place::of(self.text, byte);
        let shown: String = self.text.chars().take(SHOWN).collect();
        let cut = match self.chars.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!("[truncated {more} chars]"),
        };
        format!("[Source: (String)\"{shown}\"{cut}; line: {line}, column: {column}]")
    }

    fn run(&mut self) -> Read<()> {
        let mut expect = Expect::Value;
        loop {
            while self.peek().is_some_and(|c| matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{feff}')) {
                self.at += 1;
            }
            let Some(c) = self.peek() else { return self.end() };
            expect = match (expect, c) {
                (Expect::FirstName, '}') | (Expect::FirstItem, ']') => self.close(c)?,
                (Expect::FirstName | Expect::Name, '"') => {
                    self.string()?;
                    Expect::Colon
                }
                (Expect::FirstName | Expect::Name, _) => {
                    return self.unexpected(c, ": was expecting double-quote to start field name");
                }
                (Expect::Colon, ':') => {
                    self.at += 1;
                    Expect::Value
                }
                (Expect::Colon, _) => {
                    return self.unexpected(c, ": was expecting a colon to separate field name and value");
                }
                (Expect::Separator, '}' | ']') => self.close(c)?,
                (Expect::Separator, ',') => {
                    self.at += 1;
                    if self.inside() == Some(Container::Object) { Expect::Name } else { Expect::Value }
                }
                (Expect::Separator, _) => {
                    let kind = if self.inside() == Some(Container::Object) { "Object" } else { "Array" };
                    return self.unexpected(c, &format!(": was expecting comma to separate {kind} entries"));
                }
                (Expect::Value | Expect::FirstItem, _) => self.value(c)?,
            };
            if self.open.is_empty() && expect == Expect::Separator {
                // What follows the first value is never looked at.
                return Ok(());
            }
        }
    }

    fn inside(&self) -> Option<Container> {
        self.open.last().map(|(container, _)| *container)
    }

    fn value(&mut self, c: char) -> Read<Expect> {
        match c {
            '{' | '[' => {
                let container = if c == '{' { Container::Object } else { Container::Array };
                self.open.push((container, self.at));
                self.at += 1;
                Ok(if c == '{' { Expect::FirstName } else { Expect::FirstItem })
            }
            '"' => {
                self.string()?;
                Ok(Expect::Separator)
            }
            '-' | '0'..='9' => {
                self.number()?;
                Ok(Expect::Separator)
            }
            c if c.is_alphabetic() || matches!(c, '_' | '$') => {
                let start = self.at;
                while self.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$')) {
                    self.at += 1;
                }
                let word: String = self.chars.iter().skip(start).take(self.at - start).map(|(_, c)| *c).collect();
                if matches!(word.as_str(), "true" | "false" | "null") {
                    return Ok(Expect::Separator);
                }
                let expected = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
                Err(format!("Unrecognized token '{word}': was expecting {expected}"))
            }
            _ => {
                let expected =
                    ": expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
                self.unexpected(c, expected)
            }
        }
    }

    fn close(&mut self, c: char) -> Read<Expect> {
        let fits = match self.open.last() {
            Some((Container::Object, _)) => '}',
            _ => ']',
        };
        let opened = self.open.last().copied();
        self.at += 1;
        if c != fits
            && let Some((container, at)) = opened
        {
            let kind = if container == Container::Object { "Object" } else { "Array" };
            let start = self.location(at);
            return Err(format!("Unexpected close marker '{c}': expected '{fits}' (for {kind} starting at {start})"));
        }
        self.open.pop();
        Ok(Expect::Separator)
    }

    fn end(&self) -> Read<()> {
        match self.open.last() {
            Some((container, at)) => {
                let kind = if *container == Container::Object { "Object" } else { "Array" };
                let start = self.location(*at);
                Err(format!("Unexpected end-of-input: expected close marker for {kind} (start marker at {start})"))
            }
            None => Ok(()),
        }
    }

    fn unexpected<T>(&mut self, c: char, expected: &str) -> Read<T> {
        self.at += 1;
        let code = u32::from(c);
        let shown = if c < ' ' { format!("(CTRL-CHAR, code {code})") } else { format!("'{c}' (code {code})") };
        Err(format!("Unexpected character ({shown}){expected}"))
    }

    fn string(&mut self) -> Read<()> {
        self.at += 1;
        loop {
            match self.peek() {
                None => {
                    return Err("Unexpected end-of-input: was expecting closing quote for a string value".to_owned());
                }
                Some('"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some('\\') => {
                    self.at += 1;
                    let Some(escaped) = self.peek() else { continue };
                    self.at += 1;
                    match escaped {
                        '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => {}
                        'u' => self.code_unit()?,
                        c => return Err(format!("Unrecognized character escape '{c}' (code {})", u32::from(c))),
                    }
                }
                Some(c) if c < ' ' => {
                    self.at += 1;
                    return Err(format!(
                        "Illegal unquoted character ((CTRL-CHAR, code {})): has to be escaped using backslash to be \
                         included in string value",
                        u32::from(c)
                    ));
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn code_unit(&mut self) -> Read<()> {
        for _ in 0..4 {
            match self.peek() {
                Some(c) if c.is_ascii_hexdigit() => self.at += 1,
                Some(c) => return self.unexpected(c, ": expected a hex-digit for character escape sequence"),
                None => return Ok(()),
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Read<()> {
        if self.peek() == Some('-') {
            self.at += 1;
        }
        match self.peek() {
            Some('0') => {
                self.at += 1;
                if self.peek().is_some_and(|c| c.is_ascii_digit()) {
                    return Err("Invalid numeric value: Leading zeroes not allowed".to_owned());
                }
            }
            Some(c) if c.is_ascii_digit() => {}
            Some(c) => {
                let expected = " in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value";
                return self.unexpected(c, expected);
            }
            None => return Err("Unexpected end-of-input in a Number value".to_owned()),
        }
        while self.peek().is_some_and(|c| matches!(c, '0'..='9' | '.' | 'e' | 'E' | '+' | '-')) {
            self.at += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::complaint;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let (message, location) = complaint(text).unwrap();
        assert_eq!(message, expected);
        assert!(expected.ends_with(&format!("\n at {location}")));
    }

    #[test]
    fn recorded_complaints() {
        check(
            "not a definition",
            "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or \
             'false')\n at [Source: (String)\"not a definition\"; line: 1, column: 4]",
        );
        check(
            "{",
            "Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)\"{\"; line: \
             1, column: 1])\n at [Source: (String)\"{\"; line: 1, column: 2]",
        );
    }

    #[test]
    fn other_complaints() {
        check(
            "{'a': 1}",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name\n at [Source: \
             (String)\"{'a': 1}\"; line: 1, column: 3]",
        );
        check(
            "[1\n}",
            "Unexpected close marker '}': expected ']' (for Array starting at [Source: (String)\"[1\n}\"; line: 1, \
             column: 1])\n at [Source: (String)\"[1\n}\"; line: 2, column: 2]",
        );
        let long = format!("{{\"a\": \"{}\"", "x".repeat(600));
        assert!(complaint(&long).unwrap().1.contains("x\"[truncated 108 chars]; line: 1, column: 609]"));
        assert_eq!(complaint("{\"a\": [1, -2.5e3, \"\\u00e9\", true, {}]}"), None);
    }
}
