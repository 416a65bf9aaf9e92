//! The weekly report: last week's figures, redemptions first, beside those of the week before.

use chrono::{Days, NaiveDate, Weekday};

use super::{Period, overview};
use crate::db::{Tx, View};
use crate::error::Result;
use crate::realm::Realm;
use crate::staff::{self, Group};
use crate::{shop, texts};

const TEXT: &str = "weekly_report";

/// The weekly report: its text and its main figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Weekly {
    /// The week of the report, Monday to Sunday.
    pub period: Period,
    /// The report as admins read it, in Telegram HTML.
    pub html: String,
    /// Codes redeemed in the week of the report.
    pub redeemed: i64,
    /// Codes redeemed in the week before the week of the report.
    pub redeemed_before: i64,
}

/// The last whole week before `day`, Monday to Sunday.
#[must_use]
pub fn week_before(day: NaiveDate) -> Period {
    let monday = day.week(Weekday::Mon).first_day();
    let back = |days| monday.checked_sub_days(Days::new(days)).unwrap_or(monday);
    Period { from: back(7), to: back(1) }
}

/// The report of the last whole week before `day`.
pub fn report(view: &View<'_>, day: NaiveDate) -> Result<Weekly> {
    let period = week_before(day);
    let (now, before) = (overview(view, Realm::Real, period)?, overview(view, Realm::Real, week_before(period.from))?);
    let values = [
        ("from", shop::date(view, period.from)?),
        ("to", shop::date(view, period.to)?),
        ("redeemed", now.redeemed.to_string()),
        ("redeemed_before", before.redeemed.to_string()),
        ("issued", now.issued.to_string()),
        ("issued_before", before.issued.to_string()),
        ("new", now.users_new.to_string()),
        ("new_before", before.users_new.to_string()),
        ("active", now.active.to_string()),
        ("subscribed", now.users_subscribed.to_string()),
        ("total", now.users_total.to_string()),
    ];
    let values: Vec<texts::Placeholder<'_>> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let html = texts::render(view, TEXT, &values)?;
    Ok(Weekly { period, html, redeemed: now.redeemed, redeemed_before: before.redeemed })
}

/// Sends the report of the last whole week before `day` to the admins of group `reports`. Returns the report and the
/// number of admins.
pub fn send(tx: &Tx<'_>, day: NaiveDate) -> Result<(Weekly, usize)> {
    let weekly = report(tx, day)?;
    let told = staff::tell_html(tx, Realm::Real, Group::Reports, &weekly.html)?;
    Ok((weekly, told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_week_reported_on_any_day_is_the_last_that_is_over() {
        // 23.11.2026 is a Monday.
        for day in ["2026-11-23", "2026-11-29"] {
            let week = week_before(day.parse().unwrap());
            assert_eq!((week.from.to_string(), week.to.to_string()), ("2026-11-16".into(), "2026-11-22".into()));
        }
    }
}
