//! Updates from Telegram. An update is stored, without the messages it quotes, before Telegram gets its
//! acknowledgement. The updates of one chat are handled in order; an update is marked as done in the transaction of its
//! effect. Update ids are compared for equality only: after a week without updates Telegram may continue at a lower
//! number.

use rusqlite::named_params;
use serde_json::Value;

use crate::db::{Signal, Tx, View};
use crate::error::Result;
use crate::ids::{TelegramId, integer_id};
use crate::realm::BotName;
use crate::telegram::update;

integer_id!(
    /// A row of `updates`.
    InboxId
);

const STORE: &str =
    "INSERT INTO updates (bot, update_id, lane, raw, received_ms) VALUES (:bot, :update_id, :lane, :raw, :now)
    ON CONFLICT (bot, update_id) DO NOTHING";
const OFFSET: &str = "SELECT next_offset FROM intake WHERE bot = :bot";
const SET_OFFSET: &str = "INSERT INTO intake (bot, next_offset) VALUES (:bot, :offset)
    ON CONFLICT (bot) DO UPDATE SET next_offset = excluded.next_offset";
const QUEUED: &str =
    "SELECT id, lane, raw FROM updates WHERE bot = :bot AND state = 'queued' AND id > :after ORDER BY id LIMIT :limit";
// The row keeps its update id, so that a repeated update is recognised; its personal content is deleted.
const DONE: &str = "UPDATE updates SET state = 'done', done_ms = :now, raw = '{}', lane = 0, error = NULL
    WHERE id = :id AND state = 'queued'";
const FAILED: &str = "UPDATE updates SET attempts = attempts + 1, error = :error,
        state = iif(attempts + 1 >= :most, 'parked', 'queued') WHERE id = :id AND state = 'queued' RETURNING state";
const FORGET: &str = "DELETE FROM updates WHERE id IN
    (SELECT id FROM updates WHERE received_ms < :before AND state <> 'queued' ORDER BY received_ms LIMIT 1000)";
// The update is marked as done, not deleted: a handler that already has the update in memory must find it done.
// Handled updates have no content any more, so only the others are looked at.
const UNHANDLED: &str =
    "SELECT id, raw, lane FROM updates INDEXED BY updates_queued WHERE bot = :bot AND state = 'queued'
    UNION ALL SELECT id, raw, lane FROM updates INDEXED BY updates_parked WHERE bot = :bot AND state = 'parked'";
const FORGET_UPDATE: &str = "UPDATE updates SET raw = '{}', lane = 0, error = NULL, state = 'done' WHERE id = :id";
const HIDE: &str = "UPDATE updates SET raw = :left WHERE id = :id";

/// After this many failures an update is parked, so that later updates of its chat are handled.
const MOST_ATTEMPTS: i64 = 5;
/// How long the rows of handled and parked updates are kept, in milliseconds.
const KEPT_MS: i64 = 48 * 3600 * 1000;

/// An update that waits to be handled.
#[derive(Debug, Clone)]
pub struct QueuedUpdate {
    /// The update's row.
    pub id: InboxId,
    /// The id of the update's chat: updates of one chat are handled one after another.
    pub chat: i64,
    /// The update from Telegram as JSON, without the messages it quotes.
    pub raw: String,
}

/// What happens to an update that could not be handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// The update will be tried again.
    WillRetry,
    /// The update is parked: it is not tried again by itself.
    Parked,
}

/// What wakes the loop that handles the updates of this bot.
#[must_use]
pub const fn signal(bot: BotName) -> Signal {
    Signal::Updates(bot as u8)
}

/// Stores the updates of one answer to `getUpdates`, and the next offset, which acknowledges them. Updates whose id is
/// known are ignored. Returns the next offset.
pub fn store(tx: &Tx<'_>, bot: BotName, batch: &[Value]) -> Result<i64> {
    let mut next = offset(tx, bot)?;
    let ids = batch.iter().filter_map(update::update_id);
    if let Some(last) = ids.max() {
        next = last.saturating_add(1);
        tx.change(SET_OFFSET, named_params! { ":bot": bot, ":offset": next })?;
    }
    for raw in batch {
        receive(tx, bot, raw)?;
    }
    Ok(next)
}

