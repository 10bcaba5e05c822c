//! Who may call.

use super::signature::{Credentials, Signed};
use crate::error::ApiError;
use aslx_asl::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST, ORIGIN};
use hyper::http::request::Parts;
use std::fmt;
use std::net::IpAddr;

/// Who may call the server.
#[derive(Clone, Default)]
pub enum Access {
    /// Everybody on this machine: for loopback only. A request must call it by a name of this machine, so that a web
    /// page that has its own name point here (DNS rebinding) cannot make its reader's browser call it; nor may it come
    /// from a page of another origin.
    #[default]
    Open,
    /// Whoever knows the token: as `Authorization: Bearer …`, or as the access key with which AWS's clients sign
    /// (`AWS_ACCESS_KEY_ID`). The signature itself is not checked: over a network that others share, put TLS before it.
    Token(String),
    /// Whoever signs with one of these keys (Signature Version 4), for the service `states` and the server's region.
    Signed(Credentials),
    /// Whoever knows the token, or signs with one of the keys.
    Either(String, Credentials),
}

/// A token is not for logs.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Access::Open => f.write_str("Open"),
            Access::Token(_) => f.write_str("Token(…)"),
            Access::Signed(keys) => write!(f, "Signed({keys:?})"),
            Access::Either(_, keys) => write!(f, "Either(…, {keys:?})"),
        }
    }
}

/// Who may go on.
pub(crate) enum Pass {
    /// The caller may.
    Granted,
    /// The caller may if the body is what was signed.
    IfSigned(Box<Signed>),
}

impl Pass {
    /// Errors: the body is not what was signed.
    pub(crate) fn check(&self, body: &[u8]) -> Result<(), ApiError> {
        match self {
            Pass::Granted => Ok(()),
            Pass::IfSigned(signed) => signed.check(body),
        }
    }
}

impl Access {
    /// Whether a browser may ask its reader for the token, as a password.
    pub(crate) fn takes_password(&self) -> bool {
        matches!(self, Access::Token(_) | Access::Either(..))
    }

    /// Judges the head of a request that is for a server of this region.
    ///
    /// Errors: who calls has not said who he is, or is somebody else.
    pub(crate) fn check(&self, head: &Parts, region: &str, now: Timestamp) -> Result<Pass, ApiError> {
        let headers = &head.headers;
        let signed = |keys| Ok(Pass::IfSigned(Box::new(Signed::of(head, keys, region, now)?)));
        match self {
            Access::Open => at_home(headers).map(|()| Pass::Granted),
            Access::Token(token) => by_token(headers, token).map(|()| Pass::Granted),
            Access::Signed(keys) => signed(keys),
            Access::Either(token, keys) => match by_token(headers, token) {
                Ok(()) => Ok(Pass::Granted),
                Err(_) => signed(keys),
            },
        }
    }
}

fn by_token(headers: &HeaderMap, token: &str) -> Result<(), ApiError> {
    let Some(given) = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        return Err(ApiError::unauthenticated("MissingAuthenticationTokenException", "Missing Authentication Token"));
    };
    let key = given.strip_prefix("Bearer ").or_else(|| {
        let credential = given.strip_prefix("AWS4-HMAC-SHA256 ")?.split("Credential=").nth(1)?;
        credential.split(['/', ',']).next()
    });
    let key = key.map(|key| key.trim().to_owned()).or_else(|| password(given, headers));
    match key {
        Some(key) if same(key.as_bytes(), token.as_bytes()) => Ok(()),
        _ => Err(ApiError::unauthenticated(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )),
    }
}

/// The password with which a browser logs in, having asked its reader for it. It sends it by itself from then on, so not
/// for pages of others.
fn password(given: &str, headers: &HeaderMap) -> Option<String> {
    let text = STANDARD.decode(given.strip_prefix("Basic ")?.trim()).ok()?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let (_, password) = str::from_utf8(&text).ok()?.split_once(':')?;
    is_own(headers, host).then(|| password.to_owned())
}

