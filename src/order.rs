//! Orders: requests of VIP customers for a call from the shop.

use rusqlite::named_params;
use serde_json::json;

use crate::actor::Actor;
use crate::audit;
use crate::clock::Timestamp;
use crate::db::{Conditions, Slice, Tx, View, columns};
use crate::error::{Refusal, Result};
use crate::ids::{UserId, integer_id, words};
use crate::realm::Realm;
use crate::staff::{self, Group};
use crate::texts::nameless;
use crate::user::{User, named};

integer_id!(
    /// A row of `orders`.
    OrderId
);

words!(
    /// The status of an order.
    Status as OrderStatus {
        /// The customer asked for a call.
        Draft = "draft",
        /// The shop is working on the order.
        Processing = "processing",
        /// The shop has created the order that the customer asked for.
        Created = "created",
        /// The order was canceled.
        Canceled = "canceled",
    }
);

columns! {
    select: Order as o from "orders o JOIN users u ON u.id = o.user_id" {
        id, user = user_id, user_name = named("u.first_name", "u.last_name", "u.username", (nameless!())), realm = is_test, status,
        created_at, updated_at,
    }
}

const BY_ID: &str = select!("WHERE o.id = :id");
const ROWS: &str = select!();
const TABLE: &str = "FROM orders o";
const INSERT: &str =
    "INSERT INTO orders (user_id, is_test, status, created_at, updated_at) VALUES (:user, :realm, 'draft', :now, :now)";
const OPEN: &str = "SELECT id FROM orders WHERE user_id = :user AND status = 'draft' LIMIT 1";
const SET: &str = "UPDATE orders SET status = :status, updated_at = :now WHERE id = :id";

/// The tag of customers who may order.
pub const VIP: &str = "vip";

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct Order {
    pub id: OrderId,
    pub user: UserId,
    pub user_name: String,
    pub realm: Realm,
    pub status: Status,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Places an order: a customer asks for a call, and admins of the group `orders` are told. If the customer has an order
/// in the status `draft` already, its id is returned and no admin is told.
pub fn place(tx: &Tx<'_>, user: &User) -> Result<OrderId> {
    if let Some(open) = tx.find(OPEN, &[(":user", &user.id)], |row| row.get(0))? {
        return Ok(open);
    }
    let id = OrderId(tx.insert(INSERT, named_params! { ":user": user.id, ":realm": user.realm, ":now": tx.now() })?);
    let number = id.to_string();
    let username = user.username.as_ref().map(|name| format!("@{name}")).unwrap_or_default();
    let values = [("display_name", &*user.display_name), ("username", &*username), ("order", &*number)];
    staff::tell_admins(tx, user.realm, Group::Orders, "notice_order", &values, None)?;
    Ok(id)
}

/// Changes an order's status, audited. Setting the present status again changes nothing. Returns the order before and
/// after.
///
/// # Errors
/// `NOT_FOUND`.
pub fn set_status(tx: &Tx<'_>, id: OrderId, status: Status, by: &Actor) -> Result<(Order, Order)> {
    let before = get(tx, id)?;
    if before.status == status {
        return Ok((before.clone(), before));
    }
    tx.change(SET, named_params! { ":id": id, ":status": status, ":now": tx.now() })?;
    audit::record(
        tx,
        &audit::Entry {
            actor: by,
            action: "update_order",
            entity: "order",
            entity_id: id.to_string(),
            before: json!({ "status": before.status.as_str() }),
            after: json!({ "status": status.as_str() }),
        },
    )?;
    Ok((before, get(tx, id)?))
}

/// The order with this id.
///
/// # Errors
/// `NOT_FOUND`.
pub fn get(view: &View<'_>, id: OrderId) -> Result<Order> {
    let found = view.find(BY_ID, &[(":id", &id)], Order::from_row)?;
    Ok(found.ok_or_else(|| Refusal::OrderNotFound(id.to_string()))?)
}

/// Which orders a list shows; a field that is `None` does not restrict it.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Orders in this status.
    pub status: Option<Status>,
    /// Orders placed at this instant or later.
    pub since: Option<Timestamp>,
    /// Orders placed before this instant.
    pub until: Option<Timestamp>,
    /// Whether the oldest order comes first instead of the newest.
    pub oldest_first: bool,
}

/// One page of the orders of a realm that match, and the number of all that match; newest first unless the filter says
/// otherwise.
pub fn list(view: &View<'_>, realm: Realm, filter: &OrderFilter, slice: Slice) -> Result<(Vec<Order>, i64)> {
    let fitting = Conditions::of_realm("o.is_test", &realm, realm.is_test())
        .and("o.status = :status", ":status", filter.status.as_ref())
        .and("o.created_at >= :since", ":since", filter.since.as_ref())
        .and("o.created_at < :until", ":until", filter.until.as_ref());
    let order = if filter.oldest_first { "ORDER BY o.id" } else { "ORDER BY o.id DESC" };
    Ok(fitting.page(view, (ROWS, TABLE, order), slice, Order::from_row)?)
}
