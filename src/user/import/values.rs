//! Reads the value of one cell of a file of customers, in the form that exports write and in the forms that
//! spreadsheets and other programs turn it into. An ambiguous value is refused.

use chrono::NaiveDate;

use crate::clock::human_date;
use crate::ids::TelegramId;
use crate::user::{Gender, birthday};

/// The most characters of a name or a source; names from Telegram have the same limit.
const LONGEST_TEXT: usize = 256;
/// The most characters of a username: Telegram's own limit.
const LONGEST_USERNAME: usize = 32;
/// The largest Telegram id: Telegram's ids have at most 52 bits.
const LARGEST_ID: i64 = 1 << 52;
/// How links to a person's Telegram account begin.
const LINKS: [&str; 6] =
    ["https://t.me/", "http://t.me/", "t.me/", "https://telegram.me/", "http://telegram.me/", "telegram.me/"];
const MALE: [&str; 8] = ["male", "m", "м", "муж", "муж.", "мужской", "мужчина", "мужск."];
const FEMALE: [&str; 8] = ["female", "f", "ж", "жен", "жен.", "женский", "женщина", "женск."];
/// The times that spreadsheets add to a date without a time.
const MIDNIGHTS: [&str; 5] = ["0:00", "00:00", "0:00:00", "00:00:00", "00:00:00.000"];

pub(super) fn telegram_id(typed: &str) -> Option<TelegramId> {
    let typed = whole(typed.trim());
    let id = typed.parse().ok().filter(|_| typed.bytes().all(|b| b.is_ascii_digit()))?;
    (1..LARGEST_ID).contains(&id).then_some(TelegramId(id))
}

/// The digits of a number without the `.0` that a program adds to it: `89141234567.0`.
pub(super) fn whole(typed: &str) -> &str {
    let digits = typed.strip_suffix(".0").filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    digits.unwrap_or(typed)
}

/// Accepts a text of at most [`LONGEST_TEXT`] characters without NUL.
pub(super) fn text(text: &str) -> Option<String> {
    (text.chars().count() <= LONGEST_TEXT && !text.contains('\0')).then(|| text.to_owned())
}

/// Reads a username: `masha`, `@masha`, `https://t.me/masha`.
pub(super) fn username(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let is_link = |link: &str| typed.get(..link.len()).is_some_and(|start| start.eq_ignore_ascii_case(link));
    let name = match LINKS.iter().find(|link| is_link(link)) {
        Some(link) => typed.get(link.len()..).unwrap_or_default().trim_end_matches('/'),
        None => typed.strip_prefix('@').unwrap_or(typed),
    };
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (is_name && (1..=LONGEST_USERNAME).contains(&name.len())).then(|| name.to_owned())
}

pub(super) fn gender(typed: &str) -> Option<Gender> {
    let typed = typed.trim().to_lowercase();
    if MALE.contains(&typed.as_str()) {
        Some(Gender::Male)
    } else if FEMALE.contains(&typed.as_str()) {
        Some(Gender::Female)
    } else {
        Gender::parse(&typed)
    }
}

/// Reads a birthday: `2002-02-03`, or the Russian spreadsheet form `03.02.2002`, also with a midnight time.
/// `02/03/2002` is refused, because the order of day and month differs between countries; `25/12/2002` has one meaning
/// and is read.
pub(super) fn born(typed: &str, today: NaiveDate) -> Option<NaiveDate> {
    let typed = typed.trim();
    let day = typed.split_once([' ', 'T']).filter(|(_, hour)| MIDNIGHTS.contains(hour)).map_or(typed, |(day, _)| day);
    let born = |typed: &str| birthday::parse(typed, today);
    if let [first, second, year] = day.split('/').collect::<Vec<_>>().as_slice() {
        let (here, there) = (born(day), born(&format!("{second}/{first}/{year}")));
        return here.filter(|here| there.is_none_or(|there| there == *here));
    }
    born(&day.parse().map_or_else(|_| day.to_owned(), human_date))
}

/// Reads a boolean, also in the Russian spreadsheet forms.
pub(super) fn yes_or_no(typed: &str) -> Option<bool> {
    match typed.trim().to_lowercase().as_str() {
        "true" | "истина" | "1" => Some(true),
        "false" | "ложь" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_make_of_a_value_is_read() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
        let today = day(2026, 11, 22).unwrap();
        for (typed, date) in [
            ("2002-02-03", day(2002, 2, 3)),
            ("03.02.2002 0:00:00", day(2002, 2, 3)),
            ("2002-02-03T00:00:00", day(2002, 2, 3)),
            ("2002-02-03 00:00:00", day(2002, 2, 3)),
            ("25/12/2002", day(2002, 12, 25)),
            ("05/05/2002", day(2002, 5, 5)),
            ("03.02.2002 10:00", None),
            ("02/03/2002", None),
            ("12/25/2002", None),
            ("03.02.02", None),
        ] {
            assert_eq!(born(typed, today), date, "{typed}");
        }
        for (typed, name) in [
            ("https://t.me/x", Some("x")),
            ("T.me/masha_k/", Some("masha_k")),
            ("@masha", Some("masha")),
            ("masha", Some("masha")),
            ("https://t.me/joinchat/abc", None),
            ("https://t.me/x?start=1", None),
            ("https://vk.com/x", None),
            ("маша", None),
            ("@", None),
        ] {
            assert_eq!(username(typed).as_deref(), name, "{typed}");
        }
        let genders = ["м", "М", "муж.", "MALE", "ж", "Женский", "f", "unknown"].map(gender);
        assert_eq!(genders[..4], [Some(Gender::Male); 4]);
        assert_eq!(genders[4..7], [Some(Gender::Female); 3]);
        assert_eq!((genders[7], gender("woman"), gender("жм")), (Some(Gender::Unknown), None, None));
        assert_eq!(
            (telegram_id("9101.0"), telegram_id("+9101"), telegram_id("9.1E+3")),
            (Some(TelegramId(9101)), None, None)
        );
    }
}
