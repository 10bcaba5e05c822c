use super::stub::{Stub, caller, failure, reply, request, result, run};
use aslx_asl::Value;
use aslx_engine::task::TaskReply;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:double";
const INVOKE: &str = "arn:aws:states:::lambda:invoke";

#[tokio::test]
async fn a_function_by_its_arn_gives_its_result() {
    let stub = Stub::answering(vec![reply(200, &[], r#"{"n": 42}"#)]).await;
    let done = stub.run("lambda", ARN, r#"{"n":21}"#).await.unwrap();
    assert_eq!(done, TaskReply::Done(Value::parse(r#"{"n":42}"#).unwrap()));
    stub.run("lambda", &format!("{ARN}:PROD"), "{}").await.unwrap();
    let asked = stub.asked();
    assert_eq!((&*asked[0].path, &*asked[0].body), ("/2015-03-31/functions/double/invocations", r#"{"n":21}"#));
    assert_eq!(asked[1].path, "/2015-03-31/functions/double/invocations?Qualifier=PROD");
}

#[tokio::test]
async fn calls_are_signed() {
    let stub = Stub::answering(vec![reply(200, &[], "null")]).await;
    stub.run("lambda", ARN, "{}").await.unwrap();
    let asked = &stub.asked()[0];
    let day = &asked.header("x-amz-date")[..8];
    let scope = format!("AWS4-HMAC-SHA256 Credential=AKID/{day}/eu-west-1/lambda/aws4_request, SignedHeaders=");
    let authorization = asked.header("authorization");
    assert!(authorization.starts_with(&scope), "{authorization}");
    let (_, signature) = authorization.split_once("Signature=").unwrap();
    assert!(signature.len() == 64 && signature.bytes().all(|byte| byte.is_ascii_hexdigit()), "{authorization}");
    assert_eq!(asked.header("x-amz-security-token"), "token");
}

#[tokio::test]
async fn an_invocation_shows_the_exchange() {
    let headers = [("x-amzn-requestid", "id-1"), ("x-amz-executed-version", "7"), ("content-type", "application/json")];
    let stub = Stub::answering(vec![reply(200, &headers, r#"{"a":[1,2.50]}"#)]).await;
    let input = r#"{"FunctionName":"arn:aws:lambda:us-east-1:1:function:f:7","Payload":{"b":null},"LogType":"Tail",
        "ClientContext":{"custom":{}},"InvocationType":"RequestResponse"}"#;
    let seen = result(stub.run("lambda", INVOKE, input).await);
    let expected = concat!(
        r#"{"ExecutedVersion":"7","Payload":{"a":[1,2.5]},"SdkHttpMetadata":{"AllHttpHeaders":{"#,
        r#""Content-Length":["14"],"Content-Type":["application/json"],"X-Amz-Executed-Version":["7"],"#,
        r#""x-amzn-RequestId":["id-1"]},"HttpHeaders":{"Content-Length":"14","Content-Type":"application/json","#,
        r#""X-Amz-Executed-Version":"7","x-amzn-RequestId":"id-1"},"HttpStatusCode":200},"#,
        r#""SdkResponseMetadata":{"RequestId":"id-1"},"StatusCode":200}"#,
    );
    assert_eq!(seen, expected);
    let asked = &stub.asked()[0];
    assert_eq!((&*asked.path, &*asked.body), ("/2015-03-31/functions/f/invocations?Qualifier=7", r#"{"b":null}"#));
    assert_eq!(asked.header("x-amz-log-type"), "Tail");
    assert_eq!(asked.header("x-amz-client-context"), "eyJjdXN0b20iOnt9fQ==");
}

#[tokio::test]
async fn an_event_is_taken_without_a_result() {
    let stub = Stub::answering(vec![reply(202, &[("x-amzn-requestid", "id-1")], "")]).await;
    let input = r#"{"FunctionName":"f","InvocationType":"Event","Qualifier":"a b"}"#;
    let seen = result(stub.run("lambda", INVOKE, input).await);
    assert!(seen.starts_with(r#"{"Payload":"","SdkHttpMetadata""#) && seen.ends_with(r#""StatusCode":202}"#), "{seen}");
    let asked = &stub.asked()[0];
    assert_eq!((&*asked.path, &*asked.body), ("/2015-03-31/functions/f/invocations?Qualifier=a%20b", "{}"));
    assert_eq!(asked.header("x-amz-invocation-type"), "Event");
}

#[tokio::test]
async fn functions_fail_in_their_own_words() {
    let error = r#"{"errorMessage": "no", "errorType": "OutOfStock"}"#;
    let stub = Stub::answering(vec![reply(200, &[("x-amz-function-error", "Unhandled")], error)]).await;
    let by_arn = failure(stub.run("lambda", ARN, "{}").await);
    assert_eq!(by_arn, ("OutOfStock".to_owned(), error.to_owned()));
    let invoked = failure(stub.run("lambda", INVOKE, r#"{"FunctionName":"f"}"#).await);
    assert_eq!(invoked.1, r#"{"errorMessage":"no","errorType":"OutOfStock"}"#);
}

#[tokio::test]
async fn lambda_fails_as_it_does_at_aws() {
    let arn = ARN;
    let check = async |answer, error: &str, cause: &str| {
        let stub = Stub::answering(vec![answer]).await;
        assert_eq!(failure(stub.run("lambda", arn, "{}").await), (error.to_owned(), cause.to_owned()));
    };
    let throttle = [("x-amzn-errortype", "TooManyRequestsException"), ("x-amzn-requestid", "r")];
    check(
        reply(
            429,
            &throttle,
            r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","message":"Rate Exceeded."}"#,
        ),
        "Lambda.TooManyRequestsException",
        "Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request ID: r; \
         Proxy: null)",
    )
    .await;
    let missing = [("x-amzn-errortype", "ResourceNotFoundException:http://internal.amazon.com/coral/")];
    check(
        reply(404, &missing, r#"{"Type":"User","Message":"Function not found: double"}"#),
        "Lambda.ResourceNotFoundException",
        "Function not found: double (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; \
         Request ID: null; Proxy: null)",
    )
    .await;
    check(
        reply(500, &[("x-amzn-errortype", "ServiceException")], r#"{"message":"An error occurred."}"#),
        "Lambda.ServiceException",
        "An error occurred. (Service: AWSLambda; Status Code: 500; Error Code: ServiceException; Request ID: null; \
         Proxy: null)",
    )
    .await;
    check(
        reply(502, &[], "<html>Bad gateway</html>"),
        "Lambda.AWSLambdaException",
        "null (Service: AWSLambda; Status Code: 502; Error Code: null; Request ID: null; Proxy: null)",
    )
    .await;
    check(
        reply(200, &[("x-amz-function-error", "Unhandled")], r#"{"errorMessage":"Task timed out"}"#),
        "Lambda.Unknown",
        "The cause could not be determined because Lambda did not return an error type. Returned payload: \
         {\"errorMessage\":\"Task timed out\"}",
    )
    .await;
}

#[tokio::test]
async fn nobody_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (error, cause) = failure(run(&caller("lambda", &url), request(ARN, "{}")).await);
    assert_eq!(error, "Lambda.SdkClientException");
    let expected = format!("Unable to execute HTTP request: Connect to {url} failed: Connection refused");
    assert!(cause.starts_with(&expected), "{cause}");
}

/// AWS would do it with other rights than the author means; an emulator has no roles.
#[tokio::test]
async fn a_role_is_not_taken_on_at_aws() {
    let stub = Stub::answering(vec![reply(200, &[], "1")]).await;
    let mut request = request(ARN, "{}");
    request.credentials = Some("arn:aws:iam::111122223333:role/other".into());
    let aws = caller("lambda", "http://lambda.us-east-1.amazonaws.com");
    assert_eq!(failure(run(&aws, request.clone()).await).0, "States.Runtime");
    assert_eq!(run(&caller("lambda", &stub.url), request).await.unwrap(), TaskReply::Done(Value::from(1u64)));
}

/// Calls beyond a number take turns, and all are answered.
#[tokio::test]
async fn many_calls_take_turns() {
    let stub = Stub::answering(vec![reply(200, &[], "1")]).await;
    let aws = caller("lambda", &stub.url);
    let calling = |_| {
        let aws = aws.clone();
        tokio::spawn(async move { run(&aws, request(ARN, "200")).await })
    };
    for call in (0..600).map(calling).collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(stub.asked().len(), 600);
    let busiest = stub.busiest.load(Relaxed);
    assert!((50..=200).contains(&busiest), "{busiest} at a time");
}

/// A state that times out drops its call: whoever works on it sees the connection close.
#[tokio::test]
async fn a_dropped_call_closes_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let aws = caller("lambda", &format!("http://{}", listener.local_addr().unwrap()));
    let calling = tokio::spawn(async move { run(&aws, request(ARN, "{}")).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut seen = vec![0; 4096];
    assert!(stream.read(&mut seen).await.unwrap() > 0);
    calling.abort();
    let closed = async { while stream.read(&mut seen).await.unwrap() > 0 {} };
    tokio::time::timeout(Duration::from_secs(20), closed).await.unwrap();
}
