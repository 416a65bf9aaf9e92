//! `/broadcasts`: the list, one broadcast with its statistics, creating and changing drafts, an estimate with its
//! confirmation token. The routes in `broadcast_verbs` send them, those in `deliveries` list their recipients.

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::broadcast_body::{BroadcastBody, BroadcastWhole};
use super::broadcast_draft::{Changes, DraftFields};
use super::http::extract::{Body, Day, Id, Listing, Query, RealmParam};
use super::http::problem::Problem;
use super::http::request::{Authorized, PostReply};
#[cfg(test)]
use super::openapi::schemas;
use super::segments::LeftOut;
use crate::broadcast::{self, Broadcast, BroadcastId, BroadcastSort, Origin, Status};
use crate::db::View;
use crate::error::{Refusal, Result as ShopResult};
use crate::realm::Realm;

/// The broadcast of this realm with this id.
pub(super) fn found(view: &View<'_>, world: impl Into<Realm>, id: i64) -> ShopResult<Broadcast> {
    let found = broadcast::get(view, BroadcastId(id))?;
    let is_here = found.draft.realm == world.into();
    Ok(if is_here { found } else { Err(Refusal::BroadcastNotFound(id.to_string()))? })
}

/// The filters of the list of broadcasts.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct BroadcastFilter {
    /// Only broadcasts with this status.
    #[cfg_attr(test, param(inline))]
    status: Option<Status>,
    /// Only broadcasts with this origin.
    #[cfg_attr(test, param(inline))]
    origin: Option<Origin>,
    /// Only broadcasts created on this day or later, in the shop's time zone.
    #[cfg_attr(test, param(inline, example = "2026-11-01"))]
    from: Option<Day>,
    /// Only broadcasts created on this day or earlier, in the shop's time zone.
    #[cfg_attr(test, param(inline, example = "2026-11-30"))]
    to: Option<Day>,
    /// The order of the list; `-created_at` if absent.
    #[cfg_attr(test, param(inline))]
    sort: Option<BroadcastSort>,
}

impl BroadcastFilter {
    fn wanted(&self, view: &View<'_>) -> broadcast::BroadcastFilter {
        let zone = view.zone();
        broadcast::BroadcastFilter {
            status: self.status,
            origin: self.origin,
            since: self.from.map(|day| zone.start_of(day.0)),
            until: self.to.and_then(|day| day.0.succ_opt()).map(|day| zone.start_of(day)),
            sort: self.sort,
        }
    }
}

/// List broadcasts
#[cfg_attr(test, utoipa::path(get, path = "/broadcasts", tag = "broadcasts", params(schemas::PageParams, BroadcastFilter),
    responses((status = 200, description = "One page", body = schemas::Page<BroadcastBody>))))]
pub(super) async fn list(ask: Authorized, listing: Listing<BroadcastFilter>) -> Result<Response, Problem> {
    if let (Some(from), Some(to)) = (listing.filter.from, listing.filter.to)
        && from.0 > to.0
    {
        return Err(Problem::field("from", "the beginning is after the end"));
    }
    ask.read(move |view, _| {
        let wanted = listing.filter.wanted(view);
        let (found, total) = broadcast::list(view, listing.realm, &wanted, listing.slice)?;
        Ok(listing.page_of(found.into_iter().map(BroadcastBody::from).collect(), total))
    })
    .await
}

/// Show a broadcast with its statistics
#[cfg_attr(test, utoipa::path(get, path = "/broadcasts/{id}", tag = "broadcasts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "The broadcast", body = BroadcastWhole))))]
pub(super) async fn one(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    ask.read(move |view, _| Ok(BroadcastWhole::from(broadcast::report(view, found(view, world, id.0)?.id)?))).await
}

/// Create a draft
///
/// Nothing is sent before a confirmation: see `estimate` and `schedule`.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts", tag = "broadcasts", request_body = schemas::CreateShape, params(RealmParam),
    responses((status = 201, description = "Draft created", body = BroadcastBody))))]
