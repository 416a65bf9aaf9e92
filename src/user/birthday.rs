//! Reads a birthday that a person entered. Pure: the present day is an argument. A text that means no date, or may mean
//! several dates, is refused. Months are read in both languages of the bots; numbers are always day, month, year.

use chrono::{Datelike, NaiveDate};

use crate::language::Language;

/// The months: the stem of each name, the endings of its grammatical forms, and its abbreviations. Only these whole
/// words are read as months.
const MONTHS: [(&str, [&str; 6], &[&str]); 12] = [
    ("январ", SOFT, &["янв"]),
    ("феврал", SOFT, &["фев", "февр"]),
    ("март", HARD, &["мар"]),
    ("апрел", SOFT, &["апр"]),
    ("ма", ["й", "я", "ю", "ем", "ём", "е"], &[]),
    ("июн", SOFT, &[]),
    ("июл", SOFT, &[]),
    ("август", HARD, &["авг"]),
    ("сентябр", SOFT, &["сен", "сент"]),
    ("октябр", SOFT, &["окт"]),
    ("ноябр", SOFT, &["ноя", "нояб"]),
    ("декабр", SOFT, &["дек"]),
];
const SOFT: [&str; 6] = ["ь", "я", "ю", "ем", "ём", "е"];
const HARD: [&str; 6] = ["", "а", "у", "ом", "ы", "е"];
/// The English months and their abbreviations.
const ENGLISH_MONTHS: [(&str, &[&str]); 12] = [
    ("january", &["jan"]),
    ("february", &["feb"]),
    ("march", &["mar"]),
    ("april", &["apr"]),
    ("may", &[]),
    ("june", &["jun"]),
    ("july", &["jul"]),
    ("august", &["aug"]),
    ("september", &["sep", "sept"]),
    ("october", &["oct"]),
    ("november", &["nov"]),
    ("december", &["dec"]),
];
/// The endings of English ordinal numbers: `3rd`.
const ORDINALS: [&str; 4] = ["st", "nd", "rd", "th"];
/// The greatest age accepted.
const OLDEST_YEARS: i32 = 120;

/// Why a date was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// The text is a day and a month without a year; the date here has that day and month in an example year.
    NoYear(NaiveDate),
    /// The text is not a birthday for another reason.
    NoDate,
}

/// The birthday that [`read`] finds; `None` for every error.
#[must_use]
pub fn parse(typed: &str, today: NaiveDate) -> Option<NaiveDate> {
    read(typed, today).ok()
}

/// Reads a birthday: `03.02.2002`, `3 2 2002`, `3,2,2002`, `3-2-2002`, `3/2/2002`, `03022002`, `3 февраля 2002`,
/// `3 February 2002`, `February 3, 2002`. `today` is the shop's day.
///
/// # Errors
/// [`Unread::NoYear`] for a day and a month without a year; [`Unread::NoDate`] for two-digit years, impossible or
/// future dates, ages over 120, and any other text.
pub fn read(typed: &str, today: NaiveDate) -> Result<NaiveDate, Unread> {
    let typed = typed.trim().to_lowercase();
    if typed.chars().count() > 40 {
        return Err(Unread::NoDate);
    }
    let parts: Vec<&str> = typed
        .split(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | '-' | '/' | '\u{2013}' | '\u{2014}'))
        .filter(|part| !part.is_empty() && !matches!(*part, "г" | "года" | "год" | "of"))
        .collect();
    let parts = day_first(parts);
    if let [day, month] = parts.as_slice() {
        return Err(without_year(day, month).map_or(Unread::NoDate, Unread::NoYear));
    }
    dated(&parts, today).ok_or(Unread::NoDate)
}

/// The parts of a date with the day first: an English month may stand before its day, which may be an ordinal number.
fn day_first(mut parts: Vec<&str>) -> Vec<&str> {
    if let [first, second, ..] = parts.as_mut_slice()
        && english_month(first).is_some()
    {
        std::mem::swap(first, second);
    }
    if let [day, month, ..] = parts.as_mut_slice()
        && english_month(month).is_some()
    {
        *day = ORDINALS.iter().find_map(|ending| day.strip_suffix(ending)).unwrap_or(day);
    }
    parts
}

