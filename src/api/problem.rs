//! Refusals as `application/problem+json`. The codes are those of the error catalogue and never renamed.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::guard::RequestId;

/// The codes this door answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    Internal,
    MethodNotAllowed,
    NotFound,
    ServiceUnavailable,
    WebhookSecretInvalid,
}

impl Code {
    const fn word(self) -> &'static str {
        match self {
            Self::Internal => "INTERNAL_ERROR",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::NotFound => "NOT_FOUND",
            Self::ServiceUnavailable => "SERVICE_UNAVAILABLE",
            Self::WebhookSecretInvalid => "WEBHOOK_SECRET_INVALID",
        }
    }
}

/// What a refusal says; the guard adds the request's id and writes it down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Problem {
    status: StatusCode,
    code: Code,
    detail: &'static str,
}

impl Problem {
    /// The finished answer.
    pub(super) fn written(self, id: &RequestId) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code.word(),
            "errors": [],
            "request_id": id.text(),
        });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

/// A refusal on its way to the guard.
pub(super) fn problem(status: StatusCode, code: Code, detail: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.extensions_mut().insert(Problem { status, code, detail });
    response
}
