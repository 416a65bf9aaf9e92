//! One call of the Bot API over HTTP: the request, the answer up to a bounded size, and its outcome. The result stays
//! raw JSON, because typed answers fail to decode when Telegram changes a field. Used by `client`.

use std::error::Error;

use reqwest::multipart::{Form, Part};
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::content::File;
use crate::telegram::reply::{CallOutcome, Transport};

/// The longest answer that is read, in bytes. Telegram never sends a longer one: a server that does is not Telegram's,
/// or is broken.
pub(super) const MOST_BYTES: usize = 4 * 1024 * 1024;
/// The error text for an answer that is longer than [`MOST_BYTES`].
pub(super) const TOO_LONG: &str = "the answer is longer than 4 MiB";

/// A call: a method of the Bot API with its parameters.
#[derive(Debug, Clone)]
pub(super) struct Call {
    method: &'static str,
    fields: Map<String, Value>,
    /// A file to upload, under its parameter's name.
    file: Option<(&'static str, File)>,
}

impl Call {
    pub fn new(method: &'static str) -> Self {
        Self { method, fields: Map::new(), file: None }
    }

    /// Adds a parameter; a missing value is left out.
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        // All values passed to this function (numbers, texts, buttons) can be written as JSON.
        let value = serde_json::to_value(value).unwrap_or_default();
        if !value.is_null() {
            self.fields.insert(name.to_owned(), value);
        }
        self
    }

    /// Adds a file: its bytes to upload, or its `file_id` if Telegram has the file already.
    pub fn with_file(mut self, name: &'static str, file: &File) -> Self {
        match file {
            File::Id(id) => self.with(name, id.as_str()),
            File::Bytes { .. } => {
                self.file = Some((name, file.clone()));
                self
            }
        }
    }
}

/// The HTTP client, and the address to which calls go.
#[derive(Clone)]
pub(super) struct Api {
    pub http: reqwest::Client,
    /// The Bot API's address with the token, no slash at the end.
    pub url: String,
}

/// The fields of Telegram's answer that are read.
#[derive(Deserialize)]
struct Reply {
    ok: bool,
    result: Option<Box<RawValue>>,
    error_code: Option<i64>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
}

/// The outcome of a call that failed, and the error text of Telegram or the system. The text never contains the call's
/// address, which holds the token.
pub(super) type Undone = (CallOutcome, String);

impl Api {
    /// Makes a call and returns the raw `result` of the answer. `Ok(None)`: the call succeeded without a result.
    pub async fn execute(&self, call: Call) -> Result<Option<Box<RawValue>>, Undone> {
        let request = self.request(call).map_err(|error| (CallOutcome::Transport(Transport::Unsendable), error))?;
        let answer = request.send().await.map_err(|error| of_http(&error))?;
        judge(&bounded(answer).await?)
    }