fn dated(parts: &[&str], today: NaiveDate) -> Option<NaiveDate> {
    let (day, month, year) = match parts {
        [eight] if eight.len() == 8 && eight.bytes().all(|b| b.is_ascii_digit()) => {
            (number(eight.get(..2)?)?, number(eight.get(2..4)?)?, number(eight.get(4..)?)?)
        }
        [day, month, year] if year.len() == 4 && day.len() <= 2 => (number(day)?, month_number(month)?, number(year)?),
        _ => return None,
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let oldest = today.with_year(today.year() - OLDEST_YEARS).unwrap_or(today);
    (date <= today && date >= oldest).then_some(date)
}

/// The date of a day and a month in an example year (2002; 2000 for 29 February). `None` when there is no such date.
fn without_year(day: &str, month: &str) -> Option<NaiveDate> {
    let (day, month) = (number(day).filter(|_| day.len() <= 2)?, month_number(month)?);
    NaiveDate::from_ymd_opt(2002, month, day).or_else(|| NaiveDate::from_ymd_opt(2000, month, day))
}

/// The date in words: `3 февраля 2002`, `3 February 2002`.
#[must_use]
pub fn in_words(day: NaiveDate, language: Language) -> String {
    if language == Language::En {
        return day.format("%-d %B %Y").to_string();
    }
    let month = usize::try_from(day.month0()).ok().and_then(|at| MONTHS.get(at));
    let month = month.map(|(stem, endings, _)| format!("{stem}{}", endings.get(1).copied().unwrap_or_default()));
    format!("{} {} {}", day.day(), month.unwrap_or_default(), day.year())
}

fn month_number(month: &str) -> Option<u32> {
    if month.len() <= 2 { number(month) } else { month_of(month) }
}

fn number(digits: &str) -> Option<u32> {
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn month_of(word: &str) -> Option<u32> {
    let is_form = |(stem, endings, short): &(&str, [&str; 6], &[&str])| {
        short.contains(&word) || word.strip_prefix(stem).is_some_and(|ending| endings.contains(&ending))
    };
    let russian = MONTHS.iter().position(is_form).and_then(|at| u32::try_from(at + 1).ok());
    russian.or_else(|| english_month(word))
}

fn english_month(word: &str) -> Option<u32> {
    let at = ENGLISH_MONTHS.iter().position(|(name, short)| *name == word || short.contains(&word))?;
    u32::try_from(at + 1).ok()
}

/// The month and day that birthdays are looked up by: `02-28`. 29 February stays `02-29`; the birthday job decides on
/// which day it falls in common years.
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
            "3 February 2002",
            "3 feb. 2002",
            "3-Feb-2002",
            "February 3, 2002",
            "FEB 3 2002",
            "3rd of February, 2002",
            "February 3rd 2002",
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
        for (number, (name, _)) in (1..).zip(ENGLISH_MONTHS) {
            assert_eq!(parse(&format!("1 {name} 1990"), today()).unwrap().month(), number, "{name}");
        }
        for (form, number) in
            [("май", 5), ("маем", 5), ("март", 3), ("марте", 3), ("июнь", 6), ("июлем", 7), ("сент.", 9)]
        {
            assert_eq!(parse(&format!("1 {form} 1990"), today()).map(|day| day.month()), Some(number), "{form}");
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
            "3 мартобря 2002",
            "3 майонез 2002",
            "3 майский 2002",
            "3 июнл 2002",
            "3 ма 2002",
            "3 февраля",
            "١.٢.2002",
            "3022002",
            "-3.2.2002x",
            "3 2 2002 5",
            "03.02.20022",
            "1e1.2.2002",
            "3 febtober 2002",
            "February 2002",
            "3rd.02.2002",
            "3th 2 2002",
            "2 3 February",
            "February 03 02",
            "2002 February 3",
            "February March 2002",
        ] {
            assert_eq!(parse(typed, today()), None, "{typed}");
        }
        assert!(parse("22.11.2026", today()).is_some());
        assert!(parse("29.02.2000", today()).is_some());
    }

    #[test]
    fn a_date_without_a_year_is_told_with_one() {
        for (typed, example) in [
            ("3 февраля", "3 февраля 2002"),
            ("03.02", "3 февраля 2002"),
            ("5 МАРТА", "5 марта 2002"),
            ("29 февраля", "29 февраля 2000"),
            ("1/5", "1 мая 2002"),
            ("3 February", "3 февраля 2002"),
            ("May 1st", "1 мая 2002"),
        ] {
            let day = parse(example, today()).unwrap();
            assert_eq!(
                (read(typed, today()), in_words(day, Language::Ru).as_str()),
                (Err(Unread::NoYear(day)), example),
                "{typed}"
            );
            assert_eq!(parse(&in_words(day, Language::En), today()), Some(day), "{typed}");
        }
        assert_eq!(in_words("2002-02-03".parse().unwrap(), Language::En), "3 February 2002");
        for typed in ["31 февраля", "3 мартобря", "13.13", "3 февраля 02", "завтра", "003 02"]
        {
            assert_eq!(read(typed, today()), Err(Unread::NoDate), "{typed}");
        }
    }
}
