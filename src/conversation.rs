//! What a bot expects a person to send next: one state per person and bot, for ten minutes.

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

/// How long an answer is expected.
const AWAITED_MS: i64 = 600 * 1000;

words!(
    /// What is expected.
    DialogState {
        /// The customer's birthday.
        AwaitingBirthday = "awaiting_birthday",
        /// An admin's decision on a broadcast from the chat.
        ChatBroadcast = "chat_broadcast",
    }
);

/// What is expected from this person now.
pub fn find(view: &View<'_>, bot: BotName, id: TelegramId) -> Result<Option<DialogState>> {
    Ok(view.find(FIND, named_params! { ":bot": bot, ":id": id, ":now": view.now_ms() }, |row| row.get(0))?)
}

/// Expects an answer for ten minutes from now; replaces an earlier expectation.
pub fn await_answer(tx: &Tx<'_>, bot: BotName, id: TelegramId, state: DialogState) -> Result<()> {
    await_with(tx, bot, id, state, None)
}

/// As [`await_answer`], with the subject of the answer (JSON).
pub fn await_with(tx: &Tx<'_>, bot: BotName, id: TelegramId, state: DialogState, payload: Option<&str>) -> Result<()> {
    let expires = tx.now_ms().plus(AWAITED_MS);
    let params = named_params! { ":bot": bot, ":id": id, ":state": state, ":payload": payload, ":expires": expires };
    tx.change(SET, params)?;
    Ok(())
}

/// The subject of the answer expected in this state.
pub fn payload(view: &View<'_>, bot: BotName, id: TelegramId, state: DialogState) -> Result<Option<String>> {
    let params = named_params! { ":bot": bot, ":id": id, ":state": state, ":now": view.now_ms() };
    Ok(view.find(PAYLOAD, params, |row| row.get(0))?)
}

/// Expects no answer any more.
pub fn end(tx: &Tx<'_>, bot: BotName, id: TelegramId) -> Result<()> {
    tx.change(END, named_params! { ":bot": bot, ":id": id })?;
    Ok(())
}

/// Deletes expired states.
pub fn forget_old(tx: &Tx<'_>) -> Result<usize> {
    Ok(tx.change(FORGET, named_params! { ":now": tx.now_ms() })?)
}
