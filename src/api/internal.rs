//! `/internal/telegram`: the webhooks, for an owner or for a script with the config's internal key. These routes do the
//! same as `dvorik webhook`; the daemon does the work.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use serde::Serialize;

use super::http::admission::Admission;
use super::http::dispatch::{self, DaemonRequest, Dispatch, Unarranged, Webhook, WebhookAction};
use super::http::idempotency::Errands;
use super::http::internal_key::{API_KEY, InternalKey};
use super::http::problem::{Problem, written};
use super::http::request::{self, Authorized};
#[cfg(test)]
use super::openapi::schemas;
use crate::actor::Actor;
use crate::catalogue::Code;
use crate::clock::Timestamp;
use crate::db::Failure;
use crate::error::{AuthError, Refusal};
use crate::idempotency::{StoredAnswer, Ticket};
use crate::realm::BotName;

/// The actor's name for the internal key in the audit log. A service token's name has no underscore, so no token has
/// this name.
const WHO: &str = "internal_api_key";

/// A caller who may manage webhooks.
pub(super) struct Insider {
    by: Actor,
    ticket: Option<Ticket>,
}

impl<S: Send + Sync> FromRequestParts<S> for Insider
where
    Arc<Admission>: FromRef<S>,
    InternalKey: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if !parts.headers.contains_key(API_KEY) {
            let ask = Authorized::from_request_parts(parts, state).await?;
            return Ok(Self { by: ask.actor(), ticket: ask.ticket("") });
        }
        if !InternalKey::from_ref(state).is_in(&parts.headers) {
            return Err(Refusal::Barred(AuthError::TokenInvalid).into());
        }
        Arc::<Admission>::from_ref(state).limits.welcome(&parts.uri, &parts.headers);
        Ok(Self { by: Actor::Token(WHO.to_owned()), ticket: request::ticket(parts, "")? })
    }
}

/// The result for each bot of the shop.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct Told {
    /// The result for the customer bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<schemas::WebhookOutcome>, nullable = false))]
    main_bot: Option<&'static str>,
    /// The result for the staff bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<schemas::WebhookOutcome>, nullable = false))]
    auth_bot: Option<&'static str>,
    /// The result for the customer bot of the test pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<schemas::WebhookOutcome>, nullable = false))]
    main_test_bot: Option<&'static str>,
    /// The result for the staff bot of the test pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<schemas::WebhookOutcome>, nullable = false))]
    auth_test_bot: Option<&'static str>,
}

/// The webhook of each bot of the shop, as Telegram reports it.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct Infos {
    /// The webhook of the customer bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    main_bot: Option<WebhookBody>,
    /// The webhook of the staff bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    auth_bot: Option<WebhookBody>,
    /// The webhook of the customer bot of the test pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    main_test_bot: Option<WebhookBody>,
    /// The webhook of the staff bot of the test pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    auth_test_bot: Option<WebhookBody>,
}

/// A bot's webhook.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct WebhookBody {
    /// The address of the webhook; null when none is set.
    url: Option<String>,
    /// The webhook address that the config wants; null when the bot polls.
    wanted: Option<String>,
    /// Whether the webhook at Telegram is the one that the config wants: the address, the secret and the kinds of
    /// updates.
    agrees: bool,
    /// The number of updates that wait at Telegram.
    #[cfg_attr(test, schema(minimum = 0))]
    pending: i64,
    /// The last error of a push, as Telegram reports it.
    last_error: Option<String>,
    /// The time of the last error of a push.
    #[cfg_attr(test, schema(format = DateTime))]
    last_error_at: Option<String>,
    /// The kinds of updates that Telegram sends.
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

/// Set the webhooks
///
/// `serve` sets the webhooks by itself; this operation is for repairs. Refused when the config says that the bots poll,
/// because they would get no updates.
#[cfg_attr(test, utoipa::path(post, path = "/internal/telegram/set-webhooks", tag = "internal",
    responses((status = 200, description = "Webhooks set", body = Told))))]
pub(super) async fn set(insider: Insider, State(errands): State<Errands>) -> Result<Response, Problem> {
    arranged(insider, errands, WebhookAction::Set).await
}

/// Delete the webhooks
///
/// Updates that wait at Telegram stay there. A daemon in webhook mode sets the webhooks again within a minute.
#[cfg_attr(test, utoipa::path(post, path = "/internal/telegram/delete-webhooks", tag = "internal",
    responses((status = 200, description = "Webhooks deleted", body = Told))))]
pub(super) async fn delete(insider: Insider, State(errands): State<Errands>) -> Result<Response, Problem> {
    arranged(insider, errands, WebhookAction::Delete).await
}

/// Show the webhooks
#[cfg_attr(test, utoipa::path(get, path = "/internal/telegram/webhook-info", tag = "internal",
    responses((status = 200, description = "The webhooks as Telegram reports them, and as the config wants them", body = Infos))))]
pub(super) async fn info(insider: Insider, State(errands): State<Errands>) -> Result<Response, Problem> {
    let mut infos = Infos::default();
    for webhook in ordered(&errands.dispatch, insider.by, WebhookAction::Look).await? {
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

async fn arranged(insider: Insider, errands: Errands, wish: WebhookAction) -> Result<Response, Problem> {
    let Insider { by, ticket } = insider;
    let (actor, dispatch) = (by.clone(), errands.dispatch.clone());
    let work = async move {
        let mut told = Told::default();
        for webhook in ordered(&dispatch, actor, wish).await? {
            let place = match webhook.bot {
                BotName::Customer => &mut told.main_bot,
                BotName::Staff => &mut told.auth_bot,
                BotName::CustomerTest => &mut told.main_test_bot,
                BotName::StaffTest => &mut told.auth_test_bot,
            };
            *place = Some("ok");
        }
        Ok(StoredAnswer { status: 200, answer: text_of(&told)? })
    };
    errands.run_once(by, ticket, work).await
}

async fn ordered(dispatch: &Dispatch, by: Actor, wish: WebhookAction) -> Result<Vec<Webhook>, Problem> {
    let ended = dispatch::give(dispatch, |end| DaemonRequest::Webhooks(wish, by, end))?;
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
