//! `/cashiers`: cashiers, requests for access, and an owner's decisions. The staff bot tells the person of a decision.
//! A cashier of the other realm counts as not found.

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::campaigns::All;
use super::http::extract::{Body, Id, Listing, Newest, Page, Query, RealmParam, line};
use super::http::problem::Problem;
use super::http::request::{Authorized, PostReply};
#[cfg(test)]
use super::openapi::schemas;
use crate::db::{Tx, View};
use crate::error::{Refusal, Result as ShopResult};
use crate::ids::CashierId;
use crate::realm::Realm;
use crate::secret;
use crate::staff::{self, Cashier, CashierScope, Decision, Owner, StaffStatus};

/// A cashier, or a person who asked to become one.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct CashierBody {
    id: i64,
    telegram_id: i64,
    name: String,
    username: Option<String>,
    status: StaffStatus,
    #[cfg_attr(test, schema(format = DateTime))]
    requested_at: String,
    /// The time of the last approval, decline or suspension.
    #[cfg_attr(test, schema(format = DateTime))]
    decided_at: Option<String>,
    is_test: bool,
}

impl From<Cashier> for CashierBody {
    fn from(cashier: Cashier) -> Self {
        Self {
            id: cashier.id.0,
            telegram_id: cashier.telegram_id.0,
            name: cashier.name,
            username: cashier.username,
            status: cashier.status,
            requested_at: cashier.requested_at.to_string(),
            decided_at: cashier.decided_at.map(|at| at.to_string()),
            is_test: cashier.realm.is_test(),
        }
    }
}

/// The filters of the list of cashiers.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct CashierFilter {
    /// Only cashiers with this status.
    #[cfg_attr(test, param(inline))]
    status: Option<StaffStatus>,
    /// The order of the list; only this one exists.
    #[cfg_attr(test, param(inline))]
    sort: Option<Newest>,
}

/// List cashiers, newest first
///
/// Owners also see pending and declined requests.
#[cfg_attr(test, utoipa::path(get, path = "/cashiers", tag = "cashiers", params(schemas::PageParams, CashierFilter),
    responses((status = 200, description = "One page", body = Page<CashierBody>))))]
pub(super) async fn list(ask: Authorized, listing: Listing<CashierFilter>) -> Result<Response, Problem> {
    ask.read(move |view, caller| {
        let shown = if caller.owner().is_ok() { CashierScope::Requests } else { CashierScope::Staff };
        let (found, total) = staff::list_cashiers(view, listing.realm, (shown, listing.filter.status), listing.slice)?;
        Ok(listing.page_of(found.into_iter().map(CashierBody::from).collect(), total))
    })
    .await
}

/// List pending requests, oldest first
///
/// A request is not bound to a role: approve it here for a cashier, or under `/admins` for an admin.
#[cfg_attr(test, utoipa::path(get, path = "/cashiers/requests", tag = "cashiers", params(schemas::PageParams),
    responses((status = 200, description = "One page", body = Page<CashierBody>))))]
pub(super) async fn requests(ask: Authorized, listing: Listing<All>) -> Result<Response, Problem> {
    ask.read(move |view, _| waiting(view, &listing)).await
}

/// A page of the list of access requests, which `/admins` and `/cashiers` share.
pub(super) fn waiting(view: &View<'_>, listing: &Listing<All>) -> ShopResult<Page<CashierBody>> {
    let (found, total) = staff::list_requests(view, listing.realm, listing.slice)?;
    Ok(listing.page_of(found.into_iter().map(CashierBody::from).collect(), total))
}

/// Show a cashier
#[cfg_attr(test, utoipa::path(get, path = "/cashiers/{id}", tag = "cashiers",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "The cashier", body = CashierBody))))]
pub(super) async fn one(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    ask.read(move |view, _| found(view, world.realm(), id.0).map(CashierBody::from)).await
}

/// The cashier with this id; one of the other realm counts as not found.
pub(super) fn found(view: &View<'_>, realm: Realm, id: i64) -> ShopResult<Cashier> {
    let cashier = staff::get_cashier(view, CashierId(id))?;
    Ok(if cashier.realm == realm { cashier } else { Err(Refusal::CashierNotFound(id.to_string()))? })
}

/// The new name of a cashier.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct CashierEdit {
    #[cfg_attr(test, schema(format = "line", max_length = 128, example = "Till 1"))]
    name: String,
}

