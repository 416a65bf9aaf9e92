//! How numbers, money, percent, dates and durations are written for people. Output for machines does not use this
//! module: it has plain digits and UTC. No text made here is ever parsed.

use chrono::NaiveDate;

use super::Language;
use crate::clock::{Timestamp, Zone, human_date};

const NO_BREAK: char = '\u{a0}';

impl Language {
    /// A whole number with its thousands separated: `8 412` (no-break space) or `8,412`.
    #[must_use]
    pub fn number(self, n: i64) -> String {
        let sign = if n < 0 { "-" } else { "" };
        format!("{sign}{}", self.grouped(n.unsigned_abs()))
    }

    /// A number of hundredths as a decimal without trailing zeros: 1250 → `12,5`, 1000 → `10`.
    #[must_use]
    pub fn hundredths(self, value: i64) -> String {
        let (whole, part) = (value.unsigned_abs() / 100, value.unsigned_abs() % 100);
        let part = match part {
            0 => String::new(),
            part if part % 10 == 0 => format!("{}{}", self.point(), part / 10),
            part => format!("{}{part:02}", self.point()),
        };
        format!("{}{}{part}", if value < 0 { "-" } else { "" }, self.grouped(whole))
    }

    /// A number of hundredths of a percent: 1250 → `12,5 %`.
    #[must_use]
    pub fn percent(self, hundredths: i64) -> String {
        format!("{}{NO_BREAK}%", self.hundredths(hundredths))
    }

    /// A share between 0 and 1 as a whole percent: 0.58 → `58 %`.
    #[must_use]
    pub fn share(self, share: f64) -> String {
        let whole = (share * 100.0).round() as i64;
        format!("{}{NO_BREAK}%", self.number(whole))
    }

    /// Money in hundredths of `currency` (ISO code): `150 ₽`, `1 234,50 ₽`.
    #[must_use]
    pub fn money(self, kopecks: i64, currency: &str) -> String {
        let sign = match currency {
            "RUB" => "₽",
            "USD" => "$",
            "EUR" => "€",
            "KZT" => "₸",
            "BYN" => "Br",
            other => other,
        };
        let (whole, part) = (kopecks.unsigned_abs() / 100, kopecks.unsigned_abs() % 100);
        let part = if part == 0 { String::new() } else { format!("{}{part:02}", self.point()) };
        format!("{}{}{part}{NO_BREAK}{sign}", if kopecks < 0 { "-" } else { "" }, self.grouped(whole))
    }

    /// A calendar day as a date: `22.11.2026`, `22 Nov 2026`.
    #[must_use]
    pub fn date(self, day: NaiveDate) -> String {
        match self {
            Self::Ru => human_date(day),
            Self::En => day.format("%-d %b %Y").to_string(),
        }
    }

    /// An instant on the shop's clock: `22.11.2026 14:05`. The zone is left out: a caller that prints a list names it
    /// once.
    #[must_use]
    pub fn date_time(self, at: Timestamp, zone: Zone) -> String {
        let local = zone.local(at);
        format!("{} {}", self.date(local.date()), local.format("%H:%M"))
    }

    /// The size of a file in kilobytes or, from 10 MB on, in megabytes, rounded up: `392 КБ`, `12 МБ`.
    #[must_use]
    pub fn size(self, bytes: u64) -> String {
        let (unit, step) = if bytes < 10 << 20 { ("unit.kilobyte", 10) } else { ("unit.megabyte", 20) };
        let number = i64::try_from(bytes.div_ceil(1 << step)).unwrap_or(i64::MAX);
        format!("{}{NO_BREAK}{}", self.number(number), self.text(unit, &[]))
    }

