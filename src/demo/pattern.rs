//! Matches a message against a text of the bots, and finds the values of its placeholders. A message whose other words
//! differ does not match, so no other message is taken for the expected answer.

use std::collections::BTreeMap;

use super::report::Miss;
use crate::language::Language;
use crate::texts;

/// The values found in a message, by placeholder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found(BTreeMap<String, String>);

impl Found {
    /// The value of a placeholder; empty when the text does not have it.
    pub(super) fn of(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// Matches `message` against the default text `key` of bots that speak `language`, with the `known` values in place of
/// their placeholders.
///
/// # Errors
/// The message has other words than the text, or gives one placeholder two values.
pub(super) fn read(language: Language, key: &str, message: &str, known: &[(&str, &str)]) -> Result<Found, Miss> {
    let body = texts::seeds(language).get(key).map(|seed| without_tags(&seed.body)).unwrap_or_default();
    let body = known.iter().fold(body, |body, (name, value)| body.replace(&format!("{{{{{name}}}}}"), value));
    matched(&body, message).ok_or_else(|| Miss::new(body, message))
}

/// A button's caption as `dvorik` ships it.
pub(super) fn caption(language: Language, key: &str) -> &'static str {
    texts::seeds(language).get(key).map(|seed| seed.body.as_str()).unwrap_or_default()
}

/// The text without its markup, which is only `<b>` and `<code>`: people do not see it.
fn without_tags(body: &str) -> String {
    ["<b>", "</b>", "<code>", "</code>"].iter().fold(body.to_owned(), |text, tag| text.replace(tag, ""))
}

fn matched(body: &str, message: &str) -> Option<Found> {
    let mut found = Found::default();
    let (first, mut rest) = body.split_once("{{").unwrap_or((body, ""));
    let mut message = message.strip_prefix(first)?;
    while let Some((name, after)) = rest.split_once("}}") {
        let (literal, next) = after.split_once("{{").unwrap_or((after, ""));
        // The last placeholder gets all text before the last fixed words.
        let (value, tail) =
            if next.is_empty() { (message.strip_suffix(literal)?, "") } else { message.split_once(literal)? };
        if found.0.insert(name.to_owned(), value.to_owned()).is_some_and(|before| before != value) {
            return None;
        }
        (message, rest) = (tail, next);
    }
    message.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(body: &str, message: &str) -> Option<Vec<String>> {
        matched(body, message).map(|found| found.0.into_values().collect())
    }

    #[test]
    fn the_values_are_read_back() {
        assert_eq!(values("Hi, {{a}}! Bye.", "Hi, Ann! Bye."), Some(vec!["Ann".into()]));
        assert_eq!(values("{{a}}\n{{b}}, {{c}}", "x\ny, z"), Some(vec!["x".into(), "y".into(), "z".into()]));
        assert_eq!(values("no values", "no values"), Some(vec![]));
        assert_eq!(values("{{a}}.", "A. B."), Some(vec!["A. B".into()]));
    }

    #[test]
    fn another_text_does_not_match() {
        assert_eq!(values("Hi, {{a}}!", "Ho, Ann!"), None);
        assert_eq!(values("Hi, {{a}}!", "Hi, Ann! And more"), None);
        assert_eq!(values("no values", "no values, or some"), None);
        assert_eq!(values("{{a}} is {{a}}", "x is y"), None);
        assert_eq!(values("{{a}} is {{a}}", "x is x"), Some(vec!["x".into()]));
    }

    #[test]
    fn a_seeded_text_is_read_without_its_markup() {
        let line = "Gift: 10 %\nABC, действует до 29.11.2026";
        let found = read(Language::Ru, "discount_line", line, &[("discount_code", "ABC")]).unwrap();
        assert_eq!((found.of("discount_value"), found.of("discount_expires_at")), ("10 %", "29.11.2026"));
        assert!(read(Language::Ru, "discount_line", line, &[("discount_code", "ABD")]).is_err());
        assert!(read(Language::Ru, "welcome", "Gift", &[]).is_err());
    }
}
