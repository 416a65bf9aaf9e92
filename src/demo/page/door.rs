//! The HTTP side of the page. Requests are answered only for the page itself: the right token in the path, a `Host` of
//! this machine, no foreign `Origin`. What a request asks for is done by the stage, one request after the other.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use builtin_telegram::BuiltinTelegram;
use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::demo::stage::{Denial, DenialKind, StageAct, StageRequest};
use crate::secret;

/// The largest body of a request, in bytes.
const MOST_BODY: usize = 8 * 1024;
/// How many requests that change something are answered in a second.
const MOST_A_SECOND: u32 = 200;
/// The headers of every answer: nothing of another origin is loaded, and no other page may show or read this one.
const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];
const STYLE: &str = include_str!("assets/style.css");
const ICON: &str = include_str!("assets/icon.svg");
/// The script of the page, in modules that import each other.
const SCRIPTS: [(&str, &str); 8] = [
    ("app.js", include_str!("assets/app.js")),
    ("base.js", include_str!("assets/base.js")),
    ("ansi.js", include_str!("assets/ansi.js")),
    ("message.js", include_str!("assets/message.js")),
    ("phone.js", include_str!("assets/phone.js")),
    ("shop.js", include_str!("assets/shop.js")),
    ("terminal.js", include_str!("assets/terminal.js")),
    ("tour.js", include_str!("assets/tour.js")),
];
/// The names of the requests that change something, each answered to a POST.
const ACTS: [&str; 13] =
    ["say", "press", "open", "channel", "block", "pick", "clock", "fault", "life", "restart", "run", "type", "stop"];
const JSON: &str = "application/json";

/// What the HTTP side knows: the token, the page, and where requests go.
pub(super) struct Door {
    pub token: String,
    pub port: u16,
    /// The page with its words.
    pub page: String,
    pub telegram: BuiltinTelegram,
    /// The error message for a body over `MOST_BODY`, in the page's language.
    pub too_long: String,
    /// The picture on the poster.
    pub poster: Option<Vec<u8>>,
    pub requests: mpsc::Sender<StageRequest>,
    /// When the present second began, and how many changes were asked for in it.
    pub pace: Mutex<(Instant, u32)>,
}

/// The routes of the page.
pub(super) fn router(door: Arc<Door>) -> Router {
    Router::new().fallback(answer).with_state(door)
}

