//! Reading a birthday as people write it. Pure; a form that could mean two dates, or none, is refused, never guessed.

use chrono::{Datelike, NaiveDate};

/// Months by how their Russian names begin; the shortest stems that tell them apart, in every grammatical form.
const MONTHS: [&[&str]; 12] = [
    &["янв"],
    &["фев"],
    &["мар"],
    &["апр"],
    &["май", "мая", "мае", "маю"],
    &["июн"],
    &["июл"],
    &["авг"],
    &["сен"],
    &["окт"],
    &["ноя"],
    &["дек"],
];
/// Nobody is older.
const OLDEST_YEARS: i32 = 120;

/// Reads `03.02.2002`, `3 2 2002`, `3,2,2002`, `3-2-2002`, `3/2/2002`, `03022002`, `3 февраля 2002`. `today` is the
/// shop's day. `None`: two-digit years, impossible or future dates, ages over 120, anything else.
#[must_use]
pub fn parse(typed: &str, today: NaiveDate) -> Option<NaiveDate> {
    let typed = typed.trim().to_lowercase();
    if typed.chars().count() > 40 {
        return None;
    }
    let parts: Vec<&str> = typed
        .split(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | '-' | '/' | '\u{2013}' | '\u{2014}'))
        .filter(|part| !part.is_empty() && !matches!(*part, "г" | "года" | "год"))
        .collect();
    let (day, month, year) = match parts.as_slice() {
        [eight] if eight.len() == 8 && eight.bytes().all(|b| b.is_ascii_digit()) => {
            (number(eight.get(..2)?)?, number(eight.get(2..4)?)?, number(eight.get(4..)?)?)
        }
        [day, month, year] if year.len() == 4 && day.len() <= 2 => {
            let month = if month.len() <= 2 { number(month) } else { month_of(month) };
            (number(day)?, month?, number(year)?)
        }
        _ => return None,
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let oldest = today.with_year(today.year() - OLDEST_YEARS).unwrap_or(today);
    (date <= today && date >= oldest).then_some(date)
}

fn number(digits: &str) -> Option<u32> {
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn month_of(word: &str) -> Option<u32> {
    let is_word = word.chars().all(char::is_alphabetic) && word.chars().count() <= 9;
    let at = MONTHS.iter().position(|stems| stems.iter().any(|stem| word.starts_with(stem)))?;
    is_word.then(|| u32::try_from(at + 1).ok()).flatten()
}

/// The month and day a birthday is looked up by: `02-28`; 29 February stays itself, the job decides when to keep it.
#[must_use]
pub fn month_day(birthday: NaiveDate) -> String {
    birthday.format("%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    #[test]
    fn every_accepted_form_is_the_same_day() {
        for typed in [
            "03.02.2002",
            "3 2 2002",
            "3,2,2002",
            "3-2-2002",
            "3/2/2002",
            "03022002",
            "3 февраля 2002",
            "3 Февраль 2002",
            "3 фев 2002",
            "3 фев. 2002 г.",
            " 03.02.2002 г",
            "03 . 02 . 2002",
        ] {
            assert_eq!(parse(typed, today()), NaiveDate::from_ymd_opt(2002, 2, 3), "{typed}");
        }
        for (number, name) in (1..).zip([
            "января",
            "февраля",
            "марта",
            "апреля",
            "мая",
            "июня",
            "июля",
            "августа",
            "сентября",
            "октября",
            "ноября",
            "декабря",
        ]) {
            assert_eq!(parse(&format!("1 {name} 1990"), today()).unwrap().month(), number, "{name}");
        }
    }

    #[test]
    fn what_is_not_certain_is_refused() {
        for typed in [
            "03.02.02",
            "3 2 02",
            "31.02.2002",
            "29.02.2001",
            "00.01.2000",
            "01.13.2000",
            "23.11.2026",
            "22.11.1905",
            "2002-02-03",
            "завтра",
            "3 февр 2 2002",
            "февраль 2002",
            "3.2",
            "",
            "3 мартобря2002",
            "١.٢.2002",
            "3022002",
            "-3.2.2002x",
            "3 2 2002 5",
            "03.02.20022",
            "1e1.2.2002",
        ] {
            assert_eq!(parse(typed, today()), None, "{typed}");
        }
        assert!(parse("22.11.2026", today()).is_some());
        assert!(parse("29.02.2000", today()).is_some());
    }
}
