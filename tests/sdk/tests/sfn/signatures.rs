//! Signatures: those of AWS's client and of AWS's own signing crate are accepted, and nothing that differs from them.
#![allow(clippy::disallowed_methods, reason = "signatures are of the real time")]

use super::Place;
use aslx_server::{Access, Credentials, Server};
use aws_sdk_sfn::error::ProvideErrorMetadata;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn access() -> Access {
    Access::Signed(Credentials::of("test", "a secret/with+signs=="))
}

#[tokio::test]
async fn a_client_with_the_secret_is_served() {
    let place = Place::with(access(), "a secret/with+signs==").await;
    let machine = place.machine("größe-日本", super::ECHO).await;
    let execution = place.start(&machine, "{\"é\": \"\u{1f600}\"}").await;
    place.until(&execution, super::ExecutionStatus::Succeeded).await;
}

#[tokio::test]
async fn a_client_with_another_secret_is_not() {
    let place = Place::with(access(), "another").await;
    let error = place.client.list_activities().send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidSignatureException"), "{error:?}");
    let place = Place::with(Access::Signed(Credentials::of("somebody", "another")), "another").await;
    let error = place.client.list_activities().send().await.unwrap_err();
    assert_eq!(error.code(), Some("UnrecognizedClientException"), "{error:?}");
    let place = Place::with(Access::Either("test".into(), Credentials::of("somebody", "else")), "another").await;
    place.client.list_activities().send().await.expect("the token is enough");
}

/// A request that somebody signs.
#[derive(Debug, Clone)]
struct Call {
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// A request as it goes over the wire.
#[derive(Debug, Clone)]
struct Sent {
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

fn call() -> impl Strategy<Value = Call> {
    let part = select(vec!["a", "%20", "%C3%A9", "~", "-_.", "%2F", "x=y", "..", "."]);
    let path = prop::collection::vec(part, 0..4).prop_map(|parts| format!("/{}", parts.join("/")));
    let name = select(vec!["a", "B", "a%20b", "%7E", "z", "a-b"]);
    let value = select(vec!["", "1", "%2F", "b%20c", "~", "%E2%82%AC", "x"]);
    let query = prop::collection::vec((name, value), 0..4).prop_map(|parameters| {
        let parameters: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if parameters.is_empty() { String::new() } else { format!("?{}", parameters.join("&")) }
    });
    let headers = prop::collection::btree_map("x-[a-z]{1,8}", "[!-~]([ -~]{0,20}[!-~])?", 0..4);
    let body = prop_oneof![Just("{}".to_owned()), "\\{\"a\":\"[a-zé\u{1f600}]{0,40}\"\\}"];
    (path, query, headers, body).prop_map(|(path, query, headers, body)| {
        let mut headers: Vec<(String, String)> = headers.into_iter().collect();
        headers.push(("x-amz-target".to_owned(), "AWSStepFunctions.ListActivities".to_owned()));
        Call { path: path + &query, headers, body }
    })
}

/// The oracle: AWS's own crate signs it.
fn signed(call: &Call, host: &str, at: SystemTime) -> Sent {
    let credentials = aws_sdk_sfn::config::Credentials::new("test", "a secret/with+signs==", None, None, "tests");
    let identity = credentials.into();
    let params = v4::SigningParams::builder().identity(&identity).region("us-east-1").name("states").time(at);
    let params = params.settings(SigningSettings::default()).build().unwrap().into();
    let mut headers = call.headers.clone();
    headers.push(("host".to_owned(), host.to_owned()));
    let named = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let uri = format!("http://{host}{}", call.path);
    let request = SignableRequest::new("POST", uri, named, SignableBody::Bytes(call.body.as_bytes())).unwrap();
    let (instructions, _) = sign(request, &params).unwrap().into_parts();
    headers.extend(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())));
    Sent { path: call.path.clone(), headers, body: call.body.clone() }
}

/// The answer of a server to a request, as status and text.
async fn answered(server: &Server, sent: &Sent) -> (u16, String) {
    let mut text = format!("POST {} HTTP/1.1\r\n", sent.path);
    for (name, value) in &sent.headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!("connection: close\r\ncontent-length: {}\r\n\r\n{}", sent.body.len(), sent.body);
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer)
}

/// What somebody in between could change.
fn changed(sent: &Sent, kind: u8, at: &Index) -> Option<Sent> {
    let mut other = sent.clone();
    match kind {
        0 => other.body += " ",
        1 => other.path += if other.path.contains('?') { "&new=1" } else { "?new=1" },
        // At the end: `/new/..` is the same as `/`.
        2 => other.path.insert_str(other.path.find('?').unwrap_or(other.path.len()), "/new"),
        3 => {
            let target = other.headers.iter_mut().find(|(name, _)| name == "x-amz-target").unwrap();
            target.1 = "AWSStepFunctions.ListStateMachines".to_owned();
        }
        4 => other.headers.retain(|(name, _)| name != "x-amz-date"),
        5 => {
            let (_, host) = other.headers.iter_mut().find(|(name, _)| name == "host").unwrap();
            *host = "127.0.0.2".to_owned();
        }
        6 => {
            let value = &mut other.headers.iter_mut().find(|(name, _)| name == "authorization").unwrap().1;
            let digit = value.len() - 1 - at.index(64);
            let new = if &value[digit..=digit] == "0" { "1" } else { "0" };
            value.replace_range(digit..=digit, new);
        }
        _ => {
            let plain = |name: &str| name.starts_with("x-") && !name.starts_with("x-amz-");
            let (_, value) = other.headers.iter_mut().find(|(name, _)| plain(name))?;
            value.push('!');
        }
    }
    Some(other)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_the_crate_signs_is_accepted_and_nothing_else(call in call(), kind in 0u8..8, at in any::<Index>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::builder().access(access()).start().await.unwrap();
            let host = server.address().to_string();
            let sent = signed(&call, &host, SystemTime::now());
            let (status, answer) = answered(&server, &sent).await;
            assert_eq!(status, 200, "{sent:?} {answer}");
            if let Some(other) = changed(&sent, kind, &at) {
                let (status, answer) = answered(&server, &other).await;
                assert_eq!(status, 400, "{other:?} {answer}");
                assert!(answer.contains("SignatureException"), "{other:?} {answer}");
            }
            for apart in [310, -310] {
                let shift = Duration::from_secs(310);
                let at = if apart > 0 { SystemTime::now() + shift } else { SystemTime::now() - shift };
                let (status, answer) = answered(&server, &signed(&call, &host, at)).await;
                assert!(status == 400 && answer.contains("Signature "), "{answer}");
            }
            server.stop().await;
        });
    }
}
