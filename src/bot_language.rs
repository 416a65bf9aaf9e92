//! The language of the bots: chosen once when the shop is made, changed by an owner. It decides the texts that the shop
//! has not changed, and the titles of templates and names of segments that a new shop begins with.

use serde_json::json;

use crate::audit;
use crate::db::{Tx, View};
use crate::discount::template;
use crate::error::Result;
use crate::language::Language;
use crate::staff::Owner;
use crate::{segment, shop, texts};

/// A change of the language of the bots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LanguageChange {
    /// The language before the change.
    pub before: Language,
    /// The language after the change.
    pub after: Language,
    /// How many texts have the shipped words of the new language.
    pub replaced: usize,
    /// How many texts have the shop's own words, which stay.
    pub custom: usize,
    /// How many templates got their title of the new language: those whose title the shop has not changed.
    pub templates: usize,
    /// How many segments got their name of the new language, likewise.
    pub segments: usize,
}

/// Chooses the language of the bots of a new shop. Changes nothing in a shop that has a language.
pub fn choose(tx: &Tx<'_>, language: Language) -> Result<()> {
    if !shop::has_language(tx)? {
        translate(tx, language)?;
    }
    Ok(())
}

/// Changes the language of the bots, audited. A shop that has this language already is not changed.
pub fn change(tx: &Tx<'_>, language: Language, by: &Owner) -> Result<LanguageChange> {
    let before = shop::language(tx)?;
    let (templates, segments) = if before == language { (0, 0) } else { translate(tx, language)? };
    let (replaced, custom) = counts(tx)?;
    let change = LanguageChange { before, after: language, replaced, custom, templates, segments };
    if before != language {
        record(tx, &change, by)?;
    }
    Ok(change)
}

/// Stores the language, and writes everything of this shop that is still in the words that the program ships. Returns
/// how many templates and segments were renamed.
fn translate(tx: &Tx<'_>, language: Language) -> Result<(usize, usize)> {
    shop::set_language(tx, language)?;
    texts::seed(tx)?;
    Ok((template::translate_titles(tx, language)?, segment::translate_names(tx, language)?))
}

/// How many texts have the shipped words, and how many the shop's own.
fn counts(view: &View<'_>) -> Result<(usize, usize)> {
    let all = texts::list(view)?;
    let custom = all.iter().filter(|text| text.is_custom).count();
    Ok((all.len() - custom, custom))
}

fn record(tx: &Tx<'_>, change: &LanguageChange, by: &Owner) -> Result<()> {
    let after = json!({
        "language": change.after.code(), "replaced": change.replaced, "custom": change.custom,
        "templates": change.templates, "segments": change.segments,
    });
    audit::record(
        tx,
        &audit::Entry {
            actor: by.actor(),
            action: "change_language",
            entity: "text",
            entity_id: String::new(),
            before: json!({ "language": change.before.code() }),
            after,
        },
    )
}
