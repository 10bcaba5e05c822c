//! Posting to somebody else's server: status events to a webhook, spans to a collector. HTTP/1.1, one connection that
//! is kept, answers that nobody needs to read.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use std::fmt;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

/// How long a post may take, with its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of an answer that are read so that the connection can be used again.
const ANSWER: usize = 64 << 10;

/// Where to post: `http://host:port/path`. TLS is not spoken: what leaves the machine goes through a collector or a
/// proxy on it that does.
#[derive(Clone)]
pub struct Endpoint {
    host: String,
    port: u16,
    authority: HeaderValue,
    path: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// Headers may hold secrets, and so may a query.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split('?').next().unwrap_or_default();
        write!(f, "http://{}{path}", self.authority.to_str().unwrap_or_default())
    }
}

impl Endpoint {
    /// Reads a URL. Errors: it is none, or not one of `http`, in words for whoever wrote it.
    pub fn parse(url: &str) -> Result<Endpoint, String> {
        let uri: Uri = url.parse().map_err(|error| format!("`{url}` is no URL: {error}"))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return Err("https is not spoken: post to a collector or proxy on this machine that does".to_owned());
            }
            _ => return Err(format!("`{url}` is no URL that begins with http://")),
        }
        let authority = uri.authority().ok_or_else(|| format!("`{url}` names no host"))?;
        if authority.as_str().contains('@') {
            return Err("names and passwords do not belong into a URL".to_owned());
        }
        let shown = HeaderValue::from_str(authority.as_str()).map_err(|error| error.to_string())?;
        Ok(Endpoint {
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(80),
            authority: shown,
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            headers: Vec::new(),
        })
    }

    /// The same, and this path if the URL had none.
    #[must_use]
    pub fn or_path(mut self, path: &str) -> Endpoint {
        if self.path == "/" {
            path.clone_into(&mut self.path);
        }
        self
    }

    /// With a header of its own, for example one that says who posts. Errors: it is no header.
    pub fn header(mut self, name: &str, value: &str) -> Result<Endpoint, String> {
        let bad = || format!("`{name}` and its value are no header");
        let name: HeaderName = name.parse().map_err(|_| bad())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| bad())?;
        value.set_sensitive(true);
        self.headers.push((name, value));
        Ok(self)
    }
}

/// Why something was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Later it may be taken; the receiver may have said when.
    ForNow { why: String, after: Option<Duration> },
    /// It will never be taken.
    ForEver(String),
}

impl Refused {
    fn for_now(why: impl fmt::Display) -> Refused {
        Refused::ForNow { why: why.to_string(), after: None }
    }
}

/// Posts to one endpoint, one thing after the other.
pub(crate) struct Poster {
    endpoint: Endpoint,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Poster {
    pub(crate) fn new(endpoint: Endpoint) -> Poster {
        Poster { endpoint, connection: None }
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Posts JSON. Errors: it was not taken, or nobody knows whether it was.
    pub(crate) async fn post(&mut self, body: Bytes) -> Result<(), Refused> {
        match tokio::time::timeout(PATIENCE, self.exchange(body)).await {
            Ok(result) => result,
            Err(_) => {
                self.connection = None;
                Err(Refused::for_now(format_args!("no answer within {} s", PATIENCE.as_secs())))
            }
        }
    }

    async fn exchange(&mut self, body: Bytes) -> Result<(), Refused> {
        let mut connection = match self.connection.take().filter(|connection| !connection.is_closed()) {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        connection.ready().await.map_err(Refused::for_now)?;
        let response = connection.send_request(self.request(body)?).await.map_err(Refused::for_now)?;
        let (head, answer) = response.into_parts();
        if Limited::new(answer, ANSWER).collect().await.is_ok() {
            self.connection = Some(connection);
        }
        let after = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let why = format!("it answered {}", head.status.as_u16());
        match head.status.as_u16() {
            200..300 => Ok(()),
            408 | 409 | 425 | 429 | 500.. => Err(Refused::ForNow { why, after: after.map(Duration::from_secs) }),
            _ => Err(Refused::ForEver(why)),
        }
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Refused> {
        let address = (self.endpoint.host.as_str(), self.endpoint.port);
        let stream = TcpStream::connect(address).await.map_err(Refused::for_now)?;
        // Where this fails a post waits for a packet to fill.
        let _ = stream.set_nodelay(true);
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(Refused::for_now)?;
        // It ends with its sender; an error shows where something is sent.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(sender)
    }

    fn request(&self, body: Bytes) -> Result<Request<Full<Bytes>>, Refused> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(self.endpoint.path.as_str())
            .header(HOST, self.endpoint.authority.clone())
            .header(USER_AGENT, concat!("aslx/", env!("CARGO_PKG_VERSION")))
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_LENGTH, body.len());
        for (name, value) in &self.endpoint.headers {
            request = request.header(name, value.clone());
        }
        request.body(Full::new(body)).map_err(|error| Refused::ForEver(error.to_string()))
    }
}

/// The end of a wait that begins now.
#[expect(
    clippy::disallowed_methods,
    reason = "how long others are waited for is real time, whatever executions live in"
)]
pub(crate) fn deadline(wait: Duration) -> Instant {
    Instant::now() + wait
}

