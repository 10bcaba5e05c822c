//! From a request of HTTP to its answer: who may call, how much is taken in, pages and the API.

use super::access::Access;
use super::limits::Limits;
use super::protocol::{Response, respond};
use crate::console::{POLICY, Page, page};
use crate::error::ApiError;
use crate::operations::Api;
use aslx_engine::{Clock as _, SystemClock};
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    ACCEPT, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue,
    REFERRER_POLICY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, StatusCode};
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

/// Bytes of a body that needs no room set aside.
const SMALL: u64 = 64 << 10;

/// What requests are answered with.
pub(crate) struct Doors {
    pub(crate) api: Arc<Api>,
    access: Access,
    pub(super) limits: Limits,
    /// Room for larger bodies, in kB.
    room: Semaphore,
    /// True once requests under way are no longer waited for.
    pub(super) cut_off: watch::Sender<bool>,
}

impl Doors {
    pub(crate) fn new(api: Arc<Api>, access: Access, limits: Limits) -> Doors {
        let room = Semaphore::new((limits.bodies.max(limits.body) >> 10) + 1);
        Doors { api, access, limits, room, cut_off: watch::Sender::new(false) }
    }
}

type Reply = hyper::Response<Full<Bytes>>;

pub(super) async fn answer(doors: &Doors, request: Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    // Signatures are of the real time, whatever the executions think it is.
    let pass = match doors.access.check(&head, &doors.api.account.region, SystemClock.now()) {
        Ok(pass) => pass,
        Err(error) => {
            let refusal = refused(doors, &error);
            if !doors.access.takes_password() || head.method != Method::GET || !wants_page(&head.headers) {
                return refusal;
            }
            // A browser asks its reader for a password then, and comes again. This is shown to who has none.
            let mut reply = reply(401, "text/plain; charset=utf-8", "The password is the server's token.\n");
            let challenge = HeaderValue::from_static("Basic realm=\"aslx: the token is the password\"");
            reply.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            return reply;
        }
    };
    if head.method == Method::GET {
        return match pass.check(b"") {
            Ok(()) => shown(doors, &head).await,
            Err(error) => refused(doors, &error),
        };
    }
    if head.method != Method::POST {
        return reply(405, "text/plain; charset=utf-8", "POST is the method of the API\n");
    }
    let body = match taken(doors, &head.headers, body).await.and_then(|body| pass.check(&body).map(|()| body)) {
        Ok(body) => body,
        Err(error) => return refused(doors, &error),
    };
    let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (target, trace) = (header("x-amz-target"), header("x-amzn-trace-id"));
    let mut cut_off = doors.cut_off.subscribe();
    let response = tokio::select! {
        biased;
        response = carried_out(doors.api.clone(), target, trace, body) => response,
        _ = cut_off.wait_for(|cut| *cut) => {
            Response::from(&ApiError::protocol(503, "ServiceUnavailableException", "the server is stopping"))
        }
    };
    json_reply(response)
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

async fn carried_out(api: Arc<Api>, target: Option<String>, trace: Option<String>, body: Bytes) -> Response {
    // A worker that hangs up must not be given a task that it never sees.
    if target.as_deref().is_some_and(|target| target.ends_with(".GetActivityTask")) {
        return respond(&api, target.as_deref(), trace.as_deref(), &body).await;
    }
    let respond = async move { respond(&api, target.as_deref(), trace.as_deref(), &body).await };
    let mut respond = Box::pin(AssertUnwindSafe(respond).catch_unwind());
    let answered = match respond.as_mut().now_or_never() {
        Some(answered) => answered,
        // On a task of its own: a client that hangs up does not undo what it has asked for.
        None => tokio::spawn(respond).await.unwrap_or_else(|error| Err(Box::new(error))),
    };
    answered.unwrap_or_else(|_| Response::from(&ApiError::internal("the server failed")))
}

async fn shown(doors: &Doors, head: &Parts) -> Reply {
    match head.uri.path() {
        "/healthz" => reply(200, "text/plain; charset=utf-8", "ok\n"),
        "/metrics" => match doors.api.engine.store().count_open().await {
            Ok(open) => reply(200, "text/plain; version=0.0.4", doors.api.watch.text(open)),
            Err(error) => reply(500, "text/plain; charset=utf-8", format!("{error}\n")),
        },
        path => match page(&doors.api, path, head.uri.query().unwrap_or_default()).await {
            Some(page) => for_browsers(page),
            None => reply(404, "text/plain; charset=utf-8", "there is no such page\n"),
        },
    }
}

/// The body. Larger ones wait until there is room for them.
async fn taken(doors: &Doors, headers: &HeaderMap, body: Incoming) -> Result<Bytes, ApiError> {
    let limits = &doors.limits;
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(ApiError::serialization("the body is compressed, which is not understood: send it as it is"));
    }
    let too_long = || {
        let message = format!("a request has at most {} bytes", limits.body);
        ApiError::protocol(413, "RequestEntityTooLargeException", &message)
    };
    let late = || ApiError::protocol(408, "RequestTimeoutException", "the body did not come in time");
    let most = u64::try_from(limits.body).unwrap_or(u64::MAX);
    let length = body.size_hint().exact().unwrap_or(most);
    if length > most {
        return Err(too_long());
    }
    let receive = async {
        let kilobytes = u32::try_from(length >> 10).unwrap_or(u32::MAX);
        let _room = if length > SMALL { doors.room.acquire_many(kilobytes).await.ok() } else { None };
        Limited::new(body, limits.body).collect().await
    };
    let mut receive = std::pin::pin!(receive);
    // Mostly it has come with the head: then nobody has to look at the time.
    let received = match receive.as_mut().now_or_never() {
        Some(received) => Ok(received),
        None => tokio::time::timeout(limits.patience, receive).await,
    };
    match received {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_long()),
        Ok(Err(_)) => Err(ApiError::serialization("the body ended before its end")),
        Err(_) => Err(late()),
    }
}

/// An answer before the body was read: what is left of that is not waited for.
fn refused(doors: &Doors, error: &ApiError) -> Reply {
    doors.api.watch.figures.answered(None, Some(error.code()));
    let mut reply = json_reply(Response::from(error));
    reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    reply
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
