//! The HTTP side of the server: paths, tokens, answers, long polls, and broken answers. The methods in `catalogue`
//! check what a call brings.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::catalogue::{self, Method};
use super::faults::Fault;
use super::params::Params;
use super::queue::Poll;
use super::refusal::Refusal;
use super::state::{Performed, Server, until_cut_off, until_stopped};
use super::webhook;
use super::wire::{Gateway, Scissors};

/// The longest body of a request, in bytes: more than Telegram's 50 MB, so that a too long file is refused with
/// Telegram's error text.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// Serves requests until the server is stopped.
pub(super) async fn run(server: Arc<Server>, listener: TcpListener) {
    let app = Router::new()
        .fallback(answer)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::clone(&server))
        .into_make_service_with_connect_info::<Scissors>();
    let stopped = until_stopped(server.stopped.clone());
    let serve = axum::serve(Gateway(listener), app).with_graceful_shutdown(stopped);
    let (served, ()) = tokio::join!(serve.into_future(), webhook::push_all(&server));
    if let Err(error) = served {
        tracing::warn!(%error, "the built-in Telegram ended");
    }
}

async fn answer(
    State(server): State<Arc<Server>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let handled = handle(&server, &scissors, request);
    let cut_off = until_cut_off(&server);
    tokio::select! {
        biased;
        () = cut_off => {
            scissors.reset();
            refuse(&Refusal::new(503, "unreachable"))
        }
        answer = handled => answer,
    }
}

async fn handle(server: &Arc<Server>, scissors: &Scissors, request: Request) -> Response {
    let path = request.uri().path().replace("%3A", ":").replace("%3a", ":");
    if let Some(rest) = path.strip_prefix("/file/bot") {
        return download(server, rest);
    }
    let Some((token, name)) = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')) else {
        return refuse(&Refusal::new(404, "Not Found"));
    };
    let Some(bot) = server.state().bot_id_of_token(token) else {
        return refuse(&Refusal::new(401, "Unauthorized"));
    };
    let Some(method) = catalogue::find(name) else {
        return refuse(&Refusal::new(404, "Not Found: method not found"));
    };
    let params = match Params::read(request).await {
        Ok(params) => params,
        Err(what) => return refuse(&Refusal::bad(&what)),
    };
    let performed = execute(server, bot, method, params).await;
    deliver(server, scissors, performed).await
}

/// Executes a call. The call takes effect here, before any waiting, so it counts even if the client dies before it gets
/// the answer.
async fn execute(server: &Server, bot: i64, method: &'static Method, params: Params) -> Performed {
    if method.name == "getUpdates" {
        let (late_ms, fault) = server.state().poll_fault(bot);
        return match fault.as_ref().and_then(Refusal::of_fault) {
            Some(refusal) => Performed { outcome: Err(refusal), late_ms, fault },
            None => Performed { outcome: get_updates(server, bot, &params).await, late_ms, fault },
        };
    }
    let way_ms = server.state().way_ms.clone().map(rand::random_range);
    if let Some(ms) = way_ms {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    let mut performed = server.state().perform(bot, method, params);
    server.bell.send_replace(());
    if method.name == "setWebhook" {
        server.webhooks.send_replace(());
    }
    performed.late_ms += server.latency_ms.load(Ordering::Relaxed);
    performed
}

async fn get_updates(server: &Server, bot: i64, params: &Params) -> Result<Value, Refusal> {
    let mut poll = begin_poll(server, bot, params)?;
    let deadline = Instant::now() + Duration::from_secs(poll.timeout_s);
    let mut last_look = poll.timeout_s == 0;
    loop {
        poll.bell.mark_unchanged();
        let batch = batch(server, bot, &poll)?;
        if last_look || !batch.is_empty() {
            return Ok(Value::Array(batch));
        }
        tokio::select! {
            _ = poll.bell.changed() => {}
            () = tokio::time::sleep_until(deadline) => last_look = true,
            () = until_stopped(server.stopped.clone()) => last_look = true,
        }
    }
}

fn begin_poll(server: &Server, bot: i64, params: &Params) -> Result<Poll, Refusal> {
    let mut state = server.state();
    let bot = state.bots.get_mut(&bot).ok_or_else(|| Refusal::new(401, "Unauthorized"))?;
    if bot.webhook.is_some() {
        let what = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the \
                    webhook first";
        return Err(Refusal::new(409, what));
    }
    Ok(bot.queue.begin_poll(params))
}

fn batch(server: &Server, bot: i64, poll: &Poll) -> Result<Vec<Value>, Refusal> {
    let mut state = server.state();
    state.bots.get_mut(&bot).map_or_else(|| Ok(Vec::new()), |bot| bot.queue.batch(poll))
}

/// Sends the answer as the call's fault asks for: late, as an HTML page, cut, or never.
async fn deliver(server: &Server, scissors: &Scissors, performed: Performed) -> Response {
    let Performed { outcome, late_ms, fault } = performed;
    if late_ms > 0 {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(late_ms)) => {}
            () = until_stopped(server.stopped.clone()) => {}
        }
    }
    match fault {
        Some(Fault::HangAfterAccept) => {
            tokio::select! {
                () = pending() => {}
                () = until_stopped(server.stopped.clone()) => {}
            }
            scissors.reset();
        }
        Some(Fault::ResetAfterAccept) => scissors.reset(),
        Some(Fault::TruncatedBody) => scissors.halve(),
        Some(Fault::ServerErrorHtml(code)) => return page(code),
        Some(Fault::Gibberish) => return respond(200, &json!({ "status": "fine" })),
        _ => {}
    }
    match outcome {
        Ok(result) => respond(200, &json!({ "ok": true, "result": result })),
        Err(refusal) => refuse(&refusal),
    }
}

fn download(server: &Server, rest: &str) -> Response {
    let state = server.state();
    let found = rest.split_once('/').and_then(|(token, path)| {
        let bot = state.bot_id_of_token(token)?;
        state.shared.download(bot, path)
    });
    match found {
        Some(bytes) => Response::new(Body::from(bytes)),
        None => refuse(&Refusal::new(404, "Not Found")),
    }
}

fn refuse(refusal: &Refusal) -> Response {
    respond(refusal.code, &refusal.json())
}

fn respond(code: u16, body: &Value) -> Response {
    typed(code, "application/json", body.to_string())
}

fn page(code: u16) -> Response {
    let body =
        format!("<html>\r\n<head><title>{code}</title></head>\r\n<body><center>nginx</center></body>\r\n</html>\r\n");
    typed(code, "text/html", body)
}

fn typed(code: u16, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, axum::http::HeaderValue::from_static(kind));
    response
}
