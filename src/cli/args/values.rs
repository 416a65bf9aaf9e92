//! Parsers of values that users type: dates, periods, instants, sums, addresses. The error of a parser is a key of the
//! language catalogue.

use std::net::SocketAddr;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime};

use crate::clock::{Instants, Timestamp, Zone};
use crate::money::{DiscountValue, Kopecks};
use crate::user::import::Mapped;

/// Whether the oldest or the newest row comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Age {
    Oldest,
    Newest,
}

/// Parses the sort order of a list: `created_at` or the list's own name for its time (`requested_at`, `at`); `-` in
/// front puts the newest row first.
pub(in crate::cli) fn by_time(text: &str) -> Result<Age, &'static str> {
    let (age, field) = text.strip_prefix('-').map_or((Age::Oldest, text), |field| (Age::Newest, field));
    ["created_at", "requested_at", "at"].contains(&field).then_some(age).ok_or("cli.not_by_time")
}

/// Parses for how many days a token is valid: `90d`, from 1 to 3650 days.
pub(in crate::cli) fn lifetime(text: &str) -> Result<u32, &'static str> {
    let days = text.strip_suffix('d').and_then(|days| days.parse().ok()).filter(|days| (1..=3650).contains(days));
    days.ok_or("cli.not_lifetime")
}

/// The first day of a period: a date, or a number of days of which today is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Since {
    Day(NaiveDate),
    DaysAgo(u64),
}

impl Since {
    /// The first day of the period, counted back from `today`.
    pub(in crate::cli) fn day(self, today: NaiveDate) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::DaysAgo(days) => today.checked_sub_days(Days::new(days.saturating_sub(1))).unwrap_or(NaiveDate::MIN),
        }
    }
}

/// Parses the first day of a period: `30d`, or a date.
pub(in crate::cli) fn since(text: &str) -> Result<Since, &'static str> {
    let days = text.strip_suffix('d').and_then(|days| days.parse().ok()).filter(|days| (1..=36_500).contains(days));
    days.map(Since::DaysAgo).map_or_else(|| date(text).map(Since::Day).map_err(|_| "cli.not_since"), Ok)
}

/// Parses a date: `2026-11-22` or `22.11.2026`.
pub(in crate::cli) fn date(text: &str) -> Result<NaiveDate, &'static str> {
    let read = |format| NaiveDate::parse_from_str(text, format).ok();
    read("%Y-%m-%d").or_else(|| read("%d.%m.%Y")).ok_or("cli.not_date")
}

/// An instant as a person writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Moment {
    /// A time by the shop's clock.
    Local(NaiveDateTime),
    /// A time with an offset of its own.
    Exact(Timestamp),
}

/// An instant that was entered, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct ResolvedInstant {
    /// The instant; the earlier one of two with the same wall-clock time.
    pub at: Timestamp,
    /// The later instant with the same wall-clock time, when the shop's clock is set back.
    pub later: Option<Timestamp>,
}

impl Moment {
    /// The instant of a time that was entered, by the shop's clock if the time has no offset. If the shop's clock shows
    /// the time twice, because it is set back, the earlier instant.
    ///
    /// # Errors
    /// The clock change that skips this time: the first time that does not exist, and the first one that exists again.
    pub(in crate::cli) fn instant(self, zone: Zone) -> Result<ResolvedInstant, (NaiveDateTime, NaiveDateTime)> {
        let resolved = |at, later| Ok(ResolvedInstant { at, later });
        match self {
            Self::Exact(at) => resolved(at, None),
            Self::Local(local) => match zone.instants(local) {
                Instants::One(at) => resolved(at, None),
                Instants::Two(at, later) => resolved(at, Some(later)),
                Instants::Never { from, to } => Err((from, to)),
            },
        }
    }
}

