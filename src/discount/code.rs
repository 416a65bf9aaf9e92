//! The form of a code (three letters and four digits), and reading codes as people enter them. No I/O.

use rand::RngExt;

use crate::language::Language;

/// The letters of a code: Russian without those that are easily misheard or misread (Ё Й Ъ Ы Ь).
pub const LETTERS: [char; 28] = [
    'А', 'Б', 'В', 'Г', 'Д', 'Е', 'Ж', 'З', 'И', 'К', 'Л', 'М', 'Н', 'О', 'П', 'Р', 'С', 'Т', 'У', 'Ф', 'Х', 'Ц', 'Ч',
    'Ш', 'Щ', 'Э', 'Ю', 'Я',
];

/// The letters of a code that a Latin letter looks like, each with it: codes of an English shop have only these, and are
/// shown in the Latin letters.
const TWINS: [(char, char); 12] = [
    ('А', 'A'),
    ('В', 'B'),
    ('С', 'C'),
    ('Е', 'E'),
    ('Н', 'H'),
    ('К', 'K'),
    ('М', 'M'),
    ('О', 'O'),
    ('Р', 'P'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('У', 'Y'),
];

/// An example of a code for previews; a real code may be the same.
#[must_use]
pub const fn example(language: Language) -> &'static str {
    match language {
        Language::Ru => "АБВ0000",
        Language::En => "ABC0000",
    }
}

/// A well-formed code, e.g. «АБВ1234». It need not exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DiscountCode(String);

impl DiscountCode {
    /// A random code, from a cryptographically secure generator. In an English shop, of letters that can be shown as
    /// Latin.
    #[must_use]
    pub fn random(language: Language) -> Self {
        let mut rng = rand::rng();
        let mut letter = || match language {
            Language::Ru => LETTERS.get(rng.random_range(0..LETTERS.len())).copied(),
            Language::En => TWINS.get(rng.random_range(0..TWINS.len())).map(|(letter, _)| *letter),
        };
        let mut code: String = (0..3).map(|_| letter().unwrap_or('А')).collect();
        for _ in 0..4 {
            code.push(char::from(b'0' + rng.random_range(0..10u8)));
        }
        Self(code)
    }

    /// Reads a code that is written exactly as stored: three of [`LETTERS`] and four ASCII digits.
    #[must_use]
    pub fn exact(text: &str) -> Option<Self> {
        let chars: Vec<char> = text.chars().collect();
        let fits = chars.len() == 7
            && chars.iter().take(3).all(|c| LETTERS.contains(c))
            && chars.iter().skip(3).all(char::is_ascii_digit);
        fits.then(|| Self(text.to_owned()))
    }

    /// The code's seven characters, as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code's seven characters as a shop of this language shows them: in an English shop in Latin letters, if all
    /// three letters have a Latin one that looks the same. Other codes are from before a change of the language.
    #[must_use]
    pub fn spelled(&self, language: Language) -> String {
        match language {
            Language::Ru => self.0.clone(),
            Language::En => self.latin().unwrap_or_else(|| self.0.clone()),
        }
    }

    fn latin(&self) -> Option<String> {
        let latin = |letter| TWINS.iter().find(|(twin, _)| *twin == letter).map(|(_, latin)| *latin);
        self.0.chars().map(|c| if c.is_ascii_digit() { Some(c) } else { latin(c) }).collect()
    }
}

/// The spelling of a code in a row, from its column and `shop::language_code!`; a reader for `columns!`.
pub(crate) fn spelled(code: DiscountCode, language: Option<String>) -> rusqlite::Result<String> {
    match language.and_then(|code| Language::parse(&code)) {
        Some(language) => Ok(code.spelled(language)),
        None => Ok(code.0),
    }
}

impl rusqlite::ToSql for DiscountCode {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl rusqlite::types::FromSql for DiscountCode {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        Self::exact(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
    }
}

/// The codes that an entered text may mean: first as entered, then as if entered in the wrong keyboard layout.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The code as entered, with look-alikes corrected by position: among the digits, the letter «О» is read as 0.
    pub plain: Option<DiscountCode>,
    /// The codes that the text means if some or all of its letters were typed in the Latin layout. The caller accepts a
    /// code only if exactly one of them is live.
    pub layout: Vec<DiscountCode>,
}

impl Reading {
    /// Whether the text may be a code at all.
    #[must_use]
    pub const fn is_code(&self) -> bool {
        self.plain.is_some() || !self.layout.is_empty()
    }
}

/// Reads what a cashier entered (product.md §5): drops spaces, dashes and surrounding punctuation, narrows full-width
/// forms, converts to upper case, corrects look-alikes by position. Cuts off the shop's `prefix` only when seven
/// characters remain after it: a code may itself begin with the prefix's letters.
#[must_use]
pub fn read(typed: &str, prefix: &str) -> Reading {
    let (typed, prefix) = (squeeze(typed), squeeze(prefix));
    let mut rest = typed.as_slice();
    // Leading punctuation, such as a quote or a number sign, is dropped one character at a time, and each remainder is
    // tried as a code: a leading comma may be the letter Б, typed in the Latin layout.
    loop {
        if let Some(body) = body_of(rest, &prefix) {
            return read_body(body);
        }
        match rest {
            [first, tail @ ..] if !first.is_alphanumeric() => rest = tail,
            _ => return Reading::default(),
        }
    }
}

