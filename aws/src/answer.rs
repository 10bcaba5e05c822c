//! What an answer becomes: the result of a task, or its failure.

use crate::http::{Answer, Unanswered};
use crate::query;
use crate::service::{Protocol, Service};
use aslx_asl::Value;
use aslx_engine::task::TaskFailure;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The result of an optimised integration: the members of the answer, and what its client knows of the exchange. Step
/// Functions writes them sorted by name.
pub(crate) fn with_metadata(members: impl IntoIterator<Item = (Arc<str>, Value)>, answer: &Answer) -> Value {
    let mut result: BTreeMap<Arc<str>, Value> = members.into_iter().collect();
    result.insert("SdkHttpMetadata".into(), metadata(answer));
    let id = request_id(answer).map_or(Value::Null, Value::from);
    result.insert("SdkResponseMetadata".into(), Value::from_pairs([("RequestId", id)]));
    Value::from_pairs(result)
}

fn metadata(answer: &Answer) -> Value {
    // Sorted without regard to capitals; the last of several values counts, as in AWS's client.
    let mut one: BTreeMap<String, (String, Value)> = BTreeMap::new();
    let mut all: BTreeMap<String, (String, Vec<Value>)> = BTreeMap::new();
    for (name, value) in &answer.headers {
        let value = Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned());
        let shown = header_name(name.as_str());
        all.entry(name.to_string()).or_insert_with(|| (shown.clone(), Vec::new())).1.push(value.clone());
        one.insert(name.to_string(), (shown, value));
    }
    Value::from_pairs([
        ("AllHttpHeaders", Value::from_pairs(all.into_values().map(|(name, values)| (name, Value::array(values))))),
        ("HttpHeaders", Value::from_pairs(one.into_values())),
        ("HttpStatusCode", Value::from(u32::from(answer.status))),
    ])
}

/// A header as AWS's services write it: the connection only tells its small letters.
fn header_name(name: &str) -> String {
    const KNOWN: [&str; 9] = [
        "Content-Length",
        "Content-Type",
        "Date",
        "Server",
        "X-Amz-Executed-Version",
        "X-Amz-Log-Result",
        "X-Amzn-Trace-Id",
        "x-amzn-Remapped-Content-Length",
        "x-amzn-RequestId",
    ];
    KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name)).map_or_else(|| name.to_owned(), |k| (*k).to_owned())
}

fn request_id(answer: &Answer) -> Option<String> {
    let header = ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|name| answer.header(name));
    header.map(str::to_owned).or_else(|| query::member(&answer.text(), "RequestId"))
}

/// What a service says of an error.
struct Fault {
    /// By which the class of the exception is found.
    class: String,
    /// As the cause shows it.
    code: Option<String>,
    message: Option<String>,
}

impl Fault {
    fn of(service: &Service, answer: &Answer) -> Fault {
        let text = answer.text();
        if matches!(service.protocol, Protocol::Query { .. }) {
            let code = query::member(&text, "Code");
            return Fault { class: code.clone().unwrap_or_default(), code, message: query::member(&text, "Message") };
        }
        let body = Value::parse(&text).unwrap_or_default();
        let texts = |names: &[&str]| names.iter().find_map(|name| body.get(name)?.as_str().map(str::to_owned));
        // `com.amazon.coral#Name:http://…`: the name alone.
        let bare = |code: String| {
            let code = code.rsplit_once('#').map_or(&*code, |(_, name)| name);
            code.split(':').next().unwrap_or(code).to_owned()
        };
        let code =
            answer.header("x-amzn-errortype").map(str::to_owned).or_else(|| texts(&["__type", "code"])).map(bare);
        // A service that once spoke the query protocol tells the code that it had there: `Code;Sender`.
        let former = answer.header("x-amzn-query-error").and_then(|value| value.split(';').next()).map(str::to_owned);
        Fault {
            class: code.clone().unwrap_or_default(),
            code: former.or(code),
            message: texts(&["message", "Message", "errorMessage"]),
        }
    }
}

/// The failure for an answer that is an error, as AWS words it.
pub(crate) fn refused(service: &Service, answer: &Answer) -> TaskFailure {
    let Fault { class, code, message } = Fault::of(service, answer);
    let null = || "null".to_owned();
    let cause = format!(
        "{} (Service: {}; Status Code: {}; Error Code: {}; Request ID: {}; Proxy: null)",
        message.unwrap_or_else(null),
        service.text(),
        answer.status,
        code.unwrap_or_else(null),
        request_id(answer).unwrap_or_else(null),
    );
    TaskFailure::new(service.error(&class), cause)
}

/// The failure of a call that nobody has answered.
pub(crate) fn unanswered(service: &Service, reason: &Unanswered) -> TaskFailure {
    let cause = format!("Unable to execute HTTP request: {reason}");
    TaskFailure::new(format!("{}.SdkClientException", service.prefix()), cause)
}

/// What cannot be done, whatever the service would say. No Retry or Catch takes it for a failure of the service.
pub(crate) fn impossible(reason: impl Into<String>) -> TaskFailure {
    TaskFailure::new("States.Runtime", reason)
}
