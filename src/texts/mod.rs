//! Every sentence a bot says: a row of `message_templates`, seeded from `seed.toml`, editable by the shop.
//! `{{placeholders}}` are replaced by HTML-escaped values, so a name can never break a message.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::db::{Tx, View};
use crate::error::Result;
use crate::telegram::client::Keyboard;
use crate::{settings, shop};

const FIND: &str = "SELECT body FROM message_templates WHERE key = :key";
const SEED: &str = "INSERT INTO message_templates (key, body, updated_at) VALUES (:key, :body, :at)
     ON CONFLICT (key) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at
     WHERE is_custom = 0 AND body <> excluded.body";

/// A text as the product ships it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// What people call it.
    pub title: String,
    /// Telegram HTML with placeholders.
    pub body: String,
    /// The placeholders it may name besides the shop-wide ones.
    pub vars: Vec<String>,
}

/// What a person without any name is called.
pub const NAMELESS: &str = "Без имени";

/// Placeholders any text may name.
pub const SHOP_WIDE: [&str; 3] = ["shop_name", "support_contact", "channel_link"];

/// Every seeded text by key.
#[must_use]
pub fn seeds() -> &'static BTreeMap<String, Seed> {
    static SEEDS: OnceLock<BTreeMap<String, Seed>> = OnceLock::new();
    // The file is part of the binary; a test parses it, so the fallback is never taken in a build that passed.
    SEEDS.get_or_init(|| toml::from_str(include_str!("seed.toml")).unwrap_or_default())
}

/// Writes every seeded text that the shop has not changed. Called after migrating.
///
/// # Errors
/// Storage only.
pub fn seed(tx: &Tx<'_>) -> Result<()> {
    for (key, text) in seeds() {
        let at = tx.now();
        tx.change(SEED, rusqlite::named_params! { ":key": key, ":body": text.body, ":at": at })?;
    }
    Ok(())
}

/// A placeholder with its value, unescaped.
pub type Value<'a> = (&'a str, &'a str);

/// The text `key` as Telegram HTML, with `values` and the shop-wide values filled in.
///
/// # Errors
/// Storage only. A placeholder without a value becomes nothing: saving has refused unknown ones.
pub fn render(view: &View<'_>, key: &str, values: &[Value<'_>]) -> Result<String> {
    let body = body(view, key)?;
    let mut out = String::with_capacity(body.len() + 64);
    let mut rest = body.as_str();
    while let Some((before, name, after)) = next_placeholder(rest) {
        out.push_str(before);
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => escape_into(&mut out, value),
            None => escape_into(&mut out, &shop_wide(view, name)?),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// A text without placeholders, such as a button's caption, unescaped.
///
/// # Errors
/// Storage only.
pub fn caption(view: &View<'_>, key: &str) -> Result<String> {
    body(view, key)
}

/// The customers' main menu.
///
/// # Errors
/// Storage only.
pub fn customer_menu(view: &View<'_>) -> Result<Keyboard> {
    let mut rows = vec![vec![caption(view, "button.my_discounts")?, caption(view, "button.check_subscription")?]];
    let mut last = Vec::new();
    if settings::channel_link(view)?.is_some() {
        last.push(caption(view, "button.channel")?);
    }
    last.push(caption(view, "button.help")?);
    rows.push(last);
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

/// Splits at the first `{{name}}`: what stands before it, its name, what follows.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, after) = rest.split_once("}}")?;
    Some((before, name.trim(), after))
}

/// Appends `value` so that Telegram's HTML shows it as it is.
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
            let mut rest = seed.body.as_str();
            while let Some((_, name, after)) = next_placeholder(rest) {
                let known = SHOP_WIDE.contains(&name) || seed.vars.iter().any(|var| var == name);
                assert!(known, "{key} names {name}");
                rest = after;
            }
        }
    }

    #[test]
    fn a_name_cannot_open_a_tag() {
        let mut out = String::new();
        escape_into(&mut out, r#"A<3 & "B">"#);
        assert_eq!(out, "A&lt;3 &amp; &quot;B&quot;&gt;");
    }
}
