//! Bytes over a connection. In a text, characters up to U+00FF stand for bytes.

use super::samples::{PIECES, REQUESTS};
use crate::fuzz::mutate;
use crate::fuzz::rng::Rng;
use crate::fuzz::targets::hold;
use aslx_server::Server;
use serde_json::Value as Json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One or two requests with changes.
pub(super) fn input(rng: &mut Rng) -> String {
    let mut text = rng.word(&REQUESTS).to_owned();
    for _ in 0..rng.below(4) {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let Some(at) = rng.pick(&places).copied() else { break };
        match rng.below(4) {
            0 => {
                let other = rng.word(&REQUESTS);
                text = mutate::text(rng, &text, other);
            }
            // At the end of a line, where it means the most.
            1 => {
                let lines: Vec<usize> = text.match_indices("\r\n").map(|(at, _)| at + 2).collect();
                let at = rng.pick(&lines).copied().unwrap_or(at);
                text.insert_str(at, rng.word(&PIECES));
            }
            2 => text.insert_str(at, rng.word(&PIECES)),
            _ => {
                let piece = rng.word(&PIECES).repeat(if rng.one_in(30) { 20_000 } else { 1 });
                text.insert_str(at, &piece);
            }
        }
    }
    if rng.one_in(4) {
        text.push_str(rng.word(&REQUESTS));
    }
    text
}

/// Sends the bytes and takes what comes until the server closes. Whether something was done.
pub(super) async fn played(server: &Server, text: &str) -> Result<bool, String> {
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
    let stream = TcpStream::connect(server.address()).await.map_err(|error| format!("nobody listens: {error}"))?;
    let (mut reader, mut writer) = stream.into_split();
    let mut answer = Vec::new();
    let talk = async {
        // It need not read it all, and may close at any time.
        let send = async { drop(writer.write_all(&bytes).await) };
        let take = async {
            let mut part = [0; 16 << 10];
            while let Ok(read @ 1..) = reader.read(&mut part).await {
                answer.extend_from_slice(part.get(..read).unwrap_or_default());
            }
        };
        tokio::join!(send, take);
    };
    let ended = timeout(Duration::from_secs(5), talk).await.is_ok();
    hold!(ended, "the connection stays open");
    let mut rest = answer.as_slice();
    let (mut answers, mut done) = (0, false);
    while !rest.is_empty() {
        let (status, after) = one(rest)?;
        // In the bytes of these requests no other can be hidden than those that begin with a method.
        answers += usize::from(status != 100);
        done |= status == 200;
        hold!((100..500).contains(&status), "status {status}");
        rest = after;
    }
    let most = bytes.windows(5).filter(|part| part.ends_with(b"HTTP/")).count() + 1;
    hold!(answers <= most, "{answers} answers to at most {most} requests");
    Ok(done)
}

/// The status of the first answer, and what comes after it.
fn one(bytes: &[u8]) -> Result<(u16, &[u8]), String> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n").ok_or("an answer whose head does not end")?;
    let head = std::str::from_utf8(bytes.get(..end).unwrap_or_default()).map_err(|_| "a head that is no text")?;
    let (first, headers) = head.split_once("\r\n").unwrap_or((head, ""));
    let status = first.strip_prefix("HTTP/1.1 ").or_else(|| first.strip_prefix("HTTP/1.0 "));
    let status = status.and_then(|rest| rest.get(..3)?.parse().ok()).ok_or_else(|| format!("the line `{first}`"))?;
    let header = |name: &str| {
        let mut named = headers.lines().filter_map(|line| line.split_once(": "));
        named.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    hold!(header("access-control-allow-origin").is_none(), "another origin is let in");
    let length = header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    let rest = bytes.get(end + 4..).unwrap_or_default();
    let (body, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    if header("content-type").is_some_and(|kind| kind.contains("json")) && !body.is_empty() {
        let answer: Json = serde_json::from_slice(body).map_err(|error| format!("a body that is no JSON: {error}"))?;
        let error = answer.get("__type").and_then(Json::as_str).is_some_and(|name| name.contains('#'));
        hold!(error == (status != 200), "status {status} with {answer}");
    }
    Ok((status, after))
}
