//! Lists of attempts to check or redeem a code: who tried which code, and with what result.

use super::store::Attempt;
use crate::clock::Timestamp;
use crate::db::{Conditions, Slice, View, columns};
use crate::error::Result;
use crate::ids::{CashierId, DiscountId, RedemptionId, UsageLogId, UserId};
use crate::realm::Realm;
use crate::row_counts::{Counted, kept};
use crate::texts::nameless;
use crate::user::named_if;

columns! {
    select: Used as l
        from "discount_usage_logs l LEFT JOIN cashiers c ON c.id = l.cashier_id LEFT JOIN users u ON u.id = l.user_id" {
        id, at, status, typed = code_typed, discount = discount_id, user = user_id,
        user_name = named_if(user_id, "u.first_name", "u.last_name", "u.username", (nameless!())), cashier = cashier_id,
        by = "coalesce(c.name, l.actor)", redemption = redemption_id, message, realm = is_test,
    }
}
const ROWS: &str = select!();
const TABLE: &str = "FROM discount_usage_logs l";

/// An attempt at the shop's counter, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns, described in the migration")]
pub struct Used {
    pub id: UsageLogId,
    pub at: Timestamp,
    pub status: Attempt,
    pub typed: String,
    pub discount: Option<DiscountId>,
    pub user: Option<UserId>,
    pub user_name: Option<String>,
    pub cashier: Option<CashierId>,
    pub by: Option<String>,
    pub redemption: Option<RedemptionId>,
    pub message: Option<String>,
    pub realm: Realm,
}

/// Which attempts a list shows; a field that is `None` does not restrict it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttemptFilter {
    /// Attempts with this result.
    pub status: Option<Attempt>,
    /// Attempts by this cashier.
    pub cashier: Option<CashierId>,
    /// Attempts made at this instant or later.
    pub since: Option<Timestamp>,
    /// Attempts made before this instant.
    pub until: Option<Timestamp>,
    /// Attempts with a smaller row id than this one: for the page after the attempt with this id.
    pub before: Option<i64>,
}

/// One page of the attempts of a realm that match, newest first, and the number of all matching attempts.
pub fn list(view: &View<'_>, realm: Realm, filter: &AttemptFilter, slice: Slice) -> Result<(Vec<Used>, i64)> {
    let fitting = Conditions::of_realm("l.is_test", &realm, realm.is_test())
        .and("l.status = :status", ":status", filter.status.as_ref())
        .and("l.cashier_id = :cashier", ":cashier", filter.cashier.as_ref())
        .and("l.at >= :since", ":since", filter.since.as_ref())
        .and("l.at < :until", ":until", filter.until.as_ref())
        .and("l.id < :before", ":before", filter.before.as_ref());
    let found = fitting.rows(view, (ROWS, "ORDER BY l.id DESC"), slice, Used::from_row)?;
    let is_whole = *filter == AttemptFilter::default();
    let total = if is_whole { kept(view, Counted::Attempts, realm)? } else { fitting.count(view, TABLE)? };
    Ok((found, total))
}