/// Rename a cashier
#[cfg_attr(test, utoipa::path(patch, path = "/cashiers/{id}", tag = "cashiers", request_body = CashierEdit,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Cashier changed", body = CashierBody))))]
pub(super) async fn rename(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<CashierEdit>,
) -> Result<Response, Problem> {
    let name = body.value.name;
    line("name", &name, 128)?;
    ask.write(move |tx, caller| {
        let cashier = found(tx, world.realm(), id.0)?;
        Ok(CashierBody::from(staff::rename(tx, cashier.id, &name, &caller.owner()?)?.after))
    })
    .await
}

/// The name of a cashier to approve.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct CashierApproval {
    /// The name of the cashier; if absent, the name in the access request.
    #[serde(default)]
    #[cfg_attr(test, schema(format = "line", max_length = 128, example = "Till 1"))]
    name: Option<String>,
}

/// The result of an owner's decision. It holds row ids and no names, because it is stored as the answer to a repeated
/// request.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct DecidedBody {
    id: i64,
    status: StaffStatus,
    /// Whether this request changed the cashier's status; false if the status was the same before.
    changed: bool,
    is_test: bool,
}

impl From<Decision> for DecidedBody {
    fn from(Decision { before, after }: Decision) -> Self {
        let changed = before != after;
        Self { id: after.id.0, status: after.status, changed, is_test: after.realm.is_test() }
    }
}

/// Runs an owner's decision about the cashier or the access request with this id.
pub(super) async fn decided(
    ask: Authorized,
    (id, world): (Id, RealmParam),
    body: String,
    decide: impl FnOnce(&Tx<'_>, CashierId, &Owner) -> ShopResult<Decision> + Send + 'static,
) -> Result<Response, Problem> {
    ask.post(body, move |tx, caller| {
        let cashier = found(tx, world.realm(), id.0)?;
        Ok(PostReply::Ok(DecidedBody::from(decide(tx, cashier.id, &caller.owner()?)?)))
    })
    .await
}

async fn approved(ask: Authorized, whom: (Id, RealmParam), body: Body<CashierApproval>) -> Result<Response, Problem> {
    let Body { value: CashierApproval { name }, hash } = body;
    name.as_ref().map_or(Ok(()), |name| line("name", name, 128))?;
    decided(ask, whom, hash, move |tx, id, by| staff::approve(tx, id, name.as_deref(), by)).await
}

/// Approve a cashier
///
/// For a pending, declined or suspended cashier. The cashier is notified.
#[cfg_attr(test, utoipa::path(post, path = "/cashiers/{id}/approve", tag = "cashiers", request_body = CashierApproval,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Cashier approved", body = DecidedBody))))]
pub(super) async fn approve(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<CashierApproval>,
) -> Result<Response, Problem> {
    approved(ask, (id, world), body).await
}

/// Approve a cashier (the same as approve)
#[cfg_attr(test, utoipa::path(post, path = "/cashiers/{id}/activate", tag = "cashiers", request_body = CashierApproval,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Cashier approved", body = DecidedBody))))]
pub(super) async fn activate(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<CashierApproval>,
) -> Result<Response, Problem> {
    approved(ask, (id, world), body).await
}

/// Decline a request
///
/// The person is notified, and may ask again after a day.
#[cfg_attr(test, utoipa::path(post, path = "/cashiers/{id}/decline", tag = "cashiers",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Request declined", body = DecidedBody))))]
pub(super) async fn decline(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    decided(ask, (id, world), nothing(), staff::decline).await
}

/// Suspend a cashier
///
/// The cashier is notified.
#[cfg_attr(test, utoipa::path(post, path = "/cashiers/{id}/suspend", tag = "cashiers",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Cashier suspended", body = DecidedBody))))]
pub(super) async fn suspend(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    decided(ask, (id, world), nothing(), staff::suspend).await
}

/// Suspend a cashier (the same as suspend)
#[cfg_attr(test, utoipa::path(post, path = "/cashiers/{id}/deactivate", tag = "cashiers",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Cashier suspended", body = DecidedBody))))]
pub(super) async fn deactivate(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    decided(ask, (id, world), nothing(), staff::suspend).await
}

/// The hash of an empty request body, for idempotency.
pub(super) fn nothing() -> String {
    secret::sha256("")
}
