//! Actions on an existing broadcast: schedule, send, pause, cancel, test, retry, recall, correct. Recipients are
//! counted before the write lock is taken; an action on many rows is continued by the sender.

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::broadcast_body::BroadcastBody;
use super::broadcast_draft::{Moment, readable};
use super::broadcasts::found;
use super::http::extract::{Body, Id, Query, RealmParam};
use super::http::problem::Problem;
use super::http::request::{Authorized, PostReply};
use crate::actor::Actor;
use crate::broadcast::{self, Amendment, Broadcast, BroadcastId, BulkAction, BulkProgress, Status};
use crate::db::{Tx, View};
use crate::error::{Refusal, Result as ShopResult};
use crate::ids::{AdminId, words};
use crate::secret;
use crate::staff;

/// The hash of an empty request body, for idempotency.
fn no_body() -> String {
    secret::sha256("")
}

/// The confirmation of a broadcast, with the time at which it starts.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Schedule {
    /// The confirmation token from `estimate`.
    #[cfg_attr(test, schema(min_length = 1, max_length = 256))]
    confirm_token: String,
    /// When the broadcast starts, in the future; if absent, the draft's `send_at`, and without that the present time.
    #[serde(default)]
    #[cfg_attr(test, schema(value_type = Option<String>, format = DateTime))]
    at: Option<Moment>,
}

/// Schedule a broadcast
///
/// A broadcast that is scheduled already gets the new time.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts/{id}/schedule", tag = "broadcasts", request_body = Schedule,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Broadcast scheduled", body = BroadcastBody))))]
pub(super) async fn schedule(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<Schedule>,
) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    let (token, at) = (checked(wanted.confirm_token)?, wanted.at.map(|at| at.0));
    let shown = token.clone();
    let look = move |view: &View<'_>| {
        if let Some(at) = at.filter(|at| *at < view.now()) {
            Err(Refusal::Validation { field: "at", value: at.to_string(), rule: "broadcast.rule.past" })?;
        }
        look(view, &found(view, world, id.0)?, &shown)
    };
    ask.post_after(hash, look, move |tx, caller| {
        let id = found(tx, world, id.0)?.id;
        Ok(PostReply::Ok(BroadcastBody::from(broadcast::schedule(tx, id, at, &token, &caller.actor())?)))
    })
    .await
}

fn checked(token: String) -> Result<String, Problem> {
    let fits = (1..=256).contains(&token.chars().count());
    if fits { Ok(token) } else { Err(Problem::field("confirm_token", "1 to 256 characters are needed")) }
}

/// Checks that the recipients are still those that were confirmed, if the broadcast's status allows a confirmation.
fn look(view: &View<'_>, found: &Broadcast, token: &str) -> ShopResult<()> {
    match found.status {
        Status::Draft | Status::Scheduled | Status::Paused | Status::Error => broadcast::look_again(view, found, token),
        Status::Sending | Status::Sent | Status::Canceled => Ok(()),
    }
}

/// The confirmation of a broadcast.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Send {
    /// The confirmation token from `estimate`.
    #[cfg_attr(test, schema(min_length = 1, max_length = 256))]
    confirm_token: String,
}

/// Send a broadcast now
///
/// For a broadcast that is a draft, scheduled or paused.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts/{id}/send", tag = "broadcasts", request_body = Send,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Broadcast is due now", body = BroadcastBody))))]
pub(super) async fn send(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<Send>,
) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    let token = checked(wanted.confirm_token)?;
    let shown = token.clone();
    let look = move |view: &View<'_>| look(view, &found(view, world, id.0)?, &shown);
    ask.post_after(hash, look, move |tx, caller| {
        let id = found(tx, world, id.0)?.id;
        Ok(PostReply::Ok(BroadcastBody::from(broadcast::send(tx, id, &token, &caller.actor())?)))
    })
    .await
}

type VerbFn = fn(&Tx<'_>, BroadcastId, &Actor) -> ShopResult<Broadcast>;

async fn simply(ask: Authorized, (id, world): (Id, RealmParam), verb: VerbFn) -> Result<Response, Problem> {
    ask.post(no_body(), move |tx, caller| {
        let id = found(tx, world, id.0)?.id;
        Ok(PostReply::Ok(BroadcastBody::from(verb(tx, id, &caller.actor())?)))
    })
    .await
}

/// Unschedule a broadcast
///
/// The broadcast becomes a draft without a time.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts/{id}/unschedule", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Broadcast is a draft again", body = BroadcastBody))))]
pub(super) async fn unschedule(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    simply(ask, (id, world), broadcast::unschedule).await
}

/// Pause a broadcast
///
/// Calls to Telegram that have begun are finished.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts/{id}/pause", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Broadcast paused", body = BroadcastBody))))]
pub(super) async fn pause(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    simply(ask, (id, world), broadcast::pause).await
}

/// Resume a paused broadcast
///
/// Refused when the text or the audience differs from the confirmed one, or more recipients would get it: then confirm
/// again with `send`. A broadcast that was paused because it was late can be resumed by an owner only.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts/{id}/resume", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Broadcast is due now", body = BroadcastBody))))]
pub(super) async fn resume(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    ask.post(no_body(), move |tx, caller| {
        let id = found(tx, world, id.0)?.id;
        Ok(PostReply::Ok(BroadcastBody::from(broadcast::resume_managed(tx, id, &caller.manager()?)?)))
    })
    .await
}

/// Cancel a broadcast
///
/// Recipients who have not got the message are skipped; the sender marks their rows.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts/{id}/cancel", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Broadcast canceled", body = BroadcastBody))))]
pub(super) async fn cancel(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    simply(ask, (id, world), broadcast::cancel).await
}

/// The recipient of a test message.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Test {
    /// The row id of the admin; the caller if absent.
    #[serde(default)]
    #[cfg_attr(test, schema(minimum = 1))]
    admin_id: Option<i64>,
}

