//! Upload: hands out an address to which a photo can be uploaded. It answers as a function behind an HTTP API does.

use super::image_input::check_name;
use super::ports::Ports;
use crate::error::{ErrorName, Result, TaskError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long an upload address is good for.
pub const UPLOAD_SECONDS: u64 = 300;
/// Bytes that S3 allows for a key.
const MAX_KEY: usize = 1024;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadReply {
    /// 200, or 400 when the request is not in order.
    pub status_code: u16,
    /// `Content-Type`: the body is JSON.
    pub headers: BTreeMap<String, String>,
    /// The text of `{imageId, uploadUrl, key}`, or of `{error}`.
    pub body: String,
}

impl UploadReply {
    fn new(status_code: u16, body: &Value) -> UploadReply {
        let headers = BTreeMap::from([("Content-Type".to_owned(), "application/json".to_owned())]);
        UploadReply { status_code, headers, body: body.to_string() }
    }
}

/// Takes an event `{body}`, the body the text (or the object) `{fileName, contentType}`. What the caller did wrong is
/// an answer with status 400; an error of this function is one of the bucket.
pub async fn upload(ports: &Ports, event: &Value) -> Result<UploadReply> {
    match asked(event) {
        Ok((file_name, content_type)) => granted(ports, &file_name, &content_type).await,
        Err(message) => Ok(UploadReply::new(400, &json!({ "error": message }))),
    }
}

async fn granted(ports: &Ports, file_name: &str, content_type: &str) -> Result<UploadReply> {
    let image_id = ports.surroundings.new_id();
    let key = format!("uploads/{image_id}/{file_name}");
    if key.len() > MAX_KEY {
        return Ok(UploadReply::new(400, &json!({ "error": "fileName is too long" })));
    }
    let bucket = &ports.settings.upload_bucket;
    let expires = Duration::from_secs(UPLOAD_SECONDS);
    let address = match ports.bucket.upload_url(bucket, &key, content_type, expires).await {
        Err(e) if e.name() == ErrorName::InvalidInput => {
            return Ok(UploadReply::new(400, &json!({ "error": e.message() })));
        }
        other => other?,
    };
    Ok(UploadReply::new(200, &json!({ "imageId": image_id, "uploadUrl": address.url, "key": key })))
}

/// File name and content type, or what is wrong with them.
fn asked(event: &Value) -> std::result::Result<(String, String), String> {
    let body = match event.get("body") {
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|e| format!("body is not JSON: {e}"))?,
        Some(other) => other.clone(),
        None => Value::Null,
    };
    let text = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{name} is not a text")),
    };
    let file_name = text("fileName")?.ok_or("fileName is required")?;
    check_name("fileName", &file_name).map_err(|e: TaskError| e.message().to_owned())?;
    let content_type = text("contentType")?.unwrap_or_else(|| "image/jpeg".to_owned());
    if content_type.len() > 255 || !content_type.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        return Err("contentType is not a media type".to_owned());
    }
    Ok((file_name, content_type))
}
