//! A service: it remembers what it is asked, and answers what the test says.

use aslx_asl::Value;
use aslx_aws::{Aws, Credentials};
use aslx_engine::task::{TaskFailure, TaskReply, TaskRequest};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tower::ServiceExt;

/// What a service was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub path: String,
    pub headers: hyper::HeaderMap,
    pub body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// What it answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
}

pub(crate) fn reply(status: u16, headers: &[(&'static str, &'static str)], body: impl Into<String>) -> Reply {
    Reply { status, headers: headers.to_vec(), body: body.into() }
}

pub(crate) fn ok(body: impl Into<String>) -> Reply {
    reply(200, &[("x-amzn-requestid", "id-1")], body)
}

/// A service that runs as long as the test.
pub(crate) struct Stub {
    pub url: String,
    /// Most questions that were open at a time.
    pub busiest: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    /// Gives these answers, one after the other; the last one again and again.
    pub(crate) async fn answering(replies: Vec<Reply>) -> Stub {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let busiest: Arc<AtomicUsize> = Arc::default();
        let (remembered, most) = (asked.clone(), busiest.clone());
        tokio::spawn(async move {
            let busy: Arc<AtomicUsize> = Arc::default();
            while let Ok((stream, _)) = listener.accept().await {
                let (replies, remembered) = (replies.clone(), remembered.clone());
                let (busy, most) = (busy.clone(), most.clone());
                let answer = service_fn(move |request| {
                    let (busy, most, answer) =
                        (busy.clone(), most.clone(), answer(request, replies.clone(), remembered.clone()));
                    async move {
                        most.fetch_max(busy.fetch_add(1, Relaxed) + 1, Relaxed);
                        let answered = answer.await;
                        busy.fetch_sub(1, Relaxed);
                        answered
                    }
                });
                tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
            }
        });
        Stub { url, busiest, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Runs a task of a service that answers here.
    pub(crate) async fn run(&self, service: &str, resource: &str, input: &str) -> Result<TaskReply, TaskFailure> {
        run(&caller(service, &self.url), request(resource, input)).await
    }
}

async fn answer(
    request: Request<Incoming>,
    replies: Vec<Reply>,
    remembered: Arc<Mutex<Vec<Asked>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    // Work that takes its time: so many milliseconds.
    if let Ok(millis) = body.parse() {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
    let reply = {
        let mut remembered = remembered.lock().unwrap();
        remembered.push(Asked { path: parts.uri.to_string(), headers: parts.headers, body });
        replies[(remembered.len() - 1).min(replies.len() - 1)].clone()
    };
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::new(reply.body.into())).unwrap())
}

pub(crate) fn caller(service: &str, url: &str) -> Aws {
    let credentials = Credentials::new("AKID", "secret", Some("token".to_owned()));
    Aws::builder("eu-west-1").endpoint(service, url).unwrap().credentials(credentials).build().unwrap()
}

pub(crate) fn request(resource: &str, input: &str) -> TaskRequest {
    TaskRequest {
        execution: "arn:aws:states:us-east-1:123456789012:execution:m:e".into(),
        event: 0,
        state: "State".into(),
        resource: resource.into(),
        input: Value::parse(input).unwrap(),
        retry_count: 0,
        iteration: None,
        token: None,
        timeout_seconds: None,
        heartbeat_seconds: None,
        credentials: None,
        submitted: None,
        withdrawal: Default::default(),
    }
}

pub(crate) async fn run(aws: &Aws, request: TaskRequest) -> Result<TaskReply, TaskFailure> {
    aws.clone().oneshot(request).await.map(|response| response.reply)
}

/// A result without what differs from one exchange to the next.
pub(crate) fn result(reply: Result<TaskReply, TaskFailure>) -> String {
    let value = match reply.unwrap() {
        TaskReply::Done(value) | TaskReply::Submitted(value) => value,
        TaskReply::ByToken => panic!("nobody holds a token"),
    };
    let mut json = serde_json::Value::from(&value);
    for headers in ["AllHttpHeaders", "HttpHeaders"] {
        if let Some(headers) = json.pointer_mut(&format!("/SdkHttpMetadata/{headers}")) {
            let headers = headers.as_object_mut().unwrap();
            assert!(headers.shift_remove("Date").is_some());
        }
    }
    json.to_string()
}

pub(crate) fn failure(reply: Result<TaskReply, TaskFailure>) -> (String, String) {
    let failure = reply.unwrap_err();
    (failure.error, failure.cause.unwrap())
}
