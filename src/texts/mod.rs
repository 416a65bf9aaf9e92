//! The texts of the bots. Every sentence is a row of `message_templates`, seeded from `seed.toml`; the shop may change
//! it. `{{placeholders}}` are replaced by HTML-escaped values, so that a name cannot break a message.

pub mod check;
mod template;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::actor::Actor;
use crate::audit;
use crate::db::{Tx, View};
use crate::error::{Refusal, Result};
use crate::ids::words;
use crate::language::Language;
use crate::telegram::client::Keyboard;
use crate::{settings, shop};
use template::Piece;

const FIND: &str = "SELECT body FROM message_templates WHERE key = :key";
const IS_CUSTOM: &str = "SELECT is_custom FROM message_templates WHERE key = :key";
const PUT: &str = "INSERT INTO message_templates (key, body, is_custom, updated_at) VALUES (:key, :body, :custom, :at)
     ON CONFLICT (key) DO UPDATE SET body = excluded.body, is_custom = excluded.is_custom, updated_at = excluded.updated_at";
const SEED: &str = "INSERT INTO message_templates (key, body, updated_at) VALUES (:key, :body, :at)
     ON CONFLICT (key) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at
     WHERE is_custom = 0 AND body <> excluded.body";

/// A text as the program ships it: an entry of `seed.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// The text's title in lists.
    pub title: String,
    /// The text's body: Telegram HTML with placeholders.
    pub body: String,
    /// The placeholders that the text may use besides the shop-wide ones.
    pub vars: Vec<String>,
    /// Where Telegram shows the text.
    #[serde(default)]
    pub kind: Kind,
}

words!(
    /// The kind of a text; Telegram's limits depend on it.
    #[derive(Default)]
    Kind as TextKind {
        /// A message: HTML, 4096 characters.
        #[default]
        Text = "text",
        /// The caption of a picture: HTML, 1024 characters.
        Caption = "caption",
        /// The answer to a pressed button: plain text, 200 characters.
        Alert = "alert",
        /// The caption of a button, or the text that a person may enter instead: plain text, 64 characters.
        Button = "button",
        /// The description of a command: plain text, 256 bytes.
        Command = "command",
    }
);

/// The language of the seeded texts and of what the program inserts into them.
pub const LANGUAGE: Language = Language::Ru;

/// The display name of a person without a name.
pub const NAMELESS: &str = "Без имени";

/// Placeholders that every text may use.
pub const SHOP_WIDE: [&str; 3] = ["shop_name", "support_contact", "channel_link"];

/// Every seeded text by key.
#[must_use]
pub fn seeds() -> &'static BTreeMap<String, Seed> {
    static SEEDS: OnceLock<BTreeMap<String, Seed>> = OnceLock::new();
    // The file is compiled in and a test parses it, so the fallback is never taken.
    SEEDS.get_or_init(|| toml::from_str(include_str!("seed.toml")).unwrap_or_default())
}

/// Writes the body of every text of `seed.toml` that the shop has not changed. Called after migrations.
pub fn seed(tx: &Tx<'_>) -> Result<()> {
    for (key, text) in seeds() {
        let at = tx.now();
        tx.change(SEED, rusqlite::named_params! { ":key": key, ":body": text.body, ":at": at })?;
    }
    Ok(())
}

/// A text as stored now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredText {
    /// The text's key.
    pub key: &'static str,
    /// The text's title in lists.
    pub title: &'static str,
    /// The text's present body.
    pub body: String,
    /// Whether the shop has changed the text; then a new version of the program does not change it.
    pub is_custom: bool,
}

/// A text before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextChange {
    /// The text before the change.
    pub before: StoredText,
    /// The text after the change.
    pub after: StoredText,
}

/// Every text, in alphabetical order of keys.
pub fn list(view: &View<'_>) -> Result<Vec<StoredText>> {
    seeds().keys().map(|key| get(view, key)).collect()
}

/// The text with this key.
///
/// # Errors
/// `TEXT_NOT_FOUND` with the existing keys.
pub fn get(view: &View<'_>, key: &str) -> Result<StoredText> {
    let (key, seed) = seeds().get_key_value(key).ok_or_else(|| not_found(key))?;
    let custom: Option<bool> = view.find(IS_CUSTOM, &[(":key", key)], |row| row.get(0))?;
    Ok(StoredText { key, title: &seed.title, body: body(view, key)?, is_custom: custom.unwrap_or(false) })
}

/// The placeholders that the text `key` may use, shop-wide ones last; none for an unknown key.
#[must_use]
pub fn placeholders(key: &str) -> Vec<&'static str> {
    let own = seeds().get(key).map(|seed| seed.vars.iter().map(String::as_str).chain(SHOP_WIDE).collect());
    own.unwrap_or_default()
}

/// Where Telegram shows the text `key`; [`Kind::Text`] for an unknown key.
#[must_use]
pub fn kind(key: &str) -> Kind {
    seeds().get(key).map(|seed| seed.kind).unwrap_or_default()
}

