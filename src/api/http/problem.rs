//! Refusals as `application/problem+json`. This is the only place that maps refusals and storage failures to the error
//! codes of `catalogue`; a failure is logged here, once, and its cause is not sent to the client.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::request_id::RequestId;
use crate::catalogue::Code;
use crate::clock::Timestamp;
use crate::db::Failure;
use crate::error::{Error, Refusal};
use crate::language::Language;

/// A refusal as the client gets it; the guard adds the request's id and writes the response.
#[derive(Debug, Clone)]
pub(in crate::api) struct Problem {
    code: Code,
    detail: String,
    errors: Vec<Value>,
    /// Further members of the answer: `next_date`, `redeemed_at`, …
    facts: Map<String, Value>,
    retry_after: Option<i64>,
}

impl Problem {
    /// A refusal with the catalogue's text of the error code.
    pub(in crate::api) fn of(code: Code) -> Self {
        Self::saying(code, code.meaning())
    }

    /// A refusal with a text of its own instead of the catalogue's.
    pub(in crate::api) fn saying(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), facts: Map::new(), retry_after: None }
    }

    /// A refusal because of this field's value.
    pub(in crate::api) fn field(field: &str, message: impl Into<String>) -> Self {
        Self::of(Code::Validation).naming(field, message)
    }

    fn naming(mut self, field: &str, message: impl Into<String>) -> Self {
        self.errors.push(json!({ "field": field, "message": message.into() }));
        self
    }

    fn with(mut self, facts: Value) -> Self {
        if let Value::Object(facts) = facts {
            self.facts.extend(facts);
        }
        self
    }

    /// Tells the client to retry after this many seconds.
    pub(in crate::api) fn after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// The HTTP status of the refusal.
    pub(in crate::api) const fn status(&self) -> u16 {
        self.code.status()
    }

    /// The JSON body of the refusal; `id` is the request's.
    pub(in crate::api) fn body(&self, id: &RequestId) -> Value {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut body = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": self.detail,
            "code": self.code.as_str(),
            "errors": self.errors,
            "request_id": id.text(),
        });
        if let Some(body) = body.as_object_mut() {
            body.extend(self.facts.clone());
        }
        body
    }

    /// The refusal as an HTTP response.
    pub(in crate::api) fn written(&self, id: &RequestId) -> Response {
        let mut response = written(self.status(), self.body(id).to_string());
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A response with this JSON body; from status 400 on its type is `application/problem+json`.
pub(in crate::api) fn written(status: u16, body: String) -> Response {
    let kind = if status < 400 { "application/json" } else { "application/problem+json" };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.extensions_mut().insert(self);
        response
    }
}

