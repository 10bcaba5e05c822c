//! A page for people: what ran, and how. It reads only, and asks for the rest through the same API as every client.

mod list;

use crate::error::ApiError;
use crate::operations::Api;
use aslx_asl::graph::{Graph, STYLE};
use aslx_asl::{MachineType, Value};
use aslx_engine::history::view::{RunTree, read_history};
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::sync::Arc;

/// What a browser may do with the page: nothing that is not the server's own.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                                 connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";

/// Something for a browser.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Cow<'static, str>,
}

impl Page {
    fn new(content_type: &'static str, body: impl Into<Cow<'static, str>>) -> Page {
        Page { status: 200, content_type, body: body.into() }
    }
}

/// What the page is made of: address, type, text.
const FILES: [(&str, &str, &str); 10] = [
    ("/", HTML, include_str!("page.html")),
    ("/console/page.css", CSS, include_str!("page.css")),
    ("/console/graph.css", CSS, STYLE),
    ("/console/page.js", SCRIPT, include_str!("page.js")),
    ("/console/ask.js", SCRIPT, include_str!("ask.js")),
    ("/console/dom.js", SCRIPT, include_str!("dom.js")),
    ("/console/list.js", SCRIPT, include_str!("list.js")),
    ("/console/states.js", SCRIPT, include_str!("states.js")),
    ("/console/history.js", SCRIPT, include_str!("history.js")),
    ("/console/runs.js", SCRIPT, include_str!("runs.js")),
];

/// The page of an address, or nothing if there is none.
pub(crate) async fn page(api: &Api, path: &str, query: &str) -> Option<Page> {
    if let Some((_, kind, text)) = FILES.into_iter().find(|(address, ..)| *address == path) {
        return Some(Page::new(kind, text));
    }
    let made = match path {
        "/console/executions" => list::executions(api, query).await.map(|list| Page::new(JSON, list.to_string())),
        "/console/tree" => tree(api, query).await,
        "/console/graph" => graph(api, query).await,
        _ => return None,
    };
    Some(made.unwrap_or_else(|error| Page { status: error.status(), ..Page::new(JSON, error.body().to_string()) }))
}

/// The visits of states, as `aslx history --format json` tells them, and the id of the last event.
async fn tree(api: &Api, query: &str) -> Result<Page, ApiError> {
    let (tree, last) = run(api, &execution(query)?).await?;
    let mut told = tree.to_json(api.now());
    if let Some(told) = told.as_object_mut() {
        told.insert("lastEvent".into(), last.into());
    }
    Ok(Page::new(JSON, told.to_string()))
}

/// The definition of an execution as a picture, coloured by what has happened.
async fn graph(api: &Api, query: &str) -> Result<Page, ApiError> {
    let arn = execution(query)?;
    let (tree, _) = run(api, &arn).await?;
    let described = call(api, "DescribeStateMachineForExecution", &arn).await?;
    let definition: Arc<str> = described.get("definition").and_then(Json::as_str).unwrap_or_default().into();
    // What only one kind of machine may have does not change its picture.
    let standard = api.programs.compile(&definition, MachineType::Standard);
    let program = standard.or_else(|_| api.programs.compile(&definition, MachineType::Express))?;
    let picture = Graph::of(&program).to_svg(&tree.overlay());
    // The page's policy allows no style within: it has the same as a file.
    Ok(Page::new("image/svg+xml", picture.replacen(&format!("<style>{STYLE}</style>"), "", 1)))
}

/// What happened in an execution so far, and the id of its last event.
async fn run(api: &Api, arn: &str) -> Result<(RunTree, u64), ApiError> {
    call(api, "DescribeExecution", arn).await?;
    let events = api.events(arn).await?;
    let last = events.last().and_then(|event| event.get("id")).and_then(Json::as_u64).unwrap_or(0);
    let seen = read_history(&json!({ "events": events }).to_string());
    let seen = seen.map_err(|error| ApiError::internal(error.to_string()))?;
    Ok((RunTree::of(&seen), last))
}

async fn call(api: &Api, operation: &str, arn: &str) -> Result<Json, ApiError> {
    api.call(operation, &Value::from(json!({ "executionArn": arn }))).await
}

/// The execution that a query asks for.
fn execution(query: &str) -> Result<String, ApiError> {
    parameter(query, "arn").ok_or_else(|| ApiError::validation("`arn` is missing"))
}

/// What a query says of a name, unless it is empty.
fn parameter(query: &str, name: &str) -> Option<String> {
    let found = form_urlencoded::parse(query.as_bytes()).find(|(given, _)| given == name);
    found.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
}
