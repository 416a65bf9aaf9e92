//! The answers with which the server refuses a call, in Telegram's words.

use serde_json::{Value, json};

use super::faults::Fault;

/// An `"ok": false` answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) description: String,
    pub(super) retry_after: Option<u32>,
}

impl Refusal {
    pub(super) fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), retry_after: None }
    }

    pub(super) fn bad(what: &str) -> Self {
        Self::new(400, format!("Bad Request: {what}"))
    }

    pub(super) fn forbidden(what: &str) -> Self {
        Self::new(403, format!("Forbidden: {what}"))
    }

    pub(super) fn too_many(retry_after: u32) -> Self {
        let refusal = Self::new(429, format!("Too Many Requests: retry after {retry_after}"));
        Self { retry_after: Some(retry_after), ..refusal }
    }

    /// The refusal that a fault asks for; `None` for faults with which the call takes effect.
    pub(super) fn of_fault(fault: &Fault) -> Option<Self> {
        match fault {
            Fault::TooManyRequests { retry_after } => Some(Self::too_many(*retry_after)),
            Fault::Forbidden(what) => Some(Self::forbidden(what)),
            Fault::BadRequest(what) => Some(Self::bad(what)),
            Fault::NotFound => Some(Self::new(404, "Not Found: method not found")),
            // `server` writes the answers of `Gibberish` and `ServerErrorHtml`; these refusals only keep the call from
            // taking effect.
            Fault::Gibberish => Some(Self::new(200, "gibberish")),
            Fault::ServerErrorHtml(code) => Some(Self::new(*code, "page")),
            Fault::ServerErrorJson(code) => Some(Self::new(*code, "Internal Server Error: restart")),
            _ => None,
        }
    }

    /// The JSON body of this answer.
    pub(super) fn json(&self) -> Value {
        let mut body = json!({ "ok": false, "error_code": self.code, "description": self.description });
        if let (Some(seconds), Some(map)) = (self.retry_after, body.as_object_mut()) {
            map.insert("parameters".into(), json!({ "retry_after": seconds }));
        }
        body
    }
}
