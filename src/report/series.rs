//! The figures by cashier, campaign, template, broadcast, and over time.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use rusqlite::named_params;

use super::Period;
use crate::broadcast;
use crate::clock::Timestamp;
use crate::db::{View, columns};
use crate::error::Result;
use crate::ids::{BroadcastId, words};
use crate::realm::Realm;
use crate::row_counts::kept_sum;

columns! {
    select_cashiers: OfCashier {
        name = "coalesce(c.name, r.actor)", redeemed = "count(*)", with_amount = "count(r.amount)",
        amount = "coalesce(sum(r.amount), 0)",
        not_notified = "count(CASE WHEN EXISTS (SELECT 1 FROM discount_usage_logs l WHERE l.discount_id = r.discount_id
            AND l.redemption_id = r.id AND l.message = 'user_not_notified') THEN 1 END)",
    }
}
const CASHIERS: &str = select_cashiers!(
    "FROM redemptions r LEFT JOIN cashiers c ON c.id = r.cashier_id
    WHERE r.is_test = :realm AND r.day >= :from AND r.day <= :to AND r.undone_at IS NULL
    GROUP BY r.cashier_id, r.actor ORDER BY 2 DESC, 1"
);
columns! {
    select_campaigns: OfCampaign as c {
        key = source_key, name,
        clicks = (kept_sum!("clicks", "c.id", "AND day >= :from AND day <= :to")),
        registrations = (kept_sum!("registered", "c.id", "AND day >= :from AND day <= :to")),
        issued = (kept_sum!("issued_campaign", "c.id", "AND day >= :from AND day <= :to")),
        redeemed = (kept_sum!("redeemed_campaign", "c.id", "AND day >= :from AND day <= :to")),
    }
}
const CAMPAIGNS: &str = select_campaigns!("FROM campaigns c ORDER BY 6 DESC, 4 DESC, c.id");
columns! {
    select_templates: OfTemplate as t {
        name, title, issued = (kept_sum!("issued", "t.id", "AND day >= :from AND day <= :to")),
        redeemed = (kept_sum!("redeemed", "t.id", "AND day >= :from AND day <= :to")),
    }
}
const TEMPLATES: &str = select_templates!("FROM discount_templates t ORDER BY 4 DESC, 3 DESC, t.id");
columns! {
    select_broadcasts: OfBroadcast { id, title, status, started_at, sent, failed, unknown, issued, redeemed }
}
// All codes that a broadcast issued are counted, because they are issued with its messages; of its redemptions only
// those in the period.
const BROADCASTS: &str = select_broadcasts!(
    "FROM (SELECT b.id, b.title, b.status, b.started_at, b.sent, b.failed, b.unknown,
      (SELECT count(*) FROM discounts INDEXED BY discounts_by_source
        WHERE source_kind = 'broadcast' AND source_id = b.id) issued,
      (SELECT count(*) FROM redemptions INDEXED BY redemptions_by_broadcast
        WHERE broadcast_id = b.id AND undone_at IS NULL AND day >= :from AND day <= :to) redeemed
      FROM broadcasts b WHERE b.is_test = :realm AND b.started_at < :end)
    WHERE started_at >= :begin OR redeemed > 0 ORDER BY redeemed DESC, started_at DESC, id DESC LIMIT 200"
);
const BY_DAY: &str = "SELECT day, sum(rows) FROM day_figures WHERE what = :what AND is_test = :realm
    AND key IN (SELECT id FROM discount_templates) AND day >= :from AND day <= :to GROUP BY day";
const REDEEMED_BY_HOUR: &str =
    "SELECT key, sum(rows) FROM day_figures WHERE what = 'redeemed_hour' AND is_test = :realm
    AND key BETWEEN 0 AND 23 AND day >= :from AND day <= :to GROUP BY key";
const REDEEMED_BY_DAY_AND_HOUR: &str = "SELECT day, key, rows FROM day_figures WHERE what = 'redeemed_hour'
    AND is_test = :realm AND key BETWEEN 0 AND 23 AND day >= :from AND day <= :to";

/// Days without codes are listed with zeros, unless the period is longer than this many days.
const MOST_DAYS: i64 = 3660;

