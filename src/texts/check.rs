//! Whether Telegram would take a text, found out before it is saved: its HTML, its length at worst, the placeholders it
//! names. This is the product's own reader; the built-in Telegram judges with another one.

use super::{Kind, SHOP_WIDE, Seed, next_placeholder};
use crate::error::{Refusal, Result};

const MOST_TEXT: usize = 4096;
const MOST_CAPTION: usize = 1024;
const MOST_ALERT: usize = 200;
const MOST_BUTTON: usize = 64;
/// Telegram counts a command's description in bytes.
const MOST_COMMAND_BYTES: usize = 256;
const DEEPEST: usize = 16;

const PLAIN_TAGS: [&str; 14] =
    ["b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "tg-spoiler", "blockquote", "a"];

/// Checks a body for the text `seed` belongs to.
///
/// # Errors
/// `TEXT_PLACEHOLDER_UNKNOWN` naming the placeholder; `TEXT_HTML_INVALID` naming what is wrong.
pub fn check(seed: &Seed, body: &str) -> Result<()> {
    if body.contains(|sign: char| sign.is_control() && !matches!(sign, '\n' | '\t' | '\r')) {
        return Ok(refuse("text.control", "")?);
    }
    let mut worst = 0;
    let mut rest = body;
    while let Some((_, name, after)) = next_placeholder(rest) {
        if !SHOP_WIDE.contains(&name) && !seed.vars.iter().any(|var| var == name) {
            let allowed = seed.vars.iter().cloned().chain(SHOP_WIDE.map(str::to_owned)).collect();
            Err(Refusal::TextPlaceholderUnknown { name: name.chars().take(40).collect(), allowed })?;
        }
        worst += longest(name);
        rest = after;
    }
    let visible = match seed.kind {
        Kind::Text | Kind::Caption => visible_length(&without_placeholders(body))?,
        // An alert may also stand in the chat, where it is HTML.
        Kind::Alert => visible_length(&without_placeholders(body)).and(plain_length(body))?,
        Kind::Button | Kind::Command => plain_length(body)?,
    };
    let most = match seed.kind {
        Kind::Text => MOST_TEXT,
        Kind::Caption => MOST_CAPTION,
        Kind::Alert => MOST_ALERT,
        Kind::Button => MOST_BUTTON,
        Kind::Command => MOST_COMMAND_BYTES,
    };
    let length = if seed.kind == Kind::Command { body.len() } else { visible + worst };
    match length {
        0 => Ok(refuse("text.empty", "")?),
        long if long > most => Ok(refuse("text.too_long", &format!("{long} > {most}"))?),
        _ => Ok(()),
    }
}

/// What a placeholder's value may take at most, in UTF-16 units.
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

fn without_placeholders(body: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(body.len()), body);
    while let Some((before, _, after)) = next_placeholder(rest) {
        out.push_str(before);
        rest = after;
    }
    out + rest
}

fn refuse<T>(reason: &'static str, what: &str) -> std::result::Result<T, Refusal> {
    Err(Refusal::TextHtmlInvalid { reason, what: what.chars().take(60).collect() })
}

fn plain_length(body: &str) -> Result<usize> {
    let one_line = !body.contains(char::is_control);
    Ok(if one_line { body.trim().encode_utf16().count() } else { refuse("text.one_line", "")? })
}

/// The length of Telegram HTML as people see it, in UTF-16 units (what Telegram counts).
///
/// # Errors
/// `TEXT_HTML_INVALID` naming the tag.
pub fn visible_length(html: &str) -> Result<usize> {
    let (mut open, mut length, mut rest) = (Vec::new(), 0, html);
    loop {
        let (text, tag) = match rest.split_once('<') {
            None => (rest, None),
            Some((text, after)) => match after.split_once('>') {
                None => return Ok(refuse("text.tag_open", &format!("<{after}"))?),
                Some((tag, after)) => (text, Some((tag, after))),
            },
        };
        length += text_length(text);
        let Some((tag, after)) = tag else { break };
        step(&mut open, tag)?;
        rest = after;
    }
    match open.pop() {
        None => Ok(length),
        Some(unclosed) => Ok(refuse("text.tag_unclosed", &format!("<{unclosed}>"))?),
    }
}