/// How long who posts still waits for others: as long as it takes, and once the server stops a few seconds in all.
pub(crate) struct Leave {
    stop: watch::Receiver<bool>,
    farewell: Duration,
    until: Option<Instant>,
}

impl Leave {
    pub(crate) fn new(stop: watch::Receiver<bool>, farewell: Duration) -> Leave {
        Leave { stop, farewell, until: None }
    }

    /// Whether the server stops.
    pub(crate) fn is_asked(&self) -> bool {
        self.until.is_some() || *self.stop.borrow()
    }

    /// Waits until the server stops, or has gone.
    pub(crate) async fn asked(&mut self) {
        let _ = self.stop.wait_for(|stop| *stop).await;
        self.until.get_or_insert_with(|| deadline(self.farewell));
    }

    /// Waits for something; nothing if the server stops and the time is up.
    pub(crate) async fn wait<T>(&mut self, something: impl Future<Output = T>) -> Option<T> {
        let mut something = std::pin::pin!(something);
        if self.until.is_none() {
            tokio::select! {
                biased;
                done = &mut something => return Some(done),
                () = self.asked() => {}
            }
        }
        match self.until {
            Some(until) => timeout_at(until, something).await.ok(),
            None => Some(something.await),
        }
    }

    /// Lets time pass before the next attempt, less if the server stops; `false` if there is no time for one.
    pub(crate) async fn pause(&mut self, pause: Duration) -> bool {
        match self.until {
            Some(until) if deadline(pause) < until => sleep(pause).await,
            Some(_) => return false,
            None => tokio::select! {
                () = sleep(pause) => {}
                () = self.asked() => {}
            },
        }
        true
    }
}

/// Times between attempts: doubled each time, up to a bound.
#[derive(Debug)]
pub(crate) struct BackOff {
    next: Duration,
}

impl BackOff {
    const FIRST: Duration = Duration::from_millis(200);
    const LONGEST: Duration = Duration::from_secs(30);

    pub(crate) fn new() -> BackOff {
        BackOff { next: BackOff::FIRST }
    }

    /// How long to wait now; the receiver may have asked for longer.
    pub(crate) fn wait(&mut self, asked: Option<Duration>) -> Duration {
        let wait = self.next.max(asked.unwrap_or_default()).min(BackOff::LONGEST);
        self.next = (self.next * 2).min(BackOff::LONGEST);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let shown = |url: &str| Endpoint::parse(url).map(|endpoint| endpoint.or_path("/v1/traces").to_string());
        assert_eq!(shown("http://localhost:4318"), Ok("http://localhost:4318/v1/traces".to_owned()));
        assert_eq!(shown("http://[::1]:4318/"), Ok("http://[::1]:4318/v1/traces".to_owned()));
        // A query may hold a key.
        assert_eq!(shown("http://hook.test/a/b?key=secret"), Ok("http://hook.test/a/b".to_owned()));
        assert!(shown("https://hook.test/").unwrap_err().contains("https is not spoken"));
        assert!(shown("http://me:secret@hook.test/").is_err_and(|error| !error.contains("secret")));
        for url in ["", "hook.test", "ftp://hook.test/", "/a"] {
            assert!(Endpoint::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn back_off_grows_to_a_bound() {
        let mut back_off = BackOff::new();
        let waits: Vec<u128> = (0..10).map(|_| back_off.wait(None).as_millis()).collect();
        assert_eq!(waits, [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
        assert_eq!(BackOff::new().wait(Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(BackOff::new().wait(Some(Duration::from_secs(7_000))), BackOff::LONGEST);
    }
}
