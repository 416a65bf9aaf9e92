//! Decides whether a text may be saved: checks its placeholders and its optional parts, and asks `telegram::judge`
//! whether Telegram would take the text with and without the optional parts. Values count at their greatest length.

use super::{Kind, SHOP_WIDE, Seed, template};
use crate::error::{Refusal, Result};
use crate::telegram::judge::{self, Fault};

/// Placeholders whose value is never empty. A text made only of other placeholders could be empty, and Telegram refuses
/// an empty message.
const NEVER_EMPTY: [&str; 13] = [
    "broadcast",
    "discount_code",
    "discount_expires_at",
    "discount_title",
    "discount_value",
    "display_name",
    "first_name",
    "next_date",
    "order",
    "shop_name",
    "title",
    "token",
    "total",
];

/// Checks a new body for the text of `seed`.
///
/// # Errors
/// `TEXT_PLACEHOLDER_UNKNOWN` naming the placeholder; `TEXT_HTML_INVALID` naming what is wrong.
pub fn check(seed: &Seed, body: &str) -> Result<()> {
    if body.contains(|sign: char| sign.is_control() && !matches!(sign, '\n' | '\t' | '\r')) {
        return Ok(refuse("text.control", "")?);
    }
    for name in template::names(body) {
        if !SHOP_WIDE.contains(&name) && !seed.vars.iter().any(|var| var == name) {
            let allowed = seed.vars.iter().cloned().chain(SHOP_WIDE.map(str::to_owned)).collect();
            Err(Refusal::TextPlaceholderUnknown { name: name.chars().take(40).collect(), allowed })?;
        }
    }
    if let Some((reason, what)) = template::fault(body) {
        return Ok(refuse(reason, &what)?);
    }
    let (longest, shortest) = (template::with_parts(body, |_| true), template::with_parts(body, never_empty));
    let read = match seed.kind {
        Kind::Text | Kind::Caption => as_html,
        // The answer to a pressed button may also be sent as a message to the chat, and then it is HTML.
        Kind::Alert => |words: &str| as_html(words).and(one_line(words)),
        Kind::Button | Kind::Command => one_line,
    };
    for part in template::parts(body) {
        read(&part)?;
    }
    let (longest, shortest) = (read(&longest)?, read(&shortest)?);
    let most = match seed.kind {
        Kind::Text => judge::MOST_TEXT,
        Kind::Caption => judge::MOST_CAPTION,
        Kind::Alert => judge::MOST_ALERT,
        Kind::Button => judge::MOST_BUTTON,
        Kind::Command => judge::MOST_COMMAND_BYTES,
    };
    let length = if seed.kind == Kind::Command { longest.len() } else { length_at_worst(&longest) };
    if length > most {
        return Ok(refuse("text.too_long", &format!("{length} > {most}"))?);
    }
    if !may_be_empty(&shortest) {
        return Ok(());
    }
    Ok(refuse(if may_be_empty(&longest) { "text.empty" } else { "text.may_be_empty" }, "")?)
}

/// Checks an admin's direct message, without placeholders. Returns its length in visible characters.
///
/// # Errors
/// `TEXT_HTML_INVALID` naming what is wrong.
pub fn message(html: &str) -> Result<usize> {
    let text = as_html(html)?;
    match judge::length(&text) {
        length if length > judge::MOST_TEXT => {
            Ok(refuse("text.too_long", &format!("{length} > {}", judge::MOST_TEXT))?)
        }
        _ if judge::is_blank(&text) => Ok(refuse("text.empty", "")?),
        length => Ok(length),
    }
}

/// The visible text of an HTML message.
fn as_html(words: &str) -> Result<String> {
    Ok(judge::read(words).map_err(refusal)?)
}

fn one_line(words: &str) -> Result<String> {
    Ok(if words.contains(char::is_control) { refuse("text.one_line", "")? } else { words.trim().to_owned() })
}

fn refusal(fault: Fault) -> Refusal {
    Refusal::TextHtmlInvalid { reason: fault.reason, what: fault.what }
}

fn refuse<T>(reason: &'static str, what: &str) -> std::result::Result<T, Refusal> {
    Err(refusal(Fault::new(reason, what)))
}

/// The text's length in characters when every placeholder's value has its maximum length.
fn length_at_worst(text: &str) -> usize {
    let values: usize = template::names(text).map(longest).sum();
    judge::length(&filled(text, |_| "")) + values
}

/// Whether the visible text is empty when the value of every optional placeholder is empty.
fn may_be_empty(text: &str) -> bool {
    judge::is_blank(&filled(text, |name| if never_empty(name) { "x" } else { "" }))
}

fn never_empty(name: &str) -> bool {
    NEVER_EMPTY.contains(&name)
}

