//! Updates that Telegram pushes. The secret is compared before the body is read; an update is stored and committed
//! before the 200 that acknowledges it. An update that cannot be stored now is refused, so that Telegram sends it
//! again; an unreadable one is stored cut and acknowledged, so that Telegram does not repeat it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use http_body_util::BodyExt;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::BODY_LIMIT;
use super::http::problem::problem;
#[cfg(test)]
use super::openapi::schemas;
use crate::catalogue::Code;
use crate::db::Database;
use crate::error::Error;
use crate::realm::BotName;
use crate::telegram::update;
use crate::{inbox, secret};

const SECRET: &str = "x-telegram-bot-api-secret-token";
/// How long the whole body of a push may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// The least time between two warnings about wrong secrets.
const SILENCE: Duration = Duration::from_secs(1);
/// How much of a body that is too large is read and dropped, so that the client receives the answer.
const DRAINED: usize = 16 * BODY_LIMIT;
/// How many characters are stored of an unreadable update.
const KEPT: usize = 4096;

/// A bot whose updates are pushed.
#[derive(Debug, Clone)]
pub struct Hook {
    /// The bot whose updates are pushed.
    pub bot: BotName,
    /// The secret in the header of every push to this bot.
    pub secret: SecretString,
}

/// The path of `bot`'s webhook under the base address.
#[must_use]
pub const fn path(bot: BotName) -> &'static str {
    match bot {
        BotName::Customer => "/bot/main/webhook",
        BotName::Staff => "/bot/auth/webhook",
        BotName::CustomerTest => "/bot/main-test/webhook",
        BotName::StaffTest => "/bot/auth-test/webhook",
    }
}

/// Receives what Telegram pushes to these bots.
pub(super) struct PushReceiver {
    db: Database,
    hooks: Vec<Hook>,
    strangers: Strangers,
}

impl PushReceiver {
    pub(super) fn new(db: Database, hooks: Vec<Hook>) -> Self {
        Self { db, hooks, strangers: Strangers::default() }
    }
}

/// Pushes with a wrong secret, which are logged at most once a second.
#[derive(Default)]
struct Strangers(Mutex<(Option<Instant>, u64)>);

impl Strangers {
    /// Counts one push. If it is to be logged, returns how many were not logged since the last logged one.
    fn note(&self) -> Option<u64> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (said, unsaid) = &mut *kept;
        if said.is_some_and(|said| said.elapsed() < SILENCE) {
            *unsaid += 1;
            return None;
        }
        *said = Some(Instant::now());
        Some(std::mem::take(unsaid))
    }
}

macro_rules! pushes {
    ($($(#[doc = $about:literal])+ $handler:ident $bot:ident $path:literal;)+) => {$(
        $(#[doc = $about])+
        #[cfg_attr(test, utoipa::path(post, path = $path, tag = "webhooks", security(("telegram_secret" = [])), request_body = schemas::UpdateShape,
            responses((status = 200, description = "The update is stored, or was stored before"))))]
        pub(super) async fn $handler(State(pushes): State<Arc<PushReceiver>>, request: Request) -> Response {
            receive(&pushes, BotName::$bot, request).await
        }
    )+};
}

pushes! {
    /// Receive an update of the customer bot
    main Customer "/bot/main/webhook";
    /// Receive an update of the staff bot
    auth Staff "/bot/auth/webhook";
    /// Receive an update of the customer bot of the test pair
    main_test CustomerTest "/bot/main-test/webhook";
    /// Receive an update of the staff bot of the test pair
    auth_test StaffTest "/bot/auth-test/webhook";
}

/// Handles a push to `bot`.
async fn receive(pushes: &PushReceiver, bot: BotName, request: Request) -> Response {
    let Some(hook) = pushes.hooks.iter().find(|hook| hook.bot == bot) else {
        return problem(Code::NotFound, "No bot takes updates here.");
    };
    if !is_from_telegram(request.headers(), hook) {
        if let Some(more) = pushes.strangers.note() {
            let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.to_string());
            tracing::warn!(%bot, peer, more, "a webhook call with a wrong secret or none was refused");
        }
        return problem(Code::WebhookSecretInvalid, "The secret is missing or wrong.");
    }
    match read(request.into_body()).await {
        Some(body) => store(&pushes.db, bot, understood(&body)).await,
        None => unavailable("The body did not arrive."),
    }
}