/// The seven characters of the code, without the prefix; `None` when the text has another length or another prefix.
fn body_of<'t>(typed: &'t [char], prefix: &[char]) -> Option<&'t [char]> {
    match typed.len() {
        7 => Some(typed),
        longer if longer == prefix.len() + 7 && same_look(typed, prefix) => typed.get(prefix.len()..),
        _ => None,
    }
}

fn read_body(body: &[char]) -> Reading {
    let (letters, digits) = body.split_at(3);
    let Some(digits) = digits.iter().map(|c| as_digit(*c)).collect::<Option<String>>() else {
        return Reading::default();
    };
    let plain = letters.iter().map(|c| as_letter(*c)).collect::<Option<String>>();
    let plain = plain.map(|letters| DiscountCode(letters + &digits));
    let layout = layout_readings(letters, &digits).into_iter().filter(|code| Some(code) != plain.as_ref()).collect();
    Reading { plain, layout }
}

fn squeeze(typed: &str) -> Vec<char> {
    let kept = typed.chars().map(narrow).filter(|c| !c.is_whitespace() && !is_dash(*c) && !is_invisible(*c));
    // A text longer than a prefix and a code is not a code: do not process all of it.
    let mut kept: Vec<char> = kept.flat_map(char::to_uppercase).take(64).collect();
    // A code ends with a digit: later characters are punctuation, such as a full stop or a quote.
    let end = kept.iter().rposition(|c| c.is_alphanumeric()).map_or(0, |last| last + 1);
    kept.truncate(end);
    kept
}

/// The usual form of a full-width character.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        other => other,
    }
}

const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{00ad}' | '_')
}

const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}')
}

fn same_look(typed: &[char], prefix: &[char]) -> bool {
    let look = |c: char| as_letter(c).unwrap_or(c);
    prefix.iter().zip(typed).all(|(p, t)| look(*p) == look(*t))
}

/// The code's letter that `c` stands for, when `c` is at a letter's position.
fn as_letter(c: char) -> Option<char> {
    let twin = TWINS.iter().find(|(_, latin)| *latin == c).map(|(letter, _)| *letter);
    let letter = twin.unwrap_or(match c {
        'Ё' => 'Е',
        '0' => 'О',
        '3' => 'З',
        '4' => 'Ч',
        other => other,
    });
    LETTERS.contains(&letter).then_some(letter)
}

/// The code's digit that `c` stands for, when `c` is at a digit's position.
fn as_digit(c: char) -> Option<char> {
    let digit = match c {
        'О' | 'O' => '0',
        'З' => '3',
        'Ч' => '4',
        other => other,
    };
    digit.is_ascii_digit().then_some(digit)
}

/// The Russian letter (ЙЦУКЕН) on the key that gives this Latin character (QWERTY), shifted or not.
fn under_the_key(c: char) -> Option<char> {
    const LATIN: &str = "QWERTYUIOP[]ASDFGHJKL;'ZXCVBNM,.{}:\"<>`~";
    const RUSSIAN: &str = "ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮХЪЖЭБЮЕЕ";
    let at = LATIN.chars().position(|latin| latin == c)?;
    RUSSIAN.chars().nth(at).filter(|letter| LETTERS.contains(letter))
}

