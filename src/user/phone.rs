//! Phones: in one form in the database, as people type them, and as spreadsheets keep them.

use crate::error::{Refusal, Result};

/// A phone in E.164.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Reads `8 914 …`, `+7 (914) …` and any international number with `+`.
    ///
    /// # Errors
    /// `PHONE_INVALID`.
    pub fn parse(typed: &str) -> Result<Self> {
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let clean =
            typed.trim().chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '\u{a0}'));
        let plus = typed.trim_start().starts_with('+');
        let number = match (digits.len(), digits.as_bytes()) {
            (11, [b'8', ..]) if !plus => format!("+7{}", digits.get(1..).unwrap_or_default()),
            (11, [b'7', ..]) => format!("+{digits}"),
            (10, [b'9', ..]) if !plus => format!("+7{digits}"),
            (8..=15, [b'1'..=b'9', ..]) if plus => format!("+{digits}"),
            _ => String::new(),
        };
        Ok(if clean && !number.is_empty() { Self(number) } else { Err(Refusal::PhoneInvalid)? })
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a phone as [`Phone::in_sheet`] wrote it, or as people type it: digits that are no number of ours are an
    /// international one that has lost its `+`.
    ///
    /// # Errors
    /// `PHONE_INVALID`.
    pub fn from_sheet(cell: &str) -> Result<Self> {
        let cell = cell.trim();
        let is_bare = cell.bytes().all(|b| b.is_ascii_digit());
        Self::parse(cell).or_else(|refused| if is_bare { Self::parse(&format!("+{cell}")) } else { Err(refused) })
    }

    /// An E.164 number as a spreadsheet neither runs nor rounds it: `8…` at home, digits abroad. A foreign number that
    /// would be taken for one of ours keeps its `+`.
    #[must_use]
    pub fn in_sheet(number: &str) -> String {
        let digits = match number.strip_prefix("+7") {
            Some(home) if home.len() == 10 => format!("8{home}"),
            _ => number.trim_start_matches('+').to_owned(),
        };
        let is_understood = Self::from_sheet(&digits).is_ok_and(|read| read.0 == number);
        if is_understood { digits } else { number.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_kept_in_one_form() {
        for typed in ["8 914 123-45-67", "+7 (914) 123-45-67", "79141234567", "9141234567"] {
            assert_eq!(Phone::parse(typed).unwrap().as_str(), "+79141234567", "{typed}");
        }
        assert_eq!(Phone::parse("+49 30 123456").unwrap().as_str(), "+4930123456");
        for typed in ["", "123", "+7914123456789012", "8914abc4567", "+0123456789"] {
            assert!(Phone::parse(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_phone_comes_back_from_a_spreadsheet() {
        assert_eq!(Phone::in_sheet("+79141234567"), "89141234567");
        assert_eq!(Phone::in_sheet("+4930123456"), "4930123456");
        // Tokyo and Abu Dhabi as bare digits read like numbers of ours.
        for (number, cell) in [("+81312345678", "+81312345678"), ("+9712345678", "+9712345678")] {
            assert_eq!(Phone::in_sheet(number), cell);
        }
        for first in 1..=9_u64 {
            for length in 8..=15 {
                for fill in ["0", "1", "9"] {
                    let number = format!("+{first}{}", fill.repeat(length - 1));
                    assert_eq!(Phone::from_sheet(&Phone::in_sheet(&number)).unwrap().as_str(), number);
                }
            }
        }
        for cell in ["79141234567", "+7 914 123-45-67", " 89141234567 "] {
            assert_eq!(Phone::from_sheet(cell).unwrap().as_str(), "+79141234567", "{cell}");
        }
        for cell in ["", "7.9141E+10", "12", "0123456789"] {
            assert!(Phone::from_sheet(cell).is_err(), "{cell}");
        }
    }
}
