//! The names of the segments that a new shop begins with, in the language of the bots.

use rusqlite::named_params;

use super::store::norm;
use crate::db::Tx;
use crate::error::Result;
use crate::language::Language;

/// The keys of the names in the catalogue, below `seeded.segment`.
const PRESETS: [&str; 10] = [
    "everybody",
    "subscribers",
    "not_subscribed",
    "no_discounts",
    "with_discounts",
    "men",
    "women",
    "from_18_to_34",
    "from_35",
    "vip",
];

// A name that another segment has is not taken from it.
const RENAME: &str = "UPDATE segments SET name = :after, name_norm = :norm, updated_at = :now
    WHERE is_preset = 1 AND name = :before
      AND NOT EXISTS (SELECT 1 FROM segments other WHERE other.name_norm = :norm AND other.id <> segments.id)";

/// Gives the segments that a shop begins with their names in `language`, if they still have those of another language.
/// Returns how many were renamed.
pub fn translate_names(tx: &Tx<'_>, language: Language) -> Result<usize> {
    let mut renamed = 0;
    for preset in PRESETS {
        let name = |language: Language| language.text(&format!("seeded.segment.{preset}"), &[]);
        let after = name(language);
        for before in Language::ALL.map(name).into_iter().filter(|before| *before != after) {
            let params = named_params! { ":before": before, ":after": after, ":norm": norm(&after), ":now": tx.now() };
            renamed += tx.change(RENAME, params)?;
        }
    }
    Ok(renamed)
}
