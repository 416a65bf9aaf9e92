//! What is done with one customer beside changing them: `/users/{id}/message`, `/users/{id}/export`, and erasing.

use axum::response::Response;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::ask::{Ask, Reply};
use super::problem::Problem;
use super::take::{Body, Id, Query, World};
use super::users::found;
use crate::direct;
use crate::user;

/// What to write.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageBody {
    /// Telegram HTML; what people see of it has at most 4096 characters.
    #[schema(min_length = 1, max_length = 32768, example = "<b>Your order is ready</b>")]
    body: String,
}

/// A message on its way.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageQueued {
    user_id: i64,
    /// Always true: it leaves with the outbox.
    queued: bool,
    /// Whether the customer has blocked the bot; then it only arrives if they let it in again.
    bot_blocked: bool,
}

/// Write to a customer
#[utoipa::path(post, path = "/users/{id}/message", tag = "users", request_body = MessageBody,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 202, description = "In the outbox", body = MessageQueued)))]
pub(super) async fn message(
    ask: Ask,
    id: Id,
    Query(world): Query<World>,
    body: Body<MessageBody>,
) -> Result<Response, Problem> {
    let Body { value: MessageBody { body }, hash } = body;
    if body.is_empty() || body.chars().count() > 32_768 {
        return Err(Problem::field("body", "1 to 32768 characters are needed"));
    }
    ask.post(hash, move |tx, caller| {
        let user = found(tx, world.realm(), id.0)?;
        let written = direct::write(tx, &user, &body, &caller.actor())?;
        Ok(Reply::Accepted(MessageQueued { user_id: id.0, queued: true, bot_blocked: written.is_bot_blocked }))
    })
    .await
}

/// Everything the shop knows about a customer. More may be added.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of `user::export`, for the document")]
pub(super) struct UserExport {
    /// Always `dvorik.user.export/1`.
    schema: String,
    user: Value,
    tags: Vec<String>,
    discounts: Vec<Value>,
    subscription_checks: Vec<Value>,
    attempts: Vec<Value>,
    orders: Vec<Value>,
    campaign_clicks: Vec<Value>,
    deliveries: Vec<Value>,
}

/// Everything about a customer
///
/// Audited: personal data leaves the shop.
#[utoipa::path(get, path = "/users/{id}/export", tag = "users",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 200, description = "All of it", body = UserExport)))]
pub(super) async fn export_one(ask: Ask, id: Id, Query(world): Query<World>) -> Result<Response, Problem> {
    ask.write(move |tx, caller| user::export(tx, found(tx, world.realm(), id.0)?.id, &caller.actor())).await
}

/// What erasing left.
#[derive(Serialize, ToSchema)]
pub(super) struct ErasedBody {
    /// The row that stays, empty, for the figures.
    user_id: i64,
    /// Live codes that were revoked.
    #[schema(minimum = 0)]
    codes_revoked: usize,
}

/// Erase a customer
///
/// Cannot be taken back. Whoever works for the shop is refused until their access is taken from them.
#[utoipa::path(delete, path = "/users/{id}", tag = "users",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 200, description = "Erased", body = ErasedBody)))]
pub(super) async fn erase(ask: Ask, id: Id, Query(world): Query<World>) -> Result<Response, Problem> {
    let key = ask.door().key()?.clone();
    ask.write(move |tx, caller| {
        let user = found(tx, world.realm(), id.0)?;
        let hash = user::erased_hash(key.expose_secret(), user.realm, user.telegram_id);
        let erased = user::erase(tx, user.id, &hash, &caller.actor())?;
        Ok(ErasedBody { user_id: erased.id.0, codes_revoked: erased.codes })
    })
    .await
}
