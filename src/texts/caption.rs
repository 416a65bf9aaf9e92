//! Which button a person means by a message: the caption of a menu's button arrives as text. Phones keep a menu until
//! the bot sends another one, so captions of before are understood as well.

use super::seeds;
use crate::db::View;
use crate::error::Result;
use crate::language::Language;

const FIND: &str = "SELECT body, previous FROM message_templates WHERE key = :key";

/// The first of `keys` whose caption is `said`, in upper or lower case: by the present captions, else by the shop's own
/// ones that the last change replaced, and by those that the program ships in any language.
pub fn key_of<'k>(view: &View<'_>, keys: &[&'k str], said: &str) -> Result<Option<&'k str>> {
    let said = said.trim().to_lowercase();
    if said.is_empty() {
        return Ok(None);
    }
    let is_said = |caption: &str| caption.to_lowercase() == said;
    let mut before = None;
    for key in keys {
        let stored: Option<(String, Option<String>)> =
            view.find(FIND, &[(":key", key)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (now, previous) = stored.unwrap_or_default();
        if is_said(&now) {
            return Ok(Some(key));
        }
        let shipped = Language::ALL.into_iter().filter_map(|language| seeds(language).get(*key));
        let mut of_before = shipped.map(|seed| seed.body.as_str()).chain(previous.as_deref());
        if before.is_none() && of_before.any(is_said) {
            before = Some(*key);
        }
    }
    Ok(before)
}
