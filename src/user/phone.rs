//! Phones, as libphonenumber's rules accept them. Phones are read in the format of the shop's country, stored in E.164,
//! and exported in a form that spreadsheets do not change. Bots, API, commands and imports all read phones here.

use rlibphonenumber::{PhoneNumber, PhoneNumberFormat, Region};

use crate::clock::Zone;
use crate::db::View;
use crate::error::{Refusal, Result};
use crate::shop;

/// The time zones of each country: a line has the country's code, a tab, and its zones with spaces.
const ZONES: &str = include_str!("zones.tsv");
/// Currencies that are used in one country only, for shops whose zone names no country.
const CURRENCIES: &[(&str, Region)] = &[
    ("RUB", Region::RU),
    ("BYN", Region::BY),
    ("KZT", Region::KZ),
    ("UAH", Region::UA),
    ("UZS", Region::UZ),
    ("KGS", Region::KG),
    ("TJS", Region::TJ),
    ("TMT", Region::TM),
    ("AMD", Region::AM),
    ("AZN", Region::AZ),
    ("GEL", Region::GE),
    ("MDL", Region::MD),
    ("MNT", Region::MN),
    ("TRY", Region::TR),
    ("CNY", Region::CN),
    ("JPY", Region::JP),
    ("KRW", Region::KR),
    ("USD", Region::US),
    ("GBP", Region::GB),
];
/// The words that may be in a phone: `tel:` and the words before an extension. Other words are refused: libphonenumber
/// would skip words before a number and read keypad letters as digits, so a name that was entered beside a phone would
/// be lost.
const WORDS: [&str; 10] = ["tel", "ext", "extn", "extension", "доб", "x", "х", "int", "anexo", "тел"];
/// The most digits of an extension: a longer one may be a second phone.
const LONGEST_EXTENSION: usize = 6;

/// The country in whose format phones without a country code are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country(Region);

impl Country {
    /// Russia, the default country.
    pub const RUSSIA: Self = Self(Region::RU);

    /// The country of a shop: that of its zone; if the zone names none, that of its currency; else Russia.
    #[must_use]
    pub fn of(zone: Zone, currency: &str) -> Self {
        let rows = ZONES.lines().filter_map(|line| line.split_once('\t'));
        let by_zone = rows.filter(|(_, zones)| zones.split(' ').any(|name| name == zone.name()));
        let by_zone = by_zone.filter_map(|(code, _)| Region::from_code(code).ok()).next();
        let by_currency = || CURRENCIES.iter().find(|(code, _)| *code == currency).map(|(_, region)| *region);
        by_zone.or_else(by_currency).map_or(Self::RUSSIA, Self)
    }

    /// The country of the shop this database belongs to.
    pub fn of_shop(view: &View<'_>) -> Result<Self> {
        Ok(Self::of(view.zone(), &shop::currency(view)?))
    }
}

/// A phone in E.164.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

/// The result of reading a phone that a person entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The phone.
    pub phone: Phone,
    /// The extension after the phone. Neither Telegram nor E.164 has extensions, so it is not stored.
    pub extension: Option<String>,
}

impl Phone {
    /// Reads a phone in the format of `country`, or one with `+` and its country code.
    ///
    /// # Errors
    /// `PHONE_INVALID`.
    pub fn parse(typed: &str, country: Country) -> Result<Self> {
        Self::read(typed, country).map(|read| read.phone)
    }

    /// Reads a phone as [`Phone::parse`] does, and also returns the extension, which is not part of the phone.
    ///
    /// # Errors
    /// `PHONE_INVALID`.
    pub fn read(typed: &str, country: Country) -> Result<Read> {
        let typed = typed.trim();
        let number = Some(typed).filter(|typed| has_only_known_words(typed));
        let number = number.and_then(|typed| PhoneNumber::parse(typed, Some(country.0)).ok());
        let number = number.filter(PhoneNumber::is_valid).ok_or(Refusal::PhoneInvalid)?;
        let phone = Self(number.format_as(PhoneNumberFormat::E164).into_owned());
        let extension = number.extension.filter(|extension| !extension.is_empty());
        if extension.as_ref().is_some_and(|extension| extension.chars().count() > LONGEST_EXTENSION) {
            return Err(Refusal::PhoneInvalid.into());
        }
        Ok(Read { phone, extension })
    }

    /// The phone in E.164.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The E.164 number in a form that a spreadsheet neither evaluates nor rounds: `8…` for a Russian number, else bare
    /// digits. A number keeps its `+` if [`Phone::parse`] would read its digits alone, in `country`, as another number
    /// or none.
    #[must_use]
    pub fn in_sheet(number: &str, country: Country) -> String {
        let digits = match number.strip_prefix("+7") {
            Some(home) if home.len() == 10 => format!("8{home}"),
            _ => number.trim_start_matches('+').to_owned(),
        };
        let is_understood = Self::parse(&digits, country).is_ok_and(|read| read.0 == number);
        if is_understood { digits } else { number.to_owned() }
    }
}

