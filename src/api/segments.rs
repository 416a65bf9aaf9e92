//! `/segments`: saved filters of customers, and a preview of the customers who match. A sample contains only row ids
//! and names.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::http::extract::{Body, Id, Listing, Query, RealmParam};
use super::http::problem::Problem;
use super::http::request::{Authorized, PostReply};
#[cfg(test)]
use super::openapi::schemas;
use crate::broadcast;
use crate::db::View;
use crate::error::Result as ShopResult;
use crate::ids::SegmentId;
use crate::realm::Realm;
use crate::segment::{self, Filter, Segment, SegmentDraft, Unread};

/// A segment: a saved filter of customers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct SegmentBody {
    id: i64,
    name: String,
    #[cfg_attr(test, schema(value_type = schemas::FilterShape))]
    filter: Value,
    /// Whether the menu of chat broadcasts offers the segment.
    in_bot_menu: bool,
    /// Whether the segment was shipped with the program. It can be changed and deleted like any other.
    is_preset: bool,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    #[cfg_attr(test, schema(format = DateTime))]
    updated_at: String,
}

impl From<Segment> for SegmentBody {
    fn from(segment: Segment) -> Self {
        Self {
            id: segment.id.0,
            filter: written(&segment.filter),
            name: segment.name,
            in_bot_menu: segment.in_bot_menu,
            is_preset: segment.is_preset,
            created_at: segment.created_at.to_string(),
            updated_at: segment.updated_at.to_string(),
        }
    }
}

/// A segment's filter as JSON.
pub(super) fn written(filter: &Filter) -> Value {
    serde_json::from_str(&filter.to_json()).unwrap_or_default()
}

/// The list of segments has no filters.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Nothing {}

/// List segments
///
/// Oldest segment first. The same for the real and the test bots: `is_test` changes nothing here.
#[cfg_attr(test, utoipa::path(get, path = "/segments", tag = "segments", params(schemas::PageParams),
    responses((status = 200, description = "One page", body = schemas::Page<SegmentBody>))))]
pub(super) async fn list(ask: Authorized, listing: Listing<Nothing>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let all = segment::list(view)?;
        let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let (skip, most) = (usize::try_from(listing.slice.offset).unwrap_or(usize::MAX), listing.slice.limit as usize);
        let items = all.into_iter().skip(skip).take(most).map(SegmentBody::from).collect();
        Ok(listing.page_of(items, total))
    })
    .await
}

/// A segment with the number of customers who match its filter now.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct SegmentWhole {
    #[serde(flatten)]
    segment: SegmentBody,
    /// The number of customers who match the segment's filter, including those a broadcast skips.
    #[cfg_attr(test, schema(minimum = 0))]
    people: i64,
}

/// Show a segment with its number of customers
#[cfg_attr(test, utoipa::path(get, path = "/segments/{id}", tag = "segments",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "The segment", body = SegmentWhole))))]
pub(super) async fn one(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let found = segment::get_by_id(view, SegmentId(id.0))?;
        let people = segment::count(view, world.realm(), &found.filter)?;
        Ok(SegmentWhole { segment: found.into(), people })
    })
    .await
}

/// A new segment.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct SegmentCreate {
    /// The name of the segment; not only digits. Case and repeated spaces do not make a different name.
    #[cfg_attr(
        test,
        schema(
            min_length = 1,
            max_length = 64,
            pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s0-9\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
            example = "VIP 18–34"
        )
    )]
    name: String,
    #[cfg_attr(test, schema(value_type = schemas::FilterShape))]
    filter: Unread,
    /// Whether the menu of chat broadcasts offers the segment.
    #[serde(default)]
    in_bot_menu: bool,
}

/// Create a segment
#[cfg_attr(test, utoipa::path(post, path = "/segments", tag = "segments", request_body = SegmentCreate,
    responses((status = 201, description = "The segment", body = SegmentBody))))]
pub(super) async fn create(ask: Authorized, body: Body<SegmentCreate>) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    named(&wanted.name)?;
    ask.post(hash, move |tx, caller| {
        let filter = Filter::read(&wanted.filter)?;
        let draft = SegmentDraft { name: wanted.name, filter, in_bot_menu: wanted.in_bot_menu };
        Ok(PostReply::Created(SegmentBody::from(segment::create(tx, &draft, &caller.actor())?)))
    })
    .await
}

/// Checks the segment's name as the schema states.
fn named(name: &str) -> Result<(), Problem> {
    let fits = name.chars().count() <= 64
        && !name.contains(char::is_control)
        && name.contains(|c: char| !c.is_whitespace() && !c.is_ascii_digit());
    let refused =
        || Problem::field("name", "1 to 64 characters are needed, not all of them digits, without line breaks");
    fits.then_some(()).ok_or_else(refused)
}

/// The fields of a segment to change; an absent field keeps its value.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct SegmentEdit {
    #[serde(default)]
    #[cfg_attr(
        test,
        schema(
            min_length = 1,
            max_length = 64,
            pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s0-9\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
            example = "VIP"
        )
    )]
    name: Option<String>,
    /// The new filter, which replaces the old one.
    #[serde(default)]
    #[cfg_attr(test, schema(value_type = Option<schemas::FilterShape>))]
    filter: Option<Unread>,
    #[serde(default)]
    in_bot_menu: Option<bool>,
}

/// Change a segment
///
/// A confirmed broadcast for this segment that has not begun is paused at its time until it is confirmed again.
#[cfg_attr(test, utoipa::path(patch, path = "/segments/{id}", tag = "segments", request_body = SegmentEdit,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1)),
    responses((status = 200, description = "Segment changed", body = SegmentBody))))]
