//! Unpacked text, never more than one item of it at a time.

use super::blocks::Blocks;
use super::items::{Broken, MAX_ITEM};
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// Bytes that are read ahead of an item.
const AHEAD: u64 = 256 * 1024;

/// The unpacked bytes of an object. Reading more than an item may have without [`Stream::item_begins`] is an error:
/// neither an open quote nor a bomb fills the memory.
pub(super) struct Stream {
    inner: BufReader<Box<dyn Read + Send>>,
    name: String,
    since: u64,
}

/// The bytes of an object, unpacked if they begin as gzip or zstd do.
pub(super) fn unpacked(object: Blocks) -> Result<Stream, Broken> {
    let name = object.name();
    unpack(Box::new(object), name)
}

/// The same for anything that can be read.
pub(super) fn unpack(mut raw: Box<dyn Read + Send>, name: String) -> Result<Stream, Broken> {
    let head = head(&mut raw, 4).map_err(|error| Broken::new(format!("{error}.")))?;
    let packed = Cursor::new(head.clone()).chain(raw);
    let inner: Box<dyn Read + Send> = match head.as_slice() {
        [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(BufReader::new(packed))),
        [0x28, 0xb5, 0x2f, 0xfd] => {
            Box::new(zstd::Decoder::new(packed).map_err(|error| Broken::new(format!("{name} is not zstd: {error}.")))?)
        }
        _ => Box::new(packed),
    };
    Ok(Stream { inner: BufReader::with_capacity(64 * 1024, inner), name, since: 0 })
}

/// A stream without the byte order mark that some programs put first. UTF-16, which they may mean by it, is refused.
pub(super) fn checked(mut stream: Stream, name: &str) -> Result<Stream, Broken> {
    let head = head(&mut stream, 3).map_err(|error| Broken::new(format!("{error}.")))?;
    match head.as_slice() {
        [0xef, 0xbb, 0xbf] => Ok(stream),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(Broken::new(format!("{name} is UTF-16; UTF-8 is read."))),
        _ => {
            let Stream { inner, name, since } = stream;
            let inner: Box<dyn Read + Send> = Box::new(Cursor::new(head).chain(inner));
            Ok(Stream { inner: BufReader::with_capacity(64 * 1024, inner), name, since })
        }
    }
}

fn head(from: &mut impl Read, count: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    from.take(count).read_to_end(&mut head)?;
    Ok(head)
}

impl Stream {
    /// How people call the object.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What is read from now on belongs to another item.
    pub(super) fn item_begins(&mut self) {
        self.since = 0;
    }

    fn count(&mut self, read: usize) -> io::Result<()> {
        self.since += read as u64;
        if self.since > MAX_ITEM + AHEAD {
            return Err(io::Error::other(format!("{} has an item of more than {MAX_ITEM} bytes", self.name)));
        }
        Ok(())
    }

    fn named(&self, error: io::Error) -> io::Error {
        let what = match error.kind() {
            io::ErrorKind::UnexpectedEof => format!("{} ends in the middle of its packed data", self.name),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                format!("{} cannot be unpacked: {error}", self.name)
            }
            _ => error.to_string(),
        };
        io::Error::new(error.kind(), what)
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer).map_err(|error| self.named(error))?;
        self.count(read)?;
        Ok(read)
    }
}

impl BufRead for Stream {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        // Twice, because a borrow that is returned cannot be given up again in the case of an error.
        if let Err(error) = self.inner.fill_buf() {
            return Err(self.named(error));
        }
        self.count(0)?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
        self.since += amount as u64;
    }
}