async fn answer(State(door): State<Arc<Door>>, request: Request) -> Response {
    let mut response = match door.respond(request).await {
        Ok(response) => response,
        Err(denial) => denied(&denial),
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

impl Door {
    async fn respond(&self, request: Request) -> Result<Response, Denial> {
        if !is_ours(request.headers(), self.port) {
            return Err(Denial::forbidden("this page answers only to itself"));
        }
        let path = request.uri().path().to_owned();
        let inside = path.strip_prefix('/').and_then(|path| path.split_once('/'));
        let Some((_, rest)) = inside.filter(|(token, _)| secret::same(token, &self.token)) else {
            return Ok(empty(StatusCode::NOT_FOUND));
        };
        let wanted = if ACTS.contains(&rest) || rest == "complete" { Method::POST } else { Method::GET };
        if request.method() != wanted {
            let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static(if wanted == Method::GET { "GET" } else { "POST" }));
            return Ok(response);
        }
        match rest {
            "" => Ok(typed("text/html; charset=utf-8", self.page.clone())),
            "style.css" => Ok(typed("text/css; charset=utf-8", STYLE)),
            "icon.svg" => Ok(typed("image/svg+xml", ICON)),
            "events" => self.stream(request.headers()).await,
            "people" => {
                let query = request.uri().query().unwrap_or_default();
                let sought = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "q");
                self.act(StageAct::FindPeople(sought.map(|(_, value)| value.into_owned()).unwrap_or_default())).await
            }
            _ if wanted == Method::POST => {
                let name = rest.to_owned();
                let body = self.body(request).await?;
                self.act(act(&name, &body).map_err(|error| Denial::invalid(error.to_string()))?).await
            }
            _ => Ok(self.file(rest)),
        }
    }

    /// The body of a request that changes something, if it is JSON, short enough and not one of too many.
    async fn body(&self, request: Request) -> Result<Bytes, Denial> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.split(';').next().is_none_or(|kind| !kind.trim().eq_ignore_ascii_case(JSON)) {
            return Err(Denial::invalid("the body must be JSON (Content-Type: application/json)"));
        }
        if !self.may_act() {
            return Err(Denial::too_many(format!("more than {MOST_A_SECOND} requests a second")));
        }
        to_bytes(request.into_body(), MOST_BODY).await.map_err(|_| Denial::invalid(&self.too_long))
    }

    fn may_act(&self) -> bool {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        if pace.0.elapsed() >= Duration::from_secs(1) {
            *pace = (Instant::now(), 0);
        }
        pace.1 += 1;
        pace.1 <= MOST_A_SECOND
    }

    async fn act(&self, act: StageAct) -> Result<Response, Denial> {
        let (tell, told) = oneshot::channel();
        let closing = || Denial::not_ready("the demo is closing");
        self.requests.send(StageRequest::Act(act, tell)).await.map_err(|_| closing())?;
        let answer = told.await.map_err(|_| closing())??;
        Ok(typed(JSON, answer.to_string()))
    }

    async fn stream(&self, headers: &HeaderMap) -> Result<Response, Denial> {
        let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
        let (tell, told) = oneshot::channel();
        let closing = || Denial::not_ready("the demo is closing");
        self.requests.send(StageRequest::Stream(last, tell)).await.map_err(|_| closing())?;
        let stream = told.await.map_err(|_| closing())?;
        let stream = stream.ok_or_else(|| Denial::not_ready("too many windows show this page"))?;
        let mut response = Response::new(Body::new(stream));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        Ok(response)
    }

    /// A module of the script, or a picture.
    fn file(&self, name: &str) -> Response {
        let script = SCRIPTS.iter().find(|(known, _)| *known == name);
        match (script, name.strip_prefix("photo/")) {
            (Some((_, text)), _) => typed("text/javascript; charset=utf-8", *text),
            (None, Some(id)) => self.photo(id),
            (None, None) => empty(StatusCode::NOT_FOUND),
        }
    }

    /// A picture: of the poster, or one that a bot has sent.
    fn photo(&self, id: &str) -> Response {
        let bytes = if id == "poster" { self.poster.clone() } else { self.telegram.file_bytes(id) };
        bytes.map_or_else(|| empty(StatusCode::NOT_FOUND), |bytes| typed("image/png", bytes))
    }
}

/// Whether a request comes from this page or from a program on this machine, not from another page in the browser: a
/// foreign name that leads here has another `Host`, and a foreign page has another `Origin`.
fn is_ours(headers: &HeaderMap, port: u16) -> bool {
    let here = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(HOST.as_str()).is_some_and(|host| here.iter().any(|own| own == host));
    let origin = text(ORIGIN.as_str())
        .is_none_or(|origin| origin.strip_prefix("http://").is_some_and(|origin| here.iter().any(|own| own == origin)));
    let site = text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    host && origin && site
}

/// The act that a request names, with its values; unknown values are refused.
fn act(name: &str, body: &[u8]) -> serde_json::Result<StageAct> {
    use serde::de::Error;
    let mut fields: Map<String, Value> = serde_json::from_slice(body)?;
    if fields.insert("act".into(), name.into()).is_some() {
        return Err(serde_json::Error::custom("unknown field `act`"));
    }
    let act = serde_json::from_value(Value::Object(fields))?;
    match &act {
        StageAct::Clock { rate: Some(1 | 60), spin: None } | StageAct::Clock { rate: None, spin: Some(_) } => Ok(act),
        StageAct::Clock { .. } => Err(serde_json::Error::custom("rate is 1 or 60, or spin is hour or day")),
        _ => Ok(act),
    }
}

