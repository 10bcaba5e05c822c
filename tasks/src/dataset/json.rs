//! The elements of a JSON list, which may lie deep in an object.
//!
//! The text is not read as a whole: a scanner that knows only brackets and quotes cuts the elements out, and each of
//! them is then read as JSON. What follows the list is scanned too, so that a text that was cut off is noticed.

use super::items::{Broken, Items, MAX_ITEM, Next};
use super::stream::Stream;
use aslx_asl::Value;
use std::io::BufRead;

pub(super) struct JsonItems {
    scanner: Scanner,
    /// The containers around the list, from the outermost.
    around: Vec<Container>,
    number: u64,
    ended: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    List,
    Object,
}

impl Container {
    fn close(self) -> u8 {
        match self {
            Container::List => b']',
            Container::Object => b'}',
        }
    }
}

impl JsonItems {
    pub(super) fn new(stream: Stream, pointer: Option<&str>) -> Result<JsonItems, Broken> {
        let mut items = JsonItems {
            scanner: Scanner { stream, offset: 0, text: Vec::new() },
            around: Vec::new(),
            number: 0,
            ended: false,
        };
        let pointer = pointer.unwrap_or_default();
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            if !items.descend(&token)? {
                return Err(Broken::new(format!("The ItemsPointer '{pointer}' finds nothing in the data set.")));
            }
        }
        match items.scanner.peek()? {
            Some(b'[') => items.scanner.skip(),
            None => return Err(items.scanner.early()),
            // Recorded for an object.
            Some(_) => return Err(Broken::new("Attempting to map over non-iterable node.")),
        }
        if items.scanner.peek()? == Some(b']') {
            items.scanner.skip();
            items.finish()?;
        }
        Ok(items)
    }

    /// Goes to a member or an element; false if there is none.
    fn descend(&mut self, token: &str) -> Result<bool, Broken> {
        let scanner = &mut self.scanner;
        let container = match scanner.peek()? {
            Some(b'{') => Container::Object,
            Some(b'[') => Container::List,
            None => return Err(scanner.early()),
            Some(_) => return Ok(false),
        };
        scanner.skip();
        self.around.push(container);
        if scanner.peek()? == Some(container.close()) {
            return Ok(false);
        }
        for index in 0usize.. {
            scanner.stream.item_begins();
            let here = match container {
                Container::Object => scanner.key()? == token,
                Container::List => token == index.to_string(),
            };
            if here {
                return Ok(true);
            }
            scanner.value(false)?;
            if !scanner.another(container)? {
                break;
            }
        }
        Ok(false)
    }

    /// Everything that closes around the list, and nothing after it.
    fn finish(&mut self) -> Result<(), Broken> {
        self.ended = true;
        while let Some(container) = self.around.pop() {
            while self.scanner.another(container)? {
                self.scanner.stream.item_begins();
                if container == Container::Object {
                    self.scanner.key()?;
                }
                self.scanner.value(false)?;
            }
        }
        match self.scanner.peek()? {
            None => Ok(()),
            Some(_) => Err(self.scanner.wrong("something follows the end of the JSON text")),
        }
    }
}

impl Items for JsonItems {
    fn next(&mut self) -> Next {
        if self.ended {
            return Ok(None);
        }
        let scanner = &mut self.scanner;
        scanner.stream.item_begins();
        scanner.value(true)?;
        self.number += 1;
        let bad = |what: &str| Broken::new(format!("Item {} of {} is {what}.", self.number - 1, scanner.stream.name()));
        if scanner.text.len() as u64 > MAX_ITEM {
            return Err(bad(&format!("larger than {MAX_ITEM} bytes")));
        }
        let text = std::str::from_utf8(&scanner.text).map_err(|_| bad("not UTF-8"))?;
        let value = Value::parse(text).map_err(|error| bad(&format!("not JSON: {}", error.message())))?;
        if !scanner.another(Container::List)? {
            self.finish()?;
        }
        Ok(Some(value))
    }
}