/// Renames the field in a use-case's refusal to its name in the API: `names` are pairs of use-case name and API name.
pub(in crate::api) fn renamed(error: Error, names: &[(&str, &'static str)]) -> Error {
    let Error::Refused(Refusal::Validation { field, value, rule }) = error else { return error };
    let ours = names.iter().find(|(theirs, _)| *theirs == field).map_or(field, |(_, ours)| ours);
    Refusal::Validation { field: ours, value, rule }.into()
}

/// A stored answer as an HTTP response at `now`: `Retry-After` is computed from the end of a lock.
pub(in crate::api) fn written_at(status: u16, body: String, now: Timestamp) -> Response {
    let until = || serde_json::from_str::<Value>(&body).ok()?.get("until")?.as_str().and_then(Timestamp::parse);
    let wait = if status == 429 { until().map(|until| (until.0 - now.0).max(1)) } else { None };
    let mut response = written(status, body);
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A refusal as a response that the guard completes.
pub(in crate::api) fn problem(code: Code, detail: &str) -> Response {
    Problem::saying(code, detail).into_response()
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::from(refusal),
            Error::Storage(failure) => Self::from(failure),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Damaged(_) | Failure::Incomplete(_) => tracing::error!(%failure, "the database is damaged"),
            Failure::Moved => tracing::warn!(%failure, "a request could not be served now"),
            _ if failure.is_passing() => tracing::warn!(%failure, "a request could not be served now"),
            _ => {
                tracing::error!(%failure, "a request failed");
                return Self::of(Code::Internal);
            }
        }
        unserved(&failure)
    }
}

/// Why the request cannot be served now, as far as the client can act on it.
fn unserved(failure: &Failure) -> Problem {
    let saying = |detail: String| Problem::saying(Code::ServiceUnavailable, detail);
    match failure {
        Failure::Crowded => saying("Too many lists and figures are being read at once; try again.".into()).after(5),
        Failure::Late { seconds } => {
            let advice = "narrow the filter or the period, then ask again";
            saying(format!("Reading took longer than {seconds} seconds and was stopped; {advice}.")).after(30)
        }
        Failure::Ending => saying("The server is stopping; try again.".into()).after(5),
        _ => Problem::of(Code::ServiceUnavailable).after(1),
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::of(refusal.catalogued());
        let say = |key: &str| Language::En.text(key, &[]);
        let ruled = |key: &str, range: &String| Language::En.text(key, &[("range", range)]);
        match refusal {
            Refusal::Validation { field, rule, .. } => problem.naming(field, say(rule)),
            Refusal::SegmentInvalid { path, rule, range, .. } => problem.naming(&path, ruled(rule, &range)),
            Refusal::SettingInvalidValue { key, rule, range } => problem.naming(key, ruled(rule, &range)),
            Refusal::TextHtmlInvalid { reason, what } => problem.naming("body", reasoned(say(reason), &what)),
            Refusal::TextPlaceholderUnknown { name, allowed } => {
                problem.naming("body", name).with(json!({ "allowed": allowed }))
            }
            Refusal::BroadcastTextInvalid { field, reason, what } => {
                problem.naming(field, reasoned(say(reason), &what))
            }
            Refusal::BroadcastTooLarge { field, most } => problem.naming(field, format!("at most {most}")),
            Refusal::PhoneInvalid => problem.naming("phone", say("refusal_hint.PHONE_INVALID")),
            Refusal::BirthdayInvalid => {
                problem.naming("birthday", "YYYY-MM-DD, not in the future, at most 120 years ago")
            }
            Refusal::TooManyTags | Refusal::TagTooLong => problem.naming("tags", refusal.catalogued().meaning()),
            Refusal::CodeAlreadyUsed { at, .. } => problem.with(json!({ "redeemed_at": at.to_string() })),
            Refusal::CodeExpired { last_day } => problem.with(json!({ "last_day": last_day.to_string() })),
            Refusal::RecurrenceNotReached { next } => {
                problem.with(json!({ "next_date": next.map(|at| at.to_string()) }))
            }
            Refusal::CashierLocked { until } => problem.with(json!({ "until": until.to_string() })),
            Refusal::CashierState { status } => problem.with(json!({ "state": status })),
            Refusal::BroadcastMediaInvalid { reason, what } => {
                problem.naming("media_file_id", reasoned(say(reason), &what))
            }
            Refusal::BroadcastInvalidTransition { status, .. } | Refusal::BroadcastNotEditable { status } => {
                problem.with(json!({ "state": status }))
            }
            Refusal::BroadcastConfirmationStale { count } => problem.with(json!({ "recipients": count })),
            Refusal::SegmentInUse { uses, .. } => problem.with(json!({ "uses": uses })),
            _ => problem,
        }
    }
}

/// A reason, with the piece at fault if there is one: of an empty text there is none.
fn reasoned(reason: String, what: &str) -> String {
    if what.is_empty() { reason } else { format!("{reason}: {what}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_database_is_a_service_that_cannot_be_had_and_no_bug() {
        for failure in [
            Failure::Damaged("database disk image is malformed".into()),
            Failure::Incomplete("no such table: users".into()),
        ] {
            let problem = Problem::from(failure);
            assert_eq!((problem.code, problem.status()), (Code::ServiceUnavailable, 503));
            assert!(!problem.detail.contains("users") && !problem.detail.contains("image"), "{}", problem.detail);
        }
        assert_eq!(Problem::from(Failure::Internal("near syntax".into())).status(), 500);
    }
}
