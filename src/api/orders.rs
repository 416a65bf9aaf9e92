//! `/orders`: orders of VIP customers and their status.

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::http::extract::{Body, Day, Id, Listing, Newest, Query, RealmParam};
use super::http::problem::Problem;
use super::http::request::Authorized;
use super::logs::{Span, since_until};
#[cfg(test)]
use super::openapi::schemas;
use crate::error::Refusal;
use crate::order::{self, Order, OrderId, Status};

/// The status of an order that an admin may set; `draft` is set by the customer.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum OrderStep {
    Processing,
    Created,
    Canceled,
}

impl From<OrderStep> for Status {
    fn from(step: OrderStep) -> Self {
        match step {
            OrderStep::Processing => Self::Processing,
            OrderStep::Created => Self::Created,
            OrderStep::Canceled => Self::Canceled,
        }
    }
}

/// An order of a VIP customer.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct OrderBody {
    id: i64,
    user_id: i64,
    /// The customer's name.
    user: String,
    status: Status,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    #[cfg_attr(test, schema(format = DateTime))]
    updated_at: String,
    is_test: bool,
}

impl From<Order> for OrderBody {
    fn from(order: Order) -> Self {
        Self {
            id: order.id.0,
            user_id: order.user.0,
            user: order.user_name,
            status: order.status,
            created_at: order.created_at.to_string(),
            updated_at: order.updated_at.to_string(),
            is_test: order.realm.is_test(),
        }
    }
}

/// The filters of the list of orders.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct OrderFilter {
    /// Only orders with this status.
    #[cfg_attr(test, param(inline))]
    status: Option<Status>,
    /// Only orders placed on this day or later, in the shop's time zone.
    #[cfg_attr(test, param(inline, example = "2026-11-01"))]
    from: Option<Day>,
    /// Only orders placed on this day or earlier, in the shop's time zone.
    #[cfg_attr(test, param(inline, example = "2026-11-30"))]
    to: Option<Day>,
    /// The order of the list; only this one exists.
    #[cfg_attr(test, param(inline))]
    sort: Option<Newest>,
}

/// List orders, newest first
#[cfg_attr(test, utoipa::path(get, path = "/orders", tag = "orders", params(schemas::PageParams, OrderFilter),
    responses((status = 200, description = "One page", body = schemas::Page<OrderBody>))))]
pub(super) async fn list(ask: Authorized, listing: Listing<OrderFilter>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let Span { since, until } = since_until(view, listing.filter.from, listing.filter.to)?;
        let filter =
            order::OrderFilter { status: listing.filter.status, since, until, ..order::OrderFilter::default() };
        let (found, total) = order::list(view, listing.realm, &filter, listing.slice)?;
        Ok(listing.page_of(found.into_iter().map(OrderBody::from).collect(), total))
    })
    .await
}

/// The new status of an order.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct OrderEdit {
    status: OrderStep,
}

/// Change the status of an order
#[cfg_attr(test, utoipa::path(patch, path = "/orders/{id}", tag = "orders", request_body = OrderEdit,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "Order changed", body = OrderBody))))]
pub(super) async fn edit(
    ask: Authorized,
    id: Id,
    Query(world): Query<RealmParam>,
    body: Body<OrderEdit>,
) -> Result<Response, Problem> {
    ask.write(move |tx, caller| {
        let by = caller.manager()?;
        let found = order::get(tx, OrderId(id.0))?;
        if found.realm != world.realm() {
            Err(Refusal::OrderNotFound(id.0.to_string()))?;
        }
        Ok(OrderBody::from(order::set_status(tx, found.id, body.value.status.into(), by.actor())?.1))
    })
    .await
}