fn denied(denial: &Denial) -> Response {
    let (status, code) = match denial.kind {
        DenialKind::Invalid => (StatusCode::BAD_REQUEST, "VALIDATION_ERROR"),
        DenialKind::Forbidden => (StatusCode::FORBIDDEN, "NOT_ALLOWED"),
        DenialKind::Busy => (StatusCode::CONFLICT, "BUSY"),
        DenialKind::NotReady => (StatusCode::SERVICE_UNAVAILABLE, "NOT_READY"),
        DenialKind::TooMany => (StatusCode::TOO_MANY_REQUESTS, "BUSY"),
    };
    let body = json!({ "error": { "code": code, "message": denial.message } });
    let mut response = typed(JSON, body.to_string());
    *response.status_mut() = status;
    response
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn typed(kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use crate::demo::stage::{FaultKind, LinkSource, PhoneName, Spin};

    use super::*;

    #[test]
    fn html_style_and_script_are_small() {
        let bytes = include_str!("assets/page.html").len() + STYLE.len();
        let bytes = bytes + SCRIPTS.iter().map(|(_, text)| text.len()).sum::<usize>();
        assert!(bytes < 120_000, "{bytes}");
    }

    #[test]
    fn only_the_page_itself_and_programs_of_this_machine_are_answered() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
        };
        let host = ("host", "127.0.0.1:8099");
        for own in [
            headers(&[host]),
            headers(&[
                ("host", "localhost:8099"),
                ("origin", "http://127.0.0.1:8099"),
                ("sec-fetch-site", "same-origin"),
            ]),
            headers(&[host, ("sec-fetch-site", "none")]),
        ] {
            assert!(is_ours(&own, 8099), "{own:?}");
        }
        for foreign in [
            headers(&[]),
            headers(&[("host", "127.0.0.1")]),
            headers(&[("host", "127.0.0.1:8098")]),
            headers(&[("host", "shop.example:8099")]),
            headers(&[host, ("origin", "http://shop.example")]),
            headers(&[host, ("origin", "https://127.0.0.1:8099")]),
            headers(&[host, ("origin", "null")]),
            headers(&[host, ("sec-fetch-site", "cross-site")]),
            headers(&[host, ("sec-fetch-site", "same-site")]),
        ] {
            assert!(!is_ours(&foreign, 8099), "{foreign:?}");
        }
    }

    #[test]
    fn every_act_has_a_form_and_no_other_value_is_taken() {
        for (name, body, wanted) in [
            (
                "say",
                r#"{"phone":"customer","text":"x"}"#,
                StageAct::Say { phone: PhoneName::Customer, text: "x".into() },
            ),
            (
                "press",
                r#"{"phone":"owner","message_id":7,"row":0,"column":1,"caption":"Да"}"#,
                StageAct::Press { phone: PhoneName::Owner, message_id: 7, row: 0, column: 1, caption: "Да".into() },
            ),
            (
                "open",
                r#"{"phone":"cashier","link":"qr"}"#,
                StageAct::Open { phone: PhoneName::Cashier, link: LinkSource::Qr },
            ),
            ("channel", r#"{"join":true}"#, StageAct::Channel { join: true }),
            ("block", r#"{"on":false}"#, StageAct::Block { on: false }),
            ("pick", r#"{"phone":"customer","person":9}"#, StageAct::Pick { phone: PhoneName::Customer, person: 9 }),
            ("clock", r#"{"rate":60}"#, StageAct::Clock { rate: Some(60), spin: None }),
            ("clock", r#"{"spin":"day"}"#, StageAct::Clock { rate: None, spin: Some(Spin::Day) }),
            ("fault", r#"{"kind":"network_end"}"#, StageAct::Fault { kind: FaultKind::NetworkEnd }),
            ("life", r#"{"on":true}"#, StageAct::Life { on: true }),
            ("restart", "{}", StageAct::Restart {}),
            ("run", r#"{"line":"stats","columns":80}"#, StageAct::Run { line: "stats".into(), columns: 80 }),
            ("type", r#"{"line":"y"}"#, StageAct::Type { line: "y".into() }),
            ("stop", "{}", StageAct::Stop {}),
            ("complete", r#"{"line":"st"}"#, StageAct::Complete { line: "st".into() }),
        ] {
            assert_eq!(act(name, body.as_bytes()).unwrap(), wanted);
            let more = format!("{}{}\"more\":1}}", &body[..body.len() - 1], if body == "{}" { "" } else { "," });
            assert!(act(name, more.as_bytes()).is_err(), "{name} {more}");
            assert!(act(name, b"[]").is_err() && act(name, b"").is_err(), "{name}");
        }
        for body in ["{}", r#"{"rate":2}"#, r#"{"rate":1,"spin":"day"}"#, r#"{"spin":"week"}"#] {
            assert!(act("clock", body.as_bytes()).is_err(), "{body}");
        }
    }
}
