//! Actions on one customer: `/users/{id}/message`, `/users/{id}/export`, and erasing.

use axum::extract::State;
use axum::response::Response;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::http::extract::{Body, Id, Query, RealmParam};
use super::http::problem::Problem;
use super::http::request::{Authorized, PostReply};
#[cfg(test)]
use super::openapi::schemas;
use super::users::found;
use crate::catalogue::Code;
use crate::db::{Class, Database, View};
use crate::direct_message;
use crate::erasure::{self, key};
use crate::user;

/// A direct message to a customer.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct MessageBody {
    /// Telegram HTML of at most 4,096 visible characters.
    #[cfg_attr(test, schema(min_length = 1, max_length = 32768, example = "<b>Your order is ready</b>"))]
    body: String,
}

/// The result of queuing a direct message.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct MessageQueued {
    user_id: i64,
    /// Always true: the message is in the outbox.
    queued: bool,
    /// Whether the customer has blocked the bot; then the message arrives only after the customer unblocks it.
    bot_blocked: bool,
}

/// Send a message to a customer
#[cfg_attr(test, utoipa::path(post, path = "/users/{id}/message", tag = "users", request_body = MessageBody,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 202, description = "Message queued", body = MessageQueued))))]
pub(super) async fn message(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<MessageBody>,
) -> Result<Response, Problem> {
    let Body { value: MessageBody { body }, hash } = body;
    if body.is_empty() || body.chars().count() > 32_768 {
        return Err(Problem::field("body", "1 to 32768 characters are needed"));
    }
    ask.post(hash, move |tx, caller| {
        let user = found(tx, world.realm(), id.0)?;
        let written = direct_message::write(tx, &user, &body, &caller.actor())?;
        Ok(PostReply::Accepted(MessageQueued { user_id: id.0, queued: true, bot_blocked: written.is_bot_blocked }))
    })
    .await
}

/// Export all data about a customer
///
/// The export is written to the audit log, because personal data leaves the shop.
#[cfg_attr(test, utoipa::path(get, path = "/users/{id}/export", tag = "users",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "All data about the customer", body = schemas::UserExport))))]
pub(super) async fn export_one(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    ask.write(move |tx, caller| erasure::export_person(tx, found(tx, world.realm(), id.0)?.id, &caller.actor())).await
}

/// The key of the hashes that stand for erased people.
#[derive(Clone)]
pub(super) struct ErasureKey(pub Option<SecretString>);

impl ErasureKey {
    /// The key, if it is set and the stored hashes were made with it.
    async fn fitting(self, db: &Database) -> Result<SecretString, Problem> {
        let refused = |why: &str| Problem::saying(Code::ServiceUnavailable, why.to_owned());
        let own = self.0.ok_or_else(|| refused("security.erasure_key is not set."))?;
        let tried = own.clone();
        let fit = move |view: &View<'_>| key::fit(view, Some(tried.expose_secret()));
        if db.read_async(Class::Admission, fit).await?.is_sound() {
            return Ok(own);
        }
        Err(refused("security.erasure_key is not the key that erased people are known by; `dvorik doctor` says more."))
    }
}

/// The result of an erasure.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct ErasedBody {
    /// The customer's row id, which is kept without personal data for the figures.
    user_id: i64,
    /// The number of the customer's active codes that were revoked.
    #[cfg_attr(test, schema(minimum = 0))]
    codes_revoked: usize,
}

/// Erase a customer
///
/// Cannot be undone. A customer who is a cashier or an admin is refused until that access is removed.
#[cfg_attr(test, utoipa::path(delete, path = "/users/{id}", tag = "users",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Customer erased", body = ErasedBody))))]
pub(super) async fn erase(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    State(key): State<ErasureKey>,
) -> Result<Response, Problem> {
    let key = key.fitting(ask.db()).await?;
    ask.write(move |tx, caller| {
        let user = found(tx, world.realm(), id.0)?;
        let hash = user::erased_hash(key.expose_secret(), user.realm, user.telegram_id);
        let erased = erasure::erase(tx, user.id, &hash, &caller.actor())?;
        Ok(ErasedBody { user_id: erased.id.0, codes_revoked: erased.codes })
    })
    .await
}
