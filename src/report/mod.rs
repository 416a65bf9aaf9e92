//! The shop's figures. The main figure is the number of codes redeemed at the counter: the rows of `redemptions` that
//! were not undone. Most figures are sums of `day_figures`. Rows of the test realm are left out unless the caller asks
//! for them. Erased people still count in registrations, issued codes and redemptions, but not as customers.

pub mod funnel;
pub mod series;
pub mod sources;
pub mod weekly;

use std::collections::HashMap;

use chrono::NaiveDate;
use rusqlite::named_params;

use crate::broadcast;
use crate::clock::Timestamp;
use crate::db::{View, columns};
use crate::discount::code::spelled;
use crate::error::{Error, Result};
use crate::ids::BroadcastId;
use crate::realm::Realm;
use crate::row_counts::{self, Counted};
use crate::shop::language_code;
use crate::texts::nameless;
use crate::user::named;

/// The rows of some kinds in a period, as `day_figures` has them.
const PERIOD: &str = "SELECT what, sum(rows) FROM day_figures WHERE is_test = :realm AND day >= :from AND day <= :to
    AND (what = 'registered' AND key IN (SELECT id FROM campaigns UNION ALL SELECT 0)
        OR what IN ('issued', 'redeemed') AND key IN (SELECT id FROM discount_templates))
    GROUP BY what";
const ALL_DAYS: &str =
    "SELECT coalesce(sum(rows), 0) FROM day_figures WHERE what = :what AND is_test = :realm AND key = 0";
/// The codes that can be redeemed now.
const ACTIVE: &str = "SELECT count(*) FROM discounts INDEXED BY discounts_live
    WHERE is_test = :realm AND redeemed_at IS NULL AND revoked_at IS NULL AND expires_at > :now";
const EXPIRED: &str = "SELECT count(*) FROM discounts INDEXED BY discounts_live
    WHERE is_test = :realm AND redeemed_at IS NULL AND revoked_at IS NULL AND expires_at > :begin AND expires_at <= :now
        AND created_day >= :from AND created_day <= :to";
columns! {
    select_last: LastRedemption as r
        from "redemptions r JOIN discounts d ON d.id = r.discount_id JOIN users u ON u.id = d.user_id
            LEFT JOIN cashiers c ON c.id = r.cashier_id" {
        code = spelled("d.code", (language_code!())), user = named("u.first_name", "u.last_name", "u.username", (nameless!())),
        cashier = "coalesce(c.name, r.actor)", at,
    }
}
const LAST: &str = select_last!("WHERE +r.is_test = :realm AND r.undone_at IS NULL ORDER BY r.id DESC LIMIT 10");

/// The shop's days that a figure covers, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The period's first day.
    pub from: NaiveDate,
    /// The period's last day.
    pub to: NaiveDate,
}

/// The main figures of a period, together with the shop's present state.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are the figures of product.md §15, under their JSON keys")]
pub struct Overview {
    pub period: Period,
    pub users_total: i64,
    pub users_subscribed: i64,
    pub users_new: i64,
    pub users_bot_blocked: i64,
    pub issued: i64,
    pub redeemed: i64,
    pub active: i64,
    pub expired_unused: i64,
    pub redeemed_today: i64,
    pub upcoming: Vec<Upcoming>,
    pub last: Vec<LastRedemption>,
}

/// A scheduled broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upcoming {
    /// The broadcast's id.
    pub id: BroadcastId,
    /// The broadcast's title.
    pub title: String,
    /// When the broadcast starts.
    pub send_at: Option<Timestamp>,
    /// The number of recipients that an admin confirmed; `None` without a confirmation.
    pub recipients: Option<i64>,
}

/// One of the last redemptions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns of a list people read")]
pub struct LastRedemption {
    pub code: String,
    pub user: String,
    pub cashier: String,
    pub at: Timestamp,
}

impl Overview {
    /// The number of redeemed codes divided by the number of issued codes in the period; `None` when none was issued.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share for reading; counts stay far below 2^52")]
    pub fn redemption_rate(&self) -> Option<f64> {
        (self.issued > 0).then(|| self.redeemed as f64 / self.issued as f64)
    }
}

/// The overview of a period.
pub fn overview(view: &View<'_>, realm: Realm, period: Period) -> Result<Overview> {
    let all_days = |what: &str| {
        Ok::<i64, Error>(view.get(ALL_DAYS, named_params! { ":what": what, ":realm": realm }, |row| row.get(0))?)
    };
    let counted = in_period(view, realm, period)?;
    let of = |what: &str| counted.get(what).copied().unwrap_or(0);
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let active = view.get(ACTIVE, named_params! { ":realm": realm, ":now": view.now() }, |row| row.get(0))?;
    // A code never expires before it is issued, so the search in the index may begin at the period's first instant.
    let begin = view.zone().start_of(period.from);
    let expired = named_params! { ":realm": realm, ":begin": begin, ":now": view.now(), ":from": from, ":to": to };
    let today = view.zone().day(view.now());
    Ok(Overview {
        period,
        users_total: row_counts::kept(view, Counted::Users, realm)?,
        users_subscribed: all_days("subscribed")?,
        users_new: of("registered"),
        users_bot_blocked: all_days("blocked")?,
        issued: of("issued"),
        redeemed: of("redeemed"),
        active,
        expired_unused: view.get(EXPIRED, expired, |row| row.get(0))?,
        redeemed_today: in_period(view, realm, Period { from: today, to: today })?
            .get("redeemed")
            .copied()
            .unwrap_or(0),
        upcoming: upcoming(view, realm)?,
        last: last(view, realm)?,
    })
}

fn in_period(view: &View<'_>, realm: Realm, period: Period) -> Result<HashMap<String, i64>> {
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let params = named_params! { ":realm": realm, ":from": from, ":to": to };
    Ok(view.list(PERIOD, params, |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
}

fn upcoming(view: &View<'_>, realm: Realm) -> Result<Vec<Upcoming>> {
    let waiting = broadcast::upcoming(view, realm)?.into_iter().map(|waits| Upcoming {
        id: waits.id,
        title: waits.draft.title,
        send_at: waits.send_at,
        recipients: waits.confirmed.map(|confirmed| confirmed.count),
    });
    Ok(waiting.collect())
}

fn last(view: &View<'_>, realm: Realm) -> Result<Vec<LastRedemption>> {
    Ok(view.list(LAST, &[(":realm", &realm)], LastRedemption::from_row)?)
}
