//! Who may call.

use crate::error::ApiError;
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use std::fmt;

/// Who may call the server.
#[derive(Clone, Default)]
pub enum Access {
    /// Everybody who reaches it: for loopback only.
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
        let Access::Token(token) = self else { return Ok(()) };
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

/// Compares in a time that tells nothing of where the two differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

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
