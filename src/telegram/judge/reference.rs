//! Reads character references such as `&lt;`. Telegram knows four named references and numeric ones; it shows every
//! other `&` as it is written.

use std::borrow::Cow;

/// A character reference that Telegram reads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// The character that the reference stands for.
    Sign(char),
    /// The reference stands for one half of a surrogate pair. Telegram refuses a text with such a reference.
    Half,
}

/// The most decimal digits of a numeric reference; Telegram shows one with more digits as it is written.
const MOST_DECIMAL: usize = 7;
const MOST_HEX: usize = 6;
/// The lowest number that is too high for Telegram to be a character.
const END_OF_UNICODE: u32 = 0x10_ffff;

/// The reference at the beginning of `text` (which begins with `&`) and its length in bytes; `None`: the `&` is
/// ordinary text.
pub(super) fn at(text: &str) -> Option<(Reference, usize)> {
    let rest = text.strip_prefix('&')?;
    let (reference, length) = match rest.strip_prefix('#') {
        Some(number) => {
            let (reference, length) = numeric(number)?;
            (reference, length + 1)
        }
        None => named(rest)?,
    };
    let length = 1 + length;
    let semicolon = text.get(length..).is_some_and(|rest| rest.starts_with(';'));
    Some((reference, length + usize::from(semicolon)))
}

fn numeric(number: &str) -> Option<(Reference, usize)> {
    let (digits, radix, most, prefix) =
        number.strip_prefix(['x', 'X']).map_or((number, 10, MOST_DECIMAL, 0), |digits| (digits, 16, MOST_HEX, 1));
    let length = digits.find(|sign: char| !sign.is_digit(radix)).unwrap_or(digits.len());
    if length > most {
        return None;
    }
    let code = u32::from_str_radix(digits.get(..length)?, radix).ok()?;
    if code == 0 || code >= END_OF_UNICODE {
        return None;
    }
    Some((char::from_u32(code).map_or(Reference::Half, Reference::Sign), prefix + length))
}

fn named(rest: &str) -> Option<(Reference, usize)> {
    let name = letters(rest);
    let sign = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => return None,
    };
    Some((Reference::Sign(sign), name.len()))
}

fn letters(text: &str) -> &str {
    let end = text.find(|sign: char| !sign.is_ascii_alphabetic()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// A named reference of HTML, such as `&laquo;`, that Telegram does not know and would show as it is written. Returns
/// the reference, and what to write instead.
pub(super) fn unknown(text: &str) -> Option<(&str, String)> {
    let end = text.find(';')?;
    let written = text.get(..=end)?;
    let name = written.strip_prefix('&')?.strip_suffix(';')?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    match html_escape::decode_html_entities(written) {
        Cow::Borrowed(_) => None,
        Cow::Owned(signs) if signs == written => None,
        Cow::Owned(signs) => Some((written, signs.chars().map(to_type).collect())),
    }
}

/// How to write the character `sign` in a text: as it is if it is visible and has no meaning in HTML, else as a
/// reference.
fn to_type(sign: char) -> String {
    match sign {
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '"' => "&quot;".to_owned(),
        sign if sign.is_whitespace() || super::is_blank(sign.encode_utf8(&mut [0; 4])) => {
            format!("&#{};", u32::from(sign))
        }
        sign => sign.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_telegram_does_not_know_is_told_with_its_sign() {
        for (text, sign) in [
            ("&laquo;x", Some("«")),
            ("&nbsp;", Some("&#160;")),
            ("&mdash;", Some("—")),
            ("&apos;", Some("'")),
            ("&AMP;", Some("&amp;")),
            ("&laquo x", None),
            ("&shop;", None),
            ("&T; ", None),
        ] {
            assert_eq!(unknown(text).map(|(_, sign)| sign).as_deref(), sign, "{text}");
        }
    }
}
