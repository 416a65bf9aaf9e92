//! The shop's figures. The main figure is the number of codes redeemed at the counter, counted from the rows of
//! `redemptions` that were not undone. Rows of the test realm are left out unless the caller asks for them. Erased
//! people still count in registrations, issued codes and redemptions, but not as customers.

pub mod funnel;
pub mod series;
pub mod weekly;

use chrono::NaiveDate;
use rusqlite::named_params;

use crate::broadcast;
use crate::clock::Timestamp;
use crate::db::{View, columns};
use crate::discount::code::spelled;
use crate::error::Result;
use crate::ids::BroadcastId;
use crate::realm::Realm;
use crate::shop::language_code;
use crate::texts::nameless;
use crate::user::named;

const USERS: &str = "SELECT (SELECT count(*) FROM users WHERE is_test = :realm AND telegram_id > 0),
    (SELECT count(*) FROM users WHERE is_test = :realm AND is_subscribed = 1),
    (SELECT count(*) FROM users WHERE is_test = :realm AND created_at >= :from AND created_at < :to),
    (SELECT count(*) FROM users WHERE is_test = :realm AND bot_blocked_at IS NOT NULL)";
const DISCOUNTS: &str = "SELECT
    (SELECT count(*) FROM discounts WHERE is_test = :realm AND created_day >= :from_day AND created_day <= :to_day),
    (SELECT count(*) FROM redemptions WHERE is_test = :realm AND day >= :from_day AND day <= :to_day AND undone_at IS NULL),
    (SELECT count(*) FROM discounts WHERE is_test = :realm AND redeemed_at IS NULL AND revoked_at IS NULL AND expires_at > :now),
    (SELECT count(*) FROM discounts WHERE is_test = :realm AND redeemed_at IS NULL AND revoked_at IS NULL
        AND expires_at > :from AND expires_at <= :now AND created_day >= :from_day AND created_day <= :to_day)";
const REDEEMED_ON: &str =
    "SELECT count(*) FROM redemptions WHERE is_test = :realm AND day = :day AND undone_at IS NULL";
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
    let zone = view.zone();
    let end = zone.start_of(period.to.succ_opt().unwrap_or(period.to));
    let users = named_params! { ":realm": realm, ":from": zone.start_of(period.from), ":to": end };
    let (users_total, users_subscribed, users_new, users_bot_blocked) =
        view.get(USERS, users, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let days = named_params! {
        ":realm": realm, ":from_day": period.from.to_string(), ":to_day": period.to.to_string(), ":now": view.now(),
        // A code never expires before it is issued, so the search in the index may begin at the period's first instant.
        ":from": zone.start_of(period.from),
    };
    let (issued, redeemed, active, expired_unused) =
        view.get(DISCOUNTS, days, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let today = named_params! { ":realm": realm, ":day": view.today() };
    Ok(Overview {
        period,
        users_total,
        users_subscribed,
        users_new,
        users_bot_blocked,
        issued,
        redeemed,
        active,
        expired_unused,
        redeemed_today: view.get(REDEEMED_ON, today, |row| row.get(0))?,
        upcoming: upcoming(view, realm)?,
        last: last(view, realm)?,
    })
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
