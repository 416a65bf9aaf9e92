//! What is done to a broadcast that exists: let go, held, given up, shown to one admin, sent again, taken back, mended. What
//! counts everybody does so before the write lock is taken; what touches many rows goes on by itself.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ask::{Ask, Reply};
use super::broadcast_body::BroadcastBody;
use super::broadcast_draft::{Moment, readable};
use super::broadcasts::found;
use super::problem::Problem;
use super::take::{Body, Id, Query, World};
use crate::actor::Actor;
use crate::broadcast::{self, Broadcast, BroadcastId, Status, Sweep, Swept, Wish};
use crate::db::{Tx, View};
use crate::error::{Refusal, Result as ShopResult};
use crate::ids::AdminId;
use crate::secret;
use crate::staff;

/// What a request without a body is known by.
fn no_body() -> String {
    secret::sha256("")
}

/// An admin's word.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Schedule {
    /// From `estimate`.
    #[schema(min_length = 1, max_length = 256)]
    confirm_token: String,
    /// When, in the future; when not given: the draft's `send_at`, and without one now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Moment>,
}

/// Confirm a broadcast and give it a time
///
/// What was given a time already gets another one.
#[utoipa::path(post, path = "/broadcasts/{id}/schedule", tag = "broadcasts", request_body = Schedule,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 200, description = "It waits for its time", body = BroadcastBody)))]
pub(super) async fn schedule(
    ask: Ask,
    id: Id,
    Query(world): Query<World>,
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
        Ok(Reply::Ok(BroadcastBody::from(broadcast::schedule(tx, id, at, &token, &caller.actor())?)))
    })
    .await
}

fn checked(token: String) -> Result<String, Problem> {
    let fits = (1..=256).contains(&token.chars().count());
    if fits { Ok(token) } else { Err(Problem::field("confirm_token", "1 to 256 characters are needed")) }
}

/// Whether as many would get it as were confirmed; where it may be confirmed at all.
fn look(view: &View<'_>, found: &Broadcast, token: &str) -> ShopResult<()> {
    match found.status {
        Status::Draft | Status::Scheduled | Status::Paused | Status::Error => broadcast::look_again(view, found, token),
        Status::Sending | Status::Sent | Status::Canceled => Ok(()),
    }
}

/// An admin's word for now.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Send {
    /// From `estimate`.
    #[schema(min_length = 1, max_length = 256)]
    confirm_token: String,
}

/// Confirm a broadcast and let it go now
///
/// From wherever it waits: a draft, its time, or a hold.
#[utoipa::path(post, path = "/broadcasts/{id}/send", tag = "broadcasts", request_body = Send,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 200, description = "It is due", body = BroadcastBody)))]
pub(super) async fn send(ask: Ask, id: Id, Query(world): Query<World>, body: Body<Send>) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    let token = checked(wanted.confirm_token)?;
    let shown = token.clone();
    let look = move |view: &View<'_>| look(view, &found(view, world, id.0)?, &shown);
    ask.post_after(hash, look, move |tx, caller| {
        let id = found(tx, world, id.0)?.id;
        Ok(Reply::Ok(BroadcastBody::from(broadcast::send(tx, id, &token, &caller.actor())?)))
    })
    .await
}

type Verb = fn(&Tx<'_>, BroadcastId, &Actor) -> ShopResult<Broadcast>;

async fn simply(ask: Ask, (id, world): (Id, World), verb: Verb) -> Result<Response, Problem> {
    ask.post(no_body(), move |tx, caller| {
        let id = found(tx, world, id.0)?.id;
        Ok(Reply::Ok(BroadcastBody::from(verb(tx, id, &caller.actor())?)))
    })
    .await
}

/// Take its time away
///
/// It is a draft again, without a time.
#[utoipa::path(post, path = "/broadcasts/{id}/unschedule", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 200, description = "A draft", body = BroadcastBody)))]
pub(super) async fn unschedule(ask: Ask, id: Id, Query(world): Query<World>) -> Result<Response, Problem> {
    simply(ask, (id, world), broadcast::unschedule).await
}

/// Hold what is being sent
///
/// Calls under way end.
#[utoipa::path(post, path = "/broadcasts/{id}/pause", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 200, description = "Held", body = BroadcastBody)))]
pub(super) async fn pause(ask: Ask, id: Id, Query(world): Query<World>) -> Result<Response, Problem> {
    simply(ask, (id, world), broadcast::pause).await
}

/// Let a held broadcast go on
///
/// Refused when something else, or to more people, would be sent than was confirmed: then `send` confirms it anew. One
/// that is held because it was late is an owner's to release.
#[utoipa::path(post, path = "/broadcasts/{id}/resume", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 200, description = "It is due", body = BroadcastBody)))]
pub(super) async fn resume(ask: Ask, id: Id, Query(world): Query<World>) -> Result<Response, Problem> {
    ask.post(no_body(), move |tx, caller| {
        let id = found(tx, world, id.0)?.id;
        Ok(Reply::Ok(BroadcastBody::from(broadcast::resume_managed(tx, id, &caller.manager()?)?)))
    })
    .await
}

/// Give a broadcast up
///
/// Whoever still waits for it does not get it; their rows are settled by the sender.
#[utoipa::path(post, path = "/broadcasts/{id}/cancel", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 200, description = "Given up", body = BroadcastBody)))]
pub(super) async fn cancel(ask: Ask, id: Id, Query(world): Query<World>) -> Result<Response, Problem> {
    simply(ask, (id, world), broadcast::cancel).await
}

/// To whom a test goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Test {
    /// Which admin; whoever asks when not given.
    #[serde(default)]
    #[schema(minimum = 1)]
    admin_id: Option<i64>,
}

