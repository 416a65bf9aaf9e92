//! Lists of attempts at the counter: who tried which code, and with what result.

use rusqlite::Row;

use super::store::Attempt;
use crate::clock::Timestamp;
use crate::db::{Conditions, Slice, View};
use crate::error::Result;
use crate::ids::{CashierId, DiscountId, RedemptionId, UsageLogId, UserId};
use crate::realm::Realm;
use crate::user;

const ROWS: &str =
    "SELECT l.id, l.at, l.status, l.code_typed, l.discount_id, l.user_id, u.first_name, u.last_name, u.username,
       l.cashier_id, coalesce(c.name, l.actor), l.redemption_id, l.message, l.is_test
    FROM discount_usage_logs l LEFT JOIN cashiers c ON c.id = l.cashier_id LEFT JOIN users u ON u.id = l.user_id";
const TABLE: &str = "FROM discount_usage_logs l";

/// An attempt at the counter, as lists show it.
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
#[derive(Debug, Clone, Default)]
pub struct AttemptFilter {
    /// Attempts with this result.
    pub status: Option<Attempt>,
    /// Attempts by this cashier.
    pub cashier: Option<CashierId>,
    /// Attempts made at this instant or later.
    pub since: Option<Timestamp>,
    /// Attempts made before this instant.
    pub until: Option<Timestamp>,
    /// Attempts before the one with this id: the next page.
    pub before: Option<i64>,
}

/// Attempts of a realm that match, newest first, and the number of all matching ones.
pub fn list(view: &View<'_>, realm: Realm, filter: &AttemptFilter, slice: Slice) -> Result<(Vec<Used>, i64)> {
    let fitting = Conditions::new("l.is_test = :realm", ":realm", &realm)
        .and("l.status = :status", ":status", filter.status.as_ref())
        .and("l.cashier_id = :cashier", ":cashier", filter.cashier.as_ref())
        .and("l.at >= :since", ":since", filter.since.as_ref())
        .and("l.at < :until", ":until", filter.until.as_ref())
        .and("l.id < :before", ":before", filter.before.as_ref());
    Ok(fitting.page(view, (ROWS, TABLE, "ORDER BY l.id DESC"), slice, from_row)?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Used> {
    let (first, last, username): (Option<String>, Option<String>, Option<String>) =
        (row.get(6)?, row.get(7)?, row.get(8)?);
    let user: Option<UserId> = row.get(5)?;
    Ok(Used {
        id: UsageLogId(row.get(0)?),
        at: row.get(1)?,
        status: row.get(2)?,
        typed: row.get(3)?,
        discount: row.get(4)?,
        user,
        user_name: user.map(|_| user::display_name(first.as_deref(), last.as_deref(), username.as_deref())),
        cashier: row.get(9)?,
        by: row.get(10)?,
        redemption: row.get(11)?,
        message: row.get(12)?,
        realm: row.get(13)?,
    })
}