/// The figures of one cashier (or actor) in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfCashier {
    /// The name of the cashier, or the actor (script, owner or shell).
    pub name: String,
    /// Redemptions that were not undone.
    pub redeemed: i64,
    /// How many of the redemptions counted in `redeemed` have the sum of a receipt.
    pub with_amount: i64,
    /// The total of the receipts' sums, in kopecks; redemptions without a sum count as 0.
    pub amount: i64,
    /// Redemptions after which the message to the customer could not be delivered.
    pub not_notified: i64,
}

/// The figures of one campaign in a period. `issued` and `redeemed` count codes of customers whose first source is the
/// campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the figures of product.md §11")]
pub struct OfCampaign {
    pub key: String,
    pub name: String,
    pub clicks: i64,
    pub registrations: i64,
    pub issued: i64,
    pub redeemed: i64,
}

/// The figures of one template's codes in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the figures of product.md §15")]
pub struct OfTemplate {
    pub name: String,
    pub title: String,
    pub issued: i64,
    pub redeemed: i64,
}

/// The figures of one broadcast that began in the period or has redemptions in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfBroadcast {
    /// The broadcast's id.
    pub id: BroadcastId,
    /// The broadcast's title.
    pub title: String,
    /// The broadcast's status.
    pub status: broadcast::Status,
    /// When the broadcast began.
    pub started_at: Timestamp,
    /// Messages delivered.
    pub sent: i64,
    /// Messages that Telegram refused.
    pub failed: i64,
    /// Messages for which it is unknown whether they were delivered.
    pub unknown: i64,
    /// Codes that the broadcast issued.
    pub issued: i64,
    /// Redemptions in the period that are attributed to the broadcast.
    pub redeemed: i64,
}

words!(
    /// How the figures of a series are grouped.
    #[derive(Default)]
    SeriesGrouping {
        /// Days: `2026-11-22`.
        #[default]
        Day = "day",
        /// ISO weeks: `2026-W47`.
        Week = "week",
        /// Months: `2026-11`.
        Month = "month",
        /// Hours of the shop's day: `00`–`23`.
        Hour = "hour",
        /// Weekdays: 1 = Monday – 7 = Sunday.
        Weekday = "weekday",
        /// The source of the customers in lower case without `ref_`: a campaign's key or another word; `direct` for none.
        Source = "source",
    }
);

impl SeriesGrouping {
    /// The unit of time; `None` for sources.
    #[must_use]
    pub const fn time_unit(self) -> Option<TimeUnit> {
        match self {
            Self::Day => Some(TimeUnit::Day),
            Self::Week => Some(TimeUnit::Week),
            Self::Month => Some(TimeUnit::Month),
            Self::Hour => Some(TimeUnit::Hour),
            Self::Weekday => Some(TimeUnit::Weekday),
            Self::Source => None,
        }
    }
}

/// The unit of time of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the units of SeriesGrouping")]
pub enum TimeUnit {
    Day,
    Week,
    Month,
    Hour,
    Weekday,
}

/// The figures of one unit of the time axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeSlice {
    /// The unit's name, in the form that [`SeriesGrouping`] shows; names are in order of time.
    pub key: String,
    /// Codes issued in this unit; `None` for hours.
    pub issued: Option<i64>,
    /// Codes redeemed in this unit.
    pub redeemed: i64,
}

/// Redemptions by cashier or actor, most first.
pub fn by_cashier(view: &View<'_>, realm: Realm, period: Period) -> Result<Vec<OfCashier>> {
    let (from, to) = (period.from.to_string(), period.to.to_string());
    Ok(view.list(CASHIERS, named_params! { ":realm": realm, ":from": from, ":to": to }, OfCashier::from_row)?)
}

/// The figures of campaigns; the campaign with the most redemptions comes first.
pub fn by_campaign(view: &View<'_>, realm: Realm, period: Period) -> Result<Vec<OfCampaign>> {
    let (from, to) = (period.from.to_string(), period.to.to_string());
    Ok(view.list(CAMPAIGNS, named_params! { ":realm": realm, ":from": from, ":to": to }, OfCampaign::from_row)?)
}

/// The figures of templates; the template with the most redemptions comes first.
pub fn by_template(view: &View<'_>, realm: Realm, period: Period) -> Result<Vec<OfTemplate>> {
    let (from, to) = (period.from.to_string(), period.to.to_string());
    Ok(view.list(TEMPLATES, named_params! { ":realm": realm, ":from": from, ":to": to }, OfTemplate::from_row)?)
}