/// Cuts a text into values.
struct Scanner {
    stream: Stream,
    offset: u64,
    /// The value that was kept last.
    text: Vec<u8>,
}

impl Scanner {
    fn wrong(&self, what: &str) -> Broken {
        Broken::new(format!("{} is not JSON: {what} at byte {}.", self.stream.name(), self.offset))
    }

    fn early(&self) -> Broken {
        self.wrong("it ends too early,")
    }

    fn byte(&mut self) -> Result<Option<u8>, Broken> {
        let buffer = self.stream.fill_buf().map_err(|error| Broken::new(format!("{error}.")))?;
        Ok(buffer.first().copied())
    }

    fn skip(&mut self) {
        self.stream.consume(1);
        self.offset += 1;
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Result<Option<u8>, Broken> {
        while let Some(byte) = self.byte()? {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Ok(Some(byte));
            }
            self.skip();
            // White space belongs to no item.
            self.stream.item_begins();
        }
        Ok(None)
    }

    /// Whether a comma or the end of a container is next; goes past it.
    fn another(&mut self, container: Container) -> Result<bool, Broken> {
        let next = self.peek()?;
        if next != Some(b',') && next != Some(container.close()) {
            return Err(match next {
                None => self.early(),
                Some(_) => self.wrong("a comma or the end of a list or object is missing"),
            });
        }
        self.skip();
        Ok(next == Some(b','))
    }

    /// The name of a member, and its colon.
    fn key(&mut self) -> Result<String, Broken> {
        if self.peek()? != Some(b'"') {
            return Err(self.wrong("the name of a member is missing"));
        }
        self.value(true)?;
        let name = std::str::from_utf8(&self.text).ok().and_then(|text| Value::parse(text).ok());
        let Some(Value::String(name)) = name else { return Err(self.wrong("the name of a member is no text")) };
        if self.peek()? != Some(b':') {
            return Err(self.wrong("a colon is missing"));
        }
        self.skip();
        Ok(name.to_string())
    }

    /// Goes past one value, and keeps its text if that is wanted.
    fn value(&mut self, keep: bool) -> Result<(), Broken> {
        self.text.clear();
        let Some(first) = self.peek()? else { return Err(self.early()) };
        let mut length = 0;
        let mut cut = Cut { depth: 0, quoted: false, escaped: false, scalar: !matches!(first, b'"' | b'[' | b'{') };
        loop {
            let buffer = self.stream.fill_buf().map_err(|error| Broken::new(format!("{error}.")))?;
            if buffer.is_empty() {
                // A number at the end of the text is whole.
                return if cut.scalar && cut.depth == 0 { Ok(()) } else { Err(self.early()) };
            }
            let (count, ended) = cut.take(buffer);
            if keep {
                self.text.extend_from_slice(buffer.get(..count).unwrap_or_default());
            }
            self.stream.consume(count);
            self.offset += count as u64;
            length += count;
            if ended {
                return if length == 0 { Err(self.wrong("a value is missing")) } else { Ok(()) };
            }
            if !keep {
                self.stream.item_begins();
            }
        }
    }
}

/// How far a value has been gone through.
struct Cut {
    depth: u64,
    quoted: bool,
    escaped: bool,
    scalar: bool,
}

impl Cut {
    /// How many of these bytes belong to the value, and whether it ends there.
    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        for (index, byte) in bytes.iter().enumerate() {
            if self.quoted {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.quoted = false,
                    _ => continue,
                }
                if !self.quoted && self.depth == 0 {
                    return (index + 1, true);
                }
                continue;
            }
            match byte {
                b'"' if !self.scalar => self.quoted = true,
                b'[' | b'{' if !self.scalar => self.depth += 1,
                b']' | b'}' if !self.scalar => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return (index + 1, true);
                    }
                }
                b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t' if self.scalar => return (index, true),
                _ => {}
            }
        }
        (bytes.len(), false)
    }
}
