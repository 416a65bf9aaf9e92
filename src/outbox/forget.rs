//! Erases a person from the outbox: from letters to the person, and from letters to other people that name the person.

use rusqlite::named_params;

use super::LetterId;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::TelegramId;
use crate::realm::BotName;

const FORGET_CHAT: &str = "UPDATE outbox INDEXED BY outbox_of_chat
    SET payload = '{\"kind\":\"gone\"}', chat_id = 0, error = NULL,
        state = CASE WHEN state IN ('queued', 'sending') THEN 'failed' ELSE state END
    WHERE chat_id = :person AND bot = :bot";
// Sent letters have no content any more, so only the others are looked at.
const WITH_WORDS: &str = "SELECT id, payload FROM outbox INDEXED BY outbox_by_chat
    WHERE bot = :bot AND state IN ('queued', 'sending')
        AND payload NOT IN ('null', '{\"kind\":\"gone\"}')
    UNION ALL SELECT id, payload FROM outbox INDEXED BY outbox_undelivered
    WHERE bot = :bot AND state IN ('failed', 'unknown')
        AND payload NOT IN ('null', '{\"kind\":\"gone\"}')";
const HIDE: &str = "UPDATE outbox SET payload = :left WHERE id = :id";

/// Deletes the content and the recipient of every letter to a person. Letters that still wait become `failed` and are
/// not sent.
pub fn forget_person(tx: &Tx<'_>, bot: BotName, person: TelegramId) -> Result<()> {
    tx.change(FORGET_CHAT, named_params! { ":bot": bot, ":person": person })?;
    Ok(())
}

/// Hides a person in letters of `bot` to other people. `hide` returns a letter's content without the person, or `None`
/// when the letter does not name the person.
pub fn hide_person(tx: &Tx<'_>, bot: BotName, hide: impl Fn(&str) -> Option<String>) -> Result<()> {
    let letters: Vec<(LetterId, String)> =
        tx.list(WITH_WORDS, named_params! { ":bot": bot }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (id, payload) in letters {
        if let Some(left) = hide(&payload) {
            tx.change(HIDE, named_params! { ":id": id, ":left": left })?;
        }
    }
    Ok(())
}
