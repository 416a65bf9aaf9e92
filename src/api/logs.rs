//! `/logs`: redemption attempts and the audit log. Read page by page, or beyond the deepest page by the row id `after`:
//! the answer has the rows that follow that row in the list.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::http::extract::{Day, Listing, Newest, ranged};
use super::http::problem::Problem;
use super::http::request::Authorized;
#[cfg(test)]
use super::openapi::schemas;
use crate::audit::{self, Recorded};
use crate::clock::Timestamp;
use crate::db::View;
use crate::discount::Attempt;
use crate::discount::usage::{self, Used};
use crate::error::{Refusal, Result as ShopResult};
use crate::ids::CashierId;

/// A period as two instants; `None` leaves that end open.
pub(super) struct Span {
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// A period of the shop's days, both inclusive, as instants.
pub(super) fn since_until(view: &View<'_>, from: Option<Day>, to: Option<Day>) -> ShopResult<Span> {
    if let (Some(from), Some(to)) = (from, to)
        && from.0 > to.0
    {
        Err(Refusal::Validation { field: "from", value: from.0.to_string(), rule: "rule.filter_reversed" })?;
    }
    let zone = view.zone();
    let next = |day: Day| zone.start_of(day.0.succ_opt().unwrap_or(day.0));
    Ok(Span { since: from.map(|day| zone.start_of(day.0)), until: to.map(next) })
}

/// An attempt to check or redeem a code.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct UsageBody {
    id: i64,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    status: Attempt,
    /// The code as it was entered.
    code: String,
    discount_id: Option<i64>,
    user_id: Option<i64>,
    /// The customer's name; absent for service tokens and for the role readonly.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(value_type = Option<String>, nullable))]
    user_name: Option<Option<String>>,
    cashier_id: Option<i64>,
    /// The name of the cashier who made the attempt, or the actor if it was no cashier.
    cashier_name: Option<String>,
    redemption_id: Option<i64>,
    /// A note about the attempt, such as `user_not_notified` when the message to the customer failed.
    message: Option<String>,
    is_test: bool,
}

impl UsageBody {
    fn of(used: Used, sees_names: bool) -> Self {
        Self {
            id: used.id.0,
            created_at: used.at.to_string(),
            status: used.status,
            code: used.typed,
            discount_id: used.discount.map(|id| id.0),
            user_id: used.user.map(|id| id.0),
            user_name: sees_names.then_some(used.user_name),
            cashier_id: used.cashier.map(|id| id.0),
            cashier_name: used.by,
            redemption_id: used.redemption.map(|id| id.0),
            message: used.message,
            is_test: used.realm.is_test(),
        }
    }
}

/// The filters of the list of attempts.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct UsageFilter {
    /// Only attempts with this result.
    #[cfg_attr(test, param(inline))]
    status: Option<Attempt>,
    /// Only attempts of this cashier.
    #[cfg_attr(test, param(minimum = 1))]
    cashier_id: Option<i64>,
    /// Only attempts on this day or later, in the shop's time zone.
    #[cfg_attr(test, param(inline, example = "2026-11-01"))]
    from: Option<Day>,
    /// Only attempts on this day or earlier, in the shop's time zone.
    #[cfg_attr(test, param(inline, example = "2026-11-30"))]
    to: Option<Day>,
    /// Only attempts that follow the attempt with this row id in the list.
    #[cfg_attr(test, param(minimum = 1))]
    after: Option<i64>,
    /// The order of the list; only this one exists.
    #[cfg_attr(test, param(inline))]
    sort: Option<Newest>,
}

/// List redemption attempts, newest first
#[cfg_attr(test, utoipa::path(get, path = "/logs/discount-usage", tag = "logs", params(schemas::PageParams, UsageFilter),
    responses((status = 200, description = "One page", body = schemas::Page<UsageBody>))))]