/// Whether the push has the bot's secret. Two secrets count as none: a repeated header is an attempt at guessing.
fn is_from_telegram(headers: &HeaderMap, hook: &Hook) -> bool {
    let mut given = headers.get_all(SECRET).iter();
    let (Some(secret), None) = (given.next(), given.next()) else { return false };
    secret.to_str().is_ok_and(|secret| secret::same(secret, hook.secret.expose_secret()))
}

/// The body of a push, whole or cut at the limit.
enum Arrived {
    Whole(Vec<u8>),
    Cut(Vec<u8>),
}

/// Reads the body of a push. `None`: the client disconnected or took too long; Telegram sends the update again.
async fn read(mut body: Body) -> Option<Arrived> {
    let reading = async {
        let (mut kept, mut seen) = (Vec::new(), 0_usize);
        while seen <= DRAINED {
            let Some(frame) = body.frame().await else {
                return Some(if seen > BODY_LIMIT { Arrived::Cut(kept) } else { Arrived::Whole(kept) });
            };
            let Ok(data) = frame.ok()?.into_data() else { continue };
            seen += data.len();
            kept.extend(data.iter().take(BODY_LIMIT.saturating_sub(kept.len())));
        }
        Some(Arrived::Cut(kept))
    };
    tokio::time::timeout(PATIENCE, reading).await.ok().flatten()
}

/// The update to store. An unreadable update keeps its id if one can be found in it; else it gets a negative id made
/// from its content, which Telegram never uses and by which a repetition is recognised.
fn understood(body: &Arrived) -> Value {
    let bytes = match body {
        Arrived::Whole(bytes) => {
            if let Some(update) = update::read_json(bytes).filter(|update| update::update_id(update).is_some()) {
                return update;
            }
            bytes
        }
        Arrived::Cut(bytes) => bytes,
    };
    let text = String::from_utf8_lossy(bytes);
    let id = update::update_id_in(&text).unwrap_or_else(|| -number_of(&text));
    tracing::warn!(update = id, length = bytes.len(), "an update cannot be read; it is kept as it came");
    json!({ "update_id": id, "unreadable": text.chars().take(KEPT).collect::<String>() })
}

/// A positive id derived from the whole text of an update.
fn number_of(text: &str) -> i64 {
    let digits: String = secret::sha256(text).chars().take(15).collect();
    i64::from_str_radix(&digits, 16).unwrap_or_default() + 1
}

async fn store(db: &Database, bot: BotName, update: Value) -> Response {
    match db.write_async(move |tx| inbox::receive(tx, bot, &update)).await {
        Ok(_) => Response::new(Body::empty()),
        Err(Error::Storage(failure)) => {
            tracing::warn!(%bot, %failure, "an update could not be stored; Telegram will send it again");
            unavailable("The update could not be stored.")
        }
        Err(Error::Refused(refusal)) => {
            tracing::error!(%bot, code = refusal.code(), "an update was refused");
            unavailable("The update could not be stored.")
        }
    }
}

fn unavailable(detail: &'static str) -> Response {
    let mut response = problem(Code::ServiceUnavailable, detail);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(body: &str) -> i64 {
        update::update_id(&understood(&Arrived::Cut(body.as_bytes().to_vec()))).unwrap()
    }

    #[test]
    fn a_thousand_wrong_secrets_at_once_are_said_once() {
        let strangers = Strangers::default();
        assert_eq!(strangers.note(), Some(0));
        strangers.0.lock().unwrap().0 = Some(Instant::now() + 60 * SILENCE);
        assert!((0..1000).all(|_| strangers.note().is_none()));
        strangers.0.lock().unwrap().0 = Instant::now().checked_sub(SILENCE);
        assert_eq!((strangers.note(), strangers.note()), (Some(1000), None));
    }

    #[test]
    fn an_update_that_cannot_be_read_keeps_its_number_or_gets_one_of_its_own() {
        assert_eq!(id_of(r#"{"update_id":77,"message":{"text":"cut her"#), 77);
        assert_eq!(id_of(r#"{ "update_id" : 78 , "mess"#), 78);
        let (one, other) = (id_of("<html>"), id_of("<html><body>"));
        assert!(one < 0 && other < 0 && one != other && one == id_of("<html>"));
        assert!(id_of(r#"{"message":{"text":"\"update_id\":79"}"#) < 0, "a number inside a text is none");
    }
}
