//! The id of a request: in every answer, in the log, in the body of a problem.

use axum::http::header::HeaderName;
use axum::http::{HeaderMap, HeaderValue};

use crate::secret;

/// The header of the id, in requests and answers.
pub(in crate::api) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST_ID: usize = 64;

/// The request's id: the client's `X-Request-Id` if it is well-formed, else a new one.
#[derive(Debug, Clone)]
pub(in crate::api) struct RequestId(HeaderValue);

impl RequestId {
    /// The id of a request with these headers.
    pub(in crate::api) fn of(headers: &HeaderMap) -> Self {
        let is_sound = |value: &&HeaderValue| {
            let bytes = value.as_bytes();
            let good = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            (1..=LONGEST_ID).contains(&bytes.len()) && bytes.iter().all(good)
        };
        let made = || HeaderValue::from_str(&secret::random_text(20)).unwrap_or(HeaderValue::from_static("-"));
        Self(headers.get(REQUEST_ID).filter(is_sound).cloned().unwrap_or_else(made))
    }

    #[cfg(test)]
    pub(in crate::api) fn for_tests() -> Self {
        Self(HeaderValue::from_static("-"))
    }

    /// The id as the value of its header.
    pub(in crate::api) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// The id as text.
    pub(in crate::api) fn text(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}
