//! Wraps every route: request id, tracing span, time limit, panic handler, security headers.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, RETRY_AFTER, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::problem::{Problem, problem};
use super::request_id::{REQUEST_ID, RequestId};
use crate::catalogue::Code;

/// The time limit of a request; one that takes longer is stuck.
const LONGEST: Duration = Duration::from_secs(30);
/// The limit of path and query together; the longest search with every filter is far shorter.
const LONGEST_URI: usize = 8 * 1024;

/// Runs a request with the guards of this module.
pub(in crate::api) async fn guard(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    // The route's template, not the path: a path may hold personal data, which must not get into the log.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    let span = tracing::info_span!("request", id = id.text(), method = %request.method(), route);
    request.extensions_mut().insert(id.clone());
    async move {
        let mut response = match unreadable(request.uri()) {
            Some(problem) => problem.into_response(),
            None => answered(request, next).await,
        };
        tracing::debug!(status = response.status().as_u16(), "answered");
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            let kept =
                [ALLOW, RETRY_AFTER].map(|name| response.headers().get(&name).cloned().map(|value| (name, value)));
            response = problem.written(&id);
            response.headers_mut().extend(kept.into_iter().flatten());
        }
        explain(&mut response);
        protect(response.headers_mut(), &id);
        response
    }
    .instrument(span)
    .await
}

/// Why a URI cannot be read; checked before routing.
fn unreadable(uri: &Uri) -> Option<Problem> {
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    if path.len() + query.len() > LONGEST_URI {
        return Some(Problem::field("path", "path and query together have at most 8,192 bytes"));
    }
    let is_bad = |text: &str| !is_sound(text.as_bytes());
    let field = [("path", is_bad(path)), ("query", is_bad(query))].into_iter().find(|(_, bad)| *bad)?.0;
    Some(Problem::field(field, "percent signs with two hexadecimal digits that spell UTF-8 are needed"))
}

fn is_sound(text: &[u8]) -> bool {
    if !text.contains(&b'%') {
        return true;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (mut spelled, mut rest) = (Vec::with_capacity(text.len()), text);
    while let [first, tail @ ..] = rest {
        rest = tail;
        let mut byte = *first;
        if byte == b'%' {
            let [high, low, tail @ ..] = tail else { return false };
            let (Some(high), Some(low)) = (digit(*high), digit(*low)) else { return false };
            (byte, rest) = (high * 16 + low, tail);
        }
        spelled.push(byte);
    }
    std::str::from_utf8(&spelled).is_ok()
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

/// Adds the headers that RFC 9110 requires with 401 and that clients need with 429.
fn explain(response: &mut Response) {
    let status = response.status();
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        headers.entry(WWW_AUTHENTICATE).or_insert(HeaderValue::from_static("Bearer"));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        headers.entry(RETRY_AFTER).or_insert(HeaderValue::from_static("60"));
    }
}

/// Adds security headers: answers are not web pages, so browsers must not frame, sniff, cache or run them.
fn protect(headers: &mut HeaderMap, id: &RequestId) {
    let fixed = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        // The two pages for browsers set a security policy of their own.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.insert(REQUEST_ID, id.header());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(uri: &str) -> Option<String> {
        let id = RequestId::for_tests();
        unreadable(&uri.parse().unwrap()).map(|problem| problem.body(&id)["errors"][0]["field"].to_string())
    }

    #[test]
    fn an_address_is_spelled_right_or_refused() {
        for sound in ["/", "/a?b=c", "/%D0%B0?q=%D0%B0%20b", "/?q=100%25"] {
            assert_eq!(field(sound), None, "{sound}");
        }
        for broken in ["/%", "/%1", "/%zz", "/%ff", "/%D0", "/%D0?q=1", "/%ed%a0%80"] {
            assert_eq!(field(broken).as_deref(), Some("\"path\""), "{broken}");
        }
        for broken in ["/?q=%", "/?q=%2", "/?%ff=1", "/?a=%c3%28"] {
            assert_eq!(field(broken).as_deref(), Some("\"query\""), "{broken}");
        }
        assert_eq!(field(&format!("/{}", "a".repeat(LONGEST_URI))).as_deref(), Some("\"path\""));
    }
}