pub(super) async fn create(
    ask: Authorized,
    Query(world): Query<RealmParam>,
    body: Body<DraftFields>,
) -> Result<Response, Problem> {
    let changes = body.value.changes()?;
    let send_at = changes.send_at.flatten();
    let draft = changes.draft(world.realm(), true)?;
    ask.post(body.hash, move |tx, caller| {
        broadcast::check_people(tx, &draft.audience)?;
        let made = broadcast::create(tx, &draft, &caller.actor())?;
        Ok(PostReply::Created(BroadcastBody::from(broadcast::plan(tx, made.id, send_at, &caller.actor())?)))
    })
    .await
}

/// Change a draft or a scheduled broadcast
///
/// A scheduled broadcast with another text or audience is paused at its time until it is confirmed again.
#[cfg_attr(test, utoipa::path(patch, path = "/broadcasts/{id}", tag = "broadcasts", request_body = schemas::EditShape,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Broadcast changed", body = BroadcastBody))))]
pub(super) async fn edit(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<DraftFields>,
) -> Result<Response, Problem> {
    let changes = body.value.changes()?;
    ask.write(move |tx, caller| {
        let (before, by, send_at) = (found(tx, world, id.0)?, caller.actor(), changes.send_at);
        if let Some(audience) = &changes.audience {
            broadcast::check_people(tx, audience)?;
        }
        let (_, after) = broadcast::edit(tx, before.id, &changes.of(before.draft), &by)?;
        let after = send_at.map_or(Ok(after), |at| broadcast::plan(tx, before.id, at, &by))?;
        Ok(BroadcastBody::from(after))
    })
    .await
}

/// The estimate of a broadcast.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct EstimateBody {
    /// The row id of the broadcast; null for an estimate of a draft in the request.
    id: Option<i64>,
    /// The number of customers who would get the broadcast now.
    #[cfg_attr(test, schema(minimum = 0))]
    recipients: i64,
    left_out: LeftOut,
    /// The duration of the broadcast at the shop's rate limit, in seconds.
    #[cfg_attr(test, schema(minimum = 0))]
    seconds: i64,
    /// The duration of the broadcast at the highest rate that Telegram allows without Stars, in seconds; null when it
    /// is no faster.
    fastest_seconds: Option<i64>,
    /// The price of the broadcast in Telegram Stars at the shop's rate limit; 0 = free.
    #[cfg_attr(test, schema(minimum = 0))]
    stars: i64,
    /// The shop's limit of broadcast messages a minute.
    rate_limit_per_minute: i64,
    /// The shop's limit of broadcast messages an hour; 0 = no limit.
    rate_limit_per_hour: i64,
    /// The token that confirms the broadcast for 15 minutes. The token of a draft in the request confirms any draft
    /// with the same text and audience.
    confirm_token: String,
}

/// Estimate a broadcast
///
/// Takes a `broadcast_id`, or the text and the audience of a draft. Changes nothing, so the idempotency key is ignored
/// and recipients are counted at each request.
#[cfg_attr(test, utoipa::path(post, path = "/broadcasts/estimate", tag = "broadcasts", request_body = schemas::EstimateShape, params(RealmParam),
    responses((status = 200, description = "Estimate", body = EstimateBody))))]
pub(super) async fn estimate(
    ask: Authorized,
    Query(world): Query<RealmParam>,
    body: Body<DraftFields>,
) -> Result<Response, Problem> {
    if let Some(id) = body.value.stored()? {
        return ask
            .read(move |view, _| {
                let found = found(view, world, id)?;
                Ok(weighed(Some(id), broadcast::estimate_of(view, &found)?))
            })
            .await;
    }
    let draft = Changes::draft(body.value.changes()?, world.realm(), false)?;
    ask.read(move |view, _| {
        broadcast::check_people(view, &draft.audience)?;
        Ok(weighed(None, broadcast::estimate(view, &draft)?))
    })
    .await
}

fn weighed(id: Option<i64>, of: broadcast::Estimate) -> EstimateBody {
    EstimateBody {
        id,
        recipients: of.reach.reachable,
        left_out: LeftOut::from(&of.reach),
        seconds: of.seconds,
        fastest_seconds: of.fastest,
        stars: of.stars,
        rate_limit_per_minute: of.limits.per_minute,
        rate_limit_per_hour: of.limits.per_hour,
        confirm_token: of.token,
    }
}