/// The figures of broadcasts, at most 200; the broadcast with the most redemptions comes first.
pub fn by_broadcast(view: &View<'_>, realm: Realm, period: Period) -> Result<Vec<OfBroadcast>> {
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let (begin, end) = view.zone().span(period.from, period.to);
    let params = named_params! { ":realm": realm, ":from": from, ":to": to, ":begin": begin, ":end": end };
    Ok(view.list(BROADCASTS, params, OfBroadcast::from_row)?)
}

/// Issued and redeemed codes by units of time, in order of time. Units without codes are listed with zeros.
pub fn over_time(view: &View<'_>, realm: Realm, period: Period, by: TimeUnit) -> Result<Vec<TimeSlice>> {
    if by == TimeUnit::Hour {
        return by_hour(view, realm, period);
    }
    let mut slices: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    if (period.to - period.from).num_days() <= MOST_DAYS {
        let days = period.from.iter_days().take_while(|day| *day <= period.to);
        slices.extend(days.map(|day| (key(day, by), (0, 0))));
    }
    for (day, count) in days(view, "issued", realm, period)? {
        slices.entry(key(day, by)).or_default().0 += count;
    }
    for (day, count) in days(view, "redeemed", realm, period)? {
        slices.entry(key(day, by)).or_default().1 += count;
    }
    Ok(slices.into_iter().map(|(key, (issued, redeemed))| TimeSlice { key, issued: Some(issued), redeemed }).collect())
}

fn by_hour(view: &View<'_>, realm: Realm, period: Period) -> Result<Vec<TimeSlice>> {
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let params = named_params! { ":realm": realm, ":from": from, ":to": to };
    let found: Vec<(u32, i64)> = view.list(REDEEMED_BY_HOUR, params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let redeemed = |hour| found.iter().find(|(at, _)| *at == hour).map_or(0, |(_, count)| *count);
    Ok((0..24).map(|hour| TimeSlice { key: format!("{hour:02}"), issued: None, redeemed: redeemed(hour) }).collect())
}

/// Redemptions of one weekday by hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfWeekday {
    /// The weekday's number: 1 = Monday – 7 = Sunday.
    pub weekday: u32,
    /// Redemptions of each hour of the shop's day.
    pub hours: [i64; 24],
}

/// Redemptions by weekday and hour, Monday first.
pub fn by_weekday_and_hour(view: &View<'_>, realm: Realm, period: Period) -> Result<[OfWeekday; 7]> {
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let params = named_params! { ":realm": realm, ":from": from, ":to": to };
    let found: Vec<(String, u8, i64)> =
        view.list(REDEEMED_BY_DAY_AND_HOUR, params, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut week = [1, 2, 3, 4, 5, 6, 7].map(|weekday| OfWeekday { weekday, hours: [0; 24] });
    for (day, hour, count) in found {
        let weekday = day.parse().ok().map(|day: NaiveDate| day.weekday().num_days_from_monday() as usize);
        let cell = weekday.and_then(|at| week.get_mut(at)).and_then(|of| of.hours.get_mut(usize::from(hour)));
        if let Some(cell) = cell {
            *cell += count;
        }
    }
    Ok(week)
}

fn days(view: &View<'_>, what: &str, realm: Realm, period: Period) -> Result<Vec<(NaiveDate, i64)>> {
    let (from, to) = (period.from.to_string(), period.to.to_string());
    let params = named_params! { ":what": what, ":realm": realm, ":from": from, ":to": to };
    let found = view.list(BY_DAY, params, |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    Ok(found.into_iter().filter_map(|(day, count)| Some((day.parse().ok()?, count))).collect())
}

fn key(day: NaiveDate, by: TimeUnit) -> String {
    match by {
        TimeUnit::Day | TimeUnit::Hour => day.to_string(),
        TimeUnit::Week => day.format("%G-W%V").to_string(),
        TimeUnit::Month => day.format("%Y-%m").to_string(),
        TimeUnit::Weekday => day.weekday().number_from_monday().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_belongs_to_its_slice() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let keys = [TimeUnit::Day, TimeUnit::Week, TimeUnit::Month, TimeUnit::Weekday].map(|by| key(day, by));
        assert_eq!(keys, ["2026-11-22", "2026-W47", "2026-11", "7"]);
        assert_eq!(key(NaiveDate::from_ymd_opt(2027, 1, 1).unwrap(), TimeUnit::Week), "2026-W53");
    }
}