pub(super) async fn usage(ask: Authorized, listing: Listing<UsageFilter>) -> Result<Response, Problem> {
    ranged("cashier_id", listing.filter.cashier_id.unwrap_or(1), 1..=i64::MAX)?;
    ranged("after", listing.filter.after.unwrap_or(1), 1..=i64::MAX)?;
    ask.read(move |view, caller| {
        let Span { since, until } = since_until(view, listing.filter.from, listing.filter.to)?;
        let filter = usage::AttemptFilter {
            status: listing.filter.status,
            cashier: listing.filter.cashier_id.map(CashierId),
            since,
            until,
            before: listing.filter.after,
        };
        let (found, total) = usage::list(view, listing.realm, &filter, listing.slice)?;
        let sees_names = caller.sees_phones();
        Ok(listing.page_of(found.into_iter().map(|used| UsageBody::of(used, sees_names)).collect(), total))
    })
    .await
}

/// An entry of the audit log.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct AuditBody {
    id: i64,
    #[cfg_attr(test, schema(format = DateTime))]
    at: String,
    #[cfg_attr(test, schema(example = "admin:1"))]
    actor: String,
    #[cfg_attr(test, schema(example = "update_setting"))]
    action: String,
    #[cfg_attr(test, schema(example = "setting"))]
    entity: String,
    entity_id: Option<String>,
    /// The object's state before the change; null for a new object.
    before: Value,
    /// The object's state after the change.
    after: Value,
    /// The id of the request (`X-Request-Id`); null for the command line, the bots and the jobs.
    #[cfg_attr(test, schema(example = "trace-me"))]
    request_id: Option<String>,
}

impl From<Recorded> for AuditBody {
    fn from(row: Recorded) -> Self {
        let Recorded { id, at, actor, action, entity, entity_id, before, after, request } = row;
        Self { id, at: at.to_string(), actor, action, entity, entity_id, before, after, request_id: request }
    }
}

/// The filters of the audit log.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct AuditFilter {
    /// Only entries of this actor: `admin:1`, `token:till`, `cli:root`.
    #[cfg_attr(test, param(max_length = 128, example = "admin:1"))]
    actor: Option<String>,
    /// Only entries with this action.
    #[cfg_attr(test, param(max_length = 64, example = "update_setting"))]
    action: Option<String>,
    /// Only entries about this kind of object.
    #[cfg_attr(test, param(max_length = 64, example = "setting"))]
    entity: Option<String>,
    /// Only entries about the object with this id.
    #[cfg_attr(test, param(max_length = 64))]
    entity_id: Option<String>,
    /// Only entries of this day or later, in the shop's time zone.
    #[cfg_attr(test, param(inline, example = "2026-11-01"))]
    from: Option<Day>,
    /// Only entries of this day or earlier, in the shop's time zone.
    #[cfg_attr(test, param(inline, example = "2026-11-30"))]
    to: Option<Day>,
    /// Only entries that follow the entry with this row id in the list.
    #[cfg_attr(test, param(minimum = 1))]
    after: Option<i64>,
    /// The order of the list; only this one exists.
    #[cfg_attr(test, param(inline))]
    sort: Option<Newest>,
}

/// List the audit log, newest first
///
/// The same for the real and the test bots: `is_test` changes nothing here.
#[cfg_attr(test, utoipa::path(get, path = "/logs/audit", tag = "logs", params(schemas::PageParams, AuditFilter),
    responses((status = 200, description = "One page", body = schemas::Page<AuditBody>))))]
pub(super) async fn changes(ask: Authorized, listing: Listing<AuditFilter>) -> Result<Response, Problem> {
    let AuditFilter { actor, action, entity, entity_id, from, to, after, .. } = listing.filter.clone();
    let texts =
        [("actor", &actor, 128), ("action", &action, 64), ("entity", &entity, 64), ("entity_id", &entity_id, 64)];
    for (field, text, most) in texts {
        if text.as_ref().is_some_and(|text| text.chars().count() > most) {
            return Err(Problem::field(field, format!("at most {most} characters")));
        }
    }
    ranged("after", after.unwrap_or(1), 1..=i64::MAX)?;
    ask.read(move |view, caller| {
        caller.owner()?;
        let Span { since, until } = since_until(view, from, to)?;
        let filter =
            audit::AuditFilter { actor, entity, entity_id, action, since, until, before: after, ..Default::default() };
        let (found, total) = audit::list(view, &filter, listing.slice)?;
        Ok(listing.page_of(found.into_iter().map(AuditBody::from).collect(), total))
    })
    .await
}