/// Every reading of the three letters when at least one of them was entered in the wrong layout.
fn layout_readings(letters: &[char], digits: &str) -> Vec<DiscountCode> {
    let mut readings = vec![(String::new(), false)];
    for c in letters {
        let ways = [as_letter(*c).map(|l| (l, false)), under_the_key(*c).map(|l| (l, true))];
        readings = readings
            .iter()
            .flat_map(|(head, slipped)| {
                ways.iter().flatten().map(move |(letter, slip)| (format!("{head}{letter}"), *slipped || *slip))
            })
            .collect();
    }
    let mut codes: Vec<_> = readings
        .into_iter()
        .filter(|(_, slipped)| *slipped)
        .map(|(letters, _)| DiscountCode(letters + digits))
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(typed: &str, prefix: &str) -> Option<String> {
        read(typed, prefix).plain.map(|code| code.0)
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in ["АБВ1234", "абв1234", " абв 12-34 ", "AБB1234", "абв—1234", "абв\u{a0}1234"] {
            assert_eq!(plain(typed, "").as_deref(), Some("АБВ1234"), "{typed}");
        }
        assert_eq!(plain("3О41О3Ч", "").as_deref(), Some("ЗОЧ1034"));
        assert_eq!(plain("ёлк0000", "").as_deref(), Some("ЕЛК0000"));
        for typed in [
            "АБВ1234.",
            "«АБВ1234»",
            "№АБВ1234",
            "№ АБВ1234!",
            "\"АБВ1234\"",
            "(абв-1234),",
            "#абв1234",
            "„АБВ1234“",
            "'АБВ1234'…",
            "АБВ１２３４",
            "ＡБВ１２３４．",
            "👉АБВ1234👈",
            "`АБВ1234`",
            "-АБВ1234-",
        ] {
            assert_eq!(plain(typed, "").as_deref(), Some("АБВ1234"), "{typed}");
        }
        assert_eq!(plain("«МД-АБВ1234».", "МД-").as_deref(), Some("АБВ1234"));
    }

    #[test]
    fn a_code_with_a_letter_that_has_no_twin_stays_as_it_is() {
        let shown = |code: &str| DiscountCode::exact(code).unwrap().spelled(Language::En);
        assert_eq!((shown("АВС1234").as_str(), shown("АБС1234").as_str()), ("ABC1234", "АБС1234"));
    }

    #[test]
    fn the_prefix_is_cut_only_when_a_code_remains() {
        assert_eq!(plain("МД-АБВ1234", "МД-").as_deref(), Some("АБВ1234"));
        assert_eq!(plain("mд-абв1234", "МД-").as_deref(), Some("АБВ1234"));
        assert_eq!(plain("МДА1234", "МД-").as_deref(), Some("МДА1234"));
        assert_eq!(plain("МДМДА1234", "МД-").as_deref(), Some("МДА1234"));
        assert_eq!(plain("АБВ1234", "МД-").as_deref(), Some("АБВ1234"));
        assert_eq!(plain("ХХАБВ1234", "МД-"), None);
    }

    #[test]
    fn what_is_no_code_is_no_code() {
        for typed in ["", "привет", "1234567", "АБВ12345", "ЪЫЬ1234", "/start", "АБВ12З", "нет"] {
            assert!(!read(typed, "").is_code(), "{typed}");
        }
    }

    #[test]
    fn the_wrong_layout_is_a_second_reading() {
        let reading = read("f,d1234", "");
        assert_eq!(reading.plain, None);
        assert_eq!(reading.layout, [DiscountCode("АБВ1234".into())]);
        // A comma is the letter Б in the other layout, also at the beginning of the text; the surrounding quotes are
        // dropped.
        for typed in [",fd1234", "«,fd1234».", "\",fd1234\""] {
            assert_eq!(read(typed, "").layout, [DiscountCode("БАВ1234".into())], "{typed}");
        }
    }

    proptest! {
        #[test]
        fn a_random_code_reads_back_as_itself(_ in 0..1000) {
            for language in Language::ALL {
                let code = DiscountCode::random(language);
                prop_assert_eq!(DiscountCode::exact(code.as_str()), Some(code.clone()));
                prop_assert_eq!(read(&code.0.to_lowercase(), "МД-").plain, Some(code.clone()));
                for shown in Language::ALL.map(|language| code.spelled(language)) {
                    prop_assert_eq!(read(&shown.to_lowercase(), "МД-").plain, Some(code.clone()));
                    prop_assert_eq!(read(&format!("МД-{shown}"), "МД-").plain, Some(code.clone()));
                }
            }
        }

        #[test]
        fn a_code_of_an_english_shop_is_shown_in_latin_letters(_ in 0..1000) {
            let shown = DiscountCode::random(Language::En).spelled(Language::En);
            prop_assert!(shown.is_ascii() && shown.chars().take(3).all(|c| c.is_ascii_uppercase()), "{}", shown);
        }

        #[test]
        fn reading_never_panics(typed in ".*", prefix in ".{0,12}") {
            let reading = read(&typed, &prefix);
            for code in reading.plain.iter().chain(&reading.layout) {
                prop_assert!(DiscountCode::exact(code.as_str()).is_some());
            }
        }

        #[test]
        fn a_look_alike_never_reads_as_another_code(_ in 0..1000) {
            const TWINS: [(char, char); 16] = [
                ('A', 'А'), ('B', 'В'), ('C', 'С'), ('E', 'Е'), ('H', 'Н'), ('K', 'К'), ('M', 'М'), ('O', 'О'), ('P', 'Р'),
                ('T', 'Т'), ('X', 'Х'), ('Y', 'У'), ('0', 'О'), ('3', 'З'), ('4', 'Ч'), ('O', '0'),
            ];
            let code = DiscountCode::random(Language::Ru);
            let chars: Vec<char> = code.0.chars().collect();
            for at in 0..7 {
                for (one, other) in TWINS {
                    let twin = if chars[at] == one { other } else if chars[at] == other { one } else { continue };
                    let mut typed = chars.clone();
                    typed[at] = twin;
                    let typed: String = typed.into_iter().collect();
                    prop_assert_eq!(read(&typed, "").plain, Some(code.clone()), "{}", typed);
                }
            }
        }
    }
}
