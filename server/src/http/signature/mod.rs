//! Signature Version 4: whether a request was signed by somebody who knows a secret, for this service and region, now,
//! and has not been changed since. Errors are AWS's own, in the order in which AWS looks.
//!
//! The head is judged before the body is read, so a stranger cannot make the server take in bodies.

mod canonical;
mod credentials;
#[cfg(test)]
mod tests;

pub use credentials::{Credentials, CredentialsError};

use crate::error::ApiError;
use aslx_asl::Timestamp;
use aslx_asl::time::{Instant, parse_rfc3339};
use canonical::{canonical_request, hex};
use credentials::Key;
use hmac::{Hmac, Mac};
use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, DATE, HOST};
use hyper::http::request::Parts;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use zeroize::Zeroizing;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "states";
const TERMINATOR: &str = "aws4_request";

/// Minutes by which the clocks of the two sides may differ, as at AWS.
const SKEW_MINUTES: i64 = 5;

/// Headers that say what is asked for or when: where they are sent, they have to be signed.
const WEIGHTY: [&str; 4] = ["x-amz-target", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];

/// A request whose head is in order: what is left to compare is the signature, and that needs the body.
pub(crate) struct Signed {
    canonical: Canonical,
    signature: [u8; 32],
    key: Zeroizing<[u8; 32]>,
}

/// What the signature is over, without the body.
struct Canonical {
    head: Parts,
    names: String,
    moment: String,
    scope: String,
}

impl Signed {
    /// Reads and judges the head of a request.
    ///
    /// Errors: it is not signed, not completely, not for here, not now, or by nobody we know.
    pub(crate) fn of(
        head: &Parts,
        credentials: &Credentials,
        region: &str,
        now: Timestamp,
    ) -> Result<Signed, ApiError> {
        if head.uri.query().is_some_and(|query| query.contains("X-Amz-Signature=")) {
            return Err(missing(
                "Missing Authentication Token: a signature in the address is not taken, sign the header",
            ));
        }
        let fields = Fields::of(&head.headers)?;
        let moment = moment(&head.headers)?;
        in_time(moment, now)?;
        let names = fields.signed_headers.to_ascii_lowercase();
        let signs = |wanted: &str| names.split(';').any(|name| name == wanted);
        if !signs("host") {
            return Err(invalid("'Host' must be a 'SignedHeader' in the AWS Authorization."));
        }
        if let Some(name) = WEIGHTY.into_iter().find(|name| head.headers.contains_key(*name) && !signs(name)) {
            return Err(invalid(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")));
        }
        // A header that stands twice could be read one way here and another way by somebody in between.
        if WEIGHTY.into_iter().chain([HOST.as_str()]).any(|name| head.headers.get_all(name).iter().count() > 1) {
            return Err(invalid("a header that says what is asked for is there more than once"));
        }
        let [id, day, scope] = credential(fields.credential, region, moment)?;
        let unknown = || ApiError::unauthenticated("UnrecognizedClientException", UNKNOWN);
        let key = credentials.key(id).ok_or_else(unknown)?;
        check_session(&head.headers, key)?;
        let signature = bytes_of(fields.signature).ok_or_else(|| invalid(MISMATCH))?;
        let canonical = Canonical { head: head.clone(), names, moment: moment.to_owned(), scope: scope.to_owned() };
        Ok(Signed { canonical, signature, key: signing_key(&key.secret, day, region) })
    }

    /// Compares the signature, in a time that tells nothing of where it differs.
    ///
    /// Errors: the secret is another one, or something was changed on the way.
    pub(crate) fn check(&self, body: &[u8]) -> Result<(), ApiError> {
        let Canonical { head, names, moment, scope } = &self.canonical;
        let hash = hex_of(&Sha256::digest(body));
        let names: Vec<&str> = names.split(';').collect();
        let request = canonical_request(head, &names, &hash);
        let text = format!("{ALGORITHM}\n{moment}\n{scope}\n{}", hex_of(&Sha256::digest(request)));
        let declared = head.headers.get("x-amz-content-sha256");
        let honest = declared.is_none_or(|declared| declared.as_bytes() == hash.as_bytes());
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(&*self.key) else { return Err(invalid(MISMATCH)) };
        match mac.chain_update(text).verify_slice(&self.signature) {
            Ok(()) if honest => Ok(()),
            _ => Err(invalid(MISMATCH)),
        }
    }
}

const UNKNOWN: &str = "The security token included in the request is invalid.";
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
                        Secret Access Key and signing method. Consult the service documentation for details.";

fn invalid(message: impl AsRef<str>) -> ApiError {
    ApiError::unauthenticated("InvalidSignatureException", message.as_ref())
}

fn incomplete(message: impl AsRef<str>) -> ApiError {
    ApiError::unauthenticated("IncompleteSignatureException", message.as_ref())
}

fn missing(message: &str) -> ApiError {
    ApiError::unauthenticated("MissingAuthenticationTokenException", message)
}

/// What `Authorization` says.
struct Fields<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl Fields<'_> {
    fn of(headers: &HeaderMap) -> Result<Fields<'_>, ApiError> {
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let text = match (given.next(), given.next()) {
            (Some(value), None) => value.to_str().map_err(|_| incomplete("the Authorization header is no text"))?,
            (None, _) => return Err(missing("Missing Authentication Token")),
            (Some(_), Some(_)) => return Err(incomplete("there is more than one Authorization header")),
        };
        let (algorithm, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        if !algorithm.starts_with("AWS4-") {
            return Err(missing("Missing Authentication Token"));
        }
        if algorithm != ALGORITHM {
            let message = "Unsupported AWS 'algorithm' (only AWS4-HMAC-SHA256 for now).";
            return Err(incomplete(message));
        }
        let field = |name: &str| {
            let mut fields = rest.split([',', ' ']).filter_map(|field| field.split_once('='));
            fields.find(|(found, _)| *found == name).map(|(_, value)| value).filter(|value| !value.is_empty())
        };
        let [credential, signature, signed_headers] = ["Credential", "Signature", "SignedHeaders"].map(field);
        let mut lacking = String::new();
        for (name, value) in [("Credential", credential), ("Signature", signature), ("SignedHeaders", signed_headers)] {
            if value.is_none() {
                // Writing to a text cannot fail.
                let _ = write!(lacking, "Authorization header requires '{name}' parameter. ");
            }
        }
        if !headers.contains_key("x-amz-date") && !headers.contains_key(DATE) {
            lacking.push_str("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
        }
        match (credential, signed_headers, signature) {
            (Some(credential), Some(signed_headers), Some(signature)) if lacking.is_empty() => {
                Ok(Fields { credential, signed_headers, signature })
            }
            _ => Err(incomplete(lacking.trim_end())),
        }
    }
}

/// When it was signed, as `20240630T120000Z`.
fn moment(headers: &HeaderMap) -> Result<&str, ApiError> {
    let given = headers.get("x-amz-date").or_else(|| headers.get(DATE)).and_then(|value| value.to_str().ok());
    let wanted = |text: &&str| parsed(text).is_some();
    given.filter(wanted).ok_or_else(|| incomplete("Date must be in ISO-8601 'basic format', as 20240630T120000Z."))
}

fn parsed(text: &str) -> Option<Timestamp> {
    if text.len() != 16 || !text.is_ascii() {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
    let (hour, minute, second) = (part(9, 11), part(11, 13), part(13, 15));
    if part(8, 9) != "T" || part(15, 16) != "Z" {
        return None;
    }
    parse_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).map(Instant::ceil_millis)
}

fn in_time(moment: &str, now: Timestamp) -> Result<(), ApiError> {
    let skew = SKEW_MINUTES * 60_000;
    let signed = parsed(moment).unwrap_or_default();
    let apart = now.as_millis().saturating_sub(signed.as_millis());
    let (oldest, newest) = (basic(now.plus_millis(-skew)), basic(now.plus_millis(skew)));
    if apart > skew {
        let now = basic(now);
        return Err(invalid(format!("Signature expired: {moment} is now earlier than {oldest} ({now} - 5 min.)")));
    }
    if apart < -skew {
        let now = basic(now);
        let message = format!("Signature not yet current: {moment} is still later than {newest} ({now} + 5 min.)");
        return Err(invalid(message));
    }
    Ok(())
}

/// `20240630T120000Z`.
fn basic(time: Timestamp) -> String {
    let text = time.to_string();
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{}Z", digits.get(..15).unwrap_or_default())
}

/// The access key, the day and the scope of `key/day/region/service/aws4_request`.
fn credential<'a>(text: &'a str, region: &str, moment: &str) -> Result<[&'a str; 3], ApiError> {
    let elements: Vec<&str> = text.trim_end_matches('/').split('/').collect();
    let &[id, day, signed_region, service, terminator] = elements.as_slice() else {
        let message = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term";
        return Err(incomplete(message));
    };
    let mut wrong = Vec::new();
    if signed_region != region {
        wrong.push(format!("Credential should be scoped to a valid region, not '{signed_region}'."));
    }
    if service != SERVICE {
        wrong.push(format!("Credential should be scoped to correct service: '{SERVICE}'."));
    }
    if terminator != TERMINATOR {
        wrong.push(format!("Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'."));
    }
    if Some(day) != moment.get(..8) {
        wrong.push(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{day}', from '{moment}'."
        ));
    }
    if !wrong.is_empty() {
        return Err(invalid(wrong.join(" ")));
    }
    let scope = text.trim_end_matches('/').split_once('/').map_or("", |(_, scope)| scope);
    Ok([id, day, scope])
}

