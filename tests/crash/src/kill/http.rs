//! The little of HTTP that a client of the server needs.

use serde_json::{Value as Json, json};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than a worker waits for the task of an activity.
const PATIENCE: Duration = Duration::from_secs(90);

/// A connection that is opened when it is needed.
pub(super) struct Connection {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub(super) fn new(address: SocketAddr) -> Connection {
        Connection { address, stream: None }
    }

    /// Calls an operation: gives its answer, or the code of its error and the body.
    ///
    /// Errors: the server has gone, before or after it did what it was asked.
    pub(super) fn call(&mut self, operation: &str, body: &Json) -> io::Result<Result<Json, (String, Json)>> {
        let answered = self.exchange(operation, &body.to_string());
        let (status, body) = match answered {
            Ok(answered) => answered,
            Err(error) => {
                self.stream = None;
                return Err(error);
            }
        };
        let body: Json = serde_json::from_slice(&body).unwrap_or_else(|_| json!({}));
        if status == 200 {
            return Ok(Ok(body));
        }
        let code = body["__type"].as_str().unwrap_or_default();
        Ok(Err((code.rsplit('#').next().unwrap_or_default().to_owned(), body)))
    }

    fn exchange(&mut self, operation: &str, body: &str) -> io::Result<(u16, Vec<u8>)> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                self.stream.insert(BufReader::new(stream))
            }
        };
        let request = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.{operation}\r\n\
             Content-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.get_mut().write_all(request.as_bytes())?;
        let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let line = |stream: &mut BufReader<TcpStream>| {
            let mut line = String::new();
            match stream.read_line(&mut line)? {
                0 => Err(cut()),
                _ => Ok(line.trim_end().to_owned()),
            }
        };
        let head = line(stream)?;
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(cut)?;
        let mut length = 0;
        loop {
            let header = line(stream)?.to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(|_| cut())?;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        Ok((status, body))
    }
}
