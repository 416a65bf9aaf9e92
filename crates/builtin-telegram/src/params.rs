//! The parameters of a call. A client may send them as query, JSON, form or multipart; they are brought to one form
//! (numbers as numbers, JSON strings as JSON), so that checks and recorded calls do not depend on how they were sent.

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::{Form, Json};
use serde_json::{Map, Value, json};

const NUMBERS: &[&str] = &[
    "cache_time",
    "chat_id",
    "duration",
    "from_chat_id",
    "height",
    "limit",
    "max_connections",
    "message_id",
    "message_thread_id",
    "offset",
    "timeout",
    "user_id",
    "width",
];
const FLAGS: &[&str] = &[
    "allow_paid_broadcast",
    "disable_content_type_detection",
    "disable_notification",
    "disable_web_page_preview",
    "drop_pending_updates",
    "has_spoiler",
    "protect_content",
    "show_alert",
    "show_caption_above_media",
    "supports_streaming",
];
const STRUCTURES: &[&str] = &[
    "allowed_updates",
    "caption_entities",
    "commands",
    "entities",
    "link_preview_options",
    "message_ids",
    "reply_markup",
    "reply_parameters",
    "scope",
];

/// A file that a client uploaded with a call.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) field: String,
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

/// One call's parameters.
#[derive(Debug, Default)]
pub(super) struct Params {
    map: Map<String, Value>,
    uploads: Vec<Upload>,
}

impl Params {
    /// Reads all parameters of the request. The error is the description for an answer of 400.
    pub(super) async fn read(request: Request) -> Result<Self, String> {
        let mut params = Self::default();
        if let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()) {
            params.take_pairs(pairs);
        }
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
        if kind.starts_with("application/json") {
            params.take_json(request).await?;
        } else if kind.starts_with("multipart/form-data") {
            params.take_multipart(request).await?;
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
            params.take_pairs(form.map_err(|error| error.to_string())?.0);
        }
        Ok(params)
    }

    fn take_pairs(&mut self, pairs: Vec<(String, String)>) {
        for (name, value) in pairs {
            let value = in_shape(&name, Value::String(value));
            self.map.insert(name, value);
        }
    }

    async fn take_json(&mut self, request: Request) -> Result<(), String> {
        let body = Json::<Value>::from_request(request, &()).await;
        let Json(Value::Object(map)) = body.map_err(|_| "can't parse JSON object".to_owned())? else {
            return Err("object expected as the request body".to_owned());
        };
        for (name, value) in map {
            let value = in_shape(&name, value);
            self.map.insert(name, value);
        }
        Ok(())
    }

    async fn take_multipart(&mut self, request: Request) -> Result<(), String> {
        let mut form = Multipart::from_request(request, &()).await.map_err(|error| error.to_string())?;
        while let Some(part) = form.next_field().await.map_err(|error| error.to_string())? {
            let field = part.name().unwrap_or_default().to_owned();
            if let Some(name) = part.file_name().map(str::to_owned) {
                let bytes = part.bytes().await.map_err(|error| error.to_string())?;
                self.uploads.push(Upload { field, name, bytes });
            } else {
                let value = part.text().await.map_err(|error| error.to_string())?;
                self.take_pairs(vec![(field, value)]);
            }
        }
        Ok(())
    }

    /// A parameter as text; `None` when it is absent or empty, which Telegram treats alike.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.map.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A parameter as a whole number; `None` when it is absent or no whole number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.map.get(name).and_then(Value::as_i64)
    }

    /// A parameter as JSON, with JSON strings already parsed; null and empty text count as absent.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// A boolean parameter; absent means false.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.map.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The uploaded file of parameter `name`: the multipart field of that name, or the field that the parameter names
    /// as `attach://<field>`.
    pub(super) fn upload(&self, name: &str) -> Option<&Upload> {
        let attached = self.text(name).and_then(|text| text.strip_prefix("attach://"));
        let field = attached.unwrap_or(name);
        self.uploads.iter().find(|upload| upload.field == field)
    }

    /// The names of the call's parameters and files that are not in `known`.
    pub(super) fn unknown(&self, known: &[&str]) -> Vec<&str> {
        let attached: Vec<_> =
            self.map.values().filter_map(|value| value.as_str()?.strip_prefix("attach://")).collect();
        let files = self.uploads.iter().map(|upload| upload.field.as_str()).filter(|name| !attached.contains(name));
        let sent = self.map.iter().filter(|(_, value)| !value.is_null());
        let names = sent.map(|(name, _)| name.as_str()).chain(files);
        names.filter(|name| !known.contains(name)).collect()
    }

    /// The parameters in the form in which a call is recorded: each file is replaced by its name and size.
    pub(super) fn into_record(self) -> Value {
        let mut map = self.map;
        for upload in self.uploads {
            let note = json!({ "file_name": upload.name, "file_size": upload.bytes.len() });
            let attached = format!("attach://{}", upload.field);
            match map.values_mut().find(|value| value.as_str() == Some(&attached)) {
                Some(value) => *value = note,
                None => drop(map.insert(upload.field, note)),
            }
        }
        Value::Object(map)
    }
}

fn in_shape(name: &str, value: Value) -> Value {
    let Value::String(text) = &value else { return value };
    let shaped = if NUMBERS.contains(&name) {
        text.parse::<i64>().ok().map(Value::from)
    } else if FLAGS.contains(&name) {
        Some(Value::Bool(matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes")))
    } else if STRUCTURES.contains(&name) {
        serde_json::from_str(text).ok()
    } else {
        None
    };
    shaped.unwrap_or(value)
}