    /// A duration of `seconds` in its two largest units: `5 ч 36 мин`, `7 с`.
    #[must_use]
    pub fn duration(self, seconds: u64) -> String {
        let units = [("unit.day", 86_400, 3_600), ("unit.hour", 3_600, 60), ("unit.minute", 60, 1)];
        for ((unit, size, next_size), next) in units.into_iter().zip(["unit.hour", "unit.minute", "unit.second"]) {
            if seconds >= size {
                let (whole, rest) = (seconds / size, seconds % size / next_size);
                let first = format!("{whole}{NO_BREAK}{}", self.text(unit, &[]));
                let second = format!(" {rest}{NO_BREAK}{}", self.text(next, &[]));
                return if rest == 0 { first } else { first + &second };
            }
        }
        format!("{seconds}{NO_BREAK}{}", self.text("unit.second", &[]))
    }

    /// A duration of `minutes` in whole words, in hours and minutes: `34 минуты`, `1 час 5 минут`.
    #[must_use]
    pub fn spelt_duration(self, minutes: i64) -> String {
        let (hours, rest) = (minutes / 60, minutes % 60);
        let of_hours = (hours > 0).then(|| self.plural("plural.hours", hours, &[]));
        let of_minutes = (rest > 0 || hours == 0).then(|| self.plural("plural.minutes", rest, &[]));
        of_hours.into_iter().chain(of_minutes).collect::<Vec<_>>().join(" ")
    }

    /// The decimal sign.
    pub(crate) const fn point(self) -> char {
        match self {
            Self::Ru => ',',
            Self::En => '.',
        }
    }

    fn grouped(self, n: u64) -> String {
        let digits = n.to_string();
        let separator = if self == Self::Ru { NO_BREAK } else { ',' };
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_each_language_writes_them() {
        assert_eq!(Language::Ru.number(8412), "8\u{a0}412");
        assert_eq!(Language::En.number(-1_234_567), "-1,234,567");
        assert_eq!(Language::Ru.number(i64::MIN), "-9\u{a0}223\u{a0}372\u{a0}036\u{a0}854\u{a0}775\u{a0}808");
        assert_eq!(Language::Ru.number(412), "412");
    }

    #[test]
    fn percent_and_money_drop_idle_zeros() {
        assert_eq!(Language::Ru.percent(1250), "12,5\u{a0}%");
        assert_eq!(Language::En.percent(1050), "10.5\u{a0}%");
        assert_eq!(Language::Ru.percent(1005), "10,05\u{a0}%");
        assert_eq!(Language::Ru.percent(1000), "10\u{a0}%");
        assert_eq!(Language::Ru.share(0.584), "58\u{a0}%");
        assert_eq!(Language::Ru.money(15_000, "RUB"), "150\u{a0}₽");
        assert_eq!(Language::Ru.money(-123_450, "RUB"), "-1\u{a0}234,50\u{a0}₽");
        assert_eq!(Language::En.money(5, "CHF"), "0.05\u{a0}CHF");
    }

    #[test]
    fn times_are_the_shops() {
        let at = Timestamp::parse("2026-11-22T04:05:00Z").unwrap();
        let zone = Zone::parse("Asia/Vladivostok").unwrap();
        assert_eq!(Language::Ru.date_time(at, zone), "22.11.2026 14:05");
        assert_eq!(Language::Ru.date(zone.day(at)), "22.11.2026");
        assert_eq!(Language::En.date_time(at, zone), "22 Nov 2026 14:05");
        assert_eq!(Language::En.date("2026-02-03".parse().unwrap()), "3 Feb 2026");
    }

    #[test]
    fn a_span_is_told_in_its_two_largest_units() {
        let spelt: Vec<String> = [0, 1, 34, 60, 125].map(|minutes| Language::Ru.spelt_duration(minutes)).into();
        assert_eq!(spelt, ["0 минут", "1 минуту", "34 минуты", "1 час", "2 часа 5 минут"]);
        let spans: Vec<String> = [0, 7, 337, 3600, 20_160, 90_000].map(|s| Language::Ru.duration(s)).into();
        let plain: Vec<String> = spans.iter().map(|span| span.replace(NO_BREAK, " ")).collect();
        assert_eq!(plain, ["0 с", "7 с", "5 мин 37 с", "1 ч", "5 ч 36 мин", "1 д 1 ч"]);
        assert_eq!(Language::En.duration(337).replace(NO_BREAK, " "), "5 min 37 s");
    }
}
