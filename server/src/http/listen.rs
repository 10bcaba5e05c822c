//! Connections: taken, bounded, and let go.

use super::access::Access;
use super::protocol::{Response, respond};
use crate::console::{POLICY, Page, page};
use crate::error::ApiError;
use crate::operations::Api;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// How much the server takes on.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// Bytes of a request's body. AWS takes 1 MB; a definition of that length, as a JSON text, is longer.
    pub(crate) body: usize,
    /// Connections at one time; more wait in the machine's queue.
    pub(crate) connections: usize,
    /// How long a client may take to send the head of a request, and again for its body.
    pub(crate) patience: Duration,
    /// How long connections have to end when the server stops.
    pub(crate) farewell: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body: 4 << 20,
            connections: 4_096,
            patience: Duration::from_secs(20),
            farewell: Duration::from_secs(3),
        }
    }
}

/// What requests are answered with.
pub(crate) struct Doors {
    pub(crate) api: Arc<Api>,
    pub(crate) access: Access,
    pub(crate) limits: Limits,
}

type Reply = hyper::Response<Full<Bytes>>;

/// Takes connections until told to stop, then lets those that work finish.
pub(crate) async fn listen(listener: TcpListener, doors: Arc<Doors>, mut stop: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(doors.limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = room.clone().acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let (doors, stop) = (doors.clone(), stop.clone());
                connections.spawn(async move {
                    converse(stream, doors, stop).await;
                    drop(place);
                });
            }
            // Out of file handles, for example: what is open must end first.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    // What has not ended by then is cut off when the set is dropped.
    let _ = tokio::time::timeout(doors.limits.farewell, ended).await;
}

async fn converse(stream: TcpStream, doors: Arc<Doors>, mut stop: watch::Receiver<bool>) {
    // Small answers are not to wait for larger ones; where this fails they do.
    let _ = stream.set_nodelay(true);
    let patience = doors.limits.patience;
    let service = service_fn(move |request| {
        let doors = doors.clone();
        async move { Ok::<_, Infallible>(answer(&doors, request).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(64 << 10);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // A client that hung up or sent no HTTP: there is nobody to tell.
        _ = connection.as_mut() => return,
        _ = stop.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn answer(doors: &Doors, request: Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    if let Err(error) = doors.access.check(&head.headers) {
        return json_reply(Response::from(&error));
    }
    if head.method == Method::GET {
        return match head.uri.path() {
            "/healthz" => reply(200, "text/plain; charset=utf-8", "ok\n"),
            "/metrics" => match doors.api.engine.store().count_open().await {
                Ok(open) => reply(200, "text/plain; version=0.0.4", doors.api.watch.figures.text(open)),
                Err(error) => reply(500, "text/plain; charset=utf-8", format!("{error}\n")),
            },
            path => match page(&doors.api, path, head.uri.query().unwrap_or_default()).await {
                Some(page) => for_browsers(page),
                None => reply(404, "text/plain; charset=utf-8", "there is no such page\n"),
            },
        };
    }
    if head.method != Method::POST {
        return reply(405, "text/plain; charset=utf-8", "POST is the method of the API\n");
    }
    let target = head.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let body = match read(body, &doors.limits).await {
        Ok(body) => body,
        Err(error) => return json_reply(Response::from(&error)),
    };
    // On a task of its own: a client that hangs up does not undo what it has asked for.
    let (api, target) = (doors.api.clone(), target.map(str::to_owned));
    let answered = tokio::spawn(async move { respond(&api, target.as_deref(), &body).await });
    let response = answered.await.unwrap_or_else(|_| Response::from(&ApiError::internal("the server failed")));
    doors.api.watch.figures.answered(response.status);
    json_reply(response)
}

async fn read(body: Incoming, limits: &Limits) -> Result<Bytes, ApiError> {
    match tokio::time::timeout(limits.patience, Limited::new(body, limits.body).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            let message = format!("a request has at most {} bytes", limits.body);
            Err(ApiError::protocol(413, "RequestEntityTooLargeException", &message))
        }
        Ok(Err(_)) => Err(ApiError::serialization("the body ended before its end")),
        Err(_) => Err(ApiError::protocol(408, "RequestTimeoutException", "the body did not come in time")),
    }
}

fn json_reply(response: Response) -> Reply {
    let mut reply = reply(response.status, "application/x-amz-json-1.0", response.body);
    if let Some(id) = crate::random::uuid().ok().and_then(|id| HeaderValue::from_str(&id).ok()) {
        reply.headers_mut().insert("x-amzn-requestid", id);
    }
    reply
}

fn for_browsers(page: Page) -> Reply {
    let body = match page.body {
        Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
        Cow::Owned(text) => Bytes::from(text),
    };
    let mut reply = reply(page.status, page.content_type, body);
    let headers = reply.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

fn reply(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = hyper::Response::new(Full::new(body.into()));
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}
