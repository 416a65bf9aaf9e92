//! `/discounts`: the list of codes, one code with its attempts, its QR picture, issuing. `counter` redeems codes.
//! Answers to POST contain row ids and no names, because they are stored under idempotency keys.

use axum::body::Body as Bytes;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::bots::Bots;
use super::discount_body::{Attempt, DiscountBody};
use super::http::extract::{Body, Id, Listing, Query, RealmParam, lengths};
use super::http::problem::Problem;
use super::http::request::{Authorized, PostReply};
#[cfg(test)]
use super::openapi::schemas;
use super::users;
use crate::campaign;
use crate::catalogue::Code;
use crate::db::View;
use crate::discount::template::{self, Event};
use crate::discount::{self, CodeFilter, CodeSort, Condition, Discount, IssueRequest, Issued, SourceKind};
use crate::error::{Error, Refusal, Result as ShopResult};
use crate::ids::{DiscountId, TemplateId, UserId};
use crate::qr;
use crate::realm::Realm;

/// The filters of the list of codes.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct DiscountFilter {
    /// Only codes of this customer.
    #[cfg_attr(test, param(minimum = 1))]
    user_id: Option<i64>,
    /// Only codes of this template: its name or id.
    #[cfg_attr(test, param(min_length = 1, max_length = 48, pattern = "\\S"))]
    template: Option<String>,
    /// Only codes of templates for this event.
    #[cfg_attr(test, param(inline))]
    event: Option<Event>,
    /// Only codes with this status.
    #[cfg_attr(test, param(inline))]
    status: Option<Condition>,
    /// Only the code with this text, as entered.
    #[cfg_attr(test, param(min_length = 1, max_length = 64, pattern = "\\S"))]
    code: Option<String>,
    /// Only codes of customers whose first source is this campaign: its key or id.
    #[cfg_attr(test, param(min_length = 1, max_length = 48, pattern = "\\S"))]
    campaign: Option<String>,
    /// The order of the list; `-created_at` if absent.
    #[cfg_attr(test, param(inline))]
    sort: Option<DiscountSort>,
}

/// The order of codes; a leading dash means descending.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) enum DiscountSort {
    #[serde(rename = "created_at")]
    Created,
    #[serde(rename = "-created_at")]
    CreatedDown,
    #[serde(rename = "expires_at")]
    Expires,
    #[serde(rename = "-expires_at")]
    ExpiresDown,
}

impl From<DiscountSort> for CodeSort {
    fn from(sort: DiscountSort) -> Self {
        match sort {
            DiscountSort::Created => Self::Id,
            DiscountSort::CreatedDown => Self::IdDown,
            DiscountSort::Expires => Self::Expires,
            DiscountSort::ExpiresDown => Self::ExpiresDown,
        }
    }
}

impl DiscountFilter {
    /// Checks the filters; an error names the query's own parameter.
    pub(super) fn checked(&self) -> Result<(), Problem> {
        let refused = || Problem::field("user_id", "a whole number above zero is needed");
        if self.user_id.is_some_and(|id| id < 1) {
            return Err(refused());
        }
        lengths(&[("template", &self.template, 48), ("code", &self.code, 64), ("campaign", &self.campaign, 48)])
    }

    /// The filter of the codes. `None`: the query names an object that does not exist, so no code matches.
    pub(super) fn of(&self, view: &View<'_>, realm: Realm) -> ShopResult<Option<CodeFilter>> {
        let template = self.template.as_ref().map(|typed| template::get_by_ref(view, typed));
        let campaign = self.campaign.as_ref().map(|typed| campaign::get_by_ref(view, typed));
        let code = self.code.as_ref().map(|typed| discount::get_by_ref(view, realm, typed));
        let (Some(template), Some(campaign), Some(code)) = (known(template)?, known(campaign)?, known(code)?) else {
            return Ok(None);
        };
        Ok(Some(CodeFilter {
            id: code.map(|code| code.id),
            user: self.user_id.map(UserId),
            template: template.map(|template| template.id),
            campaign: campaign.map(|campaign| campaign.id),
            event: self.event,
            condition: self.status,
            sort: self.sort.map(CodeSort::from),
            ..CodeFilter::default()
        }))
    }
}

/// The object that a filter names: outer `None` = it does not exist, inner `None` = the filter is absent.
fn known<T>(found: Option<ShopResult<T>>) -> ShopResult<Option<Option<T>>> {
    match found.transpose() {
        Ok(found) => Ok(Some(found)),
        Err(Error::Refused(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// List codes
#[cfg_attr(test, utoipa::path(get, path = "/discounts", tag = "discounts", params(schemas::PageParams, DiscountFilter),
    responses((status = 200, description = "One page", body = schemas::Page<DiscountBody>))))]
pub(super) async fn list(ask: Authorized, listing: Listing<DiscountFilter>) -> Result<Response, Problem> {
    listing.filter.checked()?;
    ask.read(move |view, _| {
        let Some(filter) = listing.filter.of(view, listing.realm)? else { return Ok(listing.page_of(Vec::new(), 0)) };
        let (found, total) = discount::list(view, listing.realm, &filter, listing.slice)?;
        Ok(listing.page_of(DiscountBody::all(view, &found)?, total))
    })
    .await
}

/// A code with its redemption attempts.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct DiscountWhole {
    #[serde(flatten)]
    discount: DiscountBody,
    /// Attempts at this code, oldest first, at most 100.
    usage: Vec<Attempt>,
}

