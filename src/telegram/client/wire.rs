//! Between tgbot and us: a wrapper that takes every answer as raw JSON, because tgbot's own types refuse answers with
//! a field they do not know, and the translation of its errors into outcomes. Only for `client`.

use std::error::Error;

use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;
use tgbot::api::{ExecuteError, Method, Payload, PayloadError};

use crate::telegram::reply::{Outcome, Transport};

/// A prepared call whose result stays undecoded. serde_json's `raw_value` is switched on by axum's `json`.
pub(super) struct Raw(pub Result<Payload, PayloadError>);

impl Method for Raw {
    type Response = Box<RawValue>;

    fn into_payload(self) -> Result<Payload, PayloadError> {
        self.0
    }
}

/// What is kept of a sent or edited message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    message_id: Value,
    photo: Value,
    video: Value,
    document: Value,
}

impl Sent {
    /// Edits of some messages answer `true`; that, and anything else that is no message, is an empty `Sent`.
    pub fn read(raw: &RawValue) -> Self {
        serde_json::from_str(raw.get()).unwrap_or_default()
    }

    pub fn message_id(&self) -> Option<i64> {
        self.message_id.as_i64()
    }

    pub fn file_id(&self) -> Option<String> {
        let largest = self.photo.as_array().and_then(|sizes| sizes.last());
        let file = largest.unwrap_or(if self.video.is_null() { &self.document } else { &self.video });
        file.get("file_id")?.as_str().map(str::to_owned)
    }
}

/// How tgbot words an ok without a result.
const NO_RESULT: &str = "response is ok, but result is not provided";

/// What an error of tgbot says about the call.
pub(super) fn outcome(error: &ExecuteError) -> Outcome {
    match error {
        ExecuteError::Payload(_) => Outcome::Transport(Transport::Unsendable),
        ExecuteError::Http(error) => Outcome::Transport(transport(error)),
        ExecuteError::Response(no) if no.error_code().is_none() && no.description() == NO_RESULT => {
            Outcome::Ok { message_id: None }
        }
        ExecuteError::Response(no) => Outcome::Api {
            code: no.error_code(),
            description: no.description().to_owned(),
            retry_after: no.retry_after(),
        },
    }
}

fn transport(error: &reqwest::Error) -> Transport {
    if error.is_builder() {
        return Transport::Unsendable;
    }
    // a connection that took too long is both; nothing was sent
    if error.is_connect() {
        return Transport::Connect;
    }
    if error.is_timeout() {
        return Transport::TimeoutAfterSend;
    }
    if !error.is_decode() {
        return Transport::Reset;
    }
    match error.source().and_then(|source| source.downcast_ref::<serde_json::Error>()) {
        Some(json) if json.line() <= 1 && json.column() <= 1 => Transport::NonJson,
        Some(json) if json.classify() == Category::Eof => Transport::BodyTruncated,
        Some(_) => Transport::Decode,
        None => Transport::BodyTruncated,
    }
}

/// Telegram's words, or what the system said; never an address, which would hold the token.
pub(super) fn words(error: &ExecuteError, token: &str) -> String {
    let words = match error {
        ExecuteError::Response(no) => no.description().to_owned(),
        ExecuteError::Payload(error) => innermost(error),
        ExecuteError::Http(error) => innermost(error),
    };
    words.replace(token, "[token]")
}

fn innermost(error: &dyn Error) -> String {
    let Some(mut cause) = error.source() else { return "the call failed".to_owned() };
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
