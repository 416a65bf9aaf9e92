//! `/internal/telegram`: where Telegram pushes updates to, for an owner or for a script that has the internal key of the
//! config. The same as `dvorik webhook`; the work is the daemon's.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;

use super::Door;
use super::ask::{self, Ask};
use super::dispatch::{self, Order, Unarranged, Webhook, Wish};
use super::once::once;
use super::problem::{Problem, written};
use crate::actor::Actor;
use crate::catalogue::Code;
use crate::clock::Timestamp;
use crate::db::Failure;
use crate::error::{Bar, Refusal};
use crate::realm::BotName;
use crate::replay::{Kept, Ticket};
use crate::secret;

/// Where the internal key opens: at the root, beside the admin API.
pub(super) const ROOT: &str = "/internal/";
/// The header of the internal key.
pub(super) const API_KEY: &str = "x-api-key";
/// A service token's name has no underscore: nobody else is called so in the audit log.
const WHO: &str = "internal_api_key";

/// Whoever may arrange webhooks.
pub(super) struct Insider {
    door: Door,
    by: Actor,
    ticket: Option<Ticket>,
}

impl FromRequestParts<Door> for Insider {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Problem> {
        if !parts.headers.contains_key(API_KEY) {
            let ask = Ask::from_request_parts(parts, door).await?;
            return Ok(Self { door: door.clone(), by: ask.actor(), ticket: ask.ticket("") });
        }
        if !has_key(&parts.headers, door) {
            return Err(Refusal::Barred(Bar::TokenInvalid).into());
        }
        door.inner.limits.welcome(&parts.uri, &parts.headers);
        let ticket = ask::ticket(parts, "")?;
        Ok(Self { door: door.clone(), by: Actor::Token(WHO.to_owned()), ticket })
    }
}

/// Two keys are as good as none: somebody is guessing.
fn has_key(headers: &HeaderMap, door: &Door) -> bool {
    let mut given = headers.get_all(API_KEY).iter();
    let (Some(key), None, Some(ours)) = (given.next(), given.next(), &door.inner.internal_key) else { return false };
    key.to_str().is_ok_and(|key| secret::same(key, ours.expose_secret()))
}

/// That Telegram did as it was told, for each bot the shop has.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct Told {
    /// The customers' bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ok")]
    main_bot: Option<&'static str>,
    /// The staff's bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ok")]
    auth_bot: Option<&'static str>,
    /// The customers' bot of the test pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    main_test_bot: Option<&'static str>,
    /// The staff's bot of the test pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    auth_test_bot: Option<&'static str>,
}

/// What Telegram tells of the webhooks of the bots the shop has.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct Infos {
    /// The customers' bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    main_bot: Option<WebhookBody>,
    /// The staff's bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    auth_bot: Option<WebhookBody>,
    /// The customers' bot of the test pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    main_test_bot: Option<WebhookBody>,
    /// The staff's bot of the test pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    auth_test_bot: Option<WebhookBody>,
}

/// A bot's webhook.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookBody {
    /// Where Telegram pushes to; null: nowhere.
    url: Option<String>,
    /// Where the config wants it to; null: the bot polls.
    wanted: Option<String>,
    /// Whether both are one, secret and kinds of update included.
    agrees: bool,
    /// Updates that wait at Telegram.
    #[schema(minimum = 0)]
    pending: i64,
    /// What went wrong last.
    last_error: Option<String>,
    /// When that was.
    #[schema(format = DateTime)]
    last_error_at: Option<String>,
    /// The kinds of update Telegram pushes.
    allowed_updates: Vec<String>,
}

impl WebhookBody {
    fn of(webhook: Webhook) -> Self {
        let Webhook { info, wanted, agrees, .. } = webhook;
        Self {
            url: Some(info.url).filter(|url| !url.is_empty()),
            wanted,
            agrees,
            pending: info.pending.max(0),
            last_error: info.last_error,
            last_error_at: info.last_error_at.map(|at| Timestamp(at).to_string()),
            allowed_updates: info.allowed,
        }
    }
}

/// Tell Telegram to push updates to this shop
///
/// `serve` does that by itself; this is for repairs. A shop whose config says that it polls is refused: it would get no
/// updates any more.
#[utoipa::path(post, path = "/internal/telegram/set-webhooks", tag = "internal",
    responses((status = 200, description = "Telegram has taken them", body = Told)))]
pub(super) async fn set(insider: Insider) -> Result<Response, Problem> {
    arranged(insider, Wish::Set).await
}

/// Tell Telegram to push no updates
///
/// What waits at Telegram stays there. A daemon in webhook mode sets them again within a minute.
#[utoipa::path(post, path = "/internal/telegram/delete-webhooks", tag = "internal",
    responses((status = 200, description = "Telegram pushes no more", body = Told)))]
pub(super) async fn delete(insider: Insider) -> Result<Response, Problem> {
    arranged(insider, Wish::Delete).await
}

/// Where Telegram pushes updates to
#[utoipa::path(get, path = "/internal/telegram/webhook-info", tag = "internal",
    responses((status = 200, description = "What Telegram tells, beside what the config wants", body = Infos)))]
pub(super) async fn info(insider: Insider) -> Result<Response, Problem> {
    let mut infos = Infos::default();
    for webhook in ordered(&insider, Wish::Look).await? {
        let place = match webhook.bot {
            BotName::Customer => &mut infos.main_bot,
            BotName::Staff => &mut infos.auth_bot,
            BotName::CustomerTest => &mut infos.main_test_bot,
            BotName::StaffTest => &mut infos.auth_test_bot,
        };
        *place = Some(WebhookBody::of(webhook));
    }
    Ok(written(200, text_of(&infos)?))
}

async fn arranged(insider: Insider, wish: Wish) -> Result<Response, Problem> {
    let (door, by, ticket) = (insider.door.clone(), insider.by.clone(), insider.ticket.clone());
    let work = async move {
        let mut told = Told::default();
        for webhook in ordered(&insider, wish).await? {
            let place = match webhook.bot {
                BotName::Customer => &mut told.main_bot,
                BotName::Staff => &mut told.auth_bot,
                BotName::CustomerTest => &mut told.main_test_bot,
                BotName::StaffTest => &mut told.auth_test_bot,
            };
            *place = Some("ok");
        }
        Ok(Kept { status: 200, answer: text_of(&told)? })
    };
    once(&door, by, ticket, work).await
}

async fn ordered(insider: &Insider, wish: Wish) -> Result<Vec<Webhook>, Problem> {
    let by = insider.by.clone();
    let ended = dispatch::give(&insider.door.inner.dispatch, |end| Order::Webhooks(wish, by, end))?;
    let stopped = |_| Problem::of(Code::ServiceUnavailable).after(1);
    ended.await.map_err(stopped)?.map_err(|why| match why {
        Unarranged::Config(key) => Problem::field(&key, "webhooks need another value in the config"),
        Unarranged::Refused(bot, words) => Problem::saying(Code::TelegramFailed, format!("{bot}: {words}")),
        Unarranged::Unreached(bot, words) => {
            Problem::saying(Code::TelegramUnavailable, format!("{bot}: {words}")).after(5)
        }
        Unarranged::Storage => Problem::of(Code::ServiceUnavailable).after(1),
    })
}

fn text_of<T: Serialize>(answer: &T) -> Result<String, Failure> {
    serde_json::to_string(answer).map_err(|error| Failure::Internal(error.to_string()))
}
