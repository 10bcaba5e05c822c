use super::*;
use hyper::Request;

const NOW: &str = "20240630T120000Z";

/// A request, signed by the function under test: an oracle of its own is in `tests/sdk`.
struct Call {
    headers: Vec<(&'static str, String)>,
    names: &'static str,
    secret: &'static str,
    credential: String,
    body: &'static [u8],
    uri: &'static str,
}

impl Call {
    fn new() -> Call {
        let headers =
            [("host", "localhost:8083"), ("x-amz-date", NOW), ("x-amz-target", "AWSStepFunctions.ListActivities")];
        Call {
            headers: headers.map(|(name, value)| (name, value.to_owned())).to_vec(),
            names: "host;x-amz-date;x-amz-target",
            secret: "secret",
            credential: "KEY/20240630/us-east-1/states/aws4_request".to_owned(),
            body: b"{}",
            uri: "/",
        }
    }

    fn with(mut self, name: &'static str, value: &str) -> Call {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    fn head(&self, authorization: Option<&str>) -> Parts {
        let mut request = Request::post(self.uri);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn signed(&self) -> Parts {
        let hash = hex_of(&Sha256::digest(self.body));
        let names: Vec<&str> = self.names.split(';').collect();
        let request = canonical_request(&self.head(None), &names, &hash);
        let (_, scope) = self.credential.split_once('/').unwrap();
        let moment = self.headers.iter().find(|(name, _)| *name == "x-amz-date").unwrap().1.clone();
        let text = format!("{ALGORITHM}\n{moment}\n{scope}\n{}", hex_of(&Sha256::digest(request)));
        let day = scope.split('/').next().unwrap();
        let signature = super::signed(&*signing_key(self.secret, day, "us-east-1"), &text);
        let (credential, names) = (&self.credential, self.names);
        let signature = hex_of(&*signature);
        let value = format!("{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}");
        self.head(Some(&value))
    }
}

fn judged(head: &Parts, body: &[u8]) -> Result<(), String> {
    let now = parsed(NOW).unwrap();
    let credentials = "[a]\naws_access_key_id=KEY\naws_secret_access_key=secret\n\
                       [b]\naws_access_key_id=SESSION\naws_secret_access_key=secret\naws_session_token=token\n";
    let credentials = Credentials::read(credentials).unwrap();
    let told = |error: ApiError| {
        assert_eq!(error.status(), 400);
        format!("{}: {}", error.code(), error.message())
    };
    Signed::of(head, &credentials, "us-east-1", now).map_err(told)?.check(body).map_err(told)
}

fn call(call: Call) -> Result<(), String> {
    judged(&call.signed(), call.body)
}

fn refused(result: Result<(), String>, beginning: &str) {
    let message = result.unwrap_err();
    assert!(message.starts_with(beginning), "{message}");
}

/// The example of AWS's documentation ("Create a signed request", a request of IAM from 2015).
#[test]
fn the_published_signing_key() {
    let first = signed(b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830");
    let key = signed(&*signed(&*signed(&*first, "us-east-1"), "iam"), TERMINATOR);
    assert_eq!(hex_of(&*key), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}

#[test]
fn who_signed_may_call() {
    assert_eq!(call(Call::new()), Ok(()));
    for moment in ["20240630T115500Z", "20240630T120500Z"] {
        assert_eq!(call(Call::new().with("x-amz-date", moment)), Ok(()), "{moment}");
    }
    let session = Call {
        credential: "SESSION/20240630/us-east-1/states/aws4_request".into(),
        names: "host;x-amz-date;x-amz-security-token;x-amz-target",
        ..Call::new()
    };
    assert_eq!(call(session.with("x-amz-security-token", "token")), Ok(()));
}

#[test]
fn what_was_changed_is_refused() {
    let mismatch = "InvalidSignatureException: The request signature we calculated does not match";
    refused(judged(&Call::new().signed(), b"{} "), mismatch);
    refused(call(Call { secret: "other", ..Call::new() }), mismatch);
    let mut head = Call::new().signed();
    head.headers.insert("x-amz-target", "AWSStepFunctions.DeleteActivity".parse().unwrap());
    refused(judged(&head, b"{}"), mismatch);
    let mut head = Call::new().signed();
    head.uri = "/other".parse().unwrap();
    refused(judged(&head, b"{}"), mismatch);
    let mut head = Call::new().signed();
    head.headers.append("x-amz-target", "AWSStepFunctions.DeleteActivity".parse().unwrap());
    refused(judged(&head, b"{}"), "InvalidSignatureException");
    let named = Call { names: "host;x-amz-content-sha256;x-amz-date;x-amz-target", ..Call::new() };
    refused(call(named.with("x-amz-content-sha256", "UNSIGNED-PAYLOAD")), mismatch);
}

#[test]
fn who_is_not_known_is_refused() {
    let unknown = "UnrecognizedClientException: The security token included in the request is invalid.";
    let credential = |id: &str| format!("{id}/20240630/us-east-1/states/aws4_request");
    refused(call(Call { credential: credential("key"), ..Call::new() }), unknown);
    refused(call(Call { credential: credential("SESSION"), ..Call::new() }), unknown);
    let named = "host;x-amz-date;x-amz-security-token;x-amz-target";
    let other = Call { credential: credential("SESSION"), names: named, ..Call::new() };
    refused(call(other.with("x-amz-security-token", "another")), unknown);
    let none = Call { names: named, ..Call::new() };
    refused(call(none.with("x-amz-security-token", "token")), unknown);
}

#[test]
fn another_time_place_or_service_is_refused() {
    let expired = "InvalidSignatureException: Signature expired: 20240630T115459Z is now earlier than 20240630T115500Z (20240630T120000Z - 5 min.)";
    refused(call(Call::new().with("x-amz-date", "20240630T115459Z")), expired);
    let early =
        "InvalidSignatureException: Signature not yet current: 20240630T120501Z is still later than 20240630T120500Z";
    refused(call(Call::new().with("x-amz-date", "20240630T120501Z")), early);
    let scope = |scope: &str| call(Call { credential: format!("KEY/{scope}"), ..Call::new() });
    let scoped = "InvalidSignatureException: Credential should be scoped";
    refused(scope("20240630/eu-west-1/states/aws4_request"), scoped);
    refused(scope("20240630/us-east-1/sqs/aws4_request"), scoped);
    refused(scope("20240630/us-east-1/states/aws5_request"), scoped);
    refused(scope("20240629/us-east-1/states/aws4_request"), "InvalidSignatureException: Date in Credential scope");
    refused(scope("20240630/us-east-1/states"), "IncompleteSignatureException: Credential must have exactly 5");
}

#[test]
fn what_must_be_signed_is() {
    refused(
        call(Call { names: "x-amz-date;x-amz-target", ..Call::new() }),
        "InvalidSignatureException: 'Host' must be",
    );
    for (names, lacking) in [("host;x-amz-date", "x-amz-target"), ("host;x-amz-target", "x-amz-date")] {
        let message = format!("InvalidSignatureException: '{lacking}' must be");
        refused(call(Call { names, ..Call::new() }), &message);
    }
}

#[test]
fn what_is_not_signed_at_all_is_refused() {
    let judge = |authorization: Option<&str>| judged(&Call::new().head(authorization), b"{}");
    refused(judge(None), "MissingAuthenticationTokenException");
    refused(judge(Some("Bearer secret")), "MissingAuthenticationTokenException");
    refused(judge(Some("AWS4-HMAC-SHA512 Credential=a")), "IncompleteSignatureException: Unsupported AWS 'algorithm'");
    refused(
        judge(Some("AWS4-HMAC-SHA256")),
        "IncompleteSignatureException: Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
    );
    let dateless = Call { headers: vec![("host", "h".into())], ..Call::new() };
    refused(
        judged(&dateless.head(Some("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b")), b""),
        "IncompleteSignatureException: Authorization header requires existence of either",
    );
    refused(call(Call::new().with("x-amz-date", "2024-06-30T12:00:00")), "IncompleteSignatureException: Date must be");
    let query = Call { uri: "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00", ..Call::new() };
    refused(judged(&query.head(None), b""), "MissingAuthenticationTokenException");
    let mut twice = Call::new().signed();
    let again = twice.headers.get("authorization").unwrap().clone();
    twice.headers.append("authorization", again);
    refused(judged(&twice, b"{}"), "IncompleteSignatureException");
}