/// The seeded body of the text `key`; empty for an unknown key.
#[must_use]
pub fn shipped(key: &str) -> &'static str {
    seeds().get(key).map(|seed| seed.body.as_str()).unwrap_or_default()
}

/// Checks whether `words` may be saved as the body of the text `key`.
///
/// # Errors
/// `TEXT_NOT_FOUND`, `TEXT_PLACEHOLDER_UNKNOWN`, `TEXT_HTML_INVALID`.
pub fn check_body(key: &str, words: &str) -> Result<()> {
    check::check(seeds().get(key).ok_or_else(|| not_found(key))?, words)
}

/// The shop-wide placeholders that the body `words` uses and whose values are empty at present: readers would see a gap
/// in the text.
pub fn gaps(view: &View<'_>, words: &str) -> Result<Vec<&'static str>> {
    let mut gaps = Vec::new();
    for name in SHOP_WIDE.into_iter().filter(|name| template::needs(words, name)) {
        if shop_wide(view, name)?.is_empty() {
            gaps.push(name);
        }
    }
    Ok(gaps)
}

fn not_found(key: &str) -> Refusal {
    let known = seeds().keys().map(String::as_str).collect();
    Refusal::TextNotFound { key: key.chars().take(64).collect(), known }
}

/// Changes a text's body, after the checks of [`check_body`]; audited. Saving the present body again changes nothing.
///
/// # Errors
/// `TEXT_NOT_FOUND`, `TEXT_PLACEHOLDER_UNKNOWN`, `TEXT_HTML_INVALID`.
pub fn edit(tx: &Tx<'_>, key: &str, words: &str, by: &Actor) -> Result<TextChange> {
    let before = get(tx, key)?;
    let words = words.trim_end();
    check_body(key, words)?;
    put(tx, before, words, true, by)
}

/// Restores the seeded body of a text. Audited.
///
/// # Errors
/// `TEXT_NOT_FOUND`.
pub fn reset(tx: &Tx<'_>, key: &str, by: &Actor) -> Result<TextChange> {
    let before = get(tx, key)?;
    put(tx, before, shipped(key), false, by)
}

fn put(tx: &Tx<'_>, before: StoredText, words: &str, custom: bool, by: &Actor) -> Result<TextChange> {
    if before.body == words && before.is_custom == custom {
        return Ok(TextChange { after: before.clone(), before });
    }
    let params = rusqlite::named_params! { ":key": before.key, ":body": words, ":custom": custom, ":at": tx.now() };
    tx.change(PUT, params)?;
    let change = TextChange { after: get(tx, before.key)?, before };
    audit::record(
        tx,
        &audit::Entry {
            actor: by,
            action: if custom { "update_text" } else { "reset_text" },
            entity: "text",
            entity_id: change.after.key.to_owned(),
            before: serde_json::json!({ "body": change.before.body }),
            after: serde_json::json!({ "body": change.after.body }),
        },
    )?;
    Ok(change)
}

/// The text `key` with example values, as HTML.
///
/// # Errors
/// `TEXT_NOT_FOUND`.
pub fn preview(view: &View<'_>, key: &str) -> Result<String> {
    let stored = get(view, key)?;
    filled(view, key, &stored.body)
}

/// The body `words` with example values, as HTML, as if it were saved as the text `key`.
///
/// # Errors
/// `TEXT_NOT_FOUND`, `TEXT_PLACEHOLDER_UNKNOWN`, `TEXT_HTML_INVALID`.
pub fn preview_of(view: &View<'_>, key: &str, words: &str) -> Result<String> {
    check_body(key, words.trim_end())?;
    filled(view, key, words.trim_end())
}

fn filled(view: &View<'_>, key: &str, words: &str) -> Result<String> {
    let seed = seeds().get(key);
    let vars = seed.map(|seed| seed.vars.as_slice()).unwrap_or_default();
    let values: Vec<(&str, String)> = vars.iter().map(|var| (var.as_str(), example(view, var))).collect();
    let values: Vec<Placeholder<'_>> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fill(view, words, &values)
}

fn example(view: &View<'_>, var: &str) -> String {
    let day = crate::clock::human_date(view.zone().day(view.now()));
    match var {
        "first_name" => "Маша".into(),
        "display_name" => "Маша К.".into(),
        "username" => "@masha_k".into(),
        "discount_code" => "АБВ1234".into(),
        "discount_value" => "10\u{a0}%".into(),
        "discount_title" => "Скидка 10\u{a0}%".into(),
        "time" | "until" => "14:05".into(),
        "discount_expires_at" | "next_date" | "date" => day,
        _ => "…".into(),
    }
}

/// A placeholder with its value, unescaped.
pub type Placeholder<'a> = (&'a str, &'a str);

/// The text `key` as Telegram HTML, with `values` and the shop-wide values filled in. A placeholder without a value
/// becomes empty; saving a text refuses unknown placeholders.
pub fn render(view: &View<'_>, key: &str, values: &[Placeholder<'_>]) -> Result<String> {
    fill(view, &body(view, key)?, values)
}