/// Show a code with its redemption attempts
#[cfg_attr(test, utoipa::path(get, path = "/discounts/{id}", tag = "discounts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "The code", body = DiscountWhole))))]
pub(super) async fn one(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let found = found(view, world, id.0)?;
        let usage = discount::list_attempts(view, found.id)?.into_iter().map(Attempt::from).collect();
        Ok(DiscountWhole { discount: DiscountBody::single(view, &found)?, usage })
    })
    .await
}

/// The code with this row id; one of the other realm counts as not found.
pub(super) fn found(view: &View<'_>, world: RealmParam, id: i64) -> ShopResult<Discount> {
    let found = discount::get(view, DiscountId(id))?;
    Ok(if found.realm == world.realm() { found } else { Err(Refusal::CodeNotFound)? })
}

/// The format of the code's QR picture.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Picture {
    #[default]
    Svg,
    Png,
}

/// The format and the realm of the code's QR picture.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct PictureParams {
    /// The format of the picture; `svg` if absent.
    #[cfg_attr(test, param(inline))]
    format: Picture,
    /// Whether to look among codes of the test bots instead of the real ones.
    #[cfg_attr(test, param(default = false, example = false))]
    is_test: bool,
}

/// Show the QR code for the cashier
#[cfg_attr(test, utoipa::path(get, path = "/discounts/{id}/qr", tag = "discounts",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), PictureParams),
    responses((status = 200, description = "The picture", content((String = "image/svg+xml"), (inline(schemas::Binary) = "image/png"))))))]
pub(super) async fn qr(
    ask: Authorized,
    id: Id,
    Query(params): Query<PictureParams>,
    State(bots): State<Bots>,
) -> Result<Response, Problem> {
    let realm = Realm::from_is_test(params.is_test);
    let link = ask.look(move |view, _| {
        let found = discount::get(view, DiscountId(id.0))?;
        let found = if found.realm == realm { found } else { Err(Refusal::CodeNotFound)? };
        discount::link(view, realm, &found.public_id)
    });
    let link = link.await?.ok_or_else(|| bots.nameless(realm.staff_bot()))?;
    let (kind, drawn) = match params.format {
        Picture::Svg => ("image/svg+xml", qr::svg(&link).map(String::into_bytes)),
        Picture::Png => ("image/png", qr::png(&link)),
    };
    let mut response = Response::new(Bytes::from(drawn.ok_or_else(|| Problem::of(Code::Internal))?));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

/// A code to issue. Either template_id or template_name is needed.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct IssueBody {
    /// The row id of the customer.
    #[cfg_attr(test, schema(minimum = 1, example = 1))]
    user_id: i64,
    /// The row id of the template.
    #[serde(default)]
    #[cfg_attr(test, schema(minimum = 1))]
    template_id: Option<i64>,
    /// The name of the template.
    #[serde(default)]
    #[cfg_attr(test, schema(max_length = 48, example = "manual_10"))]
    template_name: Option<String>,
    /// Whether the customer gets a message with the code.
    #[serde(default)]
    notify: bool,
}

/// The code that was issued now or before.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct IssuedBody {
    /// Whether a new code was issued; false if the customer already had an active one.
    changed: bool,
    discount: DiscountBody,
}

/// Issue a code
///
/// Answers 201 with a new code, or 200 with the customer's active code of a template with a recurrence.
#[cfg_attr(test, utoipa::path(post, path = "/discounts", tag = "discounts", request_body = IssueBody, params(RealmParam),
    responses((status = 201, description = "Code issued", body = IssuedBody), (status = 200, description = "The customer already had an active code", body = IssuedBody))))]
pub(super) async fn issue(
    ask: Authorized,
    Query(world): Query<RealmParam>,
    body: Body<IssueBody>,
) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    if wanted.template_id.is_none() && wanted.template_name.is_none() {
        return Err(Problem::field("template_id", "template_id or template_name is needed"));
    }
    ask.post(hash, move |tx, caller| {
        let user = users::found(tx, world.realm(), wanted.user_id)?;
        let template = template_of(tx, &wanted)?;
        let order =
            IssueRequest { user: &user, template: &template, source: (SourceKind::Manual, None), by: &caller.actor() };
        let issued = discount::issue(tx, &order)?;
        if let (true, Issued::New(code)) = (wanted.notify, &issued) {
            discount::announce(tx, code, &template)?;
        }
        let body = |changed| Ok(IssuedBody { changed, discount: DiscountBody::single(tx, issued.discount())? });
        match &issued {
            Issued::New(_) => body(true).map(PostReply::Created),
            Issued::Live(_) => body(false).map(PostReply::Ok),
        }
    })
    .await
}

/// The template that the request names: by name, by id, or by both if they name the same one.
fn template_of(view: &View<'_>, wanted: &IssueBody) -> ShopResult<template::Template> {
    let named = wanted.template_name.as_deref().map(|name| template::get_by_ref(view, name)).transpose()?;
    let Some(id) = wanted.template_id else { return Ok(named.ok_or_else(|| missing(""))?) };
    let found =
        template::find(view, TemplateId(id))?.filter(|found| named.as_ref().is_none_or(|named| named.id == found.id));
    Ok(found.ok_or_else(|| missing(&id.to_string()))?)
}

fn missing(name: &str) -> Refusal {
    Refusal::TemplateNotFound { name: name.to_owned(), known: Vec::new() }
}