/// Opens or closes one tag.
fn step(open: &mut Vec<String>, tag: &str) -> Result<()> {
    if let Some(closing) = tag.strip_prefix('/') {
        let closing = closing.trim().to_lowercase();
        return match open.pop() {
            Some(last) if last == closing => Ok(()),
            _ => Ok(refuse("text.tag_unmatched", &format!("</{closing}>"))?),
        };
    }
    let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let name = name.to_lowercase();
    let attributes = attributes.trim();
    let fits = match name.as_str() {
        "a" => quoted(attributes, "href").is_some_and(|link| !link.is_empty()),
        "span" => quoted(attributes, "class") == Some("tg-spoiler"),
        "tg-emoji" => quoted(attributes, "emoji-id").is_some_and(|id| id.bytes().all(|b| b.is_ascii_digit())),
        "code" => attributes.is_empty() || quoted(attributes, "class").is_some_and(|c| c.starts_with("language-")),
        "blockquote" => matches!(attributes, "" | "expandable"),
        other => attributes.is_empty() && PLAIN_TAGS.contains(&other),
    };
    if !fits {
        return Ok(refuse("text.tag_unknown", &format!("<{tag}>"))?);
    }
    if open.len() >= DEEPEST {
        return Ok(refuse("text.tag_depth", &format!("<{tag}>"))?);
    }
    open.push(name);
    Ok(())
}

/// The value of the one attribute `name="…"`.
fn quoted<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let rest = attributes.strip_prefix(name)?.trim_start().strip_prefix('=')?.trim_start();
    let value = rest.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
    value.or_else(|| rest.strip_prefix('\'').and_then(|v| v.strip_suffix('\''))).filter(|v| !v.contains(['"', '\'']))
}

/// Named entities Telegram knows, and numeric ones, count as the character they stand for; others stand as they are.
fn text_length(text: &str) -> usize {
    let (mut length, mut rest) = (0, text);
    while let Some((before, after)) = rest.split_once('&') {
        let entity = after.split_once(';').and_then(|(name, after)| Some((entity_length(name)?, after)));
        let (own, after) = entity.unwrap_or((1, after));
        length += before.encode_utf16().count() + own;
        rest = after;
    }
    length + rest.encode_utf16().count()
}

fn entity_length(name: &str) -> Option<usize> {
    let Some(number) = name.strip_prefix('#') else {
        return matches!(name, "lt" | "gt" | "amp" | "quot").then_some(1);
    };
    let (digits, radix) = number.strip_prefix(['x', 'X']).map_or((number, 10), |hex| (hex, 16));
    u32::from_str_radix(digits, radix).ok().and_then(char::from_u32).filter(|c| *c != '\0').map(char::len_utf16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_see_is_counted() {
        for (html, length) in [
            ("привет", 6),
            ("<b>привет</b>", 6),
            ("a &lt; b &amp; c &#128512;", 12),
            ("🎉", 2),
            ("<a href=\"https://example.org\">тут</a>", 3),
            ("<pre><code class=\"language-rust\">x</code></pre>", 1),
            ("<tg-spoiler>да</tg-spoiler> &nbsp;", 9),
            ("R&D", 3),
        ] {
            assert_eq!(visible_length(html).unwrap(), length, "{html}");
        }
    }

    #[test]
    fn what_telegram_would_refuse_is_refused() {
        for html in [
            "<b>",
            "</b>",
            "<b><i></b></i>",
            "<div>x</div>",
            "a < b",
            "<a>x</a>",
            "<span>x</span>",
            "<b",
            "<b x=\"1\">y</b>",
        ] {
            assert!(visible_length(html).is_err(), "{html}");
        }
    }

    #[test]
    fn every_seed_would_be_taken() {
        for (key, seed) in super::super::seeds() {
            check(seed, &seed.body).unwrap_or_else(|e| panic!("{key}: {e:?}"));
        }
    }

    #[test]
    fn a_text_names_only_its_own_placeholders() {
        let seed = &super::super::seeds()["welcome"];
        assert!(check(seed, "Привет, {{first_name}} из {{shop_name}}").is_ok());
        assert!(check(seed, "Код {{discount_code}}").is_err());
        assert!(check(seed, &"я".repeat(4097)).is_err());
        assert!(check(seed, "").is_err());
        assert!(check(seed, "Привет\n\tвсем").is_ok() && check(seed, "При\u{0}вет").is_err());
    }
}