    fn request(&self, call: Call) -> Result<reqwest::RequestBuilder, String> {
        let request = self.http.post(format!("{}/{}", self.url, call.method));
        let Some((name, File::Bytes { name: file_name, bytes })) = call.file else {
            return Ok(request.json(&call.fields));
        };
        let mut form = Form::new();
        for (field, value) in call.fields {
            let text = if let Value::String(text) = value { text } else { value.to_string() };
            form = form.text(field, text);
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(request.multipart(form.part(name, Part::stream_with_length(bytes, length).file_name(file_name))))
    }
}

/// Reads the body of an answer; an error when the body is longer than [`MOST_BYTES`].
async fn bounded(mut answer: reqwest::Response) -> Result<Vec<u8>, Undone> {
    let too_long = || (CallOutcome::Transport(Transport::TooLong), TOO_LONG.to_owned());
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    if answer.content_length().is_some_and(|length| length > most) {
        return Err(too_long());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| of_body(&error))? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn judge(body: &[u8]) -> Result<Option<Box<RawValue>>, Undone> {
    let reply: Reply = serde_json::from_slice(body).map_err(|error| {
        let transport = match error.classify() {
            _ if error.line() <= 1 && error.column() <= 1 => Transport::NonJson,
            Category::Eof => Transport::BodyTruncated,
            _ => Transport::Decode,
        };
        (CallOutcome::Transport(transport), "the answer is not one of Telegram's".to_owned())
    })?;
    if reply.ok {
        return Ok(reply.result);
    }
    let description = reply.description.unwrap_or_else(|| "no description".to_owned());
    let retry_after = reply.parameters.and_then(|parameters| parameters.retry_after);
    Err((CallOutcome::Api { code: reply.error_code, description: description.clone(), retry_after }, description))
}

fn of_http(error: &reqwest::Error) -> Undone {
    // Nothing was sent if connecting failed, or if the connection closed before the request was written. This is
    // checked before timeouts, because reqwest reports a timeout while connecting as a timeout, too.
    let transport = if error.is_builder() {
        Transport::Unsendable
    } else if error.is_connect() || is_unwritten(error) {
        Transport::Connect
    } else if error.is_timeout() {
        Transport::TimeoutAfterSend
    } else {
        Transport::Reset
    };
    (CallOutcome::Transport(transport), why(error))
}

/// Whether the connection closed before a byte of the request was written.
fn is_unwritten(error: &reqwest::Error) -> bool {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.filter_map(|cause| cause.downcast_ref::<hyper::Error>()).any(hyper::Error::is_canceled)
}

fn of_body(error: &reqwest::Error) -> Undone {
    let transport = if error.is_timeout() { Transport::TimeoutAfterSend } else { Transport::BodyTruncated };
    (CallOutcome::Transport(transport), why(error))
}

/// The error texts that say why Telegram was not reached, each with its key in the catalogues of `language`.
pub const WHY_UNREACHED: [(&str, &str); 7] = [
    (REFUSED, "telegram.why.refused"),
    (BROKEN, "telegram.why.broken"),
    (LATE, "telegram.why.late"),
    (NO_NETWORK, "telegram.why.network"),
    (NO_NAME, "telegram.why.name"),
    (NO_TLS, "telegram.why.tls"),
    (NO_PROXY, "telegram.why.proxy"),
];
const REFUSED: &str = "the connection was refused";
const BROKEN: &str = "the connection broke";
pub(super) const LATE: &str = "no answer in time";
const NO_NETWORK: &str = "the network does not lead there";
const NO_NAME: &str = "the server's name cannot be found";
const NO_TLS: &str = "no trusted HTTPS connection";
const NO_PROXY: &str = "the proxy does not lead there";

/// Why a call failed in the network, in fixed words: the system's own error texts do not help people.
fn why(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return LATE.to_owned();
    }
    let mut cause: &dyn Error = error;
    let mut words = String::new();
    while let Some(deeper) = cause.source() {
        cause = deeper;
        words = format!("{words} {}", cause.to_string().to_lowercase());
        if let Some(found) = cause.downcast_ref::<std::io::Error>().and_then(|error| of_kind(error.kind())) {
            return found.to_owned();
        }
    }
    let said = |any: &[&str]| any.iter().any(|word| words.contains(word));
    let known = match () {
        () if said(&["proxy", "socks", "tunnel"]) => NO_PROXY,
        () if said(&["dns error", "lookup address", "name or service"]) => NO_NAME,
        () if said(&["certificate", "tls", "handshake"]) => NO_TLS,
        () if said(&["closed", "reset", "incomplete", "eof"]) => BROKEN,
        () => return "the call failed".to_owned(),
    };
    known.to_owned()
}

const fn of_kind(kind: std::io::ErrorKind) -> Option<&'static str> {
    use std::io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, NetworkDown,
        NetworkUnreachable, TimedOut, UnexpectedEof,
    };
    match kind {
        ConnectionRefused => Some(REFUSED),
        ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof => Some(BROKEN),
        TimedOut => Some(LATE),
        NetworkUnreachable | HostUnreachable | NetworkDown => Some(NO_NETWORK),
        _ => None,
    }
}

/// The fields of a sent or edited message that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    message_id: Value,
    photo: Value,
    video: Value,
    document: Value,
}

impl Sent {
    /// Reads the result of sending or editing. A result that is no message (some edits return `true`) becomes an empty
    /// `Sent`.
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
