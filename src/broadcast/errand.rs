//! What is wished of delivered messages: taking them back, mending their words. Both are harmless when done twice, so a
//! mark on the row is all they need. The calls are `jobs::errands`.

use rusqlite::named_params;

use super::ledger::Claimed;
use super::model::Media;
use super::{content, store};
use crate::clock::Millis;
use crate::db::{Tx, View};
use crate::discount;
use crate::error::Result;
use crate::ids::DiscountId;
use crate::realm::Realm;
use crate::telegram::client::Content;
use crate::user;

/// A delivered message an admin wants gone or mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    /// Whose.
    pub claimed: Claimed,
    /// The call that does it; doing it twice is harmless.
    pub content: Content,
}

const ERRANDS: &str = "SELECT d.broadcast_id, d.user_id, d.wish, d.message_id, d.discount_id, u.telegram_id
    FROM deliveries d INDEXED BY deliveries_wished JOIN users u ON u.id = d.user_id
    WHERE d.wish IS NOT NULL AND d.broadcast_id IN (SELECT id FROM broadcasts WHERE is_test = :realm) AND u.telegram_id > 0
    ORDER BY d.broadcast_id, d.user_id LIMIT :most";
const ERRAND_DONE: &str = "UPDATE deliveries SET wish = NULL,
        recalled_ms = CASE WHEN wish = 'recall' AND :done THEN :now ELSE recalled_ms END,
        corrected_ms = CASE WHEN wish = 'correct' AND :done THEN :now ELSE corrected_ms END,
        error = coalesce(:error, error) WHERE broadcast_id = :id AND user_id = :user AND wish IS NOT NULL";

/// What is wished of delivered messages, at most `most`.
///
/// # Errors
/// Storage only.
pub fn errands(view: &View<'_>, realm: Realm, most: i64) -> Result<Vec<Errand>> {
    let rows = view.list(ERRANDS, named_params! { ":realm": realm, ":most": most }, |row| {
        let claimed = Claimed { broadcast: row.get(0)?, user: row.get(1)?, chat: row.get(5)?, attempt: 1 };
        Ok((claimed, row.get::<_, String>(2)?, row.get::<_, i64>(3)?, row.get::<_, Option<DiscountId>>(4)?))
    })?;
    let mut errands = Vec::with_capacity(rows.len());
    for (claimed, wish, message_id, code) in rows {
        let content = if wish == "recall" {
            Content::Delete { message_id }
        } else {
            corrected(view, &claimed, message_id, code)?
        };
        errands.push(Errand { claimed, content });
    }
    Ok(errands)
}

fn corrected(view: &View<'_>, claimed: &Claimed, message_id: i64, code: Option<DiscountId>) -> Result<Content> {
    let broadcast = store::get(view, claimed.broadcast)?;
    let reader = user::get(view, claimed.user)?;
    let code = code.map(|id| discount::get(view, id)).transpose()?;
    let name = reader.display_name();
    let first = reader.first_name.clone().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| name.clone());
    let facts = code.as_ref().map(|code| discount::facts(view, code)).transpose()?;
    let own = [("first_name", first.as_str()), ("display_name", name.as_str())];
    let values: Vec<crate::texts::Value<'_>> = match &facts {
        Some(facts) => facts.iter().map(|(name, value)| (*name, value.as_str())).collect(),
        None => own.to_vec(),
    };
    let html = crate::texts::fill(view, &broadcast.draft.message.body, &values)?;
    let keyboard = content::keyboard(view, &broadcast.draft.message)?;
    Ok(if broadcast.draft.message.media == Media::None {
        Content::EditText { message_id, html, keyboard }
    } else {
        Content::EditCaption { message_id, caption_html: html, keyboard }
    })
}

/// Keeps what became of an errand; one that failed is not tried again.
///
/// # Errors
/// Storage only.
pub fn errand_done(tx: &Tx<'_>, claimed: &Claimed, done: bool, error: Option<&str>) -> Result<()> {
    let (id, user, now): (_, _, Millis) = (claimed.broadcast, claimed.user, tx.now_ms());
    tx.change(ERRAND_DONE, named_params! { ":id": id, ":user": user, ":done": done, ":error": error, ":now": now })?;
    Ok(())
}