fn has_only_known_words(typed: &str) -> bool {
    let typed = typed.to_lowercase();
    let mut words = typed.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.all(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::proptest;

    /// Verdicts of PyPI `phonenumbers`, written by `scripts/phones.py`.
    const VERDICTS: &str = include_str!("../../tests/fixtures/phones.tsv");
    /// Spellings that libphonenumber accepts and this program refuses: words beside a number, letters for digits, and a
    /// possible second number.
    const STRICTER: [&str; 5] =
        ["8914abc4567", "мама 89141234567", "Анна: +7 914 123-45-67", "1-800-FLOWERS", "+7 914 123-45-67; 89147654321"];

    fn unescaped(text: &str) -> String {
        let mut parts = text.split("\\u");
        let mut plain = parts.next().unwrap().to_owned();
        for part in parts {
            plain.push(char::from_u32(u32::from_str_radix(&part[..4], 16).unwrap()).unwrap());
            plain.push_str(&part[4..]);
        }
        plain
    }

    #[test]
    fn five_hundred_spellings_in_five_countries_are_read_as_libphonenumber_reads_them() {
        let mut lines = VERDICTS.lines().filter(|line| !line.starts_with('#'));
        let countries: Vec<Country> =
            lines.next().unwrap().split('\t').skip(1).map(|code| Country(Region::from_code(code).unwrap())).collect();
        let (mut spellings, mut stricter, mut different) = (0, Vec::new(), Vec::new());
        for line in lines {
            let mut cells = line.split('\t');
            let typed = unescaped(cells.next().unwrap());
            spellings += 1;
            for (country, verdict) in countries.iter().zip(cells) {
                let read = Phone::parse(&typed, *country);
                let said = read.as_ref().map_or("!", Phone::as_str);
                if said == "!" && verdict != "!" && STRICTER.contains(&typed.as_str()) {
                    stricter.push(typed.clone());
                } else if said != verdict {
                    different.push((typed.clone(), *country, verdict, said.to_owned()));
                }
            }
        }
        assert_eq!(different, []);
        stricter.dedup();
        assert_eq!((spellings, countries.len(), stricter.len()), (500, 5, STRICTER.len()), "{stricter:?}");
    }

    #[test]
    fn the_country_is_the_zones_else_the_currencys() {
        for (zone, currency, country) in [
            ("Asia/Vladivostok", "RUB", Region::RU),
            ("Europe/Moscow", "EUR", Region::RU),
            ("Asia/Almaty", "RUB", Region::KZ),
            ("Europe/Berlin", "EUR", Region::DE),
            ("America/New_York", "USD", Region::US),
            ("UTC", "BYN", Region::BY),
            ("UTC", "EUR", Region::RU),
        ] {
            assert_eq!(Country::of(Zone::parse(zone).unwrap(), currency), Country(country), "{zone} {currency}");
        }
    }

    #[test]
    fn an_extension_is_dropped_and_told() {
        for typed in ["8 914 123-45-67 доб. 12", "+7 914 123-45-67 ext. 12", "89141234567x12", "89141234567#12"] {
            let read = Phone::read(typed, Country::RUSSIA).unwrap();
            assert_eq!((read.phone.as_str(), read.extension.as_deref()), ("+79141234567", Some("12")), "{typed}");
        }
        assert_eq!(Phone::read("8 914 123-45-67", Country::RUSSIA).unwrap().extension, None);
    }

    #[test]
    fn a_phone_comes_back_from_a_spreadsheet() {
        let berlin = Country(Region::DE);
        for (country, number, cell) in [
            (Country::RUSSIA, "+79141234567", "89141234567"),
            // As bare digits these numbers would be read as Russian landlines, or not at all.
            (Country::RUSSIA, "+4930123456", "+4930123456"),
            (Country::RUSSIA, "+81312345678", "+81312345678"),
            (berlin, "+4930123456", "4930123456"),
            (berlin, "+79141234567", "+79141234567"),
        ] {
            assert_eq!(Phone::in_sheet(number, country), cell);
            assert_eq!(Phone::parse(cell, country).unwrap().as_str(), number);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_is_read_is_read_again(text in "\\PC{0,24}|[+0-9() .x#;,-]{0,24}") {
            for country in [Country::RUSSIA, Country(Region::DE), Country(Region::IT)] {
                if let Ok(phone) = Phone::parse(&text, country) {
                    assert_eq!(Phone::parse(phone.as_str(), country).unwrap(), phone);
                    let cell = Phone::in_sheet(phone.as_str(), country);
                    assert_eq!(Phone::parse(&cell, country).unwrap(), phone);
                }
            }
        }
    }
}
