//! The texts of the bots. Every sentence is a row of `message_templates`, seeded in the shop's language (`seed`); the
//! shop may change it. `{{placeholders}}` are replaced by HTML-escaped values, so that a name cannot break a message.

mod caption;
pub mod check;
mod seed;
mod template;
mod transfer;

use std::borrow::Cow;

use crate::actor::Actor;
use crate::audit;
use crate::db::{Tx, View};
use crate::error::{Refusal, Result};
use crate::telegram::client::Keyboard;
use crate::{settings, shop};
pub use caption::key_of;
pub use seed::{Kind, SHOP_WIDE, Seed, exists, kind, placeholders, seeds};
use template::Piece;
pub use transfer::{Bodies, FaultyFile, Imported, TextFault, bodies, import, read, to_toml};

const FIND: &str = "SELECT body FROM message_templates WHERE key = :key";
const IS_CUSTOM: &str = "SELECT is_custom FROM message_templates WHERE key = :key";
// `previous` keeps the shop's own words that a change replaces: phones still show them on buttons.
const PUT: &str = "INSERT INTO message_templates (key, body, is_custom, updated_at) VALUES (:key, :body, :custom, :at)
     ON CONFLICT (key) DO UPDATE SET previous = iif(is_custom = 1 AND body <> excluded.body, body, previous),
        body = excluded.body, is_custom = excluded.is_custom, updated_at = excluded.updated_at";
const SEED: &str = "INSERT INTO message_templates (key, body, updated_at) VALUES (:key, :body, :at)
     ON CONFLICT (key) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at
     WHERE is_custom = 0 AND body <> excluded.body";

/// Writes the shipped body, in the shop's language, of every text that the shop has not changed. Called after
/// migrations and after a change of the language.
pub fn seed(tx: &Tx<'_>) -> Result<()> {
    for (key, text) in seeds(shop::language(tx)?) {
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
    /// The body that the program ships in the shop's language.
    pub default: &'static str,
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
    seed::common().keys().map(|key| get(view, key)).collect()
}

/// The text with this key.
///
/// # Errors
/// `TEXT_NOT_FOUND` with the existing keys.
pub fn get(view: &View<'_>, key: &str) -> Result<StoredText> {
    let seeds = seeds(shop::language(view)?);
    let (key, seed) = seeds.get_key_value(key).ok_or_else(|| not_found(key))?;
    let custom: Option<bool> = view.find(IS_CUSTOM, &[(":key", key)], |row| row.get(0))?;
    let (body, is_custom) = (body(view, key)?, custom.unwrap_or(false));
    Ok(StoredText { key, title: &seed.title, body, default: &seed.body, is_custom })
}

/// The SQL of the text `nameless`, the display name of a person without a name, for the rows that show people.
macro_rules! nameless {
    () => {
        "(SELECT body FROM message_templates WHERE key = 'nameless')"
    };
}
pub(crate) use nameless;

/// Checks whether `words` may be saved as the body of the text `key`.
///
/// # Errors
/// `TEXT_NOT_FOUND`, `TEXT_PLACEHOLDER_UNKNOWN`, `TEXT_HTML_INVALID`.
pub fn check_body(key: &str, words: &str) -> Result<()> {
    check::check(seed::common().get(key).ok_or_else(|| not_found(key))?, words)
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
    let known = seed::common().keys().map(String::as_str).collect();
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
    let shipped = before.default;
    put(tx, before, shipped, false, by)
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
    let vars = seed::common().get(key).map(|seed| seed.vars.as_slice()).unwrap_or_default();
    let values: Vec<(&str, String)> =
        vars.iter().map(|var| Ok((var.as_str(), example(view, var)?))).collect::<Result<_>>()?;
    let values: Vec<Placeholder<'_>> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fill(view, words, &values)
}

fn example(view: &View<'_>, var: &str) -> Result<String> {
    let language = shop::language(view)?;
    Ok(match var {
        "first_name" | "display_name" | "username" | "discount_code" | "discount_title" => {
            language.text(&format!("seeded.example.{var}"), &[])
        }
        "discount_value" => "10\u{a0}%".into(),
        "time" | "until" => "14:05".into(),
        "discount_expires_at" | "next_date" | "date" => language.date(view.zone().day(view.now())),
        _ => "…".into(),
    })
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
        Some((_, "")) if name == "first_name" => Ok(settings::FIRST_NAME_FALLBACK.text_or_default(view)?.into()),
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
    if let Some(stored) = stored {
        return Ok(stored);
    }
    let seed = seeds(shop::language(view)?).get(key);
    Ok(seed.map_or_else(|| key.to_owned(), |seed| seed.body.clone()))
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
