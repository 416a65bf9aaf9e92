//! What a bot expects a person to send next: one state (expectation) per person and bot, for ten minutes.

use rusqlite::named_params;

use crate::db::{Tx, View};
use crate::error::Result;
use crate::ids::{TelegramId, words};
use crate::realm::BotName;

const FIND: &str = "SELECT state FROM conversation_states WHERE bot = :bot AND telegram_id = :id AND expires_ms > :now";
const PAYLOAD: &str = "SELECT payload FROM conversation_states
    WHERE bot = :bot AND telegram_id = :id AND state = :state AND expires_ms > :now AND payload IS NOT NULL";
const SET: &str = "INSERT INTO conversation_states (bot, telegram_id, state, payload, expires_ms)
    VALUES (:bot, :id, :state, :payload, :expires)
    ON CONFLICT (bot, telegram_id) DO UPDATE SET state = excluded.state, payload = excluded.payload,
        expires_ms = excluded.expires_ms";
const END: &str = "DELETE FROM conversation_states WHERE bot = :bot AND telegram_id = :id";
const FORGET: &str = "DELETE FROM conversation_states WHERE expires_ms <= :now";

/// How long an answer is expected, in milliseconds.
const AWAITED_MS: i64 = 600 * 1000;

words!(
    /// What the bot expects the person to send.
    DialogState {
        /// The customer is to send their birthday.
        AwaitingBirthday = "awaiting_birthday",
        /// An admin has sent the customer bot a message to broadcast, and is to choose the segment and confirm.
        ChatBroadcast = "chat_broadcast",
    }
);

/// What the bot expects from this person now, if anything.
pub fn find(view: &View<'_>, bot: BotName, id: TelegramId) -> Result<Option<DialogState>> {
    Ok(view.find(FIND, named_params! { ":bot": bot, ":id": id, ":now": view.now_ms() }, |row| row.get(0))?)
}

/// Makes the bot expect an answer from the person for ten minutes from now; replaces an earlier expectation.
pub fn await_answer(tx: &Tx<'_>, bot: BotName, id: TelegramId, state: DialogState) -> Result<()> {
    await_with(tx, bot, id, state, None)
}

/// Does what [`await_answer`] does, and stores what the answer is about as JSON, e.g. the broadcast to confirm.
pub fn await_with(tx: &Tx<'_>, bot: BotName, id: TelegramId, state: DialogState, payload: Option<&str>) -> Result<()> {
    let expires = tx.now_ms().plus(AWAITED_MS);
    let params = named_params! { ":bot": bot, ":id": id, ":state": state, ":payload": payload, ":expires": expires };
    tx.change(SET, params)?;
    Ok(())
}

/// What the answer that the bot expects in this state is about, as JSON; `None` when the bot is not in this state, or
/// nothing was stored.
pub fn payload(view: &View<'_>, bot: BotName, id: TelegramId, state: DialogState) -> Result<Option<String>> {
    let params = named_params! { ":bot": bot, ":id": id, ":state": state, ":now": view.now_ms() };
    Ok(view.find(PAYLOAD, params, |row| row.get(0))?)
}

/// Makes the bot expect no answer from the person any more.
pub fn end(tx: &Tx<'_>, bot: BotName, id: TelegramId) -> Result<()> {
    tx.change(END, named_params! { ":bot": bot, ":id": id })?;
    Ok(())
}

/// Deletes expired expectations. Returns how many.
pub fn forget_old(tx: &Tx<'_>) -> Result<usize> {
    Ok(tx.change(FORGET, named_params! { ":now": tx.now_ms() })?)
}