/// Stores one update. Returns whether its id was new; an update without an id is ignored.
pub fn receive(tx: &Tx<'_>, bot: BotName, raw: &Value) -> Result<bool> {
    let Some(id) = update::update_id(raw) else { return Ok(false) };
    let chat = update::chat_key(raw).unwrap_or_default();
    let raw = update::without_quotes(raw).to_string();
    let params = named_params! { ":bot": bot, ":update_id": id, ":lane": chat, ":raw": raw, ":now": tx.now_ms() };
    let stored = tx.change(STORE, params)?;
    if stored == 1 {
        tx.signal(signal(bot));
    }
    Ok(stored == 1)
}

/// The next offset for getUpdates.
pub fn offset(view: &View<'_>, bot: BotName) -> Result<i64> {
    Ok(view.find(OFFSET, &[(":bot", &bot)], |row| row.get(0))?.unwrap_or(0))
}

/// Up to `limit` waiting updates of `bot` after the row `after`, in order of arrival.
pub fn queued(view: &View<'_>, bot: BotName, after: InboxId, limit: u32) -> Result<Vec<QueuedUpdate>> {
    let params = named_params! { ":bot": bot, ":after": after, ":limit": limit };
    Ok(view.list(QUEUED, params, |row| Ok(QueuedUpdate { id: row.get(0)?, chat: row.get(1)?, raw: row.get(2)? }))?)
}

/// Handles an update once: marks it as done and runs its effect, in one transaction. `None`, and nothing happens, when
/// the update was handled before.
///
/// # Errors
/// The errors of `effect`; after an error the update is still queued.
pub fn handle_once<T>(tx: &Tx<'_>, id: InboxId, effect: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<Option<T>> {
    let is_new = tx.change(DONE, named_params! { ":id": id, ":now": tx.now_ms() })? == 1;
    if is_new { effect(tx).map(Some) } else { Ok(None) }
}

/// Counts a failed attempt to handle an update; the fifth one parks it.
pub fn failed(tx: &Tx<'_>, id: InboxId, error: &str) -> Result<Failed> {
    let error: String = error.chars().take(512).collect();
    let params = named_params! { ":id": id, ":error": error, ":most": MOST_ATTEMPTS };
    let state: Option<String> = tx.find(FAILED, params, |row| row.get(0))?;
    Ok(if state.as_deref() == Some("queued") { Failed::WillRetry } else { Failed::Parked })
}

/// Deletes up to 1,000 handled or parked updates older than 48 hours. Returns how many.
pub fn forget_old(tx: &Tx<'_>) -> Result<usize> {
    Ok(tx.change(FORGET, named_params! { ":before": tx.now_ms().plus(-KEPT_MS) })?)
}

/// Empties every update that a person sent to `bot` or that holds the person's Telegram id, and marks these updates as
/// done.
pub fn forget_person(tx: &Tx<'_>, bot: BotName, person: TelegramId) -> Result<()> {
    let number = format!(":{person}");
    let holds = |raw: &str| raw.match_indices(&number).any(|(at, _)| raw[at + number.len()..].starts_with([',', '}']));
    for (id, raw, chat) in unhandled(tx, bot)? {
        if chat == person || holds(&raw) {
            tx.change(FORGET_UPDATE, named_params! { ":id": id })?;
        }
    }
    Ok(())
}

/// The updates of `bot` that still have their content, each with its chat.
fn unhandled(tx: &Tx<'_>, bot: BotName) -> Result<Vec<(InboxId, String, TelegramId)>> {
    Ok(tx.list(UNHANDLED, named_params! { ":bot": bot }, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
}

/// Hides a person in other people's updates that `bot` has not handled yet. `hide` returns an update's content without
/// the person, or `None` when the update does not mention the person.
pub fn hide_person(tx: &Tx<'_>, bot: BotName, hide: impl Fn(&str) -> Option<String>) -> Result<()> {
    for (id, raw, _) in unhandled(tx, bot)? {
        if let Some(left) = hide(&raw) {
            tx.change(HIDE, named_params! { ":id": id, ":left": left })?;
        }
    }
    Ok(())
}