pub(super) async fn edit(ask: Authorized, id: Id, body: Body<SegmentEdit>) -> Result<Response, Problem> {
    let wanted = body.value;
    wanted.name.as_deref().map(named).transpose()?;
    ask.write(move |tx, caller| {
        let was = segment::get_by_id(tx, SegmentId(id.0))?.draft();
        let filter = wanted.filter.as_ref().map(Filter::read).transpose()?;
        let draft = SegmentDraft {
            name: wanted.name.unwrap_or(was.name),
            filter: filter.unwrap_or(was.filter),
            in_bot_menu: wanted.in_bot_menu.unwrap_or(was.in_bot_menu),
        };
        Ok(SegmentBody::from(segment::edit(tx, SegmentId(id.0), &draft, &caller.actor())?.1))
    })
    .await
}

/// Delete a segment
///
/// Finished broadcasts keep the filter as their own.
#[cfg_attr(test, utoipa::path(delete, path = "/segments/{id}", tag = "segments",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1)),
    responses((status = 200, description = "Segment deleted", body = SegmentBody))))]
pub(super) async fn delete(ask: Authorized, id: Id) -> Result<Response, Problem> {
    ask.write(move |tx, caller| Ok(SegmentBody::from(broadcast::delete_segment(tx, SegmentId(id.0), &caller.actor())?)))
        .await
}

/// The numbers of customers who match the filter but get no broadcast, by reason.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct LeftOut {
    /// The number of matching customers who muted broadcasts.
    #[cfg_attr(test, schema(minimum = 0))]
    muted: i64,
    /// The number of matching customers who blocked the bot.
    #[cfg_attr(test, schema(minimum = 0))]
    bot_blocked: i64,
    /// The number of test customers who match the filter; not part of the total.
    #[cfg_attr(test, schema(minimum = 0))]
    test: i64,
}

impl From<&segment::Reach> for LeftOut {
    fn from(reach: &segment::Reach) -> Self {
        Self { muted: reach.muted, bot_blocked: reach.bot_blocked, test: reach.test }
    }
}

/// A customer who matches the filter.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct Fitting {
    id: i64,
    display_name: String,
}

/// The customers who match a filter.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct PreviewBody {
    #[cfg_attr(test, schema(value_type = schemas::FilterShape))]
    filter: Value,
    /// The number of customers who match the filter.
    #[cfg_attr(test, schema(minimum = 0))]
    total: i64,
    /// The number of customers a broadcast would reach.
    #[cfg_attr(test, schema(minimum = 0))]
    reachable: i64,
    left_out: LeftOut,
    /// A sample of the matching customers, by ascending id.
    sample: Vec<Fitting>,
}

impl PreviewBody {
    fn of(view: &View<'_>, realm: Realm, filter: &Filter, sample: u32) -> ShopResult<Self> {
        let seen = segment::preview(view, realm, filter, sample)?;
        let one = |user: crate::user::User| Fitting { id: user.id.0, display_name: user.display_name };
        Ok(Self {
            filter: written(filter),
            total: seen.reach.total,
            reachable: seen.reach.reachable,
            left_out: LeftOut::from(&seen.reach),
            sample: seen.sample.into_iter().map(one).collect(),
        })
    }
}

/// The size of the sample in a preview, and its realm.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct SampleParams {
    /// The number of customers in the sample.
    #[cfg_attr(test, param(minimum = 0, maximum = 100, default = 10))]
    sample: u32,
    /// Whether to preview customers of the test bots instead of the real ones.
    #[cfg_attr(test, param(default = false, example = false))]
    is_test: bool,
}

impl Default for SampleParams {
    fn default() -> Self {
        Self { sample: 10, is_test: false }
    }
}

/// Preview a segment
#[cfg_attr(test, utoipa::path(get, path = "/segments/{id}/preview", tag = "segments",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), SampleParams),
    responses((status = 200, description = "The number of customers and a sample", body = PreviewBody))))]
pub(super) async fn preview(ask: Authorized, id: Id, Query(params): Query<SampleParams>) -> Result<Response, Problem> {
    let sample = at_most_100(params.sample)?;
    let realm = Realm::from_is_test(params.is_test);
    ask.read(move |view, _| {
        let found = segment::get_by_id(view, SegmentId(id.0))?;
        PreviewBody::of(view, realm, &found.filter, sample)
    })
    .await
}

/// A filter of customers to preview.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewWanted {
    #[cfg_attr(test, schema(value_type = schemas::FilterShape))]
    filter: Unread,
    /// The number of customers in the sample; 10 if absent.
    #[serde(default)]
    #[cfg_attr(test, schema(minimum = 0, maximum = 100))]
    sample: Option<u32>,
}

/// Preview a filter
///
/// Changes nothing, so the idempotency key is ignored and customers are counted at each request.
#[cfg_attr(test, utoipa::path(post, path = "/segments/preview", tag = "segments", request_body = PreviewWanted, params(RealmParam),
    responses((status = 200, description = "The number of customers and a sample", body = PreviewBody))))]
pub(super) async fn try_out(
    ask: Authorized,
    Query(world): Query<RealmParam>,
    body: Body<PreviewWanted>,
) -> Result<Response, Problem> {
    let wanted = body.value;
    let sample = at_most_100(wanted.sample.unwrap_or(10))?;
    ask.read(move |view, _| PreviewBody::of(view, world.realm(), &Filter::read(&wanted.filter)?, sample)).await
}

fn at_most_100(sample: u32) -> Result<u32, Problem> {
    let refused = || Problem::field("sample", "a whole number is needed, 0–100");
    (sample <= 100).then_some(sample).ok_or_else(refused)
}