/// Parses a time by the shop's clock, without an offset: `2026-12-01 10:00`.
pub(in crate::cli) fn local_time(text: &str) -> Result<NaiveDateTime, &'static str> {
    match moment(text)? {
        Moment::Local(local) if (2000..2200).contains(&local.year()) => Ok(local),
        Moment::Local(_) => Err("cli.not_moment"),
        Moment::Exact(_) => Err("cli.not_moment"),
    }
}

/// Parses an instant: `2026-12-01 10:00`, `01.12.2026 10:00`, `2026-12-01T10:00:00Z`, `…+10:00`, also without seconds.
pub(in crate::cli) fn moment(text: &str) -> Result<Moment, &'static str> {
    let text = text.trim();
    if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
        return Ok(Moment::Exact(Timestamp(exact.timestamp())));
    }
    let spelt = text.strip_suffix(['Z', 'z']).map_or_else(|| text.to_owned(), |text| format!("{text}+00:00"));
    let offsets = ["%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M%#z", "%Y-%m-%d %H:%M:%S%#z", "%Y-%m-%dT%H:%M:%S%#z"];
    if let Some(exact) = offsets.iter().find_map(|format| DateTime::parse_from_str(&spelt, format).ok()) {
        return Ok(Moment::Exact(Timestamp(exact.timestamp())));
    }
    let formats = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M"];
    let local = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    local.map(Moment::Local).ok_or("cli.not_moment")
}

/// Parses `Given Name=first_name`: a column of another program's file and the customer's field that it holds.
pub(in crate::cli) fn mapped(text: &str) -> Result<Mapped, &'static str> {
    Mapped::parse(text).ok_or("cli.not_map")
}

/// Parses a sum in roubles into kopecks: `1500`, `1500.50`, `1500,5`.
pub(in crate::cli) fn amount(text: &str) -> Result<i64, &'static str> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(part) || whole.len() > 9 || part.len() > 2 {
        return Err("cli.not_amount");
    }
    let number = |text: &str| text.parse::<i64>().map_err(|_| "cli.not_amount");
    let tens = if part.len() == 1 { 10 } else { 1 };
    Ok(number(whole)? * 100 + number(part)? * tens)
}

/// Parses an address: `127.0.0.1:8000`; port 0 = any free port.
pub(in crate::cli) fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "config.reason.listen")
}

/// Parses the value of a discount: `15%`, `12,5 %`, or roubles `300`.
pub(in crate::cli) fn worth(text: &str) -> Result<DiscountValue, &'static str> {
    let value = match text.trim().strip_suffix('%') {
        Some(percent) => amount(percent.trim_end()).map(DiscountValue::Percent),
        None => amount(text.trim()).map(|kopecks| DiscountValue::Fixed(Kopecks(kopecks))),
    };
    value.map_err(|_| "cli.not_worth")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read_as_people_write_them() {
        assert_eq!(["1500", "1500.5", "1500,05", "0"].map(amount), [Ok(150_000), Ok(150_050), Ok(150_005), Ok(0)]);
        for wrong in ["", "-1", "1.234", "1,", "1e3", "9999999999", "１"] {
            assert_eq!(amount(wrong), Err("cli.not_amount"), "{wrong}");
        }
    }

    #[test]
    fn a_value_is_a_percentage_or_a_sum() {
        assert_eq!(["15%", "12,5 %"].map(worth), [Ok(DiscountValue::Percent(1500)), Ok(DiscountValue::Percent(1250))]);
        assert_eq!(worth("300"), Ok(DiscountValue::Fixed(Kopecks(30_000))));
        assert_eq!(["", "%", "-5%", "15 рублей"].map(worth), [Err("cli.not_worth"); 4]);
    }

    #[test]
    fn a_span_counts_today() {
        let today = date("2026-11-22").unwrap();
        assert_eq!(since("1d").unwrap().day(today), today);
        assert_eq!(since("30d").unwrap().day(today), date("24.10.2026").unwrap());
        assert_eq!(since("01.11.2026").unwrap().day(today), date("2026-11-01").unwrap());
        assert_eq!(["0d", "d", "30", "2026-02-30"].map(since), [Err("cli.not_since"); 4]);
    }
}