fn filled(text: &str, value: impl Fn(&str) -> &'static str) -> String {
    let piece = |piece| match piece {
        template::Piece::Words(words) => words,
        template::Piece::Value(name, _) => value(name),
        template::Piece::Open(_) | template::Piece::Close(_) => "",
    };
    template::pieces(text).map(piece).collect()
}

/// The most characters a placeholder's value may have.
fn longest(name: &str) -> usize {
    match name {
        "display_name" => 130,
        "first_name" => 64,
        "discount_title" | "support_contact" => 128,
        "channel_link" => 256,
        "shop_name" | "before" | "after" | "actor" | "setting" => 64,
        _ => 34,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::language::Language;

    fn reason(kind: Kind, body: &str) -> Option<&'static str> {
        let vars = ["first_name".to_owned(), "detail".to_owned()].into();
        let seed = Seed { title: String::new(), body: String::new(), vars, kind };
        match check(&seed, body) {
            Ok(()) => None,
            Err(Error::Refused(Refusal::TextHtmlInvalid { reason, .. })) => Some(reason),
            Err(Error::Refused(Refusal::TextPlaceholderUnknown { .. })) => Some("placeholder"),
            Err(error) => panic!("{error:?}"),
        }
    }

    #[test]
    fn every_seed_would_be_taken() {
        for language in Language::ALL {
            for (key, seed) in super::super::seeds(language) {
                check(seed, &seed.body).unwrap_or_else(|e| panic!("{key}: {e:?}"));
            }
        }
    }

    #[test]
    fn a_text_names_only_its_own_placeholders() {
        assert_eq!(reason(Kind::Text, "Привет, {{first_name}} из {{shop_name}}"), None);
        assert_eq!(reason(Kind::Text, "Код {{discount_code}}"), Some("placeholder"));
        assert_eq!(reason(Kind::Text, "{{#phone}}x{{/phone}}"), Some("placeholder"));
        assert_eq!(reason(Kind::Text, "Привет\n\tвсем"), None);
        assert_eq!(reason(Kind::Text, "При\u{0}вет"), Some("text.control"));
    }

    #[test]
    fn lengths_are_characters_and_values_count_at_their_longest() {
        for (kind, most) in [(Kind::Text, 4096), (Kind::Caption, 1024), (Kind::Alert, 200), (Kind::Button, 64)] {
            assert_eq!(reason(kind, &"😀".repeat(most)), None, "{kind:?}");
            assert_eq!(reason(kind, &"😀".repeat(most + 1)), Some("text.too_long"), "{kind:?}");
        }
        assert_eq!(reason(Kind::Caption, &format!("{}{{{{first_name}}}}", "я".repeat(960))), None);
        assert_eq!(reason(Kind::Caption, &format!("{}{{{{first_name}}}}", "я".repeat(961))), Some("text.too_long"));
        let in_a_tag = format!("{}<a href=\"{{{{channel_link}}}}\">x</a>", "я".repeat(1023));
        assert_eq!(reason(Kind::Caption, &in_a_tag), None);
    }

    #[test]
    fn a_text_that_could_be_empty_to_telegram_is_refused() {
        for empty in ["", "  ", "\u{200b}", "\u{2800}", "<b> </b>", "&#32;", "<i></i>\n"] {
            assert_eq!(reason(Kind::Text, empty), Some("text.empty"), "{empty:?}");
        }
        for perhaps in
            ["{{support_contact}}", " <b>{{channel_link}}</b>", "{{detail}}", "{{support_contact}}{{detail}}"]
        {
            assert_eq!(reason(Kind::Text, perhaps), Some("text.empty"), "{perhaps}");
        }
        let part = "{{#support_contact}}Вопросы: {{support_contact}}{{/support_contact}}";
        assert_eq!(reason(Kind::Text, part), Some("text.may_be_empty"));
        assert_eq!(reason(Kind::Text, &format!("Ждём вас! {part}")), None);
        for filled in ["{{first_name}}", "{{shop_name}}", "{{support_contact}}."] {
            assert_eq!(reason(Kind::Text, filled), None, "{filled}");
        }
        assert_eq!(reason(Kind::Button, "\u{2800}"), Some("text.empty"));
    }

    #[test]
    fn a_part_is_whole_html_of_its_own() {
        for (body, expected) in [
            ("Ждём.{{#support_contact}} <b>{{support_contact}}</b>{{/support_contact}}", None),
            ("Ждём <b>{{#support_contact}}x</b>{{/support_contact}}", Some("text.tag_unmatched")),
            ("Ждём{{#support_contact}}<b>x{{/support_contact}}</b>", Some("text.tag_unclosed")),
            ("Ждём{{#support_contact}}", Some("text.part_open")),
            (
                "Ждём{{#support_contact}}x{{#channel_link}}y{{/channel_link}}{{/support_contact}}",
                Some("text.part_nested"),
            ),
        ] {
            assert_eq!(reason(Kind::Text, body), expected, "{body}");
        }
    }
}
