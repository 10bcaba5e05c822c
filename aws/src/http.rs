//! One exchange: a request is signed, sent, and answered.

use crate::credentials::Credentials;
use crate::endpoint::{Endpoint, EndpointError};
use aslx_engine::{Clock, SystemClock};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::{HeaderMap, Request, Response};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use tokio::sync::Semaphore;

type Plain = Client<HttpConnector, Full<Bytes>>;
#[cfg(feature = "tls")]
type Secured = Client<hyper_rustls::HttpsConnector<HttpConnector>, Full<Bytes>>;

/// How long a connection may take to be made.
const CONNECTING: Duration = Duration::from_secs(10);

/// How long an open connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(20);

/// Calls that are under way at a time; others wait for their turn. A Map may want thousands, and each takes a socket.
const AT_A_TIME: usize = 200;

/// More than any service answers to one call (Lambda: 6 MB).
const LONGEST_ANSWER: usize = 16 << 20;

/// A call, before it is signed.
pub(crate) struct Call {
    /// Path and query, percent-encoded.
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// How long the service may take to answer.
    pub patience: Duration,
}

/// What came back.
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body; bytes that are no UTF-8 are replaced.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// Nothing came back: why not.
pub(crate) type Unanswered = String;

/// Keeps connections open between calls. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Http {
    client: Plain,
    /// Made when an endpoint wants it: it has to read the machine's certificates.
    #[cfg(feature = "tls")]
    secured: Option<Secured>,
    places: Arc<Semaphore>,
    region: String,
    credentials: Credentials,
}

impl Http {
    /// Errors: an endpoint wants TLS, and the machine has no certificates that could be trusted.
    pub(crate) fn new<'a>(
        region: String,
        credentials: Credentials,
        endpoints: impl IntoIterator<Item = &'a Endpoint>,
    ) -> Result<Http, EndpointError> {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECTING));
        connector.set_nodelay(true);
        let mut client = Client::builder(TokioExecutor::new());
        // Whoever holds connections open needs to be told when to let them go.
        client.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE);
        #[cfg(feature = "tls")]
        let secured = match endpoints.into_iter().find(|endpoint| endpoint.wants_tls()) {
            Some(endpoint) => Some(client.build(secured(connector.clone(), endpoint)?)),
            None => None,
        };
        #[cfg(not(feature = "tls"))]
        drop(endpoints);
        Ok(Http {
            client: client.build(connector),
            #[cfg(feature = "tls")]
            secured,
            places: Arc::new(Semaphore::new(AT_A_TIME)),
            region,
            credentials,
        })
    }

    /// Sends a call. Dropping the future closes its connection.
    pub(crate) async fn send(&self, endpoint: &Endpoint, signing_name: &str, call: Call) -> Result<Answer, Unanswered> {
        let Call { path, headers, body, patience } = call;
        // It is never closed; who waits longest comes first.
        let _place = self.places.acquire().await.map_err(|error| error.to_string())?;
        // Signed now: a signature is good for some minutes.
        let request = self.signed(&endpoint.at(&path), signing_name, &headers, body)?;
        let exchange = async {
            let answer = self.request(endpoint, request).await.map_err(|error| reason(endpoint, &error))?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, LONGEST_ANSWER).collect().await.map_err(|error| error.to_string())?;
            Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.to_bytes() })
        };
        tokio::time::timeout(patience, exchange).await.unwrap_or_else(|_| Err("Read timed out".to_owned()))
    }

    async fn request(
        &self,
        endpoint: &Endpoint,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, hyper_util::client::legacy::Error> {
        #[cfg(feature = "tls")]
        if let (true, Some(secured)) = (endpoint.wants_tls(), &self.secured) {
            return secured.request(request).await;
        }
        #[cfg(not(feature = "tls"))]
        let _ = endpoint;
        self.client.request(request).await
    }

    fn signed(
        &self,
        uri: &str,
        signing_name: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<Request<Full<Bytes>>, Unanswered> {
        let Credentials { access_key, secret_key, session_token } = self.credentials.clone();
        let credentials =
            aws_credential_types::Credentials::new(access_key, secret_key, session_token, None, "aslx").into();
        let millis = u64::try_from(SystemClock.now().as_millis()).unwrap_or_default();
        let parameters = v4::SigningParams::builder()
            .identity(&credentials)
            .region(&self.region)
            .name(signing_name)
            .time(UNIX_EPOCH + Duration::from_millis(millis))
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| error.to_string())?
            .into();
        let body = Bytes::from(body);
        let signed_headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        let signable = SignableRequest::new("POST", uri, signed_headers, SignableBody::Bytes(&body));
        let signature = signable.and_then(|request| sign(request, &parameters)).map_err(|error| error.to_string())?;
        let (instructions, _) = signature.into_parts();
        let mut request = Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

#[cfg(feature = "tls")]
fn secured(
    mut connector: HttpConnector,
    endpoint: &Endpoint,
) -> Result<hyper_rustls::HttpsConnector<HttpConnector>, EndpointError> {
    connector.enforce_http(false);
    let builder = hyper_rustls::HttpsConnectorBuilder::new().with_native_roots();
    let builder = builder.map_err(|error| EndpointError::Certificates(endpoint.as_str().to_owned(), error.to_string()));
    Ok(builder?.https_only().enable_http1().wrap_connector(connector))
}

/// Why a request could not be sent, in the words of AWS's client.
fn reason(endpoint: &Endpoint, error: &hyper_util::client::legacy::Error) -> Unanswered {
    let mut deepest: &dyn Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    match error.is_connect() {
        true => format!("Connect to {} failed: {deepest}", endpoint.as_str()),
        false => deepest.to_string(),
    }
}