/// Fills in values as [`render`] does, for a body that is not one of the shop's texts, such as a broadcast's.
pub fn fill(view: &View<'_>, body: &str, values: &[Placeholder<'_>]) -> Result<String> {
    let (mut out, mut hidden) = (String::with_capacity(body.len() + 64), false);
    for piece in template::pieces(body) {
        match piece {
            Piece::Open(name) => hidden = value(view, name, values)?.is_empty(),
            Piece::Close(_) => hidden = false,
            Piece::Words(words) if !hidden => out.push_str(words),
            Piece::Value(name, _) if !hidden => escape_into(&mut out, &value(view, name, values)?),
            Piece::Words(_) | Piece::Value(..) => {}
        }
    }
    Ok(out)
}

/// The value of the placeholder `{{name}}`: from `values`, else the shop-wide value. For a customer without a name,
/// `{{first_name}}` is the setting `first_name_fallback`.
fn value<'a>(view: &View<'_>, name: &str, values: &[Placeholder<'a>]) -> Result<Cow<'a, str>> {
    match values.iter().find(|(known, _)| *known == name) {
        Some((_, given)) if name == "first_name" && (given.is_empty() || *given == NAMELESS) => {
            Ok(settings::FIRST_NAME_FALLBACK.text_or_default(view)?.into())
        }
        Some((_, given)) => Ok(isolated(given)),
        None => Ok(shop_wide(view, name)?.into()),
    }
}

/// A text without placeholders, such as a button's caption, unescaped.
pub fn caption(view: &View<'_>, key: &str) -> Result<String> {
    body(view, key)
}

/// The keyboard of the customers' main menu.
pub fn customer_menu(view: &View<'_>) -> Result<Keyboard> {
    let mut rows = vec![vec![caption(view, "button.my_discounts")?, caption(view, "button.check_subscription")?]];
    let mut second = vec![caption(view, "button.birthday")?];
    if settings::channel_link(view)?.is_some() {
        second.push(caption(view, "button.channel")?);
    }
    rows.push(second);
    rows.push(vec![caption(view, "button.help")?]);
    Ok(Keyboard::Reply(rows))
}

fn body(view: &View<'_>, key: &str) -> Result<String> {
    let stored: Option<String> = view.find(FIND, &[(":key", key)], |row| row.get(0))?;
    Ok(stored.or_else(|| seeds().get(key).map(|seed| seed.body.clone())).unwrap_or_else(|| key.to_owned()))
}

fn shop_wide(view: &View<'_>, name: &str) -> Result<String> {
    Ok(match name {
        "shop_name" => shop::name(view)?,
        "support_contact" => settings::SUPPORT_CONTACT.text(view)?,
        "channel_link" => settings::channel_link(view)?,
        _ => None,
    }
    .unwrap_or_default())
}

/// The names of the placeholders that `body` uses, in order, with repetitions.
pub fn named(body: &str) -> impl Iterator<Item = &str> {
    template::names(body)
}

/// Isolates a right-to-left `value`, or one with direction marks, from the text around it: removes the marks and wraps
/// right-to-left text in FSI (U+2068) and PDI (U+2069).
fn isolated(value: &str) -> Cow<'_, str> {
    let is_mark =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let runs_left = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    if !value.chars().any(|c| is_mark(c) || runs_left(c)) {
        return Cow::Borrowed(value);
    }
    let bare: String = value.chars().filter(|c| !is_mark(*c)).collect();
    if bare.chars().any(runs_left) { Cow::Owned(format!("\u{2068}{bare}\u{2069}")) } else { Cow::Owned(bare) }
}

/// Appends `value` escaped for Telegram's HTML.
pub fn escape_into(out: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_names_only_what_it_may() {
        let seeds: BTreeMap<String, Seed> = toml::from_str(include_str!("seed.toml")).unwrap();
        assert!(seeds.len() > 40);
        for (key, seed) in &seeds {
            for name in named(&seed.body) {
                let known = SHOP_WIDE.contains(&name) || seed.vars.iter().any(|var| var == name);
                assert!(known, "{key} names {name}");
            }
        }
    }

    #[test]
    fn a_name_cannot_turn_the_words_beside_it_around() {
        assert_eq!(isolated("Анна O'Neil"), "Анна O'Neil");
        assert_eq!(isolated("Анна\u{202e}кассир"), "Аннакассир");
        assert_eq!(isolated("\u{2067}Анна\u{2069}\u{202e}"), "Анна");
        assert_eq!(isolated("دانا"), "\u{2068}دانا\u{2069}");
        assert_eq!(isolated("דנה\u{2069}\u{202e}x"), "\u{2068}דנהx\u{2069}");
    }

    #[test]
    fn a_name_cannot_open_a_tag() {
        let mut out = String::new();
        escape_into(&mut out, r#"A<3 & "B">"#);
        assert_eq!(out, "A&lt;3 &amp; &quot;B&quot;&gt;");
    }
}
