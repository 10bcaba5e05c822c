//! Who may call.

use crate::error::ApiError;
use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST};
use std::fmt;
use std::net::IpAddr;

/// Who may call the server.
#[derive(Clone, Default)]
pub enum Access {
    /// Everybody on this machine: for loopback only. A request must call it by a name of this machine, so that a web
    /// page that has its own name point here (DNS rebinding) cannot make its reader's browser call it.
    #[default]
    Open,
    /// Whoever knows the token: as `Authorization: Bearer …`, or as the access key with which AWS's clients sign
    /// (`AWS_ACCESS_KEY_ID`). The signature itself is not checked: over a network that others share, put TLS before it.
    Token(String),
}

/// A token is not for logs.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Access::Open => "Open",
            Access::Token(_) => "Token(…)",
        })
    }
}

impl Access {
    /// Errors: who calls has not said who he is, or is somebody else.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let Access::Token(token) = self else { return at_home(headers) };
        let Some(given) = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
            return Err(ApiError::unauthenticated(
                "MissingAuthenticationTokenException",
                "Missing Authentication Token",
            ));
        };
        let key = given.strip_prefix("Bearer ").or_else(|| {
            let credential = given.strip_prefix("AWS4-HMAC-SHA256 ")?.split("Credential=").nth(1)?;
            credential.split(['/', ',']).next()
        });
        match key {
            Some(key) if same(key.trim().as_bytes(), token.as_bytes()) => Ok(()),
            _ => Err(ApiError::unauthenticated(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )),
        }
    }
}

/// Whether a request was meant for this machine. Two operations of AWS's clients put `sync-` before the host.
fn at_home(headers: &HeaderMap) -> Result<(), ApiError> {
    // A client that names no host is no browser.
    let Some(host) = headers.get(HOST).map(|host| host.to_str().unwrap_or_default()) else { return Ok(()) };
    let host = host.strip_prefix("sync-").unwrap_or(host);
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let here = name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let message = "the host of the request is no name of this machine: use localhost, or set a token";
    if here { Ok(()) } else { Err(ApiError::protocol(403, "AccessDeniedException", message)) }
}

/// Compares in a time that tells nothing of where the two differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_to_another_name_is_turned_away() {
        let check = |host: &str| Access::Open.check(&HeaderMap::from_iter([(HOST, host.parse().unwrap())])).is_ok();
        let here = [
            "localhost",
            "localhost:8083",
            "LOCALHOST:1",
            "127.0.0.1:8083",
            "127.1.2.3",
            "[::1]:8083",
            "sync-localhost:8083",
        ];
        assert!(here.iter().all(|host| check(host)));
        let there = [
            "evil.example",
            "evil.example:8083",
            "localhost.evil.example",
            "10.0.0.1:8083",
            "[::2]:1",
            "",
            "127.0.0.1.evil.example",
        ];
        assert!(!there.iter().any(|host| check(host)));
    }

    #[test]
    fn a_token_opens_in_two_ways() {
        let access = Access::Token("secret".into());
        let check = |value: &str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
            access.check(&headers).map_err(|error| error.code().to_owned())
        };
        assert_eq!(check("Bearer secret"), Ok(()));
        let signed = "AWS4-HMAC-SHA256 Credential=secret/20240101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=00";
        assert_eq!(check(signed), Ok(()));
        let refused = Err("UnrecognizedClientException".to_owned());
        for value in ["Bearer secre", "Bearer secrets", "Basic c2VjcmV0", "AWS4-HMAC-SHA256 nothing", ""] {
            assert_eq!(check(value), refused, "{value}");
        }
        let code = access.check(&HeaderMap::new()).unwrap_err().code().to_owned();
        assert_eq!(code, "MissingAuthenticationTokenException");
        assert_eq!(Access::Open.check(&HeaderMap::new()), Ok(()));
        assert!(!format!("{access:?}").contains("secret"));
    }
}
