//! Computes dates of birth from ages, and the birthdays within a number of days. Pure: `today` is an argument. A
//! birthday on 29 February is celebrated on 28 February in common years.

use chrono::{Datelike, Days, NaiveDate};

use crate::user::birthday::month_day;

/// The latest birthday of a customer who is at least `years` old on `today`.
pub(super) fn born_by(today: NaiveDate, years: u32) -> NaiveDate {
    let year = today.year() - i32::try_from(years).unwrap_or(i32::MAX);
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    let is_kept_today = (today.month(), today.day()) == (2, 28) && !today.leap_year();
    let same = is_kept_today.then(|| day(2, 29)).flatten().or_else(|| day(today.month(), today.day()));
    same.or_else(|| day(2, 28)).unwrap_or(NaiveDate::MIN)
}

/// The month-days of birthdays today or within the next `days` days, as one or two ranges of `MM-DD`, both ends
/// included.
pub(super) fn birthdays_within(today: NaiveDate, days: u32) -> Vec<(String, String)> {
    let last = later(today, days);
    let (from, mut to) = (month_day(today), month_day(last));
    if to == "02-28" && !last.leap_year() {
        to = "02-29".into();
    }
    if last.year() == today.year() { vec![(from, to)] } else { vec![(from, "12-31".into()), ("01-01".into(), to)] }
}

/// The day `days` days before `today`.
pub(super) fn earlier(today: NaiveDate, days: u32) -> NaiveDate {
    today.checked_sub_days(Days::new(days.into())).unwrap_or(NaiveDate::MIN)
}

/// The day `days` days after `today`.
pub(super) fn later(today: NaiveDate, days: u32) -> NaiveDate {
    today.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_year_is_full_on_the_birthday() {
        assert_eq!(born_by(day("2026-11-22"), 18), day("2008-11-22"));
        assert_eq!(born_by(day("2028-02-29"), 18), day("2010-02-28"));
        assert_eq!(born_by(day("2028-02-29"), 20), day("2008-02-29"));
    }

    #[test]
    fn the_29th_of_february_is_kept_on_the_28th_in_common_years() {
        assert_eq!(born_by(day("2026-02-28"), 18), day("2008-02-29"));
        assert_eq!(born_by(day("2028-02-28"), 20), day("2008-02-28"));
        let stretch = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(birthdays_within(day("2026-02-28"), 0), [stretch("02-28", "02-29")]);
        assert_eq!(birthdays_within(day("2028-02-28"), 0), [stretch("02-28", "02-28")]);
        assert_eq!(birthdays_within(day("2026-12-30"), 3), [stretch("12-30", "12-31"), stretch("01-01", "01-02")]);
    }
}
