//! Where a service answers.

use hyper::Uri;

/// Why an endpoint cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Calls of this service are not forwarded.
    #[error("calls of `{0}` are not forwarded")]
    Service(String),
    /// Not an address.
    #[error("`{0}` is not an address like http://127.0.0.1:4566")]
    Address(String),
    /// The program was built without TLS.
    #[error("`{0}` wants TLS, and this program was built without it")]
    Tls(String),
    /// The machine trusts nobody.
    #[error("`{0}` wants TLS, and the machine's certificates cannot be read: {1}")]
    Certificates(String, String),
    /// AWS itself checks signatures.
    #[error("`{0}` is AWS's own, and there are no credentials")]
    Credentials(String),
}

/// An address: `http://127.0.0.1:4566`, perhaps with a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Without a slash at the end.
    base: String,
    host: String,
}

impl Endpoint {
    pub(crate) fn parse(text: &str) -> Result<Endpoint, EndpointError> {
        let wrong = || EndpointError::Address(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let host = uri.host().ok_or_else(wrong)?.to_owned();
        match uri.scheme_str() {
            _ if uri.query().is_some() || host.is_empty() => return Err(wrong()),
            Some("http") => {}
            Some("https") if cfg!(feature = "tls") => {}
            Some("https") => return Err(EndpointError::Tls(text.to_owned())),
            _ => return Err(wrong()),
        }
        Ok(Endpoint { base: text.trim_end_matches('/').to_owned(), host })
    }

    /// The address of a path, which begins with a slash.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// As it was given.
    pub(crate) fn as_str(&self) -> &str {
        &self.base
    }

    #[cfg(feature = "tls")]
    pub(crate) fn wants_tls(&self) -> bool {
        self.base.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
    }

    /// Whether AWS itself answers there, and not an emulator.
    pub(crate) fn is_aws(&self) -> bool {
        let host = self.host.to_ascii_lowercase();
        [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|domain| host.ends_with(domain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let endpoint = Endpoint::parse("http://127.0.0.1:3001/").unwrap();
        assert_eq!(endpoint.at("/2015-03-31/functions"), "http://127.0.0.1:3001/2015-03-31/functions");
        assert_eq!(Endpoint::parse("http://gateway/lambda").unwrap().at("/x"), "http://gateway/lambda/x");
        assert!(!endpoint.is_aws() && !Endpoint::parse("http://amazonaws.com.example").unwrap().is_aws());
        assert!(Endpoint::parse("http://sqs.eu-west-1.amazonaws.com").unwrap().is_aws());
        for wrong in ["localhost:3001", "127.0.0.1", "", "ftp://a", "http://", "/path", "http://a?b=c"] {
            assert_eq!(Endpoint::parse(wrong), Err(EndpointError::Address(wrong.to_owned())), "{wrong}");
        }
        let tls = Endpoint::parse("https://lambda.us-east-1.amazonaws.com");
        assert_eq!(tls.is_ok(), cfg!(feature = "tls"));
    }
}
