//! Exports of attempts to check or redeem a code at the counter.

use chrono::NaiveDate;

use crate::cell::Column;
use crate::db::{Conditions, View, columns};
use crate::discount::Attempt;
use crate::error::Result;
use crate::ids::CashierId;
use crate::realm::Realm;

columns! {
    select: Tried as l from "discount_usage_logs l LEFT JOIN cashiers c ON c.id = l.cashier_id
        LEFT JOIN redemptions r ON r.id = l.redemption_id" {
        id, at, status, typed = code_typed, discount = discount_id, user = user_id, cashier = cashier_id,
        by = "coalesce(c.name, l.actor)", amount = "r.amount", is_test, message,
    }
}
const ROWS: &str = select!();
const TABLE: &str = "FROM discount_usage_logs l";
// Two queries, because SQLite finds one end of an index, but reads all of it for both.
const ENDS: &str = "SELECT coalesce((SELECT min(id) FROM discount_usage_logs), 1), coalesce((SELECT max(id) FROM discount_usage_logs), 0)";

/// Which attempts are exported; a field that is `None` does not restrict them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Attempts with this result.
    pub status: Option<Attempt>,
    /// Attempts by this cashier.
    pub cashier: Option<CashierId>,
    /// Attempts on this day of the shop or later.
    pub from: Option<NaiveDate>,
    /// Attempts on this day of the shop or earlier.
    pub to: Option<NaiveDate>,
}

/// The values of one exported attempt.
pub(super) struct Tried {
    id: i64,
    at: String,
    status: String,
    typed: String,
    discount: Option<i64>,
    user: Option<i64>,
    cashier: Option<i64>,
    by: Option<String>,
    amount: Option<i64>,
    is_test: bool,
    message: Option<String>,
}

pub(super) const COLUMNS: &[Column<Tried>] = &[
    Column::fact("id", |row| row.id.into()),
    Column::fact("at", |row| (&row.at).into()),
    Column::fact("status", |row| (&row.status).into()),
    Column::fact("typed", |row| (&row.typed).into()),
    Column::fact("discount_id", |row| row.discount.into()),
    Column::fact("user_id", |row| row.user.into()),
    Column::fact("cashier_id", |row| row.cashier.into()),
    Column::fact("by", |row| (&row.by).into()),
    Column::fact("amount", |row| row.amount.into()),
    Column::fact("is_test", |row| row.is_test.into()),
    Column::fact("message", |row| (&row.message).into()),
];

/// The days of a [`Filter`] in the form in which rows store them, so that SQL can compare them.
struct Bound {
    from: Option<String>,
    to: Option<String>,
}

impl Bound {
    fn of(filter: &Filter) -> Self {
        Self { from: filter.from.map(|day| day.to_string()), to: filter.to.map(|day| day.to_string()) }
    }

    fn fitting<'v>(&'v self, realm: &'v Realm, filter: &'v Filter) -> Conditions<'v> {
        Conditions::of_realm("l.is_test", realm, realm.is_test())
            .and("l.status = :status", ":status", filter.status.as_ref())
            .and("l.cashier_id = :cashier", ":cashier", filter.cashier.as_ref())
            .and("l.day >= :from", ":from", self.from.as_ref())
            .and("l.day <= :to", ":to", self.to.as_ref())
    }
}

pub(super) fn count(view: &View<'_>, realm: Realm, filter: &Filter) -> Result<i64> {
    Ok(Bound::of(filter).fitting(&realm, filter).count(view, TABLE)?)
}

pub(super) fn ends(view: &View<'_>) -> Result<(i64, i64)> {
    Ok(view.get(ENDS, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

pub(super) fn between(view: &View<'_>, realm: Realm, filter: &Filter, (after, last): (i64, i64)) -> Result<Vec<Tried>> {
    let (bound, mut found) = (Bound::of(filter), Vec::new());
    let fitting = bound.fitting(&realm, filter).and("l.id > :after", ":after", Some(&after)).and(
        "l.id <= :last",
        ":last",
        Some(&last),
    );
    fitting.each(view, (ROWS, "ORDER BY l.id"), |row| {
        found.push(Tried::from_row(row)?);
        Ok(())
    })?;
    Ok(found)
}