/// A test that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tested {
    /// The broadcast.
    id: i64,
    admin_id: i64,
}

/// Show a broadcast to one admin
///
/// In the customers' bot, which they must have opened, with their own name and an example of a code. Nothing is issued.
#[utoipa::path(post, path = "/broadcasts/{id}/test", tag = "broadcasts", request_body = Test,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 202, description = "On its way", body = Tested)))]
pub(super) async fn test(ask: Ask, id: Id, Query(world): Query<World>, body: Body<Test>) -> Result<Response, Problem> {
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
        Ok(Reply::Accepted(Tested { id: found.id.0, admin_id: admin.id.0 }))
    })
    .await
}

/// What was begun, and how far it got at once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SweptBody {
    /// Rows that were taken at once, of the first 1,000 in question.
    #[schema(minimum = 0)]
    rows: i64,
    /// Whether that is all; else the sender goes on with the others, whatever happens to this process.
    is_whole: bool,
    broadcast: BroadcastBody,
}

async fn swept(ask: Ask, hash: String, (id, world): (Id, World), wanted: Sweep) -> Result<Response, Problem> {
    ask.post(hash, move |tx, caller| {
        let id = found(tx, world, id.0)?.id;
        let Swept { broadcast, rows, is_whole } = broadcast::sweep(tx, id, &wanted, caller.admin()?.id)?;
        let body = SweptBody { rows, is_whole, broadcast: broadcast.into() };
        Ok(if is_whole { Reply::Ok(body) } else { Reply::Accepted(body) })
    })
    .await
}

/// Why a message failed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FailedClass {
    Blocked,
    Gone,
    NeverStarted,
    ChatGone,
    NotFound,
    BadMessage,
    BadMedia,
    Rejected,
    ServerRestart,
}

impl FailedClass {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Gone => "gone",
            Self::NeverStarted => "never_started",
            Self::ChatGone => "chat_gone",
            Self::NotFound => "not_found",
            Self::BadMessage => "bad_message",
            Self::BadMedia => "bad_media",
            Self::Rejected => "rejected",
            Self::ServerRestart => "server_restart",
        }
    }
}

/// Which rows are sent again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Retry {
    /// Those that failed for these reasons.
    #[schema(min_items = 1, max_items = 9, example = json!(["rejected"]))]
    classes: Vec<FailedClass>,
}

/// Send failed rows again
///
/// 200: all of them are queued; 202: the first are, the others follow by themselves.
#[utoipa::path(post, path = "/broadcasts/{id}/retry-failed", tag = "broadcasts", request_body = Retry,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 200, description = "All are queued", body = SweptBody), (status = 202, description = "Begun", body = SweptBody)))]
pub(super) async fn retry_failed(
    ask: Ask,
    id: Id,
    Query(world): Query<World>,
    body: Body<Retry>,
) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    if !(1..=9).contains(&wanted.classes.len()) {
        return Err(Problem::field("classes", "1 to 9 of them are needed"));
    }
    let classes = wanted.classes.into_iter().map(|class| class.as_str().to_owned()).collect();
    swept(ask, hash, (id, world), Sweep::RetryFailed(classes)).await
}

/// Send rows nobody knows the fate of again
///
/// Some of these people may get it twice. 200: all of them are queued; 202: the first are, the others follow by themselves.
#[utoipa::path(post, path = "/broadcasts/{id}/resend-unknown", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 200, description = "All are queued", body = SweptBody), (status = 202, description = "Begun", body = SweptBody)))]
pub(super) async fn resend_unknown(ask: Ask, id: Id, Query(world): Query<World>) -> Result<Response, Problem> {
    swept(ask, no_body(), (id, world), Sweep::ResendUnknown).await
}

/// Take delivered messages back
///
/// Those younger than 48 hours are deleted by the sender. 200: all of them are marked for it; 202: the first are, the others
/// follow by themselves.
#[utoipa::path(post, path = "/broadcasts/{id}/recall", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 200, description = "All are marked", body = SweptBody), (status = 202, description = "Begun", body = SweptBody)))]
pub(super) async fn recall(ask: Ask, id: Id, Query(world): Query<World>) -> Result<Response, Problem> {
    swept(ask, no_body(), (id, world), Sweep::Mend(Wish::Recall)).await
}

/// The right words.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Correction {
    /// As the body of a draft.
    #[schema(max_length = 16384, pattern = r"^[^\x00]*$")]
    body: String,
}

/// Correct the words of delivered messages
///
/// Whoever still waits gets the new words, too. 200: all delivered messages are marked for the sender; 202: the first are,
/// the others follow by themselves.
#[utoipa::path(post, path = "/broadcasts/{id}/correct", tag = "broadcasts", request_body = Correction,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), World),
    responses((status = 200, description = "All are marked", body = SweptBody), (status = 202, description = "Begun", body = SweptBody)))]
pub(super) async fn correct(
    ask: Ask,
    id: Id,
    Query(world): Query<World>,
    body: Body<Correction>,
) -> Result<Response, Problem> {
    readable(&body.value.body)?;
    swept(ask, body.hash, (id, world), Sweep::Mend(Wish::Correct(body.value.body))).await
}