/// Whether a request comes from a page of this host, or from no page.
fn is_own(headers: &HeaderMap, host: &str) -> bool {
    let own = |origin: &str| origin.split_once("://").is_some_and(|(_, origin)| origin.eq_ignore_ascii_case(host));
    headers.get(ORIGIN).is_none_or(|origin| origin.to_str().is_ok_and(own))
}

/// Whether a request was meant for this machine, and by a page of its own where a browser sends it. Two operations of
/// AWS's clients put `sync-` before the host.
fn at_home(headers: &HeaderMap) -> Result<(), ApiError> {
    let denied = |message| ApiError::protocol(403, "AccessDeniedException", message);
    let mut hosts = headers.get_all(HOST).iter();
    // A client that names no host is no browser.
    let Some(host) = hosts.next().map(|host| host.to_str().unwrap_or_default()) else { return Ok(()) };
    let name = host.strip_prefix("sync-").unwrap_or(host);
    let name = match name.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => name,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let here = name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if !here || hosts.next().is_some() {
        return Err(denied("the host of the request is no name of this machine: use localhost, or set a token"));
    }
    if is_own(headers, host) { Ok(()) } else { Err(denied("a page of another origin may not call")) }
}

/// Compares in a time that tells nothing of where the two differ.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn check(access: &Access, headers: &[(&str, &str)]) -> Result<(), String> {
        let request = headers.iter().fold(Request::post("/"), |request, (name, value)| request.header(*name, *value));
        let head = request.body(()).unwrap().into_parts().0;
        let pass = access.check(&head, "us-east-1", Timestamp::default());
        pass.map(|_| ()).map_err(|error| error.code().to_owned())
    }

    #[test]
    fn a_request_to_another_name_is_turned_away() {
        let check = |host: &str| check(&Access::Open, &[("host", host)]).is_ok();
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
    fn a_page_of_another_origin_is_turned_away() {
        let check = |origin: &str| check(&Access::Open, &[("host", "localhost:8083"), ("origin", origin)]).is_ok();
        assert!(check("http://localhost:8083") && check("https://LOCALHOST:8083"));
        for origin in ["http://localhost:8084", "http://localhost", "http://evil.example", "null", "", "localhost:8083"]
        {
            assert!(!check(origin), "{origin}");
        }
        assert!(super::tests::check(&Access::Open, &[("host", "localhost"), ("host", "evil.example")]).is_err());
    }

    #[test]
    fn a_token_opens_in_three_ways() {
        let keys = Credentials::of("key", "hidden");
        let accesses = [Access::Token("secret".into()), Access::Either("secret".into(), keys)];
        let signed = "AWS4-HMAC-SHA256 Credential=secret/20240101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=00";
        for access in &accesses {
            let check = |value: &str| check(access, &[("authorization", value)]);
            assert_eq!(check("Bearer secret"), Ok(()));
            assert_eq!(check(signed), Ok(()));
            // `anybody:secret`, as a browser logs in; not for a page of another host.
            let login = ("authorization", "Basic YW55Ym9keTpzZWNyZXQ=");
            let from = |origin| super::tests::check(access, &[login, ("host", "a.example"), ("origin", origin)]);
            assert_eq!((check(login.1), from("https://a.example")), (Ok(()), Ok(())));
            assert!(from("https://evil.example").is_err() && from("null").is_err());
            for value in ["Bearer secre", "Bearer secrets", "Basic c2VjcmV0", "AWS4-HMAC-SHA256 nothing", ""] {
                assert!(check(value).is_err(), "{value}");
            }
            let missing = super::tests::check(access, &[]);
            assert_eq!(missing, Err("MissingAuthenticationTokenException".to_owned()));
            let told = format!("{access:?}");
            assert!(!told.contains("secret") && !told.contains("hidden"), "{told}");
        }
        assert_eq!(
            check(&accesses[0], &[("authorization", "Bearer no")]),
            Err("UnrecognizedClientException".to_owned())
        );
        assert_eq!(check(&Access::Open, &[]), Ok(()));
    }
}
