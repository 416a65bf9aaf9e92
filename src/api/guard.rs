//! What stands around every route: a request id, a span, a time limit, a net under panics, security headers.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::problem::{Problem, problem};
use crate::catalogue::Code;
use crate::secret;

/// No route takes longer; one that does has lost something.
const LONGEST: Duration = Duration::from_secs(30);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST_ID: usize = 64;

/// What everybody calls this request: the caller's own word for it if they sent a sound one.
#[derive(Debug, Clone)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    fn of(headers: &HeaderMap) -> Self {
        let is_sound = |value: &&HeaderValue| {
            let bytes = value.as_bytes();
            let good = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            (1..=LONGEST_ID).contains(&bytes.len()) && bytes.iter().all(good)
        };
        let made = || HeaderValue::from_str(&secret::random_text(20)).unwrap_or(HeaderValue::from_static("-"));
        Self(headers.get(REQUEST_ID).filter(is_sound).cloned().unwrap_or_else(made))
    }

    pub(super) fn text(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// Runs a request inside all of this.
pub(super) async fn guard(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let span = tracing::info_span!("request", id = id.text(), method = %request.method(), path = request.uri().path());
    request.extensions_mut().insert(id.clone());
    async move {
        let mut response = answered(request, next).await;
        tracing::debug!(status = response.status().as_u16(), "answered");
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            let kept =
                [ALLOW, RETRY_AFTER].map(|name| response.headers().get(&name).cloned().map(|value| (name, value)));
            response = problem.written(&id);
            response.headers_mut().extend(kept.into_iter().flatten());
        }
        protect(response.headers_mut(), &id);
        response
    }
    .instrument(span)
    .await
}

async fn answered(request: Request, next: Next) -> Response {
    let mut work = Box::pin(next.run(request));
    let caught = poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.map_or(std::task::Poll::Ready(None), |polled| polled.map(Some))
    });
    match tokio::time::timeout(LONGEST, caught).await {
        Ok(Some(response)) => response,
        Ok(None) => {
            tracing::error!("a request panicked");
            problem(Code::Internal, "The cause is in the log.")
        }
        Err(_) => {
            tracing::error!("a request took too long");
            problem(Code::ServiceUnavailable, "This took too long.")
        }
    }
}

/// Nothing here is a page: nobody may frame, sniff, cache or run it.
fn protect(headers: &mut HeaderMap, id: &RequestId) {
    let fixed = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        // The two pages bring a policy of their own.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.insert(REQUEST_ID, id.0.clone());
}