/// A test message that was sent.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct Tested {
    /// The row id of the broadcast.
    id: i64,
    admin_id: i64,
}

/// Send a test message to an admin
///
/// The customer bot sends the message to the admin, who must have started that bot, with the admin's name and an
/// example code. No code is issued.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts/{id}/test", tag = "broadcasts", request_body = Test,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 202, description = "Message queued", body = Tested))))]
pub(super) async fn test(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<Test>,
) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    if wanted.admin_id.is_some_and(|id| id < 1) {
        return Err(Problem::field("admin_id", "a whole number above zero is needed"));
    }
    ask.post(hash, move |tx, caller| {
        let found = found(tx, world, id.0)?;
        let admin = match wanted.admin_id {
            Some(id) => staff::get_admin(tx, AdminId(id))?,
            None => caller.admin()?.clone(),
        };
        broadcast::test(tx, found.id, &admin, &caller.actor())?;
        Ok(PostReply::Accepted(Tested { id: found.id.0, admin_id: admin.id.0 }))
    })
    .await
}

/// The result of an action on many messages of a broadcast.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct SweptBody {
    /// The number of messages marked by this request, at most 1,000.
    #[cfg_attr(test, schema(minimum = 0))]
    rows: i64,
    /// Whether all messages are marked; if false, the sender continues with the rest.
    is_whole: bool,
    broadcast: BroadcastBody,
}

async fn swept(
    ask: Authorized,
    hash: String,
    (id, world): (Id, RealmParam),
    wanted: BulkAction,
) -> Result<Response, Problem> {
    ask.post(hash, move |tx, caller| {
        let id = found(tx, world, id.0)?.id;
        let BulkProgress { broadcast, rows, is_whole } = broadcast::begin_bulk(tx, id, &wanted, caller.admin()?.id)?;
        let body = SweptBody { rows, is_whole, broadcast: broadcast.into() };
        Ok(if is_whole { PostReply::Ok(body) } else { PostReply::Accepted(body) })
    })
    .await
}

words!(
    /// The class of a failed message: what Telegram's refusal means.
    FailedClass {
        Blocked = "blocked",
        Gone = "gone",
        NeverStarted = "never_started",
        ChatGone = "chat_gone",
        NotFound = "not_found",
        BadMessage = "bad_message",
        BadMedia = "bad_media",
        Rejected = "rejected",
        ServerRestart = "server_restart",
    }
);

/// The failed rows to send again.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Retry {
    /// The classes of failure to send again.
    #[cfg_attr(test, schema(min_items = 1, max_items = 9, example = json!(["rejected"])))]
    classes: Vec<FailedClass>,
}

/// Retry failed rows
///
/// 200: all rows are queued; 202: the first ones are, the sender queues the rest.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts/{id}/retry-failed", tag = "broadcasts", request_body = Retry,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "All rows are queued", body = SweptBody), (status = 202, description = "The first messages are marked; the sender continues", body = SweptBody))))]
pub(super) async fn retry_failed(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<Retry>,
) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    if !(1..=9).contains(&wanted.classes.len()) {
        return Err(Problem::field("classes", "1 to 9 of them are needed"));
    }
    let classes = wanted.classes.into_iter().map(|class| class.as_str().to_owned()).collect();
    swept(ask, hash, (id, world), BulkAction::RetryFailed(classes)).await
}

/// Resend rows whose delivery is unknown
///
/// A recipient may get the message twice. 200: all rows are queued; 202: the first ones are, the sender queues the
/// rest.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts/{id}/resend-unknown", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "All rows are queued", body = SweptBody), (status = 202, description = "The first messages are marked; the sender continues", body = SweptBody))))]
pub(super) async fn resend_unknown(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
) -> Result<Response, Problem> {
    swept(ask, no_body(), (id, world), BulkAction::ResendUnknown).await
}

/// Delete delivered messages
///
/// The sender deletes messages younger than 48 hours. 200: all of them are marked for deletion; 202: the first ones
/// are, the sender marks the rest.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts/{id}/recall", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "All messages are marked", body = SweptBody), (status = 202, description = "The first messages are marked; the sender continues", body = SweptBody))))]
pub(super) async fn recall(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    swept(ask, no_body(), (id, world), BulkAction::Amend(Amendment::Recall)).await
}

/// The corrected text.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Correction {
    /// Telegram HTML, as the body of a draft.
    #[cfg_attr(test, schema(max_length = 16384, pattern = r"^[^\x00]*$"))]
    body: String,
}

/// Correct the text of delivered messages
///
/// Recipients who have not got the message yet get the new text, too. 200: all delivered messages are marked for
/// correction; 202: the first ones are, the sender marks the rest.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts/{id}/correct", tag = "broadcasts", request_body = Correction,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "All messages are marked", body = SweptBody), (status = 202, description = "The first messages are marked; the sender continues", body = SweptBody))))]
pub(super) async fn correct(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<Correction>,
) -> Result<Response, Problem> {
    readable(&body.value.body)?;
    swept(ask, body.hash, (id, world), BulkAction::Amend(Amendment::Correct(body.value.body))).await
}