/// A key of a session comes with its token; one of no session comes without.
fn check_session(headers: &HeaderMap, key: &Key) -> Result<(), ApiError> {
    let given = headers.get("x-amz-security-token").map(|value| value.as_bytes());
    let known = key.session_token.as_ref().map(|token| token.as_bytes());
    let fits = match (given, known) {
        (None, None) => true,
        (Some(given), Some(known)) => super::access::same(given, known),
        _ => false,
    };
    if fits { Ok(()) } else { Err(ApiError::unauthenticated("UnrecognizedClientException", UNKNOWN)) }
}

/// The key of a day, region and service, which is made from the secret.
fn signing_key(secret: &str, day: &str, region: &str) -> Zeroizing<[u8; 32]> {
    let first = Zeroizing::new(format!("AWS4{secret}"));
    let key = signed(first.as_bytes(), day);
    let key = signed(&*key, region);
    let key = signed(&*key, SERVICE);
    signed(&*key, TERMINATOR)
}

fn signed(key: &[u8], text: &str) -> Zeroizing<[u8; 32]> {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => Zeroizing::new(mac.chain_update(text).finalize().into_bytes().into()),
        // It takes keys of every length.
        Err(_) => Zeroizing::new([0; 32]),
    }
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The 32 bytes of a signature in lower-case hexadecimal digits.
fn bytes_of(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let &[high, low] = digits else { return None };
        *byte = hex(high)? * 16 + hex(low)?;
    }
    Some(bytes)
}
